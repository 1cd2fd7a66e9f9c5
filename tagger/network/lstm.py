"""The LSTM: its cell written out with its gates, and the fast bidirectional encoder.

The written-out cell is for reading and for looking inside; training uses torch's fused kernel,
and a test holds the two equal.

Hochreiter and Schmidhuber 1997, "Long Short-Term Memory"; forget gate: Gers, Schmidhuber and
Cummins 2000, whose bias starts at 1 (Jozefowicz, Zaremba and Sutskever 2015).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tagger.network.dropout import LockedDropout


class Gates(NamedTuple):
    """What an LSTM cell computed at one step; each of shape (batch, hidden_size).

    `input`, `forget` and `output` lie in 0..1, `candidate` in -1..1.
    """

    input: Tensor
    forget: Tensor
    candidate: Tensor
    output: Tensor
    memory: Tensor
    hidden: Tensor


def lstm_cell(step_input: Tensor, hidden: Tensor, memory: Tensor, weights: "LSTMWeights") -> Gates:
    """One step of an LSTM.

    Shapes: step_input (batch, input_size), hidden and memory (batch, hidden_size).
    """
    from_input = step_input @ weights.input.T + weights.input_bias
    from_hidden = hidden @ weights.hidden.T + weights.hidden_bias
    i, f, g, o = (from_input + from_hidden).chunk(4, dim=-1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    new_memory = f * memory + i * g
    return Gates(i, f, g, o, new_memory, o * new_memory.tanh())


class LSTMWeights(NamedTuple):
    """The weights of one direction of one layer, gates stacked in the order i, f, g, o.

    Shapes: input (4 hidden_size, input_size), hidden (4 hidden_size, hidden_size), biases
    (4 hidden_size,).
    """

    input: Tensor
    hidden: Tensor
    input_bias: Tensor
    hidden_bias: Tensor


def run_lstm(inputs: Tensor, weights: LSTMWeights) -> list[Gates]:
    """All steps of one direction, from zero state. Shape: inputs (batch, length, input_size)."""
    hidden = memory = inputs.new_zeros(inputs.shape[0], weights.hidden.shape[1])
    steps = []
    for step_input in inputs.unbind(1):
        gates = lstm_cell(step_input, hidden, memory, weights)
        hidden, memory = gates.hidden, gates.memory
        steps.append(gates)
    return steps


class BiLSTM(nn.Module):
    """A bidirectional LSTM of one or more layers with locked dropout between them.

    Each direction reads from a sentence's own end, the backward one on reversed sentences, so
    padding always comes last and never changes a state. (A packed sequence would do the same, but
    its gradient allocates the whole input anew at every step.)

    Shapes: inputs (batch, length, input_size), lengths (batch,) -> (batch, length, output_size),
    where output_size is 2 hidden_size; states beyond a sentence's length mean nothing.
    """

    def __init__(
        self, *, input_size: int, hidden_size: int, num_layers: int, dropout: float
    ) -> None:
        super().__init__()
        sizes = [input_size] + [2 * hidden_size] * (num_layers - 1)
        self.forward_layers = nn.ModuleList(nn.LSTM(size, hidden_size) for size in sizes)
        self.backward_layers = nn.ModuleList(nn.LSTM(size, hidden_size) for size in sizes)
        self.dropout = LockedDropout(dropout)
        self.output_size = 2 * hidden_size
        for layer in (*self.forward_layers, *self.backward_layers):
            initialise(layer)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        states = inputs.transpose(0, 1)
        mirror = mirrored_positions(lengths.to(inputs.device), inputs.shape[1])
        layers = zip(self.forward_layers, self.backward_layers, strict=True)
        for i, (forward_layer, backward_layer) in enumerate(layers):
            if i:
                states = self.dropout(states.transpose(0, 1)).transpose(0, 1)
            forward_states, _ = forward_layer(states)
            backward_states, _ = backward_layer(rearranged(states, mirror))
            states = torch.cat([forward_states, rearranged(backward_states, mirror)], dim=-1)
        return states.transpose(0, 1)

    def weights_of(self, layer: int, *, backward: bool) -> LSTMWeights:
        """The weights of one direction of one layer."""
        module = (self.backward_layers if backward else self.forward_layers)[layer]
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        return LSTMWeights(*(getattr(module, name) for name in names))


def mirrored_positions(lengths: Tensor, longest: int) -> Tensor:
    """Where each position lands when sentences are reversed; padding stays where it is.

    Shape: lengths (batch,) -> (longest, batch), indices into the flattened positions.
    """
    positions = torch.arange(longest, device=lengths.device).unsqueeze(1)
    mirrored = torch.where(positions < lengths, lengths - 1 - positions, positions)
    return mirrored * len(lengths) + torch.arange(len(lengths), device=lengths.device)


def rearranged(states: Tensor, positions: Tensor) -> Tensor:
    """States at the positions that are named. Shape: (length, batch, size) -> the same."""
    return states.flatten(0, 1).index_select(0, positions.flatten()).view(states.shape)


def initialise(lstm: nn.Module) -> None:
    """Glorot input weights, orthogonal recurrent ones, biases 0 but the forget gate's 1."""
    for name, parameter in lstm.named_parameters():
        if name.startswith("weight_ih"):
            nn.init.xavier_uniform_(parameter)
        elif name.startswith("weight_hh"):
            for gate in parameter.data.chunk(4, dim=0):
                nn.init.orthogonal_(gate)
        else:
            nn.init.zeros_(parameter)
            if name.startswith("bias_ih"):
                with torch.no_grad():
                    parameter.chunk(4, dim=0)[1].fill_(1.0)
