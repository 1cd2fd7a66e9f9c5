"""What a tagger reads of a language model over characters: of each token its states."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.language_folder import CharacterFiles
from tagger.inference.layers import CHARACTER_MODEL
from tagger.inference.records import LanguageModelRecord
from tagger.inference.spelling import spell_ends, spelled_batch
from tagger.network.language_model import DirectedModel
from tagger.network.lstm import mirrored_positions, rearranged
from tagger.training.batches import EncodedSentence
from tagger.training.build import character_network_from
from tagger.vocabulary import Vocabularies

STEPS_AT_ONCE = 128  # whose states are in memory
PARTS = ("characters.", "forward_model.lstm.", "backward_model.lstm.")


class CharacterReader:
    """A language model over characters; it knows no forms, so their vectors have no numbers."""

    table_units = 0
    vector_size = 0

    def __init__(self, files: CharacterFiles, record: LanguageModelRecord) -> None:
        self.record = record
        self._known = files.characters
        self._network = character_network_from(files, record.name)

    @property
    def characters(self) -> Sequence[str]:
        """Those that it tells apart."""
        return self._known.strings

    @property
    def state_size(self) -> int:
        """Of both directions' states together."""
        return 2 * self._network.hidden_size

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All that the exported graphs need of it, by the names that they have there."""
        return {
            CHARACTER_MODEL + name: array.numpy()
            for name, array in self._network.state_dict().items()
            if name.startswith(PARTS)
        }

    def beside(self, vocabularies: Vocabularies) -> Vocabularies:
        """A tagger's vocabularies as they are."""
        return vocabularies

    def vectors(self, forms: Sequence[str]) -> Tensor:
        """Shape: (forms, 0)."""
        return torch.zeros(len(forms), self.vector_size)

    @torch.no_grad()
    def states_of(
        self, sentences: Sequence[EncodedSentence], forms: Sequence[str], vectors: Tensor
    ) -> Tensor:
        """As `LanguageReader.states_of`."""
        spelt = [spell_ends([forms[i] for i in s.forms.tolist()], self._known) for s in sentences]
        symbols, lengths, behind, before = map(torch.from_numpy, spelled_batch(spelt))
        mirror = mirrored_positions(lengths, len(symbols))
        forward, backward = self._network.directions
        ahead = self._read(forward, symbols, behind)
        back = self._read(backward, rearranged(symbols, mirror), before)
        return torch.cat([ahead, back], dim=-1)

    def _read(self, model: DirectedModel, symbols: Tensor, places: Tensor) -> Tensor:
        """The states at some places of the flattened steps, (places, hidden_size).

        Some steps at a time, so that memory does not grow with a sentence's length. Shape: symbols
        (length, batch), in the order in which the direction reads.
        """
        lanes = symbols.shape[1]
        state = self._network.no_state(lanes)
        found = torch.empty(len(places), self._network.hidden_size)
        for start in range(0, len(symbols), STEPS_AT_ONCE):
            some = symbols[start : start + STEPS_AT_ONCE]
            states, state = model.read(self._network.characters(some), state)
            first, end = start * lanes, (start + len(some)) * lanes
            is_here = (places >= first) & (places < end)
            found[is_here] = states.flatten(0, 1)[places[is_here] - first]
        return found
