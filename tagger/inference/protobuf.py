"""Protobuf's wire format, read strictly: what a schema does not name is refused.

Only what ONNX graphs of ours need: whole numbers, floats and stretches of bytes, no groups. A
field that may be there once and comes twice is refused too, so that no other reader sees another
message (https://protobuf.dev/programming-guides/encoding/). Stretches are views of the file's
bytes; nothing is copied, and nothing recurs.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

Kind = Literal["int", "ints", "float", "bytes", "many bytes", "text", "many texts"]
Values = dict[str, Any]
EMPTY: dict[Kind, Any] = {
    "int": 0,
    "float": 0.0,
    "bytes": memoryview(b""),
    "text": "",
}  # where it is not there

VARINT, LENGTH, FIXED32 = 0, 2, 5  # the wire types that are read
MOST_FIELDS = 20_000  # of one message
MOST_TEXT = 1_000  # bytes of a name


class WireError(Exception):
    """Bytes that are no message of the schema; its text says what is wrong with them."""


class Field(NamedTuple):
    """What a field is called, and what it holds."""

    name: str
    kind: Kind


def read_message(data: memoryview, schema: Mapping[int, Field]) -> Values:
    """All fields of the schema by name; lists for repeated ones, 0 or nothing for missing ones.

    Raises WireError.
    """
    values = {f.name: EMPTY.get(f.kind, []) for f in schema.values()}
    met: set[int] = set()
    for number, value in _fields(data):
        field = schema.get(number)
        if field is None:
            raise WireError(f"field {number} is not one that tagger writes")
        if field.kind in EMPTY:
            if number in met:
                raise WireError(f"{field.name} is there twice")
            met.add(number)
            values[field.name] = _converted(value, field)
        elif field.kind == "ints" and isinstance(value, memoryview):
            values[field.name] += _packed(value)
        else:
            values[field.name].append(_converted(value, field))
    return values


def _fields(data: memoryview) -> Iterator[tuple[int, int | float | memoryview]]:
    """Numbers and values of the fields, in order."""
    at, end = 0, len(data)
    for _ in range(MOST_FIELDS):
        if at == end:
            return
        key, at = (data[at], at + 1) if data[at] < 128 else _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == FIXED32:
            if end - at < 4:
                raise WireError(f"field {number} ends behind the end")
            yield number, struct.unpack_from("<f", data, at)[0]
            at += 4
            continue
        short = at < end and data[at] < 128
        value, at = (data[at], at + 1) if short else _varint(data, at)
        if wire == VARINT:
            yield number, value
        elif wire != LENGTH:
            raise WireError(f"field {number} has wire type {wire}")
        elif value > end - at:
            raise WireError(f"field {number} ends behind the end")
        else:
            yield number, data[at : at + value]
            at += value
    if at != end:
        raise WireError(f"more than {MOST_FIELDS:,} fields in one message")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """An unsigned number of up to 64 bits, and where it ends."""
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            if value >> 64:
                raise WireError("a number of more than 64 bits")
            return value, at
        shift += 7
    raise WireError("a number that does not end")


def _packed(data: memoryview) -> list[int]:
    """Numbers one behind the other."""
    found: list[int] = []
    at = 0
    while at < len(data) and len(found) < MOST_FIELDS:
        value, at = _varint(data, at)
        found.append(_signed(value))
    if at != len(data):
        raise WireError(f"more than {MOST_FIELDS:,} numbers in one field")
    return found


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _converted(value: int | float | memoryview, field: Field) -> Any:
    """The value as the field has it."""
    kinds = {"int": int, "ints": int, "float": float}
    if type(value) is not kinds.get(field.kind, memoryview):
        raise WireError(f"{field.name} is of another kind")
    if isinstance(value, int):
        return _signed(value)
    if isinstance(value, float):
        return value
    if field.kind in ("bytes", "many bytes"):
        return value
    if len(value) > MOST_TEXT:
        raise WireError(f"{field.name} has {len(value):,} bytes")
    try:
        return str(value, "utf-8")
    except UnicodeDecodeError:
        raise WireError(f"{field.name} is not UTF-8") from None
