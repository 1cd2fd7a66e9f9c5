"""Vectors as they were read to the frozen table that a network reads."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.corpus.lines import sha256_of
from tagger.corpus.vectors.reading import WordVectors
from tagger.errors import VectorsError
from tagger.inference.pretrained import Pretrained, quantised
from tagger.inference.records import VectorsRecord
from tagger.vocabulary import Vocabulary

LENGTH = 4.0  # of a vector; from 2 to 10 all is alike, with 1 training is slower to use them


def freeze(vectors: WordVectors, path: Path) -> Pretrained:
    """The table of the vectors read from `path`, standardised, in 8 bits.

    Raises VectorsError where none is of a word that was asked for.
    """
    if not vectors.num_wanted:
        raise VectorsError(
            f"{path}: expected vectors of training words, found none (of another language?)"
        )
    size = vectors.rows.shape[1]
    special = np.zeros((2, size), np.float32)
    values, scales = quantised(np.concatenate([special, standardised(vectors.rows)]))
    record = VectorsRecord(
        name=path.name,
        sha256=sha256_of(path),
        size=size,
        training_words=vectors.num_wanted,
        other_words=len(vectors.words) - vectors.num_wanted,
    )
    return Pretrained(
        record=record,
        vocabulary=Vocabulary.with_special(vectors.words),
        values=values,
        scales=scales,
    )


def standardised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows less their mean, all by one factor, so that √(mean of squared lengths) is LENGTH.

    So the mean is what words without a vector have, 0.
    """
    centred: NDArray[np.float32] = rows - rows.mean(0)
    length = float(np.sqrt(np.square(centred, dtype=np.float64).sum(1).mean()))
    centred *= LENGTH / (length or 1.0)
    return centred
