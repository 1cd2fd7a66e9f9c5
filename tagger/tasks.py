"""A task: one column to predict, its tags and, for spans, its scheme. Tags to ids and back."""

from collections.abc import Iterable, Sequence, Set

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.schemes import OUTSIDE, Scheme, convert_tags, is_span_tag
from tagger.sentence import UNANNOTATED, Sentence

INSIDE_SCHEME: Scheme = "IOBES"  # what networks learn, whatever the corpus is written in
OUTSIDE_SCHEME: Scheme = "IOB2"  # what is written and scored
IGNORED = -100  # the id of a token without a gold tag
Ids = NDArray[np.int64]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A column's name, its tags in the order of their ids, and its scheme (None: plain tags)."""

    name: str
    tags: tuple[str, ...]
    scheme: Scheme | None

    def encode(self, tags: Sequence[str]) -> Ids:
        """Ids of gold tags, which may be in any scheme; IGNORED where a token has none.

        In a span task a sentence with an unannotated token has no gold sequence: all IGNORED.
        Raises KeyError for a tag that is not among the task's.
        """
        ids = {tag: i for i, tag in enumerate(self.tags)}
        ids[UNANNOTATED] = IGNORED
        if self.scheme is not None:
            if UNANNOTATED in tags:
                return np.full(len(tags), IGNORED, np.int64)
            for tag in tags:
                if not is_span_tag(tag):
                    raise KeyError(tag)
            tags = convert_tags(tags, self.scheme)
        return np.array([ids[tag] for tag in tags], np.int64)

    def decode(self, ids: Iterable[int]) -> tuple[str, ...]:
        """Tags of predicted ids, spans in OUTSIDE_SCHEME."""
        tags = [self.tags[i] for i in ids]
        return tuple(tags if self.scheme is None else convert_tags(tags, OUTSIDE_SCHEME))


def task_from(name: str, sentences: Iterable[Sentence]) -> Task:
    """The task of a column by the tags it has in these sentences; see `task_of`.

    Raises KeyError where no sentence has the column.
    """
    columns = [s.columns[name] for s in sentences if name in s.columns]
    found = {tag for tags in columns for tag in tags} - {UNANNOTATED}
    if not found:
        raise KeyError(name)
    return task_of(name, found)


def task_of(name: str, found: Set[str]) -> Task:
    """The task of a column with these tags.

    It is a span task if all tags look like span tags and one of them is not O. For each label all
    four of B-, I-, E- and S- get an id, also where one did not occur.
    """
    if not all(map(is_span_tag, found)) or found == {OUTSIDE}:
        return Task(name=name, tags=tuple(sorted(found)), scheme=None)
    labels = sorted({tag[2:] for tag in found if tag != OUTSIDE})
    tags = [OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in "BIES")]
    return Task(name=name, tags=tuple(tags), scheme=INSIDE_SCHEME)
