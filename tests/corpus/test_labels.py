"""Labels renamed and dropped: tags change, spans stay what they were."""

from collections import Counter
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.conllu import read_conllu
from tagger.corpus.labels import drop_labels, map_labels, parse_map, scheme_of
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import UsageError
from tagger.schemes import Scheme, may_follow, spans_from_tags, tags_from_spans
from tagger.sentence import Sentence, Span


def tagged(*tags: str, name: str = "ner") -> Sentence:
    return Sentence(tuple(f"w{i}" for i in range(len(tags))), {name: tags})


def mapped(*tags: str, **mapping: str) -> tuple[str, ...]:
    return map_labels(tagged(*tags), mapping).columns["ner"]


def test_pairs_may_come_one_by_one_or_with_commas_between() -> None:
    assert parse_map(["PER=PERSON, LOC=PLACE", "B-per=B-PER"]) == {
        "PER": "PERSON",
        "LOC": "PLACE",
        "B-per": "B-PER",
    }
    assert parse_map(["a=b=c"]) == {"a": "b=c"}
    assert parse_map([]) == {}


@pytest.mark.parametrize(
    "text", ["", "PER", "=PER", "PER=", "A=B,", "A=B C", "A\u00a0B=C", "A=B\tC"]
)
def test_what_is_no_pair_of_labels_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected labels such as PER=PERSON"):
        parse_map([text])


@pytest.mark.parametrize("text", ["PER=O", "O=PER", "X=_", "_=X"])
def test_outside_and_unannotated_are_no_labels(text: str) -> None:
    with pytest.raises(UsageError, match="expected two labels"):
        parse_map([text])
    old, new = text.split("=")
    if old in ("O", "_"):
        assert mapped("B-A", "O", "_", **{old: new}) == ("B-A", "O", "_")


def test_a_label_is_mapped_once() -> None:
    with pytest.raises(UsageError, match="'PER' to two names"):
        parse_map(["PER=A", "PER=B"])


def test_labels_change_and_prefixes_stay() -> None:
    assert mapped("B-PER", "I-PER", "O", "B-LOC", "_", PER="PERSON") == (
        *("B-PERSON", "I-PERSON", "O", "B-LOC", "_"),
    )
    assert mapped("S-A", "B-A", "E-A", "U-B", "L-C", A="x", B="y", C="z") == (
        *("S-x", "B-x", "E-x", "U-y", "L-z"),
    )


def test_two_labels_can_be_swapped() -> None:
    assert mapped("B-A", "B-B", A="B", B="A") == ("B-B", "B-A")


def test_plain_tags_change_as_a_whole() -> None:
    changed: Counter[str] = Counter()
    sentence = map_labels(
        tagged("NN", "NNS", "_", "NN", name="xpos"), {"NN": "NOUN", "S": "x"}, changed=changed
    )
    assert sentence.columns["xpos"] == ("NOUN", "NNS", "_", "NOUN")
    assert changed == {"NN": 2}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("I-A", "I-B"), ("I-X", "B-X")),  # IO or IOB1: only B- can say that there are two
        (("I-A", "B-A", "I-B", "_"), ("I-X", "B-X", "B-X", "_")),
        (("B-A", "B-B"), ("B-X", "B-X")),
        (("B-A", "I-B"), ("B-X", "B-X")),  # a slip in IOB2
        (("S-A", "B-B", "E-B"), ("S-X", "B-X", "E-X")),
        (("B-A", "E-B"), ("S-X", "S-X")),  # a slip in IOBES
        (("I-A", "O", "I-B"), ("I-X", "O", "I-X")),
    ],
)
def test_spans_that_touch_stay_two_when_they_get_one_label(
    tags: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert mapped(*tags, A="X", B="X") == expected


@given(st.data(), st.sampled_from([s for s in get_args(Scheme) if s != "IO"]))
@settings(deadline=None, max_examples=60)
def test_mapping_keeps_every_span_and_the_scheme(data: st.DataObject, scheme: Scheme) -> None:
    lengths = data.draw(st.lists(st.integers(1, 3), max_size=5))
    spans, at = [], 0
    for length in lengths:
        at += data.draw(st.integers(0, 1))
        spans.append(Span(at, at + length, data.draw(st.sampled_from("ABC"))))
        at += length
    tags = tuple(tags_from_spans(spans, at + 1, scheme))
    changed: Counter[str] = Counter()
    new = map_labels(tagged(*tags), {"A": "B", "C": "A"}, changed=changed).columns["ner"]
    renamed = [span._replace(label={"A": "B", "C": "A"}.get(span.label, "B")) for span in spans]
    assert spans_from_tags(new) == renamed
    assert all(may_follow(a, b, scheme) for a, b in zip(("O", *new), (*new, "O"), strict=True))
    assert changed == Counter(span.label for span in spans if span.label != "B")


def test_the_scheme_of_one_sentence_is_one_that_tells_its_spans_apart() -> None:
    assert scheme_of(["I-A", "B-A", "B-A", "I-B"]) == "IOB1"
    assert scheme_of(["I-A", "I-B"]) == "IOB1"
    assert scheme_of(["B-A", "I-B"]) == "IOB2"
    assert scheme_of(["B-A", "L-A"]) == "BILOU"
    assert scheme_of(["O", "O"]) == "IOB2"


def test_spans_are_counted_not_tags() -> None:
    changed: Counter[str] = Counter()
    for _ in range(2):
        map_labels(tagged("B-A", "I-A", "B-A", "B-B"), {"A": "X", "C": "Y"}, changed=changed)
    assert changed == {"A": 4}


def test_dropped_labels_leave_o_and_dropped_plain_tags_leave_nothing() -> None:
    sentence = Sentence(
        ("a", "b", "c"), {"ner": ("B-A", "I-A", "B-B"), "xpos": ("A", "NN", "A"), "x": ("_",) * 3}
    )
    changed: Counter[str] = Counter()
    dropped = drop_labels(sentence, ["A", "Z"], changed=changed)
    assert dropped.columns == {"ner": ("O", "O", "B-B"), "xpos": ("_", "NN", "_"), "x": ("_",) * 3}
    assert changed == {"A": 3}  # one span and two plain tags
    assert drop_labels(sentence, ["O", "_"]) is sentence


def test_only_the_named_columns_change_and_the_others_remain_the_same_objects() -> None:
    columns = {"ner": ("B-A",), "chunk": ("B-A",), "xpos": ("A",)}
    sentence = Sentence(("a",), columns)
    assert map_labels(sentence, {"A": "X"}, ["ner", "absent"]).columns == {
        **columns,
        "ner": ("B-X",),
    }
    dropped = drop_labels(sentence, ["A"], ["xpos", "absent"])
    assert dropped.columns == {**columns, "xpos": ("_",)}
    assert dropped.columns["ner"] is columns["ner"]
    assert map_labels(sentence, {"Z": "X"}) is sentence


def test_the_lines_of_a_mapped_sentence_change_in_its_tags_only() -> None:
    lines = ["# c\n", "1\tBob\t_\tPROPN\t_\t_\t0\troot\t_\tNER=B-PER|A=PER\n", "\n"]
    sentence = map_labels(next(read_conllu(lines, "x")), {"PER": "PERSON", "PROPN": "NAME"})
    assert rewrite_sentence(sentence, ["ner", "upos"]) == (
        "# c\n1\tBob\t_\tNAME\t_\t_\t0\troot\t_\tNER=B-PERSON|A=PER\n\n"
    )
