"""Scores worked by hand, after the definitions of conlleval and seqeval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.evaluation.scores import LabelScore, Score, score_task, score_words
from tagger.schemes import Scheme, convert_tags, spans_from_tags
from tagger.sentence import Span
from tagger.tasks import Task

UPOS = Task(name="upos", tags=("N", "V"), scheme=None)
NER = Task(name="ner", tags=("O",), scheme="IOBES")


def spans(gold: list[str], predicted: list[str]) -> Score:
    """The score of sentences written as blank-separated tags."""
    return score_task(NER, [s.split() for s in gold], [s.split() for s in predicted])


def figures(score: Score) -> tuple[float | None, float | None, float]:
    return score.precision, score.recall, score.value


def test_accuracy_counts_annotated_tokens() -> None:
    score = score_task(UPOS, [["N", "V", "_"], ["N", "V"]], [["N", "N", "V"], ["N", "V"]])
    assert (score.metric, score.value, score.tokens, score.sentences) == ("accuracy", 0.75, 4, 2)
    assert (score.precision, score.recall) == (None, None)
    assert score.signature == "accuracy|tokens:gold"


def test_accuracy_tells_precision_and_recall_of_each_gold_tag() -> None:
    score = score_task(UPOS, [["N", "N", "V", "_"]], [["N", "V", "V", "X"]])
    assert score.labels == (
        LabelScore(label="N", precision=1.0, recall=0.5, f1=pytest.approx(2 / 3), support=2),
        LabelScore(label="V", precision=0.5, recall=1.0, f1=pytest.approx(2 / 3), support=1),
    )


def test_nothing_to_score_is_0() -> None:
    assert score_task(UPOS, [["_"]], [["N"]]).value == 0.0
    assert score_task(UPOS, [], []).value == 0.0
    assert figures(spans([], [])) == (0.0, 0.0, 0.0)


def test_a_wrong_boundary_is_one_false_positive_and_one_false_negative() -> None:
    score = spans(["B-PER I-PER O B-LOC"], ["B-PER O O B-LOC"])
    assert figures(score) == (0.5, 0.5, 0.5)
    score = spans(["O B-PER O"], ["B-PER I-PER O"])
    assert figures(score) == (0.0, 0.0, 0.0)


def test_a_wrong_label_counts_twice_too() -> None:
    score = spans(["B-PER O B-LOC"], ["B-ORG O B-LOC"])
    assert figures(score) == (0.5, 0.5, 0.5)


def test_a_span_cut_in_two_is_two_false_positives_and_one_false_negative() -> None:
    score = spans(["B-PER I-PER O B-LOC"], ["B-PER B-PER O B-LOC"])
    assert score.precision == pytest.approx(1 / 3)
    assert score.recall == pytest.approx(1 / 2)
    assert score.value == pytest.approx(2 / 5)


def test_a_span_does_not_go_on_in_the_next_sentence() -> None:
    score = spans(["O B-PER", "I-PER O"], ["O B-PER", "B-PER O"])
    assert figures(score) == (1.0, 1.0, 1.0)
    assert score.labels[0].support == 2


def test_a_larger_case_worked_by_hand() -> None:
    score = spans(
        ["B-PER I-PER O B-LOC O", "B-ORG I-ORG I-ORG O O", "O O O"],
        ["B-PER I-PER O B-PER O", "B-ORG I-ORG O O B-LOC", "O B-LOC O"],
    )
    # right: PER 0-2; wrong: PER 3-4, ORG 0-2, two LOC; missed: LOC 3-4, ORG 0-3
    assert figures(score) == (pytest.approx(1 / 5), pytest.approx(1 / 3), pytest.approx(2 / 8))
    found = {s.label: (s.precision, s.recall, s.support) for s in score.labels}
    assert found == {"LOC": (0.0, 0.0, 1), "ORG": (0.0, 0.0, 1), "PER": (0.5, 1.0, 1)}
    assert score.signature == "seqeval|span-f1:micro|mode:strict|scheme:IOB2|tokens:gold"
    assert (score.sentences, score.tokens) == (3, 13)


@pytest.mark.parametrize("gold_has", [False, True])
@pytest.mark.parametrize("predicted_has", [False, True])
def test_no_spans_on_either_side_or_both(gold_has: bool, predicted_has: bool) -> None:
    tags = {False: "O O", True: "B-X O"}
    score = spans([tags[gold_has]], [tags[predicted_has]])
    right = float(gold_has and predicted_has)
    assert figures(score) == (right, right, right)
    assert bool(score.labels) == (gold_has or predicted_has)


@pytest.mark.parametrize("scheme", ["IOB1", "IOB2", "IOBES", "BILOU"])
def test_gold_tags_are_scored_alike_in_any_scheme(scheme: Scheme) -> None:
    gold = ["B-PER I-PER B-PER O B-LOC", "O O B-ORG I-ORG I-ORG"]
    predicted = ["B-PER I-PER O O B-LOC", "O O B-ORG I-ORG O"]
    rewritten = [" ".join(convert_tags(tags.split(), scheme)) for tags in gold]
    assert spans(rewritten, predicted) == spans(gold, predicted)
    assert figures(spans(gold, predicted)) == (pytest.approx(2 / 3), 0.5, pytest.approx(4 / 7))


def test_a_sentence_with_an_unannotated_token_does_not_count_for_spans() -> None:
    score = spans(["B-PER _ O", "B-LOC O"], ["B-LOC B-LOC B-LOC", "B-LOC O"])
    assert figures(score) == (1.0, 1.0, 1.0)
    assert (score.sentences, score.tokens) == (1, 2)


LABELS = st.sampled_from(["PER", "LOC", "ORG-X"])
TAGS = st.lists(
    st.just("O") | st.tuples(st.sampled_from("BI"), LABELS).map("-".join), min_size=1, max_size=12
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    gold, predicted = draw(TAGS), draw(TAGS)
    length = min(len(gold), len(predicted))
    return gold[:length], predicted[:length]


@given(st.lists(pairs(), max_size=6))
def test_span_f1_equals_a_count_of_sets(sentences: list[tuple[list[str], list[str]]]) -> None:
    gold = [tags for tags, _ in sentences]
    predicted = [convert_tags(tags, "IOB2") for _, tags in sentences]
    score = score_task(NER, gold, predicted)

    def all_spans(sequences: list[list[str]]) -> set[tuple[int, Span]]:
        return {(i, span) for i, tags in enumerate(sequences) for span in spans_from_tags(tags)}

    right, guessed = all_spans(gold), all_spans(predicted)
    true = len(right & guessed)
    assert score.precision == pytest.approx(true / len(guessed) if guessed else 0.0)
    assert score.recall == pytest.approx(true / len(right) if right else 0.0)
    assert score.value == pytest.approx(
        2 * true / (len(right) + len(guessed)) if right or guessed else 0.0
    )
    for of_label in score.labels:
        in_gold = {unit for unit in right if unit[1].label == of_label.label}
        in_both = {unit for unit in right & guessed if unit[1].label == of_label.label}
        assert of_label.support == len(in_gold)
        assert of_label.recall == pytest.approx(len(in_both) / len(in_gold) if in_gold else 0.0)


def words(task: Task, gold: str, predicted: str, known: str) -> dict[str, tuple[float, float, int]]:
    """Precision, recall and support by kind of word; `known` is + or - per token."""
    found = score_words(
        task, [gold.split()], [predicted.split()], [[sign == "+" for sign in known.split()]]
    )
    return {score.label: (score.precision, score.recall, score.support) for score in found}


def test_tags_of_known_and_unknown_words_are_scored_apart() -> None:
    assert words(UPOS, "N V N N", "N N N V", "+ + - -") == {
        "known words": (0.5, 0.5, 2),
        "unknown words": (0.5, 0.5, 2),
    }


def test_unannotated_tokens_do_not_count_among_known_or_unknown_words() -> None:
    assert words(UPOS, "N _ V _", "N N V V", "+ + - -") == {
        "known words": (1.0, 1.0, 1),
        "unknown words": (1.0, 1.0, 1),
    }
    assert words(NER, "B-PER _ O", "B-PER B-PER O", "+ + +")["known words"] == (0.0, 0.0, 0)


def test_a_span_is_known_if_all_its_words_are() -> None:
    found = words(NER, "B-PER I-PER O B-LOC", "B-PER I-PER O O", "+ - + +")
    assert found == {"known words": (0.0, 0.0, 1), "unknown words": (1.0, 1.0, 1)}
    found = words(NER, "I-PER I-PER B-PER", "B-PER I-PER B-PER", "+ + -")
    assert found == {"known words": (1.0, 1.0, 1), "unknown words": (1.0, 1.0, 1)}
