"""Bytes to blocks of lines: nothing lost, cut at blank lines, read as a stream."""

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.lines import (
    Block,
    _copy_of_stdin,
    blocks,
    check_encoding,
    decode_lines,
    open_corpus,
    sha256_of,
)
from tagger.errors import CorpusError, TaggerError, UsageError

FIXTURES = Path(__file__).parents[1] / "fixtures"


def test_a_block_ends_with_the_blank_lines_behind_it() -> None:
    lines = ["a\n", "b\n", "\n", " \t\n", "\n", "c\n", "\n"]
    assert list(blocks(lines)) == [Block(1, "".join(lines[:5])), Block(6, "".join(lines[5:]))]


def test_blank_lines_at_the_beginning_come_with_the_first_block() -> None:
    lines = ["\n", "\t\n", "a\n", "\n", "b"]
    assert list(blocks(lines)) == [Block(1, "".join(lines[:4])), Block(5, "".join(lines[4:]))]


def test_a_file_of_blank_lines_is_one_block() -> None:
    assert list(blocks(["\n", "\r\n"])) == [Block(1, "".join(["\n", "\r\n"]))]
    assert list(blocks([])) == []


def test_lines_are_counted_from_where_the_reading_began() -> None:
    assert [block.line for block in blocks(["a\n", "\n", "b\n"], first_line=7)] == [7, 9]


def test_unicode_blanks_do_not_end_a_sentence() -> None:
    lines = ["a\n", "\u00a0\n", "\u3000\n", "\ufeff\n", "b\n"]
    assert list(blocks(lines)) == [Block(1, "".join(lines))]


def test_other_characters_below_the_letters_do_not_end_a_sentence_either() -> None:
    lines = ["a\n", "!\n", "\0\n", "\x0b\n", "\x0c\n", "\x1f\n", " x\n", "\tx\n", "b\n"]
    assert list(blocks(lines)) == [Block(1, "".join(lines))]


@given(lines=st.lists(st.sampled_from(["a\n", "b\tc\r\n", "\n", "\t\n", "\r\n", " \n"])))
@settings(deadline=None)
def test_joining_all_blocks_gives_the_lines_again(lines: list[str]) -> None:
    found = list(blocks(lines))
    assert [line for block in found for line in block.lines] == lines
    for block in found:
        assert block.lines == lines[block.line - 1 : block.line - 1 + len(block.lines)]
        content = [bool(line.strip()) for line in block.lines]
        assert content == sorted(content, reverse=True) or block.line == 1


def test_the_first_block_of_an_endless_stream_comes_at_once() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        for read in count(1):
            yield b"a\n" if read % 3 else b"\n"

    found = blocks(decode_lines(endless(), "endless"))
    assert next(found) == Block(1, "".join(["a\n", "a\n", "\n"]))
    assert read == 4  # the line that shows that the block has ended
    assert next(found).line == 4


def test_only_a_line_feed_ends_a_line() -> None:
    data = "a\rb\u2028c\u0085d\u000be\r\nf".encode()
    assert list(decode_lines(BytesIO(data), "x")) == ["a\rb\u2028c\u0085d\u000be\r\n", "f"]


def test_a_byte_order_mark_is_kept() -> None:
    assert list(decode_lines(BytesIO(b"\xef\xbb\xbfa\n"), "x")) == ["\ufeffa\n"]


@given(data=st.text().map(str.encode))
@settings(deadline=None)
def test_encoding_the_lines_gives_the_bytes_again(data: bytes) -> None:
    assert "".join(decode_lines(BytesIO(data), "x")).encode() == data


def test_a_byte_that_is_not_utf8_is_named_with_its_line_and_field() -> None:
    data = "é\tö\n\nx\té\t".encode() + b"caf\xe9\tO\n"
    with pytest.raises(CorpusError) as caught:
        list(decode_lines(BytesIO(data), "x.conll"))
    assert str(caught.value) == (
        "x.conll:3:3: expected UTF-8, found the byte 0xe9 "
        "(another encoding? name it with tagger preprocess --encoding)"
    )
    assert (caught.value.path, caught.value.line, caught.value.column) == ("x.conll", 3, 3)


def test_the_lines_before_a_foreign_byte_are_read() -> None:
    lines = decode_lines(BytesIO(b"a\n\xff\n"), "x")
    assert next(lines) == "a\n"
    with pytest.raises(CorpusError, match=r"^x:2:1: .*0xff"):
        next(lines)


def test_a_missing_file_and_a_directory_are_one_sentence_each(tmp_path: Path) -> None:
    with pytest.raises(TaggerError) as caught, open_corpus(tmp_path / "none"):
        pytest.fail("nothing to read")
    assert str(caught.value) == f"{tmp_path}/none: no such file"
    with pytest.raises(TaggerError) as caught, open_corpus(tmp_path):
        pytest.fail("nothing to read")
    assert str(caught.value) == f"{tmp_path}: expected a file to read, found a directory"


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        (".gz", gzip.compress),
        (".xz", lzma.compress),
        (".bz2", bz2.compress),
        (".zst", zstandard.compress),
    ],
)
def test_an_archive_reads_as_what_it_holds(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"x.conllu{suffix}"
    path.write_bytes(compress("é\n\n".encode() * 9999))
    with open_corpus(path) as stream:
        assert list(blocks(decode_lines(stream, "x"))) == [
            Block(i, "".join(["é\n", "\n"])) for i in range(1, 2 * 9999, 2)
        ]
    path.write_bytes(compress(b"a\n" * 9999)[:-3])
    with pytest.raises(TaggerError) as caught, open_corpus(path) as stream:
        list(stream)
    assert str(caught.value).startswith(f"{path}: expected a ")
    assert str(caught.value).endswith(" file, found a damaged or truncated one")


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        ("latin-1", "Zoë"),
        ("cp1252", "€"),
        ("shift_jis", "日本"),
        ("utf-8-sig", "Ċ\u2028"),
        ("utf-16", "Ċ ਊ 😀"),
        ("utf-16-be", "Ċ ਊ 😀"),
        ("utf-32", "Ċ ਊ 😀"),
    ],
)
def test_any_encoding_gives_the_lines_that_it_holds(encoding: str, form: str) -> None:
    expected = [f"{form}\tO\r\n", "\n", f"{form}\r{form}\n", form]
    data = "".join(expected).encode(encoding)
    assert list(decode_lines(BytesIO(data), "x", encoding=encoding)) == expected


