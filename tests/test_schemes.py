"""Tags to spans and back in every scheme, against conlleval's rules and against brute force."""

from collections.abc import Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.schemes import (
    SCHEMES,
    Scheme,
    convert_tags,
    guess_scheme,
    is_span_column,
    is_span_tag,
    likely_scheme,
    may_follow,
    slips,
    spans_from_tags,
    split_tag,
    tags_from_spans,
)
from tagger.sentence import Span

PREFIXES: dict[Scheme, str] = {
    "IO": "I",
    "IOB1": "IB",
    "IOB2": "BI",
    "IOBES": "BIES",
    "BILOU": "BILU",
}
# The same four spans in every scheme: A on 0-2, A on 3 (touching), B on 4-5 (touching), A on 7.
SPANS = [Span(0, 3, "A"), Span(3, 4, "A"), Span(4, 6, "B"), Span(7, 8, "A")]
WRITTEN: dict[Scheme, str] = {
    "IOB1": "I-A I-A I-A B-A I-B I-B O I-A",
    "IOB2": "B-A I-A I-A B-A B-B I-B O B-A",
    "IOBES": "B-A I-A E-A S-A B-B E-B O S-A",
    "BILOU": "B-A I-A L-A U-A B-B L-B O U-A",
}


def tags_of(scheme: Scheme, labels: str = "XY") -> list[str]:
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in PREFIXES[scheme])]


def conlleval_spans(tags: Sequence[str]) -> list[Span]:
    """Spans by startOfChunk and endOfChunk of conlleval 2004, S- and U-, L- as in its heirs."""
    spans: list[Span] = []
    begun: int | None = None
    for i, (before, after) in enumerate(pairwise(["O", *tags, "O"])):
        prev, prev_type = split_tag(before)
        tag, tag_type = split_tag(after)
        ends = (prev, tag) in {("B", "B"), ("B", "O"), ("I", "B"), ("I", "O")}
        ends |= prev in ("E", "L", "S", "U") or (tag in ("S", "U") and prev != "O")
        ends |= prev != "O" and prev_type != tag_type
        starts = tag in ("B", "S", "U") or (prev == "O" and tag in ("I", "E", "L"))
        starts |= prev in ("E", "L", "S", "U") and tag in ("I", "E", "L")
        starts |= tag != "O" and prev_type != tag_type
        if ends and begun is not None:
            spans.append(Span(begun, i, prev_type))
            begun = None
        if starts:
            begun = i
    return spans


@pytest.mark.parametrize("scheme", WRITTEN)
def test_the_same_spans_are_read_from_every_scheme(scheme: Scheme) -> None:
    assert spans_from_tags(WRITTEN[scheme].split()) == SPANS


@pytest.mark.parametrize("scheme", WRITTEN)
def test_the_same_spans_are_written_in_every_scheme(scheme: Scheme) -> None:
    assert tags_from_spans(SPANS, 8, scheme) == WRITTEN[scheme].split()


def test_io_joins_touching_spans_of_one_label_because_it_cannot_tell_them_apart() -> None:
    tags = tags_from_spans(SPANS, 8, "IO")
    assert tags == "I-A I-A I-A I-A I-B I-B O I-A".split()
    assert spans_from_tags(tags) == [Span(0, 4, "A"), Span(4, 6, "B"), Span(7, 8, "A")]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", []),
        ("O O", []),
        ("I-A I-A", [(0, 2, "A")]),  # a begin is missing
        ("I-A I-B", [(0, 1, "A"), (1, 2, "B")]),
        ("B-A I-B", [(0, 1, "A"), (1, 2, "B")]),
        ("B-A B-A", [(0, 1, "A"), (1, 2, "A")]),
        ("B-A O I-A", [(0, 1, "A"), (2, 3, "A")]),
        ("B-A I-A", [(0, 2, "A")]),  # never ended in IOBES: the sentence's end ends it
        ("B-A I-A B-A", [(0, 2, "A"), (2, 3, "A")]),
        ("E-A", [(0, 1, "A")]),
        ("E-A E-A", [(0, 1, "A"), (1, 2, "A")]),
        ("B-A E-A I-A", [(0, 2, "A"), (2, 3, "A")]),
        ("B-A E-B", [(0, 1, "A"), (1, 2, "B")]),
        ("S-A I-A", [(0, 1, "A"), (1, 2, "A")]),
        ("B-A S-A", [(0, 1, "A"), (1, 2, "A")]),
        ("U-A L-A", [(0, 1, "A"), (1, 2, "A")]),
        ("B-creative-work I-creative-work", [(0, 2, "creative-work")]),
    ],
)
def test_spans_are_those_that_conlleval_counts(
    tags: str, expected: list[tuple[int, int, str]]
) -> None:
    assert spans_from_tags(tags.split()) == expected


