"""CoNLL-U Plus: named columns."""

from hypothesis import given, settings

from tagger.output.conllup import CONLLUP, as_conllup
from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.samples import (
    ADA,
    FIXTURES,
    IN_A_FILE,
    NER,
    ODD,
    STYLE,
    read_conllu_text,
    sentences,
    tagged,
)


def test_the_first_line_of_the_output_names_the_columns() -> None:
    assert CONLLUP.header(STYLE) == "# global.columns = ID FORM UPOS NER\n"
    assert CONLLUP.header(Style(("ner2", "xpos"), frozenset())) == (
        "# global.columns = ID FORM NER2 XPOS\n"
    )


def test_a_sentence_has_its_text_and_a_row_for_each_token() -> None:
    assert as_conllup(ADA, STYLE) == (
        "# text = Ada Lovelace wrote.\n"
        "1\tAda\tPROPN\tB-PER\n"
        "2\tLovelace\tPROPN\tI-PER\n"
        "3\twrote\tVERB\tO\n"
        "4\t.\tPUNCT\tO\n"
        "\n"
    )
    assert as_conllup(ADA, NER).splitlines()[1] == "1\tAda\tB-PER"


def test_each_of_several_inputs_is_a_document() -> None:
    assert CONLLUP.begin(IN_A_FILE, "a\nb.txt") == "# newdoc id = a b.txt\n"
    assert CONLLUP.begin(STYLE, "a.txt") == ""


def test_a_sentence_without_text_has_its_forms_joined() -> None:
    sentence = Sentence(("", "b"), {"ner": ("O", "B-X")})
    assert as_conllup(sentence, NER) == "# text =  b\n1\t_\tO\n2\tb\tB-X\n\n"


def test_tabs_and_line_breaks_are_blanks() -> None:
    lines = as_conllup(ODD, STYLE).split("\n")
    assert lines[0] == "# text = New York a b "
    assert [line.split("\t")[1] for line in lines[1:4]] == ["New York", "a b", " "]


def test_lines_of_conllu_are_written_anew() -> None:
    """They do not have the columns that the first line names."""
    (sentence,) = read_conllu_text((FIXTURES / "every_kind_of_line.conllu").read_text("utf-8"))
    rows = as_conllup(tagged(sentence), STYLE).splitlines()[1:-1]
    assert [row.split("\t")[2:] for row in rows] == [["X", "O"]] * len(sentence)


@given(sentence=sentences())
@settings(deadline=None, max_examples=60)
def test_every_token_is_a_row_of_as_many_cells_as_columns(sentence: Sentence) -> None:
    lines = as_conllup(sentence, STYLE).split("\n")
    names = CONLLUP.header(STYLE).split()[3:]
    rows = [line.split("\t") for line in lines[1:-2]]
    assert {len(row) for row in rows} == {len(names)}
    assert [row[0] for row in rows] == [str(i + 1) for i in range(len(sentence))]
    assert tuple(row[names.index("UPOS")] for row in rows) == sentence.columns["upos"]
    assert tuple(row[names.index("NER")] for row in rows) == sentence.columns["ner"]
