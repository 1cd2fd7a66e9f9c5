"""JSON lines: one document a line, its other fields as they were."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import CorpusError, TaggerError
from tagger.output.formats import find_format
from tagger.output.style import Style
from tagger.sentence import Sentence
from tagger.streaming.chunks import Chunk
from tagger.streaming.documents import Document, read_documents, tag_documents
from tagger.text.segmenters import RulesSegmenter, cut_texts


def read(text: str, line: int = 1, field: str = "text") -> list[Document]:
    return list(read_documents(Chunk(text, line), "a.jsonl", field))


def tag(sentences: Sequence[Sentence]) -> list[Sentence]:
    return [s.with_columns({"upos": ("X",) * len(s)}) for s in sentences]


def cut(texts: Sequence[str]) -> list[list[Sentence]]:
    return cut_texts(texts, RulesSegmenter())


def written(text: str, format: str = "jsonl", line: int = 1) -> tuple[str, TaggerError | None]:
    return tag_documents(
        Chunk(text, line),
        "a.jsonl",
        "text",
        cut,
        tag,
        find_format(format),
        Style(("upos",), frozenset()),
    )


def row_of(text: str) -> dict[str, object]:
    """The one document that is written."""
    line, error = written(text)
    assert error is None
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    found: dict[str, object] = json.loads(line)
    return found


def test_a_document_gets_its_sentences_behind_its_own_fields() -> None:
    row = row_of('{"id": 7, "text": "We met. Why?", "meta": {"a": [1, null, 2.5]}}\n')
    assert list(row) == ["id", "text", "meta", "sentences"]
    assert row["id"] == 7
    assert row["meta"] == {"a": [1, None, 2.5]}
    first, second = row["sentences"]  # type: ignore[misc]
    assert first["text"] == "We met."
    assert second == {
        "start": 8,
        "text": "Why?",
        "tokens": [
            {"form": "Why", "start": 8, "end": 11, "upos": "X"},
            {"form": "?", "start": 11, "end": 12, "upos": "X"},
        ],
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text().filter(lambda key: key != "sentences"), json_values, max_size=4))
def test_any_fields_come_back_in_their_order(fields: dict[str, object]) -> None:
    fields["text"] = "We met."
    for ascii_only in (True, False):
        row = row_of(json.dumps(fields, ensure_ascii=ascii_only) + "\n")
        del row["sentences"]
        assert row == fields
        assert list(row) == list(fields)


def test_offsets_are_those_in_the_text_whatever_stands_before_it() -> None:
    lines = '{"text": "One."}\n{"pad": "xxxx", "text": "Ünï 😀 two.\\n\\n Three\\tfour."}\n'
    _, row = map(json.loads, written(lines)[0].splitlines())
    tokens = [token for sentence in row["sentences"] for token in sentence["tokens"]]
    assert [t["form"] for t in tokens] == ["Ünï", "😀", "two", ".", "Three", "four", "."]
    assert all(row["text"][t["start"] : t["end"]] == t["form"] for t in tokens)


def test_a_line_break_in_the_text_ends_a_sentence() -> None:
    row: Any = row_of('{"text": "We met\\nin Oslo"}\n')
    assert [sentence["text"] for sentence in row["sentences"]] == ["We met", "in Oslo"]


def test_an_empty_text_has_no_sentences() -> None:
    assert row_of('{"text": ""}\n') == {"text": "", "sentences": []}


def test_blank_lines_are_no_documents_but_count_as_lines() -> None:
    found = read('\n{"text": "a"}\n \t\n\r\n{"text": "b"}\r\n', line=10)
    assert [document.line for document in found] == [11, 14]
    assert read("") == read("\n\n") == []


def test_a_byte_order_mark_at_the_very_beginning_is_none_of_the_document() -> None:
    (document,) = read('\ufeff{"text": "a"}\n')
    assert document.fields == {"text": "a"}
    with pytest.raises(CorpusError, match=r"^a\.jsonl:2:1: expected a JSON object"):
        read('\ufeff{"text": "a"}\n', line=2)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("We met.", "expected a JSON object: JSON is malformed"),
        ('{"text": "We"', "expected a JSON object: Input data was truncated"),
        ('{"text": "We"} x', "expected a JSON object: JSON is malformed"),
        ('["We"]', "expected a JSON object: Expected `object`, got `array`"),
        ('"We"', "expected a JSON object: Expected `object`, got `str`"),
        ('{"text": "\\ud800"}', "expected a JSON object: "),
        ('{"text": "\ud800"}', "expected a JSON object: "),
        ('{"body": "We"}', "expected a text in the field 'text', found no such field among 'body'"),
        ("{}", "expected a text in the field 'text', found no such field among no fields"),
        ('{"text": 7}', "expected a text in the field 'text', found int among 'text'"),
        ('{"text": null, "a": 1}', "expected a text in the field 'text', found NoneType among"),
        ('{"text": ["We"]}', "expected a text in the field 'text', found list"),
        ('{"text": "We", "sentences": []}', "has a field 'sentences' already"),
    ],
    ids=ascii,
)
def test_what_is_no_document_is_an_error_with_its_place(line: str, problem: str) -> None:
    documents = read_documents(Chunk(f'{{"text": "fine"}}\n\n{line}\n', 5), "a.jsonl", "text")
    assert next(documents).fields == {"text": "fine"}
    with pytest.raises(CorpusError) as caught:
        next(documents)
    assert str(caught.value).startswith(f"a.jsonl:7:1: {problem}")


def test_the_field_may_have_another_name() -> None:
    (document,) = read('{"text": 1, "body": "We met."}\n', field="body")
    assert document.text == "We met."
    with pytest.raises(CorpusError, match=r"name it with --field"):
        read('{"text": "We met."}\n', field="body")


def test_documents_before_an_error_are_written() -> None:
    text, error = written('{"text": "One."}\n{"text": "Two."}\nthree\n{"text": "Four."}\n', line=8)
    assert [json.loads(line)["text"] for line in text.splitlines()] == ["One.", "Two."]
    assert isinstance(error, CorpusError)
    assert (error.path, error.line) == ("a.jsonl", 10)


def test_sentences_stay_with_their_document() -> None:
    text, _ = written('{"text": "A. B. C."}\n{"text": ""}\n{"text": "D! E!"}\n')
    rows = [json.loads(line) for line in text.splitlines()]
    found = [[sentence["text"] for sentence in row["sentences"]] for row in rows]
    assert found == [["A. B. C."], [], ["D!", "E!"]]


def test_in_another_format_each_document_has_its_place_as_its_name() -> None:
    documents = '{"text": "One."}\n\n{"text": "Two. Why?"}\n'
    text, error = written(documents, "tsv", line=5)
    assert error is None
    names = [line.split("\t")[0] for line in text.splitlines() if line]
    assert names == ["a.jsonl:5"] * 2 + ["a.jsonl:7"] * 4
    text, _ = written(documents, "conllu", line=5)
    marks = [line for line in text.splitlines() if line.startswith("# newdoc")]
    assert marks == ["# newdoc id = a.jsonl:5", "# newdoc id = a.jsonl:7"]
