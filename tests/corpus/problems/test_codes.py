"""What a finding says, and which codes are chosen."""

import re

import pytest

from tagger.corpus.problems.codes import CODES, FIX, Finding, chosen_codes
from tagger.errors import UsageError


def test_a_finding_says_where_what_was_expected_what_was_found_and_how_to_mend_it() -> None:
    found = Finding("a.conll", 3, 2, "empty-tag", "expected a ner tag, found an empty field")
    assert str(found) == (
        "a.conll:3:2: empty-tag: expected a ner tag, found an empty field "
        "(write the tag, or _ for none)"
    )


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_a_name_with_a_meaning_and_a_way_to_mend_it(code: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert CODES[code].meaning
    assert CODES[code].mend
    assert CODES[code].is_fixed == (CODES[code].mend == FIX)


def test_all_codes_are_chosen_where_none_is_named() -> None:
    assert chosen_codes([], []) == CODES.keys()


def test_codes_are_named_one_by_one_or_between_commas() -> None:
    chosen = chosen_codes(["leak,crlf", " nul , iob1"], [])
    assert chosen == {"leak", "crlf", "nul", "iob1"}


def test_what_is_ignored_is_left_out_of_all_or_of_what_is_selected() -> None:
    assert chosen_codes([], ["leak,crlf", "nul"]) == CODES.keys() - {"leak", "crlf", "nul"}
    assert chosen_codes(["leak", "nul"], ["nul,crlf"]) == {"leak"}
    assert chosen_codes(["leak"], ["leak"]) == frozenset()


@pytest.mark.parametrize(("select", "ignore"), [(["ragged-rows"], []), ([], ["leak,ragged-rows"])])
def test_a_misspelt_code_is_an_error_that_names_the_nearest(
    select: list[str], ignore: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_codes(select, ignore)
    assert str(caught.value) == (
        "expected a code such as ragged-row, found 'ragged-rows'; ragged-row? "
        "(tagger check --codes lists them)"
    )


@pytest.mark.parametrize("name", ["E501", "", "leak,"])
def test_a_code_that_is_like_no_other_is_an_error_without_a_guess(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_codes([name], [])
    assert str(caught.value) == (
        f"expected a code such as ragged-row, found {name.removeprefix('leak,')!r} "
        "(tagger check --codes lists them)"
    )
