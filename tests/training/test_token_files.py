"""Text as token files: all of it, in order, in one of the two, the same ones each time."""

import itertools
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tagger.errors import TaggerError
from tagger.sentence import Sentence
from tagger.training import token_files as module
from tagger.training.token_files import (
    BOUNDARY,
    DEV,
    FORMS,
    TRAIN,
    UNLISTED,
    TokenFiles,
    Tokens,
    open_token_files,
    write_token_files,
)
from tests.conftest import sentence
from tests.training.language_corpus import cut, write_small


def sentences_of(tokens: Tokens, files: TokenFiles) -> list[tuple[str, ...]]:
    """The forms between boundaries, the first of which stands at the beginning."""
    assert tokens[0] == tokens[-1] == BOUNDARY
    groups = itertools.groupby(tokens[1:].tolist(), key=lambda token: token == BOUNDARY)
    return [tuple(files.texts.forms[i] for i in group) for is_end, group in groups if not is_end]


def passages(sentences: list[Sentence], least: int) -> Iterator[list[Sentence]]:
    """Sentences that follow one another, at least so many tokens together but the last."""
    passage: list[Sentence] = []
    for each in sentences:
        passage.append(each)
        if sum(map(len, passage)) >= least:
            yield passage
            passage = []
    if passage:
        yield passage


def test_forms_are_numbered_as_they_come_and_boundaries_are_around_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PASSAGE_TOKENS", 1)
    monkeypatch.setattr(module, "_is_held_out", lambda passage: passage[0].forms[0] == "c")
    text = [sentence("b a b"), sentence(""), sentence("c b"), sentence("a d"), sentence("c")]
    write_token_files(tmp_path, text, lambda tokens: None)
    files = open_token_files(tmp_path)
    assert files.train.tolist() == [0, 2, 3, 2, 0, 3, 5, 0]
    assert files.dev.tolist() == [0, 4, 2, 0, 4, 0]
    texts = files.texts
    assert texts.forms == ["", "\ufffd", "b", "a", "c", "d"]
    assert texts.counts == [4, 0, 3, 2, 2, 1]
    assert texts.joined == [0, 0, 0, 0, 0, 0]
    assert (texts.sentences, texts.held_out_characters) == (4, len("c b c "))
    assert {path.name for path in tmp_path.iterdir()} == {TRAIN, DEV, FORMS}
    assert (tmp_path / TRAIN).read_bytes()[:8] == bytes([0, 0, 0, 0, 2, 0, 0, 0])


def test_every_sentence_is_in_exactly_one_file_whole_passages_by_their_checksum(
    tmp_path: Path,
) -> None:
    text = cut(400)
    files = write_small(tmp_path, text, passage=30, held_out=5)
    expected: dict[bool, list[tuple[str, ...]]] = {True: [], False: []}
    characters = 0
    for passage in passages(text, 30):
        said = " ".join(form for each in passage for form in each.forms)
        held_out = zlib.crc32(said.encode()) % 5 == 0
        expected[held_out] += [each.forms for each in passage]
        characters += sum(len(each.text or "") + 1 for each in passage) if held_out else 0
    assert sentences_of(files.train, files) == expected[False]
    assert sentences_of(files.dev, files) == expected[True]
    assert len(expected[False]) > 200 and len(expected[True]) > 20
    assert files.texts.held_out_characters == characters
    assert files.texts.sentences == len(text)
    counts = Counter(form for each in text for form in each.forms)
    assert dict(zip(files.texts.forms[2:], files.texts.counts[2:], strict=True)) == counts
    assert files.texts.counts[BOUNDARY] == len(text)


