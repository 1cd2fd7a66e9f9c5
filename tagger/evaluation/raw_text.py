"""A gold corpus to the raw text that it annotates, with the place of every token in that text.

In CoNLL-U the text of a sentence is its `# text`, or its surface tokens with a blank behind each
that lacks `SpaceAfter=No`. Within a paragraph a blank stands between sentences unless the last
token says `SpaceAfter=No`. A paragraph begins with each file and where `# newpar` or `# newdoc`
says so; it is one line, with an empty line before the next. A file without such marks is one
paragraph.

Column files must have `# text`, and multiword tokens are unknown there. Between their sentences a
blank stands if it mostly does between their tokens.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from tagger.corpus.conllu import FORM_FIELD
from tagger.corpus.files import CorpusFile
from tagger.corpus.numbering import text_comment
from tagger.errors import CorpusError, TaggerError, UsageError
from tagger.sentence import Sentence, Source

NO_SPACE = "SpaceAfter=No"
BETWEEN_PARAGRAPHS = "\n\n"
FIRST_SENTENCES = 100  # are looked at to find out what a file says of its text
MOST_TOKENS_PER_BLANK = 10  # in a script that has blanks between words

_ranges = re.compile(r"^([0-9]{1,9})-([0-9]{1,9})\t([^\t\n]*)", re.MULTILINE).finditer
_paragraph_mark = re.compile(r"^#[ \t]*new(?:par|doc)(?:\s|\Z)", re.MULTILINE).search


class RawText(msgspec.Struct, frozen=True, kw_only=True):
    """A text and its gold sentences, whose `offsets` are places in it.

    The words of a multiword token share the offsets of its surface form.
    """

    text: str
    sentences: tuple[Sentence, ...]
    paragraphs: int


class _Surface(NamedTuple):
    """A surface token: its form, its number of words, its line among those of the sentence."""

    form: str
    num_words: int
    row: int
    space_after: bool


def read_raw_text(
    corpora: Sequence[CorpusFile], misfits: list[CorpusError] | None = None
) -> RawText:
    """The raw text of CoNLL-U files, and of column files with `# text`.

    Raises UsageError where a file has no text or says nowhere which tokens stand together,
    CorpusError where tokens do not make up their `# text`: such sentences are left out and told in
    `misfits`, where it is given.
    """
    pieces: list[str] = []
    sentences: list[Sentence] = []
    paragraphs = at = 0
    gap = ""
    for corpus in corpora:
        _check_kind(corpus)
        between = _between_sentences(corpus)
        says_spaces = False
        for sentence, source, is_marked in _with_marks(corpus):
            says_spaces |= sentence.text is not None or NO_SPACE in source.text
            if is_marked:
                paragraphs += 1
                gap = BETWEEN_PARAGRAPHS if pieces else ""
            surface = _surface_tokens(sentence, source)
            try:
                text = _text_of(sentence, source, surface)
                offsets = _offsets(surface, text, source, at + len(gap))
            except CorpusError as error:
                if misfits is None:
                    raise
                misfits.append(error)
                continue
            at += len(gap)
            pieces += gap, text
            sentences.append(
                msgspec.structs.replace(sentence, offsets=offsets, text=text, start=at)
            )
            at += len(text)
            gap = between if surface[-1].space_after else ""
        if not says_spaces:
            raise UsageError(
                f"{corpus.path}: raw text needs `# text` or SpaceAfter=No in the file, "
                "found neither (leave out --raw to score on the tokens as they are)"
            )
    return RawText(text="".join(pieces), sentences=tuple(sentences), paragraphs=paragraphs)


def has_raw_text(corpus: CorpusFile) -> bool:
    """Whether a file says what its text was, by its first sentences."""
    layout = corpus.dialect.layout
    if layout.kind not in ("conllu", "columns"):
        return False
    return any(
        _comment_of(sentence) is not None
        or (layout.kind == "conllu" and sentence.source and NO_SPACE in sentence.source.text)
        for sentence in islice(corpus, FIRST_SENTENCES)
    )


def _check_kind(corpus: CorpusFile) -> None:
    layout = corpus.dialect.layout
    if layout.kind != "conllu" and not has_raw_text(corpus):
        raise UsageError(
            f"{corpus.path}: raw text needs CoNLL-U, or columns with `# text`, found "
            f"{corpus.dialect.reasons} (leave out --raw to score on the tokens as they are)"
        )


def _between_sentences(corpus: CorpusFile) -> str:
    """What stands between two sentences of a paragraph where nothing denies it."""
    if corpus.dialect.layout.kind == "conllu":
        return " "
    first = list(islice(corpus, FIRST_SENTENCES))
    blanks = sum((_comment_of(sentence) or "").count(" ") for sentence in first)
    return " " if MOST_TOKENS_PER_BLANK * blanks > sum(map(len, first)) else ""


def _comment_of(sentence: Sentence) -> str | None:
    """The sentence's `# text`, which only CoNLL-U is read with."""
    if sentence.text is None and sentence.source is not None and sentence.source.layout.comments:
        return text_comment(sentence.source)
    return sentence.text


