"""Multiword tokens in all formats but CoNLL-U: as words, as places, as surface tokens."""

import json
import re

import pytest
from hypothesis import given, settings

from tagger.corpus.json_lines import read_json_lines
from tagger.output.brat import as_brat
from tagger.output.conll import as_conll
from tagger.output.entities import as_entities
from tagger.output.formats import FormatName, find_format
from tagger.output.html import as_html
from tagger.output.inline import as_inline
from tagger.output.jsonl import as_jsonl
from tagger.output.offsets import stretches
from tagger.output.pairs import as_pairs
from tagger.output.spacy import as_spacy
from tagger.output.style import Style
from tagger.output.tsv import as_tsv
from tagger.sentence import Sentence, surface_tokens
from tests.output.multiword_samples import (
    DONT,
    DU,
    TWO_IN_ONE,
    UPOS,
    multiword_sentences,
    of_surface,
)
from tests.output.samples import IN_A_FILE, NER, STYLE, TWO, rows_of, sure
from tests.output.test_html import Page


def surfaces(sentence: Sentence) -> list[str]:
    """The surface tokens as they stand in the text."""
    text, begin, offsets = sentence.text or "", sentence.start, sentence.offsets or ()
    places = [offsets[first] for first, _ in surface_tokens(sentence)]
    return [text[start - begin : end - begin] for start, end in places]


def plain(shown: str) -> str:
    """Inline text without its brackets and labels."""
    return re.sub(r"\[\+?[A-Z]+ |\]", "", shown)


def test_columns_and_pairs_have_the_words() -> None:
    assert as_conll(DU, STYLE) == (
        "Rue\tNOUN\tB-LOC\nde\tADP\tI-LOC\nle\tDET\tO\nBac\tPROPN\tB-PER\n\n"
    )
    assert as_pairs(DU, STYLE) == "Rue/NOUN/B-LOC de/ADP/I-LOC le/DET/O Bac/PROPN/B-PER\n"


def test_tsv_has_the_words_with_the_offsets_that_they_share() -> None:
    assert as_tsv(DONT, UPOS) == (
        "We\t10\t12\tPRON\t\n"
        "do\t13\t18\tAUX\t\n"
        "n't\t13\t18\tPART\t\n"
        "go\t19\t21\tVERB\t\n"
        ".\t21\t22\tPUNCT\t\n"
        "\n"
    )


def test_json_lines_have_the_words_with_the_offsets_that_they_share() -> None:
    row = json.loads(as_jsonl(DU, NER))
    assert row["text"] == "Rue du Bac"
    assert row["tokens"] == [
        {"form": "Rue", "start": 0, "end": 3, "ner": "B-LOC"},
        {"form": "de", "start": 4, "end": 6, "ner": "I-LOC"},
        {"form": "le", "start": 4, "end": 6, "ner": "O"},
        {"form": "Bac", "start": 7, "end": 10, "ner": "B-PER"},
    ]
    assert row["ner_spans"] == [
        {"label": "LOC", "start": 0, "end": 6, "text": "Rue du"},
        {"label": "PER", "start": 7, "end": 10, "text": "Bac"},
    ]


@given(sentence=multiword_sentences())
@settings(deadline=None)
def test_every_word_is_a_row_with_the_offsets_of_its_surface_token(sentence: Sentence) -> None:
    expected = [
        [form, str(start), str(end)]
        for form, (start, end) in zip(sentence.forms, sentence.offsets or (), strict=True)
    ]
    assert [row[:3] for row in rows_of(as_tsv(sentence, STYLE))] == expected
    tokens = json.loads(as_jsonl(sentence, STYLE))["tokens"]
    assert [[t["form"], str(t["start"]), str(t["end"])] for t in tokens] == expected


@pytest.mark.parametrize(
    ("ner", "expected"),
    [
        ("B-LOC I-LOC O O", ("Rue du", 20, 26)),  # ends with the first word
        ("B-LOC I-LOC I-LOC O", ("Rue du", 20, 26)),  # ends with the last
        ("O B-LOC O O", ("du", 24, 26)),
        ("O O B-LOC O", ("du", 24, 26)),
        ("O B-LOC I-LOC O", ("du", 24, 26)),
        ("O O B-LOC I-LOC", ("du Bac", 24, 30)),  # begins with the last
        ("B-LOC I-LOC I-LOC I-LOC", ("Rue du Bac", 20, 30)),
    ],
)
def test_a_span_has_all_of_the_surface_tokens_at_its_ends(
    ner: str, expected: tuple[str, int, int]
) -> None:
    sentence = of_surface("Rue du=de+le Bac", 20, ner=ner)
    text, start, end = expected
    assert as_entities(sentence, NER) == f"{text}\tLOC\t{start}\t{end}\t\n"
    assert as_brat(sentence, NER) == f"T{start + 1}\tLOC {start} {end}\t{text}\n"


def test_two_spans_in_one_surface_token_are_two_entities_of_its_text() -> None:
    assert as_entities(TWO_IN_ONE, NER) == "dis-moi\tACT\t0\t7\t\ndis-moi\tPER\t0\t7\t\n"


