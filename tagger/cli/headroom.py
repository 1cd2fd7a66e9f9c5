"""What `train` says of memory before it begins: what is free, and what batches would fit."""

from tagger.cli.console import Verbosity, note, warn
from tagger.training.device import name_of
from tagger.training.headroom import Headroom, headroom
from tagger.training.loop import Training


def tell_headroom(training: Training) -> None:
    """A line, or a warning where the batches do not fit; nothing where it is not known."""
    if Verbosity.quiet:
        return
    found = headroom(training)
    if found is None:
        return
    free = f"memory: {_size(found.free)} free for the {name_of(training.device)}"
    fullest = f"the fullest batch, of {found.fullest:,} tokens, takes about {_size(found.needed)}"
    if found.is_enough:
        note(f"{free}; {fullest}; batch_tokens up to {found.largest:,} would fit")
    else:
        warn(f"{free}, {_too_little(found, fullest)}")


def _too_little(found: Headroom, fullest: str) -> str:
    if found.largest >= found.longest:
        return f"but {fullest}: it will be read in parts (--batch-tokens {found.largest} would fit)"
    return (
        f"which is too little for the longest sentence, of {found.longest:,} tokens (a smaller "
        "hidden_size helps, or preprocess --max-length)"
    )


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
