"""A corpus file by its path: dialect found once, sentences read as often as wanted, as a stream."""

import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import msgspec

from tagger.corpus.columns import read_columns
from tagger.corpus.conllu import read_conllu, read_conllu_text
from tagger.corpus.dialect import BRAT, HEAD_LINES, Dialect, detect_dialect
from tagger.corpus.lines import UTF8, decode_lines, open_corpus
from tagger.corpus.overruling import NOTHING, Asked, overruled
from tagger.corpus.pairs import read_pairs
from tagger.errors import EmptyCorpusError, TaggerError
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

    def with_empty(self) -> Iterator[Sentence]:
        """All blocks, so that writing them all gives the file again."""
        if self.dialect.layout.kind == "brat":
            from tagger.corpus.brat import read_brat

            yield from read_brat(Path(self.path))
            return
        with open_corpus(self.path) as stream:
            lines = decode_lines(stream, self.path, encoding=self.encoding)
            yield from read_sentences(lines, self.path, self.dialect.layout)


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

        return read_json_lines(lines, path)
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
    if asked.dialect == "brat" or (asked.dialect is None and _is_brat(path)):
        return CorpusFile(str(path), Dialect(BRAT, "brat standoff: a text and its .ann file"))
    with open_corpus(path) as stream:
        lines = decode_lines(stream, str(path), encoding=asked.encoding, errors=errors)
        head = list(islice(lines, HEAD_LINES))
    return CorpusFile(str(path), dialect_of(head, str(path), asked), asked.encoding)


def _is_brat(path: Path) -> bool:
    return path.suffix == ".ann" or (path.suffix == ".txt" and path.with_suffix(".ann").is_file())


def dialect_of(head: list[str], path: str, asked: Asked = NOTHING) -> Dialect:
    """The dialect of a file by its first lines; raises TaggerError where it cannot be told."""
    if not any(line.strip() for line in head):
        raise EmptyCorpusError(f"{path}: expected a corpus, found an empty file")
    if not asked.is_free:
        return overruled(head, path, asked)
    found = detect_dialect(head)
    if found is None:
        raise TaggerError(
            f"{path}: expected CoNLL-U or columns of tokens and tags, found neither "
            "(name the columns with --columns form=1,ner=2)"
        )
    return found


def read_all(paths: Iterable[str | Path], asked: Asked = NOTHING) -> list[Sentence]:
    """All sentences of several files, in order."""
    return list(chain.from_iterable(open_corpus_file(path, asked) for path in paths))
