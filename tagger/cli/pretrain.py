"""`tagger pretrain`: raw text in, a language model out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, note, quiet_unless_first
from tagger.cli.options import Device, DeviceChoice, device_noting
from tagger.cli.outputs import check_output
from tagger.streaming.kinds import InputKind, ReadErrors, Undecodable

if TYPE_CHECKING:
    from tagger.training.language_settings import PretrainingSettings


@command
def pretrain(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to make.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Texts, plain or compressed. [stdin]")
    ] = None,
    input: Annotated[
        InputKind, typer.Option("--input", help="What the files are, as of `predict`.")
    ] = InputKind.AUTO,
    errors: Annotated[
        ReadErrors, typer.Option(help="What to do with bytes that are not UTF-8.")
    ] = ReadErrors.STRICT,
    segmenter: Annotated[
        str,
        typer.Option(help="The model whose segmenter cuts the text, or `rules`."),
    ] = "en",
    config: Annotated[Path | None, typer.Option(help="Settings as TOML.")] = None,
    epochs: Annotated[
        float | None, typer.Option(help="How often all is read; may be a fraction.")
    ] = None,
    hidden_size: Annotated[int | None, typer.Option(help="LSTM units per direction.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest step size.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same model.")] = None,
    threads: Annotated[int | None, typer.Option(help="Cores to use.")] = None,
    device: Device = DeviceChoice.cpu,
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
    """Train a language model on raw text, for `tagger train --lm` and `tagger generate`.

    Two LSTMs, one that reads forward and one backward, learn to predict the next word, or, where
    the settings say kind = "characters", the next character. The text is cut into tokens once, into
    a file beside the model to come; memory does not grow with it. One passage in a hundred is held
    out, and how well it is predicted told as training goes on.

    After Ctrl-C, a kill or a power cut the same command with --resume goes on. Text from stdin must
    be given again only where it had not been cut to its end; else it is not read.

    Examples:

    \b
        tagger pretrain wikipedia.txt.xz -o models/lm-en
        tagger pretrain news/*.txt --epochs 2 --hidden-size 256 -o models/lm-news
        zcat text.gz | tagger pretrain --segmenter rules -o models/lm
        tagger pretrain wikipedia.txt.xz -o models/lm-en --resume
    """
    quiet_unless_first()
    given: dict[str, object] = {
        "epochs": epochs,
        "hidden_size": hidden_size,
        "learning_rate": learning_rate,
        "seed": seed,
        "threads": threads,
    }
    settings = _settings(config, {key: value for key, value in given.items() if value is not None})

    from tagger.inference.language_folder import LANGUAGE_MODEL

    check_output(output, LANGUAGE_MODEL, "language model", force=force)
    chosen = device_noting(device)

    from tagger.cli.pretraining import train_language_model

    description = train_language_model(
        files or [Path("-")],
        kind=input,
        undecodable=Undecodable(errors.value),
        segmenter=segmenter,
        settings=settings,
        device=chosen,
        output=output,
        resume=resume,
        force=force,
    )
    if description is None:  # another process tells of the model
        return
    held_out = description.held_out
    reads = description.kind
    note(
        f"held-out {reads.measure} {reads.told(held_out.forward)} forward, "
        f"{reads.told(held_out.backward)} backward over {held_out.tokens:,} {reads.tokens}; "
        f"wrote {output}"
    )


def _settings(config: Path | None, given: dict[str, object]) -> "PretrainingSettings":
    """The settings file's values, overruled by the options given."""
    from tagger.training.language_settings import language_settings_from
    from tagger.training.settings import load_tables

    tables = load_tables(config) if config is not None else {}
    language_settings_from(tables, str(config))
    return language_settings_from({**tables, **given}, "options")
