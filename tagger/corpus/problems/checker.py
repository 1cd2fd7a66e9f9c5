"""All checks over all files, in one pass: bytes to blocks to sentences, each looked at once."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from tagger.corpus.columns import parse_block as parse_columns
from tagger.corpus.conllu import parse_block as parse_conllu
from tagger.corpus.dialect import MOST_TAGS
from tagger.corpus.files import CorpusFile, open_corpus_file
from tagger.corpus.lines import UTF8, Block, by_block, open_corpus, read_texts, text_blocks
from tagger.corpus.overruling import NOTHING, Asked
from tagger.corpus.problems.characters import LineChecks
from tagger.corpus.problems.codes import Finding
from tagger.corpus.problems.contents import ContentChecks
from tagger.corpus.problems.repeats import RepeatChecks
from tagger.corpus.problems.rows import (
    check_fields,
    check_ids,
    check_separators,
    has_doubtful_ids,
)
from tagger.corpus.problems.tags import TagChecks
from tagger.errors import CorpusError, EmptyCorpusError, shortened
from tagger.schemes import Scheme
from tagger.sentence import Layout, Sentence

TOLERANT = "surrogateescape"  # bytes that are not UTF-8 are findings, not the end


class Checker:
    """Checks files one after the other; the first is what a model is trained on."""

    def __init__(self, scheme: Scheme | None = None) -> None:
        self._scheme = scheme
        self._repeats = RepeatChecks()
        self._training: dict[str, set[str]] | None = None
        self._num_files = 0
        self.reasons = ""  # of the dialect of the file that was checked last
        self.num_sentences = 0
        self.num_tokens = 0

    def check(self, path: str | Path, asked: Asked = NOTHING) -> list[Finding]:
        """Everything that is wrong with a file, by line.

        Raises TaggerError where there is no such file, or what it is cannot be told.
        """
        try:
            corpus = open_corpus_file(path, asked, TOLERANT)
        except EmptyCorpusError:
            self.reasons = "an empty file"
            return [Finding(str(path), 1, 1, "empty-file", "expected a corpus, found no token")]
        except CorpusError as error:
            self.reasons = "a file that cannot be read"
            return [_unreadable(error)]
        self.reasons = corpus.dialect.reasons
        findings = sorted(self._findings(corpus), key=lambda f: (f.line, f.column))
        return [_shortened(finding) for finding in findings]

    def _findings(self, corpus: CorpusFile) -> Iterator[Finding]:
        contents = ContentChecks(corpus.path)
        columns: dict[str, TagChecks] = {}
        try:
            for item in _sentences(corpus):
                if isinstance(item, Finding):
                    yield item
                    continue
                yield from contents.check(item)
                if not item.forms:
                    continue
                self.num_sentences += 1
                self.num_tokens += len(item)
                for name in item.columns:
                    if name == "feats":
                        continue
                    if name not in columns:
                        columns[name] = TagChecks(
                            corpus.path, name, self._scheme, is_training=self._training is None
                        )
                    columns[name].add(item)
                yield from self._repeats.check(item, self._num_files)
        except CorpusError as error:
            yield _unreadable(error)
        for checks in columns.values():
            yield from checks.finish()
        yield from self._new_labels(columns)
        self._num_files += 1

    def _new_labels(self, columns: dict[str, TagChecks]) -> Iterator[Finding]:
        """Labels that the first file does not have in a column of that name."""
        if self._training is None:
            self._training = {name: checks.labels for name, checks in columns.items()}
            return
        for name, checks in columns.items():
            known = self._training.get(name)
            if known is None or len(known) > MOST_TAGS:
                continue
            for label in sorted(checks.labels - known):
                yield checks.finding_at_first(
                    label,
                    "new-label",
                    f"expected a {name} label of the first file, found {label!r}",
                )


def _unreadable(error: CorpusError) -> Finding:
    return Finding(error.path, error.line, error.column, "unreadable", error.problem)


def _shortened(finding: Finding) -> Finding:
    problem = shortened(finding.problem)
    return finding if problem == finding.problem else replace(finding, problem=problem)


def _sentences(corpus: CorpusFile) -> Iterator[Sentence | Finding]:
    """The sentences of a file that can be read, and findings about lines and rows."""
    layout = corpus.dialect.layout
    if layout.kind not in ("conllu", "columns") or corpus.encoding != UTF8:
        yield from corpus.with_empty()
        return
    lines = LineChecks(corpus.path, layout)
    with open_corpus(corpus.path) as stream:
        for number, text in read_texts(stream, corpus.path, cut=by_block, errors=TOLERANT):
            blocks = list(text_blocks(text, number))
            yield from lines.check_all(text, blocks)
            for block in blocks:
                yield from _checked(block, corpus.path, layout)
    yield from lines.finish()


def _checked(block: Block, path: str, layout: Layout) -> Iterator[Sentence | Finding]:
    """The findings about a block's rows, then its sentence if all of it can be read."""
    is_conllu = layout.kind == "conllu"
    try:
        sentence = parse_conllu(block, path) if is_conllu else parse_columns(block, path, layout)
    except CorpusError as error:
        found = check_fields(block, path, layout)
        if not found and is_conllu:
            found = check_ids(block, path, layout)
        yield from found or [_unreadable(error)]
        return
    if has_doubtful_ids(sentence, layout):
        yield from check_ids(block, path, layout)
    if layout.separator == " " and "\t" in block.text:
        yield from check_separators(block, path, layout)
    yield sentence
