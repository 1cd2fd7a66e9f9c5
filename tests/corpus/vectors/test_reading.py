"""Word vectors of every format: the rows that are needed, and one clear sentence for any fault."""

import bz2
import gzip
import lzma
import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tagger.corpus.vectors.reading import WordVectors, read_vectors
from tagger.corpus.vectors.rows import LONGEST_LINE
from tagger.errors import TaggerError, VectorsError
from tests.corpus.vectors.writing import DOGS, FORMATS, Rows, binary, glove, word2vec

Write = Callable[[Rows], bytes]


def read(folder: Path, content: bytes, *wanted: str, keep: int = 9, name: str = "v") -> WordVectors:
    (folder / name).write_bytes(content)
    return read_vectors(folder / name, set(wanted), keep)


def problem(folder: Path, content: bytes, *wanted: str, name: str = "v") -> str:
    with pytest.raises(VectorsError) as caught:
        read(folder, content, *wanted, name=name)
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize("write", FORMATS)
def test_every_format_gives_the_same_words_and_numbers(tmp_path: Path, write: Write) -> None:
    found = read(tmp_path, write(DOGS), "dog")
    assert found.words == ["the", "dog", "cat"]
    assert found.rows.dtype == np.float32
    assert found.rows.tolist() == np.array([*DOGS.values()], np.float32).tolist()
    assert (found.num_wanted, found.undecodable) == (1, 0)


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", zstandard.compress),
    ],
)
@pytest.mark.parametrize("write", [glove, binary])
def test_a_compressed_file_is_read_by_its_name(
    tmp_path: Path, write: Write, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    name = f"v.vec{suffix}"
    assert read(tmp_path, compress(write(DOGS)), name=name).words == ["the", "dog", "cat"]
    (tmp_path / name).write_bytes(compress(write(DOGS))[:-9])
    with pytest.raises(TaggerError, match="found a damaged or truncated one"):
        read_vectors(tmp_path / name, (), 9)


WORDS = st.text(st.characters(categories=["L", "P", "S"]), min_size=1, max_size=5)
NUMBERS = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)


@given(
    rows=st.integers(2, 6).flatmap(
        lambda size: st.dictionaries(
            WORDS, st.lists(NUMBERS, min_size=size, max_size=size), min_size=1
        )
    ),
    write=st.sampled_from(FORMATS),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows, write: Write
) -> None:
    folder = tmp_path_factory.mktemp("vectors")
    size = len(next(iter(rows.values())))
    rows = {f"a{word}": row for word, row in rows.items()}
    rows["zeros"] = [0.0] * size  # bytes that are no text: all others may be letters
    found = read(folder, write(rows), keep=99)
    expected = {}
    for word, row in rows.items():
        (normal,) = read(folder, glove({word: [1.0]})).words
        expected.setdefault(normal, np.float32(row).tolist())
    assert dict(zip(found.words, found.rows.tolist(), strict=True)) == expected


def test_wanted_words_are_found_anywhere_and_only_the_first_others_are_kept(tmp_path: Path) -> None:
    rows = {word: [float(i), 1.0] for i, word in enumerate("abcdef")}
    found = read(tmp_path, glove(rows), "e", "b", "z", keep=2)
    assert (found.words, found.num_wanted) == (["a", "b", "c", "e"], 2)
    assert found.rows[:, 0].tolist() == [0, 1, 2, 4]
    nothing = read(tmp_path, glove(rows), keep=0)
    assert (nothing.words, nothing.rows.shape) == ([], (0, 2))


def test_of_spellings_that_are_one_word_the_first_counts(tmp_path: Path) -> None:
    rows = {"US": [1.0, 0.0], "us": [2.0, 0.0], "1984": [3.0, 0.0], "2001": [4.0, 0.0]}
    rows |= {"e\u0301": [5.0, 0.0], "\u00e9": [6.0, 0.0]}
    found = read(tmp_path, glove(rows), "us", "0000")
    assert found.words == ["us", "0000", "\u00e9"]
    assert found.rows[:, 0].tolist() == [1, 3, 5]
    assert found.num_wanted == 2


def test_words_called_like_a_vocabularys_special_entries_are_left_out(tmp_path: Path) -> None:
    rows = {"<unknown>": [1.0, 2.0], "a": [3.0, 4.0], "<PAD>": [5.0, 6.0]}
    found = read(tmp_path, glove(rows), "<pad>")
    assert (found.words, found.num_wanted, len(found.rows)) == (["a"], 0, 1)


def test_a_word_may_have_blanks_in_it(tmp_path: Path) -> None:
    rows = {"the": [0.5, 1.0], ". . .": [2.0, 3.0], "at a@b.com": [4.0, 5.0]}
    found = read(tmp_path, glove(rows))
    assert found.words == ["the", ". . .", "at a@b.com"]
    assert found.rows[1].tolist() == [2, 3]


def test_a_word_may_look_like_a_number_or_none(tmp_path: Path) -> None:
    rows = {"1.5": [0.5, 1.0], "nan": [2.0, 3.0], "\u00a0": [4.0, 5.0]}
    assert read(tmp_path, glove(rows)).words == ["0.0", "nan", "\u00a0"]


