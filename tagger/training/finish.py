"""A finished training to a model folder: exported graphs, scores on dev, card."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tagger import __version__
from tagger.inference.decoding import Transitions
from tagger.inference.export import export_lexical, export_sentence
from tagger.inference.folder import (
    FORMAT,
    LEXICAL,
    NORMALISATION,
    SENTENCE,
    CorpusRecord,
    Description,
    Head,
    write_folder,
)
from tagger.training.build import head_kind
from tagger.training.card import model_card
from tagger.training.loop import Training, score_network


def write_model(
    training: Training, folder: Path, *, records: Sequence[CorpusRecord], command: str
) -> Description:
    """Writes the best averaged weights of a training as a model folder and says what it is."""
    network = training.best_network()
    weights = {
        name: np.ascontiguousarray(weight.cpu().numpy())
        for name, weight in network.state_dict().items()
    }
    heads = tuple(
        Head(
            task=task,
            kind=head_kind(training.settings, task),
            **_lists(network.head(task.name).transitions()),
        )
        for task in training.data.tasks
    )
    description = Description(
        format=FORMAT,
        tagger_version=__version__,
        heads=heads,
        num_words=len(training.data.vocabularies.words),
        num_weights=sum(weight.size for weight in weights.values()),
        normalisation=NORMALISATION,
        seed=training.settings.seed,
        settings=msgspec.to_builtins(training.settings),
        data=tuple(records),
        command=command,
        epoch=training.state.best_epoch + 1,
        scores=tuple(score_network(network, training.data)),
    )
    graphs = {
        LEXICAL: export_lexical(weights),
        SENTENCE: export_sentence(weights, [task.name for task in training.data.tasks]),
    }
    write_folder(
        folder,
        description=description,
        vocabularies=training.data.vocabularies,
        graphs=graphs,
        weights=weights,
        card=model_card(description, folder.name),
        metrics=training.state.history,
    )
    return description


def _lists(transitions: Transitions) -> dict[str, Any]:
    """A chain's scores as plain lists."""
    return {name: getattr(transitions, name).tolist() for name in ("start", "between", "end")}