def test_a_file_in_utf_16_is_cut_at_its_lines_not_at_its_bytes() -> None:
    data = (FIXTURES / "utf16.conll").read_bytes()
    assert data.count(b"\n") > data.decode("utf-16").count("\n")  # Ċ holds the byte of LF
    assert list(decode_lines(BytesIO(data), "x", encoding="utf-16")) == [
        *("Zoë\tB-PER\r\n", "fährt\tO\r\n", "\r\n", "Ċ\tO\r\n", "ﬀ\tO\r\n")
    ]


@pytest.mark.parametrize(
    ("data", "encoding", "place"),
    [
        (b"a\n\n" * 9999 + b"x\ty\t\xff\n", "ascii", "19999:3"),
        ("a\n\n".encode("utf-16") + b"\x00\xd8a\x00", "utf-16", "3:1"),
        ("a\nx\ty".encode("utf-16") + b"\x00", "utf-16", "2:2"),  # half a character
        ("a\nx\t".encode("utf-16-le") + b"\x00\xdc\n\x00b\x00", "utf-16-le", "2:2"),
        ("字\n字\t".encode("shift_jis") + b"\x81\n", "shift_jis", "2:2"),
        (b"a\nx\ty\x1b$B\xff\n", "iso-2022-jp", "2:2"),  # behind a shift to another alphabet
        ("a\n".encode("utf-16-le"), "utf-16", "1:1"),  # no byte order mark
    ],
)
def test_a_byte_of_another_encoding_is_named_with_its_place(
    data: bytes, encoding: str, place: str
) -> None:
    lines = decode_lines(BytesIO(data), "x", encoding=encoding)
    read: list[str] = []
    with pytest.raises(CorpusError) as caught:
        read.extend(lines)
    assert str(caught.value).startswith(f"x:{place}: expected {encoding}, found ")
    assert len(read) == caught.value.line - 1


def test_lines_are_counted_from_where_the_reading_began_in_any_encoding() -> None:
    for encoding in ("ascii", "utf-8"):
        with pytest.raises(CorpusError, match=r"^x:8:1: "):
            list(decode_lines(BytesIO(b"a\n\xff\n"), "x", 7, encoding))


def test_bytes_may_be_kept_instead_of_refused() -> None:
    data = b"caf\xe9\tO\n\xff\n"
    for encoding in ("utf-8", "ascii"):
        lines = list(decode_lines(BytesIO(data), "x", 1, encoding, "surrogateescape"))
        assert lines == ["caf\udce9\tO\n", "\udcff\n"]
        assert "".join(lines).encode(errors="surrogateescape") == data
    assert next(decode_lines(BytesIO(data), "x", errors="replace")) == "caf\ufffd\tO\n"


@given(text=st.text(), encoding=st.sampled_from(["utf-16", "utf-16-be", "utf-32", "utf-7"]))
@settings(deadline=None, max_examples=60)
def test_any_text_is_the_same_in_any_encoding(text: str, encoding: str) -> None:
    lines = list(decode_lines(BytesIO(text.encode(encoding)), "x", encoding=encoding))
    assert lines == list(decode_lines(BytesIO(text.encode()), "x"))


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("UTF8", "utf-8"), ("Latin1", "iso8859-1"), ("windows-1252", "cp1252"), ("u16", "utf-16")],
)
def test_an_encoding_has_many_names(name: str, encoding: str) -> None:
    assert check_encoding(name) == encoding


@pytest.mark.parametrize("name", ["", "klingon", "rot13", "base64", "zip", "undefined", "ü"])
def test_what_is_no_encoding_of_text_is_a_wrong_usage(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_encoding(name)
    assert str(caught.value) == f"expected an encoding such as latin-1, found {name!r}"


class _Stdin(BytesIO):
    """Bytes that can be read once, as a pipe's."""

    @property
    def buffer(self) -> "_Stdin":
        return self


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_standard_input_can_be_read_again(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    _copy_of_stdin.cache_clear()
    monkeypatch.setattr(sys, "stdin", _Stdin("é\n\n".encode(encoding) * 9999))
    try:
        with open_corpus("-") as stream:  # the head, as it is read to find the dialect
            assert next(decode_lines(stream, "-", encoding=encoding)) == "é\n"
        for _ in range(2):
            with open_corpus(Path("-")) as stream:
                assert len(list(decode_lines(stream, "-", encoding=encoding))) == 2 * 9999
        assert sys.stdin.buffer.read() == b""
    finally:
        _copy_of_stdin().close()
        _copy_of_stdin.cache_clear()


def test_the_hash_of_a_file_is_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
