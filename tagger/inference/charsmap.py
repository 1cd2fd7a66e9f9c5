"""SentencePiece's table of how signs are written: a double array, and strings that end with 0.

It is read as the package tokenizers reads it, which ends with a panic where a step of its search
leads out of the array, or out of the strings.
https://github.com/google/sentencepiece/blob/master/src/normalizer.cc,
https://github.com/s-yata/darts-clone.
"""

from base64 import b64decode

import numpy as np
from numpy.typing import NDArray

MOST_REPLACED = 256  # bytes that one sign may become
LEAF, LABEL = 1 << 31, (1 << 31) | 255
Numbers = NDArray[np.int64]


def check_charsmap(text: str) -> None:
    """Raises ValueError where the table, in base 64, is none in which each search ends well."""
    table = b64decode(text, validate=True)
    size = int.from_bytes(table[:4], "little")
    strings = table[4 + size :]
    if size % 4 or not 0 < size <= len(table) - 4 or not strings.endswith(b"\0"):
        raise ValueError("a precompiled table without its parts")
    strings.decode("utf-8")
    if max(map(len, strings.split(b"\0"))) > MOST_REPLACED:
        raise ValueError(f"a precompiled table with more than {MOST_REPLACED} bytes for one sign")
    _check_searches(np.frombuffer(table, "<u4", size // 4, 4).astype(np.int64), strings)


def _check_searches(units: Numbers, strings: bytes) -> None:
    """Goes from the root to whatever any bytes lead to."""
    signs = np.frombuffer(strings, np.uint8)
    met = np.zeros(len(units) + 256, np.bool_)
    nodes = _offsets(units[:1])
    while len(nodes):
        if (nodes | 255).max() >= len(units):
            raise ValueError("a precompiled table whose search leads out of it")
        met[nodes] = True
        at = (nodes[:, None] ^ np.arange(1, 256)).reshape(-1)
        found = at[(units[at] & LABEL) == np.tile(np.arange(1, 256), len(nodes))]
        following = found ^ _offsets(units[found])
        leaves = following[(units[found] >> 8 & 1) == 1]
        if len(following) and (following | 255).max() >= len(units):
            raise ValueError("a precompiled table whose search leads out of it")
        begins = units[leaves] & ~LEAF
        if len(begins) and (begins.max() >= len(signs) or ((signs[begins] & 0xC0) == 0x80).any()):
            raise ValueError("a precompiled table with a place that is in no string")
        nodes = np.unique(following[~met[following]])


def _offsets(units: Numbers) -> Numbers:
    """How far behind a unit its children are."""
    return (units >> 10) << ((units & 512) >> 6)
