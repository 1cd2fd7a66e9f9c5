"""Two LSTMs over a text: what each reads, what it carries on, and that lanes are apart."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from tagger.network.language_model import LanguageModel, State, Window
from tagger.network.lstm import LSTMWeights, run_lstm
from tagger.training.build import build_language_model
from tagger.vocabulary import Vocabularies, Vocabulary
from tests.training.language_corpus import language_settings

FORMS, LANES, TARGETS = 6, 3, 30
KNOWN = Vocabulary.with_special("abcd")


def make_model(dropout: float = 0.0) -> LanguageModel:
    """Every weight random."""
    settings = language_settings(dropout=dropout)
    model = build_language_model(settings, Vocabularies(KNOWN, KNOWN, KNOWN), TARGETS)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.normal_(0.0, 0.4, generator=generator)
    return model.eval()


def lexical_of(model: LanguageModel) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(FORMS, model.words.output_size, generator=generator)


def windows(length: int, seed: int = 2) -> tuple[Window, Window]:
    generator = torch.Generator().manual_seed(seed)
    found = [
        Window(
            torch.randint(FORMS, (length, LANES), generator=generator),
            torch.randint(TARGETS, (length, LANES), generator=generator),
        )
        for _ in range(2)
    ]
    return found[0], found[1]


def part(whole: tuple[Window, Window], rows: slice, lanes: slice) -> tuple[Window, Window]:
    first, second = (Window(w.forms[rows, lanes], w.targets[rows, lanes]) for w in whole)
    return first, second


def nothing(model: LanguageModel, lanes: int = LANES) -> tuple[State, State]:
    return model.no_state(lanes), model.no_state(lanes)


ALL = slice(None)


@pytest.mark.parametrize("lengths", [(4, 3), (1, 6), (2, 2, 3)])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_windows_one_after_the_other_are_as_one_long_window(
    lengths: tuple[int, ...], dropout: float
) -> None:
    model = make_model(dropout)
    lexical, whole = lexical_of(model), windows(sum(lengths))
    expected, expected_states = model.losses(lexical, whole, nothing(model))
    found, states = [0.0, 0.0], nothing(model)
    ends = [sum(lengths[:i]) for i in range(len(lengths) + 1)]
    for start, end in pairwise(ends):
        of_part = part(whole, slice(start, end), ALL)
        losses, states = model.losses(lexical, of_part, states)
        found = [total + loss.item() for total, loss in zip(found, losses, strict=True)]
    assert found == pytest.approx([loss.item() for loss in expected], rel=1e-5)
    for state, expected_state in zip(states, expected_states, strict=True):
        assert torch.allclose(state.hidden, expected_state.hidden, atol=1e-6)
        assert torch.allclose(state.memory, expected_state.memory, atol=1e-6)


def test_losses_are_those_of_the_written_out_lstm() -> None:
    model = make_model()
    lexical, (forward, backward) = lexical_of(model), windows(5)
    found, states = model.losses(lexical, (forward, backward), nothing(model))
    pairs = ((model.forward_model, forward), (model.backward_model, backward))
    for i, (directed, window) in enumerate(pairs):
        lstm = directed.lstm
        weights = LSTMWeights(
            lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, lstm.bias_hh_l0
        )
        steps = run_lstm(lexical[window.forms].transpose(0, 1), weights)
        loss = 0.0
        for step, targets in zip(steps, window.targets, strict=True):
            told = model.softmax.log_probabilities(directed.projection(step.hidden))
            loss -= told.gather(1, targets[:, None]).sum().item()
        assert found[i].item() == pytest.approx(loss, rel=1e-5)
        assert torch.allclose(states[i].hidden, steps[-1].hidden, atol=1e-5)
        assert torch.allclose(states[i].memory, steps[-1].memory, atol=1e-5)


def test_lanes_do_not_see_each_other() -> None:
    model = make_model()
    lexical, whole = lexical_of(model), windows(6)
    together, states = model.losses(lexical, whole, nothing(model))
    sums = [0.0, 0.0]
    for lane in range(LANES):
        own = slice(lane, lane + 1)
        losses, after = model.losses(lexical, part(whole, ALL, own), nothing(model, lanes=1))
        sums = [total + loss.item() for total, loss in zip(sums, losses, strict=True)]
        for state, of_lane in zip(states, after, strict=True):
            assert torch.allclose(state.hidden[own], of_lane.hidden, atol=1e-6)
    assert sums == pytest.approx([loss.item() for loss in together], rel=1e-5)


def test_a_direction_learns_nothing_from_the_others_window() -> None:
    model = make_model()
    lexical, whole = lexical_of(model), windows(4)
    other = windows(4, seed=9)
    losses, _ = model.losses(lexical, whole, nothing(model))
    changed, _ = model.losses(lexical, (whole[0], other[1]), nothing(model))
    assert changed[0].item() == losses[0].item()
    assert changed[1].item() != losses[1].item()
    losses[0].backward()
    assert model.forward_model.lstm.weight_ih_l0.grad is not None
    assert model.backward_model.lstm.weight_ih_l0.grad is None


def test_no_gradient_goes_back_into_the_window_before() -> None:
    model = make_model()
    lexical = lexical_of(model).requires_grad_()
    _, states = model.losses(lexical, windows(4), nothing(model))
    assert not any(part.requires_grad for state in states for part in state)


def test_dropout_is_for_training() -> None:
    model = make_model(dropout=0.5)
    lexical, whole = lexical_of(model), windows(4)
    once, again = (model.losses(lexical, whole, nothing(model))[0] for _ in range(2))
    assert once[0].item() == again[0].item()
    model.train()
    once, again = (model.losses(lexical, whole, nothing(model))[0] for _ in range(2))
    assert once[0].item() != again[0].item()
