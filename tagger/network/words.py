"""The representation of a word: the vector of its normalised form beside one of its characters.

Characters are read by a convolution (Chiu and Nichols 2016; Ma and Hovy 2016) or a bidirectional
LSTM (Lample et al. 2016). Either depends on nothing but the form, so a batch encodes each distinct
form once.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from tagger.network.dropout import WordDropout
from tagger.network.lstm import initialise
from tagger.vocabulary import Vocabulary

CharacterKind = Literal["cnn", "lstm"]
NUM_PARTS = 4


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
        self.embedding = nn.Embedding(num_characters, size, padding_idx=Vocabulary.pad_id)
        nn.init.uniform_(self.embedding.weight, -((3 / size) ** 0.5), (3 / size) ** 0.5)
        self.embedding.weight.data[Vocabulary.pad_id] = 0
        self.convolutions = nn.ModuleList(
            nn.Conv1d(size, filters, width, padding=width // 2) for width in widths
        )
        self.output_size = filters * len(widths)

    def forward(self, characters: Tensor) -> Tensor:
        return torch.cat([self._read(part) for part in characters.chunk(NUM_PARTS)])

    def _read(self, characters: Tensor) -> Tensor:
        is_real = characters != Vocabulary.pad_id
        length = int(is_real.any(0).sum().clamp(min=1))
        characters, is_real = characters[:, :length], is_real[:, None, :length]
        embedded = self.embedding(characters).transpose(1, 2)
        # ReLU leaves nothing below 0, so a padded position set to 0 never wins the maximum.
        maxima = [
            (convolution(embedded)[..., :length].relu() * is_real).amax(2)
            for convolution in self.convolutions
        ]
        return torch.cat(maxima, dim=1)


class CharacterLSTM(nn.Module):
    """A bidirectional LSTM over a word's characters: its two last hidden states.

    Shape: character ids (forms, characters) -> (forms, 2 hidden_size).
    """

    def __init__(self, *, num_characters: int, size: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_characters, size, padding_idx=Vocabulary.pad_id)
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


class WordEncoder(nn.Module):
    """Word vector ⊕ character representation.

    Shapes: words (batch, length) word ids; characters (forms, characters) of the distinct forms;
    forms (batch, length) which of those each token is -> (batch, length, output_size).
    """

    def __init__(
        self,
        *,
        num_words: int,
        size: int,
        word_dropout: float,
        characters: CharacterCNN | CharacterLSTM,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_words, size, padding_idx=Vocabulary.pad_id)
        nn.init.uniform_(self.embedding.weight, -((3 / size) ** 0.5), (3 / size) ** 0.5)
        self.embedding.weight.data[Vocabulary.pad_id] = 0
        self.word_dropout = WordDropout(word_dropout, Vocabulary.unknown_id)
        self.characters = characters
        self.output_size = size + characters.output_size

    def forward(self, words: Tensor, characters: Tensor, forms: Tensor) -> Tensor:
        word_vectors = self.embedding(self.word_dropout(words))
        of_characters = self.characters(characters)
        return torch.cat([word_vectors, nn.functional.embedding(forms, of_characters)], dim=-1)
