"""A file of word vectors to the rows that are needed, read as a stream.

Words are normalised; of several spellings the first counts, which is the most frequent one, for
such files are in order of frequency. At no time is more in memory than the rows that are kept (4
bytes a number, and up to an eighth more while they come) and one line.
"""

from collections.abc import Collection
from pathlib import Path

import msgspec
import numpy as np

from tagger.corpus.lines import open_corpus
from tagger.corpus.vectors.layout import layout_of
from tagger.corpus.vectors.rows import Floats
from tagger.vocabulary import PAD, UNKNOWN, normalise


class WordVectors(msgspec.Struct, frozen=True, kw_only=True):
    """Normalised words in the order of the file and their vectors. Shape: rows (words, size).

    `num_wanted` of them were asked for. `undecodable` counts words that are not UTF-8 (word2vec
    cuts long ones anywhere): no form of a text is like these, and they were passed over.
    """

    words: list[str]
    rows: Floats
    num_wanted: int
    undecodable: int


def read_vectors(path: str | Path, wanted: Collection[str], keep: int) -> WordVectors:
    """The vectors of the normalised words `wanted`, and of the first `keep` others.

    Words called like a vocabulary's special entries are left out, and each word comes once. Of rows
    that are not kept only the number of fields is looked at. Raises VectorsError where the
    file is not one of word vectors all through.
    """
    path = str(path)
    layout = layout_of(path)
    numbers = bytearray()
    kept: dict[str, None] = {}
    others = undecodable = 0
    with open_corpus(path) as stream:
        for row in layout.rows(stream, path):
            try:
                word = normalise(row.word.decode())
            except UnicodeDecodeError:
                undecodable += 1
                continue
            is_other = word not in wanted
            if word in kept or word in (PAD, UNKNOWN) or (is_other and others >= keep):
                continue
            numbers += row.numbers().tobytes()
            kept[word] = None
            others += is_other
    rows = np.frombuffer(numbers, np.float32).reshape(len(kept), layout.size)
    return WordVectors(
        words=list(kept), rows=rows, num_wanted=len(kept) - others, undecodable=undecodable
    )
