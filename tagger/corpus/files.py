"""A corpus file by its path: dialect found once, sentences read as often as wanted, as a stream."""

import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import msgspec

from tagger.corpus.columns import parse_column_map, read_columns
from tagger.corpus.conllu import read_conllu, read_conllu_text
from tagger.corpus.dialect import HEAD_LINES, Dialect, detect_dialect
from tagger.corpus.lines import BLANKS, decode_lines, open_corpus
from tagger.errors import TaggerError
from tagger.sentence import Layout, Sentence


class CorpusFile(msgspec.Struct, frozen=True):
    """A file whose dialect is known. Iterating reads it from the disk, sentence by sentence.

    Blocks without tokens (comments at the end of a file, document marks) come as empty sentences
    only where `with_empty` asks for them.
    """

    path: str
    dialect: Dialect

    def __iter__(self) -> Iterator[Sentence]:
        return (sentence for sentence in self.with_empty() if sentence.forms)

    def with_empty(self) -> Iterator[Sentence]:
        """All blocks, so that writing them all gives the file again."""
        with open_corpus(self.path) as stream:
            yield from read_sentences(
                decode_lines(stream, self.path), self.path, self.dialect.layout
            )


def read_sentences(
    lines: Iterable[str], path: str, layout: Layout, first_line: int = 1
) -> Iterator[Sentence]:
    """Sentences of lines whose layout is known; `first_line` is where they stand in the file."""
    if layout.kind == "conllu":
        return read_conllu(lines, path, first_line)
    return read_columns(lines, path, layout, first_line)


def parse_text(
    text: str, path: str, layout: Layout, first_line: int = 1, *, tags: bool = True
) -> Iterator[Sentence]:
    """The same sentences for lines that are at hand as one text."""
    if layout.kind == "conllu":
        return read_conllu_text(text, path, first_line, tags=tags)
    return read_columns(io.StringIO(text, newline="\n"), path, layout, first_line, tags=tags)


def open_corpus_file(path: str | Path, columns: str | None = None) -> CorpusFile:
    """The corpus at `path`; raises TaggerError where it is no file, empty or of unknown dialect.

    `columns` (such as `form=1,ner=4`) overrules the guess about which column is what.
    """
    with open_corpus(path) as stream:
        head = list(islice(decode_lines(stream, str(path)), HEAD_LINES))
    return CorpusFile(str(path), dialect_of(head, str(path), columns))


def dialect_of(head: list[str], path: str, columns: str | None = None) -> Dialect:
    """The dialect of a file by its first lines; raises TaggerError where it cannot be told."""
    if not any(line.strip() for line in head):
        raise TaggerError(f"{path}: expected a corpus, found an empty file")
    found = detect_dialect(head)
    if columns is not None:
        return _override(found, head, columns)
    if found is None:
        raise TaggerError(
            f"{path}: expected CoNLL-U or columns of tokens and tags, found neither "
            "(name the columns with --columns form=1,ner=2)"
        )
    return found


def _override(found: Dialect | None, head: list[str], columns: str) -> Dialect:
    named = parse_column_map(columns)
    content = [line for line in head if line.strip(BLANKS)]
    tabbed = sum("\t" in line for line in content)
    separator = found.layout.separator if found else ("\t" if tabbed * 2 > len(content) else " ")
    comments = found.layout.comments if found else separator == "\t"
    width = found.layout.width if found else None
    if width is not None and width <= max(named.values()):
        width = None
    return Dialect(
        Layout("columns", named, separator, comments, width), f"columns as given: {columns}"
    )


def read_all(paths: Iterable[str | Path], columns: str | None = None) -> list[Sentence]:
    """All sentences of several files, in order."""
    return list(chain.from_iterable(open_corpus_file(path, columns) for path in paths))
