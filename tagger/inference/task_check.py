"""The tasks of a stranger's model: names and tags that can be written in every format."""

import re
from collections.abc import Sequence

from tagger.errors import ModelError
from tagger.schemes import OUTSIDE, is_span_tag
from tagger.tasks import Task

breaks_a_line = re.compile(r"[\t\r\n]").search  # what no corpus may have in a tag either


def check_tasks(tasks: Sequence[Task], origin: str) -> None:
    """Raises ModelError that names the origin where tags or names cannot be written."""
    names = [task.name for task in tasks]
    if not names:
        raise ModelError(f"{origin}: expected a task, found none")
    if len({*names}) != len(names):
        raise ModelError(f"{origin}: expected tasks of different names, found {names}")
    for task in tasks:
        strings = (task.name, *task.tags)
        if not task.tags or not task.name or any(map(breaks_a_line, strings)):
            raise ModelError(f"{origin}: task {task.name!r}: expected tags that can be written")
        if len({*task.tags}) != len(task.tags):
            raise ModelError(f"{origin}: task {task.name!r}: has a tag twice")
        if task.scheme is not None:
            others = [tag for tag in task.tags if not is_span_tag(tag)]
            if others or OUTSIDE not in task.tags:
                raise ModelError(f"{origin}: task {task.name!r}: expected span tags and O")
