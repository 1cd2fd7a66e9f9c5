"""Forms to emissions on ONNX Runtime, with a table of forms that may run over."""

from pathlib import Path

import numpy as np
import pytest

from tagger.inference import runtime
from tagger.inference.runtime import Runtime
from tests.conftest import longest_difference

SENTENCES = [
    ("The", "invoice", "is", "wrong", "."),
    ("Leeds",),
    ("Zyx", "wvuts", "invoice"),
    ("Ms.", "Adeyemi", "has", "left"),
]


def emissions_of(folder: Path, batches: list[list[tuple[str, ...]]]) -> list[np.ndarray]:
    """Emissions of each sentence by one runtime, batch after batch, without padding."""
    running = Runtime(folder)
    found = []
    for batch in batches:
        emissions = running.emissions(batch)["upos"]
        found += [of_one[: len(forms)] for of_one, forms in zip(emissions, batch, strict=True)]
    return found


def test_emissions_have_one_score_per_tag_and_token(tiny_model: Path) -> None:
    found = Runtime(tiny_model).emissions(SENTENCES)
    assert {name: scores.shape[:2] for name, scores in found.items()} == {
        "upos": (4, 5),
        "ner": (4, 5),
    }
    assert found["ner"].shape[2] == 1 + 3 * 4


def test_emissions_are_the_same_alone_and_in_a_batch(tiny_model: Path) -> None:
    alone = emissions_of(tiny_model, [[forms] for forms in SENTENCES])
    together = emissions_of(tiny_model, [SENTENCES])
    assert longest_difference(alone, together) < 1e-5


@pytest.mark.parametrize("most", [0, 1, 3, 5, 8])
def test_a_table_that_runs_over_changes_nothing(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    batches = [SENTENCES[:2], SENTENCES[2:], SENTENCES[1:3], SENTENCES]
    expected = emissions_of(tiny_model, batches)
    monkeypatch.setattr(runtime, "MOST_FORMS", most)
    assert longest_difference(emissions_of(tiny_model, batches), expected) < 1e-5


def test_the_table_stays_bounded(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "MOST_FORMS", 10)
    running = Runtime(tiny_model)
    for i in range(30):
        running.emissions([(f"a{i}", f"b{i}", "the")])
        assert len(running._rows) <= len(running._table) <= 10


def test_forms_are_learned_in_portions(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = emissions_of(tiny_model, [SENTENCES])
    monkeypatch.setattr(runtime, "NEW_FORMS_AT_ONCE", 2)
    assert longest_difference(emissions_of(tiny_model, [SENTENCES]), expected) < 1e-5


def test_a_known_word_is_one_of_the_training_split_in_any_case(tiny_model: Path) -> None:
    running = Runtime(tiny_model)
    assert running.is_known("invoice")
    assert running.is_known("INVOICE")
    assert not running.is_known("zyxwv")
