"""What a column asks a network to learn: its tags, its scheme, and ids of tags and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.schemes import SCHEMES, Scheme, convert_tags
from tagger.sentence import Sentence
from tagger.tasks import IGNORED, Task, task_from

NER = Task(name="ner", tags=("O", "B-X", "I-X", "E-X", "S-X"), scheme="IOBES")
UPOS = Task(name="upos", tags=("NOUN", "VERB"), scheme=None)


def sentence(**columns: str) -> Sentence:
    tags = {name: tuple(text.split()) for name, text in columns.items()}
    return Sentence(("x",) * len(next(iter(tags.values()))), tags)


def test_a_span_column_becomes_a_task_with_four_tags_for_each_label() -> None:
    task = task_from("ner", [sentence(ner="O B-PER I-PER"), sentence(ner="B-LOC O")])
    assert task.scheme == "IOBES"
    assert task.tags == (
        *("O", "B-LOC", "I-LOC", "E-LOC", "S-LOC"),
        *("B-PER", "I-PER", "E-PER", "S-PER"),
    )


def test_a_chunk_column_is_a_span_task_too() -> None:
    task = task_from("chunk", [sentence(chunk="B-NP I-NP B-VP O")])
    assert task.scheme == "IOBES"
    assert task.tags[:5] == ("O", "B-NP", "I-NP", "E-NP", "S-NP")


def test_a_part_of_speech_column_is_a_task_of_its_plain_tags() -> None:
    task = task_from("upos", [sentence(upos="VERB NOUN"), sentence(upos="ADJ _")])
    assert task == Task(name="upos", tags=("ADJ", "NOUN", "VERB"), scheme=None)


def test_one_tag_that_is_no_span_tag_makes_all_tags_plain() -> None:
    task = task_from("odd", [sentence(odd="B-PER O PER")])
    assert task == Task(name="odd", tags=("B-PER", "O", "PER"), scheme=None)


def test_a_column_of_nothing_but_o_has_no_spans() -> None:
    assert task_from("ner", [sentence(ner="O O")]) == Task(name="ner", tags=("O",), scheme=None)


def test_sentences_without_the_column_are_passed_over() -> None:
    sentences = [sentence(xpos="NN"), sentence(upos="NOUN"), Sentence(())]
    assert task_from("upos", sentences).tags == ("NOUN",)


@pytest.mark.parametrize("sentences", [[], [sentence(xpos="NN")], [sentence(upos="_ _")]])
def test_a_column_that_no_sentence_has_is_a_key_error(sentences: list[Sentence]) -> None:
    with pytest.raises(KeyError, match="upos"):
        task_from("upos", sentences)


@pytest.mark.parametrize("tags", ["B-X I-X O B-X", "I-X I-X O I-X", "B-X L-X O U-X"])
def test_gold_tags_of_any_scheme_have_the_same_ids(tags: str) -> None:
    assert NER.encode(tags.split()).tolist() == [1, 3, 0, 4]


def test_plain_tags_have_the_ids_of_their_places() -> None:
    ids = UPOS.encode(("VERB", "NOUN"))
    assert ids.tolist() == [1, 0]
    assert ids.dtype == np.int64


def test_a_token_without_a_plain_tag_is_ignored_alone() -> None:
    assert UPOS.encode(("VERB", "_")).tolist() == [1, IGNORED]


def test_a_sentence_with_a_token_without_a_span_tag_is_ignored_as_a_whole() -> None:
    assert NER.encode(("B-X", "_", "O")).tolist() == [IGNORED] * 3


def test_no_tags_have_no_ids() -> None:
    assert NER.encode(()).shape == UPOS.encode(()).shape == (0,)
    assert NER.decode([]) == ()


@pytest.mark.parametrize(("task", "tag"), [(UPOS, "ADJ"), (NER, "B-Y")])
def test_a_tag_that_the_task_does_not_have_is_a_key_error(task: Task, tag: str) -> None:
    with pytest.raises(KeyError):
        task.encode((tag,))


def test_spans_are_decoded_to_iob2() -> None:
    assert NER.decode([1, 2, 3, 0, 4, 4]) == ("B-X", "I-X", "I-X", "O", "B-X", "B-X")


def test_plain_tags_are_decoded_as_they_are() -> None:
    assert UPOS.decode(np.array([1, 0, 1])) == ("VERB", "NOUN", "VERB")


def test_a_tag_of_plain_tags_is_never_taken_for_a_span() -> None:
    task = Task(name="odd", tags=("I-PER", "PER"), scheme=None)
    assert task.decode([0, 1]) == ("I-PER", "PER")


@given(
    tags=st.lists(st.sampled_from(["O", "B-X", "I-X"])),
    scheme=st.sampled_from([scheme for scheme in SCHEMES if scheme != "IO"]),
)
@settings(deadline=None)
def test_decoding_what_was_encoded_gives_the_same_spans_in_iob2(
    tags: list[str], scheme: Scheme
) -> None:
    expected = tuple(convert_tags(tags, "IOB2"))
    assert NER.decode(NER.encode(convert_tags(tags, scheme))) == expected
