"""What a model says of all that it was made from: files, vectors, other models, by checksums."""

from typing import Literal

import msgspec

from tagger.inference.language_kinds import KINDS, KindName, LanguageKind, Ppl
from tagger.inference.subwords import Frame


class CorpusRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a model was made from or chosen on."""

    split: Literal["train", "dev"]
    name: str
    sha256: str
    sentences: int
    tokens: int


class VectorsRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file of word vectors of which a model has some: those of training words, and of others."""

    name: str
    sha256: str
    size: int
    training_words: int
    other_words: int


class LanguageModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A language model that a model has within it: its folder's name, its weights' checksum.

    Where it was `fine_tuned`, these are of the folder that this began with.
    """

    name: str
    sha256: str
    hidden_size: int
    tokens: int
    perplexity: Ppl
    kind: KindName = "words"
    fine_tuned: bool = False

    @property
    def reads(self) -> LanguageKind:
        """What it reads."""
        return KINDS[self.kind]


class TeacherRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who taught a model: another model, by the checksum of its graphs, or a file of labels."""

    name: str
    sha256: str


class DistillationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Teachers, the texts that they labelled, and how many tokens of these were read how often."""

    teachers: tuple[TeacherRecord, ...]
    texts: tuple[CorpusRecord, ...]
    tokens: int


class TransformerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A transformer that a model was fine-tuned from: its folder's name, its weights' checksum.

    `license` is what its README says, or empty; `frame` is what its pieces are given around them.
    """

    name: str
    sha256: str
    family: str
    license: str
    hidden_size: int
    layers: int
    heads: int
    activation: Literal["gelu", "gelu_new", "relu"]
    epsilon: float
    frame: Frame
