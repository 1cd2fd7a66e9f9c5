"""JSON lines, key by key."""

import json

from hypothesis import given, settings
from msgspec.structs import replace

from tagger.corpus.files import open_corpus_file
from tagger.output.jsonl import as_jsonl, json_line, sentence_object
from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.samples import (
    ADA,
    FIXTURES,
    IN_A_FILE,
    NER,
    NOTHING,
    ODD,
    STYLE,
    SURE_ADA,
    TWO,
    of_words,
    sentences,
)


def test_json_has_the_text_tokens_and_spans() -> None:
    line = as_jsonl(ADA, STYLE)
    assert line.endswith("}\n")
    assert json.loads(line) == {
        "start": 10,
        "text": "Ada Lovelace wrote.",
        "tokens": [
            {"form": "Ada", "start": 10, "end": 13, "upos": "PROPN", "ner": "B-PER"},
            {"form": "Lovelace", "start": 14, "end": 22, "upos": "PROPN", "ner": "I-PER"},
            {"form": "wrote", "start": 23, "end": 28, "upos": "VERB", "ner": "O"},
            {"form": ".", "start": 28, "end": 29, "upos": "PUNCT", "ner": "O"},
        ],
        "ner_spans": [{"label": "PER", "start": 10, "end": 22, "text": "Ada Lovelace"}],
    }


def test_probabilities_are_numbers_of_four_decimals() -> None:
    row = json.loads(as_jsonl(SURE_ADA, STYLE))
    assert [token["upos_p"] for token in row["tokens"]] == [0.9877, 1.0, 0.5, 0.25]
    assert [token["ner_p"] for token in row["tokens"]] == [0.9, 0.8, 1.0, 0.0]
    assert [span["p"] for span in row["ner_spans"]] == [0.7321]


def test_the_best_sequences_stand_behind_the_spans() -> None:
    row = json.loads(as_jsonl(SURE_ADA, STYLE))
    assert row["ner_best"] == [
        {"p": 0.61, "tags": ["B-PER", "I-PER", "O", "O"]},
        {"p": 0.2, "tags": ["B-PER", "O", "O", "O"]},
    ]
    assert "upos_best" not in row
    assert list(row) == ["start", "text", "tokens", "ner_spans", "ner_best"]


def test_a_column_without_confidence_has_no_probability_beside_one_that_has() -> None:
    half = replace(SURE_ADA, confidence={"upos": SURE_ADA.confidence["upos"]})
    row = json.loads(as_jsonl(half, STYLE))
    assert list(row["tokens"][0]) == ["form", "start", "end", "upos", "ner", "upos_p"]
    assert "p" not in row["ner_spans"][0]


def test_every_span_column_has_its_spans() -> None:
    row = sentence_object(of_words("a b", ner="B-PER O", chunk="B-NP I-NP"), TWO)
    assert row["ner_spans"] == [{"label": "PER", "start": 0, "end": 1, "text": "a"}]
    assert row["chunk_spans"] == [{"label": "NP", "start": 0, "end": 3, "text": "a b"}]


def test_json_of_several_files_names_the_file_first() -> None:
    assert as_jsonl(ADA, IN_A_FILE).startswith('{"file":"a b.txt","start":10,')


def test_json_keeps_tabs_and_line_breaks_on_one_line() -> None:
    line = as_jsonl(ODD, STYLE)
    assert line.count("\n") == 1
    row = json.loads(line)
    assert row["text"] == ODD.text
    assert [token["form"] for token in row["tokens"]] == list(ODD.forms)
    assert row["ner_spans"] == [{"label": "LOC", "start": 0, "end": 8, "text": "New\tYork"}]


def test_json_of_a_corpus_sentence_counts_offsets_from_its_text() -> None:
    (sentence,) = open_corpus_file(FIXTURES / "conll2002.conll")
    row = json.loads(as_jsonl(sentence, NER))
    assert (row["start"], row["text"]) == (0, "Ana vive en La Paz .")
    assert [span["text"] for span in row["ner_spans"]] == ["Ana", "La Paz"]


def test_the_object_says_what_the_line_says() -> None:
    assert json.loads(as_jsonl(SURE_ADA, IN_A_FILE)) == sentence_object(SURE_ADA, IN_A_FILE)


def test_an_object_of_no_tokens_has_an_empty_list_of_them() -> None:
    assert sentence_object(NOTHING, STYLE) == {"start": 0, "text": "", "tokens": []}
    assert sentence_object(Sentence(()), STYLE)["tokens"] == []


def test_what_utf8_cannot_say_is_a_replacement_character_and_nothing_else_is() -> None:
    sentence = Sentence(("é\udce9", "\ud83d\ude00"), {"ner": ("B-\udc80", "O")})
    line = as_jsonl(sentence, Style(("ner",), frozenset({"ner"}), file="\udcff.txt"))
    row = json.loads(line.encode())
    assert row["file"] == "\ufffd.txt"
    assert [token["form"] for token in row["tokens"]] == ["é\ufffd", "\ufffd\ufffd"]
    assert row["tokens"][1]["start"] == 3
    assert row["ner_spans"] == [{"label": "\ufffd", "start": 0, "end": 2, "text": "é\ufffd"}]


def test_an_object_of_an_input_with_sentences_in_it_is_one_line_too() -> None:
    row = {"id\udc80": 7, "body": None, "sentences": [sentence_object(ADA, STYLE)]}
    again = json.loads(json_line(row).encode())
    assert (again["id\ufffd"], again["body"]) == (7, None)
    assert again["sentences"][0]["text"] == ADA.text


@given(sentence=sentences())
@settings(deadline=None)
def test_offsets_rebuild_every_form_and_every_span(sentence: Sentence) -> None:
    line = as_jsonl(sentence, TWO)
    assert line.count("\n") == 1
    row = json.loads(line.encode())
    assert [len(token["form"]) for token in row["tokens"]] == list(map(len, sentence.forms))
    for token in row["tokens"]:
        covered = row["text"][token["start"] - row["start"] : token["end"] - row["start"]]
        assert covered == token["form"]
    for span in row["ner_spans"] + row["chunk_spans"]:
        covered = row["text"][span["start"] - row["start"] : span["end"] - row["start"]]
        assert covered == span["text"]
        assert span.get("p") == (0.75 if sentence.confidence else None)
