"""JSON lines for spaCy and Prodigy, key by key."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.json_lines import read_json_lines
from tagger.output.spacy import as_spacy
from tagger.output.style import Style
from tagger.schemes import spans_from_tags
from tagger.sentence import Sentence
from tests.output.samples import ADA, IN_A_FILE, NER, ODD, STYLE, TWO, of_words, tags

ALL = Style(("upos", "xpos", "feats", "ner"), frozenset({"ner"}))


def read(line: str) -> Sentence:
    (sentence,) = read_json_lines([line], "a.jsonl")
    return sentence


def test_tokens_and_spans_count_from_the_sentence_itself() -> None:
    line = as_spacy(ADA, STYLE)
    assert line.endswith("}\n")
    assert json.loads(line) == {
        "text": "Ada Lovelace wrote.",
        "tokens": [
            {"text": "Ada", "start": 0, "end": 3, "id": 0, "ws": True, "pos": "PROPN"},
            {"text": "Lovelace", "start": 4, "end": 12, "id": 1, "ws": True, "pos": "PROPN"},
            {"text": "wrote", "start": 13, "end": 18, "id": 2, "ws": False, "pos": "VERB"},
            {"text": ".", "start": 18, "end": 19, "id": 3, "ws": False, "pos": "PUNCT"},
        ],
        "spans": [{"start": 0, "end": 12, "label": "PER", "token_start": 0, "token_end": 1}],
        "sents": [{"start": 0, "end": 19}],
    }


def test_plain_tags_have_the_names_that_spacy_gives_them() -> None:
    sentence = of_words("Hm", upos="INTJ", xpos="UH", feats="A=b", ner="O")
    (token,) = json.loads(as_spacy(sentence, ALL))["tokens"]
    assert {key: token[key] for key in ("pos", "tag", "morph")} == {
        "pos": "INTJ",
        "tag": "UH",
        "morph": "A=b",
    }
    assert "ner" not in token


def test_where_no_column_holds_spans_nothing_is_said_of_spans() -> None:
    line = as_spacy(ADA, Style(("upos",), frozenset()))
    assert "spans" not in json.loads(line)
    assert read(line).columns == {"upos": ADA.columns["upos"]}


def test_a_span_of_no_characters_is_left_out() -> None:
    sentence = Sentence(("", "a", ""), {"ner": ("B-X", "B-X", "I-X")})
    line = as_spacy(sentence, NER)
    assert [(s["start"], s["end"]) for s in json.loads(line)["spans"]] == [(1, 3)]
    assert read(line).forms == ("", "a", "")


def test_only_the_columns_of_the_style_are_written() -> None:
    assert "pos" not in json.loads(as_spacy(ADA, NER))["tokens"][0]


def test_spans_of_all_columns_stand_in_one_list_outer_before_inner() -> None:
    sentence = of_words("a b c", ner="B-PER O B-LOC", chunk="B-NP I-NP O")
    spans = json.loads(as_spacy(sentence, TWO))["spans"]
    assert [(s["label"], s["token_start"], s["token_end"]) for s in spans] == [
        ("NP", 0, 1),
        ("PER", 0, 0),
        ("LOC", 2, 2),
    ]


def test_the_input_is_named_as_prodigy_names_it() -> None:
    assert json.loads(as_spacy(ADA, IN_A_FILE))["meta"] == {"source": "a b.txt"}
    assert "meta" not in json.loads(as_spacy(ADA, STYLE))


def test_any_white_space_follows_but_no_other_sign() -> None:
    line = as_spacy(ODD, STYLE)
    assert [token["ws"] for token in json.loads(line)["tokens"]] == [True, True, False]


def test_an_empty_line_of_a_text_is_a_line_without_tokens() -> None:
    assert json.loads(as_spacy(Sentence((), {"ner": ()}, (), " ", 7), NER)) == {
        "text": " ",
        "tokens": [],
        "spans": [],
        "sents": [],
    }


def test_what_utf8_cannot_say_is_a_replacement_character() -> None:
    sentence = Sentence(("é\udce9",), {"ner": ("B-\udc80",)})
    row = json.loads(as_spacy(sentence, NER).encode())
    assert (row["text"], row["spans"][0]["label"]) == ("é\ufffd", "\ufffd")


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    """Words with white space or nothing between, and tags of every column."""
    words = draw(st.lists(st.text("aB.é😀字", min_size=1, max_size=3), min_size=1, max_size=6))
    gaps = draw(st.tuples(*[st.sampled_from(["", " ", "\n", "  "])] * len(words)))
    text, offsets = "", []
    for gap, word in zip(gaps, words, strict=True):
        offsets.append((7 + len(text + gap), 7 + len(text + gap + word)))
        text += gap + word
    plain = st.tuples(*[st.sampled_from(["X", "NOUN"])] * len(words))
    columns = {name: draw(plain) for name in ("upos", "xpos", "feats")}
    columns["ner"] = draw(st.tuples(*[tags] * len(words)))
    return Sentence(tuple(words), columns, tuple(offsets), text, 7)


@given(sentence=sentences())
@settings(deadline=None, max_examples=60)
def test_it_is_read_again_as_it_was(sentence: Sentence) -> None:
    again = read(as_spacy(sentence, ALL))
    assert again.forms == sentence.forms
    offsets = [(start + 7, end + 7) for start, end in again.offsets or ()]
    assert tuple(offsets) == sentence.offsets
    for name in ("upos", "xpos", "feats"):
        assert again.columns[name] == sentence.columns[name]
    assert spans_from_tags(again.columns["ner"]) == spans_from_tags(sentence.columns["ner"])


def test_a_sentence_with_spans_is_read_again_with_all_of_them() -> None:
    again = read(as_spacy(ADA, STYLE))
    assert (again.forms, again.columns, again.text) == (ADA.forms, ADA.columns, ADA.text)
    sentence = of_words("a b c", ner="B-PER O B-LOC", chunk="B-NP I-NP O")
    assert read(as_spacy(sentence, TWO)).columns == {
        "ner": ("B-NP", "I-NP", "B-LOC"),
        "ner2": ("B-PER", "O", "O"),
    }
