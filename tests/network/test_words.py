"""Words: a form's vector depends on the form alone."""

import pytest
import torch

from tagger.inference.encoding import encode_characters
from tagger.network.words import CharacterCNN, CharacterLSTM, WordEncoder
from tagger.training.build import build_network
from tagger.vocabulary import Vocabularies, Vocabulary
from tests.conftest import randomise, tiny_settings

CHARACTERS = Vocabulary.with_special("abcdefgh")
VOCABULARIES = Vocabularies(
    words=Vocabulary.with_special("abcde"),
    characters=CHARACTERS,
    affixes=Vocabulary.with_special(["a>", "<b", "=x"]),
)
FORMS = ["a", "", "ab", "hhh", "abcdefgh", "xyz", "abcdefghabcdefghabcdefgh", "b" * 90]
KINDS = [
    pytest.param({"kind": "cnn", "widths": [3]}, id="odd widths"),
    pytest.param({"kind": "cnn", "widths": [2, 4, 5]}, id="even widths"),
    pytest.param({"kind": "lstm"}, id="lstm"),
]


def word_encoder(characters: dict[str, object]) -> WordEncoder:
    settings = tiny_settings(characters=characters, words={"dropout": 0.5})
    return randomise(build_network(settings, (), VOCABULARIES)).words


@pytest.mark.parametrize("kind", KINDS)
def test_a_forms_vector_is_the_same_alone_and_beside_longer_forms(kind: dict[str, object]) -> None:
    read = word_encoder(kind).characters
    together = read(torch.from_numpy(encode_characters(FORMS, CHARACTERS)))
    assert together.shape == (len(FORMS), read.output_size)
    for form, vector in zip(FORMS, together, strict=True):
        (alone,) = read(torch.from_numpy(encode_characters([form], CHARACTERS)))
        assert torch.allclose(alone, vector, atol=1e-6), form
    assert not torch.allclose(together[0], together[2])


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_forms_changes_no_vector(kind: dict[str, object]) -> None:
    read = word_encoder(kind).characters
    characters = torch.from_numpy(encode_characters(FORMS, CHARACTERS))
    assert torch.allclose(read(characters.flip(0)).flip(0), read(characters), atol=1e-6)


def test_the_convolution_finds_its_maximum_over_real_characters_only() -> None:
    read = word_encoder({"kind": "cnn", "widths": [3], "filters": 4}).characters
    assert isinstance(read, CharacterCNN)
    (vector,) = read(torch.from_numpy(encode_characters(["abc"], CHARACTERS)))
    with torch.no_grad():
        kernel, bias = read.convolutions[0].weight, read.convolutions[0].bias
        a, b, c = read.embedding(torch.tensor([CHARACTERS.id_of(x) for x in "abc"]))
        zero = torch.zeros_like(a)
        triples = [torch.stack(t, 1) for t in ((zero, a, b), (a, b, c), (b, c, zero))]
        sums = torch.stack([(kernel * t).sum((1, 2)) + bias for t in triples])
        assert torch.allclose(vector, sums.amax(0).clamp(min=0), atol=1e-6)


def test_the_lstm_gives_the_last_state_of_each_direction() -> None:
    read = word_encoder({"kind": "lstm"}).characters
    assert isinstance(read, CharacterLSTM)
    (vector,) = read(torch.from_numpy(encode_characters(["ab", "abcd"], CHARACTERS)))[:1]
    states, _ = read.lstm(read.embedding(torch.tensor([[2, 3]])))
    size = read.output_size // 2
    assert torch.allclose(vector[:size], states[0, -1, :size], atol=1e-6)
    assert torch.allclose(vector[size:], states[0, 0, size:], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_keeps_its_zero_vector_whatever_is_learned(kind: dict[str, object]) -> None:
    words = word_encoder(kind).train()
    optimiser = torch.optim.AdamW(words.parameters(), lr=0.1)
    ids = torch.tensor([[2, 3, Vocabulary.pad_id]])
    characters = torch.from_numpy(encode_characters(["ab", "abcdefgh"], CHARACTERS))
    affixes = torch.tensor([[2, 3, 4], [2, 4, Vocabulary.pad_id]])
    words(ids, characters, affixes, torch.tensor([[0, 1, 0]])).sum().backward()
    optimiser.step()
    assert not words.characters.embedding.weight[Vocabulary.pad_id].any()
    assert not words.embedding.weight[Vocabulary.pad_id].any()
    assert not words.affixes.weight[Vocabulary.pad_id].any()


def test_a_token_is_its_word_vector_beside_those_of_its_form() -> None:
    words = word_encoder({"kind": "cnn", "widths": [3]})
    characters = torch.from_numpy(encode_characters(["ab", "c"], CHARACTERS))
    affixes = torch.tensor([[2, 3, 4], [4, Vocabulary.pad_id, Vocabulary.pad_id]])
    found = words(torch.tensor([[2, 5, 5]]), characters, affixes, torch.tensor([[1, 0, 1]]))
    of_characters = words.characters(characters)
    of_affixes = torch.stack([words.affixes.weight[[2, 3, 4]].sum(0), words.affixes.weight[4]])
    assert found.shape == (1, 3, words.output_size)
    for token, (word, form) in enumerate([(2, 1), (5, 0), (5, 1)]):
        parts = [words.embedding.weight[word], of_characters[form], of_affixes[form]]
        assert torch.allclose(found[0, token], torch.cat(parts), atol=1e-6)
