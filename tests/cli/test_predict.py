"""`tagger predict` as a user runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run

Write = Callable[[str, bytes | str], Path]
TEXT = "Anna lives in Oslo.  She won't move!\n\nWhy?\n"


def rows(conllu: bytes) -> list[list[str]]:
    lines = conllu.decode().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def test_raw_text_from_stdin_becomes_conllu(run: Run, tiny_model: Path) -> None:
    shown = run("predict", "-m", tiny_model, stdin=TEXT.encode())
    assert shown.returncode == 0
    assert shown.stderr == b""
    forms = [row[1] for row in rows(shown.stdout)]
    assert forms == [
        "Anna",
        "lives",
        "in",
        "Oslo",
        ".",
        "She",
        "wo",
        "n't",
        "move",
        "!",
        "Why",
        "?",
    ]
    assert all(len(row) == 10 and row[3] != "_" for row in rows(shown.stdout))
    assert b"# text = She won't move!\n" in shown.stdout


def test_a_file_and_stdin_give_the_same(run: Run, write: Write, tiny_model: Path) -> None:
    path = write("a.txt", TEXT)
    named = run("predict", "-m", tiny_model, path)
    assert named.stdout == run("predict", "-m", tiny_model, stdin=TEXT.encode()).stdout
    assert named.stdout == run("predict", "-m", tiny_model, "-", stdin=TEXT.encode()).stdout


def test_json_lines_hold_the_text_and_true_offsets(run: Run, tiny_model: Path) -> None:
    shown = run("predict", "-m", tiny_model, "-f", "jsonl", stdin=TEXT.encode())
    sentences = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [s["text"] for s in sentences] == ["Anna lives in Oslo.", "She won't move!", "Why?"]
    for token in (token for sentence in sentences for token in sentence["tokens"]):
        assert TEXT[token["start"] : token["end"]] == token["form"]


def test_tsv_has_a_header_and_true_offsets(run: Run, tiny_model: Path) -> None:
    shown = run("predict", "-m", tiny_model, "-f", "tsv", stdin=TEXT.encode()).stdout.decode()
    header, *lines = [line.split("\t") for line in shown.splitlines() if line]
    assert header[:3] == ["form", "start", "end"]
    assert all(TEXT[int(start) : int(end)] == form for form, start, end, *_ in lines)


def test_a_conllu_file_changes_in_nothing_but_its_tags(
    run: Run, write: Write, tiny_model: Path
) -> None:
    gold = Path(ROOT, "corpora/demo-en/test.conllu").read_bytes()
    shown = run("predict", "-m", tiny_model, write("gold.conllu", gold))
    before, after = gold.decode().splitlines(), shown.stdout.decode().splitlines()
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        if old.startswith("#") or not old or "-" in old.split("\t")[0]:
            assert old == new
        else:
            kept = [0, 1, 2, 5, 6, 7, 8]
            assert [old.split("\t")[i] for i in kept] == [new.split("\t")[i] for i in kept]


def test_several_files_say_which_is_which(run: Run, write: Write, tiny_model: Path) -> None:
    write("a.txt", "Yes.\n")
    write("b.txt", "No.\n")
    shown = run("predict", "-m", tiny_model, "-f", "tsv", "a.txt", "b.txt").stdout.decode()
    names = [line.split("\t")[0] for line in shown.splitlines() if line]
    assert names == ["file", "a.txt", "a.txt", "b.txt", "b.txt"]


def test_an_output_file_replaces_only_when_complete(
    run: Run, write: Write, tiny_model: Path, tmp_path: Path
) -> None:
    out = write("out.conllu", "old\n")
    write("bad.txt", b"fine line\nbroken \xff line\n")
    shown = run("predict", "-m", tiny_model, "bad.txt", "-o", out)
    assert shown.returncode == 2
    assert shown.stderr.decode().startswith(
        "error: bad.txt:2:8: expected UTF-8, found the byte 0xff"
    )
    assert out.read_text(encoding="utf-8") == "old\n"
    write("good.txt", "Fine.\n")
    assert run("predict", "-m", tiny_model, "good.txt", "-o", out).returncode == 0
    assert b"Fine" in out.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.txt", "good.txt", "out.conllu"]


@pytest.mark.parametrize("text", [b"", b"\n" * 5000, b" \t \n\r\n"], ids=len)
def test_no_words_give_no_output(run: Run, tiny_model: Path, text: bytes) -> None:
    shown = run("predict", "-m", tiny_model, stdin=text)
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, b"", b"")


def test_monsters_come_out_whole(run: Run, tiny_model: Path) -> None:
    word, line = "x" * 300_000, "word " * 20_000
    text = f"{word}\n{line}\n\u200b\x00 end\n"
    shown = run("predict", "-m", tiny_model, "-f", "tsv", stdin=text.encode())
    assert shown.returncode == 0, shown.stderr
    _, *lines = [line.split("\t") for line in shown.stdout.decode().split("\n") if line]
    assert sum(len(form) for form, *_ in lines) == len(text) - text.count(" ") - text.count("\n")
    assert all(text[int(start) : int(end)] == form for form, start, end, *_ in lines)


def test_locale_does_not_matter(run: Run, tiny_model: Path) -> None:
    shown = run("predict", "-m", tiny_model, stdin="Zoë naïve 😀\n".encode(), LC_ALL="C", LANG="C")
    assert [row[1] for row in rows(shown.stdout)] == ["Zoë", "naïve", "😀"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-m", "nowhere", "a.txt"], "nowhere: not a tagger model: no such folder"),
        (["-m", ".", "a.txt"], ".: not a tagger model: model.json is missing"),
        (["-m", "MODEL", "missing.txt"], "missing.txt: no such file"),
        (["-m", "MODEL", "."], ".: expected a file to read, found a directory"),
        (["-m", "MODEL", "--input", "conll", "a.txt"], "a.txt: expected CoNLL-U or columns"),
        (["-m", "MODEL", "--columns", "ner=2", "a.txt"], "columns 'ner=2' lack the token"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_2(
    run: Run, write: Write, tiny_model: Path, args: list[str], message: str
) -> None:
    write("a.txt", "Just a line of text.\n")
    shown = run("predict", *[str(tiny_model) if arg == "MODEL" else arg for arg in args])
    assert shown.returncode == 2
    assert shown.stdout == b""
    assert shown.stderr.decode().startswith(f"error: {message}")
    assert shown.stderr.count(b"\n") == 1


def test_a_full_disk_is_said(run: Run, tiny_model: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        shown = subprocess.run(
            [sys.executable, "-m", "tagger", "predict", "-m", str(tiny_model)],
            input=b"Hello there.\n",
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
    assert shown.returncode == 2
    assert shown.stderr == b"error: No space left on device\n"
