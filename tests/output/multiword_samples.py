"""Sentences with multiword tokens: in a line for tests by hand, any of them for properties."""

import re

from hypothesis import strategies as st
from msgspec.structs import replace

from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.samples import plain_tags, tags

UPOS = Style(("upos",), frozenset())


def of_surface(line: str, start: int = 0, **columns: str) -> Sentence:
    """`Va du=de+le~!` are four words in the text `Va du!`; columns are tags with blanks between."""
    forms: list[str] = []
    offsets: list[tuple[int, int]] = []
    text = ""
    for token in re.split("( |~)", line):
        if token in (" ", "~"):
            text += token.strip("~")
            continue
        surface, _, words = token.partition("=")
        of_token = words.split("+") if words else [surface]
        forms += of_token
        offsets += [(start + len(text), start + len(text) + len(surface))] * len(of_token)
        text += surface
    of_columns = {name: tuple(column.split()) for name, column in columns.items()}
    return Sentence(tuple(forms), of_columns, tuple(offsets), text, start)


DONT = of_surface(
    "We don't=do+n't go~.", 10, upos="PRON AUX PART VERB PUNCT", ner="O B-X I-X I-X O"
)
DU = of_surface("Rue du=de+le Bac", upos="NOUN ADP DET PROPN", ner="B-LOC I-LOC O B-PER")
TWO_IN_ONE = of_surface("dis-moi=dis+moi", ner="B-ACT B-PER", upos="VERB PRON")


@st.composite
def multiword_sentences(draw: st.DrawFn) -> Sentence:
    """Surface tokens of one to three words, which have nothing to do with its characters."""
    begin = draw(st.integers(0, 5))
    text = ""
    forms: list[str] = []
    offsets: list[tuple[int, int]] = []
    for _ in range(draw(st.integers(1, 5))):
        text += draw(st.sampled_from(["", " "])) if text else ""
        surface = draw(st.text("ab'é😀", min_size=1, max_size=4))
        words = draw(st.lists(st.text("abc", min_size=1, max_size=3), min_size=2, max_size=3))
        of_token = draw(st.sampled_from([[surface], words]))
        start = begin + len(text)
        forms += of_token
        offsets += [(start, start + len(surface))] * len(of_token)
        text += surface
    of_tags = {"upos": plain_tags, "ner": tags, "chunk": tags}
    columns = {name: draw(st.tuples(*[of] * len(forms))) for name, of in of_tags.items()}
    sentence = Sentence(tuple(forms), columns, tuple(offsets), text, begin)
    return replace(sentence, space_after=draw(st.booleans()))
