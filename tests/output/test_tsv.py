"""TSV, cell by cell."""

from hypothesis import given, settings

from tagger.output.cells import cell
from tagger.output.tsv import as_tsv, tsv_header
from tagger.sentence import Sentence
from tests.output.samples import ADA, IN_A_FILE, ODD, STYLE, SURE_ADA, rows_of, sentences


def test_tsv_has_forms_offsets_tags_and_room_for_probabilities() -> None:
    assert tsv_header(STYLE) == "form\tstart\tend\tupos\tner\tupos_p\tner_p\n"
    assert as_tsv(ADA, STYLE) == (
        "Ada\t10\t13\tPROPN\tB-PER\t\t\n"
        "Lovelace\t14\t22\tPROPN\tI-PER\t\t\n"
        "wrote\t23\t28\tVERB\tO\t\t\n"
        ".\t28\t29\tPUNCT\tO\t\t\n"
        "\n"
    )


def test_probabilities_stand_behind_the_tags() -> None:
    assert as_tsv(SURE_ADA, STYLE) == (
        "Ada\t10\t13\tPROPN\tB-PER\t0.9877\t0.9000\n"
        "Lovelace\t14\t22\tPROPN\tI-PER\t1.0000\t0.8000\n"
        "wrote\t23\t28\tVERB\tO\t0.5000\t1.0000\n"
        ".\t28\t29\tPUNCT\tO\t0.2500\t0.0000\n"
        "\n"
    )


def test_tsv_of_several_files_names_the_file_first() -> None:
    assert tsv_header(IN_A_FILE) == "file\tform\tstart\tend\tupos\tner\tupos_p\tner_p\n"
    assert as_tsv(ADA, IN_A_FILE).startswith("a b.txt\tAda\t10\t13\tPROPN\tB-PER\t\t\n")
    assert {row[0] for row in rows_of(as_tsv(ADA, IN_A_FILE))} == {"a b.txt"}


def test_tabs_and_line_breaks_in_a_form_are_blanks() -> None:
    assert [row[:5] for row in rows_of(as_tsv(ODD, STYLE))] == [
        ["New York", "0", "8", "X", "B-LOC"],
        ["a b", "9", "12", "X", "O"],
        [" ", "12", "13", "X", "O"],
    ]


@given(sentence=sentences())
@settings(deadline=None)
def test_offsets_rebuild_every_form(sentence: Sentence) -> None:
    width = tsv_header(STYLE).count("\t")
    lines = as_tsv(sentence, STYLE).split("\n")
    assert lines[-2:] == ["", ""]
    assert [line.count("\t") for line in lines[:-2]] == [width] * len(sentence)
    text, begin = sentence.text or "", sentence.start
    for line in lines[:-2]:
        form, start, end, *_ = line.split("\t")
        assert cell(text[int(start) - begin : int(end) - begin]) == form
