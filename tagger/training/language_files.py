"""A finished language model to its folder and back."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch

from tagger import __version__
from tagger.errors import ModelError
from tagger.inference.folder import NORMALISATION, CorpusRecord
from tagger.inference.language_folder import (
    LANGUAGE_FORMAT,
    LanguageDescription,
    LanguageFiles,
    write_language_folder,
)
from tagger.network.language_model import LanguageModel
from tagger.training.build import build_language_model
from tagger.training.language_card import language_card
from tagger.training.language_data import LanguageData
from tagger.training.language_settings import LanguageModelSettings
from tagger.training.pretraining import Pretraining
from tagger.training.settings import convert_settings
from tagger.vocabulary import Vocabulary


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
    nats = math.log(held_out.forward) * len(data.files.dev)
    targets = data.tables.targets[np.asarray(data.files.dev, np.int64)]
    description = LanguageDescription(
        format=LANGUAGE_FORMAT,
        tagger_version=__version__,
        settings=msgspec.to_builtins(training.settings),
        data=tuple(records),
        tokens=training.state.tokens,
        steps=training.state.step,
        num_weights=sum(weight.numel() for weight in network.state_dict().values()),
        held_out=held_out,
        bits_per_character=nats / math.log(2) / data.files.texts.held_out_characters,
        unknown=float((targets == Vocabulary.unknown_id).mean()),
        normalisation=NORMALISATION,
        command=command,
        segmenter=segmenter,
    )
    files = LanguageFiles(
        description=description,
        vocabularies=data.vocabularies,
        targets=data.targets,
        joined=_joined(data),
        weights={
            name: np.ascontiguousarray(weight.numpy())
            for name, weight in network.state_dict().items()
        },
        card=language_card(description, folder.name),
        metrics=training.state.history,
    )
    write_language_folder(folder, files)
    return description


def _joined(data: LanguageData) -> list[int]:
    """The targets that mostly stand without a blank before them."""
    texts = data.files.texts
    counts = dict(zip(texts.forms, zip(texts.joined, texts.counts, strict=True), strict=True))
    found = []
    for i, form in enumerate(data.targets.strings):
        joined, count = counts.get(form, (0, 1))
        if i > Vocabulary.unknown_id and 2 * joined > count:
            found.append(i)
    return found


def network_from(files: LanguageFiles, name: str) -> LanguageModel:
    """The network of a folder; raises ModelError that names it where weights do not fit."""
    settings = convert_settings(files.description.settings, LanguageModelSettings, name)
    weights = {key: torch.from_numpy(weight).float() for key, weight in files.weights.items()}
    try:
        with torch.device("meta"):  # takes no memory before the sizes are known to be true
            network = build_language_model(settings, files.vocabularies, len(files.targets))
        network.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        problem = " ".join(str(error).split())
        raise ModelError(f"{name}: weights do not fit its settings: {problem}") from None
    return network.eval()
