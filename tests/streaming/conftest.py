"""A model that has something to show, and chunks that are small enough to be many."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tagger.streaming import parts, results
from tagger.streaming.kinds import InputKind
from tests.streaming.running import make_eager


@pytest.fixture(scope="session")
def model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that finds spans."""
    return make_eager(tiny_model, tmp_path_factory.mktemp("eager") / "model")


@pytest.fixture
def chunks_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`chunks_of(100)`: every chunk has hardly more bytes, and workers begin with the second."""

    def split(size: int) -> None:
        monkeypatch.setattr(parts, "CHUNK_BYTES", {InputKind.CONLL: size})
        monkeypatch.setattr(parts, "TEXT_CHUNK_BYTES", size)
        monkeypatch.setattr(results, "PARTS_ALONE", 1)

    return split
