"""What `tagger train --teacher` does before training: chooses text and has it labelled."""

from pathlib import Path

import msgspec

from tagger.cli.console import note
from tagger.cli.corpora import open_all
from tagger.cli.interruption import Interruption
from tagger.cli.pretraining import read_sentences, segmenter_named, text_record
from tagger.cli.resuming import Counting
from tagger.corpus.lines import sha256_of
from tagger.corpus.overruling import Asked as AskedColumns
from tagger.errors import UsageError
from tagger.inference.folder import DistillationRecord
from tagger.inference.models import find_model
from tagger.streaming.kinds import InputKind
from tagger.training.data import Taught
from tagger.training.distillation.labels import Asked, LabelWriter, begin_labels, open_labels
from tagger.training.distillation.teachers import Teachers, record_of, write_labels
from tagger.training.distillation.texts import key_of, open_texts, write_texts
from tagger.training.settings import Distillation
from tagger.training.token_files import FORMS
from tagger.training.unfinished import LOCK, locked

LABELS = "labels"


class Lessons(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to teach from which texts, and where what they say is kept (None: until the end)."""

    teachers: tuple[Path, ...]
    texts: tuple[Path, ...]
    segmenter: str
    kept_out: tuple[Path, ...]
    folder: Path | None

    def asked(self, settings: Distillation) -> Asked:
        """The same by names and checksums; raises UsageError where something is missing."""
        if not self.texts:
            raise UsageError("--teacher: expected --text FILE beside it, found none")
        return Asked(
            teachers=tuple(record_of(find_model(str(path))) for path in self.teachers),
            texts=tuple(text_record(path) for path in self.texts),
            segmenter=self.segmenter,
            kept_out=tuple(sha256_of(path) for path in self.kept_out),
            most_tokens=settings.tokens,
            top=settings.top,
        )


def taught_by(
    lessons: Lessons,
    asked: Asked,
    settings: Distillation,
    states: Path,
    interruption: Interruption,
    command: str,
) -> Taught:
    """What the teachers say of the texts, made now or before, in a folder that is locked."""
    folder = lessons.folder or states / LABELS
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / LOCK):
        begin_labels(folder, asked)
        if not (folder / FORMS).is_file():
            _choose(lessons, settings, folder, Counting("cut", interruption, command))
        texts = open_texts(folder)
        teachers = Teachers([find_model(str(path)) for path in lessons.teachers])
        writer = LabelWriter(folder, teachers.tasks, settings.top)
        if writer.done < len(texts.tokens):
            note(f"labelling {len(texts.tokens):,} tokens")
            write_labels(texts, teachers, writer, Counting("labelled", interruption, command))
    labels = open_labels(folder, len(texts.tokens))
    tokens = len(texts.tokens) - len(texts) - 1
    note(f"{tokens:,} tokens of {len(texts):,} sentences, labelled by the teacher")
    return Taught(
        texts, labels, DistillationRecord(teachers=asked.teachers, texts=asked.texts, tokens=tokens)
    )


def _choose(lessons: Lessons, settings: Distillation, folder: Path, told: Counting) -> None:
    """Cuts the texts and writes the chosen sentences."""
    segmenter = segmenter_named(lessons.segmenter)
    choice = write_texts(
        folder,
        [read_sentences([path], InputKind.RAW, segmenter) for path in lessons.texts],
        most_tokens=settings.tokens,
        kept_out=_keys(lessons.kept_out),
        told=told,
    )
    note(
        f"{choice.tokens:,} tokens of {choice.sentences:,} sentences chosen; left out: "
        f"{choice.kept_out:,} sentences of dev or test, {choice.too_long:,} that are too long"
    )


def _keys(corpora: tuple[Path, ...]) -> frozenset[str]:
    """What the sentences of some corpora are known by."""
    opened = open_all(list(corpora), AskedColumns())
    return frozenset(key_of(s.forms) for corpus in opened for s in corpus)
