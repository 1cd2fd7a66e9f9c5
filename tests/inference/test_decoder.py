"""Emissions to written tags: the scheme, what is left out, and how sure it is."""

import math
from itertools import pairwise, product

import numpy as np
import pytest

from tagger.inference.decoder import Decoder, Decoding, written_tags
from tagger.inference.decoding import FORBIDDEN, Transitions, legal_transitions
from tagger.inference.folder import Head
from tagger.schemes import OUTSIDE, Scheme, convert_tags, slips, spans_from_tags
from tagger.tasks import Task

IOBES = (OUTSIDE, *(f"{prefix}-{label}" for label in ("LOC", "PER") for prefix in "BIES"))
SPANS = Task(name="ner", tags=IOBES, scheme="IOBES")
PLAIN = Task(name="upos", tags=("ADJ", "NOUN", "VERB"), scheme=None)
SURE = Decoding(probabilities=True)


def head(task: Task, kind: str = "softmax", seed: int | None = None) -> Head:
    """Zeros and FORBIDDEN, or learned scores in place of the zeros."""
    legal = legal_transitions(task.tags, task.scheme)
    random = np.random.default_rng(seed)

    def scores(part: np.ndarray) -> list[float]:
        learned = random.normal(0, 1, part.shape) if seed is not None else part
        return np.where(part <= FORBIDDEN, part, learned).astype(np.float32).tolist()  # type: ignore[no-any-return]

    parts = [scores(part) for part in (legal.start, legal.between, legal.end)]
    return Head(task=task, kind=kind, start=parts[0], between=parts[1], end=parts[2])  # type: ignore[arg-type]


def emissions_of(task: Task, lengths: list[int], seed: int = 1, spread: float = 2.0) -> np.ndarray:
    shape = (len(lengths), max(lengths), len(task.tags))
    return np.random.default_rng(seed).normal(0, spread, shape).astype(np.float32)


def favouring(task: Task, *tags: str, by: float = 20.0) -> np.ndarray:
    """Emissions of one sentence in which these tags score highest."""
    emissions = np.zeros((1, len(tags), len(task.tags)), np.float32)
    for i, tag in enumerate(tags):
        emissions[0, i, task.tags.index(tag)] = by
    return emissions


def legal_sequences(task: Task, length: int) -> list[tuple[int, ...]]:
    legal = legal_transitions(task.tags, task.scheme)
    return [ids for ids in product(range(len(task.tags)), repeat=length) if _cost(ids, legal) == 0]


def _cost(ids: tuple[int, ...], steps: Transitions) -> float:
    between = sum(float(steps.between[pair]) for pair in pairwise(ids))
    return float(steps.start[ids[0]]) + between + float(steps.end[ids[-1]])


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_what_is_written_for_a_legal_sequence_is_its_iob2(length: int) -> None:
    written = written_tags(SPANS)
    sequences = legal_sequences(SPANS, length)
    assert len(sequences) >= 3**length
    for ids in sequences:
        assert tuple(written[i] for i in ids) == SPANS.decode(ids)


@pytest.mark.parametrize("scheme", ["IOB2", "IOBES"])
def test_schemes_of_a_head_are_written_as_the_task_writes_them(scheme: Scheme) -> None:
    tags = sorted({tag for ids in legal_sequences(SPANS, 3) for tag in _of(ids, scheme)})
    task = Task(name="ner", tags=tuple(tags), scheme=scheme)
    for ids in legal_sequences(task, 3):
        assert tuple(written_tags(task)[i] for i in ids) == task.decode(ids)


def _of(ids: tuple[int, ...], scheme: Scheme) -> list[str]:
    return convert_tags([IOBES[i] for i in ids], scheme)


def test_plain_tags_are_written_as_they_are() -> None:
    task = Task(name="x", tags=("S", "E-x", "B"), scheme=None)
    assert written_tags(task) == task.tags


@pytest.mark.parametrize("kind", ["softmax", "crf"])
def test_spans_are_legal_iob2_and_each_sentence_has_its_length(kind: str) -> None:
    lengths = [1, 7, 3, 12]
    decoder = Decoder(head(SPANS, kind, seed=2), Decoding())
    decoded = decoder.decode(emissions_of(SPANS, lengths), lengths)
    assert [len(tags) for tags, _ in decoded] == lengths
    for tags, confidence in decoded:
        assert not slips(tags)
        assert {tag[0] for tag in tags} <= set("OBI")
        assert confidence is None
    assert any(spans_from_tags(tags) for tags, _ in decoded)


def test_an_unconstrained_softmax_head_takes_the_best_tag_of_each_token() -> None:
    emissions = favouring(SPANS, "I-PER", "E-PER", "O", "B-LOC", "B-LOC", "S-PER")
    free = Decoder(head(SPANS), Decoding(constrained=False))
    ((tags, _),) = free.decode(emissions, [6])
    assert tags == ("B-PER", "I-PER", "O", "B-LOC", "B-LOC", "B-PER")
    kept = Decoder(head(SPANS), Decoding())
    assert kept.decode(emissions, [6])[0][0] != tags


def test_a_crf_head_stays_constrained_whatever_is_asked() -> None:
    lengths = [9, 4]
    emissions = emissions_of(SPANS, lengths, seed=5)
    asked = [Decoder(head(SPANS, "crf", 3), Decoding(constrained=c)) for c in (True, False)]
    assert asked[0].decode(emissions, lengths) == asked[1].decode(emissions, lengths)


