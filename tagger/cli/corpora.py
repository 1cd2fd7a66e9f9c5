"""Corpus files named on the command line: opened, and what was found said on stderr."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tagger.cli.console import note, warn
from tagger.corpus.dialect import describe_columns
from tagger.corpus.files import CorpusFile, open_corpus_file
from tagger.corpus.lines import STDIN, sha256_of
from tagger.corpus.overruling import NOTHING, Asked
from tagger.errors import CorpusError, TaggerError
from tagger.inference.records import CorpusRecord
from tagger.schemes import guess_scheme, is_span_column, is_span_tag, slips
from tagger.sentence import UNANNOTATED, Sentence, place_of


def open_all(paths: Sequence[Path], asked: Asked = NOTHING) -> list[CorpusFile]:
    """The files in order, each with a note about its dialect; standard input where there is none.

    The note ends with the columns as `--columns` takes them.
    """
    corpora = [open_corpus_file(path, asked) for path in paths or [Path(STDIN)]]
    for corpus in corpora:
        layout = corpus.dialect.layout
        is_guess = layout.kind == "columns" and asked.columns is None
        columns = f" ({describe_columns(layout)})" if is_guess else ""
        note(f"{corpus.path}: {corpus.dialect.reasons}{columns}")
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
        counts = Counter(tag for s in tagged for tag in s.columns[name])
        if is_span_column(counts):
            _check_tags(name, tagged)
            _note_scheme(corpus.path, name, tagged)
    return sentences


def _check_tags(name: str, sentences: Sequence[Sentence]) -> None:
    """Raises CorpusError at the first tag of a span column that is none."""
    for sentence in sentences:
        for i, tag in enumerate(sentence.columns[name]):
            if not is_span_tag(tag) and tag != UNANNOTATED:
                raise CorpusError(
                    *place_of(sentence, i, name),
                    f"expected O or a tag such as B-PER, found {tag!r} "
                    "(tagger check names every such tag)",
                )


def _note_scheme(path: str, name: str, sentences: Sequence[Sentence]) -> None:
    scheme = guess_scheme(sentence.columns[name] for sentence in sentences)
    note(f"{path}: {name} is written in {scheme}")
    if scheme in ("IO", "IOB1"):
        return
    found = [(s, i) for s in sentences for i in slips(s.columns[name])]
    if found:
        sentence, i = found[0]
        path, line, _ = place_of(sentence, i, name)
        warn(
            f"{path}:{line}: {sentence.columns[name][i]} continues nothing; "
            f"read as the beginning of a span ({len(found)} such in the file)"
        )


def text_record(path: Path) -> CorpusRecord:
    """A text by its name and checksum; standard input has none."""
    is_stdin = str(path) == STDIN
    return CorpusRecord(
        split="train",
        name="<stdin>" if is_stdin else path.name,
        sha256="" if is_stdin else sha256_of(path),
        sentences=0,
        tokens=0,
    )
