"""Rows: their number of fields, their separators, the IDs of words, ranges and empty nodes."""

import pytest

from tagger.corpus.conllu import LAYOUT as CONLLU
from tagger.corpus.conllu import parse_block
from tagger.corpus.lines import Block
from tagger.corpus.problems.rows import (
    check_fields,
    check_ids,
    check_separators,
    has_other_ids,
    surface_text,
)
from tagger.sentence import Layout

TABS = Layout("columns", {"form": 0, "ner": 1}, "\t", comments=True, width=2)
BLANKS = Layout("columns", {"form": 0, "xpos": 1, "ner": 2}, " ", comments=False, width=3)
UNER = Layout("columns", {"form": 1, "ner": 2}, "\t", comments=True, width=5, ids=0)
LOOSE = Layout("columns", {"form": 0, "ner": 3}, " ", comments=True)
END = "(tagger preprocess --fix does it)"


def fields(text: str, layout: Layout, line: int = 1) -> list[str]:
    return [str(f).removeprefix("x:") for f in check_fields(Block(line, text), "x", layout)]


def conllu(*ids: str, cells: str = "w\t_\t_\t_\t_\t_\t_\t_\t_") -> str:
    return "".join(f"{i}\t{cells}\n" for i in ids)


def ids(*found: str) -> list[str]:
    """What is wrong with these IDs of a sentence, as line: code: expected …, found …"""
    findings = check_ids(Block(1, conllu(*found)), "x", CONLLU)
    assert {finding.column for finding in findings} <= {1}
    return [f"{finding.line}: {finding.code}: {finding.problem}" for finding in findings]


def test_rows_with_their_fields_are_fine() -> None:
    assert fields("# a comment of words\na\tO\n\nb\tO\r\n", TABS) == []
    assert fields("a NN O\nb\tNN   O \n", BLANKS) == []
    assert fields("a b c d\na b c d e\n-DOCSTART- O\n", LOOSE) == []


@pytest.mark.parametrize(
    ("row", "column", "found"), [("a", 1, 1), ("a\tO\tO", 2, 3), ("a b\tO\tO\tO", 2, 4)]
)
def test_a_ragged_row_says_how_many_fields_it_has(row: str, column: int, found: int) -> None:
    assert fields(f"b\tO\n{row}\nc\tO\n", TABS, line=7) == [
        f"8:{column}: ragged-row: expected 2 tab-separated fields, found {found} "
        "(give it its fields)"
    ]


def test_a_ragged_row_among_blanks_and_of_loose_width() -> None:
    assert fields("a NN\n", BLANKS) == [
        "1:2: ragged-row: expected 3 blank-separated fields, found 2 (give it its fields)"
    ]
    assert fields("a NN O\n", LOOSE) == [
        "1:3: ragged-row: expected 4 blank-separated fields, found 3 (give it its fields)"
    ]
    assert fields("1\tw\t_\n", CONLLU) == [
        "1:3: ragged-row: expected 10 tab-separated fields, found 3 (give it its fields)"
    ]


def test_blanks_for_tabs_are_told_from_missing_fields() -> None:
    assert fields("a O\n", TABS) == [
        f"1:1: wrong-separator: expected 2 tab-separated fields, found blanks between them {END}"
    ]
    assert fields("1 w\t_ _ _ _\t_ _ _ _\n", CONLLU) == [
        "1:1: mixed-separators: expected 10 tab-separated fields, "
        f"found blanks between some of them {END}"
    ]
    assert fields("1\tw\t_ _\t_\t_\t_\t_\t_\t_\n", CONLLU)[0].startswith("1:3: mixed-separators")
    assert fields("a O O\n", TABS)[0].startswith("1:1: ragged-row")


def test_a_hash_in_a_file_with_comments_is_a_comment_only_with_other_fields() -> None:
    assert fields("#\tO\n# one\n", TABS) == []
    assert fields("#one\n", TABS) == [
        "1:1: ragged-row: expected 2 tab-separated fields, found 1 (give it its fields)"
    ]


def test_a_byte_order_mark_hides_no_comment() -> None:
    assert fields("\ufeff# one\na\tO\n", TABS) == []


def test_tabs_among_blanks_are_found_though_they_are_read() -> None:
    text = "a NN O\nb\tNN\tO\nc NN\tO\nd\tNN O\n \t \ne NN O\t\n"
    found = [str(f).removeprefix("x:") for f in check_separators(Block(4, text), "x", BLANKS)]
    assert found == [
        f"5:1: wrong-separator: expected blanks between fields, found tabs {END}",
        f"6:2: mixed-separators: expected blanks between fields, found a tab {END}",
        f"7:1: mixed-separators: expected blanks between fields, found a tab {END}",
    ]


