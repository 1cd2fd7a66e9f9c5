"""Texts for tiny language models: sentences of a small grammar, and what is made of them."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tagger.inference.records import CorpusRecord
from tagger.sentence import Sentence
from tagger.text.rules import segment
from tagger.training import token_files
from tagger.training.language_data import LanguageData, prepare_language_data
from tagger.training.language_settings import LanguageModelSettings
from tagger.training.pretraining import Pretraining
from tagger.training.settings import convert_settings
from tagger.training.token_files import TokenFiles, open_token_files, write_token_files

NAMES = "Ann Bob Eve Leo Mia Tom Zoe Ken".split()
NOUNS = "dog cat bird horse fish mouse".split()
VERBS = "sees hears likes follows".split()
TINY_LANGUAGE: dict[str, Any] = {
    "precision": "fp32",
    "words": {"size": 8, "min_count": 1, "dropout": 0.1},
    "characters": {"size": 4, "filters": 4, "widths": [2, 3]},
    "affixes": {"size": 4, "min_count": 1},
    "hidden_size": 12,
    "projection_size": 8,
    "cutoffs": [8, 20],
    "lanes": 4,
    "window": 8,
    "learning_rate": 0.02,
    "reports": 4,
}
TINY_TOML = """
precision = "fp32"
hidden_size = 12
projection_size = 8
cutoffs = [8, 20]
lanes = 16
window = 16
learning_rate = 0.02
reports = 3
[words]
size = 8
[characters]
size = 4
filters = 4
widths = [3]
[affixes]
size = 4
"""


def lines(number: int, seed: int = 1) -> list[str]:
    """So many sentences of the grammar, mostly different, as text."""
    pick = random.Random(seed)
    found = []
    for _ in range(number):
        name, verb, noun = pick.choice(NAMES), pick.choice(VERBS), pick.choice(NOUNS)
        found.append(
            pick.choice(
                (
                    f"{name} {verb} the {noun}.",
                    f"The {noun}, the {pick.choice(NOUNS)} and {name} wait.",
                    f'{name} says: "The {noun} {verb} ({name})."',
                    f"In {pick.randint(1900, 1999)} {name} bought a {noun} for $5.",
                )
            )
        )
    return found


def text(number: int, seed: int = 1) -> str:
    """The same, one a line."""
    return "".join(f"{line}\n" for line in lines(number, seed))


def cut(number: int, seed: int = 1) -> list[Sentence]:
    """The same, cut into tokens, with offsets."""
    found, start = [], 0
    for line in lines(number, seed):
        found += segment(line, start)
        start += len(line) + 1
    return found


def write_small(
    folder: Path, sentences: Iterable[Sentence], passage: int = 30, held_out: int = 5
) -> TokenFiles:
    """Token files of a text for which the usual passages are too long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_files, "PASSAGE_TOKENS", passage)
        patch.setattr(token_files, "HELD_OUT", held_out)
        write_token_files(folder, sentences, lambda tokens: None)
    return open_token_files(folder)


def language_settings(**changed: Any) -> LanguageModelSettings:
    """Settings of a language model of a few thousand weights; each may be another."""
    return convert_settings({**TINY_LANGUAGE, **changed}, LanguageModelSettings, "tests")


def language_data(folder: Path, number: int = 150, **changed: Any) -> LanguageData:
    """What such a model reads of so many sentences."""
    return prepare_language_data(write_small(folder, cut(number)), language_settings(**changed))


def pretrained(data: LanguageData, **changed: Any) -> Pretraining:
    """A training that has run."""
    training = Pretraining(data, language_settings(**changed))
    for _ in training.run():
        pass
    return training


def write_language(training: Pretraining, folder: Path) -> Path:
    """Its folder, which cuts text by rules."""
    from tagger.training.language_files import write_language_model

    record = CorpusRecord(split="train", name="a.txt", sha256="0" * 64, sentences=0, tokens=0)
    write_language_model(
        training, folder, records=[record], command="tagger pretrain a.txt", segmenter="rules"
    )
    return folder
