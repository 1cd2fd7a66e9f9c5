"""A corpus file by its path: dialect found once, sentences read as often as wanted, as a stream."""

import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import msgspec

from tagger.corpus.columns import GLOBAL_COLUMNS, read_columns
from tagger.corpus.conllu import read_conllu, read_conllu_text
from tagger.corpus.dialect import (
    BRAT,
    HEAD_LINES,
    Dialect,
    detect_conllu_plus,
    detect_dialect,
)
from tagger.corpus.lines import (
    BLANKS,
    UTF8,
    by_block,
    by_line,
    decode_lines,
    open_corpus,
    read_texts,
)
from tagger.corpus.overruling import NOTHING, Asked, overruled
from tagger.corpus.pairs import read_pairs
from tagger.errors import CorpusError, EmptyCorpusError, TaggerError, UsageError
from tagger.schemes import is_entity_layer
from tagger.sentence import Layout, Sentence


class CorpusFile(msgspec.Struct, frozen=True):
    """A file whose dialect is known. Iterating reads it from the disk, sentence by sentence.

    Blocks without tokens (comments at the end of a file, document marks) come as empty sentences
    only where `with_empty` asks for them.
    """

    path: str
    dialect: Dialect
    encoding: str = UTF8

    def __iter__(self) -> Iterator[Sentence]:
        return (sentence for sentence in self.with_empty() if sentence.forms)

    def with_empty(self, remarks: list[str] | None = None) -> Iterator[Sentence]:
        """All blocks, so that writing them all gives the file again.

        What a file holds that sentences cannot (relations, rejected examples) is told in `remarks`.
        """
        if self.dialect.layout.kind in ("jsonl", "brat"):
            layers = max((_num_layers(s) for s in self._documents(1, None)), default=1)
            yield from self._documents(layers, remarks)
            return
        layout = self.dialect.layout
        with open_corpus(self.path) as stream:
            if self.encoding != UTF8:
                lines = decode_lines(stream, self.path, encoding=self.encoding)
                yield from read_sentences(lines, self.path, layout)
                return
            cut = by_line if layout.kind == "pairs" else by_block
            for number, text in read_texts(stream, self.path, cut=cut):
                yield from parse_text(text, self.path, layout, number)

    def _documents(self, layers: int, remarks: list[str] | None) -> Iterator[Sentence]:
        """The sentences of texts with spans, each with at least so many columns of spans."""
        if self.dialect.layout.kind == "brat":
            from tagger.corpus.brat import read_brat

            yield from read_brat(Path(self.path), layers=layers, remarks=remarks)
            return
        from tagger.corpus.json_lines import read_json_lines

        with open_corpus(self.path) as stream:
            lines = decode_lines(stream, self.path, encoding=self.encoding)
            yield from read_json_lines(lines, self.path, layers=layers, remarks=remarks)


def _num_layers(sentence: Sentence) -> int:
    """How many columns hold spans: ner, ner2, …"""
    return sum(is_entity_layer(name) is not None for name in sentence.columns)


def read_sentences(
    lines: Iterable[str], path: str, layout: Layout, first_line: int = 1, *, tags: bool = True
) -> Iterator[Sentence]:
    """Sentences of lines whose layout is known; `first_line` is where they stand in the file."""
    if layout.kind == "conllu":
        return read_conllu(lines, path, first_line, tags=tags)
    if layout.kind == "pairs":
        return read_pairs(lines, path, layout, first_line, tags=tags)
    if layout.kind == "jsonl":
        from tagger.corpus.json_lines import read_json_lines

        return read_json_lines(lines, path, first_line)
    return read_columns(lines, path, layout, first_line, tags=tags)


def parse_text(
    text: str, path: str, layout: Layout, first_line: int = 1, *, tags: bool = True
) -> Iterator[Sentence]:
    """The same sentences for lines that are at hand as one text."""
    if layout.kind == "conllu":
        return read_conllu_text(text, path, first_line, tags=tags)
    return read_sentences(io.StringIO(text, newline="\n"), path, layout, first_line, tags=tags)


def open_corpus_file(
    path: str | Path, asked: Asked = NOTHING, errors: str = "strict"
) -> CorpusFile:
    """The corpus at `path`; raises TaggerError where it is no file, empty or of unknown dialect.

    `asked` overrules what its first lines say; `errors` is what Python's decoders do about bytes
    that are not of the encoding, as far as the first lines go. Of a brat document either file may
    be named.
    """
    path = Path(path)
    if asked.dialect == "brat" or (asked.leaves_dialect and _is_brat(path)):
        _check_brat(asked)
        return CorpusFile(str(path), Dialect(BRAT, "brat standoff: a text and its .ann file"))
    with open_corpus(path) as stream:
        lines = decode_lines(stream, str(path), encoding=asked.encoding, errors=errors)
        head = list(islice(lines, HEAD_LINES))
    return CorpusFile(str(path), dialect_of(head, str(path), asked), asked.encoding)


def _is_brat(path: Path) -> bool:
    return path.suffix == ".ann" or (path.suffix == ".txt" and path.with_suffix(".ann").is_file())


def _check_brat(asked: Asked) -> None:
    """Raises UsageError where something is asked for that brat's standoff does not have."""
    if asked.columns is not None or asked.separator is not None or asked.encoding != UTF8:
        raise UsageError(
            "brat's standoff is UTF-8 and has no columns: "
            "leave out --columns, --separator and --encoding"
        )


def dialect_of(head: list[str], path: str, asked: Asked = NOTHING) -> Dialect:
    """The dialect of a file by its first lines; raises TaggerError where it cannot be told."""
    first = next(((i, line) for i, line in enumerate(head, 1) if line.strip(BLANKS)), None)
    if first is None:
        raise EmptyCorpusError(f"{path}: expected a corpus, found an empty file")
    if asked.columns is None and asked.dialect in (None, "conllup"):
        _check_header(*first, path)
    if not asked.is_free:
        return overruled(head, path, asked)
    found = detect_dialect(head)
    if found is None:
        raise TaggerError(
            f"{path}: expected CoNLL-U or columns of tokens and tags, found neither "
            "(name the columns with --columns form=1,ner=2)"
        )
    return found


def _check_header(number: int, line: str, path: str) -> None:
    """Raises CorpusError at a header of CoNLL-U Plus that cannot be used."""
    line = line.removeprefix("\ufeff")
    if line.startswith(GLOBAL_COLUMNS) and detect_conllu_plus([line]) is None:
        names = line.removeprefix(GLOBAL_COLUMNS).strip()
        raise CorpusError(
            path, number, 1, f"expected names of columns, each once, with FORM, found {names!r}"
        )


def read_all(paths: Iterable[str | Path], asked: Asked = NOTHING) -> list[Sentence]:
    """All sentences of several files, in order."""
    return list(chain.from_iterable(open_corpus_file(path, asked) for path in paths))
