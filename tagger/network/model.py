"""The tagger's network: word encoder, bidirectional LSTM, one head per task."""

from collections.abc import Mapping
from typing import NamedTuple, cast

from torch import Tensor, nn

from tagger.network.dropout import LockedDropout
from tagger.network.heads import CRFHead, SoftmaxHead
from tagger.network.lstm import BiLSTM
from tagger.network.words import WordEncoder


class Inputs(NamedTuple):
    """A batch of sentences as the network reads it.

    Shapes: words (batch, length); forms (batch, length), which row of `characters` each token is;
    characters (forms, characters); affixes (forms, affixes); lengths (batch,), on the CPU;
    pretrained (batch, length), where there are pretrained vectors.
    """

    words: Tensor
    forms: Tensor
    characters: Tensor
    affixes: Tensor
    lengths: Tensor
    pretrained: Tensor | None = None


class Network(nn.Module):
    """Inputs -> emissions of each head, (batch, length, num_tags)."""

    def __init__(
        self,
        *,
        words: WordEncoder,
        encoder: BiLSTM,
        heads: Mapping[str, SoftmaxHead | CRFHead],
        dropout: float,
    ) -> None:
        super().__init__()
        self.words = words
        self.encoder = encoder
        self.names = tuple(heads)  # a ModuleDict refuses names such as `type` or `a.b`
        self.heads = nn.ModuleList(heads.values())
        self.dropout = LockedDropout(dropout)

    def forward(self, inputs: Inputs) -> dict[str, Tensor]:
        lexical = self.words(
            inputs.words, inputs.characters, inputs.affixes, inputs.forms, inputs.pretrained
        )
        states = self.dropout(self.encoder(self.dropout(lexical), inputs.lengths))
        return {name: head(states) for name, head in zip(self.names, self.heads, strict=True)}

    def head(self, name: str) -> SoftmaxHead | CRFHead:
        """The head of one task."""
        return cast(SoftmaxHead | CRFHead, self.heads[self.names.index(name)])

    def losses(self, emissions: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        """Sum over heads of the loss per tagged token.

        Shapes: emissions (batch, length, num_tags), targets (batch, length), by head -> ().
        A head whose column no sentence of the batch has adds nothing.
        """
        total = next(iter(emissions.values())).new_zeros(())
        for name in self.names:
            num_tagged = (targets[name] >= 0).sum()
            if num_tagged:
                total = total + self.head(name).loss(emissions[name], targets[name]) / num_tagged
        return total
