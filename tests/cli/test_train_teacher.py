"""`tagger train --teacher` as a user runs it."""

import fcntl
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_resume import cut_short
from tests.cli.test_train import DEMO, TINY
from tests.training.encoders import write_encoder

Write = Callable[[str, bytes | str], Path]
COMMAND = ("train", "a.conllu", "--dev", "d.conllu", "--no-segmenter", "--config", "c.toml")
TAUGHT = (*COMMAND, "--text", "a.txt", "--text", "b.txt.gz", "--text-segmenter", "rules")
WEIGHTS = "weights.safetensors"


@pytest.fixture(autouse=True)
def files(write: Write) -> None:
    """Thirty sentences of demo-en, ten of its dev, two texts, settings of a tiny network."""
    blocks = (DEMO / "train.conllu").read_text(encoding="utf-8").split("\n\n")
    write("a.conllu", "\n\n".join(blocks[:30]) + "\n\n")
    dev = (DEMO / "dev.conllu").read_text(encoding="utf-8").split("\n\n")[:10]
    write("d.conllu", "\n\n".join(dev) + "\n\n")
    write("c.toml", TINY + "[distillation]\nmin_count = 2\n")
    news = (DEMO / "news.txt").read_bytes()
    (text,) = (row[9:] for row in dev[1].splitlines() if row.startswith("# text = "))
    write("a.txt", news + f"\n\n{text}\n\n".encode())
    write("b.txt.gz", gzip.compress(b"Ann saw the river in Bath .\nMia did not .\n" * 20))


def test_a_student_learns_from_its_teacher_and_says_so(
    run: Run, tmp_path: Path, tiny_model: Path
) -> None:
    made = run(*TAUGHT, "--teacher", tiny_model, "--labels", "labels", "-o", "m")
    assert made.returncode == 0, made.stderr
    said = made.stderr.decode()
    assert "left out: 1 sentences of dev or test, 0 that are too long" in said
    assert "labelled by the teacher" in said
    told = json.loads(run("info", "m", "--json").stdout)
    assert told["distillation"]["teachers"][0]["name"] == "tiny"
    assert [text["name"] for text in told["distillation"]["texts"]] == ["a.txt", "b.txt.gz"]
    assert told["settings"]["distillation"]["min_count"] == 2
    assert told["settings"]["encoder"]["dropout"] == 0.2
    assert b"\ntaught by tiny on " in run("info", "m").stdout
    assert "tiny" in (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    words = json.loads((tmp_path / "m" / "vocabulary.json").read_bytes())["words"]
    assert {"mia", "river"} <= set(words)
    tagged = run("predict", "-m", "m", "-f", "pairs", stdin=b"Ann saw the river.\n")
    assert tagged.returncode == 0, tagged.stderr


def test_labels_are_made_once_and_serve_other_trainings(
    run: Run, tmp_path: Path, tiny_model: Path
) -> None:
    one = (*TAUGHT, "--teacher", tiny_model, "--labels", "labels")
    assert run(*one, "-o", "a").returncode == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "labels").iterdir()}
    again = run(*one, "-o", "b")
    assert again.returncode == 0, again.stderr
    assert b"labelling" not in again.stderr
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "labels").iterdir()}
    assert (tmp_path / "a" / WEIGHTS).read_bytes() == (tmp_path / "b" / WEIGHTS).read_bytes()
    with (tmp_path / "labels" / "lock").open("wb") as lock:  # as another training would
        fcntl.flock(lock, fcntl.LOCK_EX)
        beside = run(*one, "--text-tokens", "60", "-o", "d")
        assert beside.returncode == 0, beside.stderr
        more = run(*one, "--text-tokens", "20000000", "-o", "e")
    assert more.returncode == 2
    assert b"labels: another training is at work there" in more.stderr
    fewer = run(*one, "--text-tokens", "50", "-o", "c")
    assert fewer.returncode == 0, fewer.stderr
    assert b"labelling" not in fewer.stderr
    other = run(*one, "--keep-out", "a.conllu", "-o", "c", "--force")
    assert other.returncode == 2
    assert b"holds labels made with other kept_out: name another folder" in other.stderr


def test_an_encoder_is_fine_tuned_to_be_the_teacher(run: Run, tmp_path: Path) -> None:
    write_encoder(tmp_path / "encoder")
    one = (*TAUGHT, "--teacher", "encoder", "--labels", "labels")
    made = run(*one, "-o", "m")
    assert made.returncode == 0, made.stderr
    assert b"teacher-1: fine-tuning encoder\n" in made.stderr
    told = json.loads(run("info", "m", "--json").stdout)
    assert [teacher["name"] for teacher in told["distillation"]["teachers"]] == ["encoder"]
    assert "transformer" not in told
    again = run(*one, "-o", "n")  # all was said already
    assert again.returncode == 0, again.stderr
    assert b"fine-tuning" not in again.stderr
    assert (tmp_path / "m" / WEIGHTS).read_bytes() == (tmp_path / "n" / WEIGHTS).read_bytes()
    other = run(*one, "--seed", "2", "-o", "n", "--force")
    assert other.returncode == 2
    assert b"holds labels made with other teachers" in other.stderr


