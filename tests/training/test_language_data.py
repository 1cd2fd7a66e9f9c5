"""What a language model reads: vocabularies, tables of forms, lanes of the text, windows."""

import itertools

import msgspec
import numpy as np
import pytest
import torch

from tagger.inference.encoding import encode_affixes, encode_characters, encode_words
from tagger.training import language_data as module
from tagger.training.language_data import (
    FormTables,
    Ids,
    Lanes,
    LanguageData,
    build_tables,
    encode_windows,
    windows_of,
)
from tagger.training.token_files import BOUNDARY, Tokens
from tagger.vocabulary import Vocabulary
from tests.training.language_corpus import cut, language_data

NEVER = np.zeros(1, bool)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> LanguageData:
    return language_data(tmp_path_factory.mktemp("data"))


def tokens_of(*sentences: int) -> Tokens:
    """Sentences of so many tokens, all of which are different."""
    found, number = [BOUNDARY], 100
    for length in sentences:
        found += [*range(number, number + length), BOUNDARY]
        number += length
    return np.array(found, np.uint32)


def read(lanes: Lanes, size: int, *forgets: bool) -> tuple[list[list[int]], list[bool]]:
    """What each lane reads next, and whether it begins anew."""
    tokens, anew = lanes.next(size, np.array(forgets))
    return tokens.T.tolist(), anew.tolist()


