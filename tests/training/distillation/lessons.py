"""A teacher's labels of a few sentences, on disk."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from tagger.inference.distributions import Floats
from tagger.tasks import Task
from tagger.training.distillation.labels import (
    Asked,
    Labels,
    LabelWriter,
    begin_labels,
    open_labels,
)
from tagger.training.distillation.teachers import write_labels
from tagger.training.distillation.texts import Texts, open_texts, write_texts
from tests.conftest import sentence

ASKED = Asked(teachers=(), most_tokens=100, top=2)
UPOS = Task(name="upos", tags=("N", "V", "P"), scheme=None)
NER = Task(name="ner", tags=("O", "B-PER", "I-PER", "E-PER", "S-PER"), scheme="IOBES")
TEXT = [sentence("Ann sees Bob"), sentence("Yes"), sentence("Bob in Bath sleeps")]


class Parrot:
    """A teacher that says of each token how long it is, and counts the sentences it was asked."""

    tasks = (UPOS, NER)

    def __init__(self) -> None:
        self.asked = 0

    def label(self, sentences: Sequence[Sequence[str]]) -> list[dict[str, Floats]]:
        self.asked += len(sentences)
        return [{"upos": chances(s, 3), "ner": chances(s, 5)} for s in sentences]


def chances(forms: Sequence[str], num_tags: int) -> Floats:
    """Probabilities that differ by token."""
    found = np.array([[1.0 + (len(f) * (k + 1)) % 7 for k in range(num_tags)] for f in forms])
    normalised: Floats = found / found.sum(1, keepdims=True)
    return normalised


def labelled(
    folder: Path, most_tokens: int = ASKED.most_tokens, teacher: Parrot | None = None
) -> tuple[Texts, Labels]:
    """Texts and labels as a folder holds them."""
    begin_labels(folder, msgspec.structs.replace(ASKED, most_tokens=most_tokens))
    write_texts(
        folder, [TEXT], most_tokens=most_tokens, kept_out=frozenset(), told=lambda tokens: None
    )
    texts = open_texts(folder)
    teacher = teacher or Parrot()
    writer = LabelWriter(folder, teacher.tasks, ASKED.top)
    write_labels(texts, teacher, writer, lambda tokens: None)
    return texts, open_labels(folder, len(texts.tokens))
