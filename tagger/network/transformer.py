"""A pretrained transformer encoder: pieces of words in, a state per piece out.

Vaswani et al. 2017 with the layer norm behind each part, as BERT has it (Devlin et al. 2019) and
RoBERTa, XLM-R, ELECTRA and DistilBERT after it. Written out here, so that training needs no other
library, and its names are those that the exported graph reads.
"""

from contextlib import nullcontext
from typing import Literal, cast

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional

from tagger.network.kernels import computes_in_bf16

Precision = Literal["auto", "bf16", "fp32"]
Activation = Literal["gelu", "gelu_new", "relu"]


class TransformerSizes(msgspec.Struct, frozen=True, kw_only=True):
    """What decides the shape of a transformer, and its dropout."""

    num_pieces: int
    positions: int
    hidden_size: int
    inner_size: int
    layers: int
    heads: int
    activation: Activation = "gelu"
    epsilon: float = 1e-12
    dropout: float = 0.1
    attention_dropout: float = 0.1


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each added to what it read and normalised.

    Shapes: states (batch, length, hidden_size), bias (batch, 1, 1, length), 0 or -inf by key ->
    (batch, length, hidden_size).
    """

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__()
        size = sizes.hidden_size
        self.sizes = sizes
        self.attention_inputs = nn.Linear(size, 3 * size)  # queries, keys, values
        self.attention_output = nn.Linear(size, size)
        self.attention_norm = nn.LayerNorm(size, sizes.epsilon)
        self.inner = nn.Linear(size, sizes.inner_size)
        self.outer = nn.Linear(sizes.inner_size, size)
        self.norm = nn.LayerNorm(size, sizes.epsilon)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        attended = self.attention_output(self._attend(states, bias))
        states = self.attention_norm(states + self._dropped(attended))
        inner = activated(self.inner(states), self.sizes.activation)
        return cast(Tensor, self.norm(states + self._dropped(self.outer(inner))))

    def _attend(self, states: Tensor, bias: Tensor) -> Tensor:
        batch, length, size = states.shape
        shape = (batch, length, 3, self.sizes.heads, size // self.sizes.heads)
        queries, keys, values = self.attention_inputs(states).view(shape).permute(2, 0, 3, 1, 4)
        scores = (queries @ keys.transpose(-1, -2)) * shape[-1] ** -0.5 + bias
        shares = functional.dropout(
            scores.softmax(-1), self.sizes.attention_dropout, self.training
        ).to(values.dtype)
        attended = (shares @ values).transpose(1, 2)
        return cast(Tensor, attended.reshape(batch, length, size))

    def _dropped(self, states: Tensor) -> Tensor:
        return functional.dropout(states, self.sizes.dropout, self.training)


class Transformer(nn.Module):
    """Piece ids -> states, of which those of padding mean nothing.

    Shapes: pieces (batch, length), lengths (batch,) -> (batch, length, hidden_size). Position
    vectors hold the vector of the first token type, too. `precision` is that of products in
    training, see `kernels`; weights, sums over them and states stay fp32.
    """

    def __init__(self, sizes: TransformerSizes, *, precision: Precision = "fp32") -> None:
        super().__init__()
        self.sizes = sizes
        self.precision = precision
        self.pieces = nn.Embedding(sizes.num_pieces, sizes.hidden_size)
        self.positions = nn.Embedding(sizes.positions, sizes.hidden_size)
        self.norm = nn.LayerNorm(sizes.hidden_size, sizes.epsilon)
        self.layers = nn.ModuleList(Layer(sizes) for _ in range(sizes.layers))

    def forward(self, pieces: Tensor, lengths: Tensor) -> Tensor:
        is_real = torch.arange(pieces.shape[1], device=pieces.device) < lengths.unsqueeze(1)
        bias = torch.zeros_like(is_real, dtype=torch.float32).masked_fill(~is_real, -torch.inf)
        states = self.pieces(pieces) + self.positions.weight[: pieces.shape[1]]
        states = functional.dropout(self.norm(states), self.sizes.dropout, self.training)
        device = pieces.device
        in_bf16 = self.training and computes_in_bf16(self.precision, device)
        with torch.autocast(device.type, torch.bfloat16) if in_bf16 else nullcontext():
            for layer in self.layers:
                states = layer(states, bias[:, None, None])
        return cast(Tensor, states.float())


def activated(states: Tensor, activation: Activation) -> Tensor:
    """The function between the two matrices of the feed-forward network."""
    if activation == "relu":
        return states.relu()
    return functional.gelu(states, approximate="tanh" if activation == "gelu_new" else "none")
