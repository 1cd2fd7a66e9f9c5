"""Inputs to output: the same bytes by however many processes and in whatever chunks."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tagger.errors import CorpusError, TaggerError
from tagger.output.formats import FormatName
from tagger.streaming.inputs import Input
from tagger.streaming.kinds import InputKind, Undecodable
from tagger.streaming.requests import Observer
from tagger.streaming.run import run
from tests.streaming.running import INPUTS, conllu, make, plan_for, predicted, request_for

Split = Callable[[int], None]


@pytest.mark.parametrize("name", INPUTS)
def test_neither_processes_nor_chunks_change_a_byte(
    tmp_path: Path, model: Path, chunks_of: Split, name: str
) -> None:
    path = make(tmp_path, name)
    whole, error = predicted(model, path)
    assert error is None
    assert whole.count(b"Leeds" if name in ("a.txt", "a.jsonl") else b"Ada") >= 10
    for size, jobs in ((1, 1), (150, 2), (700, 3)):
        chunks_of(size)
        assert predicted(model, path, jobs=jobs) == (whole, None), (size, jobs)


@pytest.mark.parametrize("format", FormatName)
def test_every_format_is_the_same_in_chunks_also_of_several_files(
    tmp_path: Path, model: Path, chunks_of: Split, format: str
) -> None:
    paths = [make(tmp_path, name) for name in INPUTS]
    if format == "brat":
        paths = paths[:1]  # it is for one text
    whole, error = predicted(model, *paths, format=format)
    assert error is None
    assert whole.count(b"\n") > 40
    chunks_of(200)
    assert predicted(model, *paths, format=format) == (whole, None)


def test_processes_keep_the_order_of_files(tmp_path: Path, model: Path, chunks_of: Split) -> None:
    paths = [make(tmp_path, f"{i}.txt", f"Word{i} here.\n" * (7 - i)) for i in range(7)]
    chunks_of(30)
    found, error = predicted(model, *paths, format="tsv", jobs=2)
    assert error is None
    rows = [line.split("\t") for line in found.decode().splitlines()[1:] if line]
    firsts = [row[1] for row in rows if row[1].startswith("Word")]
    assert firsts == [f"Word{i}" for i in range(7) for _ in range(7 - i)]
    assert all(row[0] == str(tmp_path / f"{row[1][4:]}.txt") for row in rows if row[1] in firsts)


def test_one_answer_at_a_time_gives_the_same(tmp_path: Path, model: Path) -> None:
    for name in INPUTS:
        path = make(tmp_path, name)
        assert predicted(model, path, at_once=True) == predicted(model, path)


BROKEN: dict[str, tuple[bytes, bytes, str]] = {  # good lines, then a bad one
    "a.txt": (b"Fine line.\n", b"caf\xe9\n", "expected UTF-8, found the byte 0xe9"),
    "a.conllu": (conllu(0).encode(), b"1\tAda\n\n", "expected 10 tab-separated columns, found 2"),
    "a.conll": (b"Ada B-PER\nmet O\n\n", b"Ada\n\n", "expected 2 blank-separated columns, found 1"),
    "a.jsonl": (b'{"text": "Fine."}\n', b"no\n", "expected a JSON object"),
}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("name", BROKEN)
def test_what_stands_before_an_error_is_written(
    tmp_path: Path, model: Path, chunks_of: Split, name: str, jobs: int
) -> None:
    good, bad, problem = BROKEN[name]
    expected, _ = predicted(model, make(tmp_path, f"good-{name}", good * 30))
    path = make(tmp_path, name, good * 30 + bad + good * 60)
    chunks_of(10 * len(good))
    found, error = predicted(model, path, jobs=jobs)
    assert isinstance(error, CorpusError)
    assert (error.path, error.line) == (str(path), good.count(b"\n") * 30 + 1)
    assert error.problem.startswith(problem)
    assert found == expected


@pytest.mark.parametrize("jobs", [1, 2])
def test_files_before_a_missing_one_are_written(
    tmp_path: Path, model: Path, chunks_of: Split, jobs: int
) -> None:
    paths = [make(tmp_path, f"{name}.txt", "Ada met.\n" * 20) for name in "ab"]
    chunks_of(40)
    expected, _ = predicted(model, *paths)
    found, error = predicted(model, *paths, tmp_path / "no.txt", paths[0], jobs=jobs)
    assert str(error) == f"{tmp_path / 'no.txt'}: no such file"
    assert found == expected


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_broken_model_is_said_also_from_another_process(
    tmp_path: Path, chunks_of: Split, jobs: int
) -> None:
    chunks_of(1)
    path = make(tmp_path, "a.txt")
    found, error = predicted(tmp_path / "nowhere", path, jobs=jobs)
    assert found == b""
    assert str(error) == f"{tmp_path / 'nowhere'}: not a tagger model: no such folder"


def test_the_observer_hears_of_each_input_and_of_all_its_bytes(
    tmp_path: Path, model: Path, chunks_of: Split
) -> None:
    path, packed = make(tmp_path, "a.txt"), tmp_path / "b.conllu.gz"
    packed.write_bytes(gzip.compress(INPUTS["a.conllu"].encode()))
    chunks_of(100)
    opened: list[Input] = []
    sizes: list[int] = []
    observer = Observer(opened=opened.append, read=sizes.append)
    request = request_for(path, packed, output=tmp_path / "out")
    run(request, plan_for(model), observer)
    assert [found.kind for found in opened] == [InputKind.RAW, InputKind.CONLL]
    assert sum(sizes) == path.stat().st_size + packed.stat().st_size


def test_an_archive_that_is_cut_short_is_an_error_behind_what_could_be_read(
    tmp_path: Path, model: Path, chunks_of: Split
) -> None:
    packed = make(tmp_path, "a.txt.gz", gzip.compress(INPUTS["a.txt"].encode())[:-9])
    chunks_of(100)
    _, error = predicted(model, packed)
    assert isinstance(error, TaggerError)
    assert str(error).startswith(f"{packed}: expected a gzip file")


def test_a_million_empty_lines_are_nothing_but_count_in_offsets(
    tmp_path: Path, model: Path
) -> None:
    path = make(tmp_path, "a.txt", b"\n" * 10**6 + b"Ada\n")
    found, _ = predicted(model, path, format="tsv")
    rows = found.decode().splitlines()[1:]
    assert rows[0].startswith(f"Ada\t{10**6}\t{10**6 + 3}\t")
    assert rows[1:] == [""]


def test_garbage_is_tagged_where_it_is_replaced(tmp_path: Path, model: Path) -> None:
    garbage = bytes(range(256)) * 40
    path = make(tmp_path, "a.txt", garbage)
    text = garbage.decode(errors="replace")
    changes: dict[str, Any] = {"undecodable": Undecodable.REPLACE, "kind": InputKind.RAW}
    found, error = predicted(model, path, format="jsonl", **changes)
    assert error is None
    tokens = [t for line in found.splitlines() for t in json.loads(line)["tokens"]]
    assert len(tokens) > 500
    assert all(text[token["start"] : token["end"]] == token["form"] for token in tokens)
    for format in FormatName:
        assert predicted(model, path, format=format, **changes)[1] is None