@pytest.mark.parametrize("style", [NER, TWO])
@pytest.mark.parametrize("line", ["dis-moi=dis+moi", "dámelo=da+me+lo ya", "x=a+b+c~y~z=d+e"])
def test_spans_in_one_surface_token_have_brat_ids_of_their_own(line: str, style: Style) -> None:
    words = of_surface(line)
    each = ("B-PER",) * len(words)
    written = rows_of(as_brat(words.with_columns({"ner": each, "chunk": each}), style))
    ids = [row[0] for row in written]
    assert len(ids) == len(words) * len(style.span_columns)
    assert len(set(ids)) == len(ids)


def test_spacy_has_surface_tokens_with_the_tags_of_their_words() -> None:
    row = json.loads(as_spacy(DONT, STYLE))
    assert row["text"] == "We don't go."
    assert row["tokens"] == [
        {"text": "We", "start": 0, "end": 2, "id": 0, "ws": True, "pos": "PRON"},
        {"text": "don't", "start": 3, "end": 8, "id": 1, "ws": True, "pos": "AUX+PART"},
        {"text": "go", "start": 9, "end": 11, "id": 2, "ws": False, "pos": "VERB"},
        {"text": ".", "start": 11, "end": 12, "id": 3, "ws": False, "pos": "PUNCT"},
    ]
    assert row["spans"] == [
        {"start": 3, "end": 11, "label": "X", "token_start": 1, "token_end": 2},
    ]


@pytest.mark.parametrize(
    ("ner", "expected"),
    [
        ("B-X I-X O O O O", (0, 0)),
        ("O B-X I-X O O O", (0, 1)),
        ("O O O B-X O O", (1, 1)),
        ("O O O O B-X I-X", (1, 2)),
        ("O O O O O B-X", (2, 2)),
    ],
)
def test_the_spans_of_spacy_count_surface_tokens(ner: str, expected: tuple[int, int]) -> None:
    sentence = of_surface("du=de+le dámelo=da+me+lo ya", 5, ner=ner)
    (span,) = json.loads(as_spacy(sentence, NER))["spans"]
    assert (span["token_start"], span["token_end"]) == expected


@given(sentence=multiword_sentences())
@settings(deadline=None)
def test_the_tokens_of_spacy_are_the_text(sentence: Sentence) -> None:
    line = as_spacy(sentence, STYLE)
    row = json.loads(line)
    tokens = row["tokens"]
    assert [token["text"] for token in tokens] == surfaces(sentence)
    assert [token["id"] for token in tokens] == [*range(len(tokens))]
    assert "".join(token["text"] + " " * token["ws"] for token in tokens) == sentence.text
    assert "+".join(token["pos"] for token in tokens) == "+".join(sentence.columns["upos"])
    for span in row["spans"]:
        first, last = tokens[span["token_start"]], tokens[span["token_end"]]
        assert (span["start"], span["end"]) == (first["start"], last["end"])
    (again,) = read_json_lines([line], "a.jsonl")
    assert list(again.forms) == surfaces(sentence)


def test_inline_text_with_plain_tags_has_the_words() -> None:
    assert as_inline(DONT, UPOS) == "We/PRON do/AUX n't/PART go/VERB ./PUNCT\n"
    assert as_inline(DU, STYLE) == "[LOC Rue/NOUN de/ADP] le/DET [PER Bac/PROPN]\n"


def test_inline_text_with_spans_only_has_the_surface_tokens() -> None:
    assert as_inline(DONT, NER) == "We [X don't go].\n"
    assert as_inline(DU, NER) == "[LOC Rue du] [PER Bac]\n"
    assert as_inline(of_surface("au=à+le Louvre", ner="O B-LOC I-LOC"), NER) == "au[LOC  Louvre]\n"


def test_a_page_has_the_surface_tokens_and_the_tags_of_the_words() -> None:
    page = Page(as_html(DONT, STYLE))
    assert (page.text, page.labels) == ("We don't go.", ["X"])
    assert page.tooltips[1:3] == ["upos: AUX\nner: B-X", "upos: PART\nner: I-X"]
    assert as_html(DU, NER) == (
        '<p dir="auto"><mark class="c1"><span title="ner: B-LOC">Rue</span> '
        '<span title="ner: I-LOC">du</span><small title="ner"> LOC</small></mark>'
        '<span title="ner: O"></span> '
        '<mark class="c3"><span title="ner: B-PER">Bac</span><small title="ner"> PER</small></mark>'
        "</p>\n"
    )


@given(sentence=multiword_sentences())
@settings(deadline=None)
def test_nothing_of_the_text_is_lost_or_doubled(sentence: Sentence) -> None:
    assert plain(as_inline(sentence, TWO)) == f"{sentence.text}\n"
    assert Page(as_html(sentence, TWO)).text == sentence.text
    gaps, covered, rest = stretches(sentence)
    pieces = [piece for pair in zip(gaps, covered, strict=True) for piece in pair]
    assert "".join(pieces) + rest == sentence.text
    assert [piece for piece in covered if piece] == surfaces(sentence)


@pytest.mark.parametrize("name", FormatName)
@given(sentence=multiword_sentences())
@settings(deadline=None, max_examples=40)
def test_any_multiword_tokens_can_be_written_in_any_format(name: str, sentence: Sentence) -> None:
    for style in (STYLE, NER, IN_A_FILE):
        written = find_format(name).sentence(sure(sentence), style)
        assert written.endswith("\n") or (name in ("entities", "brat") and not written)
