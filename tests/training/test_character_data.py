"""A text spelled: every character in order, in constant memory."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from tagger.sentence import Sentence
from tagger.training import character_data as module
from tagger.training.character_data import CharacterData, build_characters, prepare_character_data
from tagger.training.token_files import BOUNDARY, UNLISTED, FormCounts, open_token_files
from tests.conftest import sentence
from tests.training.character_corpus import character_data, character_settings
from tests.training.language_corpus import cut, write_small


def text_of(data: CharacterData, ids: np.ndarray) -> str:
    """What a spelled text says; | is a boundary, # an unknown character."""
    shown = ["|", "#", *data.characters.strings[2:]]
    return "".join(shown[i] for i in ids)


def written(tokens: np.ndarray, forms: list[str]) -> str:
    """The same from token numbers, one at a time."""
    found = ""
    for token, follows in itertools.zip_longest(tokens.tolist(), tokens.tolist()[1:], fillvalue=0):
        found += "|" if token == BOUNDARY else forms[token] + (" " if follows else "")
    return found


@pytest.mark.parametrize("at_once", [1, 2, 7, 10**6])
def test_the_text_is_spelled_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(module, "TOKENS_AT_ONCE", at_once)
    data = character_data(tmp_path, 30)
    files = open_token_files(tmp_path)
    for spelled, tokens in ((data.train, files.train), (data.dev, files.dev)):
        assert text_of(data, spelled) == written(tokens, files.texts.forms)
    assert text_of(data, data.train).startswith("|")
    assert text_of(data, data.train).endswith(" .|")
    assert data.held_out_characters == len(data.dev) - 1


def test_rarer_characters_are_unknown_and_blanks_within_forms_are_blanks(tmp_path: Path) -> None:
    text = [sentence("aaa bb"), Sentence(("a c", "b")), sentence("aa bb")]
    files = write_small(tmp_path, text, passage=1, held_out=3)
    settings = character_settings(characters={"most": 2})
    data = prepare_character_data(files, settings, tmp_path)
    assert data.characters.strings == ("", "<unknown>", " ", "a", "b")
    both = text_of(data, data.train) + text_of(data, data.dev)
    assert both.count("#") == 1
    assert "a # b" in both
    share = (np.asarray(data.dev) == 1).mean()
    assert data.unknown() == pytest.approx(share)


def test_an_unlisted_form_is_one_unknown_character() -> None:
    texts = FormCounts(["", "\ufffd", "ab"], [2, 1, 1], [0, 0, 0], 1, 0)
    characters = build_characters(texts, 500)
    spelling = module.Spelling.of(texts.forms, characters)
    found = spelling.of_tokens(np.array([BOUNDARY, UNLISTED, 2, UNLISTED]), BOUNDARY)
    a, b = characters.id_of("a"), characters.id_of("b")
    assert found.tolist() == [0, 1, 2, a, b, 2, 1]


def test_what_lies_there_is_not_spelled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = character_data(tmp_path, 30)
    monkeypatch.setattr(module.Spelling, "of_tokens", None)
    second = prepare_character_data(open_token_files(tmp_path), character_settings(), tmp_path)
    assert np.array_equal(first.train, second.train)
    assert len(first.train) > 500


def test_forms_that_mostly_stand_without_a_blank_are_told(tmp_path: Path) -> None:
    files = write_small(tmp_path, cut(60))
    data = prepare_character_data(files, character_settings(), tmp_path)
    assert {".", ","} <= {*data.joined}
    assert not {"the", "(", "dog"} & {*data.joined}
