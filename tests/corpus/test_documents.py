"""Where documents begin, in every way in which corpora say so."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.documents import Marks, documents, has_documents, marks_of, whole_units
from tagger.corpus.files import open_corpus_file
from tagger.sentence import Layout, Sentence, Source

FIXTURES = Path(__file__).parents[1] / "fixtures"
LAYOUT = Layout("columns", {"form": 0, "ner": 1}, " ")


def block(text: str, path: str = "a.conll", layout: Layout = LAYOUT, line: int = 1) -> Sentence:
    """A block whose tokens are the lines that begin with a small letter."""
    rows = tuple([i for i, row in enumerate(text.split("\n")) if row[:1].islower()])
    forms = tuple([text.split("\n")[i].split()[0] for i in rows])
    return Sentence(forms, source=Source(path, line, text, rows, layout))


def forms_of(sentences: list[Sentence]) -> list[list[str]]:
    return [["".join(s.forms) for s in document] for document in documents(sentences)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a O\n\n", Marks(False, False)),
        ("# newdoc\na O\n\n", Marks(True, False)),
        ("# newdoc\r\na O\r\n\r\n", Marks(True, False)),
        ("\ufeff# newdoc id = x\na O\n", Marks(True, False)),
        ("# sent_id = 1\n# newdoc id = x\na O\n", Marks(True, False)),
        ("# newdocument\na O\n", Marks(False, False)),
        ("# text = # newdoc\na O\n", Marks(False, False)),
        ("newdoc O\n", Marks(False, False)),
        ("-DOCSTART- -X- O\na O\n", Marks(True, False)),
        ("-DOCSTART-\n\n", Marks(True, False)),
        ("-DOCSTART-s O\na O\n", Marks(False, False)),
        ("a O\n-DOCSTART- O\n\n", Marks(False, True)),
        ("a O\n-DOCSTART- O\nb O\n\n", Marks(False, True)),
        ("-DOCSTART- O\na O\n-DOCSTART- O\n\n", Marks(True, True)),
        ("#begin document (x); part 000\na O\n\n", Marks(True, False)),
        ("#end document\n#begin document (y)\na O\n\n", Marks(True, False)),
        ("a O\n#end document\n", Marks(False, False)),
    ],
)
def test_a_mark_stands_before_or_after_the_tokens_of_a_block(text: str, expected: Marks) -> None:
    assert marks_of(block(text)) == expected


def test_a_token_that_looks_like_a_mark_is_none() -> None:
    text = "-DOCSTART- O\n#begin document\n"
    tokens = Sentence(("-DOCSTART-", "#begin"), source=Source("a", 1, text, (0, 1), LAYOUT))
    assert marks_of(tokens) == Marks()


def test_documents_begin_at_marks_before_and_after_sentences() -> None:
    sentences = [
        block("a O\n\n"),
        block("# newdoc\nb O\n\n"),
        block("c O\n-DOCSTART- O\n\n"),
        block("d O\n\n"),
        block("e O\n\n"),
    ]
    assert forms_of(sentences) == [["a"], ["b", "c"], ["d", "e"]]
    assert has_documents(sentences)
    assert not has_documents([sentences[0], sentences[3]])


def test_marks_at_the_end_of_documents_leave_no_empty_one_behind() -> None:
    mark = block("-DOCSTART- O\n\n")
    sentences = [block("a O\n"), mark, block("b O\n"), block("# Rest\n"), mark, mark]
    assert forms_of(sentences) == [["a"], ["", "b", "", "", ""]]
    corpus = open_corpus_file(FIXTURES / "docstart_at_end.conll")
    assert [sum(map(bool, found)) for found in documents(corpus.with_empty())] == [2, 1]


def test_blocks_without_tokens_begin_a_document_with_the_sentence_behind_them() -> None:
    mark = block("# newdoc\n\n")
    sentences = [mark, block("# global\n"), block("a O\n"), block("# x\n"), mark, block("b O\n")]
    assert forms_of(sentences) == [["", "", "a"], ["", "", "b"]]
    assert forms_of([mark, mark]) == [["", ""]]
    assert forms_of([]) == []


def test_another_file_is_another_document_but_no_mark() -> None:
    sentences = [block("a O\n", "a.conll"), block("b O\n", "a.conll"), block("c O\n", "b.conll")]
    assert forms_of(sentences) == [["a", "b"], ["c"]]
    assert not has_documents(sentences)


def test_documents_of_json_lines_are_lines_and_of_brat_files() -> None:
    jsonl, brat = Layout("jsonl", {}), Layout("brat", {})
    lines = [block("a", "x.jsonl", jsonl, line) for line in (1, 1, 2)]
    files = [block("a", path, brat) for path in ("a.ann", "b.ann", "b.ann")]
    assert forms_of(lines) == [["a", "a"], ["a"]]
    assert forms_of(files) == [["a"], ["a", "a"]]
    assert has_documents(lines)
    assert has_documents(files)


def test_sentences_without_a_source_are_one_document() -> None:
    sentences = [Sentence(("a",)), Sentence(("b",))]
    assert [*documents(sentences)] == [sentences]
    assert not has_documents(sentences)


def test_units_are_documents_only_where_there_are_enough() -> None:
    mark, a = block("# newdoc\n\n"), block("a O\n")
    sentences = [mark, a, a, mark, a, mark]
    assert whole_units(sentences, more_than=1) == ("document", [[0, 1, 2], [3, 4, 5]])
    assert whole_units(sentences, more_than=2) == ("sentence", [[0, 1], [2], [3, 4, 5]])
    assert whole_units([a, a], more_than=0) == ("sentence", [[0], [1]])
    assert whole_units([mark], more_than=0)[1] == [[0]]
    assert whole_units([], more_than=0)[1] == []


@given(
    st.lists(
        st.sampled_from(["a O\n", "# newdoc\na O\n", "-DOCSTART- O\n", "# x\n", "a O\n# newdoc\n"])
    )
)
@settings(deadline=None, max_examples=60)
def test_all_blocks_come_out_in_order_and_each_document_has_tokens(texts: list[str]) -> None:
    sentences = [*map(block, texts)]
    found = [*documents(sentences)]
    assert [s for document in found for s in document] == sentences
    has_tokens = any(s.forms for s in sentences)
    assert all(any(s.forms for s in document) for document in found) or not has_tokens
