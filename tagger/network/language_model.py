"""Two LSTM language models over words, one forward, one backward (Peters et al. 2018).

A word is read as the tagger reads it (its vector, its characters, its affixes), so that what a form
gives the LSTMs depends on the form alone. The next word is predicted by an adaptive softmax; both
directions share words and softmax.
"""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from tagger.network.adaptive_softmax import AdaptiveSoftmax
from tagger.network.lstm import initialise
from tagger.network.words import WordEncoder


class State(NamedTuple):
    """Hidden state and memory cell of one direction. Shape of each: (lanes, hidden_size)."""

    hidden: Tensor
    memory: Tensor


class Window(NamedTuple):
    """A stretch of every lane of the text, in the order in which one direction reads it.

    Shapes: forms (length, lanes), which row of the lexical inputs each token is, or which
    character; targets (length, lanes), the word or character that follows each.
    """

    forms: Tensor
    targets: Tensor


class DirectedModel(nn.Module):
    """An LSTM and its projection to the softmax's size: one direction."""

    def __init__(self, *, input_size: int, hidden_size: int, projection_size: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size)
        self.projection = nn.Linear(hidden_size, projection_size)
        initialise(self.lstm)

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Shapes: inputs (length, lanes, input_size) -> (length, lanes, projection_size)."""
        states, after = self.read(inputs, state)
        return self.projection(states), after

    def read(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The hidden state at each step, (length, lanes, hidden_size), and the state behind."""
        given = (state.hidden.unsqueeze(0), state.memory.unsqueeze(0))
        states, (hidden, memory) = self.lstm(inputs, given)
        return states, State(hidden[0], memory[0])


def read_both(
    directions: tuple[DirectedModel, DirectedModel],
    inputs: Sequence[Tensor],
    states: tuple[State, State],
) -> tuple[list[Tensor], tuple[State, State]]:
    """Each direction's hidden states over its inputs, and the states behind, detached."""
    found, after = [], []
    for model, of_direction, state in zip(directions, inputs, states, strict=True):
        hidden_states, (hidden, memory) = model.read(of_direction, state)
        found.append(hidden_states)
        after.append(State(hidden.detach(), memory.detach()))
    return found, (after[0], after[1])


class LanguageModel(nn.Module):
    """Both directions over one lexical layer and one softmax.

    `cutoffs` are where each class of rarer target words begins; targets are numbered by frequency.
    """

    def __init__(
        self,
        *,
        words: WordEncoder,
        hidden_size: int,
        projection_size: int,
        num_targets: int,
        cutoffs: tuple[int, ...],
        dropout: float,
    ) -> None:
        super().__init__()
        self.words = words
        self.hidden_size = hidden_size
        sizes = {"hidden_size": hidden_size, "projection_size": projection_size}
        self.forward_model = DirectedModel(input_size=words.output_size, **sizes)
        self.backward_model = DirectedModel(input_size=words.output_size, **sizes)
        self.dropout = nn.Dropout(dropout)
        self.softmax = AdaptiveSoftmax(
            input_size=projection_size, num_targets=num_targets, cutoffs=cutoffs
        )

    @property
    def directions(self) -> tuple[DirectedModel, DirectedModel]:
        """The forward and the backward model."""
        return self.forward_model, self.backward_model

    def lexical(self, words: Tensor, characters: Tensor, affixes: Tensor) -> Tensor:
        """What the LSTMs take from distinct forms.

        Shapes: words (1, forms), characters and affixes (forms, …) -> (forms, input_size).
        """
        return self.words.of_forms(words[0], characters, affixes)

    def no_state(self, lanes: int) -> State:
        """The state before anything was read."""
        zero = self.softmax.head.weight.new_zeros(lanes, self.hidden_size)
        return State(zero, zero)

    def losses(
        self, lexical: Tensor, windows: tuple[Window, Window], states: tuple[State, State]
    ) -> tuple[tuple[Tensor, Tensor], tuple[State, State]]:
        """Negative log-likelihood of each direction's targets, summed, and the states behind them.

        Shape: lexical (forms, input_size).
        """
        inputs = [
            self.dropout(nn.functional.embedding(window.forms, lexical)) for window in windows
        ]
        found, after = read_both(self.directions, inputs, states)
        losses = []
        for model, hidden, window in zip(self.directions, found, windows, strict=True):
            says = self.dropout(model.projection(hidden)).flatten(0, 1)
            losses.append(self.softmax.losses(says, window.targets.flatten()).sum())
        return (losses[0], losses[1]), after
