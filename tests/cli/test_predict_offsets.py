"""`tagger predict --offsets`: what offsets count, and where they cannot be bytes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

Write = Callable[[str, bytes | str], Path]
TEXT = "\ufeffZoë met 😀 Ünï.\r\nWhy?\n".encode()


def rows(shown: bytes) -> list[list[bytes]]:
    return [line.split(b"\t") for line in shown.split(b"\n")[1:] if line]


def test_offsets_are_characters_unless_bytes_are_asked_for(run: Run, tiny_model: Path) -> None:
    args = ("predict", "-m", tiny_model, "-f", "tsv")
    default = run(*args, stdin=TEXT)
    assert run(*args, "--offsets", "characters", stdin=TEXT).stdout == default.stdout
    assert default.stdout.split(b"\n")[1].startswith("Zoë\t1\t4\t".encode())
    shown = run(*args, "--offsets", "bytes", stdin=TEXT)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.split(b"\n")[1].startswith("Zoë\t3\t7\t".encode())
    assert len(rows(shown.stdout)) == 7
    assert all(TEXT[int(start) : int(end)] == form for form, start, end, *_ in rows(shown.stdout))


def test_offsets_are_bytes_of_each_file_and_of_each_text(
    run: Run, write: Write, tiny_model: Path
) -> None:
    write("a.txt", TEXT)
    write("b.txt", "é Zoë.\n")
    args = ("predict", "-m", tiny_model, "--offsets", "bytes")
    shown = run(*args, "-f", "tsv", "a.txt", "b.txt")
    places = [row[:4] for row in rows(shown.stdout) if row[1] == "Zoë".encode()]
    assert places == [
        [b"a.txt", "Zoë".encode(), b"3", b"7"],
        [b"b.txt", "Zoë".encode(), b"3", b"7"],
    ]
    documents = "".join(json.dumps({"text": f"{pad}Zoë"}) + "\n" for pad in ("", "é ", "😀 "))
    shown = run(*args, stdin=documents.encode())
    tokens = [json.loads(line)["sentences"][-1]["tokens"][-1] for line in shown.stdout.splitlines()]
    assert [(token["start"], token["end"]) for token in tokens] == [(0, 4), (3, 7), (5, 9)]


def test_bytes_that_are_kept_count_as_one(run: Run, tiny_model: Path) -> None:
    args = ("predict", "-m", tiny_model, "-f", "tsv", "--offsets", "bytes", "--errors", "keep")
    shown = run(*args, stdin=b"caf\xe9 Zo\xc3\xab\n")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert [row[:3] for row in rows(shown.stdout)] == [
        [b"caf", b"0", b"3"],
        [b"\xe9", b"3", b"4"],
        ["Zoë".encode(), b"5", b"9"],
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "<stdin>: --offsets bytes is for running text written as entities, jsonl, tsv; found"),
        (["-f", "conllu"], "<stdin>: --offsets bytes is for running text"),
        (["-f", "spacy"], "<stdin>: --offsets bytes is for running text"),
        (["-f", "brat"], "<stdin>: --offsets bytes is for running text"),
        (["-f", "html"], "<stdin>: --offsets bytes is for running text"),
        (["-q", "a.conllu"], "a.conllu: --offsets bytes is for running text"),
        (["-q", "-f", "tsv", "a.conllu"], "a.conllu: --offsets bytes is for running text"),
        (["-f", "tsv", "--errors", "replace"], "--offsets bytes needs --errors strict or keep"),
    ],
    ids=" ".join,
)
def test_bytes_are_refused_in_one_sentence_where_there_are_none(
    run: Run, write: Write, tiny_model: Path, args: list[str], message: str
) -> None:
    write("a.conllu", "1\tWe\twe\tPRON\t_\t_\t0\troot\t_\t_\n\n")
    shown = run("predict", "-m", tiny_model, "--offsets", "bytes", *args, stdin=b"Just text.\n")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr.decode().startswith(f"error: {message}")
    assert shown.stderr.count(b"\n") == 1


def test_other_units_are_a_usage_error(run: Run, tiny_model: Path) -> None:
    shown = run("predict", "-m", tiny_model, "--offsets", "words", stdin=b"Just text.\n")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert b"--offsets" in shown.stderr
    assert b"Traceback" not in shown.stderr