def test_a_teacher_being_made_of_an_encoder_goes_on_after_a_kill(run: Run, tmp_path: Path) -> None:
    write_encoder(tmp_path / "encoder")
    whole = run(*TAUGHT, "--teacher", "encoder", "-o", "whole")
    assert whole.returncode == 0, whole.stderr
    cut_short(tmp_path, *TAUGHT, "--teacher", "encoder", "-o", "m", part="teacher-1")
    resumed = run(*TAUGHT, "--teacher", "encoder", "-o", "m", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert b"teacher-1: going on behind step" in resumed.stderr
    assert (tmp_path / "whole" / WEIGHTS).read_bytes() == (tmp_path / "m" / WEIGHTS).read_bytes()


def test_text_from_stdin_is_labelled_for_one_training(run: Run, tiny_model: Path) -> None:
    taught = (*COMMAND, "--text", "-", "--text-segmenter", "rules", "--teacher", tiny_model)
    made = run(*taught, "-o", "m", stdin=b"Mia saw the river in Bath.\n\n" * 20)
    assert made.returncode == 0, made.stderr
    told = json.loads(run("info", "m", "--json").stdout)
    assert told["distillation"]["texts"][0]["name"] == "<stdin>"


def test_two_teachers_say_their_mean(run: Run, tiny_model: Path, toy_model: Path) -> None:
    made = run(*TAUGHT, "--teacher", tiny_model, "--teacher", toy_model, "-o", "m")
    assert made.returncode == 0, made.stderr
    assert b"\ntaught by tiny, toy on " in run("info", "m").stdout


@pytest.mark.parametrize("kind", ["soft", "tags"])
def test_a_file_of_labels_teaches(run: Run, write: Write, kind: str) -> None:
    tags = ["PRON", "VERB", "PROPN"]
    said = {"distributions": {"upos": [{tag: 0.75, "NOUN": 0.25} for tag in tags]}}
    row = {"tokens": ["I", "like", "Rome"], **(said if kind == "soft" else {"upos": tags})}
    write("said.jsonl", (json.dumps(row) + "\n") * 20)
    made = run(*COMMAND, "--teacher", "said.jsonl", "-o", "m")
    assert made.returncode == 0, made.stderr
    assert b"60 tokens of 20 sentences, labelled by the teacher" in made.stderr
    assert json.loads(run("info", "m", "--json").stdout)["distillation"]["tokens"] == 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--teacher", "en"], "--teacher: expected --text FILE beside it, found none"),
        (["--text", "a.txt"], "--text: expected --teacher beside it, found none"),
        (["--labels", "l"], "--labels: expected --teacher beside it, found none"),
        (["--keep-out", "d.conllu"], "--keep-out: expected --teacher beside it, found none"),
        (["--text-tokens", "5"], "--text-tokens: expected --teacher beside it, found none"),
        (["--teacher", "d.conllu", "--text", "a.txt"], "--text: d.conllu has the text already"),
        (["--teacher", "d.conllu", "--teacher", "en"], "d.conllu: a file of labels teaches alone"),
        (["--teacher", "nowhere", "--text", "a.txt"], "nowhere"),
        (["--teacher", "en", "--text", "no.txt"], "no.txt"),
        (
            ["--teacher", "en", "--text", "-", "--labels", "l"],
            "--labels: expected texts that can be known again, found standard input",
        ),
        (["--teacher", "en", "--text", "a.txt", "--lm", "x"], "--teacher: not together with --lm"),
        (["--teacher", "en", "--text", "a.txt", "--encoder", "x"], "not together with --encoder"),
    ],
)
def test_what_is_missing_or_does_not_go_together_is_one_sentence(
    run: Run, tmp_path: Path, options: list[str], message: str
) -> None:
    shown = run(*COMMAND, *options, "-o", "m")
    assert shown.returncode == 2
    assert message in shown.stderr.decode().splitlines()[-1]
    assert "Traceback" not in shown.stderr.decode()
    assert not {"m", "m.unfinished"} & {path.name for path in tmp_path.iterdir()}


def test_a_training_goes_on_with_the_same_teacher_only(
    run: Run, write: Write, tmp_path: Path, tiny_model: Path
) -> None:
    write("slow.toml", TINY.replace("epochs = 2", "epochs = 60\npatience = 60"))
    command = [str(w).replace("c.toml", "slow.toml") for w in (*TAUGHT, "--teacher", tiny_model)]
    cut_short(tmp_path, *command, "-o", "m")
    assert (tmp_path / "m.unfinished" / "labels").is_dir()
    shown = run(*command, "--keep-out", "a.conllu", "-o", "m", "--resume")
    assert shown.returncode == 2
    assert b"was begun with other distillation" in shown.stderr
    again = run(*command, "-o", "m", "--resume")
    assert again.returncode == 0, again.stderr
    assert b"tagger: going on behind step" in again.stderr
    assert b"labelling" not in again.stderr
    assert not (tmp_path / "m.unfinished").exists()
