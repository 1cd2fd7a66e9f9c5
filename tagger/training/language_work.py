"""What is done for each kind of language model: the one place that tells them apart."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch

from tagger.inference.records import LanguageModelRecord
from tagger.training.character_data import prepare_character_data
from tagger.training.character_generation import CharacterTextModel
from tagger.training.character_inputs import CharacterReader
from tagger.training.generation import TextModel
from tagger.training.language_data import prepare_language_data
from tagger.training.language_inputs import LanguageReader, WordReader
from tagger.training.pretraining import Text
from tagger.training.token_files import TokenFiles


class LanguageWork(msgspec.Struct, frozen=True):
    """`prepare` makes a text ready for pretraining, with a folder for files of its own.

    With what is in the model's folder `reader` reads sentences for a tagger, and `text_model`, on a
    device, writes and scores text; `in_training` does with what was prepared and the network.
    """

    prepare: Callable[[TokenFiles, Any, Path], Text]
    reader: Callable[[Any, LanguageModelRecord], LanguageReader]
    text_model: Callable[[Any, str, torch.device], TextModel | CharacterTextModel]
    in_training: Callable[[Any, Any], TextModel | CharacterTextModel]


def language_work(kind: str) -> LanguageWork:
    """What is done for a kind, by its name."""
    return _WORK[kind]


_WORK: Mapping[str, LanguageWork] = {
    "words": LanguageWork(
        prepare=lambda files, settings, folder: prepare_language_data(files, settings),
        reader=WordReader,
        text_model=TextModel.read,
        in_training=TextModel,
    ),
    "characters": LanguageWork(
        prepare=prepare_character_data,
        reader=CharacterReader,
        text_model=CharacterTextModel.read,
        in_training=CharacterTextModel,
    ),
}
