"""Sentences to batches of tensors: grouped by length, sized in tokens, shuffled by a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.encoding import Ids
from tagger.inference.subwords import Frame, Pieces, piece_batch, windows_in
from tagger.network.model import Inputs, Network
from tagger.tasks import IGNORED
from tagger.training.device import moved
from tagger.training.form_ids import LanguageForms, encoded
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

    def num_tagged(self, task: str) -> int:
        """How many of its tokens have a gold tag."""
        ids = self.targets.get(task)
        return 0 if ids is None else int(np.count_nonzero(ids != IGNORED))


class Likeliest(NamedTuple):
    """The likeliest tags of some tokens and how likely they are. Shapes: (tokens, top) each.

    A row of `chances` adds up to 1, or to 0 where the teacher says nothing of that token; `ids`
    whose chance is 0 mean nothing.
    """

    ids: Ids
    chances: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SoftSentence:
    """A sentence with a teacher's probabilities by task. Shape: forms (length,)."""

    forms: Ids
    tags: Mapping[str, Likeliest]

    def __len__(self) -> int:
        return len(self.forms)

    def num_tagged(self, task: str) -> int:
        """How many of its tokens the teacher labelled."""
        tags = self.tags.get(task)
        return 0 if tags is None else int(np.count_nonzero(tags.chances.any(axis=1)))


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


@dataclass(frozen=True, slots=True)
class PieceInputs:
    """The pieces of a data set's distinct forms, for a transformer."""

    of_forms: Sequence[Pieces]
    frame: Frame

    def of(self, sentences: Sequence[EncodedSentence]) -> tuple[Tensor, Tensor, Tensor]:
        """Pieces, their lengths and the tokens' places, as `network.model.Inputs` has them."""
        of_tokens = [[self.of_forms[form] for form in s.forms.tolist()] for s in sentences]
        batch = piece_batch(windows_in(of_tokens, self.frame), self.frame)
        lengths = [len(sentence) for sentence in sentences]
        places = _padded(np.split(batch.places, np.cumsum(lengths)[:-1]), lengths, 0)
        return torch.from_numpy(batch.pieces), torch.from_numpy(batch.lengths), places


class Lexicon:
    """The distinct forms of a data set with their word ids and character ids.

    Shapes: words (forms,), characters (forms, longest form), affixes (forms, affixes),
    num_characters (forms,), pretrained (forms,) or None. `language` is what a language model says
    of them, if one is read, or `language_forms` what it reads, if it is fine-tuned; `pieces` are
    what a transformer reads of them, if there is one.
    """

    language: LanguageInputs | None = None
    language_forms: LanguageForms | None = None
    pieces: PieceInputs | None = None

    def __init__(self, forms: Sequence[str], vocabularies: Vocabularies) -> None:
        self.ids = {form: i for i, form in enumerate(forms)}
        ids = encoded(forms, vocabularies)
        self.words, self.characters, self.affixes = ids["words"], ids["characters"], ids["affixes"]
        self.pretrained = ids.get("pretrained")
        self.num_characters = (self.characters != Vocabulary.pad_id).sum(1)


def _inputs(
    sentences: Sequence[EncodedSentence | SoftSentence], lexicon: Lexicon
) -> tuple[Inputs, Tensor]:
    """What the network reads of some sentences, and which forms those of the inputs are."""
    lengths = [len(sentence) for sentence in sentences]
    forms = _padded([sentence.forms for sentence in sentences], lengths, 0)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
    distinct, inverse = torch.unique(forms, return_inverse=True)
    longest = int(lexicon.num_characters[distinct].max())
    inputs = Inputs(
        words=lexicon.words[forms].long().masked_fill(~mask, Vocabulary.pad_id),
        forms=inverse,
        characters=lexicon.characters[distinct, : max(1, longest)].long(),
        affixes=lexicon.affixes[distinct].long(),
        lengths=torch.tensor(lengths),
        pretrained=None
        if lexicon.pretrained is None
        else lexicon.pretrained[forms].long().masked_fill(~mask, Vocabulary.pad_id),
    )
    return inputs, distinct


class Batch:
    """Inputs and gold tags of some sentences, ready for the network."""

    def __init__(
        self, sentences: Sequence[EncodedSentence], lexicon: Lexicon, tasks: Sequence[str]
    ) -> None:
        lengths = [len(sentence) for sentence in sentences]
        self.num_tokens = sum(lengths)
        self.inputs, distinct = _inputs(sentences, lexicon)
        if lexicon.language is not None:
            self.inputs = self.inputs._replace(
                language_vectors=lexicon.language.vectors[distinct],
                language_states=lexicon.language.of(sentences, max(lengths)),
            )
        if lexicon.language_forms is not None:
            language_forms = lexicon.language_forms.of(distinct)
            self.inputs = self.inputs._replace(language_forms=language_forms)
        if lexicon.pieces is not None:
            pieces, piece_lengths, places = lexicon.pieces.of(sentences)
            self.inputs = self.inputs._replace(
                pieces=pieces, piece_lengths=piece_lengths, places=places
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

    def loss(self, network: Network, num_tagged: Mapping[str, int]) -> Tensor:
        """Against the gold tags; shapes and `num_tagged` as in `Network.losses`."""
        return network.losses(network(self.inputs), self.targets, num_tagged)


class SoftBatch:
    """Inputs and a teacher's probabilities; their loss counts `weight` times."""

    def __init__(
        self,
        sentences: Sequence[SoftSentence],
        lexicon: Lexicon,
        num_tags: Mapping[str, int],
        *,
        weight: float,
        temperature: float,
    ) -> None:
        self.num_tokens = sum(map(len, sentences))
        self.inputs, _ = _inputs(sentences, lexicon)
        lengths = self.inputs.lengths.numpy()
        self.distributions: Mapping[str, Tensor] = {
            task: _dense([sentence.tags[task] for sentence in sentences], lengths, size)
            for task, size in num_tags.items()
        }
        self._weight, self._temperature = weight, temperature

    def to(self, device: torch.device) -> "SoftBatch":
        """The same batch, on a device from now on."""
        self.inputs = moved(self.inputs, device)
        self.distributions = moved(self.distributions, device)
        return self

    def loss(self, network: Network, num_tagged: Mapping[str, int]) -> Tensor:
        """Against the teacher's probabilities; shapes as in `Network.soft_losses`."""
        emissions = network(self.inputs)
        losses = network.soft_losses(
            emissions, self.distributions, num_tagged, temperature=self._temperature
        )
        return self._weight * losses


def _dense(tags: Sequence[Likeliest], lengths: Ids, num_tags: int) -> Tensor:
    """The probabilities of all tags. Shape: lengths (batch,) -> (batch, longest, num_tags)."""
    ids, chances = (np.concatenate(parts) for parts in zip(*tags, strict=True))
    padded = np.zeros((len(lengths), lengths.max(), num_tags), np.float32)
    sentences, positions = np.nonzero(np.arange(lengths.max()) < lengths[:, None])
    np.add.at(padded, (sentences[:, None], positions[:, None], ids), chances)
    return torch.from_numpy(padded)


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


def count_tagged(
    sentences: Sequence[EncodedSentence | SoftSentence], tasks: Sequence[str]
) -> dict[str, int]:
    """How many tokens have a gold tag, or a teacher's label, of each task."""
    return {task: sum(s.num_tagged(task) for s in sentences) for task in tasks}
