"""A language model over characters as a user makes and uses it."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_train import DEMO, TINY
from tests.training.character_corpus import CHARACTER_TOML
from tests.training.language_corpus import text

Write = Callable[[str, bytes | str], Path]


def test_a_text_becomes_a_language_model(run: Run, write: Write, tmp_path: Path) -> None:
    write("c.toml", CHARACTER_TOML)
    write("a.txt", text(2_000))
    made = run("pretrain", "a.txt", "--segmenter", "rules", "--config", "c.toml", "-o", "m")
    assert made.returncode == 0, made.stderr
    *_, report, sample, last = made.stderr.decode().splitlines()
    assert sample.startswith("    it writes: ")
    figures = r"held-out bits per character (\d\.\d{3}) forward,? (\d\.\d{3}) backward"
    assert re.search(rf"^step .* characters, loss .*{figures}, [0-9,]+ characters/s$", report)
    found = re.fullmatch(rf"{figures} over [0-9,]+ characters; wrote m", last)
    assert found is not None
    assert float(found[1]) < 3.0
    description = json.loads((tmp_path / "m" / "language-model.json").read_bytes())
    assert description["settings"]["kind"] == "characters"
    assert f"{description['bits_per_character']:.3f}" == found[1]
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert "Two LSTM language models over characters" in card
    assert f"| forward | {found[1]} |" in card


def test_settings_of_the_other_kind_are_one_sentence(run: Run, write: Write) -> None:
    write("c.toml", 'kind = "characters"\ntargets = 30\n')
    shown = run("pretrain", "a.txt", "--config", "c.toml", "-o", "m")
    assert shown.returncode == 2
    assert b"error: c.toml: 'targets' is a setting of kind = \"words\", these are" in shown.stderr


def test_text_is_written_and_scored(run: Run, character_model: Path) -> None:
    options = ("--temperature", "0", "--length", "3", "--seed", "1")
    shown = run("generate", character_model, "--prompt", "The hor", *options)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(b"The horse")
    scored = run(
        "generate", character_model, "--score", "-", stdin=b"Ann waits.\nZyxw the vutsr.\n"
    )
    assert scored.returncode == 0, scored.stderr
    rows = [line.split("\t") for line in scored.stdout.decode().splitlines()]
    assert [words for _, words in rows] == ["Ann waits .", "Zyxw the vutsr ."]
    assert all(re.fullmatch(r"\d+\.\d{3}", bits) for bits, _ in rows)
    assert float(rows[1][0]) > float(rows[0][0])
    assert re.fullmatch(
        r"29 characters, ends of sentences included: perplexity [0-9.]+, [0-9.]+ bits per "
        r"character; [0-9.]+ % unknown, each scored as one unknown character\n",
        scored.stderr.decode(),
    )


def test_a_model_is_built_on_it_and_does_without_its_folder(
    run: Run, write: Write, tmp_path: Path, character_model: Path
) -> None:
    blocks = (DEMO / "train.conllu").read_text(encoding="utf-8").split("\n\n")[:30]
    write("a.conllu", "\n\n".join(blocks) + "\n\n")
    write("c.toml", TINY)
    shutil.copytree(character_model, tmp_path / "lm")
    command = ("train", "a.conllu", "--dev", "a.conllu", "--no-segmenter", "--config", "c.toml")
    made = run(*command, "-o", "m", "--lm", "lm")
    assert made.returncode == 0, made.stderr
    again = run(*command, "-o", "m2", "--lm", "lm", "-q")
    assert again.returncode == 0, again.stderr
    for name in ("characters.onnx", "sentence.onnx", "characters.json", "weights.safetensors"):
        assert (tmp_path / "m" / name).read_bytes() == (tmp_path / "m2" / name).read_bytes()
    shutil.rmtree(tmp_path / "lm")
    told = run("info", "m").stdout.decode()
    assert "\nlanguage model lm over characters: 24 units a direction, " in told
    assert re.search(r" characters read, bits per character \d\.\d{3}, sha256 ", told)
    raw = b"A quokka waits. Ann sees the dog.\n"
    tagged = run("predict", "-m", "m", "-f", "conllu", stdin=raw)
    assert tagged.returncode == 0, tagged.stderr
    assert run("predict", "-m", "m", "-j", "2", "-f", "conllu", stdin=raw).stdout == tagged.stdout
    timed = json.loads(run("bench", "m", "--seconds", "0.1").stdout)
    assert timed["stages"]["characters"] > 0
    assert sum(timed["stages"].values()) == pytest.approx(1.0)
