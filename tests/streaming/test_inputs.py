"""What an input is: by its name, by its first lines, by what the user says."""

import io
from pathlib import Path

import pytest

from tagger.corpus.lines import by_block, by_line
from tagger.errors import TaggerError, UsageError
from tagger.streaming.chunks import Chunk
from tagger.streaming.heads import PEEKED_BYTES
from tagger.streaming.inputs import Input, examine
from tagger.streaming.kinds import InputKind
from tagger.text.segmenters import RulesSegmenter

RULES = RulesSegmenter
FIXTURES = Path(__file__).parents[1] / "fixtures"
CONLLU = "1\tWe\twe\tPRON\t_\t_\t0\troot\t_\t_\n\n"
TABBED = "We\tO\nmet\tO\nAda\tB-PER\n\n"
BLANKS = "We O\nmet O\nAda B-PER\n\n"


def looked_at(
    content: str | bytes,
    name: str = "<stdin>",
    kind: InputKind = InputKind.AUTO,
    columns: str | None = None,
    field: str = "text",
    buffer: int = PEEKED_BYTES,
) -> Input:
    """What `examine` says; nothing of the stream may be lost."""
    raw = content.encode() if isinstance(content, str) else content
    stream = io.BufferedReader(io.BytesIO(raw), buffer)
    found, stream = examine(stream, name, kind, columns, field)
    assert stream.read() == raw
    assert found.name == name
    return found


def kind_of(content: str, name: str = "<stdin>", **asked: str) -> str:
    """The kind; that of columns as `conllu` or `columns`."""
    layout = (found := looked_at(content, name, **asked)).layout
    assert (layout is not None) == (found.kind is InputKind.CONLL)
    return str(layout.kind if layout else found.kind)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (CONLLU, "conllu"),
        ("# text = We\n" + CONLLU, "conllu"),
        ("\ufeff# text = We\r\n" + CONLLU.replace("\n", "\r\n"), "conllu"),
        (TABBED, "columns"),
        (BLANKS, "columns"),
        ("-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n", "columns"),
        ('{"text": "We met."}\n', "jsonl"),
        ('\n\n {"id": 1, "text": "We met."}\n', "jsonl"),
        ('\ufeff{"text": ""}\n', "jsonl"),
        ('{"text": "no line end"}', "jsonl"),
        ('{"body": "We met."}\n', "raw"),
        ('{"text": oops}\n', "raw"),
        ("{braces} are text\n", "raw"),
        ('["text"]\n', "raw"),
        ("Just a line of text.\n", "raw"),
        ("Two words\nTwo more\nAnd more\n", "raw"),
        ("yes I\nwill I\n", "raw"),
        ("# Title\n\nA paragraph.\n", "raw"),
        ("a\tb\nc d\n", "raw"),
        ("\n\n\n", "raw"),
        (" ", "raw"),
        ("", "raw"),
    ],
    ids=repr,
)
def test_content_tells_the_kind(content: str, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.conllu", "conllu"),
        ("a.CoNLLU", "conllu"),
        ("a.conllu.gz", "conllu"),
        ("a.conll", "conllu"),
        ("a.iob2.xz", "conllu"),
        ("a.jsonl", "jsonl"),
        ("b.c/a.ndjson.gz", "jsonl"),
        ("a.txt", "conllu"),  # as its content says
        ("a", "conllu"),
    ],
)
def test_the_name_tells_the_kind_before_the_content(name: str, kind: str) -> None:
    assert kind_of(CONLLU, name) == kind


def test_running_text_under_the_name_of_a_corpus_is_an_error() -> None:
    with pytest.raises(TaggerError, match=r"^a\.conllu: expected CoNLL-U or columns"):
        looked_at("Just a line of text.\n", "a.conllu")


@pytest.mark.parametrize("name", ["a.conllu", "a.conll.gz", "a.jsonl", "a.txt"])
def test_an_empty_file_of_any_name_is_an_empty_input(name: str) -> None:
    found = looked_at("", name)
    assert found.layout is None
    assert not (list(found.sentences(Chunk(""), RULES)) if found.kind is InputKind.RAW else [])


