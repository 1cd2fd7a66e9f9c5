"""`tagger generate` as a user runs it: text, scores, wrong use, a closed pipe."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.training.language_corpus import text

Write = Callable[[str, bytes | str], Path]


def test_the_seed_is_told_and_gives_the_same_text_again(run: Run, language_model: Path) -> None:
    shown = run("generate", language_model, "--length", "30")
    assert shown.returncode == 0
    assert re.fullmatch(r"(\S+( \S+)*\n)+", shown.stdout.decode())
    told = re.fullmatch(rb"seed (\d+)\n", shown.stderr)
    assert told is not None
    again = run("generate", language_model, "--length", "30", "--seed", told[1].decode())
    assert (again.stdout, again.stderr) == (shown.stdout, b"")


@pytest.mark.parametrize(
    ("prompt", "begins"),
    [
        ("Ann says: “Zürich.” The ", "Ann says: “Zürich.” The(?! \\s)"),
        ("Bob likes the cat (", r"Bob likes the cat \((?! )"),
    ],
)
def test_a_prompt_comes_first(run: Run, language_model: Path, prompt: str, begins: str) -> None:
    options = ("--temperature", "0", "--length", "5")
    shown = run("generate", language_model, "--prompt", prompt, *options, "--seed", "1")
    assert shown.returncode == 0, shown.stderr
    assert re.match(begins, shown.stdout.decode())
    assert len(shown.stdout.decode().rstrip()) > len(prompt)


def test_scores_come_in_the_order_of_the_text(run: Run, write: Write, language_model: Path) -> None:
    sentences = ["Ann sees the dog.", "dog. the sees Zyxwv", "Bob likes the cat."]
    shown = run("generate", language_model, "--score", "-", stdin="\n".join(sentences).encode())
    assert shown.returncode == 0, shown.stderr
    rows = [line.split("\t") for line in shown.stdout.decode().splitlines()]
    assert [words for _, words in rows] == [
        "Ann sees the dog .",
        "dog . the sees Zyxwv",
        "Bob likes the cat .",
    ]
    assert all(re.fullmatch(r"\d+\.\d\d", perplexity) for perplexity, _ in rows)
    first, odd, third = (float(perplexity) for perplexity, _ in rows)
    assert odd > 3 * max(first, third)
    whole = shown.stderr.decode()
    summary = re.match(
        r"18 tokens, ends of sentences included: perplexity ([0-9.]+), ([0-9.]+) bits per "
        r"character; ([0-9.]+) % unknown, each scored as one unknown word\n$",
        whole,
    )
    assert summary is not None, whole
    perplexity, bits, unknown = map(float, summary.groups())
    assert perplexity == pytest.approx((first * odd * third) ** (1 / 3), rel=0.01)
    assert unknown == pytest.approx(100 / 18, abs=0.06)
    assert bits > 0


def test_bytes_that_are_not_utf_8_are_an_error_or_replaced(
    run: Run, write: Write, language_model: Path
) -> None:
    write("a.txt", b"Ann sees the dog.\nAnn \xff the dog.\n")
    refused = run("generate", language_model, "--score", "a.txt")
    assert refused.returncode == 2
    assert b"a.txt:2:5: expected UTF-8, found the byte 0xff" in refused.stderr
    assert b"--errors replace" in refused.stderr
    shown = run("generate", language_model, "--score", "a.txt", "--errors", "replace")
    assert shown.returncode == 0, shown.stderr
    rows = [line.split("\t")[1] for line in shown.stdout.decode().splitlines()]
    assert rows == ["Ann sees the dog .", "Ann \ufffd the dog ."]


def test_a_sentence_of_thousands_of_words_is_scored_whole(
    run: Run, write: Write, language_model: Path
) -> None:
    write("a.txt", "Ann sees the dog , " * 500 + "\n")
    shown = run("generate", language_model, "--score", "a.txt")
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr.startswith(b"2,501 tokens, ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["lm", "--score", "-", "--prompt", "a"], "--prompt and --score contradict each other"),
        (["lm", "--top-p", "0"], "--top-p: expected more than 0"),
        (["lm", "--top-p", "nan"], "--top-p: expected more than 0"),
        (["lm", "--temperature", "inf"], "--temperature: expected a finite number, found inf"),
        (["lm", "--score", "-"], "--score: expected text, found none"),
        (["."], ".: not a language model: language-model.json is missing"),
    ],
)
def test_wrong_use_is_one_sentence(
    run: Run, tmp_path: Path, language_model: Path, args: list[str], message: str
) -> None:
    (tmp_path / "lm").symlink_to(language_model)
    shown = run("generate", *args, "--seed", "1")
    assert (shown.returncode, shown.stdout) == (2, b"")
    (line,) = shown.stderr.decode().splitlines()
    assert line.startswith("error: ")
    assert message in line


@pytest.mark.parametrize("args", [["--length", "100000"], ["--score", "a.txt"]])
def test_a_closed_pipe_ends_it_silently(
    write: Write, tmp_path: Path, language_model: Path, args: list[str]
) -> None:
    write("a.txt", text(2_000))
    process = subprocess.Popen(
        [sys.executable, "-m", "tagger", "generate", language_model, "--seed", "1", *args],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().endswith(b"\n")
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()
