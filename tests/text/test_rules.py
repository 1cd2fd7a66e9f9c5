"""Where sentences end, and that nothing is lost on the way."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.text.rules import segment
from tagger.text.shapes import shape

PIECES = (
    ["a", "B", "don't", "U.S.", "Mr.", "etc.", "http://", "www.", "x@y.z", "1,000", "5pm", "ß", "Ж"]
    + list(".!?…。'\"()»/#@-") + ["...", ":)", "<3", "--"]
    + list("  \t\n\u00a0\u3000\x1c\x85\u2028") + ["\r\n"]
    + list("\0\ufeff\u200b\u200d\u0301\ufe0f👍🏽🇩北ก\ud800\U0010ffff")
)  # fmt: skip
texts = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(texts, st.integers(0, 10**9))
def test_tokens_and_gaps_rebuild_the_text(text: str, start: int) -> None:
    place = start
    for sentence in segment(text, start):
        assert sentence.offsets is not None
        assert sentence.start == sentence.offsets[0][0]
        assert sentence.text == text[sentence.start - start : sentence.offsets[-1][1] - start]
        for form, (begin, end) in zip(sentence.forms, sentence.offsets, strict=True):
            assert place <= begin < end
            assert form == text[begin - start : end - start]
            assert not any(character.isspace() for character in form)
            assert not text[place - start : begin - start].strip()
            place = end
    assert not text[place - start :].strip()


@given(texts)
def test_a_shape_has_a_character_for_each_of_the_text(text: str) -> None:
    assert len(shape(text)) == len(text)
    assert [c.isspace() for c in shape(text)] == [c.isspace() for c in text]


@pytest.mark.parametrize(
    "text",
    [
        "He left.|She came!|Who?|5 went.|(All of them.)|“No.”|The end",
        "“Stop!” he said, “or go.” and left.|“Stop!”|He stopped.",
        "So what???|Well ... fine...|Nothing … at all.",
        "Great! :)|Thanks :) for that.|Bye :)|See you",
        "i came.|it was late.|then i left.",
        "Mr. Smith of the U.S. army saw Dr. J. Brown, Jr. at 5 p.m. on Friday.",
        "He works for Enron Corp.|The firm is in the U.S.|It is large, etc.",
        "1. The first.|2. The second.|It was 5.|Six came.",
        "See No. 5 on p. 3 there.|No.|I will not.",
        "Wait . . . what?|... he said nothing.",
        "See www.x.org.|Mail a@b.org!|Done",
        "version 1.2.3 of a.b.c is e.g. here",
    ],
)
def test_english_sentences_end_where_they_should(text: str) -> None:
    found = [sentence.text for sentence in segment(text.replace("|", " "))]
    assert found == text.split("|")


@pytest.mark.parametrize(
    "text",
    [
        "我爱北京。|你呢？|「好！」|他说。",
        "これはペンです。|はい！",
        "नमस्ते। |आप कैसे हैं? |मैं ठीक हूँ।",
        "مرحبا. |كيف حالك؟ |أنا بخير.",
        "Il dit : « Bonjour. » |Il part. |« Non ! » dit-il.",
        "Er ging. |»Komm!«, rief z. B. der Ä. Öhm.",
        "Он пришёл. |Это т. е. Москва.",
        "안녕. |네. |그래.",
    ],
)
def test_sentences_of_other_languages_end_where_they_should(text: str) -> None:
    found = [sentence.text for sentence in segment(text.replace("|", ""))]
    assert found == [part.strip() for part in text.split("|")]


def test_a_text_of_white_space_has_no_sentence() -> None:
    assert list(segment("")) == list(segment(" \t\r\n\u00a0\x1c")) == []


@pytest.mark.parametrize("piece", ["a", "我", "1", "1,", "'", "-", "a.", "Ab.", "."])
def test_a_word_of_300000_characters_is_not_cut_short(piece: str) -> None:
    word = (piece * 300_000)[:300_000]
    assert "".join(form for sentence in segment(word) for form in sentence.forms) == word
    if piece in "a我1'-.":
        assert [sentence.forms for sentence in segment(word)] == [(word,)]


NASTY = (
    ["a", "A", "我", "1", "1,", "1-", "1a", "1k", "1/", "+1", "👍\u200d", "🇩", "a b. "]
    + ["a.", "A.", "ab.", "Ab.", "ab.c1.", "a-", "e-", "a'", "n't", "'s", "B&", "&A", "etc."]
    + ["\u0301", "\u200d", "\0", "'", "-", "-=", "-_", "-.", "_", "^_", ".", ".'", "!?", "。"]
    + ["。'", "\\", "``", "/", "(", ")", ":)", ":(", ":)x", "<", "=", "<3", "@", "a@", "a@b"]
    + ["@a", "#a", "((a", "http://", "www.", "http://(", "www.(a", "A. ", ". ", ".) ", ":) ", "' "]
)  # fmt: skip


@pytest.mark.parametrize("piece", NASTY)
@pytest.mark.parametrize("ending", ["", "1"])
def test_time_is_linear_in_the_length_of_a_word(piece: str, ending: str) -> None:
    """Twenty times the length takes some twenty times as long, not four hundred times."""

    def seconds(length: int) -> float:
        text = piece * (length // len(piece)) + ending
        begun = time.process_time()
        for _ in segment(text):
            pass
        return time.process_time() - begun

    short = min(seconds(2_000) for _ in range(3))
    assert any(seconds(40_000) < 40 * short + 0.03 for _ in range(4))
