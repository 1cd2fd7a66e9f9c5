"""A command-line sequence tagger: a bidirectional LSTM for parts of speech and named entities."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tagger.inference.decoder import Decoding
    from tagger.inference.pipeline import Tagger

__version__ = "0.1.0"


def load(
    model: "str | Path" = "en", *, decoding: "Decoding | None" = None, threads: int = 1
) -> "Tagger":
    """A model by name or path, ready to tag; raises ModelError where there is none.

    `load("en").tag("John lives in Paris.")` gives tagged sentences, `.tag(["John", "lives"])` one
    of given tokens. `decoding` asks for probabilities, n-best sequences or single tasks.
    """
    from tagger.inference.decoder import Decoding
    from tagger.inference.models import find_model
    from tagger.inference.pipeline import Tagger

    return Tagger(find_model(model), decoding=decoding or Decoding(), threads=threads)
