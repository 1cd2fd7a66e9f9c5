"""Forms to emissions on ONNX Runtime, on the CPU, without torch."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.characters import CharacterRuntime
from tagger.inference.folder import SENTENCE, emissions_of, read_graph
from tagger.inference.forms import FormTable
from tagger.inference.records import LanguageModelRecord, TransformerRecord
from tagger.inference.sessions import Session
from tagger.inference.transformer import TransformerRuntime
from tagger.tasks import Task

Floats = NDArray[np.float32]
LARGEST = 1e30  # of an emission: many of them can be added up


class Runtime:
    """The graphs of a model folder.

    Emissions of a sentence are the same, bit for bit, whatever it is batched with, if the model
    is in int8: all sums are of whole numbers.
    """

    def __init__(
        self,
        folder: Path,
        tasks: Sequence[Task],
        threads: int = 1,
        most_forms: int | None = None,
        transformer: TransformerRecord | None = None,
        language_model: LanguageModelRecord | None = None,
    ) -> None:
        self.forms = FormTable(folder, threads, most_forms)
        self._name = name = str(folder / SENTENCE)
        self.session = Session(read_graph(folder, SENTENCE), name, threads)
        self.below: TransformerRuntime | CharacterRuntime | None = None
        if transformer is not None:
            self.below = TransformerRuntime(folder, transformer, threads)
        elif language_model is not None and language_model.kind == "characters":
            self.below = CharacterRuntime(folder, threads)
        self._outputs = [emissions_of(task.name) for task in tasks]
        self._check(tasks, name)

    def _check(self, tasks: Sequence[Task], name: str) -> None:
        """Raises ModelError where the graph is not one of these tags and this table."""
        problem = "does not fit table and tasks"
        context = self._context([["a"]], np.ones((1, 1), np.bool_))
        found = self._run(np.zeros((1, 1), np.int64), np.ones(1, np.int64), context, problem)
        for task, emissions in zip(tasks, found, strict=True):
            if emissions.shape != (1, 1, len(task.tags)):
                raise ModelError(
                    f"{name}: expected emissions of {len(task.tags)} tags for {task.name!r}, "
                    f"found {emissions.shape[-1]}"
                )

    def emissions(self, sentences: Sequence[Sequence[str]]) -> list[Floats]:
        """Emissions of a batch of sentences, none of them empty, one array per task.

        Shape of each: (batch, longest sentence, num_tags). What lies beyond a sentence's length
        means nothing.
        """
        lengths = np.array([len(forms) for forms in sentences])
        is_real = np.arange(lengths.max()) < lengths[:, None]
        rows = np.zeros(is_real.shape, np.int64)
        rows[is_real] = self.forms.numbers([*chain.from_iterable(sentences)])
        context = self._context(sentences, is_real)
        found = self._run(np.ascontiguousarray(rows.T), lengths, context, "cannot be run")
        for emissions in found:
            if not np.abs(emissions).max() < LARGEST:  # nor where it is no number
                raise ModelError(f"{self._name}: gives numbers that are beyond all use")
        return [emissions.transpose(1, 0, 2) for emissions in found]

    def _context(
        self, sentences: Sequence[Sequence[str]], is_real: NDArray[np.bool_]
    ) -> dict[str, Floats]:
        """What comes from a graph below, if there is one, (length, batch, size)."""
        if self.below is None:
            return {}
        found = self.below.context(sentences)
        context = np.zeros((*is_real.shape, found.shape[1]), np.float32)
        context[is_real] = found
        return {"context": np.ascontiguousarray(context.transpose(1, 0, 2))}

    def _run(
        self,
        rows: NDArray[np.int64],
        lengths: NDArray[np.int64],
        context: Mapping[str, Floats],
        problem: str,
    ) -> list[Floats]:
        """Shapes: rows (length, batch), lengths (batch,) -> (length, batch, num_tags) each."""
        inputs = {"table": self.forms.rows, "rows": rows, "lengths": lengths, **context}
        emissions: list[Floats] = self.session.run(inputs, self._outputs, problem=problem)
        return emissions
