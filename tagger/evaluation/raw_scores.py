"""Scores on raw text: F1 of tokens, sentences, words and tags, by the CoNLL 2018 definitions.

A tag is right where an aligned word has it; all predicted words count in its precision and all
gold words in its recall, those without a gold tag too. Entities and phrases are right where their
characters and label are, multiword tokens where their characters and words are.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec

from tagger.evaluation.raw_text import RawText
from tagger.evaluation.scores import RawScore
from tagger.evaluation.segmentation import (
    Extent,
    Segmentation,
    align_words,
    check_same_characters,
    segmentation_of,
)
from tagger.schemes import spans_from_tags
from tagger.sentence import UNANNOTATED, Sentence
from tagger.tasks import Task

OFFICIAL = {"upos": "UPOS", "xpos": "XPOS"}
Entity = tuple[Extent, str]
Multiword = tuple[Extent, tuple[str, ...]]


def evaluate_raw(
    tag: Callable[[str], Iterable[Sentence]], tasks: Sequence[Task], gold: RawText
) -> list[RawScore]:
    """Tokens, Sentences, Words, multiword tokens, then the tasks that the gold sentences have.

    `tag` segments and tags a text. Raises TaggerError where its tokens do not have the characters
    of the gold ones. A gold tag that a task does not have is a mistake of the model.
    """
    tagged = list(tag(gold.text))
    right, found = segmentation_of(gold.sentences), segmentation_of(tagged)
    check_same_characters(right, found)
    pairs = align_words(right, found)
    sizes = len(right.words), len(found.words)
    how = f"text:raw|paragraphs:{gold.paragraphs}"
    scores = [
        _score_extents("Tokens", right.tokens, found.tokens, f"conll18|f1:tokens|{how}"),
        _score_extents(
            "Sentences", right.sentences, found.sentences, f"conll18|f1:sentences|{how}"
        ),
        _score("Words", len(pairs), *sizes, f"conll18|f1:words|{how}"),
    ]
    several, found_several = _multiword_tokens(right), _multiword_tokens(found)
    if several or found_several:
        signature = f"multiword-f1|tokens:same-words|{how}"
        scores.append(_score_extents("Multiword", several, found_several, signature))
    for task in tasks:
        if not any(task.name in sentence.columns for sentence in gold.sentences):
            continue
        if task.scheme is None:
            right_tags, tags = _tags(gold.sentences, task), _tags(tagged, task)
            correct = sum(right_tags[i] == tags[j] for i, j in pairs)
            name = OFFICIAL.get(task.name, task.name)
            score = _score(name, correct, *sizes, f"conll18|f1:{task.name}|{how}")
            scores.append(_with_aligned(score, len(pairs)))
        else:
            entities = _entities(gold.sentences, right, task)
            guesses = _entities(tagged, found, task)
            guesses = _outside(guesses, _unannotated(gold.sentences, right, task))
            signature = f"span-f1:micro|mode:strict|by:characters|{how}"
            scores.append(_score_extents(task.name, entities, guesses, signature))
    return scores


def _score(name: str, correct: int, gold: int, predicted: int, signature: str) -> RawScore:
    return RawScore(
        task=name,
        metric="f1",
        value=2 * correct / max(1, gold + predicted),
        precision=correct / max(1, predicted),
        recall=correct / max(1, gold),
        correct=correct,
        gold=gold,
        predicted=predicted,
        signature=signature,
    )


def _with_aligned(score: RawScore, aligned: int) -> RawScore:
    accuracy = score.correct / max(1, aligned)
    return msgspec.structs.replace(score, aligned=aligned, aligned_accuracy=accuracy)


def _score_extents(
    name: str,
    gold: Sequence[Extent] | Sequence[Entity] | Sequence[Multiword],
    predicted: Sequence[Extent] | Sequence[Entity] | Sequence[Multiword],
    signature: str,
) -> RawScore:
    """Those that are on both sides, as often as they are."""
    correct = (Counter(gold) & Counter(predicted)).total()
    return _score(name, correct, len(gold), len(predicted), signature)


def _multiword_tokens(side: Segmentation) -> list[Multiword]:
    """The extents of multiword tokens and their words, in lower case."""
    words = [
        (extent, form)
        for extent, form, is_part in zip(side.words, side.forms, side.is_part, strict=True)
        if is_part
    ]
    return [
        (extent, tuple([form for _, form in of_token]))
        for extent, of_token in groupby(words, key=itemgetter(0))
    ]


def _tags(sentences: Sequence[Sentence], task: Task) -> list[str]:
    """The tag of each word of all sentences."""
    tags: list[str] = []
    for sentence in sentences:
        tags += sentence.columns.get(task.name) or (UNANNOTATED,) * len(sentence)
    return tags


def _entities(sentences: Sequence[Sentence], side: Segmentation, task: Task) -> list[Entity]:
    """The spans of the annotated sentences, from the first token's beginning to the last's end."""
    entities = []
    first = 0
    for sentence in sentences:
        if _is_annotated(sentence, task):
            words = side.words[first : first + len(sentence)]
            for start, end, label in spans_from_tags(sentence.columns[task.name]):
                entities.append(((words[start][0], words[end - 1][1]), label))
        first += len(sentence)
    return entities


def _is_annotated(sentence: Sentence, task: Task) -> bool:
    return UNANNOTATED not in sentence.columns.get(task.name, (UNANNOTATED,))


def _unannotated(sentences: Sequence[Sentence], side: Segmentation, task: Task) -> list[Extent]:
    """The gold sentences in which nobody has looked for spans."""
    return [
        extent
        for sentence, extent in zip(sentences, side.sentences, strict=True)
        if not _is_annotated(sentence, task)
    ]


def _outside(entities: Sequence[Entity], unannotated: Sequence[Extent]) -> list[Entity]:
    """The spans that touch none of these sentences."""
    hidden = {i for start, end in unannotated for i in range(start, end)}
    return [e for e in entities if hidden.isdisjoint(range(*e[0]))]
