"""Column files to sentences: which lines are tokens, and every error with its place."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.columns import parse_column_map, read_columns, split_fields
from tagger.corpus.dialect import describe_columns
from tagger.corpus.files import open_corpus_file
from tagger.corpus.overruling import Asked
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import CorpusError, UsageError
from tagger.sentence import Layout, Sentence
from tests.corpus.generated import column_blocks, files

FIXTURES = Path(__file__).parents[1] / "fixtures"
TABS = Layout("columns", {"form": 0, "ner": 1}, "\t", comments=False, width=2)
BLANKS = Layout("columns", {"form": 0, "ner": 1}, " ", comments=False, width=2)


def read(text: str, layout: Layout = TABS) -> list[Sentence]:
    return list(read_columns(text.splitlines(keepends=True), "x.conll", layout))


def read_fixture(name: str, columns: str | None = None) -> list[Sentence]:
    return list(open_corpus_file(FIXTURES / name, Asked(columns=columns)))


def shown(sentences: list[Sentence]) -> list[str]:
    """Each sentence as form/tag/tag, blanks in forms as they are."""
    rows = (zip(s.forms, *s.columns.values(), strict=True) for s in sentences)
    return [" ".join("/".join(row) for row in sentence) for sentence in rows]


def test_conll_2000_has_forms_parts_of_speech_and_chunks() -> None:
    sentences = read_fixture("conll2000.conll")
    assert [list(sentence.columns) for sentence in sentences] == [["xpos", "chunk"]] * 2
    assert shown(sentences) == [
        "Prices/NNS/B-NP rose/VBD/B-VP sharply/RB/B-ADVP in/IN/B-PP May/NNP/B-NP ././O",
        "It/PRP/B-NP rained/VBD/B-VP ././O",
    ]


def test_conll_2002_has_forms_parts_of_speech_and_entities() -> None:
    (sentence,) = read_fixture("conll2002.conll")
    assert sentence.columns["ner"] == ("B-PER", "O", "O", "B-LOC", "I-LOC", "O")
    assert sentence.columns["xpos"][0] == "NC"


def test_conll_2003_has_document_marks_that_are_no_tokens() -> None:
    sentences = read_fixture("docstart.conll")
    assert shown(sentences) == [
        "Ada/NNP/B-NP/B-PER visited/VBD/B-VP/O Oslo/NNP/B-NP/B-LOC ././O/O",
        "Rain/NN/B-NP/O fell/VBD/B-VP/O",
    ]
    assert [list(sentence.columns) for sentence in sentences] == [["xpos", "chunk", "ner"]] * 2


def test_document_marks_may_end_documents_too() -> None:
    assert shown(read_fixture("docstart_at_end.conll")) == [
        "Ada/I-PER met/O Bob/I-PER B./I-PER ./O",
        "In/O Oslo/I-LOC ./O",
        "Rain/O fell/O",
    ]


def test_a_document_mark_with_blanks_may_stand_among_tabs() -> None:
    assert shown(read_fixture("docstart_with_blanks_among_tabs.conll")) == [
        "Ada/NNP/B-PER slept/VBD/O"
    ]


def test_a_token_that_only_begins_like_a_document_mark_is_a_token() -> None:
    assert shown(read("-DOCSTART-s\tO\n")) == ["-DOCSTART-s/O"]


def test_a_document_mark_in_the_middle_of_a_sentence_does_not_cut_it() -> None:
    assert shown(read("a\tO\n-DOCSTART-\tO\nb\tO\n")) == ["a/O b/O"]


def test_wnut_sentences_are_cut_at_lines_of_one_tab_and_hashtags_are_tokens() -> None:
    assert shown(read_fixture("blank_line_with_tab.conll")) == [
        "@ada/B-person in/O #Oslo/B-location",
        "#/O rain/O sn\ufeffow/O",
        "bye/O",
    ]


def test_a_hashtag_token_is_no_comment() -> None:
    assert shown(read("# \tO\n#\tO\n#Oslo\tB-LOC\n# a b\tO\n")) == ["# /O #/O #Oslo/B-LOC # a b/O"]
    assert shown(read("# O\n#Oslo B-LOC\n", BLANKS)) == ["#/O #Oslo/B-LOC"]


def test_uner_comments_are_no_tokens_and_a_token_of_a_hash_is_one() -> None:
    assert shown(read_fixture("uner.iob2")) == [
        "Ada/B-PER saw/O #/O 1/O in/O Oslo/B-LOC",
        "Rain/O fell/O",
    ]


def test_a_hashtag_token_is_no_comment_even_where_comments_are() -> None:
    layout = Layout("columns", {"form": 0, "ner": 1}, "\t", comments=True, width=2)
    text = "# text = #Oslo # 1\n# a\tb\tc\n#Oslo\tB-LOC\n#\tO\n# 1\tO\n"
    assert shown(read(text, layout)) == ["#Oslo/B-LOC #/O # 1/O"]
    with pytest.raises(CorpusError, match=r"^x.conll:1:1: expected 2 tab-separated columns"):
        read("#no blank behind\n", layout)


def test_a_token_may_be_empty_or_hold_blanks_where_tabs_separate() -> None:
    first, second = read_fixture("empty_token.conll")
    assert first.forms == ("RT", "@ada", "", " ", "New York", "#")
    assert first.columns == {"ner": ("O", "B-PER", "O", "O", "B-LOC", "O")}
    assert second.forms == ("ok",)


def test_blanks_of_any_kind_and_number_separate_where_blanks_do() -> None:
    assert shown(read("a  O\nb\tB-X\nc \t O \r\nd O\t\n", BLANKS)) == ["a/O b/B-X c/O d/O"]
    assert split_fields("a \tb  \r\n", BLANKS) == ["a", "b"]
    assert split_fields(" a \t\r\n", TABS) == [" a ", ""]


def test_a_no_break_space_separates_nothing() -> None:
    assert shown(read("a\u00a0b O\n\u3000 O\n", BLANKS)) == ["a\u00a0b/O \u3000/O"]


def test_a_byte_order_mark_is_no_part_of_the_first_token() -> None:
    assert read("\ufeffa\tO\nb\tO\n")[0].forms == ("a", "b")


def test_a_column_without_any_tag_is_absent() -> None:
    annotated, bare = read("a\tO\nb\t_\n\nc\t_\n")
    assert annotated.columns == {"ner": ("O", "_")}
    assert bare.columns == {}


def test_a_sentence_knows_where_it_stood() -> None:
    second = read("a\tO\n\n\nb\tO\nc\tO\n\n")[1]
    assert second.source is not None
    assert (second.source.path, second.source.line, second.source.rows) == ("x.conll", 4, (0, 1))
    assert second.source.lines == ("b\tO\n", "c\tO\n", "\n")


def test_blocks_without_a_token_are_kept_as_sentences_of_no_tokens() -> None:
    text = "-DOCSTART-\tO\n\na\tO\n\n-DOCSTART-\tO\n"
    sentences = read(text)
    assert [sentence.forms for sentence in sentences] == [(), ("a",), ()]
    assert "".join(map(rewrite_sentence, sentences)) == text


@pytest.mark.parametrize(
    ("fixture", "place_and_problem"),
    [
        ("missing_column.conll", "32:2: expected 3 blank-separated columns, found 2"),
        (
            "blank_instead_of_tab.conll",
            "31:1: expected 2 tab-separated columns, found 1 (blanks instead of tabs?)",
        ),
    ],
)
def test_a_ragged_row_is_named_with_its_place(fixture: str, place_and_problem: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_fixture(fixture)
    assert str(caught.value) == f"{FIXTURES / fixture}:{place_and_problem}"


@pytest.mark.parametrize(
    ("text", "layout", "expected"),
    [
        ("a\tO\nb\tO\tX\n", TABS, "2:2: expected 2 tab-separated columns, found 3"),
        ("a O\n\nb\n", BLANKS, "3:1: expected 2 blank-separated columns, found 1"),
        ("a O\nb c O\n", BLANKS, "2:2: expected 2 blank-separated columns, found 3"),
    ],
)
def test_too_many_fields_are_an_error_as_too_few_are(
    text: str, layout: Layout, expected: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        read(text, layout)
    assert str(caught.value) == f"x.conll:{expected}"


def test_without_a_fixed_width_only_the_named_fields_must_be_there() -> None:
    layout = Layout("columns", {"form": 0, "ner": 2}, "\t", width=None)
    assert shown(read("a\tx\tO\nb\tx\tO\ty\tz\n", layout)) == ["a/O b/O"]
    with pytest.raises(CorpusError, match=r"^x.conll:2:2: expected 3 tab-sep.* columns, found 2$"):
        read("a\tx\tO\nb\tO\n", layout)


def test_the_columns_named_by_the_user_are_the_ones_read() -> None:
    sentences = read_fixture("docstart.conll", "form=1,chunk=4,pos=2")
    assert shown(sentences)[1] == "Rain/O/NN fell/O/VBD"
    assert list(sentences[0].columns) == ["chunk", "pos"]


def test_a_column_named_beyond_the_last_is_an_error_with_its_place() -> None:
    with pytest.raises(CorpusError) as caught:
        read_fixture("conll2002.conll", "form=1,ner=4")
    assert str(caught.value) == (
        f"{FIXTURES / 'conll2002.conll'}:1:3: expected 4 blank-separated columns, found 3"
    )


def test_a_column_map_counts_from_one() -> None:
    assert parse_column_map("form=1, ner=4") == {"form": 0, "ner": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected columns such as form=1,ner=2, found ''"),
        ("form", "expected columns such as form=1,ner=2, found 'form'"),
        ("form=0", "expected columns such as form=1,ner=2, found 'form=0'"),
        ("form=-1", "expected columns such as form=1,ner=2, found 'form=-1'"),
        ("form=x", "expected columns such as form=1,ner=2, found 'form=x'"),
        ("form=²", "expected columns such as form=1,ner=2, found 'form=²'"),
        ("form=1,", "expected columns such as form=1,ner=2, found ''"),
        ("=1", "expected columns such as form=1,ner=2, found '=1'"),
        ("form=1,ner=1", "columns 'form=1,ner=1' name 'ner' or field 1 twice"),
        ("form=1,form=2", "columns 'form=1,form=2' name 'form' or field 2 twice"),
        ("ner=2", "columns 'ner=2' lack the token itself: add form=N"),
    ],
)
def test_a_column_map_that_makes_no_sense_is_one_sentence(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_column_map(text)
    assert str(caught.value) == message


def test_a_column_map_is_described_as_it_is_given() -> None:
    layout = Layout("columns", parse_column_map("form=2,ner=3"))
    assert describe_columns(layout) == "form=2,ner=3"


def test_the_first_sentence_of_an_endless_file_comes_at_once() -> None:
    read_lines = 0

    def endless() -> Iterator[str]:
        nonlocal read_lines
        for read_lines in count(1):
            yield "a\tO\n" if read_lines % 2 else "\t\n"

    assert next(read_columns(endless(), "endless", TABS)).forms == ("a",)
    assert read_lines == 3


@pytest.mark.parametrize("separator", ["\t", " "])
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_writing_what_was_read_gives_the_same_bytes(separator: str, data: st.DataObject) -> None:
    text = data.draw(files(column_blocks(separator, 4)))
    layout = Layout(
        "columns", {"form": 0, "xpos": 1, "ner": 3}, "\t" if separator == "\t" else " ", False, 4
    )
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    sentences = list(read_columns(filter(None, lines), "x", layout))
    assert "".join(rewrite_sentence(sentence) for sentence in sentences) == text
    assert "".join(rewrite_sentence(s, s.columns) for s in sentences) == text
    num_tokens = sum(bool(line.strip(" \t\r\n\ufeff")) for line in lines)
    assert sum(map(len, sentences)) >= num_tokens


def test_conll_u_plus_has_neither_ranges_nor_empty_nodes_among_its_tokens() -> None:
    corpus = open_corpus_file(FIXTURES / "plus.conllup")
    first, second = corpus
    assert first.forms == ("Ada", "gave", "up", ".")
    assert first.columns == {
        "upos": ("PROPN", "VERB", "ADP", "PUNCT"),
        "ner": ("B-PER", "O", "O", "O"),
        "parseme:mwe": ("*", "1:VPC", "1", "*"),
    }
    assert second.forms == ("Rain", "fell")
    text = (FIXTURES / "plus.conllup").read_text(encoding="utf-8")
    assert "".join(rewrite_sentence(s, s.columns) for s in corpus.with_empty()) == text


NUMBERED = Layout("columns", {"form": 1, "ner": 2}, "\t", comments=True, width=3, ids=0)


def test_where_lines_begin_with_a_number_those_with_a_hash_are_comments() -> None:
    text = "#a\tb\tc\n#\n# x\ty\tz\n1\t#\tO\n2\t# a\tO\n3\t-DOCSTART-\tO\n"
    assert shown(read(text, NUMBERED)) == ["#/O # a/O -DOCSTART-/O"]


@pytest.mark.parametrize("number", ["1-2", "8.1", "0.1", "10-12"])
def test_a_range_or_empty_node_is_no_token_but_keeps_its_line(number: str) -> None:
    text = f"{number}\tdu\t_\n1\tde\tO\n{number}\tdu\t_\n"
    (sentence,) = read(text, NUMBERED)
    assert sentence.forms == ("de",)
    assert rewrite_sentence(sentence, ["ner"]) == text


@pytest.mark.parametrize("number", ["1-", "-1", "1.", "a-b", "1–2", "1-2-3", "", "x"])
def test_any_other_number_is_a_token(number: str) -> None:
    assert shown(read(f"{number}\tdu\tO\n", NUMBERED)) == ["du/O"]


def test_numbers_need_not_come_first() -> None:
    layout = Layout("columns", {"form": 0, "ner": 2}, "\t", comments=True, width=3, ids=1)
    assert shown(read("du\t1-2\t_\nde\t1\tO\n#\t2\tO\n", layout)) == ["de/O #/O"]


def test_a_range_with_too_few_fields_is_an_error_all_the_same() -> None:
    with pytest.raises(CorpusError, match=r"^x.conll:2:2: expected 3 tab-sep.* columns, found 2$"):
        read("1\ta\tO\n2-3\tb\n", NUMBERED)


def test_documents_of_conll_2012_begin_and_end_without_tokens() -> None:
    text = "#begin document (a); part 000\na O\n\n#end document\n#begin document (b)\nb B-X\n"
    first, second = read(text, BLANKS)
    assert shown([first, second]) == ["a/O", "b/B-X"]
    assert first.source is not None
    assert (first.source.rows, second.source and second.source.rows) == ((1,), (2,))
    assert "".join(rewrite_sentence(s, ["ner"]) for s in (first, second)) == text


def test_tokens_that_only_begin_as_documents_do_are_tokens() -> None:
    assert shown(read("#begin O\n#end B-X\n#beginning document\n", BLANKS)) == [
        "#begin/O #end/B-X #beginning/document"
    ]


def test_without_tags_brackets_are_not_looked_at() -> None:
    layout = Layout("columns", {"form": 0, "ner": 1}, " ", False, 2, None, frozenset(["ner"]))
    lines = ["a (A*\n", "b wrong\n"]
    (sentence,) = read_columns(lines, "x", layout, tags=False)
    assert (sentence.forms, sentence.columns) == (("a", "b"), {})
    with pytest.raises(CorpusError, match=r"^x:2:2: expected brackets"):
        list(read_columns(lines, "x", layout))


def test_the_place_of_a_bracket_counts_comments_and_the_lines_before(tmp_path: Path) -> None:
    layout = Layout("columns", {"form": 1, "ner": 2}, "\t", True, 3, 0, frozenset(["ner"]))
    lines = ["# c\n", "1-2\tab\t_\n", "1\ta\t*\n", "2\tb\t*)\n"]
    with pytest.raises(CorpusError, match=r"^x:13:3: expected an open bracket before \*\)"):
        list(read_columns(lines, "x", layout, first_line=10))


def test_a_comment_may_be_all_there_is_and_not_even_end() -> None:
    layout = Layout("columns", {"form": 1, "ner": 2}, "\t", True, 3, 0)
    (sentence,) = read_columns(["# a\n", "# b"], "x", layout)
    assert sentence.forms == ()
    assert sentence.source is not None
    assert sentence.source.text == "# a\n# b"
