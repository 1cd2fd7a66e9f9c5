"""Text from a language model over words, and how likely it finds text."""

import math
from collections.abc import Iterator, Sequence
from typing import Self

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.language_folder import WordFiles
from tagger.inference.length_batches import batched
from tagger.network.language_model import LanguageModel, State
from tagger.training.build import network_from
from tagger.training.device import CPU, device_of, moved
from tagger.training.language_data import (
    FormTables,
    Ids,
    LanguageData,
    build_tables,
    encode_windows,
)
from tagger.training.spacing import Spacing
from tagger.training.token_files import BOUNDARY
from tagger.vocabulary import Vocabulary

SENTENCES_AT_ONCE, TOKENS_AT_ONCE = 1_000, 50_000  # read ahead
BATCH_TOKENS, BATCH_STEPS = 2_000, 1_000  # through the network; a longer sentence in pieces


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How the next word is drawn: from its probability to the power of 1 / `temperature`.

    Only from the `top_k` likeliest, and of these from the fewest that make up `top_p`. Temperature
    0 takes the likeliest.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0


class Likelihood(msgspec.Struct, frozen=True):
    """How likely the forward model finds a sentence: nats over its tokens and its end.

    A model over characters counts these, with a blank behind each word but the last, as tokens.
    """

    nats: float
    tokens: int
    unknown: int

    @property
    def perplexity(self) -> float:
        """Per token, infinite where it is too large for a float."""
        mean = self.nats / self.tokens
        return math.exp(mean) if mean < 700 else math.inf


class TextModel:
    """A language model at work: the forward direction, from words to words.

    Every sentence begins anew in `score`; in `generate` the state goes on.
    """

    def __init__(self, known: WordFiles | LanguageData, network: LanguageModel) -> None:
        """`known` are the words of a model folder, or of a training, in which it is to be heard."""
        self.network = network.eval()
        self._device = device_of(network)
        self.targets = known.targets
        self._vocabularies = known.vocabularies
        self._joined = frozenset(known.targets[i] for i in known.joined)
        self._lexical: dict[str, Tensor] = {}

    @classmethod
    def read(cls, files: WordFiles, name: str, device: torch.device = CPU) -> Self:
        """That of a model folder."""
        return cls(files, network_from(files, name).to(device))

    @torch.inference_mode()
    def generate(
        self, prompt: Sequence[str], sampling: Sampling, seed: int, length: int
    ) -> Iterator[str]:
        """Pieces of text, `length` words and punctuation marks in all, as they are drawn.

        It goes on behind the prompt's tokens, which are not repeated. A sentence's end is a line
        break. The word that stands for all unlisted ones is never drawn.
        """
        random = np.random.default_rng(seed)
        state = self.network.no_state(1)
        says, state = self._read("", state)
        for form in prompt:
            says, state = self._read(form, state)
        form_before = prompt[-1] if prompt else ""
        spacing = Spacing(self._joined, prompt)
        for _ in range(length):
            scores = self.network.softmax.log_probabilities(says)[0].cpu().double().numpy()
            scores[Vocabulary.unknown_id] = -np.inf
            if form_before == "":
                scores[BOUNDARY] = -np.inf  # no sentence is empty
            form = self.targets[draw(scores, sampling, random)]
            yield spacing.piece(form)
            says, state = self._read(form, state)
            form_before = form

    def _read(self, form: str, state: State) -> tuple[Tensor, State]:
        """What the model says behind a word, (1, projection_size), and its state there."""
        if form not in self._lexical:
            tables = build_tables([form], self._vocabularies, self.targets)
            of_form = moved(tables.lexical(np.zeros(1, np.int64)), self._device)
            self._lexical[form] = self.network.lexical(*of_form).unsqueeze(0)
        says, state = self.network.forward_model(self._lexical[form], state)
        return says[0], state

    def score(self, sentences: Iterator[Sequence[str]]) -> Iterator[Likelihood]:
        """The likelihood of each sentence of forms, none of them empty, in order."""
        for window in read_ahead(sentences):
            yield from self._score(window)

    @torch.inference_mode()
    def _score(self, window: Sequence[Sequence[str]]) -> list[Likelihood]:
        forms = sorted({form for sentence in window for form in sentence})
        numbers = {form: i for i, form in enumerate(["", *forms])}
        tables = build_tables(["", *forms], self._vocabularies, self.targets)
        found: dict[int, Likelihood] = {}
        for indices in batched([len(sentence) + 1 for sentence in window], BATCH_TOKENS):
            longest = len(window[indices[-1]])
            tokens = np.zeros((longest + 2, len(indices)), np.int64)
            for lane, i in enumerate(indices):
                tokens[1 : len(window[i]) + 1, lane] = [numbers[form] for form in window[i]]
            sizes = np.array([len(window[i]) + 1 for i in indices])
            nats, unknown = self._score_batch(tokens, sizes, tables)
            for lane, i in enumerate(indices):
                found[i] = Likelihood(float(nats[lane]), int(sizes[lane]), int(unknown[lane]))
        return [found[i] for i in range(len(window))]

    def _score_batch(
        self, tokens: Ids, sizes: Ids, tables: FormTables
    ) -> tuple[NDArray[np.float64], Ids]:
        """Nats, and targets that are unknown, of the first `sizes` targets of each lane.

        BATCH_STEPS at a time, the state carried on. Shapes: tokens (steps + 1, lanes), all others
        (lanes,).
        """
        state = self.network.no_state(len(sizes))
        nats, unknown = np.zeros(len(sizes)), np.zeros(len(sizes), np.int64)
        for start in range(0, len(tokens) - 1, BATCH_STEPS):
            part = tokens[start : start + BATCH_STEPS + 1]
            forms, (read,) = moved(encode_windows([part], tables), self._device)
            inputs = torch.nn.functional.embedding(read.forms, self.network.lexical(*forms))
            says, state = self.network.forward_model(inputs, state)
            picked = self.network.softmax.losses(says.flatten(0, 1), read.targets.flatten())
            targets = read.targets.cpu().numpy()
            is_real = np.arange(start, start + len(targets))[:, None] < sizes
            picked = picked.view(read.targets.shape).cpu().double()
            nats += np.where(is_real, picked.numpy(), 0.0).sum(0)
            unknown += ((targets == Vocabulary.unknown_id) & is_real).sum(0)
        return nats, unknown


def read_ahead(sentences: Iterator[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """Some sentences, or a very long one, at a time."""
    window: list[Sequence[str]] = []
    tokens = 0
    for sentence in sentences:
        window.append(sentence)
        tokens += len(sentence)
        if len(window) >= SENTENCES_AT_ONCE or tokens >= TOKENS_AT_ONCE:
            yield window
            window, tokens = [], 0
    if window:
        yield window


def draw(scores: NDArray[np.float64], sampling: Sampling, random: np.random.Generator) -> int:
    """The id of a target, by their log-probabilities."""
    order = np.argsort(-scores, kind="stable")[: sampling.top_k]
    if sampling.temperature == 0:
        return int(order[0])
    with np.errstate(over="ignore"):  # a temperature next to 0: all but the likeliest have none
        shares = np.exp((scores[order] - scores[order[0]]) / sampling.temperature)
    shares /= shares.sum()
    # The fewest whose shares reach top_p: those before which less than that has come together.
    shares = shares[np.cumsum(shares) - shares < sampling.top_p]
    return int(random.choice(order[: len(shares)], p=shares / shares.sum()))
