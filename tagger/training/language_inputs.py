"""What a tagger reads of a language model: of each form its vector, of each token its states.

The language model is not trained any more, so both are computed once; the states of a whole corpus
lie in a file that is mapped into memory, in 16 bits.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.encoding import LANGUAGE_MODEL, encode_forms
from tagger.inference.folder import LanguageModelRecord
from tagger.inference.language_folder import WordFiles
from tagger.network.language_model import LanguageModel, State
from tagger.network.lstm import mirrored_positions, rearranged
from tagger.training.batches import EncodedSentence, LanguageInputs, Lexicon, plan_batches
from tagger.training.build import network_from
from tagger.vocabulary import Vocabularies

FORMS_AT_ONCE = 1_000
BATCH_TOKENS = 4_000
HALF = np.float16
PARTS = ("words.", "forward_model.lstm.", "backward_model.lstm.")


class LanguageReader(Protocol):
    """A language model of any kind at work on sentences, each read by itself from its beginning."""

    record: LanguageModelRecord

    @property
    def table_units(self) -> int:
        """Units per direction whose gates are looked up by form in the exported tagger."""

    @property
    def characters(self) -> Sequence[str]:
        """Those of a model over characters, in the order of their ids; else none."""

    @property
    def vector_size(self) -> int:
        """Of a form's vector."""

    @property
    def state_size(self) -> int:
        """Of both directions' states together."""

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All that the exported graphs need of it, by the names that they have there."""

    def beside(self, vocabularies: Vocabularies) -> Vocabularies:
        """A tagger's vocabularies, and what the language model knows of forms."""

    def vectors(self, forms: Sequence[str]) -> Tensor:
        """Of forms, which should come in order of length. Shape: (forms, vector_size)."""

    def states_of(
        self, sentences: Sequence[EncodedSentence], forms: Sequence[str], vectors: Tensor
    ) -> Tensor:
        """The states at the tokens of some sentences, one behind the other, (tokens, state_size).

        `forms` are those that the sentences number, `vectors` are theirs.
        """


class WordReader:
    """A language model over words; both directions begin behind the boundary between sentences."""

    characters: Sequence[str] = ()

    def __init__(self, files: WordFiles, record: LanguageModelRecord) -> None:
        self.record = record
        self.table_units = record.hidden_size
        self._known: Vocabularies = files.vocabularies
        self._network: LanguageModel = network_from(files, record.name)
        begins = [
            model(self.vectors([""]).unsqueeze(0), self._network.no_state(1))[1]
            for model in self._network.directions
        ]
        self._begins = [State(state.hidden.detach(), state.memory.detach()) for state in begins]

    @property
    def vector_size(self) -> int:
        """Of a form's vector."""
        return self._network.words.output_size

    @property
    def state_size(self) -> int:
        """Of both directions' states together."""
        return 2 * self._network.hidden_size

    def beside(self, vocabularies: Vocabularies) -> Vocabularies:
        """A tagger's vocabularies, and what the language model knows of forms."""
        return msgspec.structs.replace(vocabularies, language_model=self._known)

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All that the exported graphs need of it, by the names that they have there."""
        found = {
            LANGUAGE_MODEL + name: array.numpy()
            for name, array in self._network.state_dict().items()
            if name.startswith(PARTS)
        }
        begins = torch.stack([torch.cat([*state]) for state in self._begins])
        return {**found, f"{LANGUAGE_MODEL}begins": begins.numpy()}

    @torch.no_grad()
    def vectors(self, forms: Sequence[str]) -> Tensor:
        """Of forms, which should come in order of length. Shape: (forms, vector_size)."""
        parts = []
        for start in range(0, len(forms), FORMS_AT_ONCE):
            ids = encode_forms(forms[start : start + FORMS_AT_ONCE], self._known)
            words, characters, affixes = (
                torch.from_numpy(ids[name]) for name in ("words", "characters", "affixes")
            )
            parts.append(self._network.lexical(words[None], characters, affixes))
        return torch.cat(parts)

    @torch.no_grad()
    def states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Shapes: vectors (length, batch, vector_size), lengths (batch,) -> (…, state_size)."""
        mirror = mirrored_positions(lengths, len(vectors))
        begins = [
            State(*(part.expand(len(lengths), -1) for part in state)) for state in self._begins
        ]
        forward, backward = self._network.directions
        ahead, _ = forward.read(vectors, begins[0])
        back, _ = backward.read(rearranged(vectors, mirror), begins[1])
        return torch.cat([ahead, rearranged(back, mirror)], dim=-1)

    def states_of(
        self, sentences: Sequence[EncodedSentence], forms: Sequence[str], vectors: Tensor
    ) -> Tensor:
        """As `LanguageReader.states_of`."""
        lengths = torch.tensor([len(sentence) for sentence in sentences])
        rows = torch.zeros(int(lengths.max()), len(sentences), dtype=torch.int64)
        for lane, sentence in enumerate(sentences):
            rows[: len(sentence), lane] = torch.from_numpy(sentence.forms)
        states = self.states(vectors[rows], lengths)
        return torch.cat([states[: len(s), lane] for lane, s in enumerate(sentences)])


def read_corpus(
    reader: LanguageReader, lexicon: Lexicon, sentences: Sequence[EncodedSentence], path: Path
) -> LanguageInputs:
    """Reads a corpus; the states of its sentences go into a file, unless it has them already."""
    forms = [*lexicon.ids]
    vectors = reader.vectors(forms)
    shape = (sum(map(len, sentences)), reader.state_size)
    if not path.exists():
        new = path.with_name(path.name + ".new")
        rows = np.memmap(new, HALF, "w+", shape=shape)
        lengths = [len(sentence) for sentence in sentences]
        for indices in plan_batches(lengths, BATCH_TOKENS, None):
            batch = [sentences[i] for i in indices]
            _fill(rows, batch, reader.states_of(batch, forms, vectors))
        rows.flush()
        new.replace(path)
    return LanguageInputs(vectors, np.memmap(path, HALF, "r", shape=shape))


def _fill(rows: NDArray[np.float16], batch: Sequence[EncodedSentence], states: Tensor) -> None:
    """The states of some sentences into their rows."""
    of_sentences = states.numpy(force=True)
    end = 0
    for sentence in batch:
        start, end = end, end + len(sentence)
        rows[sentence.start : sentence.start + len(sentence)] = of_sentences[start:end]
