"""A character model's training: it learns, it repeats itself, it goes on where it was stopped."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tagger.network.language_model import Window
from tagger.training.character_data import CharacterData
from tagger.training.loop import DivergedError
from tagger.training.pretraining import Pretraining, score_language_model
from tests.training.character_corpus import character_data, character_settings, spelling_model
from tests.training.test_device import DevicesNamed
from tests.training.test_pretraining import (
    assert_same,
    run_steps,
    run_to_the_end,
    saved_and_loaded,
)

SHORT: dict[str, Any] = {"epochs": 0.3, "dropout": 0.3, "forget": 0.4}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> CharacterData:
    return character_data(tmp_path_factory.mktemp("data"))


def fresh(data: CharacterData, **changed: Any) -> Pretraining:
    return Pretraining(data, character_settings(**SHORT | changed))


def test_a_simple_text_is_learned(data: CharacterData) -> None:
    history = spelling_model(data, epochs=12.0).state.history
    for direction in ("forward", "backward"):
        held_out = [math.log2(report["held_out"][direction]) for report in history]
        assert held_out[-1] < held_out[0] / 1.3
        assert held_out[-1] < math.log2(len(data.characters)) / 3, "bits per character"


def test_scoring_predicts_each_held_out_character_once_in_each_direction(
    data: CharacterData,
) -> None:
    network = fresh(data).state.network.eval()
    found = score_language_model(network, data.dev, data)
    ids = torch.from_numpy(np.asarray(data.dev).astype(np.int64))
    assert found.tokens == len(ids) - 1
    with torch.no_grad():
        whole = [Window(of[:-1, None], of[1:, None]) for of in (ids, ids.flip(0))]
        none = network.no_state(1)
        losses, _ = network.losses((whole[0], whole[1]), (none, none))
    lanes_cut = 0.02  # each lane but the first begins with nothing in mind
    for value, loss in zip((found.forward, found.backward), losses, strict=True):
        assert value == pytest.approx(math.exp(loss.item() / (len(ids) - 1)), rel=lanes_cut)


@pytest.mark.parametrize("number", [1, 4, 6])
def test_a_restored_training_ends_as_one_that_was_never_stopped(
    data: CharacterData, tmp_path: Path, number: int
) -> None:
    uninterrupted = spelling_model(data, **SHORT).state.as_dict()
    stopped = fresh(data)
    assert stopped.num_steps > number
    run_steps(stopped, number)
    state = saved_and_loaded(stopped, tmp_path / "a.safetensors")
    resumed = fresh(data)
    torch.rand(7)
    resumed.state.restore(state)
    run_to_the_end(resumed)
    assert_same(resumed.state.as_dict(), uninterrupted)


def test_a_loss_that_is_no_number_stops_before_it_spoils_a_weight(data: CharacterData) -> None:
    training = fresh(data)
    run_steps(training, 2)
    with torch.no_grad():
        training.state.network.forward_model.projection.bias[0] = float("inf")
    with pytest.raises(DivergedError, match=r"step 3: expected a finite loss, found (nan|inf)"):
        run_to_the_end(training)
    assert training.state.step == 2


def test_what_is_made_is_made_where_the_weights_are(data: CharacterData) -> None:
    network = fresh(data).state.network.to("meta")
    ids = np.asarray(data.train[:40]).astype(np.int64).reshape(20, 2)
    with DevicesNamed():
        none = network.no_state(2)
        (loss, _), (after, _) = data.losses(network, [ids, ids], (none, none))
    assert loss.device.type == after.hidden.device.type == "meta"