def test_every_sequence_of_four_tags_has_the_spans_of_conlleval_rules() -> None:
    tags = ["O", *(f"{prefix}-{label}" for label in "XY" for prefix in "BIES")]
    for length in range(5):
        for sequence in product(tags, repeat=length):
            assert spans_from_tags(sequence) == conlleval_spans(sequence), sequence


@st.composite
def span_lists(draw: st.DrawFn, touching_alike: bool = True) -> tuple[list[Span], int]:
    """Spans in order, with gaps or none, and a length that holds them."""
    spans: list[Span] = []
    end = 0
    parts = st.tuples(st.integers(0, 2), st.integers(1, 4), st.sampled_from(["PER", "LOC", "x-y"]))
    for gap, length, label in draw(st.lists(parts, max_size=8)):
        alike = bool(spans) and spans[-1].label == label and gap == 0
        start = end + gap + (alike and not touching_alike)
        end = start + length
        spans.append(Span(start, end, label))
    return spans, end + draw(st.integers(0, 2))


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme != "IO"])
@given(given_spans=span_lists())
@settings(deadline=None)
def test_spans_survive_any_scheme_that_can_tell_neighbours_apart(
    scheme: Scheme, given_spans: tuple[list[Span], int]
) -> None:
    spans, length = given_spans
    tags = tags_from_spans(spans, length, scheme)
    assert len(tags) == length
    assert set(tags) <= {"O"} | {f"{p}-{s.label}" for p in PREFIXES[scheme] for s in spans}
    assert spans_from_tags(tags) == spans


@given(given_spans=span_lists(touching_alike=False))
@settings(deadline=None)
def test_spans_survive_io_where_none_touches_its_like(
    given_spans: tuple[list[Span], int],
) -> None:
    spans, length = given_spans
    assert spans_from_tags(tags_from_spans(spans, length, "IO")) == spans


@given(
    tags=st.lists(st.sampled_from(["O", *(f"{p}-{x}" for p in "BIELSU" for x in "XY")])),
    scheme=st.sampled_from([scheme for scheme in SCHEMES if scheme != "IO"]),
)
@settings(deadline=None)
def test_converting_keeps_the_spans_of_any_tags_slips_included(
    tags: list[str], scheme: Scheme
) -> None:
    converted = convert_tags(tags, scheme)
    assert spans_from_tags(converted) == spans_from_tags(tags)
    assert convert_tags(converted, scheme) == converted


@pytest.mark.parametrize(
    "spans",
    [
        [Span(0, 2, "A"), Span(1, 3, "A")],
        [Span(2, 3, "A"), Span(0, 1, "A")],
        [Span(1, 1, "A")],
        [Span(2, 4, "A")],
        [Span(-1, 1, "A")],
    ],
    ids=["overlapping", "out of order", "empty", "too long", "before the sentence"],
)
def test_spans_that_no_tags_can_hold_are_refused(spans: list[Span]) -> None:
    with pytest.raises(ValueError, match="overlapping or beyond 3 tokens"):
        tags_from_spans(spans, 3, "IOB2")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_exactly_the_tag_sequences_that_spans_can_give_may_follow_one_another(
    scheme: Scheme,
) -> None:
    tags = tags_of(scheme)
    for length in range(5):
        for sequence in product(tags, repeat=length):
            writable = convert_tags(sequence, scheme) == list(sequence)
            allowed = all(
                may_follow(before, after, scheme)
                for before, after in pairwise(["O", *sequence, "O"])
            )
            assert allowed == writable, sequence


