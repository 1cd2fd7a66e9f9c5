"""A finished language model to its folder and back."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from tagger import __version__
from tagger.inference.folder import NORMALISATION, CorpusRecord
from tagger.inference.language_folder import (
    LANGUAGE_FORMAT,
    LanguageDescription,
    LanguageFiles,
    write_language_folder,
)
from tagger.training.language_card import language_card
from tagger.training.language_data import LanguageData
from tagger.training.pretraining import Pretraining
from tagger.vocabulary import Vocabulary

TOKENS_AT_ONCE = 1_000_000


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
        unknown=_unknown(data),
        normalisation=NORMALISATION,
        command=command,
        segmenter=segmenter,
    )
    files = LanguageFiles(
        description=description,
        vocabularies=data.vocabularies,
        targets=data.targets,
        joined=data.joined,
        weights={
            name: np.ascontiguousarray(weight.cpu().numpy())
            for name, weight in network.state_dict().items()
        },
        card=language_card(description, folder.name),
        metrics=training.state.history,
    )
    write_language_folder(folder, files)
    return description


def _unknown(data: LanguageData) -> float:
    """The share of held-out tokens that cannot be predicted."""
    parts = range(0, len(data.dev), TOKENS_AT_ONCE)
    number = sum(
        int((data.tables.targets[data.dev[i : i + TOKENS_AT_ONCE]] == Vocabulary.unknown_id).sum())
        for i in parts
    )
    return number / len(data.dev)
