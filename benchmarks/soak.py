"""Tags without end through a pipe: is every line answered, in order, in the same memory? As JSON.

    python -m benchmarks.soak [--minutes 60] [--seed 1] [--model en] [--most-growth 8]

Lines of the demo text, one in four spoilt as tests/corpus/mutations.py spoils files (byte order
marks, no-break spaces, carriage returns, bytes that are no UTF-8, NUL), empty ones, binary ones and
now and then a word of 300,000 characters, go into one `tagger predict` after the other, each in a
format of its own, for its share of the time. Every line must come back in its place, with its text
where the format has it. Memory (resident, in MiB) is sampled each second and told as flatness.py
says. Exits with 1 where a line is missing, another, or out of place, and where memory grew by more
than --most-growth MiB from the second to the last third of a process's time. The table of forms
fills up at the beginning, on a busy machine for two minutes: ten minutes in all are the least.
"""

import argparse
import json
import re
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

from benchmarks.flatness import MIB, MOST_GROWTH, Sample, trend
from tests.corpus.mutations import MUTATIONS

DEMO = Path(__file__).parent.parent / "corpora" / "demo-en" / "train.conllu"
SPOILT, EMPTY, BINARY = 0.25, 0.03, 0.01  # shares of the lines
GIANT_EVERY = 50_000  # lines
GIANT = b"x" * 300_000
LONGEST_LINE = 2_000  # bytes, but for giants
AT_ONCE = 200  # lines
BETWEEN_SAMPLES = 1.0  # seconds
_first_word = re.compile(rb"(?:\[\S+ )*([0-9]+)/").match


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
    """Whether the first word is the line's number, tagged; an empty line has an empty answer.

    An entity may begin there: `[PER 425/PROPN Filipa/PROPN]`.
    """
    return _numbered(answer) == b"%d" % line.number if line.sent else not answer


def _numbered(answer: bytes) -> bytes:
    """The number that an inline sentence begins with."""
    match = _first_word(answer)
    return match[1] if match else b""


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

    def __init__(
        self, way: Way, model: str, seconds: float, random: Random, most_growth: float = MOST_GROWTH
    ) -> None:
        self.way, self.seconds, self.random = way, seconds, random
        self.most_growth = most_growth
        self.waiting: deque[Line] = deque()
        self.lines = self.tokens = 0
        self.memory: list[Sample] = []
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
        return {
            "input": self.way.input,
            "format": self.way.format,
            "lines": self.lines,
            "tokens_per_second": round(self.tokens / (time.monotonic() - began)),
            **self._memory(),
            "problems": self.problems[:5],
        }

    def _memory(self) -> dict[str, object]:
        """What is to be told of it; too much growth is a problem too."""
        found = trend(self.memory)
        if found is None:
            return {}
        if found.growth > self.most_growth:
            self.problems.append(
                f"memory grew by {found.growth:.1f} MiB, {found.bytes_per_line:.1f} bytes a line, "
                f"from the second to the last third; {self.most_growth:g} MiB are allowed"
            )
        return {
            "mebibytes": [
                sample.bytes // MIB for sample in self.memory[:: len(self.memory) // 20 or 1]
            ],
            "mebibytes_by_third": [round(size, 1) for size in found.thirds],
            "mebibytes_peak": round(found.peak, 1),
            "mebibytes_per_hour": round(found.per_hour, 1),
            "bytes_per_line": round(found.bytes_per_line, 2),
        }

    def _send(self) -> None:
        stream, texts = self.process.stdin, demo_texts()
        assert stream is not None
        number, end = 0, time.monotonic() + self.seconds
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
        self.process.stdout.close()

    def _watch(self) -> None:
        began = time.monotonic()
        while self.process.poll() is None:
            size = resident(self.process.pid)
            if size is not None:
                self.memory.append(Sample(time.monotonic() - began, self.lines, size))
            time.sleep(BETWEEN_SAMPLES)


def resident(pid: int) -> int | None:
    """The bytes of memory that a process holds; None where it has ended, be it while being read."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return None
    sizes = [row.split()[1] for row in status.splitlines() if row.startswith("VmRSS:")]
    return int(sizes[0]) * 1024 if sizes else None


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
    parser.add_argument("--most-growth", type=float, default=MOST_GROWTH, help="MiB")
    options = parser.parse_args()
    random, seconds = Random(options.seed), 60 * options.minutes / len(WAYS)
    growth = options.most_growth
    found = [Soak(way, options.model, seconds, random, growth).run() for way in WAYS]
    print(json.dumps({"lines": sum(int(str(of["lines"])) for of in found), "ways": found}))
    sys.exit(1 if any(of["problems"] for of in found) else 0)


if __name__ == "__main__":
    main()
