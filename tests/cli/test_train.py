"""`tagger train`, `evaluate`, `info` and `preprocess` as a user runs them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.training.raw_corpus import conllu

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
[segmenter.encoder]
hidden_size = 8
[segmenter.optimisation]
epochs = 1
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
        "segmenter",
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


def test_raw_text_teaches_a_segmenter_that_predict_uses(
    run: Run, write: Write, tmp_path: Path
) -> None:
    learned = "epochs = 20\nbatch_tokens = 100\nlearning_rate = 0.02\naverage = 0.9"
    write("tiny.toml", TINY.replace("epochs = 1", learned))
    write("toy.conllu", conllu(60))
    made = run("train", "toy.conllu", "--dev", "toy.conllu", "-o", "m", "--config", "tiny.toml")
    assert made.returncode == 0, made.stderr
    said = made.stderr.decode()
    assert "segmenter: learning to cut raw text\nepoch 1/20: loss" in said
    assert re.search(r"^dev Multiword [0-9.]+ multiword-f1\|", said, re.MULTILINE)
    assert not (tmp_path / "m" / "segmenter" / "weights.safetensors").exists()
    told = json.loads(run("info", "m", "--json").stdout)
    assert [score["task"] for score in told["raw_scores"]][:2] == ["Tokens", "Sentences"]
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert "| Sentences |" in card
    tagged = run("predict", "-m", "m", stdin=b"Bob doesn't see Ann! Ann sees Bob.").stdout.decode()
    assert "2-3\tdoesn't\t_" in tagged
    assert "\n3\tn't\t_\tX\t" in tagged


def test_no_segmenter_is_learned_where_none_is_wanted_or_can_be(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("tiny.toml", TINY)
    write("toy.conllu", conllu(6))
    write("a.conll", "Ann B-PER\nleft O\n\n" * 9)
    arguments = ("--config", "tiny.toml", "-o")
    made = run("train", "toy.conllu", "--dev", "toy.conllu", "--no-segmenter", *arguments, "m")
    assert made.returncode == 0, made.stderr
    assert b"segmenter" not in made.stderr
    made = run("train", "a.conll", "--dev", "a.conll", *arguments, "n")
    assert made.returncode == 0, made.stderr
    assert b"no segmenter: no training file says what its text was" in made.stderr
    for name in "mn":
        assert not (tmp_path / name / "segmenter").exists()
    made = run("train", "a.conll", "--dev", "a.conll", "--segmenter", *arguments, "o")
    assert made.returncode == 2
    assert b"error: --segmenter: no training file says what its text was" in made.stderr


def test_sentences_that_do_not_make_up_their_text_are_told_and_left_out(
    run: Run, write: Write
) -> None:
    write("tiny.toml", TINY)
    write("toy.conllu", conllu(9) + conllu(1).replace("text = Ann", "text = Eve"))
    made = run("train", "toy.conllu", "--dev", "toy.conllu", "-o", "m", "--config", "tiny.toml")
    assert made.returncode == 0, made.stderr
    warnings = re.findall(r"warning: toy\.conllu:87:2: expected a form .*", made.stderr.decode())
    assert len(warnings) == 2
    assert all(w.endswith("left out for the segmenter, as are 0 others") for w in warnings)


def test_epochs_asked_for_are_the_epochs_made(run: Run, small: Callable[[str, int], Path]) -> None:
    train = small("train", 5)
    made = run("train", train, "--dev", train, "-o", "m", "--epochs", "1", "--no-segmenter")
    assert made.stderr.decode().count("epoch 1/1: loss") == 1


@pytest.mark.parametrize("command", ["train", "pretrain"])
def test_a_device_that_is_not_there_is_one_sentence(
    run: Run, write: Write, small: Callable[[str, int], Path], tmp_path: Path, command: str
) -> None:
    train = small("train", 5)
    files = [train, "--dev", train] if command == "train" else [train]
    made = run(command, *files, "-o", "m", "--device", "mps")
    assert made.returncode == 2
    assert b"error: --device mps: expected an Apple GPU" in made.stderr
    assert not (tmp_path / "m.unfinished").exists()