@pytest.mark.parametrize("scheme", ["IOB2", "IOBES", "BILOU"])
def test_a_sequence_has_slips_exactly_where_its_begins_are_missing(scheme: Scheme) -> None:
    for sequence in product(tags_of(scheme), repeat=3):
        illegal = [
            i
            for i, (before, after) in enumerate(pairwise(["O", *sequence]))
            if after[0] in "IEL" and not may_follow(before, after, scheme)
        ]
        assert slips(sequence) == illegal, sequence


def test_slips_are_told_by_their_position() -> None:
    assert slips("O I-A I-A B-A I-B E-B S-A E-A".split()) == [1, 4, 7]
    assert slips("B-A I-A E-A O U-A".split()) == []


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (["I-A I-A O", "O I-B"], "IO"),
        (["I-A I-A B-A", "O I-B"], "IOB1"),
        (["B-A I-A O", "B-B B-B"], "IOB2"),
        (["B-A I-A O", "O I-B", "B-A"], "IOB2"),  # one slip
        (["B-A E-A O", "O S-B"], "IOBES"),
        (["S-A O"], "IOBES"),
        (["B-A L-A O", "O U-B"], "BILOU"),
        (["O O"], "IOB2"),
        ([], "IOB2"),
    ],
)
def test_the_scheme_is_guessed_from_what_is_written(sentences: list[str], expected: Scheme) -> None:
    assert guess_scheme(sentence.split() for sentence in sentences) == expected


@pytest.mark.parametrize("scheme", WRITTEN)
def test_the_scheme_of_written_tags_is_guessed_again(scheme: Scheme) -> None:
    assert guess_scheme([WRITTEN[scheme].split()]) == scheme


@pytest.mark.parametrize("tag", ["O", "B-PER", "I-creative-work", "E-x", "L-x", "S-x", "U--"])
def test_span_tags_are_known_by_their_prefix(tag: str) -> None:
    assert is_span_tag(tag)


@pytest.mark.parametrize("tag", ["", "_", "-", "B-", "B", "NN", "PER", "X-PER", "BI-PER", "o"])
def test_other_tags_are_no_span_tags(tag: str) -> None:
    assert not is_span_tag(tag)


def test_a_tag_is_split_at_its_first_dash() -> None:
    assert split_tag("B-creative-work") == ("B", "creative-work")
    assert split_tag("O") == ("O", "")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"O": 90, "B-PER": 9, "BPER": 1}, True),
        ({"O": 90, "B-PER": 5, "BPER": 5}, True),  # nineteen in twenty, and half of those not O
        ({"O": 90, "B-PER": 4, "BPER": 6}, False),
        ({"O": 94, "BPER": 6}, False),
        ({"O": 98, "PER": 2}, False),  # rare, but none of them a span tag
        ({"O": 98, "B-PER": 1, "PER": 1}, True),
        ({"B-PER": 19, "x": 1}, True),
        ({"B-PER": 18, "x": 1}, False),
        ({"O": 5}, True),
        ({"I-A": 1}, True),
        ({"NN": 50, "O": 1}, False),
        ({"O": 0, "B-A": 0}, False),
        ({}, False),
    ],
)
def test_a_span_column_may_have_a_few_misspelt_tags(counts: dict[str, int], expected: bool) -> None:
    assert is_span_column(counts) is expected


@pytest.mark.parametrize(
    ("prefixes", "begun_inside", "expected"),
    [
        ({"B": 10, "I": 5, "O": 99}, 0, "IOB2"),
        ({"B": 10, "I": 5}, 10, "IOB2"),  # as many slips as beginnings
        ({"B": 10, "I": 15}, 11, "IOB1"),
        ({"I": 15}, 1, "IO"),
        ({"B": 50, "I": 41, "E": 9}, 9, "IOB2"),  # slips: not yet a tenth
        ({"B": 50, "I": 40, "E": 10}, 0, "IOBES"),
        ({"B": 50, "I": 40, "U": 10}, 0, "BILOU"),
        ({"E": 3, "S": 3, "L": 3, "U": 2}, 0, "IOBES"),
        ({"E": 3, "S": 3, "L": 3, "U": 4}, 0, "BILOU"),
        ({"O": 9}, 0, "IOB2"),
        ({}, 0, "IOB2"),
    ],
)
def test_the_likely_scheme_by_its_prefixes(
    prefixes: dict[str, int], begun_inside: int, expected: Scheme
) -> None:
    assert likely_scheme(prefixes, begun_inside) == expected
