"""`tagger train`: a corpus in, a model folder out."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, note, quiet_unless_first, warn
from tagger.cli.options import Columns, Device, DeviceChoice, device_noting
from tagger.cli.outputs import check_output
from tagger.errors import UsageError
from tagger.schemes import is_entity_layer

if TYPE_CHECKING:
    from tagger.corpus.files import CorpusFile
    from tagger.inference.records import CorpusRecord
    from tagger.sentence import Sentence
    from tagger.training.settings import Settings

Preset = StrEnum("Preset", ["default", "fast"])
Precision = StrEnum("Precision", ["int8", "fp32"])
DEFAULT_TASKS = ("upos", "xpos", "chunk", "ner")


@command
def train(
    files: Annotated[list[Path], typer.Argument(help="Training corpora.")],
    dev: Annotated[
        list[Path], typer.Option("--dev", help="A corpus to choose on; may be given again.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The model folder to make.")],
    task: Annotated[
        list[str] | None,
        typer.Option("--task", "-t", help="A column to learn; may be given again. [all found]"),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Settings as TOML.")] = None,
    preset: Annotated[
        Preset, typer.Option(help="Settings to begin with; `fast` is a smaller network.")
    ] = Preset["default"],
    precision: Annotated[
        Precision | None, typer.Option(help="Of the exported graphs. [int8]")
    ] = None,
    segmenter: Annotated[
        bool | None,
        typer.Option(
            "--segmenter/--no-segmenter",
            help="Whether to learn from the files how raw text is cut. [where they say it]",
        ),
    ] = None,
    vectors: Annotated[
        Path | None,
        typer.Option(help="Word vectors to build on: word2vec, GloVe or fastText's .vec."),
    ] = None,
    vectors_keep: Annotated[
        int | None,
        typer.Option(help="Of how many words that are not in the files. [50000]"),
    ] = None,
    lm: Annotated[
        Path | None,
        typer.Option("--lm", help="A language model of `tagger pretrain` to read the words with."),
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(
            help="A model, a Hugging Face encoder or a file of labels to learn from as well; of "
            "several the mean is taught."
        ),
    ] = None,
    text: Annotated[
        list[Path] | None,
        typer.Option(help="Raw text that the teacher labels; may be given again."),
    ] = None,
    text_tokens: Annotated[
        int | None, typer.Option(help="How many tokens of it. [10000000]")
    ] = None,
    text_segmenter: Annotated[
        str, typer.Option(help="The model whose segmenter cuts that text, or `rules`.")
    ] = "en",
    keep_out: Annotated[
        list[Path] | None,
        typer.Option(help="A corpus whose sentences are left out of the text, as dev's are."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="A folder for what the teacher says, for other trainings. [not kept]"),
    ] = None,
    encoder: Annotated[
        Path | None,
        typer.Option(
            "--encoder", help="A pretrained transformer to fine-tune: a Hugging Face folder."
        ),
    ] = None,
    columns: Columns = None,
    epochs: Annotated[int | None, typer.Option(help="How often all is read.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same model.")] = None,
    threads: Annotated[int | None, typer.Option(help="Cores to use.")] = None,
    device: Device = DeviceChoice.cpu,
    learning_rate: Annotated[float | None, typer.Option(help="The highest step size.")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="Tokens in a batch.")] = None,
    hidden_size: Annotated[int | None, typer.Option(help="LSTM units per direction.")] = None,
    layers: Annotated[int | None, typer.Option(help="LSTM layers.")] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace an existing model, or a training cut short."),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with this training where it was cut short.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Train a tagger on CoNLL-U or column files and write it as a model folder.

    The epoch that scores best on dev is kept. Several files may hold different columns: each task
    learns from the sentences that have its column. CoNLL-U with `# text` or SpaceAfter=No also
    teaches how raw text is cut into sentences, tokens and words.

    The state is kept beside the model folder until it is finished: after Ctrl-C, a kill or a power
    cut the same command with --resume goes on and ends with the same weights.

    Examples:

    \b
        tagger train corpora/demo-en/train.conllu --dev corpora/demo-en/dev.conllu -o models/demo-en
        tagger train train.conll --dev dev.conll --task ner --columns form=1,ner=4 -o models/ner
        tagger train ud.conllu uner.iob2 --dev ud-dev.conllu --dev uner-dev.iob2 -o models/joint
        tagger train ud.conllu --dev ud-dev.conllu -o models/ud --vectors cc.en.300.vec.gz
        tagger train ud.conllu --dev ud-dev.conllu -o models/ud --lm models/lm-en
        tagger train ud.conllu --dev ud-dev.conllu -o models/fast --teacher models/ud --text raw.txt
        tagger train ud.conllu --dev ud-dev.conllu -o models/ud --resume
    """
    quiet_unless_first()
    given: dict[str, object] = {
        "seed": seed,
        "threads": threads,
        "precision": precision,
        "optimisation.epochs": epochs,
        "optimisation.learning_rate": learning_rate,
        "optimisation.batch_tokens": batch_tokens,
        "encoder.hidden_size": hidden_size,
        "encoder.layers": layers,
        "vectors.keep": vectors_keep,
        "distillation.tokens": text_tokens,
    }
    given = {key: value for key, value in given.items() if value is not None}
    if vectors_keep is not None and vectors is None:
        raise UsageError("--vectors-keep: expected --vectors FILE beside it, found none")
    if encoder is not None and lm is not None:
        raise UsageError("--encoder: expected no --lm beside it: a model reads one of the two")
    parts = {"transformer": encoder, "teacher": teacher}
    settings = _settings(preset, config, given, [name for name, of in parts.items() if of])

    if settings.language_model.fine_tune and lm is None:
        raise UsageError("language_model.fine_tune: expected --lm FOLDER beside it, found none")

    from tagger.cli.lessons import lessons_from

    lessons = lessons_from(
        teacher,
        {
            "--text": text,
            "--text-tokens": text_tokens,
            "--keep-out": keep_out,
            "--labels": labels,
        },
        segmenter=text_segmenter,
        dev=dev,
        beside={"--lm": lm, "--encoder": encoder},
    )

    from tagger.inference.folder import DESCRIPTION

    check_output(output, DESCRIPTION, "model", force=force)
    transformer = None
    if encoder is not None:
        from tagger.training.transformer_folder import read_transformer

        transformer = read_transformer(encoder)
    train_corpora, train_sentences, train_records = _read("train", files, columns)
    dev_corpora, dev_sentences, dev_records = _read("dev", dev, columns)
    _warn_of_leaks([*train_records, *dev_records])
    names = task or _tasks_found(train_sentences, dev_sentences)
    note(f"tasks: {', '.join(names)}")

    pretrained = None
    if vectors is not None:
        from tagger.cli.vectors import pretrained_vectors

        pretrained = pretrained_vectors(vectors, train_sentences, settings.vectors.keep)

    chosen = device_noting(device)

    from tagger.cli.training import language_reader, raw_texts, train_model

    raw = None if segmenter is False else raw_texts(train_corpora, dev_corpora, segmenter is True)
    description = train_model(
        train=train_sentences,
        dev=dev_sentences,
        tasks=names,
        raw=raw,
        pretrained=pretrained,
        language_model=None
        if lm is None
        else language_reader(lm, fine_tuned=settings.language_model.fine_tune),
        lessons=lessons,
        transformer=transformer,
        records=[*train_records, *dev_records],
        settings=settings,
        device=chosen,
        output=output,
        resume=resume,
        force=force,
    )
    if description is None:  # another process tells of the model
        return
    for found in (description.scores, description.raw_scores):
        for score in found:
            note(f"dev {score.task} {100 * score.value:.2f} {score.signature}")
    note(f"epoch {description.epoch} kept; wrote {output}")


