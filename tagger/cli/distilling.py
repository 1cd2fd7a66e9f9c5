"""What `tagger train --teacher` does before training: chooses text and has it labelled."""

from functools import cache, partial
from pathlib import Path

from tagger.cli.console import note, warn
from tagger.cli.corpora import open_all
from tagger.cli.interruption import Interruption
from tagger.cli.lessons import Lessons
from tagger.cli.pretraining import read_sentences, segmenter_named
from tagger.cli.resuming import Counting
from tagger.corpus.overruling import Asked as AskedColumns
from tagger.corpus.soft_lines import has_distributions
from tagger.inference.folder import WEIGHTS
from tagger.inference.models import find_model
from tagger.inference.records import DistillationRecord
from tagger.streaming.kinds import InputKind
from tagger.training.data import Taught
from tagger.training.device import Device
from tagger.training.distillation.given import read_given, write_given
from tagger.training.distillation.labels import (
    Asked,
    LabelWriter,
    begin_labels,
    checked_asked,
    has_labels,
    num_labelled,
    open_labels,
)
from tagger.training.distillation.teachers import Teachers, write_labels
from tagger.training.distillation.texts import (
    Choice,
    Texts,
    key_of,
    open_texts,
    write_texts,
)
from tagger.training.settings import Distillation, Settings
from tagger.training.token_files import FORMS
from tagger.training.unfinished import LOCK, locked

LABELS = "labels"


def taught_by(
    lessons: Lessons,
    asked: Asked,
    settings: Settings,
    states: Path,
    interruption: Interruption,
    command: str,
    *,
    device: Device | None,
) -> Taught:
    """What the teachers say of the texts: made before, or now on a device (None: by another).

    The folder is locked while something is added to it.
    """
    folder = lessons.folder or states / LABELS
    if device is not None:
        _make(lessons, asked, settings, folder, interruption, command, device)
    texts = open_texts(folder).first(settings.distillation.tokens)
    labels = open_labels(folder, len(texts.tokens))
    note(f"{texts.num_tokens:,} tokens of {len(texts):,} sentences, labelled by the teacher")
    record = DistillationRecord(teachers=asked.teachers, texts=asked.texts, tokens=texts.num_tokens)
    return Taught(texts, labels, record)


def _make(
    lessons: Lessons,
    asked: Asked,
    settings: Settings,
    folder: Path,
    interruption: Interruption,
    command: str,
    device: Device,
) -> None:
    """Fills the folder with what is missing there; trainings that miss nothing may share it."""
    own = settings.distillation
    if lessons.given is None and has_labels(folder, own.tokens):
        checked_asked(folder, asked)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / LOCK):
        begin_labels(folder, asked)
        is_cut = (folder / FORMS).is_file()
        told = Counting("read", interruption, command)
        if lessons.given is not None:
            if not (is_cut and num_labelled(folder) == len(open_texts(folder).tokens)):
                _tell(_take_over(lessons, lessons.given, own, folder, told))
        elif not is_cut:
            _tell(_choose(lessons, own, folder, told))
        texts = open_texts(folder).first(own.tokens)
        if lessons.given is None and num_labelled(folder) < len(texts.tokens):
            told = Counting("labelled", interruption, command, lasts=True)
            teachers = _teachers(lessons, settings.threads, device)
            _label(texts, teachers, own, folder, told)


def _teachers(lessons: Lessons, threads: int, device: Device) -> Teachers:
    teachers = Teachers([find_model(str(path)) for path in lessons.teachers], threads, device)
    for folder in teachers.without_weights:
        warn(f"{folder}: has no {WEIGHTS}, so its transformer runs on the CPU")
    return teachers


def _label(
    texts: Texts, teachers: Teachers, settings: Distillation, folder: Path, told: Counting
) -> None:
    """Has the chosen sentences labelled, as far as they are not."""
    writer = LabelWriter(folder, teachers.tasks, settings.top)
    note(f"labelling {len(texts.tokens):,} tokens, {writer.done:,} of which have been")
    write_labels(texts, teachers, writer, told)


def _take_over(
    lessons: Lessons, path: Path, settings: Distillation, folder: Path, told: Counting
) -> Choice:
    """Writes what a file of labels says."""
    corpus = None if has_distributions(str(path)) else open_all([path], AskedColumns())[0]
    return write_given(
        folder,
        lambda: read_given(path, corpus),
        top=settings.top,
        most_tokens=settings.tokens,
        kept_out=_keys(lessons.kept_out),
        told=told,
    )


def _choose(lessons: Lessons, settings: Distillation, folder: Path, told: Counting) -> Choice:
    """Cuts the texts and writes the chosen sentences."""
    segmenter = cache(partial(segmenter_named, lessons.segmenter))
    return write_texts(
        folder,
        [read_sentences([path], InputKind.RAW, segmenter) for path in lessons.texts],
        most_tokens=settings.tokens,
        kept_out=_keys(lessons.kept_out),
        told=told,
    )


def _tell(choice: Choice) -> None:
    note(
        f"{choice.tokens:,} tokens of {choice.sentences:,} sentences chosen; left out: "
        f"{choice.kept_out:,} sentences of dev or test, {choice.too_long:,} that are too long"
    )


def _keys(corpora: tuple[Path, ...]) -> frozenset[str]:
    """What the sentences of some corpora are known by."""
    opened = open_all(list(corpora), AskedColumns())
    return frozenset(key_of(s.forms) for corpus in opened for s in corpus)
