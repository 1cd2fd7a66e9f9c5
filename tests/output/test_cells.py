"""What stands in a cell of a table."""

from tagger.output.cells import cell, form_cells, probability_cell, probability_cells
from tests.output.samples import ADA, SURE_ADA


def test_every_tab_and_line_break_is_a_blank() -> None:
    assert cell("a\tb\r\nc") == "a b  c"


def test_other_white_space_stays() -> None:
    assert cell("a\u2028b\x0b\u00a0") == "a\u2028b\x0b\u00a0"


def test_forms_that_need_nothing_come_back_themselves() -> None:
    assert form_cells(ADA.forms, "_") is ADA.forms


def test_an_empty_form_is_only_filled_where_that_is_asked_for() -> None:
    assert list(form_cells(("a", "", "\n"))) == ["a", "", " "]
    assert list(form_cells(("a", "", "\n"), "_")) == ["a", "_", " "]


def test_probabilities_have_four_decimals() -> None:
    assert [probability_cell(p) for p in (None, 0.97314, 1, 0)] == [
        "",
        "0.9731",
        "1.0000",
        "0.0000",
    ]
    assert probability_cells(SURE_ADA, "ner") == ["0.9000", "0.8000", "1.0000", "0.0000"]


def test_a_column_without_confidence_has_empty_cells() -> None:
    assert list(probability_cells(ADA, "ner")) == [""] * 4
