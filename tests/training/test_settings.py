"""Settings: what a TOML file may say, and what is answered to what it may not."""

from pathlib import Path
from typing import Any

import pytest

from tagger.errors import SettingsError
from tagger.training.settings import Settings, load_tables, settings_from


def test_nothing_said_gives_the_defaults() -> None:
    assert settings_from({}) == Settings()
    assert settings_from({"words": {}}) == Settings()


def test_what_a_file_says_is_set_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "ä.toml"
    path.write_text(
        "seed = 7\n"
        'heads = { ner = "softmax" }\n'
        "[characters]\n"
        'kind = "lstm"  # ä\n'
        "widths = [2, 4]\n"
        "[optimisation]\n"
        "learning_rate = 1\n"
        "patience = 3\n",
        encoding="utf-8",
    )
    settings = settings_from(load_tables(path), str(path))
    assert settings.seed == 7
    assert settings.heads == {"ner": "softmax"}
    assert (settings.characters.kind, settings.characters.widths) == ("lstm", (2, 4))
    assert (settings.optimisation.learning_rate, settings.optimisation.patience) == (1.0, 3)
    assert settings.characters.size == Settings().characters.size
    assert settings.words == Settings().words


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().seed = 2  # type: ignore[misc]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"sed": 3}, "unknown key 'sed' (did you mean seed?)"),
    ({"words": {"szie": 1}}, "words: unknown key 'szie' (did you mean size?)"),
    ({"encoder": {"hidden": 1}}, "encoder: unknown key 'hidden' (did you mean hidden_size?)"),
    ({"zzzz": {}}, "unknown key 'zzzz'"),
    ({"words": {"size": "Big"}}, "words.size: expected `int`, got `str`"),
    ({"words": {"size": 1.5}}, "words.size: expected `int`, got `float`"),
    ({"vectors": {"kep": 3}}, "vectors: unknown key 'kep' (did you mean keep?)"),
    ({"vectors": {"keep": -1}}, "vectors.keep: expected `int` >= 0"),
    ({"words": 3}, "words: expected `object`, got `int`"),
    ({"seed": True}, "seed: expected `int`, got `bool`"),
    ({"seed": -1}, "seed: expected `int` >= 0"),
    ({"threads": 0}, "threads: expected `int` >= 1"),
    ({"words": {"size": 0}}, "words.size: expected `int` >= 1"),
    ({"words": {"dropout": 1.0}}, "words.dropout: expected `float` < 1.0"),
    ({"words": {"dropout": float("nan")}}, "words.dropout: expected `float` >= 0.0"),
    ({"encoder": {"dropout": -0.1}}, "encoder.dropout: expected `float` >= 0.0"),
    (
        {"optimisation": {"learning_rate": 0.0}},
        "optimisation.learning_rate: expected `float` > 0.0",
    ),
    ({"characters": {"kind": "GRU"}}, "characters.kind: invalid enum value 'GRU'"),
    ({"characters": {"widths": [3, 0]}}, "characters.widths[1]: expected `int` >= 1"),
    ({"characters": {"widths": []}}, "characters.widths: expected `array` of length >= 1"),
    ({"heads": {"upos": "CFR"}}, "heads[...]: invalid enum value 'CFR'"),
]


@pytest.mark.parametrize(("tables", "message"), WRONG, ids=lambda x: x if type(x) is str else "")
def test_what_cannot_be_is_named_with_its_place(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from(tables, "a.toml")
    assert str(caught.value) == f"a.toml: {message}"


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("seed = 1\nwords = = 2", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"expected TOML: .*line 2") as caught:
        load_tables(path)
    assert str(caught.value).startswith(f"{path}: expected TOML: ")


def test_a_file_that_is_no_utf8_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "latin1.toml"
    path.write_bytes(b"# \xe4\n")
    with pytest.raises(SettingsError, match=r"latin1\.toml: expected TOML: "):
        load_tables(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_tables(tmp_path / "none.toml")
    assert str(caught.value) == f"{tmp_path}/none.toml: cannot be read: No such file or directory"
