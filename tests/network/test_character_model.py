"""Two LSTMs over characters: what each reads and says, what is carried on."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from tagger.network.character_model import CharacterModel
from tagger.network.language_model import State, Window
from tagger.network.lstm import LSTMWeights, run_lstm

CHARACTERS, LANES = 7, 3


@pytest.fixture
def model() -> CharacterModel:
    """Every weight random."""
    made = CharacterModel(num_characters=CHARACTERS, size=4, hidden_size=5, dropout=0.5)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in made.parameters():
            weights.normal_(0.0, 0.4, generator=generator)
    return made.eval()


def windows(length: int) -> tuple[Window, Window]:
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(CHARACTERS, (2, length + 1, LANES), generator=generator)
    return Window(ids[0, :-1], ids[0, 1:]), Window(ids[1, :-1], ids[1, 1:])


def nothing(model: CharacterModel) -> tuple[State, State]:
    return model.no_state(LANES), model.no_state(LANES)


def test_each_direction_predicts_from_its_own_lstm_by_its_own_softmax(
    model: CharacterModel,
) -> None:
    read = windows(6)
    losses, after = model.losses(read, nothing(model))
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    for own, window, loss, state in zip(model.directions, read, losses, after, strict=True):
        weights = LSTMWeights(*(getattr(own.lstm, name) for name in names))
        steps = run_lstm(model.characters(window.forms).transpose(0, 1), weights)
        expected = sum(
            cross_entropy(own.projection(gates.hidden), targets, reduction="sum")
            for gates, targets in zip(steps, window.targets, strict=True)
        )
        assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
        assert torch.allclose(state.hidden, steps[-1].hidden, atol=1e-6)
        assert torch.allclose(state.memory, steps[-1].memory, atol=1e-6)
        assert not state.hidden.requires_grad


def test_a_text_in_two_windows_is_predicted_as_in_one(model: CharacterModel) -> None:
    whole = windows(7)
    expected, after = model.losses(whole, nothing(model))
    states, sums = nothing(model), [0.0, 0.0]
    for rows in (slice(0, 4), slice(4, 7)):
        forward, backward = (Window(w.forms[rows], w.targets[rows]) for w in whole)
        losses, states = model.losses((forward, backward), states)
        sums = [total + loss.item() for total, loss in zip(sums, losses, strict=True)]
    assert sums == pytest.approx([loss.item() for loss in expected], rel=1e-5)
    assert torch.allclose(states[1].hidden, after[1].hidden, atol=1e-6)


def test_dropout_is_before_both_the_lstm_and_the_softmax(model: CharacterModel) -> None:
    read = windows(5)
    usual, _ = model.losses(read, nothing(model))
    model.train()
    model.dropout.p = 1.0
    losses, after = model.losses(read, nothing(model))
    none = CharacterModel(num_characters=CHARACTERS, size=4, hidden_size=5, dropout=0.0)
    none.load_state_dict(model.state_dict())
    with torch.no_grad():
        none.characters.weight.zero_()
        none.forward_model.projection.weight.zero_()
    expected, of_nothing = none.losses(read, nothing(none))
    assert losses[0].item() == pytest.approx(expected[0].item(), rel=1e-6)
    assert losses[0].item() != pytest.approx(usual[0].item(), rel=1e-3)
    assert torch.equal(after[0].hidden, of_nothing[0].hidden)
