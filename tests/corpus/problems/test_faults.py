"""Each kind of problem is found where it was planted, under its own name; clean files are clean."""

from pathlib import Path
from random import Random

import pytest

from tagger.corpus.overruling import NOTHING, Asked
from tagger.corpus.problems.checker import Checker
from tagger.corpus.problems.codes import CODES, Finding
from tests.corpus.problems.faults import (
    IN_COLUMNS,
    IN_CONLLU,
    columns,
    conllu,
    planted,
    text_of,
)

SHOWN_WITH = {  # what a fault entails by its nature
    "conflict": {"duplicate-sentence"},
    "blank-in-tag": {"label-change"},
    "multiword-range": {"text-mismatch"},
}
OTHERWISE = {  # tested elsewhere: they need another kind of file or option
    "empty-file",
    "unreadable",
    "doubtful-tag",
    "span-not-ended",
    "needless-begin",
}


def findings_of(folder: Path, *texts: str, asked: Asked = NOTHING) -> list[Finding]:
    """What is found in files with these texts."""
    checker = Checker()
    found = []
    for i, text in enumerate(texts):
        path = folder / f"{i}.conll"
        path.write_bytes(text.encode(errors="surrogateescape"))
        found += checker.check(path, asked)
    return found


def test_every_code_is_planted() -> None:
    assert IN_COLUMNS.keys() | IN_CONLLU.keys() == CODES.keys() - OTHERWISE


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_in_clean_files(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    assert findings_of(tmp_path, text_of(conllu(random)), text_of(conllu(random))) == []
    assert findings_of(tmp_path, text_of(columns(random)), text_of(columns(random))) == []


@pytest.mark.parametrize("code", sorted(CODES.keys() - OTHERWISE))
def test_a_planted_fault_is_found_at_its_place_and_nothing_else(tmp_path: Path, code: str) -> None:
    random = Random(code)
    for _ in range(6):
        fault = planted(code, random)
        found = findings_of(tmp_path, *fault.texts)
        places = {(Path(f.path).stem, f.line, f.column, f.code) for f in found}
        assert (str(fault.file), fault.line, fault.column, code) in places
        assert len({f.code for f in found} - SHOWN_WITH.get(code, set())) == 1, found
