"""Spoilt corpus files give a result or a TaggerError, and the fuzzer would notice if not.

The long form is `python -m benchmarks.fuzzing`.
"""

import json
from pathlib import Path
from random import Random

import pytest

from benchmarks.fuzzing import growth, run
from tagger.corpus.overruling import Asked
from tagger.corpus.problems import rows
from tagger.errors import TaggerError
from tests.corpus import promises, trials
from tests.corpus.mutations import MUTATIONS, Input, mutated, seeds
from tests.corpus.trials import Trial, attempt, failure_of, kind_of, smallest

INPUTS = 3_000
ROW = b"1\tAda\t_\t_\t_\t_\t_\t_\t_\t_\n"
LAYERS = b"|".join(b"NER%d=O" % i for i in range(10_000))
CONLLU = 20 * (ROW + b"\n")


def test_spoilt_files_give_a_result_or_an_error_and_keep_what_is_promised(tmp_path: Path) -> None:
    found = run(INPUTS, seed=20, out=tmp_path)
    assert found["failures"] == {}
    assert list(tmp_path.iterdir()) == []


NAMES = b"# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC\r\n"
FOUND = {
    "a field too many, then one too few": (CONLLU + ROW[:-2] + b"2\tX\nY" + ROW[5:], "read"),
    "eleven fields, ten but for the first": (CONLLU + b"\t" + ROW, "check"),
    "an ID of more digits than Python reads": (ROW + b"\n" + b"9" * 5_000 + ROW, "check"),
    "a tag for one token in MISC": (ROW + b"2" + ROW[1:-2] + b"NER=B-X\n", "read"),
    "the same among CR LF, below names": (NAMES + ROW[:-2] + b"NER=B-X\r\n", "read"),
    "forms in brackets": (b"(R*)\t(R*)", "read"),
    "two CR before LF": (b"Ada\tO\r\r\n", "repair"),
    "# text with what nobody sees": ("# text = \u200b.\n".encode() + ROW, "repair"),
    "very many layers of entities": (CONLLU + ROW[:-2] + LAYERS + b"\n", "read"),
    "very many columns of entities": (b"\t".join([b"B-X"] * 10_000) + b"\n", "read"),
    "a field that Python takes for a blank": ("\u0085 O\nb B-X\n".encode(), "check"),
}


@pytest.mark.parametrize(("data", "action"), FOUND.values(), ids=FOUND)
def test_what_the_fuzzer_found_is_mended(data: bytes, action: str, tmp_path: Path) -> None:
    trial = Trial(Input("", data), action)
    assert failure_of(trial, tmp_path) == ""


def test_a_byte_order_mark_stays_before_a_tag_in_the_first_field(tmp_path: Path) -> None:
    data = "\ufeffB-X Ada\nO ran\n".encode()
    trial = Trial(Input("", data), "read", Asked(columns="ner=1,form=2"))
    assert failure_of(trial, tmp_path) == ""


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (b"a/b\n", Asked(columns=f"form=1,ner={'9' * 5_000}")),
        (b"a/b\n", Asked(columns=f"form=1,ner={10**30}", separator="/")),
        (b"globa\xd9ol", Asked(encoding="utf-16")),
    ],
    ids=["a column of very many digits", "a column beyond any", "UTF-16 without its mark"],
)
def test_options_that_the_fuzzer_found_are_refused(
    data: bytes, asked: Asked, tmp_path: Path
) -> None:
    with pytest.raises(TaggerError):
        attempt(Trial(Input("", data), "read", asked), tmp_path)


def test_every_kind_of_file_is_read_and_every_action_taken() -> None:
    reached = run(INPUTS // 3, seed=5)["results"]
    assert isinstance(reached, dict)
    kinds = ("conllu", "columns", "pairs", "jsonl", "brat")
    assert reached.keys() >= {f"read {kind}" for kind in kinds}
    assert {mark.split()[0] for mark in reached} == {"read", "check", "repair", "cut", "write"}


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
    trial = Trial(Input("", b"1\ta\tB-X\n" * 30 + b"7\n" + b"2\tb\tO\n" * 30), "check")
    kind = failure_of(trial, tmp_path)
    assert kind == "KeyError in rows.py, _field_problems"
    small = smallest(trial, tmp_path)
    assert b"7" in small.input.data
    assert len(small.input.data) < 100
    assert failure_of(small, tmp_path) == kind


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

    monkeypatch.setattr(trials, "LIMIT", 0.05)
    monkeypatch.setitem(promises.ACTIONS, "read", (1.0, endless))
    trial = Trial(Input("", b"a"), "read")
    assert failure_of(trial, tmp_path) == "Hang"


def test_errors_are_told_apart_by_where_they_were_raised(tmp_path: Path) -> None:
    for data, kind in (
        (b"", "EmptyCorpusError in files.py, dialect_of"),
        (b"1\ta\xff\n", "CorpusError in lines.py, _decode_utf8"),
    ):
        with pytest.raises(TaggerError) as raised:
            attempt(Trial(Input("", data), "read"), tmp_path)
        assert kind_of(raised.value) == kind


def test_growth_is_what_the_least_of_the_last_samples_has_more() -> None:
    warming_up = [1.0, 9.0, 2.0, 3.0, 9.0]
    assert growth([*warming_up, 5.0, 8.0, 7.0, 9.0, 6.0, 7.5]) == 1.0
    assert growth([1.0]) == 0.0
