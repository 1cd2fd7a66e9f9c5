"""Text from a language model over characters, and how likely it finds text."""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from tagger.inference.encoding import MOST_CHARACTERS
from tagger.inference.language_folder import CharacterFiles
from tagger.inference.length_batches import batched
from tagger.inference.spelling import BLANK_ID, BOUNDARY_ID, SpelledSentence, spell, spelled_batch
from tagger.network.character_model import CharacterModel
from tagger.network.language_model import State
from tagger.training.build import character_network_from
from tagger.training.character_data import CharacterData
from tagger.training.device import CPU, device_of
from tagger.training.generation import Likelihood, Sampling, draw, read_ahead
from tagger.training.spacing import Spacing
from tagger.vocabulary import Vocabulary

LONGEST_WORD = MOST_CHARACTERS  # that is drawn
BATCH_SYMBOLS, BATCH_STEPS = 20_000, 500  # through the network; a longer sentence in pieces


class CharacterTextModel:
    """A character model at work: the forward direction, from characters to words.

    Every sentence begins anew in `score`; in `generate` the state goes on.
    """

    def __init__(self, known: CharacterFiles | CharacterData, network: CharacterModel) -> None:
        """`known` are the characters of a model folder, or of a training."""
        self.network = network.eval()
        self._device = device_of(network)
        self.characters = known.characters
        self._joined = frozenset(known.joined)

    @classmethod
    def read(cls, files: CharacterFiles, name: str, device: torch.device = CPU) -> Self:
        """That of a model folder."""
        return cls(files, character_network_from(files, name).to(device))

    @torch.inference_mode()
    def generate(
        self, prompt: Sequence[str], sampling: Sampling, seed: int, length: int
    ) -> Iterator[str]:
        """Pieces of text, `length` words and line breaks in all, as they are complete.

        It goes on behind the last character of the prompt, whose last word it may complete; the
        prompt is not repeated. A sentence's end is a line break. The character that stands for all
        unlisted ones is never drawn.
        """
        words = self._words(prompt, sampling, np.random.default_rng(seed))
        last = prompt[-1] if prompt else ""
        if last:
            completed = next(words)
            if completed != last:
                yield completed[len(last) :]
                length -= 1
            prompt = [*prompt[:-1], completed]
        spacing = Spacing(self._joined, prompt)
        for _ in range(length):
            yield spacing.piece(next(words))

    def _words(
        self, prompt: Sequence[str], sampling: Sampling, random: np.random.Generator
    ) -> Iterator[str]:
        """Words without end, the prompt's last one, where there is one, completed first.

        The empty word is the boundary between sentences.
        """
        scores, state = self._read(_symbols_of(prompt, self.characters), self.network.no_state(1))
        word = prompt[-1] if prompt else ""
        while True:
            chosen = draw(_allowed(scores, word), sampling, random)
            if chosen not in (BLANK_ID, BOUNDARY_ID):
                word += self.characters[chosen]
            else:
                yield word
                word = ""
                if chosen == BOUNDARY_ID:
                    yield ""
            scores, state = self._read([chosen], state)

    def _read(self, symbols: Sequence[int], state: State) -> tuple[NDArray[np.float64], State]:
        """Log-probabilities of what follows some symbols, (characters,), and the state there."""
        ids = torch.tensor(symbols, device=self._device)[:, None]
        says, state = self.network.forward_model(self.network.characters(ids), state)
        return says[-1, 0].float().log_softmax(0).cpu().double().numpy(), state

    def score(self, sentences: Iterator[Sequence[str]]) -> Iterator[Likelihood]:
        """The likelihood of each sentence of forms, none of them empty, in order."""
        for window in read_ahead(sentences):
            yield from self._score(window)

    @torch.inference_mode()
    def _score(self, window: Sequence[Sequence[str]]) -> list[Likelihood]:
        spelt = [spell(forms, self.characters) for forms in window]
        found: dict[int, Likelihood] = {}
        for indices in batched([len(one.symbols) for one in spelt], BATCH_SYMBOLS):
            some = [spelt[i] for i in indices]
            for i, one, nats in zip(indices, some, self._nats(some), strict=True):
                unknown = one.symbols.count(Vocabulary.unknown_id)
                found[i] = Likelihood(float(nats), len(one.symbols) - 1, unknown)
        return [found[i] for i in range(len(window))]

    def _nats(self, sentences: Sequence[SpelledSentence]) -> NDArray[np.float64]:
        """Of all that follows each sentence's first boundary. Shape: (sentences,).

        BATCH_STEPS at a time, the state carried on.
        """
        batch = spelled_batch(sentences)
        state = self.network.no_state(len(sentences))
        nats = np.zeros(len(sentences))
        for start in range(0, len(batch.symbols) - 1, BATCH_STEPS):
            ids = torch.from_numpy(batch.symbols[start : start + BATCH_STEPS + 1]).to(self._device)
            says, state = self.network.forward_model(self.network.characters(ids[:-1]), state)
            steps = np.arange(start + 1, start + len(ids))[:, None]
            nats += np.where(steps < batch.lengths, _losses(says, ids[1:]), 0.0).sum(0)
        return nats


def _losses(says: Tensor, targets: Tensor) -> NDArray[np.float64]:
    """Negative log-likelihoods. Shape: targets (length, batch), and so are they."""
    losses = cross_entropy(says.flatten(0, 1).float(), targets.flatten(), reduction="none")
    found: NDArray[np.float64] = losses.view(targets.shape).cpu().double().numpy()
    return found


def _symbols_of(prompt: Sequence[str], characters: Vocabulary) -> list[int]:
    """A prompt's sentences, which empty forms part; nothing follows its last form."""
    sentences: list[list[str]] = [[]]
    for form in prompt:
        if form:
            sentences[-1].append(form)
        else:
            sentences.append([])
    symbols = [BOUNDARY_ID]
    for forms in filter(None, sentences):
        symbols += spell(forms, characters).symbols[1:]
    return symbols[:-1] if sentences[-1] else symbols


def _allowed(scores: NDArray[np.float64], word: str) -> NDArray[np.float64]:
    """Scores behind what there is of a word: no word is empty, none without end."""
    allowed = scores.copy()
    allowed[Vocabulary.unknown_id] = -np.inf
    if not word:
        allowed[[BLANK_ID, BOUNDARY_ID]] = -np.inf
    elif len(word) >= LONGEST_WORD:
        allowed[:] = -np.inf
        allowed[[BLANK_ID, BOUNDARY_ID]] = scores[[BLANK_ID, BOUNDARY_ID]]
    return allowed
