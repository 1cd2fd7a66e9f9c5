"""A finished language model to its folder and back."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from tagger import __version__
from tagger.inference.language_folder import (
    LANGUAGE_FORMAT,
    LanguageDescription,
    write_language_folder,
)
from tagger.inference.records import CorpusRecord
from tagger.training.language_card import language_card
from tagger.training.pretraining import Pretraining


def write_language_model(
    training: Pretraining,
    folder: Path,
    *,
    records: Sequence[CorpusRecord],
    command: str,
    segmenter: str,
) -> LanguageDescription:
    """Writes what was trained as a folder and says what it is."""
    network, data = training.state.network, training.data
    held_out = training.score()
    nats = math.log(held_out.forward) * held_out.tokens
    description = LanguageDescription(
        format=LANGUAGE_FORMAT,
        tagger_version=__version__,
        settings=msgspec.to_builtins(training.settings),
        data=tuple(records),
        tokens=training.state.tokens,
        steps=training.state.step,
        num_weights=sum(weight.numel() for weight in network.state_dict().values()),
        held_out=held_out,
        bits_per_character=nats / math.log(2) / data.held_out_characters,
        unknown=data.unknown(),
        normalisation=data.normalisation,
        command=command,
        segmenter=segmenter,
    )
    files = data.files(
        description=description,
        weights={
            name: np.ascontiguousarray(weight.cpu().numpy())
            for name, weight in network.state_dict().items()
        },
        card=language_card(description, folder.name),
        metrics=training.state.history,
    )
    write_language_folder(folder, files)
    return description
