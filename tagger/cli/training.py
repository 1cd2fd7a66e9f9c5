"""What `tagger train` does once the corpora are read: raw texts, the parts, the model folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tagger.cli.console import note, warn
from tagger.cli.distilling import taught_by
from tagger.cli.headroom import tell_headroom
from tagger.cli.interruption import interruptible
from tagger.cli.parts import run_part
from tagger.cli.resuming import command_line
from tagger.cli.tutoring import Gold, tutored
from tagger.corpus.lines import sha256_of
from tagger.errors import CorpusError, ModelError, UsageError
from tagger.evaluation.raw_text import RawText, has_raw_text, read_raw_text
from tagger.inference.folder import WEIGHTS
from tagger.inference.language_folder import LANGUAGE_MODEL, read_language_folder
from tagger.inference.records import LanguageModelRecord
from tagger.training.data import prepare
from tagger.training.distributed import joined
from tagger.training.finish import write_model
from tagger.training.language_inputs import LanguageReader, tunable
from tagger.training.language_work import language_work
from tagger.training.loop import Training
from tagger.training.segmenter import segmenter_files, train_segmenter
from tagger.training.settings import Settings
from tagger.training.transformer_folder import PretrainedTransformer
from tagger.training.unfinished import Run, unfinished

if TYPE_CHECKING:
    from tagger.cli.lessons import Lessons
    from tagger.corpus.files import CorpusFile
    from tagger.inference.folder import Description
    from tagger.inference.pretrained import Pretrained
    from tagger.inference.records import CorpusRecord
    from tagger.sentence import Sentence
    from tagger.training.device import Device as TorchDevice


def raw_texts(
    train: "list[CorpusFile]", dev: "list[CorpusFile]", is_wanted: bool
) -> tuple[RawText, RawText] | None:
    """The gold raw texts of train and dev, or None where one of them has none.

    Of CoNLL-U files and column files that both have text, the former: multiword tokens are known
    there. Raises UsageError where a segmenter is wanted all the same.
    """
    found = []
    for name, corpora in (("training", train), ("dev", dev)):
        with_text = [corpus for corpus in corpora if has_raw_text(corpus)]
        conllu = [corpus for corpus in with_text if corpus.dialect.layout.kind == "conllu"]
        if not with_text:
            missing = f"no {name} file says what its text was (CoNLL-U, or columns with `# text`)"
            if is_wanted:
                raise UsageError(f"--segmenter: {missing}")
            note(f"no segmenter: {missing}; raw text will be cut by rules")
            return None
        misfits: list[CorpusError] = []
        found.append(read_raw_text(conllu or with_text, misfits))
        if misfits:
            warn(f"{misfits[0]}; left out for the segmenter, as are {len(misfits) - 1} others")
    return found[0], found[1]


def language_reader(folder: Path, *, fine_tuned: bool = False) -> LanguageReader:
    """The language model of a folder, ready to read, or for the training to change a copy of it.

    Raises UsageError where one of another kind than over words is to be fine-tuned.
    """
    files = read_language_folder(folder)
    description = files.description
    hidden_size = description.settings.get("hidden_size")
    if not isinstance(hidden_size, int):
        raise ModelError(f"{folder / LANGUAGE_MODEL}: expected a hidden_size in its settings")
    record = LanguageModelRecord(
        name=folder.resolve().name,
        sha256=sha256_of(folder / WEIGHTS),
        hidden_size=hidden_size,
        tokens=description.tokens,
        perplexity=description.held_out.forward,
        kind=description.kind.name,
        fine_tuned=fine_tuned,
    )
    reader = language_work(record.kind).reader(files, record)
    return tunable(reader) if fine_tuned else reader


def train_model(
    *,
    train: "Sequence[Sentence]",
    dev: "Sequence[Sentence]",
    tasks: Sequence[str],
    raw: tuple[RawText, RawText] | None,
    pretrained: "Pretrained | None",
    language_model: LanguageReader | None,
    lessons: "Lessons | None",
    transformer: PretrainedTransformer | None,
    records: "Sequence[CorpusRecord]",
    settings: Settings,
    device: "TorchDevice",
    output: Path,
    resume: bool,
    force: bool,
) -> "Description | None":
    """Trains the segmenter, where there is raw text, and the tagger, and writes the model folder.

    Until then the state is kept beside it, and a signal ends the command when that is saved. Of
    several processes each does its share of the training; the first alone writes, and describes
    what it wrote.
    """
    asked = None if lessons is None else lessons.asked(settings, records)
    run = Run(
        settings=msgspec.to_builtins(settings),
        tasks=tuple(tasks),
        data=tuple(records),
        segmenter=raw is not None,
        vectors=None if pretrained is None else pretrained.record,
        language_model=None if language_model is None else language_model.record,
        distillation=None if asked is None else msgspec.to_builtins(asked),
        transformer=None if transformer is None else transformer.record,
    )
    command = command_line()
    with (
        joined() as group,
        unfinished(output, run, warn, resume=resume, force=force, group=group) as states,
        interruptible("stopping behind this step; once more stops at once") as interruption,
    ):
        learned = None
        if raw is not None:
            note("segmenter: learning to cut raw text")
            cutting = train_segmenter(*raw, settings, group, device)
            run_part("segmenter", cutting, states, interruption, command)
            if group.is_first:
                learned = segmenter_files(cutting, raw[0], records=records, command=command)
            note("tagger: learning to tag")
        reads_language = language_model is not None and not settings.language_model.fine_tune
        if reads_language:
            note("reading the corpora with the language model")
        elif language_model is not None:
            note("fine-tuning the language model: what it says is computed anew at every step")
        if reads_language and not group.is_first:
            states.await_first()  # which writes what the language model says
        taught = None
        if lessons is not None and asked is not None:
            lessons = tutored(
                *(lessons, Gold(train, dev, tasks, records), settings, device, group),
                *(states, interruption, command),
            )
            if not group.is_first:
                states.await_first()  # which has the text labelled
            taught = taught_by(
                *(lessons, asked, settings, states.folder, interruption, command),
                device=device if group.is_first else None,
            )
            if group.is_first:
                group.wait()
        data = prepare(
            *(train, dev, tasks, settings, pretrained, language_model, states.folder),
            transformer=transformer,
            taught=taught,
        )
        if reads_language and group.is_first:
            group.wait()
        training = Training(data, settings, group, device)
        tell_headroom(training)
        run_part("tagger", training, states, interruption, command)
        if not group.is_first:
            return None
        description = write_model(
            training,
            output,
            records=records,
            command=command,
            segmenter=learned,
            raw_dev=raw and raw[1],
        )
        states.remove()
    return description
