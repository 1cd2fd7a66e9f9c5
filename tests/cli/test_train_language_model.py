"""`tagger train --lm` as a user runs it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.cli.test_resume import cut_short
from tests.cli.test_train import DEMO, TINY

Write = Callable[[str, bytes | str], Path]
COMMAND = ("train", "a.conllu", "--dev", "a.conllu", "--no-segmenter", "--config", "c.toml", "-o")


@pytest.fixture
def corpus(write: Write) -> None:
    """The first sentences of demo-en as a.conllu, and settings of a tiny network."""
    blocks = (DEMO / "train.conllu").read_text(encoding="utf-8").split("\n\n")[:30]
    write("a.conllu", "\n\n".join(blocks) + "\n\n")
    write("c.toml", TINY)


@pytest.mark.usefixtures("corpus")
def test_a_model_is_built_on_a_language_model_and_does_without_its_folder(
    run: Run, tmp_path: Path, language_model: Path
) -> None:
    shutil.copytree(language_model, tmp_path / "lm")
    made = run(*COMMAND, "m", "--lm", "lm")
    assert made.returncode == 0, made.stderr
    assert b"reading the corpora with the language model" in made.stderr
    shutil.rmtree(tmp_path / "lm")
    told = json.loads(run("info", "m", "--json").stdout)
    assert told["language_model"]["name"] == "lm"
    assert told["settings"]["language_model"]["size"] == 128
    assert b"\nlanguage model lm over words: 12 units a direction" in run("info", "m").stdout
    text = b"A quokka waits. Ann sees the dog.\n"
    tagged = run("predict", "-m", "m", "-f", "conllu", stdin=text)
    assert tagged.returncode == 0, tagged.stderr
    assert run("predict", "-m", "m", "-j", "2", "-f", "conllu", stdin=text).stdout == tagged.stdout


@pytest.fixture
def tuned(write: Write) -> None:
    """Settings that fine-tune."""
    write("c.toml", TINY + "[language_model]\nfine_tune = true\n")


@pytest.mark.usefixtures("corpus", "tuned")
def test_a_language_model_is_fine_tuned_and_the_model_says_so(
    run: Run, tmp_path: Path, language_model: Path
) -> None:
    made = run(*COMMAND, "m", "--lm", language_model)
    assert made.returncode == 0, made.stderr
    said = b"fine-tuning the language model: what it says is computed anew at every step\n"
    assert said in made.stderr
    assert b"reading the corpora with" not in made.stderr
    told_of = b"\nlanguage model lm over words, fine-tuned: 12 units a direction"
    assert told_of in run("info", "m").stdout
    told = json.loads(run("info", "m", "--json").stdout)
    assert told["language_model"]["fine_tuned"] is True
    assert b"fine-tuned with the tagger" in (tmp_path / "m" / "README.md").read_bytes()
    text = b"A quokka waits. Ann sees the dog.\n"
    tagged = run("predict", "-m", "m", "-f", "conllu", stdin=text)
    assert tagged.returncode == 0, tagged.stderr
    assert run("predict", "-m", "m", "-j", "2", "-f", "conllu", stdin=text).stdout == tagged.stdout


@pytest.mark.usefixtures("corpus", "tuned")
def test_a_fine_tuning_that_was_killed_goes_on_to_the_same_model(
    run: Run, write: Write, tmp_path: Path, language_model: Path
) -> None:
    settings = TINY.replace("epochs = 2", "epochs = 15\npatience = 15")
    write("c.toml", settings + "[language_model]\nfine_tune = true\n")
    assert run(*COMMAND, "whole", "--lm", language_model).returncode == 0
    cut_short(tmp_path, *COMMAND, "m", "--lm", str(language_model))
    assert not [*(tmp_path / "m.unfinished").glob("*.states*")]
    write("frozen.toml", settings)
    frozen = [word.replace("c.toml", "frozen.toml") for word in COMMAND]
    shown = run(*frozen, "m", "--resume", "--lm", language_model)
    assert b"was begun with other settings" in shown.stderr
    again = run(*COMMAND, "m", "--resume", "--lm", language_model)
    assert again.returncode == 0, again.stderr
    assert b"tagger: going on behind step" in again.stderr
    for name in ("weights.safetensors", "lexical.onnx", "sentence.onnx"):
        assert (tmp_path / "m" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.usefixtures("corpus", "tuned")
def test_there_is_nothing_to_fine_tune_without_a_language_model(run: Run, tmp_path: Path) -> None:
    made = run(*COMMAND, "m")
    assert made.returncode == 2
    expected = b"error: language_model.fine_tune: expected --lm FOLDER beside it, found none\n"
    assert made.stderr == expected
    assert not (tmp_path / "m.unfinished").exists()


@pytest.mark.usefixtures("corpus", "tuned")
def test_a_language_model_over_characters_is_not_fine_tuned(
    run: Run, tmp_path: Path, character_model: Path
) -> None:
    made = run(*COMMAND, "m", "--lm", character_model)
    assert made.returncode == 2
    problem = b"error: characters: expected a language model over words to fine-tune, found one"
    assert problem in made.stderr
    assert not (tmp_path / "m.unfinished").exists()


@pytest.mark.usefixtures("corpus")
def test_the_same_seed_and_language_model_give_the_same_model(
    run: Run, tmp_path: Path, language_model: Path
) -> None:
    for name in ("a", "b"):
        assert run(*COMMAND, name, "--lm", language_model, "-q").returncode == 0
    for name in ("weights.safetensors", "lexical.onnx", "sentence.onnx", "vocabulary.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.usefixtures("corpus")
def test_what_is_no_language_model_is_one_sentence_before_anything_is_trained(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "nowhere", ROOT / "models" / "en"):
        shown = run(*COMMAND, "m", "--lm", folder)
        assert shown.returncode == 2
        expected = f"error: {folder}: not a language model: language-model.json is missing\n"
        assert shown.stderr.decode().endswith(expected)
    assert not {"m", "m.unfinished"} & {path.name for path in tmp_path.iterdir()}


@pytest.mark.usefixtures("corpus")
def test_a_training_goes_on_with_the_same_language_model_only(
    run: Run, write: Write, tmp_path: Path, language_model: Path
) -> None:
    whole = run(*COMMAND, "whole", "--lm", language_model)
    assert whole.returncode == 0
    write("slow.toml", TINY.replace("epochs = 2", "epochs = 400\npatience = 400"))
    command = [word.replace("c.toml", "slow.toml") for word in COMMAND]
    cut_short(tmp_path, *command, "m", "--lm", str(language_model))
    assert (tmp_path / "m.unfinished" / "train.states").is_file()
    shown = run(*command, "m", "--resume")
    assert shown.returncode == 2
    assert b"was begun with other language_model" in shown.stderr
    again = run(*command, "m", "--resume", "--lm", language_model)
    assert again.returncode == 0, again.stderr
    assert b"tagger: going on behind step" in again.stderr
    assert not (tmp_path / "m.unfinished").exists()
