"""The task of benchmarks/long_memory.py asks for what its sequences say, and its LSTM is ours."""

import pytest
import torch

from benchmarks.long_memory import DELAYS, PRELUDE, SYMBOLS, Net, gradients, sequences


@pytest.mark.parametrize("kinds", [1, 3])
def test_the_last_symbol_of_each_kind_is_asked_for_and_lies_the_delay_back(kinds: int) -> None:
    source = torch.Generator().manual_seed(1)
    inputs, targets = sequences(50, delay=7, kinds=kinds, source=source)
    assert inputs.shape == (PRELUDE + kinds + 7, 50, SYMBOLS + kinds)
    assert not inputs[-7:, :, SYMBOLS:].any()
    assert inputs[PRELUDE:-7, :, SYMBOLS:].sum(0).eq(1).all()
    assert inputs[:PRELUDE, :, SYMBOLS:].any()
    for sequence, asked in zip(inputs.unbind(1), targets, strict=True):
        for kind in range(kinds):
            last = sequence[:, SYMBOLS + kind].nonzero().max()
            assert sequence[last, :SYMBOLS].argmax() == asked[kind]


def test_the_lstm_begins_as_the_taggers_and_the_rnn_as_it_is_told() -> None:
    lstm = Net("lstm", "tagger", kinds=2, hidden_size=4)
    assert lstm.layer.bias_ih_l0.tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8
    identity, orthogonal = (
        Net("rnn", beginning, kinds=2, hidden_size=4).layer.weight_hh_l0
        for beginning in ("identity", "orthogonal")
    )
    assert torch.equal(identity, torch.eye(4))
    assert not torch.equal(orthogonal, torch.eye(4))
    assert torch.allclose(orthogonal @ orthogonal.T, torch.eye(4), atol=1e-6)


def test_the_gradient_is_a_share_of_that_at_delay_1() -> None:
    torch.manual_seed(1)
    shares = gradients(Net("rnn", "orthogonal", kinds=1, hidden_size=4), kinds=1)
    assert shares[0] == 1
    assert len(shares) == 1 + len(DELAYS)
    assert shares[-1] < shares[1] < 1
