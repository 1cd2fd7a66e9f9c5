"""How `tagger predict` cuts running text: as the model learned, by rules, by lines, wrapped."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

Write = Callable[[str, bytes | str], Path]
TEXT = "Ann sees Bob. Bob doesn't see Ann!\n(Ann's dog sees Bob)\n"
WRAPPED = """\
Ann sees Bob. Bob doesn't see Ann! (Ann's dog
sees Bob) Why don't Bob and Ann see it? Bob
is well, not ill. Ann sees Bob. Bob doesn't
see Ann! (Ann's dog sees Bob) Why don't Bob
and Ann see it? Bob is well, not ill.

Ann sees Bob and Ann and the dog of Bob and
Ann. Bob
"""


def lines(run: Run, model: Path, *args: object, stdin: bytes = b"") -> list[str]:
    """What comes out, a sentence a line, its words between blanks."""
    shown = run("predict", "-q", "-m", model, "-f", "pairs", "-t", "upos", *args, stdin=stdin)
    assert shown.returncode == 0, shown.stderr
    rows = shown.stdout.decode().splitlines()
    return [" ".join(pair.rpartition("/")[0] for pair in row.split()) for row in rows]


def test_text_is_cut_as_the_model_learned(run: Run, write: Write, toy_model: Path) -> None:
    path = write("a.txt", TEXT)
    learned = ["Ann sees Bob .", "Bob does n't see Ann !", "( Ann 's dog sees Bob )"]
    assert lines(run, toy_model, path) == learned
    assert lines(run, toy_model, path, "--segmenter", "learned") == learned
    assert lines(run, toy_model, stdin=TEXT.encode()) == learned


def test_lines_and_blanks_of_the_text_may_decide(run: Run, write: Write, toy_model: Path) -> None:
    path = write("a.txt", TEXT)
    by_line = ["Ann sees Bob . Bob does n't see Ann !", "( Ann 's dog sees Bob )"]
    assert lines(run, toy_model, path, "--segmenter", "lines") == by_line
    assert lines(run, toy_model, path, "--input", "lines") == by_line
    blanks = TEXT.splitlines()
    assert lines(run, toy_model, path, "--segmenter", "blanks") == blanks
    assert lines(run, toy_model, path, "--input", "tokens") == blanks


def test_rules_know_no_multiword_tokens(run: Run, write: Write, toy_model: Path) -> None:
    path = write("a.txt", "We don't.")
    args = ("predict", "-q", "-m", toy_model, "-f", "conllu", path)
    assert b"2-3\tdon't" in run(*args).stdout
    assert b"2-3" not in run(*args, "--segmenter", "rules").stdout


def test_documents_of_json_lines_are_cut_alike(run: Run, write: Write, toy_model: Path) -> None:
    rows = [{"text": "Ann sees Bob. Bob doesn't see Ann!"}, {"text": ""}, {"text": WRAPPED}]
    path = write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def texts(*options: str) -> list[list[str]]:
        shown = run("predict", "-q", "-m", toy_model, path, *options)
        assert shown.returncode == 0, shown.stderr
        found = map(json.loads, shown.stdout.splitlines())
        return [[sentence["text"] for sentence in row["sentences"]] for row in found]

    first, empty, wrapped = texts()
    assert (first, empty) == (["Ann sees Bob.", "Bob doesn't see Ann!"], [])
    assert wrapped[2] == "(Ann's dog\nsees Bob)"
    assert texts("--segmenter", "lines")[2] == WRAPPED.splitlines()


def test_hard_wrapped_text_is_recognised_and_said(run: Run, write: Write, toy_model: Path) -> None:
    path = write("mail.txt", WRAPPED)
    wrapped = lines(run, toy_model, path)
    assert wrapped[2] == "( Ann 's dog sees Bob )"
    assert wrapped[-2:] == ["Ann sees Bob and Ann and the dog of Bob and Ann .", "Bob"]
    assert lines(run, toy_model, path, "--wrapped") == wrapped
    assert lines(run, toy_model, stdin=WRAPPED.encode()) == wrapped
    by_line = lines(run, toy_model, path, "--no-wrapped")
    assert "( Ann 's dog" in by_line
    shown = run("predict", "-m", toy_model, path)
    assert b"mail.txt: hard-wrapped at 45 characters: " in shown.stderr
    for options in (["--no-wrapped"], ["--segmenter", "lines"]):
        assert b"hard-wrapped" not in run("predict", "-m", toy_model, path, *options).stderr


def test_lines_that_are_answered_at_once_are_not_joined(
    run: Run, write: Write, toy_model: Path
) -> None:
    path = write("mail.txt", WRAPPED)
    by_line = lines(run, toy_model, path, "--no-wrapped")
    assert lines(run, toy_model, path, "--line-buffered") == by_line
    wrapped = lines(run, toy_model, path, "--wrapped")
    assert lines(run, toy_model, path, "--line-buffered", "--wrapped") == wrapped


def test_sentences_go_on_over_blank_lines_where_these_part_no_paragraphs(
    run: Run, write: Write, toy_model: Path
) -> None:
    path = write("a.txt", "Ann sees\n\n\nBob.\n\nBob sees Ann.\n")
    assert lines(run, toy_model, path, "--no-paragraphs") == ["Ann sees Bob .", "Bob sees Ann ."]
    assert lines(run, toy_model, path, "--wrapped") == ["Ann sees", "Bob .", "Bob sees Ann ."]


@pytest.mark.parametrize("options", [[], ["--no-paragraphs"], ["--segmenter", "rules"]])
def test_the_bytes_do_not_depend_on_processes(
    run: Run, write: Write, toy_model: Path, options: list[str]
) -> None:
    path = write("mail.txt", WRAPPED * 1000)
    args = ("predict", "-q", "-m", toy_model, "-f", "tsv", path, *options)
    one, two = (run(*args, "-j", jobs) for jobs in (1, 2))
    assert one.returncode == two.returncode == 0, one.stderr
    assert one.stdout == two.stdout
    assert one.stdout.count(b"\n") > 60_000


def test_the_next_sentence_may_follow_without_a_blank(run: Run, toy_model: Path) -> None:
    shown = run("predict", "-m", toy_model, "-t", "upos", stdin=b"Ann sees Bob.Bob sees Ann.")
    assert shown.stdout.decode().splitlines()[4].split("\t")[9] == "SpaceAfter=No"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--segmenter", "lines", "--wrapped"], "--segmenter lines: a line is a sentence"),
        (["--segmenter", "blanks", "--no-paragraphs"], "--segmenter blanks: a line is a sentence"),
        (["--no-wrapped", "--no-paragraphs"], "--no-paragraphs and --no-wrapped contradict"),
        (["--input", "tokens", "--segmenter", "lines"], "--input tokens and --segmenter lines"),
        (["--input", "lines", "--wrapped"], "--wrapped and --no-paragraphs are not for --input li"),
        (["--input", "conll", "--segmenter", "rules"], "has sentences and tokens already"),
        (["--input", "tokens", "--segmenter", "rules"], "--input tokens and --segmenter rules"),
        (["--input", "conll", "--wrapped"], "has sentences and tokens already"),
        (["--input", "conll", "--no-wrapped"], "has sentences and tokens already"),
    ],
)
def test_options_that_contradict_each_other_are_one_sentence(
    run: Run, toy_model: Path, args: list[str], message: str
) -> None:
    stdin = b"1\tAnn\t_\tX\t_\t_\t_\t_\t_\t_\n\n"
    shown = run("predict", "-m", toy_model, *args, stdin=stdin)
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert message in shown.stderr.decode()
    assert b"Traceback" not in shown.stderr


def test_a_model_without_a_segmenter_says_so_where_one_is_asked_for(
    run: Run, tiny_model: Path
) -> None:
    shown = run("predict", "-m", tiny_model, "--segmenter", "learned", stdin=b"Ann sees Bob.")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert b"has learned no segmenter" in shown.stderr
