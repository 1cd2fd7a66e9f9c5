"""Labels of any other tool."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tagger.corpus.files import open_corpus_file
from tagger.corpus.soft_lines import Distribution, SoftTags
from tagger.errors import TaggerError
from tagger.training.distillation.given import (
    distribution_of,
    read_given,
    tasks_of,
    write_given,
)
from tagger.training.distillation.labels import (
    begin_labels,
    likeliest,
    num_labelled,
    open_labels,
)
from tagger.training.distillation.texts import open_texts
from tests.training.distillation.lessons import ASKED

GIVEN = [
    SoftTags(("Ann", "sleeps"), {"upos": [{"N": 0.9, "V": 0.1}, {"V": 1.0}]}),
    SoftTags(("Yes",), {"upos": [{}], "ner": [{"O": 0.25, "B-PER": 0.75}]}),
]


def take_over(folder: Path, given: Sequence[SoftTags], kept_out: frozenset[str]) -> None:
    begin_labels(folder, ASKED)
    write_given(
        folder,
        lambda: given,
        top=2,
        most_tokens=100,
        kept_out=kept_out,
        told=lambda tokens: None,
    )


def test_given_probabilities_are_kept_and_what_is_not_given_is_none(tmp_path: Path) -> None:
    take_over(tmp_path, [*GIVEN, SoftTags(("No",), {"upos": [{"N": 1.0}]})], frozenset(["no"]))
    texts = open_texts(tmp_path)
    assert num_labelled(tmp_path) == len(texts.tokens)
    labels = open_labels(tmp_path, len(texts.tokens))
    upos, ner = labels.tasks
    assert (upos.tags, upos.scheme) == (("N", "V"), None)
    assert (ner.tags[0], ner.scheme) == ("O", "IOBES")
    assert len(texts) == 2
    ids, chances = likeliest(labels.records[1:3], 0)
    assert [[upos.tags[i] for i in row] for row in ids] == [["N", "V"], ["V", "N"]]
    assert np.allclose(chances, [[0.9, 0.1], [1.0, 0.0]], atol=1e-3)
    assert not likeliest(labels.records[4:5], 0)[1].any()
    assert not likeliest(labels.records[1:3], 1)[1].any()
    ids, chances = likeliest(labels.records[4:5], 1)
    assert [ner.tags[i] for i in ids[0]] == ["S-PER", "O"]
    assert chances.tolist() == [[0.75, 0.25]]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"B-X": 1.0}, {"I-X": 1.0}, {"O": 1.0}], ["B-X", "E-X", "O"]),
        ([{"B-X": 1.0}, {"B-X": 1.0}], ["S-X", "S-X"]),
        ([{"U-X": 1.0}, {"B-X": 1.0}, {"L-X": 1.0}], ["S-X", "B-X", "E-X"]),
    ],
)
def test_certain_spans_of_any_scheme_become_iobes(
    rows: list[Distribution], expected: list[str]
) -> None:
    (task,) = tasks_of([SoftTags(("a",) * len(rows), {"ner": rows})])
    found = distribution_of(rows, task)
    assert [task.tags[i] for i in found.argmax(1)] == expected
    assert found.max(1).tolist() == [1.0] * len(rows)


def test_an_iob2_tag_ends_as_likely_as_nothing_goes_on() -> None:
    rows: list[Distribution] = [{"B-X": 0.8, "O": 0.2}, {"I-X": 0.25, "O": 0.75}]
    (task,) = tasks_of([SoftTags(("a", "b"), {"ner": rows})])
    first, second = distribution_of(rows, task)
    ids = {tag: i for i, tag in enumerate(task.tags)}
    assert first[[ids["B-X"], ids["S-X"], ids["O"]]] == pytest.approx([0.2, 0.6, 0.2])
    assert second[[ids["I-X"], ids["E-X"], ids["O"]]] == pytest.approx([0.0, 0.25, 0.75])


def test_a_corpus_teaches_its_tags(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("Ann\tN\tB-PER\nLee\tN\tI-PER\n\nsee\tV\tO\n", encoding="utf-8")
    found = [*read_given(path, open_corpus_file(path))]
    columns = {frozenset(sentence.distributions) for sentence in found}
    (names,) = columns
    (ner,) = (name for name in names if found[0].distributions[name] != [{"N": 1.0}] * 2)
    assert found[0].distributions[ner] == [{"B-PER": 1.0}, {"E-PER": 1.0}]
    assert found[1].distributions[ner] == [{"O": 1.0}]


def test_no_tags_at_all_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaggerError, match="expected sentences with tags, found none"):
        take_over(tmp_path, [SoftTags(("a",), {})], frozenset())
