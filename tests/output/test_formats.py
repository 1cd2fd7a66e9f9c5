"""What holds for every format, and the list of them."""

import pickle

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from tagger.output.formats import FormatName, find_format
from tagger.sentence import Sentence
from tests.output.samples import (
    ADA,
    IN_A_FILE,
    NER_IN_A_FILE,
    NOTHING,
    ODD,
    STYLE,
    SURE_ADA,
    sentences,
)

every_format = pytest.mark.parametrize("name", FormatName)


def test_every_format_has_its_name_and_suffix() -> None:
    assert {
        name: (form.name, form.suffix) for name in FormatName for form in [find_format(name)]
    } == {
        "conllu": ("conllu", ".conllu"),
        "conllup": ("conllup", ".conllup"),
        "conll": ("conll", ".conll"),
        "pairs": ("pairs", ".pairs.txt"),
        "tsv": ("tsv", ".tsv"),
        "jsonl": ("jsonl", ".jsonl"),
        "spacy": ("spacy", ".spacy.jsonl"),
        "inline": ("inline", ".txt"),
        "entities": ("entities", ".entities.tsv"),
        "brat": ("brat", ".ann"),
        "html": ("html", ".html"),
    }


@every_format
def test_a_format_says_truly_whether_it_shows_probabilities(name: str) -> None:
    form = find_format(name)
    shows = form.sentence(SURE_ADA, STYLE) != form.sentence(ADA, STYLE)
    assert shows == form.probabilities


@every_format
def test_a_sentence_of_no_tokens_writes_nothing(name: str) -> None:
    assert find_format(name).sentence(NOTHING, STYLE) == ""
    assert find_format(name).sentence(Sentence(()), IN_A_FILE) == ""


@every_format
def test_only_some_formats_write_anything_around_sentences(name: str) -> None:
    form = find_format(name)
    assert bool(form.header(STYLE)) == (name in {"conllup", "tsv", "html"})
    assert form.begin(STYLE, "a") == ""
    assert bool(form.begin(IN_A_FILE, "a")) == (name in {"conllu", "conllup", "html"})
    assert bool(form.footer()) == (name == "html")


@every_format
def test_a_line_break_in_a_files_name_breaks_no_line(name: str) -> None:
    form = find_format(name)
    broken = replace(IN_A_FILE, file="a\tb\nc")
    for sign in "\n\t":
        expected = form.sentence(ADA, IN_A_FILE).count(sign)
        assert form.sentence(ADA, broken).count(sign) == expected
        expected = form.begin(IN_A_FILE, "a").count(sign)
        assert form.begin(broken, "a\tb\nc").count(sign) == expected


@every_format
def test_what_is_written_ends_with_a_line_break(name: str) -> None:
    for sentence in (ADA, SURE_ADA, ODD):
        assert find_format(name).sentence(sentence, STYLE).endswith("\n")


@every_format
def test_a_format_can_be_sent_to_another_process(name: str) -> None:
    assert pickle.loads(pickle.dumps(find_format(name))) == find_format(name)


@every_format
@given(sentence=sentences())
@settings(deadline=None, max_examples=40)
def test_any_sentence_can_be_written_in_any_format(name: str, sentence: Sentence) -> None:
    for style in (STYLE, NER_IN_A_FILE):
        text = find_format(name).sentence(sentence, style)
        assert text == "" or text.endswith("\n")
        assert find_format(name).sentence(sentence, style) == text