def _settings(
    preset: str, config: Path | None, given: dict[str, object], beside: list[str]
) -> "Settings":
    """The preset, overruled by the settings file's values, and these by the options given."""
    from tagger.training.settings import (
        BESIDE,
        PRESETS,
        load_tables,
        merged,
        settings_from,
    )

    tables = load_tables(config) if config is not None else {}
    settings_from(tables, str(config))
    usual = PRESETS[preset]
    for name in beside:
        usual = merged(usual, BESIDE[name])
    tables = merged(usual, tables)
    for key, value in given.items():
        place, _, name = key.rpartition(".")
        (tables.setdefault(place, {}) if place else tables)[name] = value
    return settings_from(tables, "options")


def _read(
    split: str, paths: list[Path], columns: str | None
) -> "tuple[list[CorpusFile], list[Sentence], list[CorpusRecord]]":
    from tagger.cli.corpora import open_all, read_noting
    from tagger.corpus.lines import sha256_of
    from tagger.corpus.overruling import Asked
    from tagger.inference.records import CorpusRecord

    sentences, records = [], []
    corpora = open_all(paths, Asked(columns=columns))
    for corpus in corpora:
        found = read_noting(corpus)
        sentences += found
        records.append(
            CorpusRecord(
                split="train" if split == "train" else "dev",
                name=Path(corpus.path).name,
                sha256=sha256_of(corpus.path),
                sentences=len(found),
                tokens=sum(map(len, found)),
            )
        )
    return corpora, sentences, records


def _warn_of_leaks(records: "list[CorpusRecord]") -> None:
    train_hashes = {record.sha256 for record in records if record.split == "train"}
    for record in records:
        if record.split == "dev" and record.sha256 in train_hashes:
            warn(f"{record.name}: is a training file too: its scores will mean nothing")


def _tasks_found(train: "list[Sentence]", dev: "list[Sentence]") -> list[str]:
    """The usual columns that both splits have."""
    in_train = {name for sentence in train for name in sentence.columns}
    in_dev = {name for sentence in dev for name in sentence.columns}
    in_both = in_train & in_dev
    inner = sorted(name for name in in_both - set(DEFAULT_TASKS) if is_entity_layer(name))
    names = [name for name in DEFAULT_TASKS if name in in_both] + inner
    if not names:
        raise UsageError(
            f"none of the columns {', '.join(DEFAULT_TASKS)} is in both train and dev; "
            "name one with --task"
        )
    return names
