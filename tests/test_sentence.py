"""A sentence is a value: its tokens, and copies with other columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.sentence import (
    Kind,
    Layout,
    Sentence,
    Source,
    Token,
    multiword_tokens,
    place_of,
    surface_tokens,
)


def test_a_sentence_has_the_length_of_its_forms() -> None:
    assert len(Sentence(("Rain", "fell"))) == 2
    assert len(Sentence(())) == 0


def test_tokens_carry_their_tags_and_offsets() -> None:
    sentence = Sentence(("Rain", "fell"), {"upos": ("NOUN", "VERB")}, offsets=((3, 7), (8, 12)))
    assert sentence.tokens() == [
        Token("Rain", 3, 7, {"upos": "NOUN"}),
        Token("fell", 8, 12, {"upos": "VERB"}),
    ]


def test_tokens_without_offsets_say_so() -> None:
    assert Sentence(("Rain",)).tokens() == [Token("Rain", None, None, {})]


def test_tokens_of_a_sentence_with_too_few_tags_or_offsets_are_an_error() -> None:
    with pytest.raises(IndexError):
        Sentence(("Rain", "fell"), {"upos": ("NOUN",)}).tokens()
    with pytest.raises(ValueError, match="zip"):
        Sentence(("Rain", "fell"), offsets=((0, 4),)).tokens()


def test_new_columns_replace_or_join_the_old_ones_in_a_copy() -> None:
    before = Sentence(("Rain",), {"upos": ("NOUN",), "ner": ("O",)})
    after = before.with_columns({"upos": ("VERB",), "xpos": ("VB",)})
    assert after.columns == {"upos": ("VERB",), "ner": ("O",), "xpos": ("VB",)}
    assert before.columns == {"upos": ("NOUN",), "ner": ("O",)}


def test_a_copy_without_columns_keeps_everything_else() -> None:
    before = Sentence(("Rain",), {"upos": ("NOUN",)}, ((1, 5),), " Rain", start=1)
    after = before.without_columns()
    assert after == Sentence(("Rain",), {}, ((1, 5),), " Rain", start=1)
    assert before.columns == {"upos": ("NOUN",)}


def test_a_sentence_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Sentence(("Rain",)).forms = ()  # type: ignore[misc]


def source(kind: Kind, columns: dict[str, int], width: int | None, *rows: int) -> Source:
    return Source("a.conll", 10, "", rows, Layout(kind, columns, width=width))


@pytest.mark.parametrize(
    ("kind", "width", "name", "expected"),
    [
        ("columns", 5, "ner", ("a.conll", 14, 4)),
        ("columns", None, "ner", ("a.conll", 14, 4)),
        ("conllu", 10, "ner", ("a.conll", 14, 4)),
        ("conllu", 10, "my", ("a.conll", 14, 10)),  # in MISC
    ],
)
def test_a_tag_stands_in_the_row_of_its_token_and_in_its_field(
    kind: Kind, width: int | None, name: str, expected: tuple[str, int, int]
) -> None:
    where = source(kind, {"form": 1, "ner": 3}, width, 1, 2, 4)
    assert place_of(Sentence(("a", "b", "c"), source=where), 2, name) == expected


def test_a_tag_of_pairs_stands_at_its_word() -> None:
    where = source("pairs", {"form": 0, "xpos": 1}, 2, 0, 0, 0)
    assert place_of(Sentence(("a", "b", "c"), source=where), 2, "xpos") == ("a.conll", 10, 3)


def test_a_sentence_from_nowhere_has_no_place() -> None:
    assert place_of(Sentence(("a",), {"ner": ("O",)}), 0, "ner") == ("?", 0, 0)


def test_lines_are_cut_at_line_feeds_only_and_keep_their_ends() -> None:
    text = "a\rb\u2028c\r\n\n\x0bd"
    where = Source("x", 1, text, (0,), Layout("columns", {"form": 0}))
    assert where.lines == ("a\rb\u2028c\r\n", "\n", "\x0bd")
    assert "".join(where.lines) == text


Places = tuple[tuple[int, int], ...]


def at(*offsets: tuple[int, int]) -> Sentence:
    """A sentence of words that stand there."""
    return Sentence(("w",) * len(offsets), offsets=offsets)


@pytest.mark.parametrize(
    ("offsets", "surface", "multiword"),
    [
        (((0, 1), (2, 3)), [(0, 1), (1, 2)], []),
        (((0, 2), (0, 2), (3, 4)), [(0, 2), (2, 3)], [(0, 2)]),
        (((0, 1), (2, 4), (2, 4), (4, 5)), [(0, 1), (1, 3), (3, 4)], [(1, 3)]),
        (((0, 1), (1, 6), (1, 6), (1, 6)), [(0, 1), (1, 4)], [(1, 4)]),
        (((0, 2), (0, 2), (2, 4), (2, 4)), [(0, 2), (2, 4)], [(0, 2), (2, 4)]),
        (((7, 9), (7, 9)), [(0, 2)], [(0, 2)]),
    ],
    ids=str,
)
def test_words_that_share_their_offsets_are_one_surface_token(
    offsets: Places, surface: list[tuple[int, int]], multiword: list[tuple[int, int]]
) -> None:
    assert surface_tokens(at(*offsets)) == surface
    assert multiword_tokens(at(*offsets)) == multiword


def test_words_at_one_place_where_no_text_is_are_tokens_of_their_own() -> None:
    nothing = at((0, 0), (0, 0), (0, 2), (0, 2), (2, 2), (2, 2))
    assert surface_tokens(nothing) == [(0, 1), (1, 2), (2, 4), (4, 5), (5, 6)]
    assert multiword_tokens(nothing) == [(2, 4)]


def test_words_that_only_overlap_are_tokens_of_their_own() -> None:
    assert surface_tokens(at((0, 2), (0, 3), (1, 3))) == [(0, 1), (1, 2), (2, 3)]


def test_without_offsets_each_word_is_a_surface_token() -> None:
    sentence = Sentence(("do", "n't"))
    assert surface_tokens(sentence) == [(0, 1), (1, 2)]
    assert multiword_tokens(sentence) == []


def test_a_sentence_of_no_words_has_no_surface_tokens() -> None:
    for nothing in (at(), Sentence(())):
        assert surface_tokens(nothing) == multiword_tokens(nothing) == []


@given(st.lists(st.integers(1, 4), max_size=8), st.integers(0, 9))
def test_surface_tokens_have_all_words_in_order(sizes: list[int], start: int) -> None:
    offsets = [(start + i, start + i + 1) for i, size in enumerate(sizes) for _ in range(size)]
    tokens = surface_tokens(at(*offsets))
    assert [end - first for first, end in tokens] == sizes
    assert [i for first, end in tokens for i in range(first, end)] == [*range(sum(sizes))]
    assert multiword_tokens(at(*offsets)) == [(i, end) for i, end in tokens if end - i > 1]