def brute_force(of: Head, emissions: np.ndarray) -> dict[tuple[int, ...], float]:
    """The probability of every sequence of one sentence."""
    scores = of.transitions()
    weights = {}
    for ids in product(range(len(of.task.tags)), repeat=len(emissions)):
        cost = _cost(ids, scores)
        if cost > FORBIDDEN / 2:
            emitted = sum(float(emissions[i, tag]) for i, tag in enumerate(ids))
            weights[ids] = math.exp(cost + emitted)
    total = sum(weights.values())
    return {ids: weight / total for ids, weight in weights.items()}


@pytest.mark.parametrize("kind", ["softmax", "crf"])
@pytest.mark.parametrize("task", [SPANS, PLAIN], ids=["spans", "plain"])
def test_confidence_is_what_all_sequences_say(kind: str, task: Task) -> None:
    of = head(task, kind, seed=4 if kind == "crf" else None)
    emissions = emissions_of(task, [4], seed=6)
    ((tags, sure),) = Decoder(of, Decoding(probabilities=True, n_best=5)).decode(emissions, [4])
    assert sure is not None
    every = brute_force(of, emissions[0])
    best = max(every, key=lambda ids: every[ids])
    assert tags == task.decode(best)
    by_token = [
        sum(p for ids, p in every.items() if task.decode(ids)[i] == tags[i]) for i in range(4)
    ]
    assert sure.tokens == pytest.approx(by_token)
    spans = spans_from_tags(tags) if task.scheme else []
    assert bool(spans) == (task is SPANS)
    by_span = [
        sum(p for ids, p in every.items() if ids[s.start : s.end] == best[s.start : s.end])
        for s in spans
    ]
    assert sure.spans == pytest.approx(by_span)
    ranked = sorted(every.items(), key=lambda item: -item[1])[:5]
    assert [r.tags for r in sure.best] == [task.decode(ids) for ids, _ in ranked]
    assert [r.probability for r in sure.best] == pytest.approx([p for _, p in ranked])


@pytest.mark.parametrize("seed", range(4))
def test_confidence_is_in_range_and_a_span_is_no_surer_than_its_tokens(seed: int) -> None:
    lengths = [1, 30, 8]
    decoder = Decoder(head(SPANS, "crf", seed), SURE)
    for tags, sure in decoder.decode(emissions_of(SPANS, lengths, seed), lengths):
        assert sure is not None
        assert len(sure.tokens) == len(tags)
        assert all(0.0 < p <= 1.0 for p in sure.tokens)
        spans = spans_from_tags(tags)
        assert len(sure.spans) == len(spans)
        for span, p in zip(spans, sure.spans, strict=True):
            assert 0.0 < p <= min(sure.tokens[span.start : span.end]) + 1e-9
        assert sure.best == ()


def test_the_best_sequences_come_in_order_and_the_first_is_the_answer() -> None:
    lengths = [5, 2, 1]
    decoder = Decoder(head(SPANS, "crf", 7), Decoding(n_best=6))
    for tags, sure in decoder.decode(emissions_of(SPANS, lengths, 8), lengths):
        assert sure is not None, "who asks for the best sequences is told how sure they are"
        probabilities = [ranked.probability for ranked in sure.best]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) <= 1.0 + 1e-9
        assert sure.best[0].tags == tags
        assert len({ranked.tags for ranked in sure.best}) == len(sure.best)
        assert all(len(ranked.tags) == len(tags) for ranked in sure.best)


@pytest.mark.parametrize("constrained", [True, False])
@pytest.mark.parametrize("probabilities", [True, False])
@pytest.mark.parametrize("least", [0.25, 0.4, 0.6, 1.0])
def test_just_the_spans_below_the_least_probability_are_left_out(
    least: float, probabilities: bool, constrained: bool
) -> None:
    lengths = [20, 3, 11]
    of, emissions = head(SPANS), emissions_of(SPANS, lengths, 9)
    all_of_them = Decoding(probabilities=True, constrained=constrained)
    some = Decoding(probabilities=probabilities, constrained=constrained, min_prob=least)
    before = Decoder(of, all_of_them).decode(emissions, lengths)
    after = Decoder(of, some).decode(emissions, lengths)
    num_left_out = 0
    for (tags, sure), (fewer, still_sure) in zip(before, after, strict=True):
        assert sure is not None
        pairs = list(zip(spans_from_tags(tags), sure.spans, strict=True))
        likely = [span for span, p in pairs if p >= least]
        num_left_out += len(pairs) - len(likely)
        assert spans_from_tags(fewer) == likely
        assert not slips(fewer)
        assert (still_sure is not None) == probabilities
        if still_sure is not None:
            assert still_sure.spans == tuple(p for _, p in pairs if p >= least)
            changed = [i for i in range(len(tags)) if tags[i] != fewer[i]]
            assert all(fewer[i] == OUTSIDE for i in changed)
            for i in range(len(tags)):
                assert (still_sure.tokens[i] == sure.tokens[i]) == (i not in changed)
    assert num_left_out > 0


def test_plain_tags_are_never_left_out() -> None:
    emissions = emissions_of(PLAIN, [8])
    for decoding in (SURE, Decoding(probabilities=True, min_prob=1.0)):
        ((tags, sure),) = Decoder(head(PLAIN), decoding).decode(emissions, [8])
        assert tags == tuple(PLAIN.tags[i] for i in emissions[0].argmax(-1))
        assert sure is not None
        assert len(sure.tokens) == 8
        assert sure.spans == ()


def test_a_sentence_is_as_sure_alone_as_in_a_batch() -> None:
    lengths = [3, 14, 1, 6]
    emissions = emissions_of(SPANS, lengths, 10)
    decoder = Decoder(head(SPANS, "crf", 11), Decoding(probabilities=True, n_best=3, min_prob=0.2))
    together = decoder.decode(emissions, lengths)
    alone = [decoder.decode(emissions[i : i + 1, :n], [n])[0] for i, n in enumerate(lengths)]
    assert together == alone
