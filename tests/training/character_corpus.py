"""Tiny language models over characters of the texts in `language_corpus`."""

from pathlib import Path
from typing import Any

from tagger.inference.records import LanguageModelRecord
from tagger.training.character_data import CharacterData, prepare_character_data
from tagger.training.language_settings import CharacterModelSettings
from tagger.training.pretraining import Pretraining
from tagger.training.settings import convert_settings
from tests.training.language_corpus import cut, write_small

TINY_CHARACTERS: dict[str, Any] = {
    "kind": "characters",
    "precision": "fp32",
    "characters": {"size": 8},
    "hidden_size": 24,
    "lanes": 4,
    "window": 32,
    "learning_rate": 0.02,
    "reports": 4,
}
CHARACTER_RECORD = LanguageModelRecord(
    name="lm",
    sha256="0" * 64,
    hidden_size=24,
    tokens=1000,
    perplexity=4.0,
    kind="characters",
)
CHARACTER_TOML = """
kind = "characters"
precision = "fp32"
hidden_size = 24
lanes = 4
window = 32
learning_rate = 0.02
reports = 3
[characters]
size = 8
"""


def character_settings(**changed: Any) -> CharacterModelSettings:
    """Settings of a language model of a few thousand weights; each may be another."""
    return convert_settings({**TINY_CHARACTERS, **changed}, CharacterModelSettings, "tests")


def character_data(folder: Path, number: int = 150, **changed: Any) -> CharacterData:
    """What such a model reads of so many sentences."""
    files = write_small(folder, cut(number))
    return prepare_character_data(files, character_settings(**changed), folder)


def spelling_model(data: CharacterData, **changed: Any) -> Pretraining:
    """A training that has run."""
    training = Pretraining(data, character_settings(**changed))
    for _ in training.run():
        pass
    return training
