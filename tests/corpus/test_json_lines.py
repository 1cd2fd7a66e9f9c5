"""JSON lines of every tool that writes spans, and what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.json_lines import read_json_lines
from tagger.corpus.standoff import sentences_from_spans
from tagger.errors import CorpusError
from tagger.output.jsonl import as_jsonl
from tagger.output.style import Style
from tagger.schemes import spans_from_tags
from tagger.sentence import Sentence, place_of

TEXT = "Anna lives in New York. She likes it."
SPANS = [{"start": 0, "end": 4, "label": "PER"}, {"start": 14, "end": 22, "label": "LOC"}]
TRIPLES = [[0, 4, "PER"], [14, 22, "LOC"]]
NER = [("B-PER", "O", "O", "B-LOC", "I-LOC", "O"), ("O", "O", "O", "O")]
TOKENS = [
    {"text": form, "start": start, "end": start + len(form), "id": i, "ws": True}
    for i, (form, start) in enumerate(
        [("Anna", 0), ("lives", 5), ("in", 11), ("New", 14), ("York", 18), (".", 22)]
    )
]
STYLE = Style(("upos", "ner"), frozenset({"ner"}))


def read(*rows: Any, layers: int = 1) -> list[Sentence]:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    return list(read_json_lines(lines, "a.jsonl", layers=layers))


def error_of(*lines: str) -> str:
    with pytest.raises(CorpusError) as error:
        list(read_json_lines(lines, "a.jsonl"))
    return str(error.value)


@pytest.mark.parametrize(
    "row",
    [
        {"text": TEXT, "spans": SPANS, "answer": "accept", "_input_hash": -7},
        {"text": TEXT, "spans": SPANS, "label": "POSITIVE"},
        {"text": TEXT, "ents": SPANS, "spans": {"sc": []}, "cats": {}},
        {"text": TEXT, "entities": SPANS},
        {"text": TEXT, "entities": TRIPLES},
        [TEXT, {"entities": TRIPLES}],
        {"id": 3, "text": TEXT, "label": TRIPLES, "Comments": []},
        {"text": TEXT, "labels": TRIPLES, "entities": []},
        {
            "text": TEXT,
            "relations": [],
            "entities": [
                {"id": i, "label": label, "start_offset": start, "end_offset": end}
                for i, (start, end, label) in enumerate(TRIPLES)
            ],
        },
    ],
    ids=["prodigy", "a label", "spacy", "objects", "triples", "tuple", "doccano", "empty", "new"],
)
def test_spans_are_found_under_every_name(row: Any) -> None:
    sentences = read(row)
    assert [s.text for s in sentences] == ["Anna lives in New York.", "She likes it."]
    assert [s.columns for s in sentences] == [{"ner": tags} for tags in NER]
    assert sentences[1].start == 24


def test_tokens_of_prodigy_are_kept() -> None:
    tokens = [{"text": "Anna lives", "start": 0, "end": 10, "id": 0}, *TOKENS[2:]]
    (sentence,) = read({"text": TEXT[:23], "tokens": tokens, "spans": SPANS[1:]})
    assert sentence.forms == ("Anna lives", "in", "New", "York", ".")
    assert sentence.columns == {"ner": ("O", "O", "B-LOC", "I-LOC", "O")}


def test_what_prodigy_leaves_out_where_nothing_was_marked_is_no_span() -> None:
    (sentence,) = read({"text": "Rain.", "tokens": [], "answer": "accept"})
    assert sentence.columns == {"ner": ("O", "O")}


def test_tags_and_sentences_of_spacy_are_kept() -> None:
    tags = ["PROPN", "VERB", "ADP", "PROPN", "PROPN", ""]
    tokens = [
        {
            "id": i,
            "start": t["start"],
            "end": t["end"],
            "pos": tag,
            "tag": "X",
            "morph": "",
            "dep": "",
        }
        for i, (t, tag) in enumerate(zip(TOKENS, tags, strict=True))
    ]
    row = {"text": TEXT[:23], "tokens": tokens, "sents": [{"start": 0, "end": 10}, SPANS[1]]}
    first, second = read(row)
    assert first.columns == {"upos": ("PROPN", "VERB", "ADP"), "xpos": ("X",) * 3}
    assert second.columns == {"upos": ("PROPN", "PROPN", "_"), "xpos": ("X",) * 3}
    first, second = read({**row, "ents": SPANS})
    assert second.columns["ner"] == ("B-LOC", "I-LOC", "O")


def test_nested_spans_make_columns_and_a_file_may_ask_for_them_everywhere() -> None:
    rows = (
        {"text": "New York", "spans": [SPANS[0] | {"end": 8}, SPANS[0] | {"end": 3}]},
        {
            "text": "Rain",
            "spans": [],
        },
    )
    assert [list(s.columns) for s in read(*rows)] == [["ner", "ner2"], ["ner"]]
    assert [list(s.columns) for s in read(*rows, layers=2)] == [["ner", "ner2"]] * 2


ADA = Sentence(
    ("Ada", "Lovelace", "wrote", "."),
    {"upos": ("PROPN", "PROPN", "VERB", "PUNCT"), "ner": ("B-PER", "I-PER", "O", "O")},
    ((10, 13), (14, 22), (23, 28), (28, 29)),
    "Ada Lovelace wrote.",
    10,
)


def test_what_predict_writes_is_read_with_offsets_in_its_own_text() -> None:
    (again,) = read_json_lines([as_jsonl(ADA, STYLE)], "a.jsonl")
    assert (again.forms, again.columns, again.text) == (ADA.forms, ADA.columns, ADA.text)
    assert again.start == 0
    assert again.offsets == ((0, 3), (4, 12), (13, 18), (18, 19))


def test_a_tagged_document_keeps_its_offsets() -> None:
    row = {"id": 4, "text": "x" * 10 + "Ada Lovelace wrote.", "spans": None}
    (again,) = read({**row, "sentences": [json.loads(as_jsonl(ADA, STYLE))]})
    assert (again.forms, again.offsets, again.start) == (ADA.forms, ADA.offsets, ADA.start)


def test_an_empty_line_that_was_tagged_is_no_sentence() -> None:
    assert read({"start": 5, "text": "", "tokens": []}, {"text": "  ", "sentences": []}) == []


@pytest.mark.parametrize(
    ("field", "column"),
    [
        *[("ner_tags", "ner"), ("tags", "ner"), ("chunk_tags", "chunk"), ("pos_tags", "xpos")],
        *[("upos", "upos"), ("fine_ner_tags", "fine_ner")],
    ],
)
def test_lists_of_words_and_tags_are_read(field: str, column: str) -> None:
    (sentence,) = read({"id": "0", "tokens": ["Ada", "wrote"], field: ["B-PER", "O"], "langs": []})
    assert sentence.forms == ("Ada", "wrote")
    assert sentence.columns == {column: ("B-PER", "O")}
    assert sentence.text is None


def test_every_document_is_known_by_its_line() -> None:
    row = json.dumps({"text": TEXT, "spans": []})
    sentences = list(read_json_lines(["\ufeff" + row, "\n", " \r\n", row], "a.jsonl"))
    assert [place_of(s, 0, "ner") for s in sentences] == [("a.jsonl", 1, 1)] * 2 + [
        ("a.jsonl", 4, 1)
    ] * 2
    (sentence,) = read_json_lines(['{"tokens": ["a"], "tags": ["O"]}'], "a.jsonl", 9)
    assert place_of(sentence, 0, "ner") == ("a.jsonl", 9, 1)


def test_lines_that_were_not_accepted_are_left_out_and_told() -> None:
    answers = ["accept", "reject", "ignore", "accept", None]
    lines = [json.dumps({"text": f"w{a}", "spans": [], "answer": a}) for a in answers]
    remarks: list[str] = []
    sentences = list(read_json_lines(lines, "a.jsonl", remarks=remarks))
    assert [s.text for s in sentences] == ["waccept", "waccept", "wNone"]
    assert remarks == [
        "a.jsonl: 2 lines not read because their answer is reject or ignore (the first is line 2)"
    ]
    remarks.clear()
    list(read_json_lines(lines[:1], "a.jsonl", remarks=remarks))
    assert remarks == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "a"}, "expected spans in 'spans', 'ents', 'entities' or 'label', found only"),
        ({"spans": []}, "expected a text in the field 'text', found null"),
        ({"text": 5, "spans": []}, "expected a text in the field 'text', found 5"),
        (["a", "b"], "expected a JSON object, found list"),
        ("a", "expected a JSON object, found str"),
        ({"text": "a", "spans": [[0, 1]]}, "expected a span as {start, end, label} or [start"),
        ({"text": "a", "spans": [["0", 1, "X"]]}, "expected a span as"),
        ({"text": "a", "spans": [[0, 1.0, "X"]]}, "expected a span as"),
        ({"text": "a", "spans": [[False, True, "X"]]}, "found [false,true,"),
        ({"text": "a", "spans": [{"start": 0, "end": 1}]}, 'found {"start":0,"end":1}'),
        ({"text": "a", "spans": [[0, 1, None]]}, "found [0,1,null]"),
        ({"text": "a", "labels": ["POSITIVE"]}, 'found "POSITIVE"'),
        ({"text": "a", "spans": [[0, 2, "X"]]}, "within the text's 1 characters, found 0-2"),
        ({"text": " ", "spans": [[0, 1, "X"]]}, "only white space at 0-1"),
        (
            {"text": "a", "spans": [[0, 1, "X"]], "ents": [[0, 1, "Y"]]},
            "expected spans in one field, found some in 'spans' and in 'ents'",
        ),
        (
            {"text": "a", "ents": [], "spans": {"sc": [{"start": 0}]}},
            "expected a list in 'spans', found groups of spans: sc",
        ),
        (
            {"text": "ab", "spans": [], "tokens": [{"text": "b", "start": 0, "end": 2}]},
            'expected "b" at 0-2, found "ab"',
        ),
        (
            {"text": "ab", "spans": [], "tokens": [{"start": 0, "end": 3}]},
            "expected a token within the text, which is 0-2, found 0-3",
        ),
        ({"text": "ab", "spans": [], "tokens": [{"start": 0}]}, "expected {start, end} by char"),
        ({"text": "ab", "spans": [], "tokens": [{"start": 0, "end": 1}]}, "found 'b' in none"),
        (
            {"text": "ab", "spans": [], "tokens": [{"start": 0, "end": 2}], "sents": 3},
            "expected a list of {start, end} in 'sents', found 3",
        ),
        (
            {"text": "ab", "tokens": [{"start": 0, "end": 2, "pos": 92}]},
            "expected tags in words in 'pos', found the number 92",
        ),
        (
            {"start": 0, "text": "ab", "tokens": [{"form": "ab", "start": 1, "end": 3}]},
            "expected a token within the text, which is 0-2, found 1-3",
        ),
        (
            {
                "start": 3,
                "text": "a b",
                "tokens": [
                    {"form": "a", "start": 3, "end": 4, "ner": "O"},
                    {"form": "b", "start": 5, "end": 6},
                ],
            },
            "expected a tag on one line in 'ner', found null",
        ),
        ({"tokens": ["a"], "ner_tags": [3]}, "'ner_tags', found the number 3 (the dataset's"),
        ({"tokens": ["a"], "ner_tags": ["O", "O"]}, "expected 1 tags in 'ner_tags', found 2"),
        ({"tokens": ["a"], "ner": ["O"], "tags": ["O"]}, "one list of ner tags, found another in"),
        ({"tokens": ["a"], "ner_tags": ["O\n"]}, "expected a tag on one line in 'ner_tags'"),
        ({"tokens": ["a"], "id": 0}, "expected lists of tags such as 'ner_tags', found only"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(row: Any, problem: str) -> None:
    good = json.dumps({"text": "Rain", "spans": []})
    message = error_of(good, "\n", json.dumps(row))
    assert message.startswith("a.jsonl:3:1: expected")
    assert problem in message


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "truncated"),
        ('{"text": "a", "spans": [NaN]}', "invalid character"),
        ('{"text": "a", "spans": []} {}', "trailing characters"),
        ('{"text": "a", "text": "b", "spans": []}', "the key 'text' stands in it twice"),
        ('{"text": "a", "spans": [{"end": 1, "start": 0, "end": 9}]}', "the key 'end' stands"),
        ('{"text": "\\ud800", "spans": []}', ""),
        ('{"text": "\udc80", "spans": []}', "surrogates not allowed"),
        ('{"text": "a", "spans": ' + "[" * 50_000, "recursion"),
        ('{"text": "a", "spans": [[0, 1' + "0" * 5_000 + ', "X"]]}', "out of range"),
    ],
)
def test_what_is_no_json_is_said_too(line: str, problem: str) -> None:
    message = error_of(line)
    assert message.startswith("a.jsonl:1:1: expected a JSON object: ")
    assert problem in message


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    row = json.dumps({"text": TEXT, "spans": SPANS})
    path.write_text(f"{row}\n{row}\n", encoding="utf-8", newline="\n")
    with path.open(encoding="utf-8", newline="\n") as lines:
        assert [s.columns["ner"] for s in read_json_lines(lines, str(path))] == NER * 2


letters = st.text(st.sampled_from("aB. ?\n字é-'😀\u2028"), max_size=25)


@st.composite
def documents(draw: st.DrawFn) -> Sentence | None:
    text = draw(letters)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = [
        (start, end, draw(st.sampled_from(["PER", "LOC"])))
        for start, end in map(sorted, draw(st.lists(places, max_size=3)))
        if text[start:end].strip()
    ]
    found = sentences_from_spans(text, spans, path="a", line=1, layers=8)
    return draw(st.sampled_from(found)) if found else None


@given(documents())
@settings(deadline=None, max_examples=60)
def test_tagged_written_and_read_again_it_is_the_same(sentence: Sentence | None) -> None:
    if sentence is None:
        return
    style = Style(tuple(sentence.columns), frozenset(sentence.columns))
    (again,) = read_json_lines([as_jsonl(sentence, style)], "a.jsonl")
    assert (again.forms, again.columns, again.text) == (
        sentence.forms,
        sentence.columns,
        sentence.text,
    )
    assert again.offsets == tuple(
        (start - sentence.start, end - sentence.start) for start, end in sentence.offsets or ()
    )
    assert spans_from_tags(again.columns["ner"]) == spans_from_tags(sentence.columns["ner"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(["a", "ab c", "O", "accept"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "text spans ents entities label labels tokens start end form sents sentences "
                "ner_tags tags pos tag answer start_offset".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json_values)
@settings(deadline=None, max_examples=60)
def test_anything_is_read_or_refused(value: object) -> None:
    try:
        sentences = read(value)
    except CorpusError:
        return
    assert all(len(tags) == len(s) for s in sentences for tags in s.columns.values())
