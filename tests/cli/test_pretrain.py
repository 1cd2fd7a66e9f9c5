"""`tagger pretrain` as a user runs it: texts in, a folder out, signals, wrong use."""

import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.cli.test_resume import wait_for
from tests.training.language_corpus import TINY_TOML, lines, text

Write = Callable[[str, bytes | str], Path]
OPTIONS = ("--segmenter", "rules", "--config", "c.toml", "--epochs", "1.5")
COMMAND = ("pretrain", "a.txt", *OPTIONS, "-o")
SHORT = (*OPTIONS[:-1], "0.02", "-o")
TEXT = text(3_000)  # some 26,000 tokens


def start(folder: Path, *args: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tagger", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def weights(folder: Path) -> str:
    """The SHA-256 of what was learned."""
    return hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()


@pytest.fixture
def texts(write: Write) -> None:
    write("c.toml", TINY_TOML)
    write("a.txt", TEXT)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a training that nothing disturbed, and what it said."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "c.toml").write_text(TINY_TOML, encoding="utf-8")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8", newline="\n")
    process = start(folder, *COMMAND, "m")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return folder / "m", said.decode()


def test_a_text_becomes_a_language_model(whole: tuple[Path, str]) -> None:
    folder, said = whole
    assert {path.name for path in folder.parent.iterdir()} == {"a.txt", "c.toml", "m"}
    counts, *reports, last = said.splitlines()
    samples, reports = reports[1::2], reports[::2]
    assert all(re.fullmatch(r" +it writes: \S+( \S+)+", sample) for sample in samples)
    assert len({*samples}) == 3
    assert counts.endswith(f" held out, {len(forms(folder)):,} forms")
    assert [report.split(":")[0] for report in reports] == [
        "step 58/172",
        "step 115/172",
        "step 172/172",
    ]
    assert last.endswith(" tokens; wrote m")
    description = json.loads((folder / "language-model.json").read_bytes())
    assert description["steps"] == 172
    assert description["command"] == f"tagger {' '.join(COMMAND)} m"
    assert description["segmenter"] == "rules"
    (record,) = description["data"]
    assert record["name"] == "a.txt"
    assert record["sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    held_out = description["held_out"]
    assert f"held-out perplexity {held_out['forward']:.1f} forward" in last
    assert max(held_out["forward"], held_out["backward"]) < 20
    metrics = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["step"] for row in metrics] == [58, 115, 172]


def test_tokens_need_no_segmenter(run: Run, texts: None) -> None:
    asked = ("--input", "tokens", "--config", "c.toml", "--epochs", "0.02")
    found = run("pretrain", "a.txt", *asked, "--segmenter", "none-such", "-o", "m")
    assert found.returncode == 0, found.stderr


def forms(folder: Path) -> list[str]:
    """The forms that the model can predict, two special ones among them: here all there are."""
    targets: list[str] = json.loads((folder / "vocabulary.json").read_bytes())["targets"]
    return targets


@pytest.mark.usefixtures("texts")
def test_standard_input_files_and_compressed_ones_are_read_alike(
    run: Run, write: Write, tmp_path: Path, whole: tuple[Path, str]
) -> None:
    half = len("\n".join(lines(3_000)[:1_500])) + 1
    write("b.txt.gz", gzip.compress(TEXT[:half].encode()))
    write("c.txt", TEXT[half:])
    made = run("pretrain", "b.txt.gz", "c.txt", *SHORT, "m")
    assert made.returncode == 0, made.stderr
    (tmp_path / "n").mkdir()
    write("n/language-model.json", "old")
    piped = run("pretrain", *SHORT, "n", "--force", "-q", stdin=TEXT.encode())
    assert (piped.returncode, piped.stderr) == (0, b"")
    assert made.stdout == piped.stdout == b""
    assert weights(tmp_path / "m") == weights(tmp_path / "n")
    for name in "mn":
        assert forms(tmp_path / name) == forms(whole[0])
    description = json.loads((tmp_path / "n" / "language-model.json").read_bytes())
    assert [(record["name"], record["sha256"]) for record in description["data"]] == [
        ("<stdin>", "")
    ]


