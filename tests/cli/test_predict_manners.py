"""`tagger predict` among other programs: pipes, answers in time, odd bytes, little memory."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from tests.cli.conftest import ROOT, Run

Write = Callable[[str, bytes | str], Path]
HEAVY = "torch seqeval sklearn scipy onnx rich zstandard pandas".split()
TOKEN = "1\tAda\tAda\tPROPN\t_\t_\t0\troot\t_\t_\n"


class Talk:
    """A process that is told something and asked what it says to it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._lines: Queue[bytes] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)

    def tell(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def answer(self, seconds: float = 30) -> str:
        """The next line; raises queue.Empty where none comes in time."""
        return self._lines.get(timeout=seconds).decode()

    def is_silent(self) -> bool:
        return self._lines.empty()


@contextmanager
def talking_to(model: Path, *args: str) -> Iterator[Talk]:
    with subprocess.Popen(
        [sys.executable, "-m", "tagger", "predict", "-m", str(model), *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        try:
            yield Talk(process)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_a_line_is_answered_before_the_next_is_written(tiny_model: Path) -> None:
    args = ("--line-buffered", "-f", "inline", "--input", "lines", "-t", "ner", "-j", "2")
    with talking_to(tiny_model, *args) as talk:
        for line in ("It rained.", "", "", "Why?", " "):
            talk.tell(f"{line}\n")
            assert talk.answer().replace("[", "").endswith(f"{line.strip()}\n")
            assert talk.is_silent()


def test_a_block_is_answered_before_the_next_is_written(tiny_model: Path) -> None:
    with talking_to(tiny_model, "--line-buffered", "-q") as talk:
        for number in range(3):
            talk.tell(f"# sent_id = {number}\n{TOKEN}\n")
            assert talk.answer() == f"# sent_id = {number}\n"
            assert talk.answer().startswith("1\tAda\tAda\t")
            assert talk.answer() == "\n"


def test_a_document_is_answered_before_the_next_is_written(tiny_model: Path) -> None:
    with talking_to(tiny_model, "--line-buffered") as talk:
        for number in range(3):
            talk.tell(f'{{"id": {number}, "text": "It rained."}}\n')
            assert talk.answer().startswith(f'{{"id":{number},')


def test_output_that_nobody_reads_any_more_ends_it_in_peace(tiny_model: Path) -> None:
    command = f"{sys.executable} -m tagger predict -m {tiny_model}"
    shown = subprocess.run(
        ["bash", "-c", f"yes 'Ada met Bob.' | {command} | head -n 1; echo ${{PIPESTATUS[1]}}"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
    assert shown.stdout.splitlines() == [b"# text = Ada met Bob.", b"0"]
    assert shown.stderr == b""


def test_bytes_that_are_not_utf8_are_an_error_or_replaced_or_kept(
    run: Run, write: Write, tiny_model: Path
) -> None:
    write("a.txt", b"Good.\ncaf\xe9 noir\n")

    def shown(errors: str) -> "subprocess.CompletedProcess[bytes]":
        return run("predict", "-m", tiny_model, "-f", "tsv", "--errors", errors, "a.txt")

    strict, replaced, kept = (shown(errors) for errors in ("strict", "replace", "keep"))
    assert strict.returncode == 2
    assert strict.stderr.startswith(b"error: a.txt:2:4: expected UTF-8, found the byte 0xe9")
    assert b"Good\t" in strict.stdout
    assert (replaced.returncode, kept.returncode) == (0, 0)
    assert "\n\ufffd\t9\t10\t".encode() in replaced.stdout
    assert b"\n\xe9\t9\t10\t" in kept.stdout
    assert kept.stdout.startswith(strict.stdout)


def test_a_missing_second_file_is_said_when_the_first_is_written(
    run: Run, write: Write, tiny_model: Path
) -> None:
    write("a.txt", "It rained.\n")
    shown = run("predict", "-m", tiny_model, "a.txt", "no.txt", "-f", "tsv")
    assert shown.returncode == 2
    assert shown.stderr == b"error: no.txt: no such file\n"
    assert shown.stdout.count(b"a.txt\t") == 3


def test_a_broken_model_is_one_sentence_whatever_the_processes(
    run: Run, tiny_model: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in tiny_model.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / "sentence.onnx").write_bytes(b"no graph")
    text = b"Just a line of text that comes again and again.\n" * 20_000
    said = [run("predict", "-m", "broken", "-j", jobs, stdin=text) for jobs in (1, 2)]
    for shown in said:
        assert (shown.returncode, shown.stdout) == (2, b"")
        assert shown.stderr.startswith(b"error: broken/sentence.onnx: not a usable ONNX graph")
        assert shown.stderr.count(b"\n") == 1


def test_many_processes_give_what_one_gives(run: Run, tiny_model: Path) -> None:
    text = "".join(f"Ada met number {i} in Leeds. Why?\n" for i in range(12_000)).encode()
    one, *others = [run("predict", "-m", tiny_model, "-j", jobs, stdin=text) for jobs in (1, 3)]
    assert one.stdout.count(b"# text = Why?\n") == 12_000
    assert all(shown.stdout == one.stdout for shown in others)
    assert all(shown.stderr == b"" for shown in others)


def test_a_line_of_50_000_tokens_is_rebuilt_from_its_offsets(run: Run, tiny_model: Path) -> None:
    text = " ".join(f"w{i % 997}" for i in range(50_000)) + "\n"
    shown = run("predict", "-m", tiny_model, "-f", "tsv", stdin=text.encode())
    assert shown.returncode == 0, shown.stderr
    _, *rows = [line.split("\t", 3) for line in shown.stdout.decode().split("\n") if line]
    rebuilt = [" "] * (len(text) - 1)
    for form, start, end, _ in rows:
        rebuilt[int(start) : int(end)] = form
    assert len(rows) == 50_000
    assert "".join(rebuilt) == text[:-1]


@pytest.mark.parametrize("kind", ["raw", "conllu"])
def test_nothing_heavy_is_imported_for_a_sentence(tiny_model: Path, kind: str) -> None:
    code = (
        "import sys\n"
        "from tagger.cli.app import app_for\n"
        f"arguments = ['predict', '-q', '-m', {str(tiny_model)!r}]\n"
        "try:\n"
        "    app_for(arguments)(arguments)\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=b"Ada left.\n" if kind == "raw" else f"{TOKEN}\n".encode(),
        cwd=ROOT,
        capture_output=True,
        timeout=60,
    )
    assert done.stdout.count(b"Ada\t") >= 1
    assert (done.returncode, done.stderr) == (0, b"[]\n")