def test_tables_hold_what_a_tagger_would_be_told_of_each_form(
    data: LanguageData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they are made piece by piece, each padded to its own longest form."""
    forms = [*sorted({form for each in cut(150) for form in each.forms}), "unseen", "", "x" * 50]
    known = data.vocabularies
    whole = build_tables(forms, known, data.targets)
    words, characters, affixes = whole.lexical(np.arange(len(forms)))
    assert np.array_equal(words[0], encode_words(forms, known.words))
    assert np.array_equal(characters, encode_characters(forms, known.characters))
    assert np.array_equal(affixes, encode_affixes(forms, known.affixes))
    assert [data.targets[i] for i in whole.targets] == [
        form if form in data.targets else "<unknown>" for form in forms
    ]
    assert whole.length(np.arange(len(forms))).tolist() == [min(40, len(form)) for form in forms]
    monkeypatch.setattr(module, "FORMS_AT_ONCE", 7)
    pieces = build_tables(forms, known, data.targets)
    for name in FormTables.__struct_fields__:
        assert np.array_equal(getattr(pieces, name), getattr(whole, name)), name
        assert getattr(pieces, name).dtype == getattr(whole, name).dtype


@pytest.mark.parametrize("size", [255, 256, 257, 65_536, 65_537])
def test_ids_are_held_whole_in_as_few_bytes_as_they_need(data: LanguageData, size: int) -> None:
    forms = [str(i) for i in range(size - 2)]
    targets = Vocabulary(["", "<unknown>", *forms])
    tables = build_tables(forms[-3:], data.vocabularies, targets)
    assert tables.targets.tolist() == [size - 3, size - 2, size - 1]
    assert tables.targets.itemsize == (1 if size <= 256 else 2 if size <= 65_536 else 4)


def test_a_form_takes_few_bytes(data: LanguageData) -> None:
    forms = [f"{i:08}" for i in range(20_000)]
    tables = build_tables([*forms, "x" * 40], data.vocabularies, data.targets)
    size = sum(getattr(tables, name).nbytes for name in FormTables.__struct_fields__)
    assert size / len(forms) < 35  # 8 characters, 9 affixes of 2 bytes, a start of 4, two ids


def test_forms_are_padded_to_the_longest_of_those_asked_for(data: LanguageData) -> None:
    tables = build_tables(["", "dog", "5", "horses"], data.vocabularies, data.targets)
    words, characters, affixes = tables.lexical(np.array([1, 0, 2]))
    assert words.shape == (1, 3)
    assert characters.shape == (3, 3)
    assert affixes.shape == (3, 9)
    known = data.vocabularies
    assert [known.words[i] for i in words[0]] == ["dog", "", "0"]
    assert "".join(known.characters[i] for i in characters[0]) == "dog"
    assert characters[1:].tolist() == [[0, 0, 0], [known.characters.id_of("5"), 0, 0]]
    _, characters, _ = tables.lexical(np.array([0]))
    assert characters.tolist() == [[0]]


def test_each_lane_reads_its_part_of_the_text_forward() -> None:
    tokens = np.arange(21, dtype=np.uint32) + 100
    lanes = Lanes(tokens, 2, backward=False)
    assert lanes.steps(3) == 3
    assert read(lanes, 3, False, False) == (
        [[100, 101, 102, 103], [110, 111, 112, 113]],
        [False] * 2,
    )
    assert read(lanes, 3, False, False) == (
        [[103, 104, 105, 106], [113, 114, 115, 116]],
        [False] * 2,
    )
    assert read(lanes, 3, False, False)[0] == [[106, 107, 108, 109], [116, 117, 118, 119]]


def test_each_lane_reads_its_part_of_the_text_backward() -> None:
    tokens = np.arange(21, dtype=np.uint32) + 100
    lanes = Lanes(tokens, 2, backward=True)
    assert read(lanes, 3, False, False) == (
        [[120, 119, 118, 117], [110, 109, 108, 107]],
        [False] * 2,
    )
    assert read(lanes, 3, False, False)[0] == [[117, 116, 115, 114], [107, 106, 105, 104]]
    assert lanes.positions.tolist() == [6, 16]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_at_the_end_a_lane_goes_on_anew_at_its_beginning(backward: bool, size: int) -> None:
    tokens = np.arange(20, dtype=np.uint32) + 100
    lanes = Lanes(tokens, 2, backward=backward)
    first, anew = read(lanes, size, False, False)
    assert anew == [False, False]
    for _ in range(lanes.steps(size) - 1):
        assert read(lanes, size, False, False)[1] == [False, False]
    assert read(lanes, size, False, False) == (first, [True, True])


@pytest.mark.parametrize("backward", [False, True])
def test_a_lane_that_forgets_goes_on_at_the_next_boundary(backward: bool) -> None:
    tokens = tokens_of(3, 2, 6, 4, 3)  # forward: 0 100-102 0 103 104 0 105-110 0 111-114 0 115-117
    if backward:
        tokens = tokens[::-1]
    lanes = Lanes(tokens, 1, backward=backward)
    assert read(lanes, 3, True) == ([[0, 100, 101, 102]], [True])
    assert read(lanes, 3, False) == ([[102, 0, 103, 104]], [False])
    assert read(lanes, 3, True) == ([[0, 105, 106, 107]], [True])
    # No boundary in the window: it forgets where it is.
    assert read(lanes, 2, True) == ([[107, 108, 109]], [True])
    # The window's last token is only predicted: a boundary there is for the window after.
    assert read(lanes, 2, True) == ([[109, 110, 0]], [True])
    assert read(lanes, 3, True) == ([[0, 111, 112, 113]], [True])


def test_only_those_that_forget_move_on() -> None:
    tokens = np.concatenate([tokens_of(1, 8), tokens_of(1, 8)])
    lanes = Lanes(tokens, 2, backward=False)
    read(lanes, 1, False, False)
    found, anew = read(lanes, 3, False, True)
    assert found == [[100, 0, 101, 102], [0, 101, 102, 103]]
    assert anew == [False, True]
    assert lanes.positions.tolist() == [4, 17]


def test_a_lane_does_not_forget_its_way_into_its_neighbour() -> None:
    """Behind its next boundary there is too little left: it forgets where it is."""
    lanes = Lanes(np.concatenate([tokens_of(4, 3), tokens_of(4, 3)]), 2, backward=False)
    read(lanes, 3, False, False)
    found, anew = read(lanes, 5, True, True)
    assert found == [[102, 103, 0, 104, 105, 106]] * 2
    assert anew == [True, True]


def test_a_text_shorter_than_a_window_repeats_its_last_token() -> None:
    lanes = Lanes(tokens_of(2), 1, backward=False)
    assert lanes.steps(8) == 1
    assert read(lanes, 5, False) == ([[0, 100, 101, 0, 0, 0]], [True])


def test_an_epoch_reads_every_token_once_in_each_direction(data: LanguageData) -> None:
    tokens, size = data.train, 8
    for backward in (False, True):
        lanes = Lanes(tokens, 4, backward=backward)
        windows = [lanes.next(size, np.zeros(4, bool))[0][:-1] for _ in range(lanes.steps(size))]
        found = np.concatenate(windows).T.ravel()
        assert len(tokens) - len(found) < 4 * (size + 1)
        ordered = tokens[::-1] if backward else tokens
        length = len(tokens) // 4
        for lane, of_lane in enumerate(np.concatenate(windows).T):
            assert np.array_equal(of_lane, ordered[lane * length :][: len(of_lane)])


@pytest.mark.parametrize(("number", "lanes"), [(2, 1), (3, 1), (40, 3), (41, 3), (43, 4), (9, 8)])
@pytest.mark.parametrize("size", [1, 4, 64])
def test_windows_of_a_text_hold_every_token_once_behind_the_one_that_it_follows(
    number: int, lanes: int, size: int
) -> None:
    tokens = np.arange(number, dtype=np.uint32)
    windows = list(windows_of(tokens, lanes, size))
    assert all(np.array_equal(window[1:], window[:-1] + 1) for window in windows)
    assert sorted(np.concatenate([window[1:].ravel() for window in windows])) == [*tokens[1:]]
    for before, after in itertools.pairwise(windows):
        assert before[-1, -after.shape[1] :].tolist() == after[0].tolist()
    assert all(window.shape[0] <= size + 1 for window in windows[:-1])
    assert windows[-1].shape[0] <= max(size, lanes) + 1


def some_windows(data: LanguageData) -> list[Ids]:
    lanes = [Lanes(data.train, 4, backward=backward) for backward in (False, True)]
    return [of_direction.next(8, np.zeros(4, bool))[0] for of_direction in lanes]


def test_windows_give_back_the_forms_and_predict_those_that_follow(data: LanguageData) -> None:
    tokens = some_windows(data)
    (words, characters, affixes), windows = encode_windows(tokens, data.tables)
    for ids, window in zip(tokens, windows, strict=True):
        assert window.forms.shape == window.targets.shape == (8, 4)
        assert np.array_equal(words[0][window.forms], data.tables.words[ids[:-1]])
        assert np.array_equal(affixes[window.forms], data.tables.affixes[ids[:-1]])
        _, expected, _ = data.tables.lexical(ids[:-1].ravel())
        found = characters[window.forms].flatten(0, 1)
        assert np.array_equal(found[:, : expected.shape[1]], expected)
        assert not found[:, expected.shape[1] :].any()
        assert np.array_equal(window.targets, data.tables.targets[ids[1:]])


def test_distinct_forms_are_read_once_in_order_of_length(data: LanguageData) -> None:
    tokens = some_windows(data)
    (words, characters, _), _ = encode_windows(tokens, data.tables)
    assert words.shape[1] == len(np.unique([ids[:-1] for ids in tokens]))
    lengths = (characters != 0).sum(1)
    assert torch.equal(lengths, lengths.sort().values)


def test_forms_that_cannot_be_predicted_count_as_unknown(data: LanguageData) -> None:
    targets = data.tables.targets
    few = msgspec.structs.replace(data.tables, targets=np.where(targets < 5, targets, 1))
    tokens = some_windows(data)
    _, windows = encode_windows(tokens, few)
    assert set(windows[0].targets.ravel().tolist()) <= {0, 1, 2, 3, 4}
