"""Corpus files named on the command line: opened, and what was found said on stderr."""

from collections.abc import Sequence
from pathlib import Path

from tagger.cli.console import note, warn
from tagger.corpus.files import CorpusFile, open_corpus_file
from tagger.errors import TaggerError
from tagger.schemes import guess_scheme, is_span_tag, slips
from tagger.sentence import Sentence


def open_all(paths: Sequence[Path], columns: str | None) -> list[CorpusFile]:
    """The files in order, each with a note about its dialect."""
    corpora = [open_corpus_file(path, columns) for path in paths]
    for corpus in corpora:
        note(f"{corpus.path}: {corpus.dialect.reasons}")
    return corpora


def read_noting(corpus: CorpusFile) -> list[Sentence]:
    """All sentences of a file; a note about its span schemes, a warning about slips in them.

    Raises TaggerError where the file has no sentence at all.
    """
    sentences = list(corpus)
    if not sentences:
        raise TaggerError(f"{corpus.path}: expected sentences, found none")
    names = dict.fromkeys(name for sentence in sentences for name in sentence.columns)
    for name in names:
        tagged = [s for s in sentences if name in s.columns]
        if all(is_span_tag(tag) for s in tagged for tag in s.columns[name]):
            _note_scheme(corpus.path, name, tagged)
    return sentences


def _note_scheme(path: str, name: str, sentences: Sequence[Sentence]) -> None:
    scheme = guess_scheme(sentence.columns[name] for sentence in sentences)
    note(f"{path}: {name} is written in {scheme}")
    if scheme in ("IO", "IOB1"):
        return
    found = [(s, i) for s in sentences for i in slips(s.columns[name])]
    if found:
        sentence, i = found[0]
        place = line_of(sentence, i)
        warn(
            f"{place}: {sentence.columns[name][i]} continues nothing; "
            f"read as the beginning of a span ({len(found)} such in the file)"
        )


def line_of(sentence: Sentence, i: int) -> str:
    """`file:line` of a token."""
    source = sentence.source
    return "?" if source is None else f"{source.path}:{source.line + source.rows[i]}"
