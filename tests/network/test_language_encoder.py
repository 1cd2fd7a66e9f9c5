"""A language model as a part of a network: each sentence from the boundary, in both directions."""

import pytest
import torch
from torch import Tensor

from tagger.network.language_encoder import FormIds, LanguageEncoder
from tagger.network.lstm import LSTMWeights, run_lstm
from tests.network.test_language_model import make_model

ROWS = torch.tensor([[0, 2, 1, 3], [3, 0, 0, 0]])
LENGTHS = torch.tensor([4, 1])
NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def forms() -> FormIds:
    """The boundary and four forms."""
    generator = torch.Generator().manual_seed(5)
    words, characters, affixes = (
        torch.randint(1, 6, shape, generator=generator) for shape in ((5,), (5, 7), (5, 3))
    )
    return FormIds(words, characters, affixes)


def walked(encoder: LanguageEncoder, rows: list[int], *, backward: bool) -> Tensor:
    """The states behind the boundary, by the written-out cell. Shape: (length, hidden_size)."""
    lstm = encoder.directions[backward].lstm
    order = [0, *(row + 1 for row in (rows[::-1] if backward else rows))]
    inputs = encoder.words.of_forms(*forms())[order].unsqueeze(0)
    gates = run_lstm(inputs, LSTMWeights(*(getattr(lstm, name) for name in NAMES)))
    states = torch.cat([step.hidden for step in gates[1:]])
    return states.flip(0) if backward else states


@torch.no_grad()
def test_states_are_those_of_the_written_out_cell_from_the_boundary_on() -> None:
    encoder = LanguageEncoder(make_model()).eval()
    vectors, states = encoder(forms(), ROWS, LENGTHS)
    assert vectors.shape == (2, 4, encoder.vector_size)
    assert states.shape == (2, 4, encoder.state_size)
    for row, ids in enumerate([[0, 2, 1, 3], [3]]):
        ahead = walked(encoder, ids, backward=False)
        back = walked(encoder, ids, backward=True)
        assert torch.allclose(states[row, : len(ids)], torch.cat([ahead, back], 1), atol=1e-6)


def test_the_loss_of_a_state_reaches_words_boundary_and_both_lstms() -> None:
    encoder = LanguageEncoder(make_model()).eval()
    _, states = encoder(forms(), ROWS[1:], LENGTHS[1:])
    states[0, 0].sum().backward()
    grads = [weight.grad for weight in encoder.parameters()]
    assert all(grad is not None and grad.any() for grad in grads)
    ids = forms().words
    assert encoder.words.embedding.weight.grad is not None
    assert encoder.words.embedding.weight.grad[ids[0]].any(), "the boundary's vector"


def test_the_softmax_and_its_projection_stay_behind() -> None:
    encoder = LanguageEncoder(make_model())
    parts = ("words.", "forward_model.lstm.", "backward_model.lstm.")
    assert all(name.startswith(parts) for name in encoder.state_dict())
    assert set(encoder.state_dict()) < set(make_model().state_dict())


@pytest.mark.parametrize("is_training", [True, False])
def test_what_the_lstms_read_is_dropped_in_training_alone(is_training: bool) -> None:
    encoder = LanguageEncoder(make_model(dropout=0.5)).train(is_training)
    encoder.words.word_dropout.rate = 0.0
    (vectors, states), (again, others) = (encoder(forms(), ROWS, LENGTHS) for _ in range(2))
    assert torch.equal(states, others) is not is_training
    assert torch.equal(vectors, again), "what the tagger reads of a form has the tagger's dropout"
