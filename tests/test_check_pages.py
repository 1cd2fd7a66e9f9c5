"""docs/check.md explains every code, and marks those that are repaired."""

import re
from pathlib import Path

from tagger.corpus.problems.codes import CODES

PAGE = (Path(__file__).parent.parent / "docs" / "check.md").read_text(encoding="utf-8")


def test_every_code_is_explained_and_no_other() -> None:
    assert re.findall(r"^### (\S+)$", PAGE, re.MULTILINE) == list(CODES)


def test_the_codes_that_are_repaired_are_marked() -> None:
    sections = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    marked = {section.split("\n", 1)[0] for section in sections if "\n✔" in section}
    assert marked == {name for name, code in CODES.items() if code.is_fixed}
