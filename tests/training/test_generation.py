"""Text from a language model, and how likely it finds text."""

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from tagger.inference.language_folder import LanguageFiles, read_language_folder
from tagger.network.language_model import State
from tagger.training import generation as module
from tagger.training.generation import Likelihood, Sampling, TextModel
from tagger.training.language_data import build_tables
from tagger.training.pretraining import Pretraining
from tagger.vocabulary import Vocabulary
from tests.training.language_corpus import language_data, language_settings, lines

PROMPT = ("The", "dog")
LIKELIEST = Sampling(temperature=0.0)
SENTENCES = [
    ("Ann", "sees", "the", "dog", "."),
    ("In", "1987", "Zyx", "bought", "a", "zyxwv", "for", "$", "5", "."),  # two that are unknown
    ("Ann",),
    ("Bob", "hears", "Ann", "."),
    ("Ann", "sees", "the", "dog", "."),
]


@pytest.fixture(scope="module")
def files(language_model: Path) -> LanguageFiles:
    return read_language_folder(language_model)


@pytest.fixture(scope="module")
def model(files: LanguageFiles) -> TextModel:
    return TextModel.read(files, "lm")


def write(
    model: TextModel,
    sampling: Sampling,
    *,
    prompt: Sequence[str] = PROMPT,
    seed: int = 1,
    length: int = 60,
) -> str:
    return "".join(model.generate(prompt, sampling, seed, length))


def saying(files: LanguageFiles, *forms: str, joined: Iterable[str] = ()) -> TextModel:
    """A model that draws some forms alone, all as likely; "" ends a sentence."""
    targets = Vocabulary(
        ["", "<unknown>", *(form for form in forms if form not in ("", "<unknown>"))]
    )
    weights = {
        name: np.zeros_like(weight)
        for name, weight in files.weights.items()
        if not name.startswith("softmax")
    }
    size = files.description.settings["projection_size"]
    weights["softmax.head.weight"] = np.zeros((len(targets), size), np.float32)
    bias = np.full(len(targets), -np.inf, np.float32)
    bias[[targets.id_of(form) for form in forms]] = 0.0
    weights["softmax.head.bias"] = bias
    settings = {**files.description.settings, "cutoffs": [len(targets)]}
    return TextModel.read(
        msgspec.structs.replace(
            files,
            description=msgspec.structs.replace(files.description, settings=settings),
            targets=targets,
            joined=[targets.id_of(form) for form in joined],
            weights=weights,
        ),
        "saying",
    )


def test_a_model_can_be_heard_in_training_which_goes_on_as_without(tmp_path: Path) -> None:
    data, weights = language_data(tmp_path), []
    for is_heard in (True, False):
        training = Pretraining(data, language_settings(epochs=0.5))
        for _ in training.run():
            if is_heard:
                assert write(TextModel(data, training.state.network), Sampling(), length=5)
        weights.append(training.state.network.state_dict())
    for name, weight in weights[0].items():
        assert torch.equal(weight, weights[1][name])


def test_the_same_seed_gives_the_same_text(model: TextModel) -> None:
    texts = [write(model, Sampling(), seed=seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert write(model, Sampling(), prompt=()) != texts[0]


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(top_k=1),
        Sampling(top_p=1e-9),
        Sampling(top_k=1, temperature=9.0),
        Sampling(temperature=1e-3),
        Sampling(temperature=1e-310),
        Sampling(temperature=0.0, top_k=5, top_p=0.5),
    ],
)
def test_the_likeliest_words_are_taken_whatever_the_seed(
    model: TextModel, sampling: Sampling
) -> None:
    expected = write(model, LIKELIEST)
    assert all(write(model, sampling, seed=seed) == expected for seed in (1, 2))


def test_temperature_0_takes_the_likeliest_word_at_each_step(
    model: TextModel, files: LanguageFiles
) -> None:
    """Step by step through the network, the state carried over sentences."""
    found = [piece.strip(" ") for piece in model.generate(PROMPT, LIKELIEST, 1, 40)]
    read = ["", *PROMPT]
    for piece in found:
        scores = log_probabilities(model, files, read)[-1]
        scores[Vocabulary.unknown_id] = -math.inf
        if read[-1] == "":
            scores[0] = -math.inf
        expected = files.targets[int(scores.argmax())]
        assert piece == (expected or "\n")
        read.append(expected)
    assert "\n" in found


