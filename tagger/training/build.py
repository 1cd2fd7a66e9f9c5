"""Settings and vocabularies to a network with fresh weights."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from tagger.errors import ModelError, shortened
from tagger.inference.decoding import legal_transitions
from tagger.inference.language_folder import CharacterFiles, LanguageFiles, WordFiles
from tagger.inference.pretrained import Pretrained
from tagger.network.character_model import CharacterModel
from tagger.network.heads import HEADS, CRFHead, HeadKind, SoftmaxHead
from tagger.network.language_encoder import LanguageEncoder
from tagger.network.language_model import LanguageModel
from tagger.network.lstm import BiLSTM
from tagger.network.model import Network, StateProjection
from tagger.network.transformer import Transformer, TransformerSizes
from tagger.network.words import CharacterCNN, CharacterLSTM, PretrainedVectors, WordEncoder
from tagger.tasks import Task
from tagger.training.language_settings import CharacterModelSettings, LanguageModelSettings
from tagger.training.settings import (
    Characters,
    Settings,
    TransformerStates,
    Vectors,
    convert_settings,
)
from tagger.vocabulary import Vocabularies

Built = TypeVar("Built", bound=nn.Module)


def build_network(
    settings: Settings,
    tasks: tuple[Task, ...],
    vocabularies: Vocabularies,
    pretrained: Pretrained | None = None,
    language_sizes: tuple[int, int] | None = None,
    transformer_sizes: TransformerSizes | None = None,
    tuned: LanguageEncoder | None = None,
) -> Network:
    """A network of the sizes that settings, tasks and vocabularies ask for.

    With a language model `language_sizes` are those of its vectors and of its states; `tuned` is
    itself where it becomes a part of the network. A transformer of `transformer_sizes` is there in
    shape alone, its weights are not set.
    """
    words = _words(
        settings,
        vocabularies,
        None if pretrained is None else _vectors(pretrained, settings.vectors),
    )
    projection, transformer, input_size = None, None, words.output_size
    if language_sizes is not None:
        own = settings.language_model
        vector_size, state_size = language_sizes
        projection = StateProjection(input_size=state_size, size=own.size, dropout=own.dropout)
        input_size += vector_size + own.size
    elif transformer_sizes is not None:
        transformer = _transformer(transformer_sizes, settings.transformer)
        state_size, reading = transformer_sizes.hidden_size, settings.transformer
        projection = StateProjection(
            input_size=state_size, size=reading.size, dropout=reading.dropout
        )
        input_size += reading.size
    encoder = BiLSTM(
        input_size=input_size,
        hidden_size=settings.encoder.hidden_size,
        num_layers=settings.encoder.layers,
        dropout=settings.encoder.dropout,
    )
    heads = {task.name: _head(settings, task, encoder.output_size) for task in tasks}
    return Network(
        words=words,
        encoder=encoder,
        heads=heads,
        dropout=settings.encoder.dropout,
        projection=projection,
        transformer=transformer,
        language_model=tuned,
    )


def build_language_model(
    settings: LanguageModelSettings, vocabularies: Vocabularies, num_targets: int
) -> LanguageModel:
    """A language model over words with fresh weights."""
    return LanguageModel(
        words=_words(settings, vocabularies),
        hidden_size=settings.hidden_size,
        projection_size=settings.projection_size,
        num_targets=num_targets,
        cutoffs=settings.cutoffs,
        dropout=settings.dropout,
    )


def build_character_model(settings: CharacterModelSettings, num_characters: int) -> CharacterModel:
    """A language model over characters with fresh weights."""
    return CharacterModel(
        num_characters=num_characters,
        size=settings.characters.size,
        hidden_size=settings.hidden_size,
        dropout=settings.dropout,
    )


def network_from(files: WordFiles, name: str) -> LanguageModel:
    """The network of a folder; raises ModelError that names it where weights do not fit."""
    settings = convert_settings(files.description.settings, LanguageModelSettings, name)
    return _with_weights(
        lambda: build_language_model(settings, files.vocabularies, len(files.targets)), files, name
    )


def character_network_from(files: CharacterFiles, name: str) -> CharacterModel:
    """The same of a model over characters."""
    settings = convert_settings(files.description.settings, CharacterModelSettings, name)
    return _with_weights(
        lambda: build_character_model(settings, len(files.characters)), files, name
    )


def _with_weights(build: Callable[[], Built], files: LanguageFiles, name: str) -> Built:
    """A network with the weights of a folder."""
    weights = {key: torch.from_numpy(weight).float() for key, weight in files.weights.items()}
    try:
        with torch.device("meta"):  # takes no memory before the sizes are known to be true
            network = build()
        network.load_state_dict(weights, assign=True)
    except (RuntimeError, TypeError) as error:  # the latter of sizes beyond all bounds
        problem = shortened(" ".join(str(error).split()))
        raise ModelError(f"{name}: weights do not fit its settings: {problem}") from None
    return network.eval()


def _words(
    settings: Settings | LanguageModelSettings,
    vocabularies: Vocabularies,
    pretrained: PretrainedVectors | None = None,
) -> WordEncoder:
    return WordEncoder(
        num_words=len(vocabularies.words),
        size=settings.words.size,
        word_dropout=settings.words.dropout,
        characters=_characters(settings.characters, len(vocabularies.characters)),
        num_affixes=len(vocabularies.affixes),
        affix_size=settings.affixes.size,
        pretrained=pretrained,
    )


def head_kind(settings: Settings, task: Task) -> HeadKind:
    """The kind of head that the settings name for a task, else CRF for spans, softmax for tags."""
    return settings.heads.get(task.name, "softmax" if task.scheme is None else "crf")


def _head(settings: Settings, task: Task, input_size: int) -> SoftmaxHead | CRFHead:
    head = HEADS[head_kind(settings, task)]
    return head(input_size=input_size, legal=legal_transitions(task.tags, task.scheme))


def _transformer(sizes: TransformerSizes, settings: TransformerStates) -> Transformer:
    with torch.device("meta"):  # draws no random numbers for what is replaced at once
        transformer = Transformer(sizes, precision=settings.precision)
    return transformer.to_empty(device="cpu")


def _vectors(pretrained: Pretrained, settings: Vectors) -> PretrainedVectors:
    return PretrainedVectors(
        values=torch.from_numpy(pretrained.values),
        scales=torch.from_numpy(pretrained.scales),
        dropout=settings.dropout,
    )


def _characters(settings: Characters, num_characters: int) -> CharacterCNN | CharacterLSTM:
    if settings.kind == "lstm":
        return CharacterLSTM(
            num_characters=num_characters,
            size=settings.size,
            hidden_size=settings.hidden_size,
        )
    return CharacterCNN(
        num_characters=num_characters,
        size=settings.size,
        filters=settings.filters,
        widths=settings.widths,
    )
