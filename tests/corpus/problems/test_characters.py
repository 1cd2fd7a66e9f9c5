"""Line ends, blank lines and characters: each found in its line and field."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.conllu import LAYOUT as CONLLU
from tagger.corpus.lines import text_blocks
from tagger.corpus.problems.characters import LineChecks, field_at, unwanted_in_token
from tagger.sentence import Layout

TABS = Layout("columns", {"form": 0, "ner": 1}, "\t", comments=False, width=2)
NUMBERED = Layout("columns", {"form": 1, "ner": 2}, "\t", comments=True, width=3, ids=0)
BLANKS = Layout("columns", {"form": 0, "xpos": 1, "ner": 2}, " ", comments=True, width=3)
END = "(tagger preprocess --fix does it)"


def findings(text: str, layout: Layout = TABS) -> list[str]:
    """What is found in a text, without the file's name."""
    checks = LineChecks("x", layout)
    found = [finding for block in text_blocks(text) for finding in checks.check(block)]
    return [str(finding).removeprefix("x:") for finding in [*found, *checks.finish()]]


def places(text: str, layout: Layout = TABS) -> list[str]:
    """Line, column and code alone."""
    return [": ".join(line.split(": ", 2)[:2]) for line in findings(text, layout)]


def test_nothing_is_found_in_clean_lines() -> None:
    assert findings("Ada\tB-PER\nran\tO\n\n\n\nBo\tB-PER\n") == []
    assert findings("") == []


def test_a_byte_order_mark_is_found_at_the_beginning_alone() -> None:
    expected = (f"1:1: byte-order-mark: expected the first token or comment, found U+FEFF {END}",)
    assert findings("\ufeffAda\tB-PER\n\n") == [*expected]
    assert findings("\n\n\ufeffAda\tB-PER\n\n\ufeffBo\tB-PER\n") == []


def test_a_file_of_crlf_gives_one_finding() -> None:
    assert findings("Ada\tB-PER\r\nran\tO\r\n\r\nBo\tB-PER\r\n") == [
        f"1:1: crlf: expected LF, found CR LF at the end of 4 of 4 lines {END}"
    ]
    many = "a\tO\n" + "Ada\tB-PER\r\n\r\n" * 1_000
    assert findings(many) == [
        f"2:1: crlf: expected LF, found CR LF at the end of 2,000 of 2,001 lines {END}"
    ]


def test_a_file_with_a_few_crlf_gives_one_finding_each() -> None:
    assert findings("a\tO\r\nb\tO\n\nc\tO\r\n") == [
        f"{line}:1: crlf: expected LF at the line's end, found CR LF {END}" for line in (1, 4)
    ]


def test_a_byte_order_mark_before_crlf_is_found_besides() -> None:
    assert places("\ufeffa\tO\r\n\r\n") == ["1:1: byte-order-mark", "1:1: crlf"]


def test_a_cr_inside_a_line_stands_in_its_field() -> None:
    assert findings("a\tO\nb\tO\rI\n") == [
        "2:2: lone-cr: expected CR only before LF, found one inside the line "
        "(remove it, or make it a line end)"
    ]
    assert places("a\rb\tO\n") == ["1:1: lone-cr"]
    assert places("a\tO\nb\tO\nc\tO\r\r\n") == ["3:2: lone-cr", "3:1: crlf"]


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        (
            "\x00",
            "nul: expected text, found NUL (remove it; the file may be damaged, or in UTF-16)",
        ),
        ("\x07", "control-character: expected text, found U+0007 (remove it)"),
        ("\x7f", "control-character: expected text, found U+007F (remove it)"),
        ("\x85", "control-character: expected text, found U+0085 (remove it)"),
        ("\ufffd", "replacement-character: expected text, found U+FFFD (look into the source)"),
        (
            "\udce9",
            "invalid-utf-8: expected UTF-8, found the byte 0xe9 "
            "(tagger preprocess --encoding names another)",
        ),
    ],
)
def test_a_character_that_no_text_has_is_named(sign: str, expected: str) -> None:
    assert findings(f"a\tO\nb\tB-{sign}X\n") == [f"2:2: {expected}"]
    assert findings(f"a\tO\n{sign}b\tO\n") == [f"2:1: {expected}"]
    assert findings(f"a\tO\n{sign}\n\n") == [f"2:1: {expected}"]


