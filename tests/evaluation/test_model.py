"""Scoring a tagger: tags hidden, tagged as predict does, compared."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tagger.corpus.files import read_all
from tagger.corpus.overruling import Asked
from tagger.errors import CorpusError
from tagger.evaluation.model import evaluate_model
from tagger.sentence import Sentence
from tagger.tasks import Task
from tests.conftest import sentence

UPOS = Task(name="upos", tags=("N", "V"), scheme=None)
NER = Task(name="ner", tags=("O", "B-PER", "I-PER", "E-PER", "S-PER"), scheme="IOBES")
CONLLU = """\
# sent_id = 1
1-2\tAnns\t_\t_\t_\t_\t_\t_\t_\t_
1\tAnn\t_\tN\t_\t_\t_\t_\t_\tNER=B-PER
2\tsees\t_\tV\t_\t_\t_\t_\t_\tNER=O

# sent_id = 2
1\tBob\t_\t{upos}\t_\t_\t_\t_\t_\tNER={ner}
"""


def say_n(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """A tagger that takes every word for a noun and the first for a person."""
    for given in sentences:
        assert not given.columns, "gold tags must be hidden"
        others = len(given) - 1
        yield given.with_columns(
            {"upos": ("N",) * len(given), "ner": ("B-PER", *("O",) * others), "extra": ()}
        )


def is_known(form: str) -> bool:
    return form in ("Ann", "Bob")


def test_each_task_is_scored_on_the_sentences_that_have_its_column() -> None:
    gold = [
        sentence("Ann sees", upos="N V", ner="B-PER O"),
        sentence("Bob", upos="N"),
        sentence("sees Bob", ner="O I-PER"),
    ]
    upos, ner = evaluate_model(say_n, [UPOS, NER], is_known, gold)
    assert (upos.task, upos.value, upos.tokens) == ("upos", pytest.approx(2 / 3), 3)
    assert (ner.task, ner.value, ner.tokens) == ("ner", 0.5, 4)
    assert [(w.label, w.recall, w.support) for w in upos.words] == [
        ("known words", 1.0, 2),
        ("unknown words", 0.0, 1),
    ]
    assert [(w.label, w.support) for w in ner.words] == [("known words", 2), ("unknown words", 0)]


def test_a_task_whose_column_is_nowhere_is_not_scored() -> None:
    scores = evaluate_model(say_n, [UPOS, NER], is_known, [sentence("Bob", upos="N")])
    assert [score.task for score in scores] == ["upos"]
    assert evaluate_model(say_n, [UPOS], is_known, []) == []


@pytest.mark.parametrize("tag", ["I-PER", "L-PER", "U-PER", "O", "_"])
def test_gold_spans_may_be_in_any_scheme(tag: str) -> None:
    evaluate_model(say_n, [NER], is_known, [sentence("Bob Lee", ner=f"{tag} O")])


@pytest.mark.parametrize(
    ("upos", "ner", "column", "name"),
    [
        ("X", "O", 4, "upos tag that the model knows, found 'X'"),
        ("N", "B-LOC", 10, "ner tag that the model knows, found 'B-LOC'"),
        ("N", "PER", 10, "ner tag that the model knows, found 'PER'"),
    ],
)
def test_an_unknown_gold_tag_is_named_with_its_place(
    tmp_path: Path, upos: str, ner: str, column: int, name: str
) -> None:
    path = tmp_path / "gold.conllu"
    path.write_text(CONLLU.format(upos=upos, ner=ner), encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        evaluate_model(say_n, [UPOS, NER], is_known, read_all([path]))
    assert str(caught.value) == (
        f"{path}:7:{column}: expected a {name} (tagger info lists its tags)"
    )


def test_an_unknown_gold_tag_in_a_column_file_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "gold.conll"
    path.write_text("Ann N O\nsees V O\n\nBob N B-PER\nruns X O\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r":5:2: expected a upos tag .* found 'X'"):
        evaluate_model(
            say_n, [UPOS, NER], is_known, read_all([path], Asked(columns="form=1,upos=2,ner=3"))
        )


def test_nothing_is_tagged_before_all_gold_tags_were_checked() -> None:
    def tag(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
        raise AssertionError

    with pytest.raises(CorpusError, match=r"^\?:0:0: "):
        evaluate_model(tag, [UPOS], is_known, [sentence("a", upos="N"), sentence("b", upos="X")])
