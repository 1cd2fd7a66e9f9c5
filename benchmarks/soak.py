"""Tags without end through a pipe: is every line answered, in order, in the same memory? As JSON.

    python -m benchmarks.soak [--minutes 60] [--seed 1] [--model en]

Lines of the demo text, one in four spoilt as tests/corpus/mutations.py spoils files (byte order
marks, no-break spaces, carriage returns, bytes that are no UTF-8, NUL), empty ones, binary ones and
now and then a word of 300,000 characters, go into one `tagger predict` after the other, each in a
format of its own, for its share of the time. Every line must come back in its place, with its text
where the format has it. Memory is sampled each second: at the start is the most of the first fifth
of a process's time, in which all kinds of lines come, at the end that of the last. Exits with 1
where a line is missing, another, or out of place.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from tests.corpus.mutations import MUTATIONS

DEMO = Path(__file__).parent.parent / "corpora" / "demo-en" / "train.conllu"
SPOILT, EMPTY, BINARY = 0.25, 0.03, 0.01  # shares of the lines
GIANT_EVERY = 50_000  # lines
GIANT = b"x" * 300_000
LONGEST_LINE = 2_000  # bytes, but for giants
AT_ONCE = 200  # lines
PARTS = 5  # of a process's time; memory is compared between the first and the last


class Line(NamedTuple):
    """A line as it goes in, and what must come back of it."""

    sent: bytes
    number: int
    text: str


def plain(number: int, content: bytes) -> Line:
    """A line of text that begins with its number; an empty one stays empty."""
    sent = b"%d %s" % (number, content) if content else b""
    return Line(sent, number, sent.decode("utf-8", "replace"))


def document(number: int, content: bytes) -> Line:
    """A JSON line."""
    text = content.decode("utf-8", "replace")
    return Line(msgspec.json.encode({"id": number, "text": text}), number, text)


def is_same_text(line: Line, answer: bytes) -> bool:
    """Whether a sentence as JSON has the very text of the line."""
    return bool(msgspec.json.decode(answer)["text"] == line.text)


def is_same_document(line: Line, answer: bytes) -> bool:
    """Whether a document has its id and its text."""
    found = msgspec.json.decode(answer)
    return bool(found["id"] == line.number and found["text"] == line.text)


def is_numbered(line: Line, answer: bytes) -> bool:
    """Whether the first word is the line's number, tagged; an empty line has an empty answer."""
    return answer.startswith(b"%d/" % line.number) if line.sent else not answer


class Way(NamedTuple):
    """What goes in and comes out."""

    input: str
    format: str
    make: Callable[[int, bytes], Line]
    fits: Callable[[Line, bytes], bool]


WAYS = (
    Way("lines", "jsonl", plain, is_same_text),
    Way("tokens", "inline", plain, is_numbered),
    Way("jsonl", "jsonl", document, is_same_document),
)


class Soak:
    """One process that tags for a while."""

    def __init__(self, way: Way, model: str, seconds: float, random: Random) -> None:
        self.way, self.seconds, self.random = way, seconds, random
        self.waiting: deque[Line] = deque()
        self.lines = self.tokens = 0
        self.memory: list[int] = []
        self.problems: list[str] = []
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tagger", "predict", "-q", "-j", "1", "-m", model),
                *("--errors", "replace", "--input", way.input, "-f", way.format),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self) -> dict[str, object]:
        """Sends and reads until the time is over; what is to be told of it."""
        began = time.monotonic()
        threads = [threading.Thread(target=work) for work in (self._send, self._watch)]
        for thread in threads:
            thread.start()
        self._read()
        code = self.process.wait()
        for thread in threads:
            thread.join()
        if code or self.waiting:
            self.problems.append(f"exit code {code}, {len(self.waiting)} lines without an answer")
        part = max(1, len(self.memory) // PARTS)
        return {
            "input": self.way.input,
            "format": self.way.format,
            "lines": self.lines,
            "tokens_per_second": round(self.tokens / (time.monotonic() - began)),
            "megabytes_start": max(self.memory[:part], default=0) // 2**20,
            "megabytes_end": max(self.memory[-part:], default=0) // 2**20,
            "problems": self.problems[:5],
        }

    def _send(self) -> None:
        stream, number, end = self.process.stdin, 0, time.monotonic() + self.seconds
        assert stream is not None
        texts = demo_texts()
        try:
            while time.monotonic() < end and not self.problems:
                found = []
                for _ in range(AT_ONCE):
                    number += 1
                    found.append(self.way.make(number, content(self.random, texts, number)))
                self.waiting.extend(found)
                stream.write(b"".join(line.sent + b"\n" for line in found))
            stream.close()
        except BrokenPipeError:
            self.problems.append("it reads no more")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for answer in self.process.stdout:
            line = self.waiting.popleft()
            self.lines += 1
            self.tokens += line.text.count(" ") + 1
            if not self.way.fits(line, answer.rstrip(b"\n")) and len(self.problems) < 5:
                self.problems.append(f"line {line.number}: {line.sent[:200]!r}: {answer[:200]!r}")

    def _watch(self) -> None:
        status = Path(f"/proc/{self.process.pid}/status")
        while self.process.poll() is None:
            for row in status.read_text(encoding="ascii").splitlines():
                if row.startswith("VmRSS:"):
                    self.memory.append(int(row.split()[1]) * 1024)
            time.sleep(1)


def demo_texts() -> list[bytes]:
    """The sentences of the demo corpus."""
    lines = DEMO.read_bytes().splitlines()
    return [line.removeprefix(b"# text = ") for line in lines if line.startswith(b"# text = ")]


def content(random: Random, texts: list[bytes], number: int) -> bytes:
    """What a line holds: no line feed, and giants as often as said."""
    if number % GIANT_EVERY == 1_000:
        return GIANT
    luck = random.random()
    if luck < EMPTY:
        return b""
    if luck < EMPTY + BINARY:
        found = random.randbytes(60)
    else:
        found = random.choice(texts)
        for _ in range(random.randint(1, 3) if random.random() < SPOILT else 0):
            found = random.choice(MUTATIONS)(random, found)
    return found.replace(b"\n", b" ")[:LONGEST_LINE]


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="en")
    options = parser.parse_args()
    random, seconds = Random(options.seed), 60 * options.minutes / len(WAYS)
    found = [Soak(way, options.model, seconds, random).run() for way in WAYS]
    print(json.dumps({"lines": sum(int(str(of["lines"])) for of in found), "ways": found}))
    sys.exit(1 if any(of["problems"] for of in found) else 0)


if __name__ == "__main__":
    main()