def log_probabilities(model: TextModel, files: LanguageFiles, forms: Sequence[str]) -> np.ndarray:
    """Of what follows each of some forms, read one after the other from no state."""
    network = model.network
    tables = build_tables(forms, files.vocabularies, files.targets)
    words, characters, affixes = tables.lexical(np.arange(len(forms)))
    with torch.no_grad():
        places = torch.arange(len(forms))[None]
        lexical = network.words(words, characters, affixes, places).transpose(0, 1)
        says, _ = network.forward_model(lexical, network.no_state(1))
        return network.softmax.log_probabilities(says[:, 0]).double().numpy()


def test_a_prompt_and_its_sentences_before_matter(model: TextModel) -> None:
    prompts = [(), ("Ann",), ("Bob", "waits", ".", "", "Ann")]
    first = [next(iter(model.generate(prompt, LIKELIEST, 1, 1))) for prompt in prompts]
    assert first[0][0] != " " == first[1][0] == first[2][0]
    texts = [write(model, Sampling(), prompt=prompt) for prompt in prompts]
    assert len(set(texts)) == 3


def test_as_many_pieces_come_as_were_asked_for(model: TextModel) -> None:
    for length in (1, 7, 50):
        assert len(list(model.generate((), Sampling(), 1, length))) == length


def test_what_is_drawn_follows_the_probabilities(model: TextModel, files: LanguageFiles) -> None:
    """As often as their probability says, the unknown word left out; at the first word."""
    shares = np.exp(log_probabilities(model, files, ["", *PROMPT])[-1])
    shares[Vocabulary.unknown_id] = 0.0
    for sampling in (Sampling(), Sampling(temperature=0.5), Sampling(top_k=3), Sampling(top_p=0.6)):
        expected = shares ** (1 / sampling.temperature)
        order = np.argsort(-expected)
        if sampling.top_k:
            expected[order[sampling.top_k :]] = 0.0
        expected /= expected.sum()
        together = np.cumsum(expected[order])
        expected[order[np.searchsorted(together, sampling.top_p) + 1 :]] = 0.0
        expected /= expected.sum()
        counts = np.zeros(len(shares))
        for seed in range(300):
            (piece,) = model.generate(PROMPT, sampling, seed, 1)
            counts[files.targets.id_of(piece.strip())] += 1
        assert np.all(counts[expected == 0.0] == 0)
        assert np.abs(counts / 300 - expected).max() < 0.1


def test_the_unknown_word_is_never_drawn(files: LanguageFiles) -> None:
    model = saying(files, "<unknown>", "Ann", "")
    text = write(model, Sampling(), length=200)
    assert "Ann" in text
    assert "unknown" not in text
    assert "unknown" not in write(model, Sampling(temperature=50.0), length=200)


def test_no_sentence_is_empty(files: LanguageFiles) -> None:
    model = saying(files, "Ann", "")
    text = write(model, Sampling(), prompt=(), length=300)
    assert text.count("\n") > 50
    assert not text.startswith("\n")
    assert "\n\n" not in text
    behind_a_sentence = write(model, Sampling(), prompt=("Bob", ""), length=1)
    assert behind_a_sentence != "\n"


def test_sentences_begin_without_a_blank(model: TextModel) -> None:
    text = write(model, Sampling(), prompt=(), length=300)
    assert not re.search(r"^ | $|  ", text, re.MULTILINE)


def test_signs_stand_where_they_stood_in_the_text(model: TextModel, files: LanguageFiles) -> None:
    joined = {files.targets[i] for i in files.joined}
    assert {".", ",", ":", ")", "5"} <= joined
    assert not {"", "<unknown>", "Ann", "dog", "(", "$"} & joined
    text = write(model, Sampling(), prompt=(), length=600)
    assert not re.search(r" [.,:)]", text)
    assert not re.search(r"[($] ", text)
    assert re.search(r"\w \w", text)


@pytest.mark.parametrize("joined", [(), ('"',)], ids=["apart", "mostly joined"])
def test_quotation_marks_open_and_close(files: LanguageFiles, joined: tuple[str, ...]) -> None:
    model = saying(files, '"', "Ann", joined=joined)
    text = write(model, Sampling(), prompt=("Ann",), length=200)
    assert '"' in text
    outside = text.split('"')[0::2]
    inside = text.split('"')[1::2]
    assert all(words == words.strip() for words in inside[:-1])
    assert all(words.startswith(" ") and words.endswith(" ") for words in outside[1:-1])


def test_a_quotation_that_the_prompt_opened_is_closed(files: LanguageFiles) -> None:
    model = saying(files, '"')
    assert write(model, LIKELIEST, prompt=('"', "Ann"), length=1) == '"'
    assert write(model, LIKELIEST, prompt=('"', "Ann", '"'), length=1) == ' "'


