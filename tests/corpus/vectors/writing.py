"""Files of word vectors as other programs write them."""

import struct
from collections.abc import Mapping, Sequence

Rows = Mapping[str, Sequence[float]]
DOGS: Rows = {"The": [0.5, -1.25, 3.0], "dog": [1e-3, 2.0, -0.125], "cat": [0.25, 2.5, 0.0]}


def glove(rows: Rows) -> bytes:
    """A word and its numbers a line, no header."""
    return "".join(f"{w} {' '.join(map(repr, row))}\n" for w, row in rows.items()).encode()


def header(rows: Rows) -> bytes:
    return f"{len(rows)} {len(next(iter(rows.values())))}\n".encode()


def word2vec(rows: Rows) -> bytes:
    """The same under a header."""
    return header(rows) + glove(rows)


def fasttext(rows: Rows) -> bytes:
    """The same with a blank before the end of each line."""
    return header(rows) + glove(rows).replace(b"\n", b" \n")


def binary(rows: Rows, end: bytes = b"\n") -> bytes:
    """word2vec's own program ends a vector with LF, gensim with nothing."""
    packed = (word.encode() + b" " + struct.pack(f"<{len(r)}f", *r) for word, r in rows.items())
    return header(rows) + b"".join(row + end for row in packed)


def gensim_binary(rows: Rows) -> bytes:
    return binary(rows, end=b"")


FORMATS = (glove, word2vec, fasttext, binary, gensim_binary)
