"""Outputs and their names: one for all inputs, or one each in a folder."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tagger.errors import UsageError
from tests.streaming.running import INPUTS, make, predicted

Split = Callable[[int], None]


def test_a_folder_for_outputs_has_one_complete_file_each(tmp_path: Path, model: Path) -> None:
    paths = [make(tmp_path, name) for name in ("a.txt", "b.conllu", "d.jsonl") if name in INPUTS]
    paths += [make(tmp_path, "b.conllu", INPUTS["a.conllu"])]
    paths += [make(tmp_path, "c.iob2.gz", gzip.compress(INPUTS["a.conll"].encode()))]
    paths += [make(tmp_path, "d.jsonl", INPUTS["a.jsonl"]), make(tmp_path, "e.txt", "")]
    out = tmp_path / "not" / "yet"
    assert predicted(model, *paths, out_dir=out) == (b"", None)
    names = ["a.conllu", "b.conllu", "c.conll", "d.jsonl", "e.conllu"]
    assert sorted(path.name for path in out.iterdir()) == names
    for path, name in zip(paths, names, strict=True):
        assert (out / name).read_bytes() == predicted(model, path)[0]
    assert (out / "e.conllu").read_bytes() == b""


@pytest.mark.parametrize(
    ("format", "name"),
    [("html", "a.html"), ("entities", "a.entities.tsv"), ("brat", "a.ann"), ("inline", "a.txt")],
)
def test_outputs_are_named_after_input_and_format(
    tmp_path: Path, model: Path, format: str, name: str
) -> None:
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in", "a.txt")
    other = make(tmp_path / "in", "b.txt", "Ada.\n")
    assert predicted(model, path, other, out_dir=tmp_path, format=format) == (b"", None)
    assert (tmp_path / name).read_bytes() == predicted(model, path, format=format)[0]


@pytest.mark.parametrize("jobs", [1, 2])
def test_in_a_folder_files_before_an_error_are_complete_and_the_broken_one_is_not_there(
    tmp_path: Path, model: Path, chunks_of: Split, jobs: int
) -> None:
    good = make(tmp_path, "a.txt")
    chunks_of(100)
    missing, bad = tmp_path / "no.txt", make(tmp_path, "bad.txt", b"fine\n" * 99 + b"\xff\n")
    for number, wrong in enumerate((missing, bad)):
        out = tmp_path / str(number)
        _, error = predicted(model, good, wrong, out_dir=out, jobs=jobs)
        assert str(error).startswith(str(wrong))
        assert [path.name for path in out.iterdir()] == ["a.conllu"]
        assert (out / "a.conllu").read_bytes() == predicted(model, good)[0]


def test_outputs_that_would_be_one_file_are_refused(tmp_path: Path, model: Path) -> None:
    (tmp_path / "b").mkdir()
    first, second = make(tmp_path, "a.txt"), make(tmp_path / "b", "a.txt.gz", b"")
    _, error = predicted(model, first, second, out_dir=tmp_path / "out")
    assert isinstance(error, UsageError)
    assert str(error) == f"--out-dir: {first} and {second} would be one file there"
    assert not (tmp_path / "out").exists()


def test_an_input_is_never_its_own_output(tmp_path: Path, model: Path) -> None:
    path = make(tmp_path, "a.conllu")
    _, error = predicted(model, path, out_dir=tmp_path)
    assert str(error) == f"{path}: is the input itself; choose another --out-dir"
    assert path.read_bytes() == INPUTS["a.conllu"].encode()


def test_standard_input_has_no_name_for_a_file_in_a_folder(tmp_path: Path, model: Path) -> None:
    _, error = predicted(model, Path("-"), out_dir=tmp_path)
    assert isinstance(error, UsageError)
    assert "give files, not stdin" in str(error)


def test_a_file_may_be_rewritten_in_place_with_output(tmp_path: Path, model: Path) -> None:
    path = make(tmp_path, "a.conllu")
    expected, _ = predicted(model, path)
    assert predicted(model, path, output=path) == (b"", None)
    assert path.read_bytes() == expected != INPUTS["a.conllu"].encode()


def test_brat_is_for_one_running_text(tmp_path: Path, model: Path) -> None:
    for name in ("a.conllu", "a.conll", "a.jsonl"):
        _, error = predicted(model, make(tmp_path, name), format="brat")
        assert isinstance(error, UsageError)
        assert "expected running text for brat" in str(error)
    text = make(tmp_path, "a.txt")
    _, error = predicted(model, text, text, format="brat")
    assert str(error) == "--format brat of several files needs --out-dir: one .ann for each"


def test_several_html_inputs_are_one_page_and_those_in_a_folder_one_each(
    tmp_path: Path, model: Path
) -> None:
    paths = [make(tmp_path, "a.txt"), make(tmp_path, "b.txt", ""), make(tmp_path, "c.txt", "C.\n")]
    page, _ = predicted(model, *paths, format="html")
    assert page.count(b"<html>") == page.count(b"</html>") == 1
    assert page.count(b"<h2") == 3
    predicted(model, *paths, format="html", out_dir=tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        page = path.read_bytes()
        assert page.startswith(b"<!doctype html>")
        assert page.endswith(b"</html>\n")
        assert b"<h2" not in page


def test_a_name_that_is_not_utf8_is_written_as_it_is(tmp_path: Path, model: Path) -> None:
    path = Path(str(tmp_path), b"caf\xe9.txt".decode("utf-8", "surrogateescape"))
    path.write_bytes(b"Ada met Leeds.\n")
    for format in ("tsv", "conllu", "entities"):
        found, error = predicted(model, path, path, format=format)
        assert error is None
        assert b"caf\xe9.txt" in found or (format == "entities" and not found)
    found, _ = predicted(model, path, path, format="jsonl")
    assert json.loads(found.splitlines()[0])["file"].endswith("caf\ufffd.txt")
