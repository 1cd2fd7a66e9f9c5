"""Scores of one task: accuracy for tags, seqeval's strict span F1 for entities and phrases.

seqeval (Nakayama 2018) is imported where a span is scored, not before: it takes over a second.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import compress

import msgspec

from tagger.schemes import convert_tags, spans_from_tags
from tagger.sentence import UNANNOTATED, Span
from tagger.tasks import OUTSIDE_SCHEME, Task

Tags = Sequence[str]


class LabelScore(msgspec.Struct, frozen=True, kw_only=True):
    """Precision, recall and F1 (0..1) of one label, and how often it is in the gold data."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One figure (0..1) with how it was computed (`signature`) and on how much.

    `precision` and `recall` are None for accuracy, where they are the same as it. `labels` are
    the scores per label, `words` those of known and unknown words, both in the same units.
    """

    task: str
    metric: str
    value: float
    precision: float | None
    recall: float | None
    sentences: int
    tokens: int
    signature: str
    labels: tuple[LabelScore, ...] = ()
    words: tuple[LabelScore, ...] = ()


class RawScore(msgspec.Struct, frozen=True, kw_only=True):
    """Precision, recall and F1 (`value`), 0..1, the counts behind them, and how they were made.

    For tags, `aligned` counts the aligned words and `aligned_accuracy` is of those alone.
    """

    task: str
    metric: str
    value: float
    precision: float
    recall: float
    correct: int
    gold: int
    predicted: int
    aligned: int | None = None
    aligned_accuracy: float | None = None
    signature: str


def score_task(task: Task, gold: Sequence[Tags], predicted: Sequence[Tags]) -> Score:
    """The task's score on sentences that have gold tags; unannotated tokens do not count.

    Gold tags may be in any scheme. `gold` and `predicted` have the same shape.
    """
    if task.scheme is None:
        return _accuracy(task, gold, predicted)
    return _span_f1(task, gold, predicted)


def _accuracy(task: Task, gold: Sequence[Tags], predicted: Sequence[Tags]) -> Score:
    pairs = _token_pairs(gold, predicted)
    correct = sum(right == guess for right, guess in pairs)
    return Score(
        task=task.name,
        metric="accuracy",
        value=correct / max(1, len(pairs)),
        precision=None,
        recall=None,
        sentences=len(gold),
        tokens=len(pairs),
        signature="accuracy|tokens:gold",
        labels=_label_scores(pairs),
    )


def _token_pairs(gold: Sequence[Tags], predicted: Sequence[Tags]) -> list[tuple[str, str]]:
    """Gold and predicted tag of each annotated token."""
    return [
        (right, guess)
        for gold_tags, guesses in zip(gold, predicted, strict=True)
        for right, guess in zip(gold_tags, guesses, strict=True)
        if right != UNANNOTATED
    ]


def _label_scores(pairs: Sequence[tuple[str, str]]) -> tuple[LabelScore, ...]:
    in_gold = Counter(right for right, _ in pairs)
    in_predicted = Counter(guess for _, guess in pairs)
    in_both = Counter(right for right, guess in pairs if right == guess)
    return tuple(
        _from_counts(label, true=in_both[label], predicted=in_predicted[label], gold=support)
        for label, support in sorted(in_gold.items())
    )


def _from_counts(label: str, *, true: int, predicted: int, gold: int) -> LabelScore:
    return LabelScore(
        label=label,
        precision=true / max(1, predicted),
        recall=true / max(1, gold),
        f1=2 * true / max(1, predicted + gold),
        support=gold,
    )


def _span_f1(task: Task, gold: Sequence[Tags], predicted: Sequence[Tags]) -> Score:
    from seqeval.metrics.v1 import precision_recall_fscore_support
    from seqeval.scheme import IOB2

    annotated = [UNANNOTATED not in tags for tags in gold]
    right = [convert_tags(tags, OUTSIDE_SCHEME) for tags in compress(gold, annotated)]
    guessed = [list(tags) for tags in compress(predicted, annotated)]
    labels = sorted({tag[2:] for tags in (*right, *guessed) for tag in tags} - {""})
    figures: tuple[float, float, float] = (0.0, 0.0, 0.0)
    by_label: list[LabelScore] = []
    if labels:
        precision, recall, f1, _ = precision_recall_fscore_support(
            right, guessed, average="micro", scheme=IOB2, zero_division=0
        )
        figures = (float(precision), float(recall), float(f1))
        per_label = precision_recall_fscore_support(
            right, guessed, average=None, scheme=IOB2, zero_division=0
        )
        by_label = [
            LabelScore(
                label=label, precision=float(p), recall=float(r), f1=float(f), support=int(n)
            )
            for label, p, r, f, n in zip(labels, *per_label, strict=True)
        ]
    return Score(
        task=task.name,
        metric="f1",
        value=figures[2],
        precision=figures[0],
        recall=figures[1],
        sentences=len(right),
        tokens=sum(map(len, right)),
        signature="seqeval|span-f1:micro|mode:strict|scheme:IOB2|tokens:gold",
        labels=tuple(by_label),
    )


def score_words(
    task: Task,
    gold: Sequence[Tags],
    predicted: Sequence[Tags],
    known: Sequence[Sequence[bool]],
) -> tuple[LabelScore, ...]:
    """Scores of known and of unknown words; a span is known if all its words are.

    `known` has the shape of the tags.
    """
    names = {True: "known words", False: "unknown words"}
    in_gold, in_predicted, in_both = Counter[bool](), Counter[bool](), Counter[bool]()
    for right, guess, is_known in zip(gold, predicted, known, strict=True):
        right_units, guessed_units = _units(task, right, right), _units(task, guess, right)
        for units, counter in (
            (right_units, in_gold),
            (guessed_units, in_predicted),
            (right_units & guessed_units, in_both),
        ):
            counter.update(all(is_known[unit.start : unit.end]) for unit in units)
    return tuple(
        _from_counts(name, true=in_both[key], predicted=in_predicted[key], gold=in_gold[key])
        for key, name in names.items()
    )


def _units(task: Task, tags: Tags, gold: Tags) -> set[Span]:
    """What is counted: spans of annotated sentences in a span task, annotated tokens otherwise."""
    if task.scheme is not None:
        return set() if UNANNOTATED in gold else set(spans_from_tags(tags))
    return {
        Span(i, i + 1, tag)
        for i, (tag, right) in enumerate(zip(tags, gold, strict=True))
        if right != UNANNOTATED
    }
