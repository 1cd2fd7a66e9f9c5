"""Gold raw text by paragraphs and its variants: no token is lost or changed beyond its case."""

import numpy as np
import pytest

from tagger.evaluation.raw_text import BETWEEN_PARAGRAPHS, RawText
from tagger.training.raw_variants import (
    FULL_STOPS,
    GoldParagraph,
    GoldSentence,
    GoldToken,
    paragraphs_of,
    variant_of,
)
from tests.training.raw_corpus import raw_text


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawText:
    return raw_text(tmp_path_factory.mktemp("raw"), 40)


def text_of(paragraph: GoldParagraph) -> str:
    return "".join(sentence.text + sentence.gap for sentence in paragraph)


def tokens_of(paragraphs: list[GoldParagraph]) -> list[tuple[str, int]]:
    return [
        (sentence.text[token.start : token.end], token.num_words)
        for paragraph in paragraphs
        for sentence in paragraph
        for token in sentence.tokens
    ]


def test_paragraphs_are_those_of_the_text(raw: RawText) -> None:
    paragraphs = paragraphs_of(raw)
    assert BETWEEN_PARAGRAPHS.join(map(text_of, paragraphs)) == raw.text
    assert len(paragraphs) == raw.paragraphs == 14
    assert tokens_of(paragraphs)[:6] == [
        *(("Ann", 1), ("sees", 1), ("Bob", 1), (".", 1)),
        *(("Bob", 1), ("doesn't", 2)),
    ]


def test_a_change_of_probability_zero_changes_nothing(raw: RawText) -> None:
    paragraphs = paragraphs_of(raw)
    assert variant_of(paragraphs, np.random.default_rng(1), 0.0) == paragraphs


def test_a_variant_has_the_same_tokens_but_for_case_and_full_stops(raw: RawText) -> None:
    paragraphs = paragraphs_of(raw)
    variant = variant_of(paragraphs, np.random.default_rng(1), 0.5)
    assert len(variant) < len(paragraphs)
    assert any("\n" in text_of(paragraph) for paragraph in variant)
    assert sum(text_of(p).islower() for p in variant) > 0

    def content(of: list[GoldParagraph]) -> list[tuple[str, int]]:
        return [(form.lower(), n) for form, n in tokens_of(of) if form not in FULL_STOPS]

    assert content(variant) == content(paragraphs)
    assert len(tokens_of(variant)) < len(tokens_of(paragraphs))


def test_the_same_seed_gives_the_same_variant(raw: RawText) -> None:
    first, again, other = (
        variant_of(paragraphs_of(raw), np.random.default_rng(seed), 0.3) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_wrapped_paragraph_has_line_breaks_for_blanks_and_no_line_is_too_long() -> None:
    words = ["word", "another", "x", "longer-than-most"] * 40
    text = " ".join(words)
    starts = np.cumsum([0, *(len(word) + 1 for word in words[:-1])]).tolist()
    tokens = tuple([GoldToken(s, s + len(w), 1) for s, w in zip(starts, words, strict=True)])
    (wrapped,) = variant_of([[GoldSentence(text, tokens, "")]], np.random.default_rng(3), 0.999999)
    found = text_of(wrapped)
    assert found.replace("\n", " ") == text.lower()
    lines = found.split("\n")
    assert len(lines) > 5
    width = max(map(len, lines))
    assert width <= 100
    following = [line.split(" ")[0] for line in lines[1:]]
    assert all(
        len(line) + 1 + len(word) > min(width, 40)
        for line, word in zip(lines, following, strict=False)
    )


def test_a_script_without_blanks_is_joined_without() -> None:
    def sentence(gap: str) -> GoldSentence:
        return GoldSentence(
            "我去。", (GoldToken(0, 1, 1), GoldToken(1, 2, 1), GoldToken(2, 3, 1)), gap
        )

    paragraphs = [[sentence(""), sentence("")] for _ in range(50)]
    variant = variant_of(paragraphs, np.random.default_rng(1), 0.5)
    assert " " not in "".join(map(text_of, variant))
    assert len(variant) < 50
    joined = tokens_of(variant)
    assert len(joined) == 300, "no full stop goes where nothing else parts sentences"
