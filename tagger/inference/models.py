"""Models by name: where they may lie, and which are at hand."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tagger.errors import ModelError
from tagger.inference.folder import DESCRIPTION

DEFAULT_MODEL = "en"
_package = Path(__file__).parent.parent


def model_places() -> list[Path]:
    """Folders of models, in the order in which they are looked through.

    `./models`, the user's data folder, what came with the package (in a checkout: its `models`).
    """
    shipped = [_package / "models", _package.parent / "models"]
    places = [Path("models"), user_data() / "models", *shipped]
    return [place for place in dict.fromkeys(places) if place.is_dir()]


def user_data() -> Path:
    """Where this user's data for tagger lie, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "tagger"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "tagger"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tagger"


def find_model(name: str | Path = DEFAULT_MODEL) -> Path:
    """The folder of a model given by path or by name; raises ModelError where there is none."""
    path = Path(name)
    if path.exists() or len(path.parts) != 1:
        return path
    places = model_places()
    for place in places:
        if (place / path / DESCRIPTION).is_file():
            return place / path
    looked = "".join(f", nor in {place}" for place in places)
    raise ModelError(f"{name}: not a tagger model: no such folder{looked}")


def models_at_hand() -> Iterator[Path]:
    """The model folders in all places; of two with the same name the one that is found first."""
    seen: set[str] = set()
    for place in model_places():
        for folder in sorted(place.iterdir()):
            if (folder / DESCRIPTION).is_file() and folder.name not in seen:
                seen.add(folder.name)
                yield folder