@pytest.mark.usefixtures("texts")
def test_a_signal_saves_the_state_and_the_same_command_goes_on(
    tmp_path: Path, run: Run, whole: tuple[Path, str]
) -> None:
    process = start(tmp_path, *COMMAND, "m")
    wait_for(tmp_path / "m.unfinished" / "language-model.safetensors")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM == 143
    assert b"stopping behind this step; once more stops at once" in said
    *_, last = said.decode().splitlines()
    step, _, how = last.removeprefix("saved behind ").partition("; ")
    assert how == f"to go on: tagger {' '.join(COMMAND)} m --resume"
    assert not (tmp_path / "m").exists()
    again = run(*COMMAND, "m")
    assert again.returncode == 2
    assert b"m.unfinished: holds a training that was interrupted: --resume" in again.stderr
    resumed = run(*COMMAND, "m", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert f"going on behind {step} of 172\n" in resumed.stderr.decode()
    assert weights(tmp_path / "m") == weights(whole[0])
    assert len((tmp_path / "m" / "metrics.jsonl").read_bytes().splitlines()) == 3
    assert not (tmp_path / "m.unfinished").exists()


@pytest.mark.usefixtures("texts")
def test_a_signal_while_text_is_cut_begins_again_with_the_text(
    tmp_path: Path, run: Run, whole: tuple[Path, str]
) -> None:
    """The text comes slowly, so that a second process meets the first at work."""
    command = ("pretrain", *SHORT, "m")
    process = start(tmp_path, *command)
    assert process.stdin is not None
    process.stdin.write(TEXT[:50_000].encode())
    process.stdin.flush()
    wait_for(tmp_path / "m.unfinished" / "run.json")
    second = run(*command, "--resume", stdin=TEXT.encode())
    assert second.returncode == 2
    assert b"m.unfinished: another training is at work there" in second.stderr
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(TEXT[50_000:].encode(), timeout=60)
    assert process.returncode == 143
    expected = (
        f"stopped while the text was cut; to begin again: tagger {' '.join(command)} --resume"
    )
    assert expected in said.decode()
    again = run(*command, "--resume", stdin=TEXT.encode())
    assert again.returncode == 0, again.stderr
    assert forms(tmp_path / "m") == forms(whole[0])


@pytest.mark.usefixtures("texts")
def test_text_from_standard_input_is_not_read_again_once_it_was_cut(
    tmp_path: Path, run: Run, whole: tuple[Path, str]
) -> None:
    command = ("pretrain", *OPTIONS, "-o", "m")
    process = start(tmp_path, *command)
    assert process.stdin is not None
    process.stdin.write(TEXT.encode())
    process.stdin.close()
    process.stdin = None
    wait_for(tmp_path / "m.unfinished" / "language-model.safetensors")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    resumed = run(*command, "--resume", stdin=b"Another text.\n" * 2_000)
    assert resumed.returncode == 0, resumed.stderr
    assert weights(tmp_path / "m") == weights(whole[0])


@pytest.mark.usefixtures("texts")
def test_bytes_that_are_not_utf_8_are_replaced_on_demand(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("a.txt", TEXT.encode() + b"Ann sees \xff.\n" * 5)
    command = ("pretrain", "a.txt", *SHORT, "m")
    refused = run(*command)
    assert refused.returncode == 2
    assert b"a.txt:3001:10: expected UTF-8, found the byte 0xff" in refused.stderr
    assert b"--errors replace" in refused.stderr
    assert not (tmp_path / "m.unfinished").exists()
    made = run(*command, "--errors", "replace")
    assert made.returncode == 0, made.stderr
    assert "\ufffd" in forms(tmp_path / "m")
    assert run(*command, "--force", "--errors", "keep").returncode == 2


FEW = text(20)


@pytest.mark.parametrize(
    ("args", "content", "message"),
    [
        ([], FEW, "expected more text (one passage of 200 tokens in 100 is held out), found "),
        ([], FEW.encode() + b"\xff\n", "a.txt:21:1: expected UTF-8, found the byte 0xff"),
        ([], '{"text": "Ann sees Bob."}\n' * 9, "a.txt: expected text or CoNLL, found JSON lines"),
        (["--segmenter", "nobody"], FEW, "nobody"),
        (["b.txt"], FEW, "b.txt: no such file"),
        (["-o", "foreign"], FEW, "foreign: is a folder of something else; choose another name"),
        (["-o", "there"], FEW, "there: holds a language model already; choose another name, or "),
        (["--config", "bad.toml"], FEW, "bad.toml: unknown key 'windw' (did you mean window?)"),
        (["--epochs", "0"], FEW, "options: epochs: expected `float` > 0.0"),
    ],
)
def test_wrong_texts_and_options_are_one_sentence_and_leave_nothing(
    run: Run, write: Write, tmp_path: Path, args: list[str], content: str | bytes, message: str
) -> None:
    write("a.txt", content)
    write("c.toml", TINY_TOML)
    write("bad.toml", "windw = 3\n")
    for name, file in (("foreign", "thing"), ("there", "language-model.json")):
        (tmp_path / name).mkdir()
        write(f"{name}/{file}", "")
    before = sorted(tmp_path.rglob("*"))
    shown = run("pretrain", "a.txt", "--segmenter", "rules", "-o", "m", *args)
    assert shown.returncode == 2
    (error,) = [e for e in shown.stderr.decode().splitlines() if e.startswith("error: ")]
    assert message in error
    assert b"Traceback" not in shown.stderr
    assert sorted(tmp_path.rglob("*")) == before
