"""Forms and ids to emissions on ONNX Runtime, on the CPU, without torch.

Vectors of forms are computed once and kept in a bounded table.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.encoding import (
    NUM_AFFIXES,
    encode_affixes,
    encode_characters,
    encode_word,
    encode_words,
)
from tagger.inference.folder import LEXICAL, SENTENCE, read_graph, read_vocabularies

MOST_FORMS = 50_000  # rows of the table of vectors; beyond it the table begins anew
NEW_FORMS_AT_ONCE = 1024
Floats = NDArray[np.float32]


class Runtime:
    """The two graphs of a model folder with their vocabularies."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._vocabularies = read_vocabularies(folder)
        self._lexical = _session(folder, LEXICAL, threads)
        self._sentence = _session(folder, SENTENCE, threads)
        self._outputs = [output.name for output in self._sentence.get_outputs()]
        self._rows: dict[str, int] = {}
        vectors, emissions = self._try(folder)
        self._table: Floats = vectors[:0]
        self.num_tags = {name: scores.shape[2] for name, scores in emissions.items()}

    def _try(self, folder: Path) -> tuple[Floats, dict[str, Floats]]:
        """Vector and emissions of one word that has the last id of each vocabulary.

        Raises ModelError where graphs and vocabularies are not of one model.
        """
        known = self._vocabularies
        ids = {
            "words": np.array([len(known.words) - 1]),
            "characters": np.array([[len(known.characters) - 1]]),
            "affixes": np.full((1, NUM_AFFIXES), len(known.affixes) - 1),
        }
        try:
            vectors: Floats = self._lexical.run(None, ids)[0]
            return vectors, self._read(vectors[:, None], np.ones(1, np.int32))
        except Exception as error:  # as in _session
            raise ModelError(
                f"{folder}: graphs and vocabularies do not fit together: {_one_line(error)}"
            ) from error

    def is_known(self, form: str) -> bool:
        """Whether the word is in the vocabulary."""
        words = self._vocabularies.words
        return encode_word(form, words) != words.unknown_id

    def emissions(self, sentences: Sequence[Sequence[str]]) -> dict[str, Floats]:
        """Emissions of a batch of sentences, none of them empty, by task.

        Shape of each: (batch, longest sentence, num_tags).
        """
        lengths = np.array([len(forms) for forms in sentences], np.int32)
        rows = np.zeros((int(lengths.max()), len(sentences)), np.intp)
        self._learn({form for forms in sentences for form in forms})
        find = self._rows.__getitem__
        for i, forms in enumerate(sentences):
            rows[: len(forms), i] = [find(form) for form in forms]
        return self._read(self._table[rows], lengths)

    def _read(self, vectors: Floats, lengths: NDArray[np.int32]) -> dict[str, Floats]:
        """Emissions by task. Shapes: vectors (length, batch, size), lengths (batch,)."""
        found = self._sentence.run(self._outputs, {"vectors": vectors, "lengths": lengths})
        return {
            name.removeprefix("emissions."): emissions.transpose(1, 0, 2)
            for name, emissions in zip(self._outputs, found, strict=True)
        }

    def _learn(self, forms: set[str]) -> None:
        """Makes sure that every form has its row in the table."""
        new = [form for form in forms if form not in self._rows]
        if not new:
            return
        if len(self._rows) + len(new) > MOST_FORMS:
            self._rows, new = {}, list(forms)
        new.sort(key=len)  # characters are padded to the longest form
        self._make_room(len(self._rows) + len(new))
        for start in range(0, len(new), NEW_FORMS_AT_ONCE):
            some = new[start : start + NEW_FORMS_AT_ONCE]
            rows = range(len(self._rows), len(self._rows) + len(some))
            self._table[rows.start : rows.stop] = self._vectors(some)
            self._rows.update(zip(some, rows, strict=True))

    def _vectors(self, forms: Sequence[str]) -> Floats:
        """Vectors of forms, by the lexical graph. Shape: (forms, size)."""
        known = self._vocabularies
        ids = {
            "words": encode_words(forms, known.words),
            "characters": encode_characters(forms, known.characters),
            "affixes": encode_affixes(forms, known.affixes),
        }
        vectors: Floats = self._lexical.run(None, ids)[0]
        return vectors

    def _make_room(self, num_forms: int) -> None:
        """A table of at least that many rows; it grows by doubling, so that rows seldom move."""
        if num_forms > len(self._table):
            num_rows = max(num_forms, min(2 * len(self._table), MOST_FORMS))
            grown = np.empty((num_rows, self._table.shape[1]), np.float32)
            grown[: len(self._table)] = self._table
            self._table = grown


def _session(folder: Path, name: str, threads: int) -> ort.InferenceSession:
    """A session on the CPU; raises ModelError where the graph is broken."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(
            read_graph(folder, name), options, providers=["CPUExecutionProvider"]
        )
    except ModelError:
        raise
    except Exception as error:  # onnxruntime has a class per status, all of them plain Exceptions
        raise ModelError(f"{folder / name}: not a usable ONNX graph: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
