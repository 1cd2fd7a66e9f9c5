"""`tagger bench`: how fast a model is here, told plainly."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, table

if TYPE_CHECKING:
    from tagger.streaming.timing import Timing


@command
def bench(
    model: Annotated[str, typer.Argument(help="A model folder or the name of a model.")] = "en",
    file: Annotated[
        Path | None, typer.Argument(help="A text or corpus. [default: a sample of 2,200 tokens]")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to tag.")] = 5.0,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Time a model: cold start, tokens per CPU second, where the time goes, memory.

    One process, one thread, reading to writing CoNLL-U. JSON on stdout, a table on stderr.

    Examples:

    \b
        tagger bench
        tagger bench models/en news.txt
        tagger bench en test.conllu | jq .tokens_per_second
    """
    import msgspec

    from tagger.inference.models import find_model
    from tagger.streaming.timing import time_model

    timing = time_model(find_model(model), file, seconds)
    _show(timing)
    print(msgspec.json.encode(timing).decode())


def _show(timing: "Timing") -> None:
    low, high = timing.interval
    rows = [
        ["cold start, one sentence", f"{timing.cold_start:.2f} s"],
        ["tokens per CPU second", f"{timing.tokens_per_second:,.0f}"],
        ["95 % interval", f"{low:,.0f} to {high:,.0f}"],
        *[
            [f"time in {name}", f"{100 * getattr(timing.stages, name):.1f} %"]
            for name in timing.stages.__struct_fields__
        ],
        ["peak memory", f"{timing.peak_memory / 1e6:.0f} MB"],
    ]
    table(f"{timing.model} on {timing.file}", ["", f"{timing.tokens:,} tokens"], rows)
