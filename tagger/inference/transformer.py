"""A fine-tuned transformer at work on ONNX Runtime: forms to what the sentence graph reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.folder import TOKENIZER, TRANSFORMER, read_graph
from tagger.inference.graph_kinds import CONTEXT, PIECES_AT_ONCE, POSITIONS
from tagger.inference.length_batches import batched
from tagger.inference.model_files import read_bytes
from tagger.inference.records import TransformerRecord
from tagger.inference.sessions import Session
from tagger.inference.subwords import Frame, Subwords, Window, piece_batch, windows_in
from tagger.inference.tokenizer_file import MOST_TOKENIZER

LARGEST = 2  # of what is squashed
Floats = NDArray[np.float32]


class Runs(Protocol):
    """A session, or what does its work elsewhere; `seconds` is this process's CPU time in it."""

    seconds: float

    def run(
        self,
        inputs: Mapping[str, NDArray[Any]],
        outputs: Sequence[str] | None = None,
        *,
        problem: str = "",
    ) -> list[Any]:
        """The outputs by name."""


class TransformerRuntime:
    """The tokenizer and the transformer graph of a model folder."""

    stage = "transformer"
    session: Runs

    def __init__(self, folder: Path, record: TransformerRecord, threads: int) -> None:
        """Raises ModelError where they do not fit each other, or are broken or missing."""
        self._frame: Frame = record.frame
        self._subwords = Subwords(
            read_bytes(folder, TOKENIZER, MOST_TOKENIZER), str(folder / TOKENIZER)
        )
        self._name = name = str(folder / TRANSFORMER)
        self.session = Session(read_graph(folder, TRANSFORMER), name, threads)
        self._pieces_at_once = PIECES_AT_ONCE
        self._check()

    def run_elsewhere(self, session: Runs, pieces_at_once: int) -> None:
        """From now on in place of the graph, with so many pieces in a batch."""
        self.session, self._pieces_at_once = session, pieces_at_once

    def _check(self) -> None:
        frame, name = self._frame, self._name
        framing = (frame.first_id, frame.last_id, frame.pad_id, frame.unknown_id)
        highest = max(self._subwords.size - 1, *framing)
        window = Window([highest] * 3, np.ones(1, np.int64), 0)
        inputs = piece_batch([window], frame)._asdict()
        problem = f"does not fit {TOKENIZER}"
        context, positions = self.session.run(inputs, [CONTEXT, POSITIONS], problem=problem)
        if positions[0] < frame.positions:
            raise ModelError(f"{name}: expected {frame.positions} positions, found {positions[0]}")
        self._size = context.shape[1]

    def context(self, sentences: Sequence[Sequence[str]]) -> Floats:
        """What the sentence graph gets of each token. Shape: (tokens, size)."""
        pieces, frame = self._subwords.pieces, self._frame
        windows = windows_in([[pieces(form, frame) for form in one] for one in sentences], frame)
        context = np.empty((sum(map(len, sentences)), self._size), np.float32)
        for numbers in batched([len(window.pieces) for window in windows], self._pieces_at_once):
            batch = [windows[i] for i in numbers]
            tokens = [np.arange(len(window.columns)) + window.start for window in batch]
            context[np.concatenate(tokens)] = self._run(batch)
        return context

    def _run(self, windows: Sequence[Window]) -> Floats:
        inputs = piece_batch(windows, self._frame)._asdict()
        context: Floats = self.session.run(inputs, [CONTEXT])[0]
        if not np.abs(context).max() < LARGEST:  # nor where it is no number
            raise ModelError(f"{self._name}: gives numbers that are beyond all use")
        return context
