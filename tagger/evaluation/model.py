"""Scoring a tagger on gold sentences: tags hidden, tagged as predict does, compared."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from tagger.errors import CorpusError
from tagger.evaluation.scores import Score, score_task, score_words
from tagger.schemes import split_tag
from tagger.sentence import UNANNOTATED, Sentence, place_of
from tagger.tasks import Task

Tag = Callable[[Iterable[Sentence]], Iterator[Sentence]]


def evaluate_model(
    tag: Tag, tasks: Sequence[Task], is_known: Callable[[str], bool], gold: Sequence[Sentence]
) -> list[Score]:
    """Scores of the tasks whose column is there, words known and unknown apart.

    Raises CorpusError at the first gold tag that the tasks do not have.
    """
    for task in tasks:
        _check_tags(task, gold)
    return score_model(tag, tasks, is_known, gold)


def score_model(
    tag: Tag, tasks: Sequence[Task], is_known: Callable[[str], bool], gold: Sequence[Sentence]
) -> list[Score]:
    """The same; a gold tag that the tasks do not have is a mistake of the model."""
    tagged = list(tag(sentence.without_columns() for sentence in gold))
    scores = []
    for task in tasks:
        pairs = [
            (right, guess)
            for right, guess in zip(gold, tagged, strict=True)
            if task.name in right.columns
        ]
        if not pairs:
            continue
        gold_tags = [right.columns[task.name] for right, _ in pairs]
        predicted = [guess.columns[task.name] for _, guess in pairs]
        known = [[is_known(form) for form in right.forms] for right, _ in pairs]
        words = score_words(task, gold_tags, predicted, known)
        score = score_task(task, gold_tags, predicted)
        scores.append(msgspec.structs.replace(score, words=words))
    return scores


def _check_tags(task: Task, gold: Sequence[Sentence]) -> None:
    known = set(task.tags) | {UNANNOTATED}
    labels = {split_tag(tag)[1] for tag in task.tags}
    for sentence in gold:
        for i, tag in enumerate(sentence.columns.get(task.name, ())):
            if tag in known or (task.scheme is not None and split_tag(tag)[1] in labels - {""}):
                continue
            path, line, column = place_of(sentence, i, task.name)
            raise CorpusError(
                path,
                line,
                column,
                f"expected a {task.name} tag that the model knows, found {tag!r} "
                "(tagger info lists its tags)",
            )
