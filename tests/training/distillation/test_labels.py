"""Soft labels on disk: compact, in place, gone on with."""

from pathlib import Path

import numpy as np
import pytest

from tagger.errors import TaggerError, UsageError
from tagger.training.distillation import teachers as module
from tagger.training.distillation.labels import (
    LABELS,
    LabelWriter,
    begin_labels,
    likeliest,
    num_labelled,
    open_labels,
)
from tagger.training.distillation.teachers import write_labels
from tests.training.distillation.lessons import ASKED, TEXT, Parrot, chances, labelled


def test_the_likeliest_tags_of_each_token_come_back_in_16_bits(tmp_path: Path) -> None:
    texts, labels = labelled(tmp_path)
    for number, (name, size) in enumerate([("upos", 3), ("ner", 5)]):
        assert labels.tasks[number].name == name
        for i, given in enumerate(TEXT):
            start, stop = int(texts.starts[i]), int(texts.starts[i + 1]) - 1
            ids, found = likeliest(labels.records[start:stop], number)
            expected = chances(given.forms, size)
            best = np.sort(expected, axis=1)[:, :-3:-1]
            assert np.allclose(found, best, atol=1e-3)
            assert np.allclose(np.take_along_axis(expected, ids.astype(int), 1), best)


def test_a_token_takes_three_bytes_a_tag(tmp_path: Path) -> None:
    texts, _ = labelled(tmp_path)
    assert (tmp_path / LABELS).stat().st_size == len(texts.tokens) * 2 * 2 * 3


@pytest.mark.parametrize("left", range(0, 145, 13))
def test_labelling_goes_on_wherever_it_was_cut_short(
    tmp_path: Path, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOW_TOKENS", 1)
    texts, _ = labelled(tmp_path)
    path = tmp_path / LABELS
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    assert num_labelled(tmp_path) == left // 12
    teacher = Parrot()
    write_labels(texts, teacher, LabelWriter(tmp_path, teacher.tasks, 2), lambda tokens: None)
    assert path.read_bytes() == whole
    assert num_labelled(tmp_path) == len(texts.tokens)
    assert teacher.asked <= 3 - (left > 60)


def test_a_folder_grows_to_what_it_would_have_been_at_once(tmp_path: Path) -> None:
    labelled(tmp_path / "whole")
    labelled(tmp_path / "grown", most_tokens=3)
    teacher = Parrot()
    texts, _ = labelled(tmp_path / "grown", teacher=teacher)
    assert teacher.asked == 2
    assert len(texts) == 3
    for name in ("labels.json", "labels.bin", "tokens.u4", "forms.json", "tasks.json"):
        expected = (tmp_path / "whole" / name).read_bytes()
        assert (tmp_path / "grown" / name).read_bytes() == expected


def test_missing_labels_are_an_error(tmp_path: Path) -> None:
    texts, _ = labelled(tmp_path)
    (tmp_path / LABELS).write_bytes(b"abc")
    with pytest.raises(TaggerError, match=r"expected 12 records of 12 bytes, found 3 bytes"):
        open_labels(tmp_path, len(texts.tokens))


def test_a_folder_of_other_labels_or_of_something_else_is_refused(tmp_path: Path) -> None:
    begin_labels(tmp_path / "a", ASKED)
    begin_labels(tmp_path / "a", ASKED)
    import msgspec

    with pytest.raises(UsageError, match="holds labels made with other top: name another folder"):
        begin_labels(tmp_path / "a", msgspec.structs.replace(ASKED, top=3))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "letter.txt").touch()
    with pytest.raises(UsageError, match="expected a new folder or labels"):
        begin_labels(tmp_path / "b", ASKED)
    (tmp_path / "a" / "labels.json").write_text("[]", encoding="utf-8")
    with pytest.raises(TaggerError, match="not what a folder of labels has there"):
        begin_labels(tmp_path / "a", ASKED)