@pytest.mark.parametrize(
    "good",
    [
        ["1", "2", "3"],
        ["1-2", "1", "2", "3"],
        ["1-2", "1", "2", "3-4", "3", "4"],
        ["0.1", "0.2", "1", "1.1", "2"],
        ["1", "2", "2.1", "2.2"],
        ["0.1", "1-2", "1", "1.1", "2", "2.1"],
        ["1-3", "1", "2", "2.1", "3"],
    ],
    ids=" ".join,
)
def test_ids_in_order_are_fine(good: list[str]) -> None:
    assert ids(*good) == []


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (["1", "3"], ["2: token-id: expected the ID 2, found '3'"]),
        (["0", "1"], ["1: token-id: expected the ID 1, found '0'"]),
        (["1", "1", "2"], ["2: token-id: expected the ID 2, found '1'"]),
        (["1", "02"], ["2: token-id: expected the ID 2, found '02'"]),
        (["1", "x"], ["2: token-id: expected an ID such as 2, found 'x'"]),
        (["1", "2-"], ["2: token-id: expected an ID such as 2, found '2-'"]),
        (["1", ""], ["2: token-id: expected an ID such as 2, found ''"]),
        (
            ["2", "3", "5"],
            [
                "1: token-id: expected the ID 1, found '2'",
                "3: token-id: expected the ID 4, found '5'",
            ],
        ),
    ],
    ids=str,
)
def test_ids_out_of_order_are_found_where_they_leave_it(
    bad: list[str], expected: list[str]
) -> None:
    assert ids(*bad) == expected


@pytest.mark.parametrize(
    ("bad", "line", "expected", "last", "found"),
    [
        ("1-2 1 2-3 2 3", 3, 2, 3, "2-3"),  # overlaps the one before
        ("1 3-2 2 3", 2, 2, 3, "3-2"),  # backwards
        ("1 2-2 2 3", 2, 2, 3, "2-2"),  # of one word
        ("1 2-9 2 3", 2, 2, 3, "2-9"),  # beyond the end
        ("1 3-4 2 3 4", 2, 2, 4, "3-4"),  # before the wrong word
        ("1 1-2 2 3", 2, 2, 3, "1-2"),  # behind its first word
        ("1-2 1-2 1 2", 2, 1, 2, "1-2"),  # two in a row
        ("1-3 1-2 1 2 3", 2, 1, 3, "1-2"),  # one in the other
        ("1 2 3-4", 3, 3, 2, "3-4"),  # of no words
    ],
)
def test_a_bad_range_is_found(bad: str, line: int, expected: int, last: int, found: str) -> None:
    assert ids(*bad.split()) == [
        f"{line}: multiword-range: expected a range that begins with {expected}, the next word, "
        f"within {last}, found '{found}'"
    ]


@pytest.mark.parametrize(
    ("bad", "line", "expected", "found"),
    [
        ("0.2 1 2", 1, "0.1", "0.2"),
        ("1 1.2 2", 2, "1.1", "1.2"),
        ("1 1.1 1.1 2", 3, "1.2", "1.1"),  # doubled
        ("1 1.2 1.2", 2, "1.1", "1.2"),  # the first of two; the second is right
        ("1 2.1 2", 2, "1.1", "2.1"),  # before its word
        ("1 2 1.1", 3, "2.1", "1.1"),  # behind another
        ("1 0.1", 2, "1.1", "0.1"),
    ],
)
def test_a_bad_empty_node_is_found(bad: str, line: int, expected: str, found: str) -> None:
    assert ids(*bad.split()) == [
        f"{line}: empty-node: expected the ID {expected} here, found '{found}'"
    ]


def test_ids_of_column_files_stand_in_their_field() -> None:
    text = "# sent_id = a\n1\tAda\tB-PER\t-\t-\n3\tran\tO\t-\t-\n"
    (found,) = check_ids(Block(10, text), "x", UNER)
    assert str(found) == "x:12:1: token-id: expected the ID 2, found '3' (number them anew)"
    third = Layout("columns", {"form": 3, "ner": 4}, " ", comments=True, width=5, ids=2)
    (found,) = check_ids(Block(1, "a b 1 Ada O\na b 1 ran O\n"), "x", third)
    assert str(found) == "x:2:3: token-id: expected the ID 2, found '1' (number them anew)"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("1 2 3", False),
        ("1-2 1 2", True),
        ("1 2-3 2 3", True),
        ("0.1 1 2", True),
        ("1 1.1 2", True),
        ("1 2 2.1", True),
    ],
)
def test_ranges_and_empty_nodes_are_seen_wherever_they_stand(found: str, expected: bool) -> None:
    for comments in ("", "# a\n# b\n"):
        block = Block(1, f"{comments}{conllu(*found.split())}\n")
        assert has_other_ids(parse_block(block, "x")) is expected


def row(number: str, form: str, misc: str = "_") -> str:
    return f"{number}\t{form}" + "\t_" * 7 + f"\t{misc}\n"


def surface(*rows: str) -> str:
    sentence = parse_block(Block(1, "# c\n" + "".join(rows) + "\n"), "x")
    assert sentence.source is not None
    return surface_text(sentence, sentence.source)


def test_ranges_stand_for_their_words_in_the_text() -> None:
    no_space = "SpaceAfter=No"
    assert surface(row("1", "a", no_space), row("2", "b"), row("3", "c", f"X=Y|{no_space}")) == (
        "ab c"
    )
    assert (
        surface(
            row("0.1", "who"),
            row("1-2", "don't", no_space),
            row("1", "do"),
            row("1.1", "ever"),
            row("2", "not"),
            row("3", "!"),
            row("4-5", "au", no_space),
            row("4", "à"),
            row("5", "le", no_space),
            row("5.1", "où"),
            row("6", "bar"),
        )
        == "don't! aubar"
    )