def test_the_same_text_gives_the_same_files(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        write_small(tmp_path / name, iter(cut(100)))
    for file in (TRAIN, DEV, FORMS):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_usual_passages_hold_out_about_one_token_in_a_hundred(tmp_path: Path) -> None:
    write_token_files(tmp_path, cut(8_000), lambda tokens: None)
    files = open_token_files(tmp_path)
    assert 0.003 < len(files.dev) / len(files.train) < 0.03
    assert all(tokens[0] == tokens[-1] == BOUNDARY for tokens in (files.train, files.dev))
    assert len(sentences_of(files.train, files)) + len(sentences_of(files.dev, files)) == 8_000


def test_forms_without_a_blank_before_them_are_counted(tmp_path: Path) -> None:
    text = [
        Sentence(("Go", ",", "now", "!"), offsets=((0, 2), (2, 3), (4, 7), (7, 8))),
        Sentence(("!", "Go"), offsets=((8, 9), (9, 11))),  # the first of a sentence is not joined
        Sentence(("is", "n't", "de", "le"), offsets=((0, 5), (0, 5), (6, 8), (6, 8))),
        sentence("Go !"),  # nobody knows
    ]
    files = write_small(tmp_path, text * 30, passage=1, held_out=2)
    joined = dict(zip(files.texts.forms, files.texts.joined, strict=True))
    assert joined == {
        "": 0,
        "\ufffd": 0,
        "Go": 30,
        ",": 30,
        "now": 0,
        "!": 30,
        "is": 0,
        "n't": 30,
        "de": 0,
        "le": 0,
    }


@pytest.mark.parametrize(
    ("number", "held_out", "found"),
    [(5, 10**9, "none would be"), (5, 1, "all would be"), (0, 5, "0 tokens, of which all")],
)
def test_too_little_text_is_one_error(
    tmp_path: Path, number: int, held_out: int, found: str
) -> None:
    with pytest.raises(TaggerError, match=r"expected more text \(one passage of .*" + found):
        write_small(tmp_path, cut(number), held_out=held_out)
    assert not (tmp_path / FORMS).exists()


def test_forms_beyond_the_most_are_one_and_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FORMS", 4)
    monkeypatch.setattr(module, "_is_held_out", lambda passage: passage[0].forms[0] == "c")
    monkeypatch.setattr(module, "PASSAGE_TOKENS", 1)
    text = [sentence("a b c a d"), sentence("c b c")]
    write_token_files(tmp_path, text, lambda tokens: None)
    files = open_token_files(tmp_path)
    assert files.train.tolist() == [0, 2, 3, UNLISTED, 2, UNLISTED, 0]
    assert files.dev.tolist() == [0, UNLISTED, 3, UNLISTED, 0]
    assert files.texts.forms == ["", "\ufffd", "a", "b"]
    assert files.texts.counts == [2, 4, 2, 2]


def test_nothing_is_left_of_text_that_could_not_be_read_to_its_end(tmp_path: Path) -> None:
    def broken() -> Iterator[Sentence]:
        yield from cut(200)
        raise TaggerError("a.txt: expected UTF-8")

    with pytest.raises(TaggerError, match="expected UTF-8"):
        write_small(tmp_path, broken())
    assert list(tmp_path.iterdir()) == []


def test_forms_come_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(content: object) -> bytes:
        assert {path.name for path in tmp_path.iterdir() if path.suffix == ".tokens"} == {
            TRAIN,
            DEV,
        }
        assert not (tmp_path / FORMS).exists()
        raise MemoryError

    monkeypatch.setattr(msgspec.json, "encode", encode)
    with pytest.raises(MemoryError):
        write_small(tmp_path, cut(200))
    assert not (tmp_path / FORMS).exists()


def test_one_hears_how_many_tokens_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(module, "PASSAGE_TOKENS", 30)
    monkeypatch.setattr(module, "HELD_OUT", 5)
    write_token_files(tmp_path, cut(200), told.append)
    assert told == sorted(told)
    assert len(told) > 10
    assert told[-1] == sum(map(len, cut(200)))


def test_much_text_is_written_piece_by_piece(tmp_path: Path) -> None:
    """Longer than what waits to be written at once; nothing is lost between pieces."""
    long = [sentence(" ".join("abcde"[: 1 + i % 5])) for i in range(60_000)]
    files = write_small(tmp_path, long, passage=1000, held_out=3)
    found = Counter(sentences_of(files.train, files)) + Counter(sentences_of(files.dev, files))
    assert found == Counter(each.forms for each in long)
