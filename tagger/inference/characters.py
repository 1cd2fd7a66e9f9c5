"""A character model at work on ONNX Runtime: forms to what the sentence graph reads."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.folder import CHARACTER_GRAPH, CHARACTERS, read_graph
from tagger.inference.graph_kinds import CONTEXT, SENTENCES_AT_ONCE, SYMBOLS_AT_ONCE
from tagger.inference.length_batches import batched
from tagger.inference.model_files import read_json
from tagger.inference.sessions import Session
from tagger.inference.spelling import (
    SpelledSentence,
    character_vocabulary,
    spell_ends,
    spelled_batch,
)

LARGEST = 2  # of what is squashed
Floats = NDArray[np.float32]


class CharacterRuntime:
    """The characters and the character graph of a model folder."""

    stage = "characters"

    def __init__(self, folder: Path, threads: int) -> None:
        """Raises ModelError where they do not fit each other, or are broken or missing."""
        path = folder / CHARACTERS
        self._characters = character_vocabulary(read_json(path, list[str]), path)
        self._name = name = str(folder / CHARACTER_GRAPH)
        self.session = Session(read_graph(folder, CHARACTER_GRAPH), name, threads)
        last = SpelledSentence([0, len(self._characters) - 1, 0], [2])
        self._size = self._run([last], f"does not fit {CHARACTERS}").shape[1]

    def context(self, sentences: Sequence[Sequence[str]]) -> Floats:
        """What the sentence graph gets of each token. Shape: (tokens, size)."""
        spelt = [spell_ends(forms, self._characters) for forms in sentences]
        ends = np.cumsum([len(forms) for forms in sentences])
        context = np.empty((int(ends[-1]), self._size), np.float32)
        lengths = [len(sentence.symbols) for sentence in spelt]  # very long ones come in pieces
        for batch in batched(lengths, SYMBOLS_AT_ONCE, SENTENCES_AT_ONCE):
            tokens = [np.arange(ends[i] - len(sentences[i]), ends[i]) for i in batch]
            context[np.concatenate(tokens)] = self._run([spelt[i] for i in batch])
        return context

    def _run(self, sentences: Sequence[SpelledSentence], problem: str = "cannot be run") -> Floats:
        inputs = spelled_batch(sentences)._asdict()
        context: Floats = self.session.run(inputs, [CONTEXT], problem=problem)[0]
        if not np.abs(context).max() < LARGEST:  # nor where it is no number
            raise ModelError(f"{self._name}: gives numbers that are beyond all use")
        return context