@pytest.mark.parametrize("kind", ["raw", "lines", "tokens", "jsonl"])
def test_what_the_user_says_is_not_doubted(kind: str) -> None:
    for content in (CONLLU, TABBED, '{"text": ""}\n', "A line.\n", ""):
        assert looked_at(content, "a.conllu", InputKind(kind)).kind == kind


def test_columns_may_be_named_for_any_text_in_fields() -> None:
    found = looked_at("1 We x\n2 met y\n", "a.txt", columns="form=2,ner=3")
    assert found.layout is not None
    assert found.layout.columns == {"form": 1, "ner": 2}
    (sentence,) = found.sentences(Chunk("1 We x\n2 met y\n"), RULES)
    assert sentence.forms == ("We", "met")


@pytest.mark.parametrize("kind", ["raw", "lines", "tokens", "jsonl"])
def test_columns_of_anything_but_a_corpus_are_refused(kind: str) -> None:
    with pytest.raises(UsageError, match=f"^--columns is for CoNLL input, not for --input {kind}$"):
        looked_at(TABBED, "a.txt", InputKind(kind), "form=1")


def test_the_reasons_for_columns_are_given() -> None:
    assert "ner in column 2" in looked_at(TABBED).reasons
    assert looked_at("Text.\n").reasons == ""


def test_the_field_of_json_lines_may_have_another_name() -> None:
    assert kind_of('{"body": "We met."}\n', field="body") == "jsonl"
    assert kind_of('{"text": "We met."}\n', field="body") == "raw"


def test_a_first_document_that_is_longer_than_can_be_peeked_at_is_json_all_the_same() -> None:
    content = '{"id": "a \\" b", "text": "' + "word " * 20_000 + '"}\n'
    assert kind_of(content) == "jsonl"
    assert kind_of("{" + "word " * 20_000 + "}\n") == "raw"


def test_a_column_that_is_empty_at_first_is_found_when_there_is_more_to_see() -> None:
    first = "EU NNP B-NP O\nrejects VBZ B-VP O\n\n" * 500
    found = looked_at(first + "Ada NNP B-NP B-PER\nwon VBD B-VP O\n\n")
    assert found.layout is not None
    assert "ner" in found.layout.columns


def test_a_long_first_line_and_half_a_last_line_do_no_harm() -> None:
    assert kind_of("word " * 50_000) == "raw"
    assert looked_at(CONLLU * 50, buffer=len(CONLLU) * 3 - 20).layout is not None
    assert looked_at(b"caf\xe9 \xff\n" * 9).kind is InputKind.RAW


def test_columns_are_cut_at_blank_lines_and_everything_else_at_lines() -> None:
    assert looked_at(TABBED).cut is by_block
    assert looked_at("Text.\n").cut is by_line
    assert looked_at('{"text": ""}\n').cut is by_line


@pytest.mark.parametrize(
    ("kind", "forms"),
    [
        ("raw", [("We", "met", "."), ("It", "rained", ".")]),
        ("lines", [("We", "met", ".", "It", "rained", "."), ()]),
        ("tokens", [("We", "met.", "It", "rained."), ()]),
    ],
)
def test_running_text_is_cut_into_sentences_as_its_kind_says(
    kind: str, forms: list[tuple[str, ...]]
) -> None:
    content = "We met. It rained.\n\n"
    found = looked_at(content, kind=InputKind(kind))
    sentences = list(found.sentences(Chunk(content, line=9, start=100), RULES))
    assert [sentence.forms for sentence in sentences] == forms
    for sentence in sentences:
        places = [content[start - 100 : end - 100] for start, end in sentence.offsets or ()]
        assert tuple(places) == sentence.forms


def test_sentences_in_columns_know_their_lines_in_the_whole_file() -> None:
    found = looked_at(CONLLU)
    first, second = found.sentences(Chunk(CONLLU * 2, line=41, start=900), RULES)
    assert first.source is not None
    assert second.source is not None
    assert (first.source.line, second.source.line) == (41, 43)


def test_only_a_line_feed_ends_a_line_of_columns() -> None:
    content = (FIXTURES / "blank_lines_of_every_kind.conllu").read_text(encoding="utf-8")
    content += CONLLU.replace("We", "a\u2028b\u0085c\x0cd")
    *_, last = looked_at(content).sentences(Chunk(content), RULES)
    assert last.forms == ("a\u2028b\u0085c\x0cd",)
