"""Likely label errors: tags that a model denies which was trained without them.

A tag is the more doubtful the surer the model is of another one and the less it expected the one
that is there: the alternative's probability times the surprisal of the tag. What is denied all over
(this tag for that one) tells rather of the model, such as names it does not know, and weighs less.
docs/experiments.md compares this order with others.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import msgspec
import numpy as np
import torch

from tagger.inference.decoder import written_tags
from tagger.inference.forward_backward import Doubles, marginals
from tagger.schemes import convert_tags, is_span_tag
from tagger.sentence import UNANNOTATED, Sentence
from tagger.tasks import OUTSIDE_SCHEME, Task
from tagger.training.batches import Batch, EncodedSentence, Lexicon, plan_batches
from tagger.training.dev_scores import BATCH_TOKENS
from tagger.training.folds import Fold
from tagger.vocabulary import Vocabularies

LEAST_PROBABILITY = 1e-4  # below it all is equally surprising; unknown to the model has 0
DISCOUNT = 4


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that the model denies, and the tag that it finds most probable there.

    `sentence` and `token` count from 0. `tag` is written as in the corpus, the alternative of a
    span column in IOB2. Both probabilities (0..1) are given the whole sentence.
    """

    sentence: int
    token: int
    column: str
    tag: str
    alternative: str
    probability: float
    tag_probability: float

    @property
    def weight(self) -> float:
        """The alternative's probability times the tag's surprisal, -log of its probability."""
        return self.probability * -math.log(max(self.tag_probability, LEAST_PROBABILITY))


def ranked(doubts: Collection[Doubt]) -> list[Doubt]:
    """The most doubtful first; ties in the order of the corpus.

    A doubt's weight is multiplied by (1 - s) ** DISCOUNT if the share s of the others in its column
    deny the same tag in favour of the same alternative. Rank all doubts of a corpus at once.
    """
    alike = Counter((doubt.column, doubt.tag, doubt.alternative) for doubt in doubts)
    totals = Counter(doubt.column for doubt in doubts)

    def key(doubt: Doubt) -> tuple[float, int, int]:
        others = alike[doubt.column, doubt.tag, doubt.alternative] - 1
        share = others / totals[doubt.column]
        return -doubt.weight * (1.0 - share) ** DISCOUNT, doubt.sentence, doubt.token

    return sorted(doubts, key=key)


@torch.inference_mode()
def doubts_in(fold: Fold) -> list[Doubt]:
    """All tags of the held-out sentences that the trained model denies, in no order.

    doubts = []
    for fold in folds_of(sentences, ["upos"]):
        for report in fold.training.run():
            ...
        doubts += doubts_in(fold)
    for doubt in ranked(doubts)[:10]:
        ...
    """
    network, data = fold.training.best_network(), fold.training.data
    transitions = {name: network.head(name).transitions() for name in network.names}
    columns = [_Column(task) for task in data.tasks]
    lexicon, encoded = _encoded(fold.held_out, data.vocabularies)
    found: list[Doubt] = []
    for chosen in plan_batches([len(s) for s in encoded], BATCH_TOKENS, None):
        batch = Batch([encoded[i] for i in chosen], lexicon, ())
        lengths = batch.inputs.lengths.tolist()
        emissions = network(batch.inputs)
        for column in columns:
            scores = emissions[column.name].numpy()
            chances = marginals(scores, lengths, transitions[column.name]).tokens
            for i, of_sentence in zip(chosen, chances, strict=True):
                found += column.doubts(fold.held_out[i], fold.places[i], of_sentence)
    return found


class _Column:
    """One task's probabilities, compared with what stands in the corpus."""

    def __init__(self, task: Task) -> None:
        self.name = task.name
        self._is_of_spans = task.scheme is not None
        written = written_tags(task)
        self._tags = sorted(set(written))
        self._ids = {tag: i for i, tag in enumerate(self._tags)}
        self._merge = np.array([[tag == other for other in self._tags] for tag in written], float)

    def doubts(self, sentence: Sentence, place: int, chances: Doubles) -> Iterator[Doubt]:
        """What is denied in one sentence. Shape: chances (at least its length, num_tags)."""
        tags = sentence.columns.get(self.name, ())
        merged = chances[: len(tags)] @ self._merge
        best = merged.argmax(1).tolist()
        for token, tag in enumerate(self._comparable(tags)):
            known = self._ids.get(tag)
            if tag != UNANNOTATED and best[token] != known:
                yield Doubt(
                    sentence=place,
                    token=token,
                    column=self.name,
                    tag=tags[token],
                    alternative=self._tags[best[token]],
                    probability=min(1.0, float(merged[token, best[token]])),
                    tag_probability=0.0 if known is None else float(merged[token, known]),
                )

    def _comparable(self, tags: Sequence[str]) -> Sequence[str]:
        """Gold tags as predicted ones are written, where they can be."""
        if not self._is_of_spans:
            return tags
        if UNANNOTATED in tags:  # such a sentence has no gold spans
            return [UNANNOTATED] * len(tags)
        return convert_tags(tags, OUTSIDE_SCHEME) if all(map(is_span_tag, tags)) else tags


def _encoded(
    sentences: Sequence[Sentence], vocabularies: Vocabularies
) -> tuple[Lexicon, list[EncodedSentence]]:
    """Sentences without targets, as ids of the forms of their lexicon."""
    forms = {form for sentence in sentences for form in sentence.forms}
    lexicon = Lexicon(sorted(forms, key=lambda form: (len(form), form)), vocabularies)
    ids = lexicon.ids
    return lexicon, [EncodedSentence(np.array([ids[f] for f in s.forms]), {}) for s in sentences]
