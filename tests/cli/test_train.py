"""`tagger train`, `evaluate`, `info` and `preprocess` as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run

Write = Callable[[str, bytes | str], Path]
DEMO = ROOT / "corpora" / "demo-en"
TINY = """
[words]
size = 8
[characters]
size = 4
filters = 4
widths = [3]
[encoder]
hidden_size = 8
[optimisation]
epochs = 2
least_steps = 1
"""


@pytest.fixture
def small(write: Write) -> Callable[[str, int], Path]:
    """The first sentences of a demo split as a file of its own."""

    def first(split: str, count: int) -> Path:
        blocks = (DEMO / f"{split}.conllu").read_text(encoding="utf-8").split("\n\n")
        return write(f"{split}.conllu", "\n\n".join(blocks[:count]) + "\n\n")

    return first


def test_a_corpus_becomes_a_model_that_scores_and_tags(
    run: Run, write: Write, small: Callable[[str, int], Path], tmp_path: Path
) -> None:
    write("tiny.toml", TINY)
    train = small("train", 40)
    dev = write("dev.conllu", "\n\n".join(train.read_text("utf-8").split("\n\n")[:10]) + "\n\n")
    made = run("train", train, "--dev", dev, "-o", "m", "--config", "tiny.toml", "--seed", "3")
    assert made.returncode == 0, made.stderr
    assert made.stdout == b""
    said = made.stderr.decode()
    assert "tasks: upos, xpos, ner" in said
    assert "epoch 2/2: loss" in said
    names = {path.name for path in (tmp_path / "m").iterdir()}
    assert names == {
        *("model.json", "vocabulary.json", "lexical.onnx", "sentence.onnx"),
        *("forms.json", "table.npy", "weights.safetensors", "README.md", "metrics.jsonl"),
    }
    metrics = (tmp_path / "m" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in metrics] == [1, 2]

    scored = run("evaluate", "-m", "m", dev, "--json")
    scores = {score["task"]: score for score in json.loads(scored.stdout)}
    assert set(scores) == {"upos", "xpos", "ner"}
    told = json.loads(run("info", "m", "--json").stdout)
    assert told["seed"] == 3
    assert {s["task"]: s["value"] for s in told["scores"]} == pytest.approx(
        {name: score["value"] for name, score in scores.items()}
    )
    assert b"known words" in run("evaluate", "-m", "m", dev).stdout
    assert b"trained by: tagger train" in run("info", "m").stdout

    again = run("train", train, "--dev", dev, "-o", "m", "--config", "tiny.toml")
    assert again.returncode == 2
    assert b"m: holds a model already; choose another name, or --force" in again.stderr


def test_the_same_seed_twice_gives_the_same_files(
    run: Run, write: Write, small: Callable[[str, int], Path], tmp_path: Path
) -> None:
    write("tiny.toml", TINY)
    train, dev = small("train", 20), small("dev", 5)
    for name in ("a", "b"):
        made = run("train", train, "--dev", dev, "-o", name, "--config", "tiny.toml", "-q")
        assert (made.returncode, made.stderr) == (0, b"")
    for name in ("weights.safetensors", "lexical.onnx", "sentence.onnx", "vocabulary.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1\tA\t_\tDET\n\n", "bad.conllu: expected CoNLL-U or columns of tokens and tags"),
        (
            "1\tA\t_\tDET\t_\t_\t_\t_\t_\t_\n" * 1 + "2\tdog\tNOUN\n\n",
            "bad.conllu:2:1: expected 10 tab-separated columns, found 3",
        ),
        (
            "".join(f"{i}\tA\t_\tDET\t_\t_\t_\t_\t_\t_\n" for i in range(1, 20)) + "20\tdog\tX\n",
            "bad.conllu:20:1: expected 10 tab-separated columns, found 3",
        ),
        ("A B-PER\nB O\nC I-PER\n" * 9 + "D\n", "bad.conllu:28:1: expected 2 blank-separated"),
        ("", "bad.conllu: expected a corpus, found an empty file"),
        ("# nothing but a comment\n\n", "bad.conllu: expected CoNLL-U or columns"),
        (b"a\xff\tO\n", "bad.conllu:1:1: expected UTF-8, found the byte 0xff"),
        (bytes(range(256)) * 4, "bad.conllu:"),
    ],
    ids=["four columns", "half", "missing column", "ragged", "empty", "comment", "bytes", "binary"],
)
def test_a_broken_corpus_is_named_with_its_place(
    run: Run, write: Write, content: str | bytes, message: str
) -> None:
    write("bad.conllu", content)
    shown = run("train", "bad.conllu", "--dev", "bad.conllu", "-o", "m")
    assert shown.returncode == 2
    errors = [e for e in shown.stderr.decode().splitlines() if e.startswith("error: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {message}")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--task", "chunk"], "no training sentence has the column 'chunk'; the columns found are"),
        (["--config", "bad.toml"], "bad.toml: encoder: unknown key 'hiden_size' (did you mean"),
        (["--config", "none.toml"], "none.toml: cannot be read: No such file or directory"),
        (["--epochs", "0"], "options: optimisation.epochs: expected `int` >= 1"),
        (["-o", "file"], "file: expected a folder to write, found a file"),
        (["-o", "full"], "full: is a folder of something else; choose another name"),
        (["--dev", "."], ".: expected a file to read, found a directory"),
    ],
)
def test_wrong_options_are_one_sentence_and_exit_2(
    run: Run,
    write: Write,
    small: Callable[[str, int], Path],
    tmp_path: Path,
    args: list[str],
    message: str,
) -> None:
    write("bad.toml", "[encoder]\nhiden_size = 3\n")
    write("file", "")
    (tmp_path / "full").mkdir()
    write("full/thing", "")
    train, dev = small("train", 4), small("dev", 4)
    defaults = ["--dev", str(dev), "-o", "m"]
    shown = run("train", train, *_without(defaults, args), *args)
    assert shown.returncode == 2
    assert message in shown.stderr.decode()
    assert not (tmp_path / "m").exists()


def _without(defaults: list[str], args: list[str]) -> list[str]:
    """The default options that the arguments do not give themselves."""
    pairs = zip(defaults[::2], defaults[1::2], strict=True)
    return [word for option, value in pairs if option not in args for word in (option, value)]


def test_a_gold_tag_that_the_model_lacks_is_named(run: Run, write: Write, tiny_model: Path) -> None:
    text = (DEMO / "test.conllu").read_text(encoding="utf-8")
    number = next(i for i, row in enumerate(text.splitlines(), 1) if "\tNOUN\t" in row)
    write("odd.conllu", text.replace("\tNOUN\t", "\tNOMEN\t", 1))
    shown = run("evaluate", "-m", tiny_model, "odd.conllu")
    assert shown.returncode == 2
    expected = (
        f"error: odd.conllu:{number}:4: expected a upos tag that the model knows, found 'NOMEN'"
    )
    assert expected in shown.stderr.decode()
    assert shown.stdout == b""


def test_evaluating_without_the_models_columns_is_said(
    run: Run, write: Write, tiny_model: Path
) -> None:
    write("a.conll", "Oslo\tNP\nis\tVP\n\n" * 3)
    shown = run("evaluate", "-m", tiny_model, "--columns", "form=1,other=2", "a.conll")
    assert shown.returncode == 2
    assert b"a.conll: expected one of the columns" in shown.stderr


def test_preprocess_without_options_gives_the_same_bytes(run: Run, write: Write) -> None:
    content = "-DOCSTART- O\n\nAnna  I-PER\r\nBob\tB-PER\n \t\n# O\n"
    write("a.conll", content)
    shown = run("preprocess", "--columns", "form=1,ner=2", "a.conll")
    assert shown.returncode == 0
    assert shown.stdout.decode() == content


def test_preprocess_rewrites_the_scheme_and_nothing_else(run: Run, write: Write) -> None:
    write("a.conll", "Anna NNP I-PER\nBell NNP I-PER\nin IN O\nOslo NNP I-LOC\n\n" * 2)
    shown = run("preprocess", "--scheme", "IOBES", "a.conll").stdout.decode()
    expected = "Anna NNP B-PER\nBell NNP E-PER\nin IN O\nOslo NNP S-LOC\n\n"
    assert shown == expected * 2


def test_preprocess_makes_conllu_of_columns(run: Run, write: Write) -> None:
    write("a.conll", "Anna NNP I-PER\nran VBD O\n\n" * 2)
    shown = run("preprocess", "--to", "conllu", "a.conll").stdout.decode()
    assert shown == 2 * (
        "# text = Anna ran\n"
        "1\tAnna\t_\t_\tNNP\t_\t_\t_\t_\tNER=I-PER\n"
        "2\tran\t_\t_\tVBD\t_\t_\t_\t_\tNER=O\n\n"
    )


def test_preprocess_keeps_sentences_of_several_files_apart(run: Run, write: Write) -> None:
    write("a.conll", "Anna B-PER\nran O")
    write("b.conll", "Oslo B-LOC\nsleeps O\n")
    shown = run("preprocess", "a.conll", "b.conll").stdout.decode()
    assert shown == "Anna B-PER\nran O\n\nOslo B-LOC\nsleeps O\n"


def test_epochs_asked_for_are_the_epochs_made(run: Run, small: Callable[[str, int], Path]) -> None:
    train = small("train", 5)
    made = run("train", train, "--dev", train, "-o", "m", "--epochs", "1", "--task", "upos")
    assert made.stderr.decode().count("epoch 1/1: loss") == 1
