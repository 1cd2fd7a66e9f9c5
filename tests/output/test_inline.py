"""Inline text: brackets for spans, slashes for plain tags."""

import pytest
from hypothesis import given, settings

from tagger.output.cells import cell
from tagger.output.inline import as_inline
from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.samples import ADA, NER, NER_IN_A_FILE, ODD, STYLE, TWO, of_words, sentences

UPOS = Style(("upos",), frozenset())


def test_spans_stand_in_brackets_in_the_text_itself() -> None:
    assert as_inline(ADA, NER) == "[PER Ada Lovelace] wrote.\n"


def test_plain_tags_stand_behind_their_words() -> None:
    assert as_inline(ADA, UPOS) == "Ada/PROPN Lovelace/PROPN wrote/VERB ./PUNCT\n"


def test_spans_enclose_words_with_their_tags() -> None:
    assert as_inline(ADA, STYLE) == "[PER Ada/PROPN Lovelace/PROPN] wrote/VERB ./PUNCT\n"


def test_several_plain_tags_stand_in_the_order_of_the_style() -> None:
    sentence = of_words("rain falls", xpos="NN VBZ", upos="NOUN VERB")
    style = Style(("upos", "xpos"), frozenset())
    assert as_inline(sentence, style) == "rain/NOUN/NN falls/VERB/VBZ\n"


def test_the_blanks_of_the_text_are_kept_and_line_breaks_become_blanks() -> None:
    assert as_inline(ODD, NER) == "[LOC New York] a b \n"
    sentence = Sentence(("a", "b"), {"ner": ("B-X", "I-X")}, ((2, 3), (6, 7)), "  a  \nb", 0)
    assert as_inline(sentence, NER) == "  [X a   b]\n"


def test_words_with_a_tag_keep_to_their_line_and_are_never_empty() -> None:
    assert as_inline(ODD, UPOS) == "New York/X a b/X  /X\n"
    assert as_inline(Sentence(("",), {"upos": ("X",)}), UPOS) == "_/X\n"


@pytest.mark.parametrize(
    ("ner", "chunk", "expected"),
    [
        ("B-PER O O", "B-NP I-NP O", "[NP [PER a] b] c"),
        ("O B-PER O", "O B-NP O", "a [PER [NP b]] c"),
        ("B-PER I-PER O", "O B-NP I-NP", "[PER a [NP b]] [+NP c]"),
        ("B-PER B-PER O", "O O B-NP", "[PER a] [PER b] [NP c]"),
    ],
)
def test_spans_of_several_columns_nest(ner: str, chunk: str, expected: str) -> None:
    assert as_inline(of_words("a b c", ner=ner, chunk=chunk), TWO) == f"{expected}\n"


def test_the_name_of_the_input_is_not_written() -> None:
    assert as_inline(ADA, NER_IN_A_FILE) == as_inline(ADA, NER)


@given(sentence=sentences())
@settings(deadline=None)
def test_without_brackets_and_labels_it_is_the_text(sentence: Sentence) -> None:
    plain = sentence.without_columns().with_columns({"ner": ("O",) * len(sentence)})
    assert as_inline(plain, NER) == cell(sentence.text or "") + "\n"
    shown = as_inline(sentence, TWO)
    for label in ("[PER ", "[LOC ", "[+PER ", "[+LOC "):
        shown = shown.replace(label, "")
    text = cell(sentence.text or "")
    assert shown.replace("]", "") == text.replace("]", "") + "\n"
