"""What torch's CPU kernels keep."""

import os

import pytest

from tagger.network.kernels import keep_few_kernels
from tagger.training.pretraining import Pretraining
from tests.training.language_corpus import language_settings

NAMES = ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY")


def test_few_kernels_are_kept_unless_somebody_wants_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAMES[0], "99")
    monkeypatch.delenv(NAMES[1], raising=False)
    keep_few_kernels()
    assert [os.environ[name] for name in NAMES] == ["99", "16"]


def test_pretraining_keeps_few(
    monkeypatch: pytest.MonkeyPatch, language_training: Pretraining
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    Pretraining(language_training.data, language_settings())
    assert [os.environ[name] for name in NAMES] == ["16", "16"]
