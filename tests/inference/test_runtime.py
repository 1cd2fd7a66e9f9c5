"""Forms to emissions on ONNX Runtime: alone or in a batch, with a table that may run over."""

from pathlib import Path

import numpy as np
import pytest

from tagger.inference import forms
from tagger.inference.folder import read_description
from tagger.inference.runtime import Runtime

SENTENCES = [
    ("The", "invoice", "is", "wrong", "."),
    ("Leeds",),
    ("Zyx", "wvuts", "invoice"),
    ("Ms.", "Adeyemi", "has", "left"),
]


def open_runtime(folder: Path) -> Runtime:
    return Runtime(folder, [head.task for head in read_description(folder).heads])


def emissions_of(folder: Path, batches: list[list[tuple[str, ...]]]) -> list[np.ndarray]:
    """UPOS emissions of each sentence by one runtime, batch after batch, without padding."""
    running = open_runtime(folder)
    found = []
    for batch in batches:
        emissions, _ = running.emissions(batch)
        found += [of_one[: len(forms)] for of_one, forms in zip(emissions, batch, strict=True)]
    return found


def are_equal(some: list[np.ndarray], others: list[np.ndarray]) -> bool:
    """Whether all arrays are the same bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(some, others, strict=True))


def test_emissions_have_one_score_per_tag_and_token(tiny_model: Path) -> None:
    upos, ner = open_runtime(tiny_model).emissions(SENTENCES)
    assert upos.shape[:2] == ner.shape[:2] == (4, 5)
    assert ner.shape[2] == 1 + 3 * 4


def test_emissions_are_the_same_alone_and_in_a_batch_bit_for_bit(tiny_model: Path) -> None:
    alone = emissions_of(tiny_model, [[forms] for forms in SENTENCES])
    together = emissions_of(tiny_model, [SENTENCES])
    assert are_equal(alone, together)
    assert not np.array_equal(alone[0][0], alone[2][0]), "or everything is the same"


@pytest.mark.parametrize("most", [0, 1, 3, 5, 8])
def test_a_table_that_runs_over_changes_nothing(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    batches = [SENTENCES[:2], SENTENCES[2:], SENTENCES[1:3], SENTENCES]
    expected = emissions_of(tiny_model, batches)
    monkeypatch.setattr(forms, "MOST_FORMS", most)
    assert are_equal(emissions_of(tiny_model, batches), expected)


def test_the_table_stays_bounded(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_FORMS", 10)
    running = open_runtime(tiny_model)
    for i in range(30):
        running.emissions([(f"a{i}", f"b{i}", "the")])
        assert len(running.forms._numbers) <= 10
        assert len(running.forms.rows) == 2 * 10


def test_forms_used_last_stay_in_a_full_table(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MOST_FORMS", 10)
    table = open_runtime(tiny_model).forms
    for i in range(20):
        table.numbers(["often", f"once{i}"])
    computed = table.lexicon.inputs(["often", "once19"]).astype(table.rows.dtype)
    monkeypatch.setattr(table, "_learn", lambda new: pytest.fail(f"{new} were forgotten"))
    found = table.rows.reshape(-1, 2, table.rows.shape[1])[table.numbers(["often", "once19"])]
    assert np.array_equal(found, computed)


def test_forms_go_through_the_lexical_graph_in_portions(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = emissions_of(tiny_model, [SENTENCES])
    monkeypatch.setattr(forms, "FORMS_AT_ONCE", 2)
    assert are_equal(emissions_of(tiny_model, [SENTENCES]), expected)


def test_tabulated_forms_need_no_lexical_graph(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = emissions_of(tiny_model, [[("the", ".", "the")]])
    monkeypatch.setattr(forms, "read_graph", lambda *_: pytest.fail("it was loaded"))
    assert are_equal(emissions_of(tiny_model, [[("the", ".", "the")]]), expected)


def test_a_tabulated_form_has_the_rows_that_the_lexical_graph_gives(tiny_model: Path) -> None:
    table = open_runtime(tiny_model).forms
    (number,) = table.numbers(["the"]).tolist()
    found = table.rows[2 * number : 2 * number + 2]
    computed = table.lexicon.inputs(["the"])[0].astype(found.dtype)
    assert np.array_equal(found, computed)


def test_a_known_word_is_one_of_the_training_split_in_any_case(tiny_model: Path) -> None:
    lexicon = open_runtime(tiny_model).forms.lexicon
    assert lexicon.is_known("invoice")
    assert lexicon.is_known("INVOICE")
    assert not lexicon.is_known("zyxwv")
