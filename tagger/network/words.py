"""The representation of a word: vectors of its normalised form, its characters and its affixes.

Characters are read by a convolution (Chiu and Nichols 2016; Ma and Hovy 2016) or a bidirectional
LSTM (Lample et al. 2016). Affixes are what linear models live on; their vectors are summed, as
those of fastText's subwords are (Bojanowski et al. 2017). Both depend on nothing but the form, so a
batch encodes each distinct form once.
"""

from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from tagger.network.dropout import WordDropout
from tagger.network.lstm import initialise
from tagger.vocabulary import Vocabulary

CharacterKind = Literal["cnn", "lstm"]
NUM_PARTS = 4


def vectors(number: int, size: int, scale: float = 1.0) -> nn.Embedding:
    """Fresh vectors of standard deviation `scale` / √size, that of the padding 0."""
    table = nn.Embedding(number, size, padding_idx=Vocabulary.pad_id)
    bound = scale * (3 / size) ** 0.5
    nn.init.uniform_(table.weight, -bound, bound)
    table.weight.data[Vocabulary.pad_id] = 0
    return table


class CharacterCNN(nn.Module):
    """Convolutions of several widths over a word's characters, each filter's maximum kept.

    Shape: character ids (forms, characters) -> (forms, filters x len(widths)). Forms are read in
    NUM_PARTS parts, each only as far as its longest form: fastest when they come in order of
    length.
    """

    def __init__(
        self, *, num_characters: int, size: int, filters: int, widths: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.embedding = vectors(num_characters, size)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(size, filters, width, padding=width // 2) for width in widths
        )
        self.output_size = filters * len(widths)

    def forward(self, characters: Tensor) -> Tensor:
        return torch.cat([self._read(part) for part in characters.chunk(NUM_PARTS)])

    def _read(self, characters: Tensor) -> Tensor:
        is_real = characters != Vocabulary.pad_id
        length = int(is_real.any(0).sum().clamp(min=1))
        characters, is_real = characters[:, :length], is_real[:, :length, None]
        embedded = self.embedding(characters)
        # ReLU leaves nothing below 0, so a padded position set to 0 never wins the maximum.
        maxima = [
            (convolved(embedded, cast(nn.Conv1d, convolution)).relu() * is_real).amax(1)
            for convolution in self.convolutions
        ]
        return torch.cat(maxima, dim=1)


def convolved(inputs: Tensor, convolution: nn.Conv1d) -> Tensor:
    """What the convolution gives, padded so that the length stays, as one matrix product.

    For so few channels that is several times faster than torch's own.
    Shape: (batch, length, channels) -> (batch, length, filters).
    """
    (width,), length = convolution.kernel_size, inputs.shape[1]
    padded = nn.functional.pad(inputs, (0, 0, width // 2, (width - 1) // 2))
    windows = torch.cat([padded[:, start : start + length] for start in range(width)], dim=2)
    kernel = convolution.weight.permute(2, 1, 0).flatten(0, 1)
    assert convolution.bias is not None
    return windows @ kernel + convolution.bias


class CharacterLSTM(nn.Module):
    """A bidirectional LSTM over a word's characters: its two last hidden states.

    Shape: character ids (forms, characters) -> (forms, 2 hidden_size).
    """

    def __init__(self, *, num_characters: int, size: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = vectors(num_characters, size)
        self.lstm = nn.LSTM(size, hidden_size, batch_first=True, bidirectional=True)
        initialise(self.lstm)
        self.output_size = 2 * hidden_size

    def forward(self, characters: Tensor) -> Tensor:
        lengths = (characters != Vocabulary.pad_id).sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(
            self.embedding(characters), lengths, batch_first=True, enforce_sorted=False
        )
        _, (hidden, _) = self.lstm(packed)
        last: Tensor = hidden.transpose(0, 1).flatten(1)
        return last


class PretrainedVectors(nn.Module):
    """Vectors that training does not change, but hides at random: rows of 8 bits, each by a scale.

    They are data and no part of the network's state. Shapes: values (words, size) and scales
    (words, 1), ids (batch, length) -> (batch, length, size).
    """

    values: Tensor
    scales: Tensor

    def __init__(self, *, values: Tensor, scales: Tensor, dropout: float) -> None:
        super().__init__()
        self.register_buffer("values", values, persistent=False)
        self.register_buffer("scales", scales, persistent=False)
        self.dropout = WordDropout(dropout, Vocabulary.unknown_id)
        self.output_size = values.shape[1]

    def forward(self, ids: Tensor) -> Tensor:
        ids = self.dropout(ids)
        return self.values[ids] * self.scales[ids]


class WordEncoder(nn.Module):
    """Word vector ⊕ pretrained vector, if any ⊕ character representation ⊕ sum of affix vectors.

    Shapes: words (batch, length) word ids; characters (forms, characters) and affixes
    (forms, affixes) of the distinct forms; forms (batch, length) which of those each token is;
    pretrained (batch, length) ids of pretrained vectors -> (batch, length, output_size).
    """

    def __init__(
        self,
        *,
        num_words: int,
        size: int,
        word_dropout: float,
        characters: CharacterCNN | CharacterLSTM,
        num_affixes: int,
        affix_size: int,
        pretrained: PretrainedVectors | None = None,
    ) -> None:
        super().__init__()
        # A word seen once or twice must not keep the noise that it began with.
        self.embedding = vectors(num_words, size, scale=0.05)
        self.word_dropout = WordDropout(word_dropout, Vocabulary.unknown_id)
        self.characters = characters
        self.affixes = vectors(num_affixes, affix_size)
        self.pretrained = pretrained
        self.output_size = size + characters.output_size + affix_size
        if pretrained is not None:
            self.output_size += pretrained.output_size

    def forward(
        self,
        words: Tensor,
        characters: Tensor,
        affixes: Tensor,
        forms: Tensor,
        pretrained: Tensor | None = None,
    ) -> Tensor:
        parts = [self.embedding(self.word_dropout(words))]
        if self.pretrained is not None:
            assert pretrained is not None
            parts.append(self.pretrained(pretrained))
        of_forms = torch.cat([self.characters(characters), self.affixes(affixes).sum(1)], dim=1)
        return torch.cat([*parts, nn.functional.embedding(forms, of_forms)], dim=-1)

    def of_forms(self, words: Tensor, characters: Tensor, affixes: Tensor) -> Tensor:
        """What distinct forms are without pretrained vectors.

        Shapes: words (forms,), characters and affixes (forms, …) -> (forms, output_size).
        """
        places = torch.arange(len(words), device=words.device).unsqueeze(0)
        vectors: Tensor = self(words.unsqueeze(0), characters, affixes, places)
        return vectors[0]
