"""Spoilt corpus files give a result or a TaggerError, and the fuzzer would notice if not.

The long form is `python -m benchmarks.fuzzing`.
"""

import json
from pathlib import Path
from random import Random

import pytest

from benchmarks import fuzzing
from benchmarks.fuzzing import Trial, failure_of, kind_of, run, smallest
from tagger.corpus.overruling import Asked
from tagger.corpus.problems import rows
from tagger.errors import TaggerError
from tests.corpus import promises
from tests.corpus.mutations import MUTATIONS, Input, mutated, seeds

INPUTS = 3_000


def test_spoilt_files_give_a_result_or_an_error_and_keep_what_is_promised(tmp_path: Path) -> None:
    found = run(INPUTS, seed=20, out=tmp_path)
    assert found["failures"] == {}
    assert list(tmp_path.iterdir()) == []


def test_every_kind_of_file_is_read_and_every_action_taken() -> None:
    reached = run(INPUTS // 3, seed=5)["results"]
    assert isinstance(reached, dict)
    kinds = ("conllu", "columns", "pairs", "jsonl", "brat")
    assert reached.keys() >= {f"read {kind}" for kind in kinds}
    assert {mark.split()[0] for mark in reached} == {"read", "check", "repair", "write"}


def test_one_seed_gives_the_same_inputs_again() -> None:
    first, again, other = ([mutated(Random(n), seeds()) for _ in range(5)] for n in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
@pytest.mark.parametrize("data", [b"", b"{", b"1\ta\t\xff\n\n", b'{"a": [1, "b"]}\n'])
def test_a_mutation_takes_any_bytes(mutate: object, data: bytes) -> None:
    assert callable(mutate)
    for number in range(50):
        assert isinstance(mutate(Random(number), data), bytes)


def test_an_exception_is_a_failure_and_its_input_is_cut_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(content: str, layout: object) -> list[str]:
        if "7" in content:
            raise KeyError(content)
        return content.split("\t")

    monkeypatch.setattr(rows, "split_fields", broken)
    trial = Trial(Input("", b"1\ta\tB-X\n" * 30 + b"7\n" + b"2\tb\tO\n" * 30), "check", Asked())
    kind, is_new = failure_of(trial, tmp_path, fuzzing.Tally())
    assert kind == "KeyError in test_fuzzing.py, broken"
    assert not is_new
    small = smallest(trial, kind, tmp_path)
    assert b"7" in small.input.data
    assert len(small.input.data) < 60
    assert failure_of(small, tmp_path, fuzzing.Tally())[0] == kind


def test_what_breaks_is_counted_and_the_first_of_a_kind_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promises, "rewrite_sentence", lambda sentence, names=(): "")
    found = run(200, seed=1, out=tmp_path)
    assert isinstance(found["failures"], dict)
    assert found["failures"]["BrokenError: all lines are kept"] > 1
    (said,) = tmp_path.glob("*all-lines-are-kept.json")
    assert json.loads(said.read_text(encoding="utf-8"))["action"] == "read"


def test_an_input_that_takes_too_long_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(path: Path, asked: Asked) -> set[str]:
        while True:
            pass

    monkeypatch.setattr(fuzzing, "LIMIT", 0.05)
    monkeypatch.setitem(promises.ACTIONS, "read", (1.0, endless))
    trial = Trial(Input("", b"a"), "read", Asked())
    assert failure_of(trial, tmp_path, fuzzing.Tally())[0].startswith("Hang")


def test_errors_are_told_apart_by_where_they_were_raised(tmp_path: Path) -> None:
    for data, kind in (
        (b"", "EmptyCorpusError in files.py, dialect_of"),
        (b"1\ta\xff\n", "CorpusError in lines.py, _decode_utf8"),
    ):
        with pytest.raises(TaggerError) as raised:
            fuzzing.attempt(Trial(Input("", data), "read", Asked()), tmp_path)
        assert kind_of(raised.value) == kind
