"""Sentences to batches of tensors: grouped by length, sized in tokens, shuffled by a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.encoding import Ids, encode_forms
from tagger.network.model import Inputs
from tagger.tasks import IGNORED
from tagger.training.device import moved
from tagger.vocabulary import Vocabularies, Vocabulary

LENGTH_NOISE = 0.5  # tokens; sentences of the same length meet in ever new batches


@dataclass(frozen=True, slots=True)
class EncodedSentence:
    """A sentence as ids. Shapes: forms (length,), each target (length,).

    `forms` are ids of distinct forms, rows of the tables in `Lexicon`. A missing target column is
    absent. `start` counts the tokens of the corpus before it.
    """

    forms: Ids
    targets: Mapping[str, Ids]
    start: int = 0

    def __len__(self) -> int:
        return len(self.forms)


@dataclass(frozen=True, slots=True)
class LanguageInputs:
    """What a corpus gets of a language model.

    Shapes: vectors (forms, vector size), states (tokens, state size).
    """

    vectors: Tensor
    states: NDArray[np.float16]

    def of(self, sentences: Sequence[EncodedSentence], longest: int) -> Tensor:
        """The states of some sentences, padded with 0. Shape: (batch, longest, state size)."""
        padded = np.zeros((len(sentences), longest, self.states.shape[1]), np.float32)
        for row, sentence in zip(padded, sentences, strict=True):
            size = len(sentence)
            row[:size] = self.states[sentence.start : sentence.start + size]
        return torch.from_numpy(padded)


class Lexicon:
    """The distinct forms of a data set with their word ids and character ids.

    Shapes: words (forms,), characters (forms, longest form), affixes (forms, affixes),
    num_characters (forms,), pretrained (forms,) or None. `language` is what a language model says
    of them, if one is read.
    """

    language: LanguageInputs | None = None

    def __init__(self, forms: Sequence[str], vocabularies: Vocabularies) -> None:
        self.ids = {form: i for i, form in enumerate(forms)}
        ids = {name: torch.from_numpy(of) for name, of in encode_forms(forms, vocabularies).items()}
        self.words, self.characters, self.affixes = ids["words"], ids["characters"], ids["affixes"]
        self.pretrained = ids.get("pretrained")
        self.num_characters = (self.characters != Vocabulary.pad_id).sum(1)


class Batch:
    """Inputs and targets of some sentences, ready for the network."""

    def __init__(
        self, sentences: Sequence[EncodedSentence], lexicon: Lexicon, tasks: Sequence[str]
    ) -> None:
        lengths = [len(sentence) for sentence in sentences]
        self.num_tokens = sum(lengths)
        forms = _padded([sentence.forms for sentence in sentences], lengths, 0)
        mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
        distinct, inverse = torch.unique(forms, return_inverse=True)
        longest = int(lexicon.num_characters[distinct].max())
        self.inputs = Inputs(
            words=lexicon.words[forms].masked_fill(~mask, Vocabulary.pad_id),
            forms=inverse,
            characters=lexicon.characters[distinct, : max(1, longest)],
            affixes=lexicon.affixes[distinct],
            lengths=torch.tensor(lengths),
            pretrained=None
            if lexicon.pretrained is None
            else lexicon.pretrained[forms].masked_fill(~mask, Vocabulary.pad_id),
        )
        if lexicon.language is not None:
            self.inputs = self.inputs._replace(
                language_vectors=lexicon.language.vectors[distinct],
                language_states=lexicon.language.of(sentences, max(lengths)),
            )
        self.targets: Mapping[str, Tensor] = {
            task: _padded(
                [s.targets.get(task, np.full(len(s), IGNORED)) for s in sentences],
                lengths,
                IGNORED,
            )
            for task in tasks
        }

    def to(self, device: torch.device) -> "Batch":
        """The same batch, on a device from now on."""
        self.inputs, self.targets = moved(self.inputs, device), moved(self.targets, device)
        return self


def _padded(rows: Sequence[Ids], lengths: Sequence[int], padding: int) -> Tensor:
    """Rows of different lengths as one tensor. Shape: (rows, longest)."""
    padded = np.full((len(rows), max(lengths)), padding, np.int64)
    for row, values in zip(padded, rows, strict=True):
        row[: len(values)] = values
    return torch.from_numpy(padded)


def plan_batches(
    lengths: Sequence[int], batch_tokens: int, random: np.random.Generator | None
) -> list[list[int]]:
    """Which sentences go into which batch: alike in length, at most `batch_tokens` with padding.

    A longer sentence is a batch of its own. With `random`, sentences of about the same length and
    then the batches are shuffled; without, both come in order of length.
    """
    keys = np.asarray(lengths, np.float64)
    if random is not None:
        keys = keys + random.uniform(-LENGTH_NOISE, LENGTH_NOISE, len(keys))
    plan: list[list[int]] = []
    longest = 0
    for i in np.argsort(keys, kind="stable").tolist():
        longest = max(longest, lengths[i])
        if not plan or (len(plan[-1]) + 1) * longest > batch_tokens:
            plan.append([])
            longest = lengths[i]
        plan[-1].append(i)
    if random is not None:
        random.shuffle(plan)
    return plan


def count_tagged(sentences: Sequence[EncodedSentence], tasks: Sequence[str]) -> dict[str, int]:
    """How many tokens have a gold tag of each task."""
    targets = [sentence.targets for sentence in sentences]
    return {
        task: sum(int(np.count_nonzero(of[task] != IGNORED)) for of in targets if task in of)
        for task in tasks
    }
