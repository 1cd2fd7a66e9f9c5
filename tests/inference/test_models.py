"""Models by name: which folders are looked through, and in which order."""

import sys
from pathlib import Path

import pytest

from tagger.errors import ModelError
from tagger.inference import models
from tagger.inference.models import find_model, model_places, models_at_hand, user_data


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `here` to work in, `data` of the user and `package`, all without models."""
    for name in ("here", "data", "package/tagger"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(models, "_package", tmp_path / "package" / "tagger")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def put(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir(parents=True)
    (folder / "model.json").write_bytes(b"{}")
    return folder


def places_of(home: Path) -> list[Path]:
    package = home / "package"
    places = [home / "here", home / "data" / "tagger", package / "tagger", package]
    return [place / "models" for place in places]


def test_each_place_is_looked_through_and_the_first_wins(home: Path) -> None:
    for place in reversed(places_of(home)):
        folder = put(place, "en")
        assert find_model("en").resolve() == folder
        assert find_model(Path("en")).resolve() == folder


def test_the_default_is_english(home: Path) -> None:
    folder = put(home / "here" / "models", "en")
    assert find_model().resolve() == folder


def test_a_path_comes_before_any_place(home: Path) -> None:
    put(home / "here" / "models", "en")
    (home / "here" / "en").mkdir()
    assert find_model("en") == Path("en")
    assert find_model("./en") == Path("en")
    assert find_model("models/en") == Path("models/en")


def test_a_path_that_does_not_exist_is_looked_for_nowhere(home: Path) -> None:
    put(home / "here" / "models", "en")
    assert find_model("other/en") == Path("other/en")
    assert find_model(home / "en") == home / "en"


def test_an_unknown_name_names_the_places_that_there_are(home: Path) -> None:
    with pytest.raises(ModelError) as caught:
        find_model("en")
    assert str(caught.value) == "en: not a tagger model: no such folder"
    put(home / "here" / "models", "de")
    put(home / "data" / "tagger" / "models", "fr")
    with pytest.raises(ModelError) as caught:
        find_model("en")
    expected = f"nor in models, nor in {home / 'data' / 'tagger' / 'models'}"
    assert str(caught.value) == f"en: not a tagger model: no such folder, {expected}"


def test_a_folder_without_a_description_is_passed_over(home: Path) -> None:
    (home / "here" / "models" / "en").mkdir(parents=True)
    folder = put(home / "data" / "tagger" / "models", "en")
    assert find_model("en") == folder


def test_places_that_do_not_exist_are_none(home: Path) -> None:
    assert model_places() == []
    put(home / "package" / "models", "en")
    assert model_places() == [home / "package" / "models"]


def test_all_models_are_listed_once_in_the_order_in_which_they_are_found(home: Path) -> None:
    here, data, package, checkout = places_of(home)
    put(checkout, "en")
    put(checkout, "nl")
    second = put(data, "en")
    first = put(here, "de")
    (here / "empty").mkdir()
    (here / "README.md").touch()
    put(package, "de")
    found = [folder.resolve() for folder in models_at_hand()]
    assert found == [first, second, checkout / "nl"]


@pytest.mark.parametrize("value", ["", None])
def test_without_xdg_data_home_it_is_the_usual_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME")
    if value is not None:
        monkeypatch.setenv("XDG_DATA_HOME", value)
    monkeypatch.setattr(Path, "home", lambda: home)
    assert user_data() == home / ".local" / "share" / "tagger"


def test_other_systems_have_their_own_custom(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert user_data() == home / "Library" / "Application Support" / "tagger"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert user_data() == home / "AppData" / "Local" / "tagger"
    monkeypatch.setenv("LOCALAPPDATA", str(home / "local"))
    assert user_data() == home / "local" / "tagger"