def test_behind_a_prompt_that_opens_there_is_no_blank(files: LanguageFiles) -> None:
    model = saying(files, "Ann")
    assert write(model, LIKELIEST, prompt=("Bob", "("), length=2) == "Ann Ann"
    assert write(model, LIKELIEST, prompt=("Bob", '"'), length=2) == "Ann Ann"
    assert write(model, LIKELIEST, prompt=("Bob", ".", ""), length=2) == "Ann Ann"


def by_hand(model: TextModel, files: LanguageFiles, forms: Sequence[str]) -> Likelihood:
    """One form after the other through the network."""
    network, nats = model.network, 0.0
    state: State = network.no_state(1)
    follow = files.targets.ids_or_unknown([*forms, ""])
    for form, target in zip(["", *forms], follow, strict=True):
        tables = build_tables([form], files.vocabularies, files.targets)
        places = torch.zeros(1, 1, dtype=torch.int64)
        with torch.no_grad():
            lexical = network.words(*tables.lexical(np.zeros(1, np.int64)), places)
            says, state = network.forward_model(lexical, state)
            nats -= float(network.softmax.log_probabilities(says[0])[0, target])
    return Likelihood(nats, len(forms) + 1, follow.count(Vocabulary.unknown_id))


def test_a_score_is_that_of_the_network_step_by_step(
    model: TextModel, files: LanguageFiles
) -> None:
    for found, forms in zip(model.score(iter(SENTENCES)), SENTENCES, strict=True):
        expected = by_hand(model, files, forms)
        assert (found.tokens, found.unknown) == (expected.tokens, expected.unknown)
        assert found.nats == pytest.approx(expected.nats, rel=1e-5)
        assert found.perplexity == pytest.approx(math.exp(expected.nats / expected.tokens))


def test_unknown_words_are_counted(model: TextModel) -> None:
    found = list(model.score(iter(SENTENCES)))
    assert "1987" in model.targets
    assert [each.unknown for each in found] == [0, 2, 0, 0, 0]
    assert [each.tokens for each in found] == [len(forms) + 1 for forms in SENTENCES]


@pytest.mark.parametrize(("at_once", "tokens"), [(1, 2_000), (2, 10), (3, 1), (1_000, 12)])
def test_a_score_does_not_depend_on_what_is_scored_beside(
    model: TextModel, monkeypatch: pytest.MonkeyPatch, at_once: int, tokens: int
) -> None:
    text = SENTENCES + [tuple(line.split()) for line in lines(40)]
    alone = [next(model.score(iter([forms]))) for forms in text]
    monkeypatch.setattr(module, "SENTENCES_AT_ONCE", at_once)
    monkeypatch.setattr(module, "BATCH_TOKENS", tokens)
    together = list(model.score(iter(text)))
    assert len(together) == len(text)
    for found, expected in zip(together, alone, strict=True):
        assert (found.tokens, found.unknown) == (expected.tokens, expected.unknown)
        assert found.nats == pytest.approx(expected.nats, rel=1e-5)


def test_scores_come_as_soon_as_their_sentences_were_read(
    model: TextModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SENTENCES_AT_ONCE", 2)
    read = iter(SENTENCES)
    scores = model.score(read)
    next(scores)
    assert next(read) == SENTENCES[2]
    assert list(model.score(iter([]))) == []


def test_what_the_model_learned_is_likelier(model: TextModel) -> None:
    learned, shuffled = model.score(iter([SENTENCES[0], tuple(reversed(SENTENCES[0]))]))
    assert learned.perplexity < shuffled.perplexity / 3


@pytest.mark.parametrize("steps", [1, 7, 15, 16, 17])
def test_a_very_long_sentence_is_read_to_its_end_in_pieces(
    model: TextModel, files: LanguageFiles, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(module, "BATCH_STEPS", steps)
    long = SENTENCES[1] + SENTENCES[3] + ("zyxwv",)
    assert len(long) + 1 == 16
    text = [long, SENTENCES[1], long[:-1], SENTENCES[2]]
    for found, forms in zip(model.score(iter(text)), text, strict=True):
        expected = by_hand(model, files, forms)
        assert (found.tokens, found.unknown) == (expected.tokens, expected.unknown)
        assert found.nats == pytest.approx(expected.nats, rel=1e-5)


def test_no_more_than_some_tokens_or_a_sentence_are_read_ahead(
    model: TextModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOKENS_AT_ONCE", 12)
    read = iter(SENTENCES)
    next(model.score(read))
    assert next(read) == SENTENCES[2]


def test_a_perplexity_too_large_for_a_float_is_infinite() -> None:
    assert Likelihood(7_100.0, 10, 0).perplexity == math.inf
    assert Likelihood(20.0, 10, 0).perplexity == pytest.approx(math.exp(2))
