"""What a file is, by its first lines, and why."""

from pathlib import Path

import pytest

from tagger.corpus.conllu import LAYOUT
from tagger.corpus.dialect import describe_columns, detect_dialect
from tagger.corpus.files import open_corpus_file
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import TaggerError

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


def germeval(inner: str) -> list[str]:
    rows = ["1\tUni\tB-ORG\tO\n", f"2\tOslo\tI-ORG\t{inner}\n", "3\tlobt\tO\tO\n", "\n"]
    return ["#\thttp://example.org/1\t[2014-01-01]\n", *rows * 9]


def test_entities_inside_others_are_a_second_task() -> None:
    corpus = open_corpus_file(FIXTURES / "germeval_nested.tsv")
    assert describe_columns(corpus.dialect.layout) == "form=2,ner=3,ner2=4"
    assert corpus.dialect.reasons == (
        "4 tab-separated columns; the first numbers the tokens; "
        "ner in column 3 (tags such as I-ORG); ner2 in column 4 (tags such as B-LOC)"
    )
    first, second, *_ = corpus
    assert first.columns["ner2"] == ("O", "O", "O", "O")
    assert second.columns["ner"] == ("B-ORG", "I-ORG", "O", "B-PER")
    assert second.columns["ner2"] == ("O", "B-LOC", "O", "O")


def test_a_second_column_of_nothing_but_o_is_no_task() -> None:
    nested, flat = detect_dialect(germeval("B-LOC")), detect_dialect(germeval("O"))
    assert nested is not None
    assert flat is not None
    assert describe_columns(nested.layout) == "form=2,ner=3,ner2=4"
    assert describe_columns(flat.layout) == "form=2,ner=3"


def test_a_third_layer_is_numbered_too() -> None:
    found = detect_dialect(["a\tB-X\tB-Y\tB-Z\n", "b\tO\tI-Y\tO\n"])
    assert found is not None
    assert describe_columns(found.layout) == "form=1,ner=2,ner2=3,ner3=4"


def test_a_misspelt_tag_leaves_the_entities_what_they_are() -> None:
    corpus = open_corpus_file(FIXTURES / "misspelt_tag.conll")
    assert corpus.dialect.reasons == (
        "2 tab-separated columns; ner in column 2 (tags such as B-PER)"
    )
    with_pos = [f"w\tN{i % 3}\t{'B-PER' if i % 2 else 'O'}\n" for i in range(99)]
    found = detect_dialect([*with_pos, "x\tN1\tBPER\n"])
    assert found is not None
    assert describe_columns(found.layout) == "form=1,xpos=2,ner=3"
    chunks = [f"w N{i % 3} {'B-NP' if i % 2 else 'O'}\n" for i in range(99)]
    found = detect_dialect([*chunks, "x N1 NP\n"])
    assert found is not None
    assert describe_columns(found.layout) == "form=1,xpos=2,chunk=3"


@pytest.mark.parametrize(
    ("fixture", "reasons"),
    [
        ("plus.conllup", "CoNLL-U Plus: its first line names 5 columns"),
        (
            "words.pairs",
            "words and 1 tag(s) joined by '/'; xpos in column 2 (8 tags such as .)",
        ),
        (
            "wikiner.pairs",
            "words and 2 tag(s) joined by '|'; xpos in column 2 (7 tags such as .); "
            "ner in column 3 (tags such as B-PER)",
        ),
        (
            "untagged_word.pairs",
            "words and 1 tag(s) joined by '/'; xpos in column 2 (4 tags such as .)",
        ),
        (
            "conll2012_of_one_width.conll",
            "7 blank-separated columns; the third numbers the tokens; "
            "xpos in column 5 (3 tags such as .); ner in column 6 (brackets such as (PERSON*)",
        ),
        (
            "bracket_never_closed.conll",
            "2 blank-separated columns; ner in column 2 (brackets such as (PER*)",
        ),
    ],
)
def test_further_dialects_are_found_unaided(fixture: str, reasons: str) -> None:
    found = detect_dialect(lines_of(fixture))
    assert found is not None
    assert found.reasons == reasons


def test_the_name_of_a_document_is_never_taken_for_a_token() -> None:
    corpus = open_corpus_file(FIXTURES / "conll2012_of_one_width.conll")
    assert [sentence.forms for sentence in corpus] == [
        ("Ada", "Bell", "ran", "."),
        ("Oslo", "shone"),
    ]
    assert corpus.dialect.layout.brackets == {"ner"}  # and not the coreference behind it


@pytest.mark.parametrize("fixture", ["conll2012.conll", "conll2009.conll"])
def test_files_of_several_widths_or_without_names_ask_for_their_columns(fixture: str) -> None:
    with pytest.raises(TaggerError, match="name the columns with --columns"):
        open_corpus_file(FIXTURES / fixture)


def plus(header: str, *rows: str) -> list[str]:
    return [f"# global.columns = {header}\n", *(f"{row}\n" for row in rows)]


def test_conll_u_plus_names_its_columns_in_any_case_and_order() -> None:
    found = detect_dialect(plus("UPOS form ID Lemma PARSEME:MWE HEAD", "N\ta\t1\ta\t*\t0"))
    assert found is not None
    assert describe_columns(found.layout) == "upos=1,form=2,parseme:mwe=5"
    assert (found.layout.ids, found.layout.width, found.layout.comments) == (2, 6, True)


def test_conll_u_plus_may_lack_ids_or_have_a_byte_order_mark() -> None:
    found = detect_dialect(["\n", "\ufeff# global.columns = FORM NER\n", "a\tO\n"])
    assert found is not None
    assert describe_columns(found.layout) == "form=1,ner=2"
    assert found.layout.ids is None


def test_conll_u_plus_with_the_ten_columns_is_conll_u() -> None:
    header = "ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC"
    found = detect_dialect(plus(header))
    assert found is not None
    assert found.layout is LAYOUT
    found = detect_dialect(plus(f"{header} PARSEME:MWE"))
    assert found is not None
    assert describe_columns(found.layout) == "form=2,upos=4,xpos=5,feats=6,parseme:mwe=11"


def test_json_lines_are_known_by_their_brace() -> None:
    found = detect_dialect(["\n", '  {"text": "a"}\n'])
    assert found is not None
    assert (found.layout.kind, found.reasons) == (
        "jsonl",
        "JSON lines: the first begins as an object or a pair does",
    )


@pytest.mark.parametrize(
    ("line", "is_json"),
    [
        ('{"text": "a"}\n', True),
        (' { "text": "a"}\n', True),
        ('["a \\" b", {"entities": [[0, 1, "X"]]}]\n', True),
        ("{\tO\n", False),
        ("[\tO\n", False),
        ('["\tO\n', False),
    ],
)
def test_json_lines_begin_as_objects_or_pairs_do(line: str, is_json: bool) -> None:
    found = detect_dialect([line, *["a\tO\n"] * 9])
    assert found is not None
    assert (found.layout.kind == "jsonl") is is_json