def test_a_line_tells_of_each_kind_once() -> None:
    assert places("a\x07\x08\x00\t\x00\x07\udcff\udcfe\n") == [
        "1:1: control-character",
        "1:1: nul",
        "1:2: invalid-utf-8",
    ]


@pytest.mark.parametrize("layout", [CONLLU, NUMBERED, BLANKS])
def test_a_comment_has_but_one_field(layout: Layout) -> None:
    assert places("# a\tb c\x00\n# d\te f\udce9\n", layout) == ["1:1: nul", "2:1: invalid-utf-8"]


def test_a_hash_that_is_a_token_has_fields() -> None:
    assert places("#\tO\x07\n") == ["1:2: control-character"]
    assert places("# NN O\x07\n", BLANKS) == ["1:3: control-character"]


def test_fields_between_runs_of_blanks_are_counted() -> None:
    content = "Ada  NNP\t \tB-PER"
    assert [field_at(content, content.index(sign), BLANKS) for sign in ("d", "N", "P", "B")] == [
        *(1, 2, 2, 3)
    ]
    assert places("# a b c d\nran VBD O\nAda  NNP  B-\x07\n", BLANKS) == ["3:3: control-character"]


@given(cells=st.lists(st.text("ab", min_size=1), min_size=1), data=st.data())
@settings(deadline=None, max_examples=60)
def test_a_character_is_found_in_the_field_in_which_it_was_put(
    cells: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(cells) - 1))
    spoilt = [*cells[:at], cells[at] + "\x01", *cells[at + 1 :]]
    for layout, gap in ((TABS, "\t"), (BLANKS, " "), (BLANKS, " \t ")):
        assert places(gap.join(spoilt) + "\n", layout) == [f"1:{at + 1}: control-character"]


def test_a_last_line_without_its_end_is_found_there() -> None:
    expected = f"2:1: no-final-newline: expected a line end, found the file's {END}"
    assert findings("a\tO\nb\tO") == [expected]
    assert findings("a\tO\n ") == [
        f"2:1: blank-line-with-blanks: expected an empty line, found ' ' {END}",
        expected,
    ]


def test_blank_lines_that_hold_blanks_are_shown() -> None:
    assert findings("a\tO\n\t\n\n \t \r\nb\tO\n") == [
        f"2:1: blank-line-with-blanks: expected an empty line, found '\\t' {END}",
        f"4:1: blank-line-with-blanks: expected an empty line, found ' \\t ' {END}",
        f"4:1: crlf: expected LF at the line's end, found CR LF {END}",
    ]
    assert places(" \na\tO\n") == ["1:1: blank-line-with-blanks"]
    assert places("\ta\n") == []  # an empty token is none


def test_an_unbroken_line_of_odd_blanks_is_no_blank_line() -> None:
    assert findings("a\tO\n\u00a0\n\u3000\n") == []


@pytest.mark.parametrize(
    "form",
    [
        "Ada",
        "naïve",
        "दक्षिण",
        "क\u094d\u200dष",
        "می\u200cخواهم",
        "👩\u200d🚀",
        "❤\ufe0f",
        "e\u0301",
    ],
)
def test_tokens_of_any_script_are_fine(form: str) -> None:
    assert unwanted_in_token(form) is None


@pytest.mark.parametrize(
    ("form", "code", "problem"),
    [
        ("a\u00adb", "invisible-character", "a token that can be seen, found U+00AD in 'a\\xadb'"),
        ("\u200b", "invisible-character", "a token that can be seen, found U+200B in '\\u200b'"),
        ("a\ufeff", "invisible-character", "a token that can be seen, found U+FEFF in 'a\\ufeff'"),
        (
            "a\u200eb",
            "invisible-character",
            "a token that can be seen, found U+200E in 'a\\u200eb'",
        ),
        ("34\u00a0470", "no-break-space", "a token without blanks, found U+00A0 in '34\\xa0470'"),
        ("a\u3000b", "no-break-space", "a token without blanks, found U+3000 in 'a\\u3000b'"),
        ("a\u2028", "no-break-space", "a token without blanks, found U+2028 in 'a\\u2028'"),
        (
            "a\u200db",
            "invisible-character",
            "a joiner between letters that it joins in 'a\\u200db'",
        ),
    ],
)
def test_characters_that_cannot_be_seen_or_that_part_a_token_are_named(
    form: str, code: str, problem: str
) -> None:
    assert unwanted_in_token(form) == (code, f"expected {problem}")
