"""What `tagger preprocess` was asked for, its input files and how their sentences are written."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import msgspec

from tagger.cli.console import note, warn
from tagger.compression import uncompressed_name
from tagger.corpus.files import CorpusFile, open_corpus_file
from tagger.corpus.merging import merge
from tagger.corpus.operations import Tally
from tagger.corpus.overruling import Asked
from tagger.corpus.repairs import Repair, repaired
from tagger.corpus.splits import parse_shares
from tagger.errors import UsageError
from tagger.output.converting import KEPT, Converter, Rewriter, survey, write_brat
from tagger.output.files import open_output
from tagger.output.formats import FormatName, find_format
from tagger.output.style import Style
from tagger.sentence import Layout, Sentence

OF_SPANS = ("entities", "brat")  # formats without a place for other tags


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """The options that say what is read besides, what is chosen and what is written where."""

    output: Path | None
    to: FormatName | None
    fix: bool
    merge: Path | None
    sample: int | None
    split: str | None
    seed: int
    stats: bool
    json: bool

    def __post_init__(self) -> None:
        """Raises UsageError where they contradict each other."""
        if self.json and not self.stats:
            raise UsageError("--json is for --stats; for corpora as JSON lines: --to jsonl")
        if self.split is not None and self.output is None and not self.stats:
            raise UsageError("--split writes several files: name a folder with -o")
        if self.split is not None:
            parse_shares(self.split)
        elif self.to == "brat" and not self.is_measured_only:
            _check_brat_name(self.output)

    @property
    def is_measured_only(self) -> bool:
        """Whether nothing is to be written but statistics."""
        return self.stats and self.output is None


def _check_brat_name(output: Path | None) -> None:
    """Raises UsageError where the two files of brat would not find each other."""
    if output is None:
        raise UsageError("brat's annotations lie beside their text: name a file with -o")
    if output.suffix != ".ann":
        raise UsageError(f"expected a name such as NAME.ann for brat's annotations, found {output}")


class Corpora:
    """The input files, repaired and joined as wished, and how their sentences are written."""

    def __init__(self, files: Sequence[CorpusFile], wishes: Wishes, tally: Tally) -> None:
        self._files = files
        self._tally = tally
        self._fix = wishes.fix
        self._first: Sentence | None = None
        self._joined: list[Sentence] | None = None
        self._added: tuple[str, ...] = ()
        layouts = [file.dialect.layout for file in files]
        kind = layouts[0].kind
        are_alike = all(are_joinable(layout, layouts[0]) for layout in layouts)
        self._format = wishes.to or (FormatName["conllu"] if kind in ("jsonl", "brat") else None)
        self.suffix = find_format(self._format).suffix if self._format else _suffix(files[0].path)
        if self._format is None and not are_alike and not wishes.is_measured_only:
            raise UsageError(
                "files of several dialects cannot be written one behind the other as they are "
                "(choose one with --to)"
            )
        if are_alike and self._format and KEPT.get(self._format) == kind:
            self._format = None  # they have their lines already

    def sentences(self) -> Iterable[Sentence]:
        """All blocks of all files; repairs are told while they are read."""
        return self._read(self._tell) if self._joined is None else self._joined

    def _read(self, tell: Callable[[Repair], None] | None) -> Iterator[Sentence]:
        """Reads the files; a second time, for its own ends, with nothing to tell."""
        for file in self._files:
            remarks: list[str] = []
            blocks = (
                repaired(file, tell or (lambda repair: None), remarks)
                if self._fix
                else file.with_empty(remarks)
            )
            for block in blocks:
                if self._first is None:  # not `or`: a block without tokens is falsy
                    self._first = block
                yield block
            for remark in remarks if tell else ():
                warn(f"{file.path}: {remark}")

    def _tell(self, repair: Repair) -> None:
        self._tally.repairs[repair.code] += 1
        note(str(repair))

    def join(self, path: Path, encoding: str) -> None:
        """Adds the columns of a file over the same text; everything comes into memory."""
        second = open_corpus_file(path, Asked(encoding=encoding))
        note(f"{path}: {second.dialect.reasons}")
        merged = merge(list(self._read(self._tell)), list(second.with_empty()))
        for found in merged.mismatches:
            place = f"{found.path}:{found.line}"
            warn(f"{place}: {found.kind}: expected {found.expected}, found {found.found}")
        self._joined, self._added = merged.sentences, merged.names
        note(f"{path}: {', '.join(merged.names) or 'no column'} added")

    def write(self, sentences: Iterable[Sentence], output: Path | None) -> None:
        """Writes sentences; for brat the text goes to a second file beside the annotations."""
        if self._format == "brat" and output is not None:
            text_path = output.with_suffix(".txt")
            with open_output(output) as annotations, open_output(text_path) as text:
                write_brat(sentences, self._style, annotations, text)
            return
        sentences = iter(sentences)
        begun = list(islice(sentences, 1))  # by now the first block has been read
        if self._format is None:
            writer: Converter | Rewriter = Rewriter(self._first, self._added)
        else:
            writer = Converter(find_format(self._format), self._style)
        with open_output(output) as out:
            out.write(writer.header().encode())
            for sentence in chain(begun, sentences):
                out.write(writer.text(sentence).encode())
            out.write(writer.footer().encode())

    @cached_property
    def _style(self) -> Style:
        """The columns that there are: a pass over the files, unless all is in memory.

        What the format cannot hold is noted. Raises UsageError where that is everything.
        """
        style = survey(self._read(None) if self._joined is None else self._joined)
        if self._format in OF_SPANS and not style.spans:
            raise UsageError(
                f"{self._format} holds entities alone, and no column has any (choose another --to)"
            )
        for what in dict.fromkeys(map(_left_out, (file.dialect.layout for file in self._files))):
            if what:
                note(f"{what} are not part of {self._format}: left out")
        return style


def are_joinable(first: Layout, second: Layout) -> bool:
    """Whether the lines of two files can stand in one: only comments may be missing in either."""
    return msgspec.structs.replace(first, comments=second.comments) == second


def _left_out(layout: Layout) -> str:
    """What lines of this layout hold besides tokens and tags; nothing if nothing."""
    if layout.kind == "conllu":
        return "lemmas, heads, multiword ranges and empty nodes"
    named = len(layout.columns) + (layout.ids is not None)
    has_more = layout.kind == "columns" and layout.width is not None and layout.width > named
    return "columns without a name" if has_more else ""


def _suffix(path: str) -> str:
    """How the name of a file ends, `.conllu.gz` included."""
    name = uncompressed_name(path)
    return Path(name).suffix + path[len(name) :]
