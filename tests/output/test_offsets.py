"""Where tokens stand in a text, also where only a corpus tells of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.output.offsets import located, stretches
from tagger.sentence import Sentence

words = st.text(st.sampled_from("ab.é😀字"), min_size=1, max_size=4)


def covered(sentence: Sentence) -> list[str]:
    """What of the text each token's offsets cover."""
    assert sentence.text is not None
    assert sentence.offsets is not None
    return [sentence.text[start:end] for start, end in sentence.offsets]


def test_a_sentence_that_knows_its_offsets_is_left_alone() -> None:
    sentence = Sentence(("Rain",), offsets=((7, 11),), text="Rain", start=7)
    assert located(sentence) is sentence


def test_tokens_are_found_in_their_text() -> None:
    found = located(Sentence(("It", "rained", "."), text="It  rained."))
    assert found.text == "It  rained."
    assert found.offsets == ((0, 2), (4, 10), (10, 11))
    assert found.start == 0


def test_the_same_form_is_found_at_its_own_place_each_time() -> None:
    found = located(Sentence(("a", "aa", "a"), text="a aa a"))
    assert found.offsets == ((0, 1), (2, 4), (5, 6))


def test_without_a_text_the_forms_are_joined_by_blanks() -> None:
    found = located(Sentence(("It", "rained", ".")))
    assert found.text == "It rained ."
    assert found.offsets == ((0, 2), (3, 9), (10, 11))


def test_a_text_that_does_not_hold_the_words_is_not_used() -> None:
    """Multiword tokens: the text has `au`, the words are `à` and `le`."""
    found = located(Sentence(("va", "à", "le", "marché"), text="va au marché"))
    assert found.text == "va à le marché"
    assert covered(found) == ["va", "à", "le", "marché"]


def test_a_text_with_more_than_blanks_between_the_words_is_not_used() -> None:
    found = located(Sentence(("Rain", "fell"), text="Rain (never) fell"))
    assert found.text == "Rain fell"


def test_an_empty_token_has_a_place_of_no_width() -> None:
    found = located(Sentence(("a", "", "b")))
    assert found.text == "a  b"
    assert found.offsets == ((0, 1), (2, 2), (3, 4))


def test_no_tokens_have_no_offsets() -> None:
    found = located(Sentence(()))
    assert (found.text, found.offsets) == ("", ())


@given(forms=st.lists(words), blanks=st.data())
@settings(deadline=None)
def test_offsets_rebuild_every_form_from_any_text(forms: list[str], blanks: st.DataObject) -> None:
    gaps = [blanks.draw(st.sampled_from(["", " ", "  ", "\n", "\u3000"])) for _ in forms]
    text = "".join(gap + form for gap, form in zip(gaps, forms, strict=True))
    found = located(Sentence(tuple(forms), text=text))
    assert found.text == text
    assert covered(found) == forms
    places = [place for pair in found.offsets or () for place in pair]
    assert places == sorted(places)


@given(forms=st.lists(st.text(max_size=4)), text=st.none() | st.text(max_size=12))
@settings(deadline=None)
def test_offsets_rebuild_every_form_whatever_the_text_says(
    forms: list[str], text: str | None
) -> None:
    assert covered(located(Sentence(tuple(forms), text=text))) == forms


def test_gaps_and_tokens_joined_are_the_text() -> None:
    sentence = Sentence(("Rain", "."), offsets=((8, 12), (14, 15)), text=" Rain\t\n. ", start=7)
    assert stretches(sentence) == ([" ", "\t\n"], ["Rain", "."], " ")
