"""Settings of a language model: what is wrong with them is said with its place."""

import re
from typing import Any

import pytest

from tagger.errors import SettingsError
from tagger.training.language_settings import (
    CharacterModelSettings,
    LanguageModelSettings,
    language_settings_from,
)
from tagger.training.settings import convert_settings


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"windw": 3}, "a.toml: unknown key 'windw' (did you mean window?)"),
        ({"words": {"sise": 3}}, "a.toml: words: unknown key 'sise' (did you mean size?)"),
        ({"encoder": {}}, "a.toml: unknown key 'encoder'"),
        ({"epochs": 0}, "a.toml: epochs: expected `float` > 0.0"),
        ({"forget": 1.0}, "a.toml: forget: expected `float` < 1.0"),
        ({"lanes": "x"}, "a.toml: lanes: expected `int`, got `str`"),
        ({"precision": "fp8"}, "a.toml: precision: invalid enum value 'fp8'"),
        ({"targets": 2}, "a.toml: targets: expected `int` >= 3"),
        ({"cutoffs": [20, 8]}, "a.toml: cutoffs: expected numbers that rise, found [20, 8]"),
        ({"cutoffs": [8, 8]}, "a.toml: cutoffs: expected numbers that rise, found [8, 8]"),
        ({"cutoffs": [0]}, "a.toml: cutoffs[0]: expected `int` >= 1"),
        ({"characters": {"most": 40_000}}, "a.toml: characters.most: expected `int` <= 30000"),
    ],
)
def test_a_wrong_setting_is_named(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(message)}"):
        convert_settings(tables, LanguageModelSettings, "a.toml")


@pytest.mark.parametrize("tables", [{"cutoffs": []}, {"epochs": 0.01}, {"words": {"most": 5}}])
def test_other_settings_are_taken(tables: dict[str, Any]) -> None:
    assert convert_settings(tables, LanguageModelSettings, "a.toml") != LanguageModelSettings()


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"kind": "letters"}, "a.toml: kind: expected words or characters, found 'letters'"),
        ({"kind": 3}, "a.toml: kind: expected words or characters, found 3"),
        (
            {"kind": "characters", "cutoffs": [3]},
            'a.toml: \'cutoffs\' is a setting of kind = "words", these are of kind = "characters"',
        ),
        (
            {"kind": "characters", "words": {}, "affixes": {}},
            "a.toml: 'affixes' is a setting of kind = \"words\"",
        ),
        (
            {"kind": "characters", "characters": {"filters": 3}},
            "a.toml: characters: unknown key 'filters'",
        ),
        ({"kind": "characters", "windw": 3}, "a.toml: unknown key 'windw' (did you mean window?)"),
        ({"cutoffs": [20, 8]}, "a.toml: cutoffs: expected numbers that rise, found [20, 8]"),
    ],
)
def test_a_setting_of_the_other_kind_is_refused(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(message)}"):
        language_settings_from(tables, "a.toml")


def test_the_kind_is_words_unless_it_is_said() -> None:
    assert language_settings_from({"seed": 2}, "a.toml") == LanguageModelSettings(seed=2)
    tables = {"kind": "characters", "lanes": 256, "window": 128, "hidden_size": 1024}
    found = language_settings_from(tables, "a.toml")
    assert found == CharacterModelSettings(lanes=256, window=128, hidden_size=1024)
