"""The statistics of `tagger preprocess --stats`, counted by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tagger.cli.statistics import MOST_SHOWN, show_statistics
from tagger.corpus.statistics import Measuring
from tagger.sentence import Sentence
from tests.cli.conftest import Run
from tests.conftest import sentence

Write = Callable[[str, bytes | str], Path]
Shown = pytest.CaptureFixture[str]
TRAIN = "Ada NNP B-PER\nLee NNP I-PER\nran VBD O\n\nOslo NNP B-LOC\n\nran NN O\nran VBD O\n\n"
DEV = "Ada NNP B-PER\nran VBD O\n\nBonn NNP B-LOC\n. . O\n\n"


def objects(shown: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shown)
    return found


def test_the_numbers_of_a_small_file_are_those_counted_by_hand(run: Run, write: Write) -> None:
    write("train.conll", TRAIN)
    shown = run("preprocess", "-q", "train.conll", "--stats", "--json")
    assert (shown.returncode, shown.stderr) == (0, b"")
    (only,) = objects(shown.stdout)
    assert (only["name"], only["unknown"]) == ("train.conll", None)
    found = only["statistics"]
    assert (found["sentences"], found["tokens"], found["types"]) == (3, 6, 4)
    assert found["sentence_lengths"] == {
        "min": 1,
        "median": 2.0,
        "mean": 2.0,
        "p90": 3,
        "p99": 3,
        "max": 3,
    }
    assert (found["word_lengths"]["mean"], found["word_lengths"]["max"]) == (19 / 6, 4)
    assert found["columns"]["xpos"]["tags"] == {"NNP": 3, "VBD": 2, "NN": 1}
    assert found["columns"]["xpos"]["ambiguous"] == {
        "types": 1,
        "share_of_types": 0.25,
        "share_of_tokens": 0.5,
    }
    ner = found["columns"]["ner"]
    assert ner["tags"] == {"O": 3, "B-LOC": 1, "B-PER": 1, "I-PER": 1}
    assert ner["scheme"] == "IOB2"
    assert ner["entities"] == {
        "LOC": {"count": 1, "mean_length": 1.0},
        "PER": {"count": 1, "mean_length": 2.0},
    }


def test_the_second_file_is_compared_with_the_first_also_of_one_name(
    run: Run, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "dev").mkdir()
    write("a.conll", TRAIN)
    write("dev/a.conll", DEV)
    shown = run("preprocess", "-q", "a.conll", "dev/a.conll", "--stats", "--json")
    first, second = objects(shown.stdout)
    assert (first["name"], second["name"], first["unknown"]) == ("a.conll", "a.conll", None)
    assert second["statistics"]["tokens"] == 4
    half = {"types": 2, "share_of_types": 0.5, "share_of_tokens": 0.5}
    assert second["unknown"]["forms"] == half
    assert second["unknown"]["entities"]["ner"] == {**half, "share_of_types": 1.0} | {
        "share_of_tokens": 1.0
    }


def rows_of(shown: str) -> dict[str, list[str]]:
    """The rows of all tables by their first cell."""
    cells = [line.strip(" |").split("  ") for line in shown.splitlines() if line.strip(" |")]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in cells]
    return {row[0]: row[1:] for row in rows if len(row) > 1}


def test_the_table_has_a_column_for_each_file(run: Run, write: Write) -> None:
    write("train.conll", TRAIN)
    write("dev.conll", DEV)
    shown = run("preprocess", "-q", "train.conll", "dev.conll", "--stats", LC_ALL="C")
    assert (shown.returncode, shown.stderr) == (0, b"")
    rows = rows_of(shown.stdout.decode())
    assert rows["sentences"] == ["3", "2"]
    assert rows["tokens"] == ["6", "4"]
    assert rows["types (distinct forms)"] == ["4", "4"]
    assert rows["tokens in a sentence"] == ["1 / 2 / 3 (mean 2.0)", "2 / 2 / 2 (mean 2.0)"]
    assert rows["NNP"] == ["3", "2"]
    assert rows["tokens with ambiguous forms, %"] == ["50.0", "0.0"]
    assert rows["PER"] == ["1", "1"]
    assert rows["scheme"] == ["IOB2", "IOB2"]
    assert rows["unknown forms, % of tokens"] == ["50.0"]
    assert rows["unknown ner entities, %"] == ["100.0"]  # "Ada" is not "Ada Lee"


def test_with_an_output_both_are_written(run: Run, write: Write, tmp_path: Path) -> None:
    write("a.conll", TRAIN)
    args = ("--stats", "--json", "--map-labels", "PER=P")
    shown = run("preprocess", "-q", "a.conll", *args, "-o", "b.conll")
    (only,) = objects(shown.stdout)
    assert only["name"] == "b.conll"
    assert list(only["statistics"]["columns"]["ner"]["entities"]) == ["LOC", "P"]
    assert (tmp_path / "b.conll").read_text(encoding="utf-8") == TRAIN.replace("PER", "P")


def test_the_parts_of_a_split_are_measured_with_and_without_being_written(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("a.conll", "".join(f"a{i} X O\nb X B-P\n\n" for i in range(20)))
    args = ("preprocess", "-q", "a.conll", "--split", "80/10/10", "--stats", "--json")
    shown = run(*args)
    found = objects(shown.stdout)
    assert [part["name"] for part in found] == ["train", "dev", "test"]
    assert [part["statistics"]["sentences"] for part in found] == [16, 2, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["a.conll"]
    assert run(*args, "-o", "parts").stdout == shown.stdout
    assert len(list((tmp_path / "parts").iterdir())) == 3


def test_pieces_of_documents_count_for_their_file_whatever_the_locale(
    run: Run, write: Write
) -> None:
    span = {"start": 0, "end": 3, "label": "ÖRT"}
    write("a.jsonl", json.dumps({"text": "Zoë ran home now. Yes.", "spans": [span]}))
    args = ("preprocess", "-q", "a.jsonl", "--max-length", "2", "--stats")
    (only,) = objects(run(*args, "--json", PYTHONIOENCODING="ascii").stdout)
    assert (only["name"], only["statistics"]["sentences"]) == ("a.jsonl", 4)
    assert list(only["statistics"]["columns"]["ner"]["entities"]) == ["ÖRT"]
    table = run(*args, PYTHONIOENCODING="latin-1").stdout.decode()
    assert rows_of(table)["ÖRT"] == ["1"]


def measuring(*sentences: Sentence) -> Measuring:
    found = Measuring()
    for counted in sentences:
        found.add(counted)
    return found


def test_what_one_file_lacks_is_nothing_there(capsys: Shown) -> None:
    first = measuring(sentence("a b", ner="B-X O", upos="X Y"))
    show_statistics([("a", first), ("b", measuring()), ("c", first)], as_json=False)
    rows = rows_of(capsys.readouterr().out)
    assert rows["tokens in a sentence"] == ["2 / 2 / 2 (mean 2.0)", "-", "2 / 2 / 2 (mean 2.0)"]
    assert rows["X"] == ["1", "0", "1"]
    assert rows["scheme"] == ["IOB2", "-", "IOB2"]
    assert rows["unknown forms, % of tokens"] == ["0.0", "0.0"]
    assert rows["unknown ner entities, %"] == ["-", "0.0"]


def test_of_very_many_tags_the_table_shows_the_commonest(capsys: Shown) -> None:
    number = MOST_SHOWN + 5
    tags = " ".join(f"T{i:02}" for i in range(number))
    found = measuring(sentence("w " * number, xpos=tags), sentence("w", xpos="T64"))
    show_statistics([("a", found)], as_json=False)
    shown = capsys.readouterr().out
    rows = rows_of(shown)
    assert rows["T64"] == ["2"]
    assert "T58" in rows
    assert "T59" not in rows
    assert "and 5 more" in shown
    show_statistics([("a", found)], as_json=True)
    assert (
        len(objects(capsys.readouterr().out.encode())[0]["statistics"]["columns"]["xpos"]["tags"])
        == number
    )


def test_nothing_has_no_statistics(capsys: Shown) -> None:
    show_statistics([], as_json=True)
    assert capsys.readouterr().out == "[]\n"
