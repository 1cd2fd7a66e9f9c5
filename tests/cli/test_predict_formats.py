"""`tagger predict`: what can be asked for, and what comes out."""

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from tagger.schemes import spans_from_tags
from tests.cli.conftest import Run
from tests.streaming.running import make_eager

Write = Callable[[str, bytes | str], Path]
TEXT = "Anna met Ms. Ortiz in New Oslo.  She won't move!\n\nWhy not, 😀 Bob?\n"


@pytest.fixture(scope="module")
def eager(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that finds spans."""
    return make_eager(tiny_model, tmp_path_factory.mktemp("models") / "eager")


def objects(shown: bytes) -> list[dict[str, list[dict[str, object]]]]:
    return [json.loads(line) for line in shown.splitlines()]


def test_tsv_has_probabilities_and_as_many_cells_as_its_header(run: Run, eager: Path) -> None:
    shown = run("predict", "-m", eager, "-f", "tsv", stdin=TEXT.encode())
    header, *rows = [line.split("\t") for line in shown.stdout.decode().splitlines() if line]
    assert header == ["form", "start", "end", "upos", "ner", "upos_p", "ner_p"]
    assert {len(row) for row in rows} == {len(header)}
    probabilities = [float(cell) for row in rows for cell in row[5:]]
    assert all(0.0 < p <= 1.0 for p in probabilities)
    assert len(set(probabilities)) > len(rows)
    assert shown.stdout.count(b"\n\n") == 3


def test_entities_are_those_of_the_tags_and_stand_in_the_text(run: Run, eager: Path) -> None:
    lines = run("predict", "-m", eager, "-f", "entities", stdin=TEXT.encode()).stdout.decode()
    found = [line.split("\t") for line in lines.splitlines()]
    assert all(len(row) == 5 for row in found)
    for text, _, start, end, p in found:
        assert " ".join(TEXT[int(start) : int(end)].split()) == text
        assert 0.0 < float(p) <= 1.0
    shown = run("predict", "-m", eager, "-f", "jsonl", stdin=TEXT.encode())
    spans = [span for row in objects(shown.stdout) for span in row["ner_spans"]]
    assert [[s["label"], str(s["start"]), str(s["end"])] for s in spans] == [
        row[1:4] for row in found
    ]
    assert len(found) >= 3


def test_brat_points_into_the_text(run: Run, eager: Path) -> None:
    shown = run("predict", "-m", eager, "-f", "brat", stdin=TEXT.encode()).stdout.decode()
    assert shown
    for line in shown.splitlines():
        identifier, place, text = line.split("\t")
        _, start, end = place.split(" ")
        assert identifier == f"T{int(start) + 1}"
        assert TEXT[int(start) : int(end)] == text


def test_other_formats_hold_every_sentence(run: Run, eager: Path) -> None:
    def shown(form: str, *args: str) -> str:
        found = run("predict", "-m", eager, "-f", form, *args, stdin=TEXT.encode())
        assert (found.returncode, found.stderr) == (0, b"")
        return found.stdout.decode()

    inline = shown("inline", "-t", "ner").splitlines()
    assert len(inline) == 3
    assert any("[" in line for line in inline)
    with_tags = shown("inline").splitlines()
    assert all("/" in word for line in with_tags for word in line.split() if word[0] != "[")
    conll = shown("conll")
    assert {line.count("\t") for line in conll.splitlines() if line} == {2}
    assert conll.count("\n\n") == 3
    page = shown("html")
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")
    assert page.count("<p ") == 3
    assert "<mark" in page
    assert shown("conllu").count("# text = ") == 3


def test_a_task_alone_leaves_the_others_out(run: Run, eager: Path) -> None:
    shown = run("predict", "-m", eager, "-f", "tsv", "-t", "ner", stdin=TEXT.encode())
    assert shown.stdout.split(b"\n")[0] == b"form\tstart\tend\tner\tner_p"
    both = run("predict", "-m", eager, "-f", "tsv", "-t", "ner", "-t", "upos", stdin=TEXT.encode())
    assert both.stdout.startswith(b"form\tstart\tend\tupos\tner\t")
    ner = [line.split(b"\t")[4] for line in both.stdout.split(b"\n") if b"\t" in line]
    assert ner == [line.split(b"\t")[3] for line in shown.stdout.split(b"\n") if b"\t" in line]
    conllu = run("predict", "-m", eager, "-t", "upos", stdin=TEXT.encode()).stdout
    assert b"NER=" not in conllu


def test_the_least_probability_takes_entities_out_and_nothing_else(run: Run, eager: Path) -> None:
    def tokens(*args: str) -> list[dict[str, object]]:
        shown = run("predict", "-m", eager, "-f", "jsonl", *args, stdin=TEXT.encode())
        return [token for row in objects(shown.stdout) for token in row["tokens"]]

    all_of_them, none = tokens("--min-prob", "0"), tokens("--min-prob", "1.0")
    assert all_of_them == tokens()
    assert spans_from_tags([str(token["ner"]) for token in all_of_them])
    assert {token["ner"] for token in none} == {"O"}
    for key in ("form", "start", "end", "upos", "upos_p"):
        assert [token[key] for token in none] == [token[key] for token in all_of_them]
    entities = run("predict", "-m", eager, "-f", "entities", "--min-prob", "1", stdin=TEXT.encode())
    assert (entities.returncode, entities.stdout) == (0, b"")


def test_the_best_sequences_are_in_json_lines(run: Run, eager: Path) -> None:
    shown = run("predict", "-m", eager, "-f", "jsonl", "--n-best", "4", stdin=TEXT.encode())
    for row in objects(shown.stdout):
        for name in ("upos", "ner"):
            best = row[f"{name}_best"]
            assert len(best) == 4
            probabilities = [float(str(ranked["p"])) for ranked in best]
            assert probabilities == sorted(probabilities, reverse=True)
            assert all(0.0 <= p <= 1.0 for p in probabilities)
            assert best[0]["tags"] == [token[name] for token in row["tokens"]]
            assert best[1]["tags"] != best[0]["tags"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-t", "chunk"], "--task chunk: the model predicts upos, ner"),
        (["-f", "entities", "-t", "upos"], "--format entities is for spans"),
        (["-f", "brat", "-t", "upos"], "--format brat is for spans"),
        (["--n-best", "2"], "--n-best needs --format jsonl"),
        (["--n-best", "2", "-f", "tsv"], "--n-best needs --format jsonl"),
        (["-o", "x", "--out-dir", "y"], "--output and --out-dir contradict each other"),
        (["--out-dir", "y", "-"], "--out-dir names its files after the input's"),
        (["--input", "raw", "--columns", "form=1"], "--columns is for CoNLL input"),
        (["-q", "-f", "brat", "a.conllu"], "a.conllu: expected running text for brat, found conll"),
        (["-f", "brat", "a.txt", "a.txt"], "--format brat of several files needs --out-dir"),
        (["-o", "."], ".: expected a file to write, found a directory"),
    ],
)
def test_what_contradicts_itself_is_refused_in_one_sentence(
    run: Run, write: Write, tiny_model: Path, args: list[str], message: str
) -> None:
    write("a.txt", "Just text.\n")
    write("a.conllu", "1\tWe\twe\tPRON\t_\t_\t0\troot\t_\t_\n\n")
    shown = run("predict", "-m", tiny_model, *args, stdin=b"Just text.\n")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr.decode().startswith(f"error: {message}")
    assert shown.stderr.count(b"\n") == 1


@pytest.mark.parametrize("args", [["--min-prob", "1.5"], ["-f", "xml"], ["-j", "0"]], ids=" ".join)
def test_a_value_out_of_range_is_a_usage_error(run: Run, tiny_model: Path, args: list[str]) -> None:
    shown = run("predict", "-m", tiny_model, *args, stdin=b"Just text.\n")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert args[0].encode() in shown.stderr
    assert b"Traceback" not in shown.stderr


def test_an_output_is_compressed_as_its_name_says(
    run: Run, write: Write, tiny_model: Path, tmp_path: Path
) -> None:
    packed = write("a.txt.xz", lzma.compress(TEXT.encode()))
    assert run("predict", "-m", tiny_model, packed, "-o", "x.conllu.gz").returncode == 0
    expected = run("predict", "-m", tiny_model, stdin=TEXT.encode()).stdout
    assert gzip.decompress((tmp_path / "x.conllu.gz").read_bytes()) == expected


def test_json_lines_in_are_json_lines_out_and_keep_their_fields(run: Run, eager: Path) -> None:
    documents = [{"id": i, "text": text} for i, text in enumerate(["Anna left.\nWhy?", ""])]
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    shown = run("predict", "-m", eager, stdin=lines.encode())
    rows = objects(shown.stdout)
    assert [{key: row[key] for key in ("id", "text")} for row in rows] == documents
    assert [len(row["sentences"]) for row in rows] == [2, 0]
    other = lines.replace('"text"', '"body"').encode()
    named = run("predict", "-m", eager, "--field", "body", "--input", "jsonl", stdin=other)
    assert [row["sentences"] for row in objects(named.stdout)] == [r["sentences"] for r in rows]
    wrong = run("predict", "-m", eager, "--input", "jsonl", stdin=other)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(b"error: <stdin>:1:1: expected a text in the field 'text'")


def test_columns_are_announced_and_named_columns_are_believed(
    run: Run, write: Write, eager: Path
) -> None:
    write("a.conll", "Anna B-PER\nleft O\n\n")
    shown = run("predict", "-m", eager, "a.conll")
    assert shown.returncode == 0
    assert shown.stderr.decode().startswith("a.conll: 2 blank-separated columns; ner in column 2")
    assert run("predict", "-q", "-m", eager, "a.conll").stderr == b""
    named = run("predict", "-q", "-m", eager, "--columns", "form=2,upos=1", "a.conll")
    first = named.stdout.decode().splitlines()[0].split()
    assert first[1] == "B-PER"
    assert len(first) == 3


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("lines", ["Ms.", "Ortiz", "wo", "n't", ".", "Why", "?"]),
        ("tokens", ["Ms.", "Ortiz", "won't.", "Why?"]),
    ],
)
def test_lines_and_tokens_are_taken_as_sentences(
    run: Run, eager: Path, kind: str, words: list[str]
) -> None:
    text = "\nMs. Ortiz won't. Why?\n"
    shown = run("predict", "-m", eager, "--input", kind, "-f", "jsonl", stdin=text.encode())
    first, second = objects(shown.stdout)
    assert first == {"start": 0, "text": "", "tokens": []}
    assert [token["form"] for token in second["tokens"]] == words
    assert all(text[t["start"] : t["end"]] == t["form"] for t in second["tokens"])
