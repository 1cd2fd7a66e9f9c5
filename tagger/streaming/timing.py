"""How fast a model is on this machine: cold start, warm throughput, where the time goes.

CPU seconds of one process, so that a busy machine spoils as little as possible; the interval comes
from resampling the windows (Efron 1979).
"""

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from tagger.compression import reading
from tagger.corpus.lines import open_file
from tagger.errors import UsageError
from tagger.inference.pipeline import Tagger
from tagger.output.formats import find_format
from tagger.output.style import Style
from tagger.streaming.chunks import Chunk, read_chunks
from tagger.streaming.inputs import Input, examine
from tagger.streaming.kinds import InputKind, Undecodable

SAMPLE = Path(__file__).parent / "sample.txt"
CHUNK_BYTES = 131_072
RESAMPLES = 1_000
STARTS = 5
BELOW = ("transformer", "characters")  # graphs from which the sentence graph may get its context
ONE_SENTENCE = b"John lives in Paris .\n"


class Stages(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of the time, which add up to 1.

    `reading` is decoding and parsing a corpus, or decoding text; `segmentation` is of raw text.
    `lexical`, `sentence` and, where there is such, `transformer` and `characters` are the graphs,
    `decoding` all else from sentences to tags.
    """

    reading: float
    segmentation: float
    lexical: float
    transformer: float
    characters: float
    sentence: float
    decoding: float
    writing: float


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one model on one file.

    `cold_start` is the median wall time in seconds of a whole command for one sentence. Tokens per
    CPU second with a 95 % interval. `peak_memory` in bytes.
    """

    model: str
    file: str
    tokens: int
    rounds: int
    threads: int
    cold_start: float
    tokens_per_second: float
    interval: tuple[float, float]
    stages: Stages
    peak_memory: int


def time_model(folder: Path, path: Path | None, seconds: float) -> Timing:
    """Tags the file (None: a sample that comes with tagger) over and over for so many seconds.

    Raises UsageError where the file has no token.
    """
    file = path or SAMPLE
    found, chunks = _chunks(file)
    tagger = Tagger(folder)
    watch = _Stopwatch(tagger, found)
    num_tokens = sum(map(watch.run, chunks))  # forms are met, caches filled
    if not num_tokens:
        raise UsageError(f"{file}: expected tokens, found none")
    watch.forget()
    begun = time.process_time()
    rounds = 0
    while rounds == 0 or time.process_time() - begun < seconds:
        for chunk in chunks:
            watch.run(chunk)
        rounds += 1
    tokens, spent = np.array(watch.tokens), np.array(watch.seconds)
    return Timing(
        model=str(folder),
        file=str(path) if path else "a sample that comes with tagger",
        tokens=num_tokens,
        rounds=rounds,
        threads=1,
        cold_start=_cold_start(folder),
        tokens_per_second=float(tokens.sum() / spent.sum()),
        interval=_interval(tokens, spent),
        stages=watch.stages(),
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _chunks(path: Path) -> tuple[Input, Sequence[Chunk]]:
    """What the file is, and its chunks."""
    with open_file(path) as raw:
        stream = reading(raw, str(path))
        found, stream = examine(stream, str(path), InputKind.AUTO, None, "text")
        if found.kind is InputKind.JSONL:
            raise UsageError(f"{path}: expected text or a corpus to time, found JSON lines")
        return found, list(
            read_chunks(
                stream,
                str(path),
                cut=found.cut,
                size=CHUNK_BYTES,
                undecodable=Undecodable.STRICT,
            )
        )


class _Stopwatch:
    """Runs chunks through every stage and keeps the time of each."""

    def __init__(self, tagger: Tagger, found: Input) -> None:
        self._tagger = tagger
        self._input = found
        names = tuple(task.name for task in tagger.tasks)
        spans = frozenset(task.name for task in tagger.tasks if task.scheme is not None)
        self._style = Style(names, spans)
        self._write = find_format("conllu").sentence
        self.forget()

    def forget(self) -> None:
        """Begins anew."""
        self.tokens: list[int] = []
        self.seconds: list[float] = []
        self._spent = np.zeros(3)  # reading or segmentation, tagging, writing
        self._before = self._graphs()

    def _graphs(self) -> np.ndarray:
        """CPU seconds in the lexical graph, those of BELOW, and the sentence graph so far."""
        runtime = self._tagger.runtime
        below = dict.fromkeys(BELOW, 0.0)
        if runtime.below is not None:
            below[runtime.below.stage] = runtime.below.session.seconds
        return np.array(
            [runtime.forms.lexicon.session.seconds, *below.values(), runtime.session.seconds]
        )

    def run(self, chunk: Chunk) -> int:
        """Tags a chunk; gives the number of its tokens."""
        times = [time.process_time()]
        sentences = list(self._input.sentences(chunk, lambda: self._tagger.segmenter))
        times.append(time.process_time())
        tagged = self._tagger.tag_window(sentences)
        times.append(time.process_time())
        "".join([self._write(sentence, self._style) for sentence in tagged]).encode()
        times.append(time.process_time())
        self.tokens.append(sum(map(len, sentences)))
        self.seconds.append(times[-1] - times[0])
        self._spent += np.diff(times)
        return self.tokens[-1]

    def stages(self) -> Stages:
        """The shares of all that was run."""
        total = sum(self.seconds)
        shares = (self._graphs() - self._before) / total
        lexical, *below, sentence = map(float, shares)
        first, tagging, writing = self._spent / total
        is_raw = self._input.layout is None
        return Stages(
            reading=0.0 if is_raw else float(first),
            segmentation=float(first) if is_raw else 0.0,
            lexical=lexical,
            **dict(zip(BELOW, below, strict=True)),
            sentence=sentence,
            decoding=float(tagging - shares.sum()),
            writing=float(writing),
        )


def _interval(tokens: np.ndarray, seconds: np.ndarray) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the throughput over resampled windows."""
    drawn = np.random.default_rng(1).integers(0, len(tokens), (RESAMPLES, len(tokens)))
    rates = tokens[drawn].sum(1) / seconds[drawn].sum(1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return float(low), float(high)


def _cold_start(folder: Path) -> float:
    """The median wall time of `tagger predict` on one sentence, in a process of its own."""
    command = [sys.executable, "-m", "tagger", "predict", "-m", str(folder), "-q"]
    times = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        subprocess.run(command, input=ONE_SENTENCE, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - begun)
    return float(np.median(times))
