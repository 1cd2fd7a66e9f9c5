"""A finished training to a model folder: exported graphs, scores on dev, card."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger import __version__
from tagger.evaluation.model import score_model
from tagger.evaluation.raw_scores import evaluate_raw
from tagger.evaluation.raw_text import RawText
from tagger.inference.decoding import Transitions
from tagger.inference.export import export
from tagger.inference.folder import (
    FORMAT,
    NORMALISATION,
    Description,
    Head,
    ModelFiles,
    write_folder,
)
from tagger.inference.pipeline import Tagger
from tagger.inference.records import CorpusRecord
from tagger.network.model import Network
from tagger.training.build import head_kind
from tagger.training.card import model_card
from tagger.training.data import TrainingData
from tagger.training.language_inputs import tunable
from tagger.training.loop import Training

TABULATED_FORMS = 500  # two tokens in three of running English text; more start no faster
TABULATED_BYTES = 1_500_000  # which with a language model, or many units, are reached before


def write_model(
    training: Training,
    folder: Path,
    *,
    records: Sequence[CorpusRecord],
    command: str,
    segmenter: ModelFiles | None = None,
    raw_dev: RawText | None = None,
) -> Description:
    """Writes the best averaged weights of a training as a model folder and says what it is.

    The scores on dev are those of the exported graphs: of what predict will run. Those on raw text
    need a segmenter and the gold raw text of dev.
    """
    files = model_files(training, records=records, command=command, tabulated=_tabulated(training))
    with TemporaryDirectory() as scratch:
        write_folder(Path(scratch) / "model", files, segmenter)
        tagger = Tagger(Path(scratch) / "model")
        data = training.data
        scores = score_model(tagger.tag_sentences, data.tasks, tagger.is_known, data.dev)
        raw_scores = evaluate_raw(tagger.tag, data.tasks, raw_dev) if raw_dev else []
    description = msgspec.structs.replace(
        files.description, scores=tuple(scores), raw_scores=tuple(raw_scores)
    )
    card = model_card(description, folder.name)
    files = msgspec.structs.replace(files, description=description, card=card)
    write_folder(folder, files, segmenter)
    return description


def _tabulated(training: Training) -> int:
    """How many forms are computed in advance."""
    reader, settings = training.data.language_model, training.settings
    units = settings.encoder.hidden_size + (0 if reader is None else reader.table_units)
    bytes_per_form = 2 * 4 * units * (2 if settings.precision == "int8" else 4)
    return min(TABULATED_FORMS, TABULATED_BYTES // bytes_per_form)


def model_files(
    training: Training, *, records: Sequence[CorpusRecord], command: str, tabulated: int
) -> ModelFiles:
    """The best averaged weights, exported and described, without scores and card.

    So many of the commonest forms are computed in advance.
    """
    data, reader = training.data, training.data.language_model
    network = training.best_network()
    weights = weights_of(network, data)
    description = _describe(training, network, records, command)
    exported = export(
        weights,
        tasks=[task.name for task in data.tasks],
        vocabularies=data.vocabularies,
        forms=commonest_forms(data, tabulated),
        precision=description.precision,
        transformer=description.transformer or None,
    )
    return ModelFiles(
        description=description,
        vocabularies=data.vocabularies,
        graphs=exported.graphs,
        forms=exported.forms,
        table=exported.table,
        weights=weights,
        metrics=training.state.history,
        tokenizer=b"" if data.transformer is None else data.transformer.tokenizer,
        characters=() if reader is None else reader.characters,
    )


def weights_of(network: Network, data: TrainingData) -> dict[str, NDArray[Any]]:
    """All arrays by their names: what was learned, pretrained vectors, the language model."""
    found = {**network.state_dict(), **dict(network.words.named_buffers("words"))}
    arrays = {name: np.ascontiguousarray(array.cpu().numpy()) for name, array in found.items()}
    reader = data.language_model
    if reader is None:
        return arrays
    tuned = network.lm
    return arrays | (reader.weights() if tuned is None else tunable(reader).weights(tuned))


def _describe(
    training: Training,
    network: Network,
    records: Sequence[CorpusRecord],
    command: str,
) -> Description:
    """All but the scores; settings of vectors and of a language model where there are such."""
    settings, pretrained = training.settings, training.data.pretrained
    tables = msgspec.to_builtins(settings)
    if pretrained is None:
        del tables["vectors"]
    reader = training.data.language_model
    if reader is None:
        del tables["language_model"]
    if training.data.distilled is None:
        del tables["distillation"]
    transformer = training.data.transformer
    if transformer is None:
        del tables["transformer"]
    heads = tuple(
        Head(
            task=task,
            kind=head_kind(settings, task),
            **_lists(network.head(task.name).transitions()),
        )
        for task in training.data.tasks
    )
    return Description(
        format=FORMAT,
        tagger_version=__version__,
        heads=heads,
        precision=settings.precision,
        num_words=len(training.data.vocabularies.words),
        num_weights=sum(weight.numel() for weight in network.state_dict().values()),
        normalisation=NORMALISATION,
        seed=settings.seed,
        settings=tables,
        data=tuple(records),
        vectors=msgspec.UNSET if pretrained is None else pretrained.record,
        language_model=msgspec.UNSET if reader is None else reader.record,
        distillation=training.data.distilled or msgspec.UNSET,
        transformer=msgspec.UNSET if transformer is None else transformer.record,
        command=command,
        epoch=training.state.best_epoch + 1,
    )


def commonest_forms(data: TrainingData, number: int) -> list[str]:
    """Up to so many forms of the training split, the most frequent first."""
    counts = np.bincount(np.concatenate([sentence.forms for sentence in data.train]))
    forms = list(data.train_lexicon.ids)
    order = np.argsort(-counts, kind="stable")[:number]
    return [forms[i] for i in order]


def _lists(transitions: Transitions) -> dict[str, Any]:
    """A chain's scores as plain lists."""
    return {name: getattr(transitions, name).tolist() for name in ("start", "between", "end")}
