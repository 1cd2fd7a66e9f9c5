"""`tagger train --encoder` as a user runs it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_train import DEMO, TINY
from tests.training.encoders import change_config, write_encoder

Write = Callable[[str, bytes | str], Path]
COMMAND = ("train", "a.conllu", "--dev", "a.conllu", "--no-segmenter", "--config", "c.toml", "-o")


@pytest.fixture
def corpus(write: Write, tmp_path: Path) -> None:
    """The first sentences of demo-en as a.conllu, settings of a tiny network, a tiny encoder."""
    blocks = (DEMO / "train.conllu").read_text(encoding="utf-8").split("\n\n")[:30]
    write("a.conllu", "\n\n".join(blocks) + "\n\n")
    write("c.toml", TINY)
    write_encoder(tmp_path / "encoder")


@pytest.mark.usefixtures("corpus")
def test_a_model_fine_tuned_from_an_encoder_does_without_its_folder(
    run: Run, tmp_path: Path
) -> None:
    made = run(*COMMAND, "m", "--encoder", "encoder")
    assert made.returncode == 0, made.stderr
    shutil.rmtree(tmp_path / "encoder")
    told = json.loads(run("info", "m", "--json").stdout)
    assert told["transformer"]["name"] == "encoder"
    assert told["settings"]["transformer"]["learning_rate"] == 1.5e-4
    assert told["settings"]["optimisation"]["learning_rate"] == 0.002
    assert b"\ntransformer encoder (bert, licence apache-2.0): 2 layers" in run("info", "m").stdout
    text = b"A quokka waits. Ann sees the dog.\n"
    tagged = run("predict", "-m", "m", "-f", "conllu", stdin=text)
    assert tagged.returncode == 0, tagged.stderr
    assert run("predict", "-m", "m", "-j", "2", "-f", "conllu", stdin=text).stdout == tagged.stdout
    scored = json.loads(run("evaluate", "-m", "m", "a.conllu", "--json").stdout)
    assert [s["value"] for s in scored] == [s["value"] for s in told["scores"]]
    timed = json.loads(run("bench", "m", "--seconds", "0.1").stdout)
    assert timed["stages"]["transformer"] > 0


@pytest.mark.usefixtures("corpus")
def test_the_same_seed_and_encoder_give_the_same_model(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run(*COMMAND, name, "--encoder", "encoder", "-q").returncode == 0
    for name in ("weights.safetensors", "transformer.onnx", "sentence.onnx"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--encoder", "nothing"], b"nothing: expected a Hugging Face encoder (config.json, "),
        (["--encoder", "other"], b"other/config.json: expected a model_type among bert, "),
        (["--encoder", "encoder", "--lm", "x"], b"--encoder: expected no --lm beside it"),
    ],
)
def test_what_cannot_be_is_one_sentence_before_anything_is_trained(
    run: Run, tmp_path: Path, options: list[str], problem: bytes
) -> None:
    shutil.copytree(tmp_path / "encoder", tmp_path / "other")
    change_config(tmp_path / "other", model_type="gpt2")
    made = run(*COMMAND, "m", *options)
    assert made.returncode == 2
    assert b"error: " + problem in made.stderr
    assert made.stderr.count(b"\n") == 1
    assert not (tmp_path / "m.unfinished").exists()


@pytest.mark.usefixtures("corpus")
def test_an_unknown_key_of_its_table_is_refused(run: Run, write: Write) -> None:
    write("c.toml", "[transformer]\nlearning_rat = 0.1\n")
    made = run(*COMMAND, "m", "--encoder", "encoder")
    assert made.returncode == 2
    assert b"transformer: unknown key 'learning_rat' (did you mean learning_rate?)" in made.stderr