def _with_marks(corpus: CorpusFile) -> Iterator[tuple[Sentence, Source, bool]]:
    """The sentences, where they stood, and whether a paragraph begins with each.

    Marks may stand in a block of comments of their own. Raises TaggerError where none has a token.
    """
    is_marked, is_empty = True, True
    for sentence in corpus.with_empty():
        source = sentence.source
        assert source is not None, "it was read from a file"
        is_marked = is_marked or _paragraph_mark(source.text) is not None
        if sentence.forms:
            said = msgspec.structs.replace(sentence, text=_comment_of(sentence))
            yield said, source, is_marked
            is_marked = is_empty = False
    if is_empty:
        raise TaggerError(f"{corpus.path}: expected sentences, found none")


def _surface_tokens(sentence: Sentence, source: Source) -> list[_Surface]:
    """The tokens as they stand in the text: a range in place of its words."""
    if source.layout.kind == "columns":
        return [
            _Surface(f, 1, row, True) for f, row in zip(sentence.forms, source.rows, strict=True)
        ]
    lines = source.text.split("\n")
    ranges = {int(match[1]): match for match in _ranges(source.text)}
    tokens = []
    i, length = 0, len(sentence.forms)
    while i < length:
        form, num_words, row = sentence.forms[i], 1, source.rows[i]
        if found := ranges.get(i + 1):
            form = found[3]
            num_words = max(1, min(int(found[2]), length) - i)
            row = source.text.count("\n", 0, found.start())
        misc = lines[row].rstrip("\r").rpartition("\t")[2]
        tokens.append(_Surface(form, num_words, row, NO_SPACE not in misc.split("|")))
        i += num_words
    return tokens


def _text_of(sentence: Sentence, source: Source, surface: Sequence[_Surface]) -> str:
    """Raises CorpusError where columns lack `# text`: they do not say what stands together."""
    if sentence.text is not None:
        return sentence.text.strip()
    if source.layout.kind == "columns":
        problem = "expected `# text` before the tokens, found none"
        raise CorpusError(source.path, source.line, 1, problem)
    return "".join([f"{t.form} " if t.space_after else t.form for t in surface]).strip()


def _offsets(
    surface: Sequence[_Surface], text: str, source: Source, start: int
) -> tuple[tuple[int, int], ...]:
    """Where each word's surface token stands, in a whole text that has `text` at `start`."""
    offsets: list[tuple[int, int]] = []
    at = 0
    for token in surface:
        begin = _skip_space(text, at)
        end = _end_of(token.form, text, begin)
        if end is None:
            line, field = source.line + token.row, FORM_FIELD + 1
            problem = f"expected a form that `# text` goes on with ({text[begin:][:20]!r})"
            mend = "tagger check names every such sentence"
            raise CorpusError(source.path, line, field, f"{problem}, found {token.form!r} ({mend})")
        offsets += [(start + begin, start + end)] * token.num_words
        at = end
    rest = text[_skip_space(text, at) :]
    if rest:
        line = source.line + surface[-1].row + 1
        problem = f"expected tokens up to the end of `# text`, found none for {rest[:20]!r}"
        raise CorpusError(source.path, line, 1, problem)
    return tuple(offsets)


def _end_of(form: str, text: str, at: int) -> int | None:
    """Where a form that begins at `at` ends, white space not counted; None if it is not there."""
    if form and text.startswith(form, at) and not form[-1].isspace():
        return at + len(form)
    characters = "".join(form.split())
    for character in characters:
        at = _skip_space(text, at)
        if not text.startswith(character, at):
            return None
        at += 1
    return at if characters else None


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
