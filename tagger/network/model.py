"""The tagger's network: word encoder, bidirectional LSTM, one head per task."""

from collections.abc import Mapping
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from tagger.network.dropout import LockedDropout
from tagger.network.heads import CRFHead, SoftmaxHead
from tagger.network.language_encoder import FormIds, LanguageEncoder
from tagger.network.lstm import BiLSTM
from tagger.network.transformer import Transformer
from tagger.network.words import WordEncoder


class Inputs(NamedTuple):
    """A batch of sentences as the network reads it.

    Shapes: words (batch, length); forms (batch, length), which row of `characters` each token is;
    characters (forms, characters); affixes (forms, affixes); lengths (batch,);
    pretrained (batch, length), where there are pretrained vectors. Of a language model, where
    there is one: vectors of the distinct forms (forms, vector size), states (batch, length,
    2 its hidden_size); where it is fine-tuned, what it reads of the boundary between sentences and
    the distinct forms, as language_forms. Of a transformer, where there is one: pieces (windows,
    pieces), their piece_lengths (windows,), and places (batch, length), where among all pieces the
    first one of each token stands.
    """

    words: Tensor
    forms: Tensor
    characters: Tensor
    affixes: Tensor
    lengths: Tensor
    pretrained: Tensor | None = None
    language_vectors: Tensor | None = None
    language_states: Tensor | None = None
    language_forms: FormIds | None = None
    pieces: Tensor | None = None
    piece_lengths: Tensor | None = None
    places: Tensor | None = None


class StateProjection(nn.Module):
    """States of a language model or a transformer in fewer dimensions, squashed to fit 8 bits.

    Shape: (batch, length, input_size) -> (batch, length, size).
    """

    def __init__(self, *, input_size: int, size: int, dropout: float) -> None:
        super().__init__()
        self.dropout = LockedDropout(dropout)
        self.weight = nn.Parameter(torch.empty(size, input_size))
        self.bias = nn.Parameter(torch.zeros(size))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, states: Tensor) -> Tensor:
        return nn.functional.linear(self.dropout(states), self.weight, self.bias).tanh()


class Network(nn.Module):
    """Inputs -> emissions of each head, (batch, length, num_tags).

    What the encoder reads is the word's own representation ⊕, with a language model, its vector
    there ⊕ its projected states there (Peters et al. 2018, section 3.3). With a transformer it is
    the projected states of each token's first piece (Devlin et al. 2019, section 5.3). A language
    model is a part of the network where it is fine-tuned, else its vectors and states are inputs.
    """

    def __init__(
        self,
        *,
        words: WordEncoder,
        encoder: BiLSTM,
        heads: Mapping[str, SoftmaxHead | CRFHead],
        dropout: float,
        projection: StateProjection | None = None,
        transformer: Transformer | None = None,
        language_model: LanguageEncoder | None = None,
    ) -> None:
        super().__init__()
        self.words = words
        self.transformer = transformer
        self.lm = language_model  # the exported graphs call it so
        self.projection = projection
        self.encoder = encoder
        self.names = tuple(heads)  # a ModuleDict refuses names such as `type` or `a.b`
        self.heads = nn.ModuleList(heads.values())
        self.dropout = LockedDropout(dropout)

    def forward(self, inputs: Inputs) -> dict[str, Tensor]:
        lexical = self.words(
            inputs.words, inputs.characters, inputs.affixes, inputs.forms, inputs.pretrained
        )
        if self.transformer is not None:
            lexical = torch.cat([lexical, self._context(inputs)], dim=-1)
        elif self.projection is not None:
            vectors, of_tokens = self._language(inputs)
            lexical = torch.cat([lexical, vectors, self.projection(of_tokens)], dim=-1)
        states = self.dropout(self.encoder(self.dropout(lexical), inputs.lengths))
        return {name: head(states) for name, head in zip(self.names, self.heads, strict=True)}

    def _language(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """The language model's vectors and states of all tokens, (batch, length, …)."""
        if self.lm is not None:
            assert inputs.language_forms is not None
            found: tuple[Tensor, Tensor] = self.lm(
                inputs.language_forms, inputs.forms, inputs.lengths
            )
            return found
        assert inputs.language_vectors is not None and inputs.language_states is not None
        vectors = nn.functional.embedding(inputs.forms, inputs.language_vectors)
        return vectors, inputs.language_states

    def _context(self, inputs: Inputs) -> Tensor:
        """The transformer's projected states, (batch, length, size)."""
        assert self.transformer is not None and self.projection is not None
        assert inputs.pieces is not None and inputs.piece_lengths is not None
        assert inputs.places is not None
        states = self.transformer(inputs.pieces, inputs.piece_lengths).flatten(0, 1)
        return cast(Tensor, self.projection(nn.functional.embedding(inputs.places, states)))

    def head(self, name: str) -> SoftmaxHead | CRFHead:
        """The head of one task."""
        return cast(SoftmaxHead | CRFHead, self.heads[self.names.index(name)])

    def losses(
        self,
        emissions: Mapping[str, Tensor],
        targets: Mapping[str, Tensor],
        num_tagged: Mapping[str, int] | None = None,
    ) -> Tensor:
        """Sum over heads of the loss per tagged token.

        Shapes: emissions (batch, length, num_tags), targets (batch, length), by head -> ().
        A head whose column no sentence of the batch has adds nothing. `num_tagged` by head is that
        of the whole batch, where this is a part of one: the parts' losses make up the whole one's.
        """
        total = next(iter(emissions.values())).new_zeros(())
        for name in self.names:
            found = int((targets[name] >= 0).sum())
            if found:
                loss = self.head(name).loss(emissions[name], targets[name])
                total = total + loss / (found if num_tagged is None else num_tagged[name])
        return total

    def soft_losses(
        self,
        emissions: Mapping[str, Tensor],
        distributions: Mapping[str, Tensor],
        num_labelled: Mapping[str, int],
        *,
        temperature: float,
    ) -> Tensor:
        """Sum over heads of the loss against a teacher's probabilities, per token that it labelled.

        Shapes: emissions and distributions (batch, length, num_tags), by head -> (). It is
        multiplied by the squared temperature, which keeps gradients as large (Hinton et al. 2015).
        `num_labelled` is as `num_tagged` in `losses`.
        """
        total = next(iter(emissions.values())).new_zeros(())
        for name, of_head in distributions.items():
            if num_labelled[name]:
                loss = self.head(name).soft_loss(emissions[name], of_head, temperature)
                total = total + loss / num_labelled[name]
        return total * temperature**2
