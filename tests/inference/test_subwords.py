"""Forms to pieces, and pieces to windows in which every token has its place."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import ModelError, TaggerError
from tagger.inference.subwords import (
    MOST_PIECES,
    Frame,
    Subwords,
    piece_batch,
    windows_in,
    windows_of,
)
from tests.training.encoders import PIECES, write_tokenizer


@pytest.fixture(scope="module")
def subwords(tmp_path_factory: pytest.TempPathFactory) -> Subwords:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    write_tokenizer(path)
    return Subwords(path.read_bytes(), "tokenizer.json")


@pytest.fixture(scope="module")
def frame(subwords: Subwords) -> Frame:
    return subwords.frame(positions=512, pad_id=0)


def named(subwords: Subwords, form: str, frame: Frame) -> list[str]:
    return [PIECES[i] for i in subwords.pieces(form, frame)]


@pytest.mark.parametrize(
    ("form", "pieces"),
    [
        ("Dogs", ["dog", "##s"]),
        ("un-dog", ["un", "-", "dog"]),
        ("Ärger", ["a", "##r", "##g", "##e", "##r"]),
        ("the dog", ["the", "dog"]),
        ("日", ["[UNK]"]),
        ("\ufe0f", ["[UNK]"]),
        ("\u00a0", ["[UNK]"]),
        ("\u200b\u200d", ["[UNK]"]),
        ("", ["[UNK]"]),
        ("\ud800", ["[UNK]"]),
        ("[SEP]", ["[UNK]", "s", "##e", "##p", "[UNK]"]),
    ],
)
def test_a_form_has_its_pieces_and_at_least_one(
    subwords: Subwords, frame: Frame, form: str, pieces: list[str]
) -> None:
    assert named(subwords, form, frame) == pieces


@pytest.mark.parametrize("form", ["." * 300_000, "a" * 300_000, "a." * 150_000])
def test_a_very_long_form_has_few_pieces(subwords: Subwords, frame: Frame, form: str) -> None:
    assert 1 <= len(subwords.pieces(form, frame)) <= MOST_PIECES


def test_of_a_very_long_form_the_ends_are_cut(subwords: Subwords, frame: Frame) -> None:
    beginning = ["a", *["##a"] * (MOST_PIECES - 1)]
    assert named(subwords, "a" * 60 + "b" * 9_000, frame) == beginning
    mixed = "dog." * 3 + "a" * 9_000  # a word that WordPiece does not read as a whole
    assert named(subwords, mixed, frame) == ["dog", "."] * 3 + beginning[: MOST_PIECES - 6]


def test_a_transformer_of_few_positions_reads_few_pieces_of_a_form(subwords: Subwords) -> None:
    frame = subwords.frame(positions=18, pad_id=0)
    assert named(subwords, "abcdefgh", frame) == ["a", "##b", "##c", "##d"]


def test_a_tokenizer_without_ends_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models

    path = tmp_path / "t.json"
    Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]")).save(str(path))
    with pytest.raises(ModelError, match=r"t\.json: expected a tokenizer that puts one piece"):
        Subwords(path.read_bytes(), "t.json").frame(positions=512, pad_id=0)


def test_what_is_missing_is_named_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(TaggerError, match=r"m/tokenizer\.json: needs .*lstm-tagger\[teacher\]"):
        Subwords(b"{}", "m/tokenizer.json")


@given(st.lists(st.integers(1, 5), max_size=200), st.integers(20, 60))
def test_windows_hold_what_fits_and_their_middles_are_the_sentence(
    counts: list[int], room: int
) -> None:
    windows = windows_of(counts, room)
    middles = [token for w in windows for token in range(w.start, w.end)]
    assert middles == list(range(len(counts)))
    side = room // 4
    for window in windows:
        assert sum(counts[window.begin : window.stop]) <= room
        assert window.begin == 0 or sum(counts[window.begin - 1 : window.start]) > side
        assert window.stop == len(counts) or sum(counts[window.end : window.stop + 1]) > side
    if sum(counts) <= room:
        assert len(windows) == 1


@given(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=40), min_size=1, max_size=5))
def test_each_token_is_placed_at_its_first_piece(sentences: list[list[int]]) -> None:
    frame = Frame(first_id=1, last_id=2, pad_id=0, unknown_id=3, positions=18)
    number, tokens = 10, []  # pieces numbered over all sentences
    for counts in sentences:
        tokens.append([])
        for count in counts:
            tokens[-1].append(tuple(range(number, number + count)))
            number += count
    windows = windows_in(tokens, frame)
    batch = piece_batch(windows, frame)
    found = batch.pieces.reshape(-1)[batch.places]
    assert found.tolist() == [pieces[0] for one in tokens for pieces in one]
    assert batch.pieces.shape[1] == batch.lengths.max() <= 18
    for row, length in zip(batch.pieces, batch.lengths, strict=True):
        assert (row[0], row[length - 1]) == (1, 2)
        assert not row[length:].any()
    starts = [window.start for window in windows]
    assert starts == np.cumsum([0, *(len(w.columns) for w in windows[:-1])]).tolist()
