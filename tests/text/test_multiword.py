"""What a treebank's multiword tokens teach, and what is made of it."""

from itertools import permutations
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.text.multiword import LONGEST, STEM, Multiword, Rule, Words, learn_multiword

Examples = list[tuple[str, Words]]

FRENCH: Examples = [
    ("du", ("de", "le")),
    ("des", ("de", "les")),
    ("au", ("à", "le")),
    ("aux", ("à", "les")),
]
NEGATED = "didn't doesn't couldn't wouldn't shouldn't hasn't haven't weren't".split()
OWNERS = "John Mary teacher window Anna government".split()
HELPED = "they she that this there who".split()
ENGLISH: Examples = [
    *[(word, (word[:-3], "n't")) for word in [*NEGATED, "can't", "won't", "don't", "isn't"]],
    *[(f"{word}'s", (word, "'s")) for word in OWNERS],
    *[(f"{word}'ll", (word, "'ll")) for word in HELPED],
    *[("cannot", ("can", "not")), ("gonna", ("gon", "na"))],
]
ITALIAN: Examples = [("della", ("di", "la")), ("nel", ("in", "il")), ("dell'", ("di", "l'"))]
VERBS = "am ba ca do fu ga hi ja ke lu".split()
SPANISH: Examples = [(f"{verb}rlo", (f"{verb}r", "lo")) for verb in VERBS]
HEBREW: Examples = [(f"ha{noun}", ("ha", noun)) for noun in ["bait", "sefer", "yeled", "melekh"]]


def split(examples: Examples, surface: str) -> str:
    """The words with blanks between."""
    return " ".join(learn_multiword(examples).split(surface) or ["None"])


def lower(words: Words | None) -> Words | None:
    return words if words is None else tuple(word.lower() for word in words)


@pytest.mark.parametrize(("surface", "words"), FRENCH)
def test_what_has_no_rule_is_kept_as_a_whole(surface: str, words: Words) -> None:
    learned = learn_multiword(FRENCH)
    assert learned.split(surface) == words
    assert learned == Multiword(dict(FRENCH), ())
    assert learned.split(f"{surface}s") is learned.split(f"x{surface}") is None


@pytest.mark.parametrize(("surface", "words"), [*ENGLISH, *ITALIAN, *SPANISH, *HEBREW])
def test_what_was_taught_comes_out(surface: str, words: Words) -> None:
    assert learn_multiword(ENGLISH + ITALIAN + SPANISH + HEBREW).split(surface) == words


@pytest.mark.parametrize(
    ("surface", "words"),
    [
        ("mustn't", "must n't"),
        ("oughtn't", "ought n't"),
        ("xn't", "x n't"),
        ("Ines's", "Ines 's"),
        ("Ж's", "Ж 's"),
        ("it'll", "it 'll"),
        ("nobody'll", "nobody 'll"),
        ("Is'n't", "Is' n't"),
    ],
)
def test_english_clitics_part_from_hosts_never_seen(surface: str, words: str) -> None:
    assert split(ENGLISH, surface) == words


def test_hosts_shorter_than_the_clitic_teach_it_too() -> None:
    short: Examples = [(f"{host}n't", (host, "n't")) for host in ["do", "is", "ca", "wo"]]
    assert split(short, "mustn't") == "must n't"
    assert learn_multiword(short).forms == {}


def test_beginnings_and_ends_are_learned_and_both_at_once() -> None:
    assert split(HEBREW, "haregel") == "ha regel"
    assert split(SPANISH, "mirarlo") == "mirar lo"
    both: Examples = [(f"w{host}hu", ("w", host, "hu")) for host in ["kita", "bare", "soma"]]
    assert split(both, "wlonehu") == "w lone hu"


def test_a_stem_may_change_its_end() -> None:
    changed: Examples = [(f"{verb}mone", (f"{verb}mos", "ne")) for verb in ["anda", "vedia"]]
    assert split(changed, "partimone") == "partimos ne"


@pytest.mark.parametrize("surface", ["n't", "'s", "'ll", "N'T", "'", ""])
def test_a_rule_needs_a_stem(surface: str) -> None:
    assert learn_multiword(ENGLISH).split(surface) is None


@pytest.mark.parametrize(
    ("surface", "words"),
    [
        ("DON'T", "DO N'T"),
        ("Don't", "Do n't"),
        ("dOn'T", "dO n'T"),
        ("MUSTN'T", "MUST N'T"),
        ("Mustn't", "Must n't"),
        ("McCoy's", "McCoy 's"),
        ("CANnot", "CAN not"),
        ("Della", "Di la"),
        ("DELLA", "DI LA"),
        ("DELL'", "DI L'"),
        ("Du", "De le"),
        ("AU", "À LE"),
    ],
)
def test_case_is_that_of_the_surface_token(surface: str, words: str) -> None:
    assert split(ENGLISH + ITALIAN + FRENCH, surface) == words


