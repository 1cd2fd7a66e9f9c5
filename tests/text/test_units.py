"""Which units a text has, and that each character is in one of them."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.text.units import LINE_BREAK, follows_blank, units_of

PIECES = (
    ["a", "B", "Zoë", "don't", "1,000", "5pm", "ß", "Ж", "ª", "नमस्ते", "שָׁלוֹם", "北", "ｶ", "ไ", "한"]
    + list(".!?'\"()-_#@²Ⅷ٣")
    + list("  \t\n\n\r\v\f\u00a0\u3000\x1c\x1f\x85\u2028\u2029")
    + list("\0\x01\ufeff\u200b\u200c\u200d\u00ad\u0301\ufe0f👍🏽🇩\ud800\udc00\U0010ffff")
)  # fmt: skip
mixtures = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
texts = st.text(st.characters(), max_size=60) | mixtures


def forms(text: str) -> str:
    return "|".join(units_of(text).forms)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë's 2nd try.", " Zoë|'|s| 2|nd| try|."),
        ("abc123def", " abc|123|def"),
        ("...?! --", " .|.|.|?|!| -|-"),
        ("1,000.50", " 1|,|000|.|50"),
        ("snake_case", " snake|_|case"),
        ("٣٤x", " ٣٤|x"),
        ("Ⅷ²½", " Ⅷ|²|½"),
        ("👍👍", " 👍|👍"),
        ("1ª ªb", " 1|ª| ªb"),
    ],
)
def test_runs_of_letters_runs_of_digits_and_single_signs_are_units(
    text: str, expected: str
) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe\u0301s", " cafe\u0301s"),
        ("1\u03012", " 1\u03012"),
        (".\u0301.", " .\u0301|."),
        ("中\u0301文", " 中\u0301|文"),
        ("می\u200cخواهم", " می\u200cخواهم"),
        ("co\u00adop", " co\u00adop"),
        ("👍🏽👍🏿.", " 👍🏽|👍🏿|."),
        ("👩\u200d👧!", " 👩\u200d👧|!"),
        ("👩🏽\u200d🚀 x", " 👩🏽\u200d🚀| x"),
        ("🇩🇪🇫🇷🇬", " 🇩🇪|🇫🇷|🇬"),
        ("❤\ufe0fa", " ❤\ufe0f|a"),
        ("1\ufe0f\u20e3", " 1\ufe0f\u20e3"),
        ("wor\0ld", " wor\0ld"),
    ],
)
def test_marks_and_invisible_characters_belong_to_the_character_before(
    text: str, expected: str
) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize("mark", ["\u0301", "\u200d", "\u00ad", "🏽", "\ufeff", "\0"])
def test_a_mark_with_nothing_before_it_is_a_unit(mark: str) -> None:
    assert forms(f"{mark}a {mark}b\n{mark}") == f" {mark}|a| {mark}|b|\n| {mark}"


@pytest.mark.parametrize("text", ["北京", "これ", "ｶﾅ", "々〆〇", "กข", "ກຂ", "កខ", "ကခ", "བོད"])
def test_letters_of_scripts_without_blanks_are_units_of_their_own(text: str) -> None:
    bases = [c for c in text if not unicodedata.category(c).startswith("M")]
    assert len(units_of(text).forms) == len(bases)
    assert forms(f"a{text[0]}b") == f" a|{text[0]}|b"


@pytest.mark.parametrize(
    "word",
    ["हिन्दी", "नमस्ते", "العربية", "مُحَمَّد", "שָׁלוֹם", "Ελληνικά", "Привет", "한국어", "தமிழ்", "Հայերեն"],
)
def test_a_word_of_a_script_with_blanks_is_one_unit(word: str) -> None:
    assert forms(f"{word} {word},{word}") == f" {word}| {word}|,|{word}"


@pytest.mark.parametrize(
    "blank", [" ", "   ", "\t", "\u00a0", "\u3000", "\r", "\x1c", "\x85", " \t"]
)
def test_white_space_of_any_kind_and_length_is_one_blank(blank: str) -> None:
    units = units_of(f"a{blank}b,c{blank}")
    assert units.forms == [" a", " b", ",", "c"]
    assert units.starts.tolist() == [0, 1 + len(blank), 2 + len(blank), 3 + len(blank)]
    assert (units.ends - units.starts).tolist() == [1, 1, 1, 1]


def test_the_beginning_of_a_text_is_a_blank_too() -> None:
    assert units_of("a").forms == units_of("  a").forms == [" a"]


@pytest.mark.parametrize("white", ["\n", " \n", "\n ", "\r\n", "\n\n", " \n\t\n\u00a0", "\n\u2028"])
def test_white_space_with_a_line_break_is_a_unit_of_no_extent(white: str) -> None:
    units = units_of(f"é,{white}b.")
    assert units.forms == [" é", ",", LINE_BREAK, " b", "."]
    place = 2 + len(white)
    assert units.starts.tolist() == [0, 1, place, place, place + 1]
    assert units.ends.tolist() == [1, 2, place, place + 1, place + 2]


@pytest.mark.parametrize("separator", ["\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_a_line_feed_is_a_line_break(separator: str) -> None:
    assert units_of(f"a{separator}b").forms == [" a", " b"]


def test_a_line_break_at_the_beginning_is_a_unit_and_at_the_end_is_none() -> None:
    assert units_of("\na\n \n").forms == [LINE_BREAK, " a"]


@pytest.mark.parametrize("text", ["", " ", "\t\u00a0\r"])
def test_blanks_alone_are_no_units(text: str) -> None:
    units = units_of(text)
    assert units.forms == units.starts.tolist() == units.ends.tolist() == []
    assert follows_blank(units.forms).tolist() == []


def test_a_unit_follows_a_blank_where_its_form_begins_with_one() -> None:
    found = follows_blank(units_of("a-b\n- c").forms)
    assert found.tolist() == [True, False, False, True, True, True]
    assert found.dtype == bool


@given(texts)
def test_every_character_but_white_space_is_in_exactly_one_unit(text: str) -> None:
    units = units_of(text)
    assert len(units.forms) == len(units.starts) == len(units.ends)
    place = 0
    for _, start, end in zip(*units, strict=True):
        assert place <= start <= end
        assert not text[place:start].strip()
        assert not any(character.isspace() for character in text[start:end])
        place = end
    assert not text[place:].strip()


@given(texts)
def test_a_form_is_the_text_behind_a_blank_where_white_space_precedes(text: str) -> None:
    place = 0
    units = units_of(text)
    for form, start, end in zip(*units, strict=True):
        if form == LINE_BREAK:
            assert start == end
            assert LINE_BREAK in text[place:start]
        else:
            assert start < end
            assert form.startswith(" ") == (start == 0 or text[start - 1].isspace())
            assert form.removeprefix(" ") == text[start:end]
        place = end
    assert follows_blank(units.forms).tolist() == [f[0] in " \n" for f in units.forms]


@given(texts)
def test_each_stretch_of_white_space_with_a_line_break_is_one_unit(text: str) -> None:
    units = units_of(text)
    pairs = zip(units.forms, units.starts.tolist(), strict=True)
    breaks = [start for form, start in pairs if form == LINE_BREAK]
    outside = [i for i, c in enumerate(text) if not c.isspace()]
    gaps = zip([0, *[i + 1 for i in outside]], outside, strict=False)
    assert breaks == [end for begin, end in gaps if LINE_BREAK in text[begin:end]]


@given(texts)
def test_a_unit_begins_with_a_mark_only_behind_white_space(text: str) -> None:
    for start in units_of(text).starts[1:].tolist():
        if not text[start - 1].isspace():
            category = unicodedata.category(text[start])
            assert category[0] != "M" and category != "Cf" and text[start] not in "\0🏻🏼🏽🏾🏿"


@given(texts, texts)
def test_a_line_has_the_same_units_alone_and_behind_another(first: str, second: str) -> None:
    before = units_of(f"{first}\n.").forms[:-1]
    alone = units_of(f".\n{second}").forms[2:]
    assert units_of(f"{first}\n.\n{second}").forms[len(before) + 2 :] == alone
    assert units_of(f"{first}\n.\n{second}").forms[: len(before)] == before


@pytest.mark.parametrize("piece", ["a", "é", "Ж", "e\u0301", "हि", "1", "٣", "a\0", "a\u00ad"])
def test_a_word_of_300000_characters_is_one_unit(piece: str) -> None:
    word = piece * (300_000 // len(piece))
    units = units_of(f"{word}.")
    assert units.forms == [f" {word}", "."]
    assert units.ends.tolist() == [300_000, 300_001]


@pytest.mark.parametrize("character", ["北", ".", "👍"])
def test_300000_signs_are_as_many_units(character: str) -> None:
    units = units_of(character * 300_000)
    assert set(units.forms[1:]) == {character}
    assert units.starts.tolist() == list(range(300_000))


def seconds(text: str) -> float:
    begun = time.process_time()
    units_of(text)
    return time.process_time() - begun


@pytest.mark.parametrize("blank", [" ", "\u00a0"])
@pytest.mark.parametrize("text", ["{}a", "a{}a", "a{}\n", "a\n{}", "a{}", "{}"])
def test_time_is_linear_in_the_length_of_white_space(text: str, blank: str) -> None:
    """Twenty times the length takes some twenty times as long, not four hundred times."""
    short = min(seconds(text.format(blank * 1_000)) for _ in range(3))
    long = text.format(blank * 20_000)
    assert any(seconds(long) < 40 * short + 0.03 for _ in range(4))
