"""Two LSTM language models over characters, one forward, one backward (Akbik et al. 2018).

Both directions read the same vectors of characters; each has a softmax of its own over all of them.
"""

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tagger.network.language_model import DirectedModel, State, Window, read_both


class CharacterModel(nn.Module):
    """Both directions over one table of characters."""

    def __init__(self, *, num_characters: int, size: int, hidden_size: int, dropout: float) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.characters = nn.Embedding(num_characters, size)
        nn.init.normal_(self.characters.weight)  # smaller ones are learned much more slowly
        sizes = {"input_size": size, "hidden_size": hidden_size, "projection_size": num_characters}
        self.forward_model = DirectedModel(**sizes)
        self.backward_model = DirectedModel(**sizes)
        self.dropout = nn.Dropout(dropout)

    @property
    def directions(self) -> tuple[DirectedModel, DirectedModel]:
        """The forward and the backward model."""
        return self.forward_model, self.backward_model

    def no_state(self, lanes: int) -> State:
        """The state before anything was read."""
        zero = self.characters.weight.new_zeros(lanes, self.hidden_size)
        return State(zero, zero)

    def losses(
        self, windows: tuple[Window, Window], states: tuple[State, State]
    ) -> tuple[tuple[Tensor, Tensor], tuple[State, State]]:
        """Negative log-likelihood of each direction's targets, summed, and the states behind them.

        The losses are computed in fp32.
        """
        inputs = [self.dropout(self.characters(window.forms)) for window in windows]
        found, after = read_both(self.directions, inputs, states)
        losses = []
        for model, hidden, window in zip(self.directions, found, windows, strict=True):
            says = model.projection(self.dropout(hidden)).flatten(0, 1).float()
            losses.append(cross_entropy(says, window.targets.flatten(), reduction="sum"))
        return (losses[0], losses[1]), after
