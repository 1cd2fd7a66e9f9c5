"""What a tagger reads of a language model: of each form its vector, of each token its states.

The language model is not trained any more, so both are computed once; the states of a whole corpus
lie in a file that is mapped into memory, in 16 bits.
"""

from collections.abc import Sequence
from pathlib import Path

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


class LanguageReader:
    """A language model at work on sentences, each read by itself from its own beginning.

    Both directions begin behind the boundary that stands between sentences.
    """

    def __init__(self, files: WordFiles, record: LanguageModelRecord) -> None:
        self.record = record
        self.vocabularies: Vocabularies = files.vocabularies
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
            ids = encode_forms(forms[start : start + FORMS_AT_ONCE], self.vocabularies)
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


def read_corpus(
    reader: LanguageReader, lexicon: Lexicon, sentences: Sequence[EncodedSentence], path: Path
) -> LanguageInputs:
    """Reads a corpus; the states of its sentences go into a file, unless it has them already."""
    vectors = reader.vectors([*lexicon.ids])
    shape = (sum(map(len, sentences)), reader.state_size)
    if not path.exists():
        new = path.with_name(path.name + ".new")
        rows = np.memmap(new, HALF, "w+", shape=shape)
        lengths = [len(sentence) for sentence in sentences]
        for indices in plan_batches(lengths, BATCH_TOKENS, None):
            _fill(rows, [sentences[i] for i in indices], vectors, reader)
        rows.flush()
        new.replace(path)
    return LanguageInputs(vectors, np.memmap(path, HALF, "r", shape=shape))


def _fill(
    rows: NDArray[np.float16],
    batch: Sequence[EncodedSentence],
    vectors: Tensor,
    reader: LanguageReader,
) -> None:
    """The states of some sentences into their rows."""
    lengths = torch.tensor([len(sentence) for sentence in batch])
    forms = torch.zeros(int(lengths.max()), len(batch), dtype=torch.int64)
    for lane, sentence in enumerate(batch):
        forms[: len(sentence), lane] = torch.from_numpy(sentence.forms)
    states = reader.states(vectors[forms], lengths)
    for lane, sentence in enumerate(batch):
        found = states[: len(sentence), lane]
        rows[sentence.start : sentence.start + len(sentence)] = found.numpy()
