"""word/TAG lines, written to be read."""

from io import StringIO

import pytest
from hypothesis import given, settings

from tagger.corpus.pairs import read_pairs
from tagger.errors import TaggerError
from tagger.output.pairs import as_pairs
from tagger.output.style import Style
from tagger.sentence import Layout, Sentence
from tests.output.samples import (
    ADA,
    IN_A_FILE,
    NER,
    ODD,
    STYLE,
    SURE_ADA,
    of_words,
    sentences,
    tagged,
)

LAYOUT = Layout("pairs", {"form": 0, "upos": 1, "ner": 2}, "/", comments=False, width=3)


def read(text: str, layout: Layout = LAYOUT) -> list[Sentence]:
    return list(read_pairs(StringIO(text, newline="\n"), "a.txt", layout))


def test_each_word_has_its_tags_behind_it() -> None:
    assert as_pairs(ADA, NER) == "Ada/B-PER Lovelace/I-PER wrote/O ./O\n"
    assert as_pairs(SURE_ADA, IN_A_FILE) == (
        "Ada/PROPN/B-PER Lovelace/PROPN/I-PER wrote/VERB/O ./PUNCT/O\n"
    )


def test_tags_stand_in_the_order_of_the_style() -> None:
    style = Style(("ner", "upos"), frozenset({"ner"}))
    assert as_pairs(ADA, style).startswith("Ada/B-PER/PROPN ")


def test_a_word_may_hold_slashes() -> None:
    sentence = of_words("1/2 / //", upos="NUM SYM SYM", ner="O O O")
    assert as_pairs(sentence, STYLE) == "1/2/NUM/O //SYM/O ///SYM/O\n"
    (again,) = read(as_pairs(sentence, STYLE))
    assert (again.forms, again.columns) == (sentence.forms, sentence.columns)


def test_blanks_within_words_are_underscores_and_no_word_is_empty() -> None:
    assert as_pairs(ODD, STYLE) == "New_York/X/B-LOC a_b/X/O _/X/O\n"
    assert as_pairs(Sentence(("",), {"ner": ("O",)}), NER) == "_/O\n"
    assert as_pairs(Sentence(("a\u00a0b c",), {"ner": ("O",)}), NER) == "a\u00a0b_c/O\n"


@pytest.mark.parametrize("tag", ["NN/VB", "B-creative work", "a\nb"])
def test_a_tag_that_could_not_be_read_again_is_an_error(tag: str) -> None:
    with pytest.raises(TaggerError) as error:
        as_pairs(Sentence(("a", "b"), {"ner": ("O", tag)}), NER)
    assert str(error.value).startswith(
        f"expected ner tags without slashes and blanks, found {tag!r}, which word/TAG cannot hold"
    )


def test_an_empty_line_of_a_text_is_an_empty_line() -> None:
    assert as_pairs(Sentence((), {"ner": ()}, (), "", 7), NER) == "\n"


def test_a_line_that_was_read_keeps_all_but_its_tags() -> None:
    layout = Layout("pairs", {"form": 0, "upos": 1, "ner": 2}, "_", comments=False, width=3)
    before = "  Ada_x_B-PER\ta_b_y_O \n\n wrote_z_O\n"
    sentences_read = read(before, layout)
    assert [s.forms for s in sentences_read] == [("Ada", "a_b"), ("wrote",)]
    after = "".join(as_pairs(tagged(s), STYLE) for s in sentences_read)
    assert after == "  Ada_X_O\ta_b_X_O \n\n wrote_X_O\n"


def test_lines_of_several_files_do_not_run_into_one_another() -> None:
    (sentence,) = read("Ada/X/O")
    assert as_pairs(sentence, STYLE) == "Ada/X/O"
    assert as_pairs(sentence, IN_A_FILE) == "Ada/X/O\n"


@given(sentence=sentences())
@settings(deadline=None, max_examples=60)
def test_every_token_and_tag_is_read_again(sentence: Sentence) -> None:
    line = as_pairs(sentence, STYLE)
    assert line.count("\n") == 1
    (again,) = read(line)
    assert [len(form) for form in again.forms[1:]] == list(map(len, sentence.forms[1:]))
    assert again.columns == {name: sentence.columns[name] for name in STYLE.columns}


def test_the_lines_make_a_corpus() -> None:
    written = as_pairs(ADA, STYLE) * 2
    assert [s.columns for s in read(written)] == [ADA.columns] * 2
