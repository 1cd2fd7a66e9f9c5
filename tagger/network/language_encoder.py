"""What a tagger reads of a language model: its words and its two LSTMs, without the softmax.

It reads sentences each by itself, from the boundary that stands between them. Its weights have the
names that they have in a language model, and in the exported graphs.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from tagger.network.language_model import DirectedModel, LanguageModel, State
from tagger.network.lstm import mirrored_positions, rearranged
from tagger.network.words import WordEncoder


class FormIds(NamedTuple):
    """Distinct forms as a word encoder reads them.

    Shapes: words (forms,), characters (forms, characters), affixes (forms, affixes).
    """

    words: Tensor
    characters: Tensor
    affixes: Tensor


class Direction(nn.Module):
    """The LSTM of one direction."""

    def __init__(self, model: DirectedModel) -> None:
        super().__init__()
        self.lstm = model.lstm

    def begin(self, boundary: Tensor) -> State:
        """The state behind the boundary, whose vector that is: (1, vector_size)."""
        _, (hidden, memory) = self.lstm(boundary.unsqueeze(0))
        return State(hidden[0], memory[0])

    def forward(self, inputs: Tensor, begin: State) -> Tensor:
        """Shapes: inputs (length, batch, vector_size) -> (length, batch, hidden_size)."""
        given = tuple(part.unsqueeze(0).expand(-1, inputs.shape[1], -1) for part in begin)
        states, _ = self.lstm(inputs, tuple(part.contiguous() for part in given))
        return cast(Tensor, states)


class LanguageEncoder(nn.Module):
    """Sentences to vectors of their forms and states of both directions.

    `dropout` of what the LSTMs read is as in the language model's own training.
    """

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.words: WordEncoder = model.words
        self.forward_model, self.backward_model = map(Direction, model.directions)
        self.dropout = nn.Dropout(model.dropout.p)
        self.hidden_size = model.hidden_size

    @property
    def vector_size(self) -> int:
        """Of a form's vector."""
        return self.words.output_size

    @property
    def state_size(self) -> int:
        """Of both directions' states together."""
        return 2 * self.hidden_size

    @property
    def directions(self) -> tuple[Direction, Direction]:
        """The forward and the backward LSTM."""
        return self.forward_model, self.backward_model

    def forward(self, forms: FormIds, rows: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors and states of sentences, (batch, length, …); those of padding mean nothing.

        `forms` are the boundary and, behind it, distinct forms; shapes: rows (batch, length), which
        of the latter each token is, lengths (batch,).
        """
        of_forms = self.words.of_forms(*forms)
        vectors = nn.functional.embedding(rows, of_forms[1:])
        inputs = self.dropout(vectors).transpose(0, 1)
        states = self.states(inputs, lengths, self.begins(of_forms[:1]))
        return vectors, states.transpose(0, 1)

    def begins(self, boundary: Tensor) -> tuple[State, State]:
        """Each direction's state before a sentence. Shape: boundary (1, vector_size)."""
        ahead, back = self.directions
        return ahead.begin(boundary), back.begin(boundary)

    def states(self, inputs: Tensor, lengths: Tensor, begins: tuple[State, State]) -> Tensor:
        """Shapes: inputs (length, batch, vector_size), lengths (batch,) -> (…, state_size)."""
        mirror = mirrored_positions(lengths.to(inputs.device), len(inputs))
        ahead = self.forward_model(inputs, begins[0])
        back = self.backward_model(rearranged(inputs, mirror), begins[1])
        return torch.cat([ahead, rearranged(back, mirror)], dim=-1)
