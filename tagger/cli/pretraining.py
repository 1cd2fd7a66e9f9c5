"""What `tagger pretrain` does: texts to token files, the training, the folder."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tagger.cli.console import is_lively, note, warn
from tagger.cli.corpora import text_record
from tagger.cli.interruption import Interruption, interruptible
from tagger.cli.progress import Meter, training_bar
from tagger.cli.resuming import Counting, command_line, run_saving, saving
from tagger.compression import reading
from tagger.errors import TaggerError, UsageError
from tagger.inference.language_folder import LanguageDescription
from tagger.inference.language_kinds import KINDS, LanguageKind
from tagger.inference.models import find_model
from tagger.inference.pipeline import Tagger
from tagger.sentence import Sentence
from tagger.streaming.chunks import read_chunks
from tagger.streaming.inputs import examine
from tagger.streaming.kinds import InputKind, Undecodable
from tagger.streaming.parts import TEXT_CHUNK_BYTES, open_input
from tagger.text.segmenters import RulesSegmenter, Segmenter
from tagger.training.distributed import joined
from tagger.training.generation import Sampling
from tagger.training.language_files import write_language_model
from tagger.training.language_settings import PretrainingSettings
from tagger.training.language_work import language_work
from tagger.training.pretraining import Pretraining, PretrainingReport, PretrainingStep, Text
from tagger.training.token_files import FORMS, open_token_files, write_token_files
from tagger.training.unfinished import Run, Unfinished, unfinished

if TYPE_CHECKING:
    from tagger.training.device import Device as TorchDevice

PART = "language-model"
RULES = "rules"
SAMPLING, SAMPLE_LENGTH = Sampling(temperature=0.7), 20  # words


def train_language_model(
    paths: Sequence[Path],
    *,
    kind: InputKind,
    undecodable: Undecodable,
    segmenter: str,
    settings: PretrainingSettings,
    device: "TorchDevice",
    output: Path,
    resume: bool,
    force: bool,
) -> LanguageDescription | None:
    """Cuts the texts, trains on them and writes the folder; until then the state lies beside it.

    Of several processes the first cuts and writes, and describes what it wrote.
    """
    records = tuple(text_record(path) for path in paths)
    of_text = {"segmenter": segmenter, "input": str(kind)}
    if undecodable is not Undecodable.STRICT:
        of_text["errors"] = str(undecodable)
    run = Run(
        settings={**msgspec.to_builtins(settings), **of_text},
        tasks=(),
        data=records,
        segmenter=False,
    )
    command = command_line()
    with (
        joined() as group,
        unfinished(output, run, warn, resume=resume, force=force, group=group) as states,
        interruptible("stopping behind this step; once more stops at once") as interruption,
    ):
        if not group.is_first:
            states.await_first()
        elif not (states.folder / FORMS).is_file():
            try:
                cut_by = cache(partial(segmenter_named, segmenter))
                sentences = read_sentences(paths, kind, cut_by, undecodable)
                told = Counting("cut", interruption, command)
                write_token_files(states.folder, sentences, told)
            except TaggerError:
                states.remove()  # nothing is there to go on with
                raise
        data = _prepared(states.folder, settings)
        if group.is_first:
            group.wait()
        training = Pretraining(data, settings, group, device)
        _run(training, states, interruption, command)
        if not group.is_first:
            return None
        description = write_language_model(
            training, output, records=records, command=command, segmenter=segmenter
        )
        states.remove()
    return description


def _prepared(folder: Path, settings: PretrainingSettings) -> Text:
    """What was cut, ready to be learned from; forms that came with the files are let go."""
    files = open_token_files(folder)
    note(
        f"{len(files.train):,} tokens to learn from, {len(files.dev):,} held out, "
        f"{len(files.texts.forms):,} forms"
    )
    return language_work(settings.kind).prepare(files, settings, folder)


def read_sentences(
    paths: Sequence[Path],
    kind: InputKind,
    segmenter: Callable[[], Segmenter],
    undecodable: Undecodable = Undecodable.STRICT,
) -> Iterator[Sentence]:
    """The sentences of texts, one file after the other; raises UsageError for JSON lines.

    The segmenter is asked for where there is text to cut.
    """
    for path in paths:
        with open_input(path) as (name, raw):
            found, stream = examine(reading(raw, name), name, kind, None, "text")
            if found.kind is InputKind.JSONL:
                raise UsageError(f"{name}: expected text or CoNLL, found JSON lines")
            if found.reasons:
                note(f"{name}: {found.reasons}")
            chunks = read_chunks(
                stream, name, cut=found.cut, size=TEXT_CHUNK_BYTES, undecodable=undecodable
            )
            for chunk in chunks:
                yield from found.sentences(chunk, segmenter)


def segmenter_named(name: str) -> Segmenter:
    """By rules, or that of a model, which must have learned one."""
    if name == RULES:
        return RulesSegmenter()
    return Tagger(find_model(name)).segmenter_for(False)


def _run(
    training: Pretraining, states: Unfinished, interruption: Interruption, command: str
) -> None:
    """The training to its end, from its checkpoint if it has one."""
    if states.restore(PART, training.state):
        note(f"going on behind step {training.state.step:,} of {training.num_steps:,}")
    state, group = training.state, training.group
    after = saving(PART, state, states, interruption, command, PretrainingReport, group)
    run_saving(PART, training, _follow, after, states)


def _follow(
    training: Pretraining, after: Callable[[PretrainingStep | PretrainingReport], None]
) -> None:
    """Runs the training and shows how it goes: a bar on a terminal, a line per report."""
    reads = KINDS[training.settings.kind]
    if not is_lively():
        for report in training.run():
            if isinstance(report, PretrainingReport):
                note(report_line(report, reads))
                note(sample_line(training))
            after(report)
        return
    with training_bar() as bar:
        running = bar.add_task("", total=training.num_steps, speed="", loss="")
        meter = Meter()
        for report in training.run():
            if isinstance(report, PretrainingStep):
                meter.add(report.tokens, report.loss)
                bar.update(
                    running,
                    completed=report.step,
                    description=f"step {report.step:,}/{report.num_steps:,}",
                    speed=f"{meter.tokens_per_second:,.0f} {reads.tokens}/s",
                    loss=f"loss {meter.loss:.3f}",
                )
            else:
                for line in (report_line(report, reads), sample_line(training)):
                    bar.console.print(line, highlight=False, markup=False)
            after(report)


def sample_line(training: Pretraining) -> str:
    """Some words that the model writes by now; the training goes on as without."""
    work = language_work(training.settings.kind)
    model = work.in_training(training.data, training.state.network)
    pieces = model.generate((), SAMPLING, training.state.step, SAMPLE_LENGTH)
    return f"    it writes: {' '.join(''.join(pieces).split())}"


def report_line(report: PretrainingReport, reads: LanguageKind) -> str:
    """`step 500/9,000: 1,024,000 tokens, loss 5.212, held out 150.1 / 148.2, 8,100 tokens/s`."""
    held_out = report.held_out
    return (
        f"step {report.step:,}/{report.num_steps:,}: {report.tokens:,} {reads.tokens}, "
        f"loss {report.loss:.3f}, held-out {reads.measure} {reads.told(held_out.forward)} forward "
        f"{reads.told(held_out.backward)} backward, "
        f"{report.tokens_per_second:,.0f} {reads.tokens}/s"
    )
