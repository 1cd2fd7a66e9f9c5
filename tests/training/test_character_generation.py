"""Text from a character model: drawn as it should be, and scored."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from tagger.inference.language_folder import CharacterFiles, read_language_folder
from tagger.training import character_generation as module
from tagger.training.character_generation import CharacterTextModel
from tagger.training.generation import Likelihood, Sampling

USUAL, LIKELIEST = Sampling(), Sampling(temperature=0.0)


@pytest.fixture
def files(character_model: Path) -> CharacterFiles:
    return read_language_folder(character_model)


@pytest.fixture
def model(files: CharacterFiles) -> CharacterTextModel:
    return CharacterTextModel.read(files, "lm")


def generated(
    model: CharacterTextModel,
    prompt: Sequence[str] = (),
    sampling: Sampling = USUAL,
    seed: int = 1,
    length: int = 30,
) -> list[str]:
    return list(model.generate(prompt, sampling, seed, length))


def log_probabilities(model: CharacterTextModel, text: str) -> np.ndarray:
    """Of what follows each character of a text, in which | is a boundary."""
    known = model.characters
    ids = torch.tensor([0 if c == "|" else known.id_or_unknown(c) for c in text])[:, None]
    with torch.no_grad():
        says, _ = model.network.forward_model(
            model.network.characters(ids), model.network.no_state(1)
        )
    return says[:, 0].log_softmax(1).double().numpy()


def test_the_same_seed_gives_the_same_text(model: CharacterTextModel) -> None:
    assert generated(model) == generated(model) != generated(model, seed=2)


def test_as_many_pieces_come_as_were_asked_for(model: CharacterTextModel) -> None:
    assert [len(generated(model, length=n)) for n in (1, 2, 7)] == [1, 2, 7]
    assert len(generated(model, ["The", "do"], length=7)) == 7


def test_the_likeliest_characters_are_taken_at_temperature_0(model: CharacterTextModel) -> None:
    with torch.inference_mode():
        words = [*itertools.islice(model._words([], LIKELIEST, np.random.default_rng(1)), 12)]
    text, read = "|", []
    while len(read) < len(words):
        scores = log_probabilities(model, text)[-1]
        scores[1] = -np.inf
        if text[-1] in "| ":
            scores[[0, 2]] = -np.inf
        text += "|" if (best := int(scores.argmax())) == 0 else model.characters[best]
        read = text[1:].replace("|", " | ").split()
        read = ["" if word == "|" else word for word in read[: None if text[-1] in "| " else -1]]
    assert words == read[: len(words)]


def test_a_prompt_is_gone_on_with_at_its_last_character(model: CharacterTextModel) -> None:
    first = generated(model, ["The", "hor"], LIKELIEST, length=3)
    assert first[0] == "se"
    assert all(piece.startswith(" ") or piece == "." for piece in first[1:])
    whole = generated(model, ["The", "horse"], LIKELIEST, length=2)
    assert whole == first[1:], "the word was complete"


def test_sentences_before_the_last_one_are_read_too(model: CharacterTextModel) -> None:
    symbols = module._symbols_of(["Ann", "waits", "", "Bob"], model.characters)
    shown = "".join("|" if i == 0 else model.characters[i] for i in symbols)
    assert shown == "|Ann waits|Bob"
    symbols = module._symbols_of(["Ann", ""], model.characters)
    assert "".join("|" if i == 0 else model.characters[i] for i in symbols) == "|Ann|"
    assert module._symbols_of([], model.characters) == [0]


def test_neither_empty_words_nor_unknown_characters_nor_words_without_end_are_drawn(
    model: CharacterTextModel,
) -> None:
    projection = model.network.forward_model.projection
    with torch.no_grad():
        projection.weight.zero_()
        projection.bias.zero_()
        projection.bias[:3] = 20.0
    pieces = generated(model, length=200)
    assert not [piece for piece in pieces if not piece.strip() and piece != "\n"]
    assert "\n\n" not in "".join(pieces)
    assert pieces[0] != "\n"
    assert not [piece for piece in pieces if "<unknown>" in piece]
    with torch.no_grad():
        projection.bias[:3] = -50.0
    assert {len(piece.strip()) for piece in generated(model, length=9)} <= {40, 0}


def by_hand(model: CharacterTextModel, text: str) -> float:
    scores = log_probabilities(model, text)
    follow = [0 if c == "|" else model.characters.id_or_unknown(c) for c in text[1:]]
    return -sum(float(row[i]) for row, i in zip(scores, follow, strict=False))


SENTENCES = [["Ann", "waits", "."], ["Zoe"], ["The", "\u2603og", "sees", "Leo"], ["a" * 90, "b"]]


@pytest.mark.parametrize("steps", [1, 7, 1000])
@pytest.mark.parametrize("symbols", [1, 60, 20_000])
def test_sentences_are_scored_as_by_hand_however_they_are_batched(
    model: CharacterTextModel, monkeypatch: pytest.MonkeyPatch, steps: int, symbols: int
) -> None:
    monkeypatch.setattr(module, "BATCH_STEPS", steps)
    monkeypatch.setattr(module, "BATCH_SYMBOLS", symbols)
    for forms, found in zip(SENTENCES, model.score(iter(SENTENCES)), strict=True):
        text = f"|{' '.join(forms)}|"
        assert found.nats == pytest.approx(by_hand(model, text), rel=1e-4)
        assert (found.tokens, found.unknown) == (len(text) - 1, text.count("\u2603"))


def test_what_the_model_learned_is_likelier(model: CharacterTextModel) -> None:
    usual, odd = model.score(iter([["Ann", "sees", "the", "dog", "."], ["god", "eht", "nnA"]]))
    assert isinstance(usual, Likelihood)
    assert odd.perplexity > 2 * usual.perplexity
