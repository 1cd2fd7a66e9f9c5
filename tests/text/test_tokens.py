"""Which tokens a line of text has: each row is the line and its tokens with blanks between."""

import pytest

from tagger.text.rules import segment


def tokens(text: str) -> str:
    return " ".join(form for sentence in segment(text) for form in sentence.forms)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I can't, don’t, WON'T.", "I ca n't , do n’t , WO N'T ."),
        ("John's, I'm, we'll, they’ve, he'd", "John 's , I 'm , we 'll , they ’ve , he 'd"),
        ("cannot Gonna wanna gotta", "can not Gon na wan na got ta"),
        ("cannoted gotham", "cannoted gotham"),
        ("O'Rourke's Shi'ite 'em '90s", "O'Rourke 's Shi'ite 'em '90s"),
        ("'quoted'", "' quoted '"),
        ('dogs\' "tails"', 'dogs \' " tails "'),
    ],
)
def test_english_clitics_are_tokens_and_other_apostrophes_are_not(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("well-known X-ray (and/or)", "well - known X - ray ( and / or )"),
        ("e-mail non-profit Hizb-e-Islami", "e-mail non-profit Hizb - e - Islami"),
        ("AT&T w/o", "AT&T w/o"),
        ("[a] {b} «c» “d”", "[ a ] { b } « c » “ d ”"),
    ],
)
def test_words_are_cut_at_hyphens_slashes_and_brackets(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000.50 3:30 11:05:59", "1,000.50 3:30 11:05:59"),
        ("10% $5 €3 5pm 7:30PM 65k", "10 % $ 5 € 3 5 pm 7:30 PM 65 k"),
        ("20th 1960s 3D x86", "20th 1960s 3D x86"),
        ("5-10 1998-2003 -5", "5 - 10 1998 - 2003 - 5"),
        ("713-853-3989 345-9945", "713-853-3989 345-9945"),
        ("2001-09-11 192.168.0.1", "2001-09-11 192.168.0.1"),
        ("11/28/2000 9/11 1/2", "11/28/2000 9/11 1 / 2"),
        ("٣٫٥ ५०", "٣ ٫ ٥ ५०"),
    ],
)
def test_numbers_dates_and_telephone_numbers(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(see http://x.org/a_(b)?q=1,2).", "( see http://x.org/a_(b)?q=1,2 ) ."),
        ("<mailto:a.b@c.co.uk>, www.x.org.", "< mailto:a.b@c.co.uk > , www.x.org ."),
        ("jane_doe+x@mail.example.org!", "jane_doe+x@mail.example.org !"),
        ("example.com report-2.doc", "example.com report-2.doc"),
        ("comp.sources.unix", "comp.sources.unix"),
        ("@jane #tag #1", "@jane #tag # 1"),
    ],
)
def test_addresses_and_file_names_are_one_token(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. J. Smith, e.g. the U.S. army", "Mr. J. Smith , e.g. the U.S. army"),
        ("No. 5, but no.", "No. 5 , but no ."),
        ("apples, pears, etc.", "apples , pears , etc ."),
        ("at 5 p.m. He left", "at 5 p.m . He left"),
        ("at 5 p.m. today", "at 5 p.m. today"),
        ("Plan B. The end", "Plan B . The end"),
    ],
)
def test_an_abbreviation_keeps_its_period_unless_it_ends_the_sentence(
    text: str, expected: str
) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    "token",
    ["...", "…", "!!!", "???", "?!", "--", "-----", "====", "***", "<<", "->", "''", "。。"]
    + [":)", ";-)", ":D", ":(", ":))", "=)", "<3", "^_^", ":P", "(:"]
    + ["😀", "👍🏽", "🇩🇪", "👩‍👩‍👧", "❤️", "1️⃣", "☺️"],
)
def test_repeated_marks_smileys_and_emoji_are_one_token(token: str) -> None:
    assert tokens(f"so {token}") == f"so {token}"
    assert tokens(f"so {token} .") == f"so {token} ."


def test_two_flags_are_two_tokens() -> None:
    assert tokens("🇩🇪🇫🇷") == "🇩🇪 🇫🇷"


@pytest.mark.parametrize(
    "word",
    ["cafe\u0301s", "naïve", "l'été", "हिन्दी", "می\u200cخواهم", "北京", "これ"]
    + ["ni\u00adce", "wor\0ld", "💩\u0301"],
)
def test_marks_and_invisible_characters_stay_in_the_word(word: str) -> None:
    assert tokens(f"({word}, {word})") == f"( {word} , {word} )"


@pytest.mark.parametrize("invisible", ["\0", "\x01", "\ufeff", "\u200b", "\u0301", "\U000e0041"])
def test_an_invisible_character_alone_is_a_token(invisible: str) -> None:
    assert tokens(f"a {invisible} b") == f"a {invisible} b"
