"""Probabilities of a very long sentence by pieces: those of the whole."""

import numpy as np
import pytest

from tagger.inference.decoding import Transitions, decode, legal_transitions
from tagger.inference.forward_backward import marginals
from tagger.inference.long_chains import LongMarginals
from tagger.inference.pieces import PIECE_TOKENS
from tagger.schemes import spans_from_tags
from tagger.sentence import Span

TAGS = ("O", *(f"{prefix}-{label}" for label in ("PER", "LOC") for prefix in "BIES"))
LENGTH = 70 * PIECE_TOKENS + 100  # more than are done at once


def chain(seed: int) -> tuple[np.ndarray, Transitions, list[int], list[Span]]:
    """Random emissions, legal transitions with random scores, the best tags and their spans."""
    random = np.random.default_rng(seed)
    emissions = random.normal(0, 1.5, (LENGTH, len(TAGS))).astype(np.float32)
    legal = legal_transitions(TAGS, "IOBES")
    steps = Transitions(
        legal.start, legal.between + random.normal(0, 1, (9, 9)).astype(np.float32), legal.end
    )
    (ids,) = decode(emissions[None], [LENGTH], steps)
    return emissions, steps, ids, spans_from_tags([TAGS[i] for i in ids])


def test_tokens_and_spans_have_the_probabilities_of_the_whole() -> None:
    emissions, transitions, ids, spans = chain(seed=1)
    whole = marginals(emissions[None], [LENGTH], transitions)
    found = LongMarginals(emissions, transitions, ids, spans)
    assert np.abs(found.tokens - whole.tokens).max() < 1e-9
    assert len(spans) > 1000
    for span in spans:
        path = ids[span.start : span.end]
        assert found.span(0, span.start, span.end, path) == pytest.approx(
            whole.span(0, span.start, span.end, path), abs=1e-9
        )


def test_a_span_that_leaves_its_piece_has_a_probability_too() -> None:
    emissions = np.zeros((3 * PIECE_TOKENS, len(TAGS)), np.float32)
    emissions[:, TAGS.index("I-PER")] = 30.0
    transitions = legal_transitions(TAGS, "IOBES")
    (ids,) = decode(emissions[None], [len(emissions)], transitions)
    (span,) = spans_from_tags([TAGS[i] for i in ids])
    assert (span.start, span.end) == (0, len(emissions))
    found = LongMarginals(emissions, transitions, ids, [span])
    assert 0.0 <= found.span(0, span.start, span.end, ids) <= 1.0
