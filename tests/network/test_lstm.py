"""The LSTM: written out against torch's, and sentences that know nothing of their padding."""

import pytest
import torch
from torch import Tensor, nn

from tagger.network.lstm import BiLSTM, Gates, LSTMWeights, run_lstm

LENGTHS = torch.tensor([5, 1, 4])


@pytest.fixture
def encoder() -> BiLSTM:
    torch.manual_seed(1)
    encoder = BiLSTM(input_size=3, hidden_size=4, num_layers=2, dropout=0.5).double().eval()
    for parameter in encoder.parameters():
        nn.init.normal_(parameter, std=0.5)
    return encoder


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(3, 5, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def weights_of(lstm: nn.LSTM, suffix: str = "") -> LSTMWeights:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return LSTMWeights(*(getattr(lstm, f"{name}_l0{suffix}") for name in names))


def hidden_states(steps: list[Gates]) -> Tensor:
    return torch.stack([gates.hidden for gates in steps], dim=1)


@pytest.mark.parametrize("suffix", ["", "_reverse"])
def test_the_written_out_lstm_equals_torchs(inputs: Tensor, suffix: str) -> None:
    torch.manual_seed(3)
    lstm = nn.LSTM(3, 4, batch_first=True, bidirectional=True).double()
    states, (_, memory) = lstm(inputs)
    if suffix:
        steps = run_lstm(inputs.flip(1), weights_of(lstm, suffix))
        assert torch.allclose(hidden_states(steps).flip(1), states[..., 4:], atol=1e-12)
    else:
        steps = run_lstm(inputs, weights_of(lstm))
        assert torch.allclose(hidden_states(steps), states[..., :4], atol=1e-12)
    assert torch.allclose(steps[-1].memory, memory[1 if suffix else 0], atol=1e-12)


def test_the_encoder_equals_the_written_out_lstm_for_each_sentence(
    encoder: BiLSTM, inputs: Tensor
) -> None:
    found = encoder(inputs, LENGTHS)
    for i, length in enumerate(LENGTHS.tolist()):
        states = inputs[i : i + 1, :length]
        for layer in range(2):
            forward = run_lstm(states, encoder.weights_of(layer, backward=False))
            backward = run_lstm(states.flip(1), encoder.weights_of(layer, backward=True))
            states = torch.cat([hidden_states(forward), hidden_states(backward).flip(1)], dim=2)
        assert torch.allclose(found[i, :length], states[0], atol=1e-12)


def test_a_sentence_has_the_same_states_alone_and_in_a_padded_batch(
    encoder: BiLSTM, inputs: Tensor
) -> None:
    together = encoder(inputs, LENGTHS)
    padded_otherwise = inputs.clone()
    for i, length in enumerate(LENGTHS.tolist()):
        padded_otherwise[i, length:] = 99.0
    other = encoder(padded_otherwise, LENGTHS)
    for i, length in enumerate(LENGTHS.tolist()):
        alone = encoder(inputs[i : i + 1, :length], LENGTHS[i : i + 1])
        assert torch.allclose(together[i, :length], alone[0], atol=1e-12)
        assert torch.allclose(other[i, :length], alone[0], atol=1e-12)


def test_gates_stay_in_their_ranges(encoder: BiLSTM, inputs: Tensor) -> None:
    for gates in run_lstm(20 * inputs, encoder.weights_of(0, backward=False)):
        for gate in (gates.input, gates.forget, gates.output):
            assert ((gate >= 0) & (gate <= 1)).all()
        assert (gates.candidate.abs() <= 1).all()
        assert (gates.hidden.abs() <= 1).all()
        assert gates.memory.shape == gates.hidden.shape == (3, 4)


def test_the_memory_is_what_the_gates_let_through(encoder: BiLSTM, inputs: Tensor) -> None:
    first, second, *_ = run_lstm(inputs, encoder.weights_of(0, backward=True))
    expected = second.forget * first.memory + second.input * second.candidate
    assert torch.equal(second.memory, expected)
    assert torch.equal(second.hidden, second.output * expected.tanh())


@pytest.mark.parametrize("backward", [False, True])
def test_the_forget_gate_begins_open_and_recurrent_weights_orthogonal(backward: bool) -> None:
    encoder = BiLSTM(input_size=3, hidden_size=4, num_layers=2, dropout=0.0)
    for layer in range(2):
        weights = encoder.weights_of(layer, backward=backward)
        bias = (weights.input_bias + weights.hidden_bias).detach()
        assert bias.tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8
        for gate in weights.hidden.detach().chunk(4):
            assert torch.allclose(gate @ gate.T, torch.eye(4), atol=1e-6)


def test_dropout_between_layers_only_in_training(encoder: BiLSTM, inputs: Tensor) -> None:
    lengths = torch.full((3,), 5)
    assert torch.equal(encoder(inputs, lengths), encoder(inputs, lengths))
    assert not torch.equal(encoder.train()(inputs, lengths), encoder(inputs, lengths))
