"""`tagger train --vectors` as a user runs it."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run
from tests.cli.test_resume import cut_short
from tests.cli.test_train import DEMO, TINY
from tests.corpus.vectors.writing import binary, glove

Write = Callable[[str, bytes | str], Path]
COMMAND = ("train", "a.conllu", "--dev", "a.conllu", "--no-segmenter", "--config", "c.toml", "-o")


@pytest.fixture
def words(write: Write) -> dict[str, list[float]]:
    """Vectors of 300 words more or less; the first sentences of demo-en lie beside as a.conllu."""
    blocks = (DEMO / "train.conllu").read_text(encoding="utf-8").split("\n\n")[:30]
    write("a.conllu", "\n\n".join(blocks) + "\n\n")
    write("c.toml", TINY)
    forms = [row.split("\t")[1] for b in blocks for row in b.splitlines() if "\t" in row]
    random = np.random.default_rng(1)
    names = dict.fromkeys(["quokka", *forms, "wombat"])
    return {form: random.normal(size=6).round(3).tolist() for form in names}


def test_a_model_is_built_on_vectors_and_says_so(
    run: Run, write: Write, tmp_path: Path, words: dict[str, list[float]]
) -> None:
    write("v.vec.gz", gzip.compress(glove(words)))
    made = run(*COMMAND, "m", "--vectors", "v.vec.gz", "--vectors-keep", "1")
    assert made.returncode == 0, made.stderr
    said = made.stderr.decode()
    assert "vectors: 6 numbers each for " in said
    assert "training words (100.0% of the tokens) and 1 others" in said
    told = json.loads(run("info", "m", "--json").stdout)
    assert told["vectors"]["name"] == "v.vec.gz"
    assert told["settings"]["vectors"]["keep"] == 1
    assert b"\nvectors v.vec.gz: 6 numbers for " in run("info", "m").stdout
    known = json.loads((tmp_path / "m" / "vocabulary.json").read_bytes())["vectors"]
    assert "quokka" in known
    assert "wombat" not in known
    tagged = run("predict", "-m", "m", "-f", "pairs", stdin=b"A quokka and a wombat.\n")
    assert tagged.returncode == 0, tagged.stderr
    assert tagged.stdout.startswith(b"A/")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "v.vec: no such file"),
        (b"", "v.vec: expected word vectors, found an empty file"),
        (b"a 1 2\nb 1\n", "v.vec:2: expected a word and 2 numbers, found 2 fields"),
        (binary({"a": [1.0, 2.0]})[:-2], "v.vec: word 1 of 1: expected 8 bytes of numbers, found"),
        (b"xyzzy 1 2\n", "v.vec: expected vectors of training words, found none (of another"),
    ],
)
@pytest.mark.usefixtures("words")
def test_vectors_that_cannot_be_read_are_one_sentence_before_anything_is_trained(
    run: Run, write: Write, tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        write("v.vec", content)
    shown = run(*COMMAND, "m", "--vectors", "v.vec")
    assert shown.returncode == 2
    assert f"error: {message}" in shown.stderr.decode()
    assert not {"m", "m.unfinished"} & {path.name for path in tmp_path.iterdir()}


@pytest.mark.usefixtures("words")
def test_how_many_are_kept_is_said_only_beside_a_file(run: Run) -> None:
    shown = run(*COMMAND, "m", "--vectors-keep", "3")
    assert shown.returncode == 2
    assert b"error: --vectors-keep: expected --vectors FILE beside it" in shown.stderr


def test_a_training_is_not_resumed_with_other_vectors(
    run: Run, write: Write, tmp_path: Path, words: dict[str, list[float]]
) -> None:
    write("v.vec", glove(words))
    write("c.toml", TINY.replace("epochs = 2", "epochs = 1000\npatience = 1000"))
    cut_short(tmp_path, *COMMAND, "m", "--vectors", "v.vec")
    write("v.vec", glove({**words, "quokka": [0.0] * 6}))
    for args in (["--vectors", "v.vec"], []):
        shown = run(*COMMAND, "m", "--resume", *args)
        assert shown.returncode == 2
        assert b"m.unfinished: was begun with other vectors: give the same" in shown.stderr