def test_a_single_capital_is_the_beginning_of_a_sentence() -> None:
    assert split([("z", ("a", "la"))], "Z") == "A la"


def test_the_case_of_the_examples_does_not_matter() -> None:
    shouted = [(form.upper(), tuple(word.upper() for word in words)) for form, words in ENGLISH]
    assert learn_multiword(shouted) == learn_multiword(ENGLISH)


@pytest.mark.parametrize("surface", ["İn't", "ẞn't", "straßen't", "ŉ's", "ﬁn't"])
def test_letters_that_change_their_length_with_their_case_do_no_harm(surface: str) -> None:
    words = learn_multiword(ENGLISH).split(surface)
    assert words is None or "".join(words) == surface


def test_a_form_with_such_a_letter_is_taught_too() -> None:
    assert split([("İyidir", ("İyi", "dir"))], "İyidir") == "İyi dir"


def test_the_most_common_words_of_a_form_are_taught() -> None:
    assert split([("du", ("d", "u")), *FRENCH, *FRENCH], "du") == "de le"
    assert split([("Du", ("D", "u")), ("du", ("d", "u")), *FRENCH], "du") == "d u"


def test_a_form_that_a_rule_gets_wrong_is_kept_beside_it() -> None:
    learned = learn_multiword([*ENGLISH, ("let's", ("let", "us"))])
    assert learned.split("let's") == ("let", "us")
    assert learned.split("pet's") == ("pet", "'s")
    assert learned.forms["let's"] == ("let", "us")
    assert "john's" not in learned.forms


def test_of_two_rules_the_one_that_names_more_goes_first() -> None:
    mixed: Examples = [(f"{verb}slo", (f"{verb}s", "lo")) for verb in VERBS]
    mixed += [(f"{verb}arlo", (f"{verb}are", "lo")) for verb in VERBS]
    assert split(mixed, "mislo") == "mis lo"
    assert split(mixed, "miarlo") == "miare lo"


def test_what_a_single_form_teaches_is_no_rule() -> None:
    assert learn_multiword([("mustn't", ("must", "n't"))] * 5).rules == ()


def test_nothing_learned_splits_nothing() -> None:
    assert learn_multiword([]) == Multiword()
    assert Multiword().split("don't") is None
    assert learn_multiword(ENGLISH).split("tagger") is None


def test_tokens_longer_than_the_longest_are_not_split() -> None:
    longest = "x" * (LONGEST - 2)
    learned = learn_multiword([*ENGLISH, (f"{longest}du", ("x", "du")), (f"{longest}des", ("x",))])
    assert learned.split(f"{longest}'s") == (longest, "'s")
    assert learned.split(f"{longest}x's") is None
    assert learned.split(f"{longest}du") == ("x", "du")
    assert learned.split(f"{longest}des") is None
    assert f"{longest}des" not in learned.forms


def test_an_asterisk_in_a_token_does_no_harm() -> None:
    assert split(ENGLISH, "f**n't") == "f** n't"
    assert split(ENGLISH, "*'s") == "* 's"
    assert split(ENGLISH, "*") == "None"
    learned = learn_multiword([*ENGLISH, ("a*'s", ("b*", "c")), ("*", ("*", "*"))])
    assert learned.rules == learn_multiword(ENGLISH).rules
    assert (learned.split("a*'s"), learned.split("*")) == (("b*", "c"), ("*", "*"))


def test_an_asterisk_in_words_does_no_harm() -> None:
    starred: Examples = [(f"x{letter}b", ("*x", f"{letter}b")) for letter in "acd"]
    assert learn_multiword(starred).split("xcb") == ("*x", "cb")
    assert learn_multiword(starred).split("xqb") in (None, ("*x", "qb"))


@pytest.mark.parametrize("example", [("", ("a", "b")), ("ab", ("a", "", "b"))])
def test_examples_without_text_or_word_teach_nothing(example: tuple[str, Words]) -> None:
    assert learn_multiword([example, *ENGLISH]) == learn_multiword(ENGLISH)


def test_rules_are_fewer_than_the_examples_of_a_regular_language() -> None:
    stems = [a + b for a in ["ka", "lo", "mi", "tu", "re"] for b in ["n", "s", "lan", "mor"]]
    regular: Examples = [(f"{stem}'s", (stem, "'s")) for stem in stems]
    regular += [(f"{stem}nya", (stem, "nya")) for stem in stems]
    regular += [(f"al{stem}", ("al", stem)) for stem in stems]
    learned = learn_multiword(regular)
    assert len(learned.rules) + len(learned.forms) == 3
    assert [learned.split(form) for form, _ in regular] == [words for _, words in regular]


