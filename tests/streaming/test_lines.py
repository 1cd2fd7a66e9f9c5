"""Lines of text to lines of output, and where tokens stand in the whole text."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tagger.streaming.kinds import InputKind
from tests.streaming.running import INPUTS, conllu, make, predicted

Split = Callable[[int], None]


@pytest.mark.parametrize("kind", ["lines", "tokens"])
@pytest.mark.parametrize("format", ["inline", "jsonl"])
def test_each_line_gives_a_line_also_an_empty_one(
    tmp_path: Path, model: Path, chunks_of: Split, kind: str, format: str
) -> None:
    lines = ["", "We met. It rained.", "", " \t ", "\u3000", "Ada", "", ""]
    path = make(tmp_path, "a.txt", "".join(f"{line}\n" for line in lines))
    for size in (1, 10**6):
        chunks_of(size)
        found, _ = predicted(model, path, kind=InputKind(kind), format=format)
        shown = found.decode().split("\n")[:-1]
        assert len(shown) == len(lines)
    for line, row in zip(lines, shown, strict=True):
        is_empty = not (line.strip(" \t") if kind == "tokens" else line.strip())
        if format == "inline":
            assert (row == "") == is_empty
        else:
            assert json.loads(row)["text"] == line
            assert (json.loads(row)["tokens"] == []) == is_empty


@pytest.mark.parametrize("format", ["conllu", "conll", "tsv", "entities", "html"])
def test_an_empty_line_gives_nothing_in_other_formats(
    tmp_path: Path, model: Path, format: str
) -> None:
    empty = predicted(model, make(tmp_path, "e.txt", ""), format=format)
    lines = make(tmp_path, "a.txt", "\n \n\n")
    assert predicted(model, lines, kind=InputKind.LINES, format=format) == empty


def test_comments_of_a_corpus_are_no_lines(tmp_path: Path, model: Path) -> None:
    path = make(tmp_path, "a.conllu", "# text = Nothing here\n\n" + conllu(1))
    for format in ("inline", "jsonl"):
        assert predicted(model, path, format=format)[0].count(b"\n") == 1


def test_offsets_count_from_the_beginning_of_the_file_in_any_chunk(
    tmp_path: Path, model: Path, chunks_of: Split
) -> None:
    text = "\ufeff" + INPUTS["a.txt"].replace("\n", "\r\n")
    path = make(tmp_path, "a.txt", text)
    chunks_of(64)
    for kind in ("raw", "lines", "tokens"):
        found, _ = predicted(model, path, kind=InputKind(kind), format="tsv", jobs=2)
        rows = [line.split("\t") for line in found.decode().split("\n")[1:] if line]
        rebuilt = [" "] * len(text)
        for form, start, end, *_ in rows:
            rebuilt[int(start) : int(end)] = form
        assert "".join(rebuilt).split() == text[1:].split()