@pytest.mark.parametrize("write", [glove, word2vec])
def test_byte_order_mark_crlf_and_tabs_do_no_harm(tmp_path: Path, write: Write) -> None:
    content = b"\xef\xbb\xbf" + write(DOGS).replace(b"\n", b"\r\n").replace(b"dog ", b"dog\t")
    found = read(tmp_path, content)
    assert found.words == ["the", "dog", "cat"]
    assert found.rows[2].tolist() == DOGS["cat"]


@pytest.mark.parametrize("write", [word2vec, binary])
def test_words_that_are_not_utf8_are_counted_and_passed_over(tmp_path: Path, write: Write) -> None:
    found = read(tmp_path, write(DOGS).replace(b"dog", b"d\xc3g"))
    assert (found.words, found.undecodable) == (["the", "cat"], 1)


PACKED = binary(DOGS)
WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "v: expected word vectors, found an empty file"),
    "only a line break": (b"\n", "v:1: expected a word and its numbers, or how many words and "),
    "a header alone": (b"2 3\n", "v:1: expected 2 words (line 1), found 0 (a file cut short?"),
    "no words": (b"0 3\n", "v:1: expected the number of words, found 0"),
    "a text": (b"Call me Ishmael.\n", "v:1: expected a word and its numbers, or how many words"),
    "one number less": (b"a 1 2\nb 1\n", "v:2: expected a word and 2 numbers, found 2 fields"),
    "one number more": (b"a 1 2\nb 1 2 3\n", "v:2: expected a word and 2 numbers, found 4 fields"),
    "a blank line": (b"a 1 2\n\nb 1 2\n", "v:2: expected a word and 2 numbers, found 0 fields"),
    "no word": (b"a 1 2\n 1 2\n", "v:2: expected a word and 2 numbers, found 2 fields"),
    "no number": (b"a 1 2\nb 1 x\n", "v:2: expected a number, found 'x'"),
    "a number for Python": (b"a 1 2\nb 1 1_0\n", "v:2: expected a number, found '1_0'"),
    "nan": (b"a 1 2\nb 1 nan\n", "v:2: expected numbers of 32 bits, found nan"),
    "nan first": (b"a nan 2\n", "v:1: expected numbers of 32 bits, found nan"),
    "inf": (b"a 1 2\nb -inf 2\n", "v:2: expected numbers of 32 bits, found -inf"),
    "too large": (b"a 1 2\nb 1e39 2\n", "v:2: expected numbers of 32 bits, found inf"),
    "header of more": (b"3 2\na 1 2\nb 1 2\n", "v:3: expected 3 words (line 1), found 2 (a file"),
    "header of fewer": (b"1 2\na 1 2\nb 1 2\n", "v:3: expected 1 words (line 1), found more"),
    "header of longer": (b"1 3\na 1 2\n", "v:2: expected a word and 3 numbers, found 3 fields"),
    "header of shorter": (b"1 1\na 1 2\n", "v:2: expected a word and 1 numbers, found 3 fields"),
    "long line": (b"a " * LONGEST_LINE, "v:1: expected a word and its numbers, found a line of"),
    "zeros": (bytes(LONGEST_LINE), "v:1: expected a word and its numbers, found a line of over"),
    "zip": (b"PK\x03\x04\x14\x00\n", "v:1: expected a word and its numbers, or how many words"),
    "binary cut": (PACKED[:-3], "v: word 3 of 3: expected 12 bytes of numbers, found 10"),
    "binary cut in a word": (PACKED[:-15], "v: word 3 of 3: expected a word and a blank, found "),
    "binary goes on": (PACKED + b"x", "v: expected 3 words (line 1), found more"),
    "binary nan": (
        binary({**DOGS, "dog": [1.0, math.nan, 0.0]}),
        "v: word 2 of 3: expected numbers of 32 bits, found nan",
    ),
    "binary junk": (
        b"9 9\n" + b"\x01" * 99_999,
        "v: word 1 of 9: expected a word and a blank, found 10,001 bytes without one",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_one_sentence_with_its_place(tmp_path: Path, name: str) -> None:
    content, message = WRONG[name]
    assert problem(tmp_path, content).startswith(message)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(TaggerError, match="none: no such file"):
        read_vectors(tmp_path / "none", (), 1)
    with pytest.raises(TaggerError, match="expected a file to read, found a directory"):
        read_vectors(tmp_path, (), 1)


@pytest.mark.parametrize("write", [glove, binary])
def test_memory_is_that_of_the_rows_kept(tmp_path: Path, write: Write) -> None:
    size = 200
    (tmp_path / "v").write_bytes(write({f"word{'x' * i}": [0.5] * size for i in range(2_000)}))
    tracemalloc.start()
    found = read_vectors(tmp_path / "v", {"word" + "x" * 1_999}, 100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.rows.shape == (101, size)
    assert peak < 2 * found.rows.nbytes + 4 * 100_000, "the file has 1.6 MB and more"