def test_a_rule_fits_where_something_is_left_for_its_stem() -> None:
    rule = Rule("a", "lo", 0, 2, (STEM, "lo"))
    found = [form for form in ["arlo", "alo", "lo", "mirlo", "arlos", "a", ""] if rule.fits(form)]
    assert found == ["arlo", "alo"]
    assert rule.apply("ARLO") == ("AR", "lo")
    assert [Rule("ab", "bc", 0, 1, (STEM,)).fits(form) for form in ["abc", "abbc"]] == [False, True]
    assert [Rule("a", "a", 1, 1, (STEM,)).fits(form) for form in ["a", "aa", "aba"]] == [
        *(False, False, True)
    ]


@pytest.mark.parametrize("examples", [[], FRENCH, ENGLISH, ENGLISH + ITALIAN + SPANISH + HEBREW])
def test_what_was_learned_survives_json(examples: Examples) -> None:
    learned = learn_multiword(examples)
    again = msgspec.json.decode(msgspec.json.encode(learned), type=Multiword)
    assert again == learned
    assert [*again.forms] == [*learned.forms]


surfaces = st.text("abD'", min_size=1, max_size=6)
examples_of_text = st.lists(
    st.tuples(surfaces, st.lists(surfaces, min_size=1, max_size=3).map(tuple)), max_size=12
)


@st.composite
def cut_examples(draw: st.DrawFn) -> Examples:
    """Forms that are their words, here and there with a letter changed."""
    examples = []
    for parts in draw(st.lists(st.lists(surfaces, min_size=2, max_size=3), max_size=15)):
        words = [
            draw(st.sampled_from([part, part, part, f"{part}a", part[1:] or part]))
            for part in parts
        ]
        examples += [("".join(parts), tuple(words))] * draw(st.integers(1, 2))
    return examples


regular_examples = st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=4), st.sampled_from(["'s", "n't", "lo", "b"])),
    max_size=25,
).map(lambda pairs: [(stem + end, (stem, end)) for stem, end in pairs])
all_examples = examples_of_text | cut_examples() | regular_examples


def most_common(examples: Examples) -> dict[str, set[Words]]:
    """The words that each form has most often, in lower case."""
    found: dict[str, list[Words]] = {}
    for surface, words in examples:
        found.setdefault(surface.lower(), []).append(tuple(word.lower() for word in words))
    return {
        surface: {words for words in of if of.count(words) == max(map(of.count, of))}
        for surface, of in found.items()
    }


@given(all_examples)
def test_every_form_has_its_most_common_words(examples: Examples) -> None:
    learned = learn_multiword(examples)
    for surface, words in most_common(examples).items():
        assert lower(learned.split(surface)) in words
        assert lower(learned.split(surface.upper())) in words
        assert lower(learned.split(surface.capitalize())) in words


@given(all_examples, st.randoms(use_true_random=False), st.text("abcd'", max_size=6))
def test_the_order_of_the_examples_does_not_matter(
    examples: Examples, random: Random, surface: str
) -> None:
    learned = learn_multiword(examples)
    shuffled = random.sample(examples, len(examples))
    assert learn_multiword(shuffled) == learned
    assert msgspec.json.encode(learn_multiword(shuffled)) == msgspec.json.encode(learned)
    assert learn_multiword(shuffled).split(surface) == learned.split(surface)


def test_a_tie_is_broken_alike_in_any_order() -> None:
    tied: Examples = [("ab", ("a", "b")), ("ab", ("ab", "b")), ("AB", ("A", "c"))]
    learned = [learn_multiword(examples) for examples in permutations(tied)]
    assert learned == [Multiword({"ab": ("a", "b")})] * 6


@given(all_examples, st.text("abcDN't*", max_size=8))
def test_words_of_any_token_are_some_and_hold_text(examples: Examples, surface: str) -> None:
    learned = learn_multiword(examples)
    words = learned.split(surface)
    assert words is None or (words and all(words))
    assert all(STEM in "".join(rule.words) for rule in learned.rules)


@given(regular_examples)
def test_words_that_make_up_a_token_are_cut_out_of_it(examples: Examples) -> None:
    learned = learn_multiword(examples)
    for surface, _ in examples:
        for written in (surface, surface.upper(), surface.title(), surface.swapcase()):
            assert "".join(learned.split(written) or ()) == written
