"""What `tagger train --vectors` does: reads the vectors that are needed and says what was found."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tagger.cli.console import note
from tagger.corpus.vectors.reading import read_vectors
from tagger.training.pretrained import freeze
from tagger.vocabulary import count_words

if TYPE_CHECKING:
    from tagger.inference.pretrained import Pretrained
    from tagger.sentence import Sentence


def pretrained_vectors(path: Path, train: "Sequence[Sentence]", keep: int) -> "Pretrained":
    """The vectors of the training sentences' words and of the file's first `keep` others."""
    counts = count_words(form for sentence in train for form in sentence.forms)
    vectors = read_vectors(path, counts, keep)
    pretrained = freeze(vectors, path)
    record = pretrained.record
    tokens = sum(counts[word] for word in pretrained.vocabulary.strings)
    note(
        f"vectors: {record.size} numbers each for {record.training_words:,} of {len(counts):,} "
        f"training words ({tokens / counts.total():.1%} of the tokens) "
        f"and {record.other_words:,} others"
    )
    if vectors.undecodable:
        note(f"vectors: {vectors.undecodable:,} words that are not UTF-8 were passed over")
    return pretrained
