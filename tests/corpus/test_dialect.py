"""What a file is, by its first lines, and why."""

from pathlib import Path

import pytest

from tagger.corpus.conllu import LAYOUT
from tagger.corpus.dialect import describe_columns, detect_dialect
from tagger.corpus.files import open_corpus_file
from tagger.corpus.writing import rewrite_sentence

FIXTURES = Path(__file__).parents[1] / "fixtures"


def lines_of(name: str) -> list[str]:
    return (FIXTURES / name).read_bytes().decode().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("fixture", "columns", "reasons"),
    [
        (
            "conll2000.conll",
            "form=1,xpos=2,chunk=3",
            "3 blank-separated columns; xpos in column 2 (7 tags such as .); "
            "chunk in column 3 (phrase labels)",
        ),
        (
            "conll2002.conll",
            "form=1,xpos=2,ner=3",
            "3 blank-separated columns; xpos in column 2 (5 tags such as DA); "
            "ner in column 3 (tags such as I-LOC)",
        ),
        (
            "docstart.conll",
            "form=1,xpos=2,chunk=3,ner=4",
            "4 blank-separated columns; xpos in column 2 (4 tags such as .); "
            "chunk in column 3 (phrase labels); ner in column 4 (tags such as B-PER)",
        ),
        (
            "docstart_at_end.conll",
            "form=1,ner=2",
            "2 blank-separated columns; ner in column 2 (tags such as I-PER)",
        ),
        (
            "blank_line_with_tab.conll",
            "form=1,ner=2",
            "2 tab-separated columns; ner in column 2 (tags such as B-person)",
        ),
        (
            "uner.iob2",
            "form=2,ner=3",
            "5 tab-separated columns; the first numbers the tokens; "
            "ner in column 3 (tags such as B-PER)",
        ),
        (
            "empty_token.conll",
            "form=1,ner=2",
            "2 tab-separated columns; ner in column 2 (tags such as B-PER)",
        ),
    ],
)
def test_the_columns_are_found_by_what_stands_in_them(
    fixture: str, columns: str, reasons: str
) -> None:
    found = detect_dialect(lines_of(fixture))
    assert found is not None
    assert found.layout.kind == "columns"
    assert describe_columns(found.layout) == columns
    assert found.reasons == reasons


@pytest.mark.parametrize(
    "fixture",
    [
        "every_kind_of_line.conllu",
        "crlf_and_bom.conllu",
        "no_final_newline.conllu",
        "blank_lines_of_every_kind.conllu",
        "missing_column.conllu",  # one broken line is an error later, not another dialect
        "token_id_skipped.conllu",
    ],
)
def test_conllu_is_known_by_ten_columns_that_begin_with_an_id(fixture: str) -> None:
    found = detect_dialect(lines_of(fixture))
    assert found is not None
    assert found.layout is LAYOUT
    assert found.reasons == "CoNLL-U: ten tab-separated columns that begin with an ID"


def test_comments_are_expected_only_where_there_are_some() -> None:
    uner = detect_dialect(lines_of("uner.iob2"))
    wnut = detect_dialect(lines_of("blank_line_with_tab.conll"))
    assert uner is not None
    assert wnut is not None
    assert uner.layout.comments
    assert not wnut.layout.comments


def test_chunks_of_the_german_conll_2003_data_are_not_taken_for_entities() -> None:
    lines = [f"Wort{i} wort{i} NN I-NC {'I-PER' if i % 2 else 'O'}\n" for i in range(300)]
    lines += ["sah sehen VVFIN I-VC O\n", "in in APPR I-PC O\n"]
    found = detect_dialect(lines)
    assert found is not None
    assert describe_columns(found.layout) == "form=1,xpos=3,chunk=4,ner=5"


def test_universal_tags_are_named_upos_and_any_others_xpos() -> None:
    universal = detect_dialect(["Rain\tNOUN\n", "fell\tVERB\n", "x\t_\n"])
    treebank = detect_dialect(["Rain\tNN\n", "fell\tVBD\n"])
    assert universal is not None
    assert treebank is not None
    assert describe_columns(universal.layout) == "form=1,upos=2"
    assert universal.reasons == (
        "2 tab-separated columns; upos in column 2 (universal part-of-speech tags)"
    )
    assert describe_columns(treebank.layout) == "form=1,xpos=2"


def test_a_file_whose_only_tag_is_o_is_an_entity_file() -> None:
    found = detect_dialect(["Rain\tO\n", "fell\tO\n"])
    assert found is not None
    assert found.reasons == "2 tab-separated columns; ner in column 2 (tags such as O)"


def test_a_byte_order_mark_does_not_hide_the_dialect() -> None:
    found = detect_dialect(["\ufeff" + line for line in lines_of("uner.iob2")[:1]])
    assert found is None
    lines = lines_of("docstart.conll")
    found = detect_dialect(["\ufeff" + lines[0], *lines[1:]])
    assert found is not None
    assert describe_columns(found.layout) == "form=1,xpos=2,chunk=3,ner=4"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["\n", " \t\n"],
        ["Rain\n", "fell\n"],
        ["It rained all day.\n", "Bob ran home, Ada slept.\n", "Why?\n"],
        [f"wort{i}\tlemma{i}\n" for i in range(300)],  # two columns, but no tags
        ["a\tb\tO\n", "a\tO\n", "a\n", "a\tb\tc\tO\n"],  # as many widths as lines
    ],
    ids=["nothing", "blank lines", "one column", "running text", "a word list", "ragged"],
)
def test_what_holds_no_columns_of_tags_has_no_dialect(lines: list[str]) -> None:
    assert detect_dialect(lines) is None


def test_germeval_headers_are_comments() -> None:
    path = FIXTURES / "germeval.tsv"
    corpus = open_corpus_file(path)
    assert [s.forms for s in corpus] == [("Anna", "wohnt", "in", "Oslo"), ("#", "Bonn")]
    assert next(iter(corpus)).columns["ner"] == ("B-PER", "O", "O", "B-LOC")
    written = "".join(map(rewrite_sentence, corpus.with_empty()))
    assert written == path.read_text(encoding="utf-8")
