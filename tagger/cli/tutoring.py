"""`tagger train --teacher FOLDER` where that is an encoder, which becomes a teacher first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tagger.cli.console import note
from tagger.cli.interruption import Interruption
from tagger.cli.lessons import is_encoder
from tagger.cli.parts import run_part
from tagger.training.data import prepare
from tagger.training.distillation.labels import has_labels
from tagger.training.distributed import Group
from tagger.training.finish import write_model
from tagger.training.loop import Training
from tagger.training.settings import BESIDE, Settings, settings_from
from tagger.training.transformer_folder import read_transformer
from tagger.training.unfinished import Unfinished

if TYPE_CHECKING:
    from tagger.cli.lessons import Lessons
    from tagger.inference.records import CorpusRecord
    from tagger.sentence import Sentence
    from tagger.training.device import Device as TorchDevice


class Gold(NamedTuple):
    """What teacher and student learn from and are scored on."""

    train: "Sequence[Sentence]"
    dev: "Sequence[Sentence]"
    tasks: Sequence[str]
    records: "Sequence[CorpusRecord]"


def tutored(
    lessons: "Lessons",
    gold: Gold,
    settings: Settings,
    device: "TorchDevice",
    group: Group,
    states: Unfinished,
    interruption: Interruption,
    command: str,
) -> "Lessons":
    """The same lessons, given by model folders: encoders are fine-tuned on the gold corpus.

    That is done as by `--encoder` with its defaults and the student's `transformer`, seed and
    threads. The folders lie beside the model to come, and are there already where it was cut short.
    Where all labels are there, nobody is needed any more.
    """
    if lessons.given is not None or has_labels(lessons.folder, settings.distillation.tokens):
        return lessons
    teachers = []
    for number, path in enumerate(lessons.teachers, start=1):
        if not is_encoder(path):
            teachers.append(path)
            continue
        name = f"teacher-{number}"
        folder = states.folder / name
        if not folder.is_dir():
            note(f"{name}: fine-tuning {path}")
            own = _settings(settings)
            encoder = read_transformer(path)
            data = prepare(gold.train, gold.dev, gold.tasks, own, transformer=encoder)
            training = Training(data, own, group, device)
            run_part(name, training, states, interruption, command)
            if group.is_first:
                write_model(training, folder, records=gold.records, command=command)
        teachers.append(folder)
    return msgspec.structs.replace(lessons, teachers=tuple(teachers))


def _settings(of_student: Settings) -> Settings:
    return msgspec.structs.replace(
        settings_from(BESIDE["transformer"]),
        seed=of_student.seed,
        threads=of_student.threads,
        transformer=of_student.transformer,
    )
