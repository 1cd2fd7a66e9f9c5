"""Sentences that the tests of several formats write, and any sentence for properties."""

from io import StringIO
from pathlib import Path

from hypothesis import strategies as st
from msgspec.structs import replace

from tagger.corpus.conllu import read_conllu
from tagger.output.style import Style
from tagger.schemes import OUTSIDE, spans_from_tags
from tagger.sentence import Confidence, Ranked, Sentence

FIXTURES = Path(__file__).parents[1] / "fixtures"
STYLE = Style(columns=("upos", "ner"), spans=frozenset({"ner"}))
IN_A_FILE = Style(columns=("upos", "ner"), spans=frozenset({"ner"}), file="a b.txt")
NER = Style(columns=("ner",), spans=frozenset({"ner"}))
NER_IN_A_FILE = Style(columns=("ner",), spans=frozenset({"ner"}), file="a b.txt")
TWO = Style(columns=("ner", "chunk"), spans=frozenset({"ner", "chunk"}))

ADA = Sentence(
    forms=("Ada", "Lovelace", "wrote", "."),
    columns={
        "upos": ("PROPN", "PROPN", "VERB", "PUNCT"),
        "ner": ("B-PER", "I-PER", "O", "O"),
    },
    offsets=((10, 13), (14, 22), (23, 28), (28, 29)),
    text="Ada Lovelace wrote.",
    start=10,
)
SURE_ADA = replace(
    ADA,
    confidence={
        "upos": Confidence((0.98765, 1.0, 0.5, 0.25)),
        "ner": Confidence(
            tokens=(0.9, 0.8, 0.99999, 0.00001),
            spans=(0.73214,),
            best=(
                Ranked(("B-PER", "I-PER", "O", "O"), 0.61004),
                Ranked(("B-PER", "O", "O", "O"), 0.2),
            ),
        ),
    },
)
# Forms with a tab and a line break inside, from a text that has them.
ODD = Sentence(
    forms=("New\tYork", "a\nb", "\r"),
    columns={"upos": ("X", "X", "X"), "ner": ("B-LOC", "O", "O")},
    offsets=((0, 8), (9, 12), (12, 13)),
    text="New\tYork a\nb\r",
)
NOTHING = Sentence((), {"upos": (), "ner": ()})


def read_conllu_text(text: str) -> list[Sentence]:
    return list(read_conllu(StringIO(text, newline="\n"), "x"))


def tagged(sentence: Sentence) -> Sentence:
    """The sentence with X and O for all its tokens, as if a model had said so."""
    n = len(sentence)
    return sentence.with_columns({"upos": ("X",) * n, "ner": ("O",) * n})


def of_words(text: str, **columns: str) -> Sentence:
    """A sentence of the words of a text; the tags of each column stand in a string too."""
    forms = tuple(text.split())
    return Sentence(forms, {name: tuple(tags.split()) for name, tags in columns.items()})


def rows_of(text: str) -> list[list[str]]:
    """The cells of every line that has any."""
    return [line.split("\t") for line in text.split("\n") if line]


characters = st.characters() | st.sampled_from("\t\n\r \u2028\u0085\x00<&\"[]'/\udc80")
plain_tags = st.sampled_from(["X", "NOUN"])
tags = st.sampled_from([OUTSIDE, "B-PER", "I-PER", "B-LOC", "I-LOC"])


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    """Any text cut into tokens anywhere, tags in `upos`, `ner` and `chunk`, with confidence or not.

    Tokens cover at least one character each.
    """
    words = draw(st.lists(st.text(characters, min_size=1, max_size=4), min_size=1, max_size=6))
    gaps = draw(st.tuples(*[st.text(characters, max_size=2)] * len(words)))
    begin = draw(st.integers(0, 5))
    text, offsets = "", []
    for gap, word in zip(gaps, words, strict=True):
        start = begin + len(text) + len(gap)
        offsets.append((start, start + len(word)))
        text += gap + word
    columns = {
        name: draw(st.tuples(*[of_column] * len(words)))
        for name, of_column in (("upos", plain_tags), ("ner", tags), ("chunk", tags))
    }
    sentence = Sentence(tuple(words), columns, tuple(offsets), text + draw(st.text()), begin)
    return sure(sentence) if draw(st.booleans()) else sentence


def sure(sentence: Sentence) -> Sentence:
    """The sentence as told by a model that is three quarters sure of everything."""
    confidence = {
        name: Confidence(tokens=(0.75,) * len(sentence), spans=(0.75,) * len(spans_from_tags(tags)))
        for name, tags in sentence.columns.items()
    }
    return replace(sentence, confidence=confidence)
