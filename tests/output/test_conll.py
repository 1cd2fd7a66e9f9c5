"""Plain columns: any sentence as form and tags, column files in their own lines."""

from pathlib import Path

from hypothesis import given, settings

from tagger.corpus.files import open_corpus_file
from tagger.output.conll import as_conll
from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.samples import (
    ADA,
    FIXTURES,
    IN_A_FILE,
    NER,
    NER_IN_A_FILE,
    ODD,
    STYLE,
    read_conllu_text,
    rows_of,
    sentences,
    tagged,
)


def test_form_and_tags_stand_in_columns_with_an_empty_line_behind() -> None:
    assert as_conll(ADA, STYLE) == (
        "Ada\tPROPN\tB-PER\nLovelace\tPROPN\tI-PER\nwrote\tVERB\tO\n.\tPUNCT\tO\n\n"
    )


def test_tags_stand_in_the_order_of_the_style() -> None:
    style = Style(("ner", "upos"), frozenset({"ner"}))
    assert as_conll(ADA, style).startswith("Ada\tB-PER\tPROPN\n")


def test_the_name_of_the_input_is_not_written() -> None:
    assert as_conll(ADA, IN_A_FILE) == as_conll(ADA, STYLE)


def test_tabs_and_line_breaks_in_a_form_are_blanks() -> None:
    assert [row[0] for row in rows_of(as_conll(ODD, STYLE))] == ["New York", "a b", " "]


def test_an_empty_form_is_an_underscore() -> None:
    assert as_conll(Sentence(("",), {"ner": ("O",)}), NER) == "_\tO\n\n"


def test_a_conllu_sentence_becomes_columns() -> None:
    (sentence,) = read_conllu_text("# sent_id = 1\n1\tRain" + "\t_" * 8 + "\n\n")
    assert as_conll(tagged(sentence), STYLE) == "Rain\tX\tO\n\n"


def with_tags_of_no_entity(path: Path, style: Style) -> str:
    return "".join(as_conll(tagged(s), style) for s in open_corpus_file(path).with_empty())


def test_a_column_file_is_given_back_with_only_its_tags_changed() -> None:
    before = (FIXTURES / "docstart.conll").read_text("utf-8")
    after = with_tags_of_no_entity(FIXTURES / "docstart.conll", NER)
    assert after == before.replace("B-PER", "O").replace("B-LOC", "O") != before
    assert after.count("-DOCSTART- -X- -X- O\n") == 2


def test_column_files_do_not_run_into_one_another(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("Ada B-PER\nwrote O", encoding="utf-8", newline="\n")
    assert with_tags_of_no_entity(path, NER) == "Ada O\nwrote O"
    assert with_tags_of_no_entity(path, NER_IN_A_FILE) == "Ada O\nwrote O\n\n"


@given(sentence=sentences())
@settings(deadline=None)
def test_every_token_has_one_line_and_every_line_three_cells(sentence: Sentence) -> None:
    lines = as_conll(sentence, STYLE).split("\n")
    assert lines[-2:] == ["", ""]
    columns = [sentence.columns["upos"], sentence.columns["ner"]]
    rows = [line.split("\t") for line in lines[:-2]]
    assert [tuple(row[1:]) for row in rows] == list(zip(*columns, strict=True))
    assert [len(row[0]) for row in rows] == list(map(len, sentence.forms))
