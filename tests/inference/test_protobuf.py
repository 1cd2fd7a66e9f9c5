"""The wire format read strictly: what the schema names comes out, all else is refused."""

import pytest

from tagger.inference.protobuf import MOST_FIELDS, MOST_TEXT, Field, WireError, read_message

SCHEMA = {
    1: Field("number", "int"),
    2: Field("numbers", "ints"),
    3: Field("name", "text"),
    4: Field("names", "many texts"),
    5: Field("data", "bytes"),
    6: Field("parts", "many bytes"),
}


def test_fields_come_by_name_and_missing_ones_are_empty() -> None:
    found = read_message(memoryview(b"\x08\x96\x01\x1a\x02ab\x32\x01x\x32\x00"), SCHEMA)
    assert (found["number"], found["name"], found["numbers"], found["names"]) == (150, "ab", [], [])
    assert [bytes(part) for part in found["parts"]] == [b"x", b""]
    assert bytes(found["data"]) == b""


def test_numbers_may_be_packed_or_not_and_below_0() -> None:
    minus_one = b"\xff" * 9 + b"\x01"
    data = b"\x10\x01\x12\x02\x02\x03\x10" + minus_one
    assert read_message(memoryview(data), SCHEMA)["numbers"] == [1, 2, 3, -1]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x38\x01", "field 7 is not one that tagger writes"),
        (b"\x08\x01\x08\x01", "number is there twice"),
        (b"\x08", "a number that does not end"),
        (b"\x08" + b"\xff" * 10, "a number that does not end"),
        (b"\x08" + b"\xff" * 9 + b"\x7f", "a number of more than 64 bits"),
        (b"\x0d\x00\x00\x00\x00", "number is of another kind"),
        (b"\x0d\x00\x00\x00", "field 1 ends behind the end"),
        (b"\x09\x01" + bytes(7), "field 1 has wire type 1"),
        (b"\x0b\x00\x0c", "field 1 has wire type 3"),
        (b"\x0a\x01a", "number is of another kind"),
        (b"\x18\x01", "name is of another kind"),
        (b"\x1a\x02a", "field 3 ends behind the end"),
        (b"\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "field 3 ends behind the end"),
        (b"\x1a\x01\xff", "name is not UTF-8"),
        (b"\x1a\xe9\x07" + b"a" * (MOST_TEXT + 1), "name has 1,001 bytes"),
        (b"\x32\x00" * (MOST_FIELDS + 1), "more than 20,000 fields in one message"),
        (b"\x12\xa1\x9c\x01" + b"\x01" * (MOST_FIELDS + 1), "more than 20,000 numbers"),
    ],
)
def test_what_is_out_of_order_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(WireError, match=problem):
        read_message(memoryview(data), SCHEMA)
