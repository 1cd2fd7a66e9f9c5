"""The repairs that are safe: nothing that a reader of the corpus would understand changes.

Line ends, the byte order mark, blanks in blank lines, blanks for tabs where the fields come out
right, characters in tokens that nobody can see, and tags that a scheme forbids, by the reading rule
of `schemes`. Everything else needs somebody who knows the text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from tagger.atomic import atomic_file
from tagger.compression import writing
from tagger.corpus.columns import split_fields
from tagger.corpus.conllu import FIELDS, TEXT_COMMENT
from tagger.corpus.files import CorpusFile, read_sentences
from tagger.corpus.lines import BLANKS, STDIN, Block, decode_lines, open_corpus
from tagger.corpus.pairs import split_word
from tagger.corpus.problems.characters import INVISIBLE, unwanted_in_token
from tagger.corpus.problems.rows import rows_of
from tagger.corpus.writing import rewrite_sentence, settled
from tagger.errors import UsageError
from tagger.schemes import (
    OUTSIDE,
    Scheme,
    convert_tags,
    is_span_column,
    is_span_tag,
    likely_scheme,
    prefix_counts,
    slips,
)
from tagger.sentence import FORM, Layout, Sentence, place_of

Tell = Callable[["Repair"], None]
_run = re.compile(r"[ \t]+")
_words = re.compile(r"[^ \t]+")
_joiners = re.compile("[\u200c\u200d]")  # that stand between letters which they do not join


class Repair(msgspec.Struct, frozen=True):
    """What was changed where; `code` is that of the problem, `scheme` for tags written anew."""

    path: str
    line: int
    column: int
    code: str
    change: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.code}: {self.change}"


def repair_file(corpus: CorpusFile) -> list[Repair]:
    """Puts the repaired file in the place of the old one; what was repaired, in order.

    Raises UsageError where the corpus is not a file of lines of tokens.
    """
    if corpus.dialect.layout.kind in ("jsonl", "brat") or corpus.path == STDIN:
        raise UsageError(f"{corpus.path}: expected a file of tokens in lines to repair in place")
    repairs: list[Repair] = []
    with atomic_file(Path(corpus.path)) as file, writing(file, corpus.path) as stream:
        for sentence in repaired(corpus, repairs.append):
            stream.write(rewrite_sentence(sentence).encode())
    return repairs


def repaired(
    corpus: CorpusFile, tell: Tell, remarks: list[str] | None = None
) -> Iterator[Sentence]:
    """All blocks of a file, repaired; each repair is told. The file is read twice.

    What a file holds that sentences cannot is told in `remarks`.
    Raises CorpusError where it cannot be read for a reason that no safe repair removes.
    """
    schemes = _schemes(corpus)
    for sentence in _sentences(corpus, tell, remarks):
        changed: dict[str, tuple[str, ...]] = {}
        for name, scheme in schemes.items():
            tags = sentence.columns.get(name, ())
            if tags.count(OUTSIDE) < len(tags):
                new = convert_tags(tags, scheme)
                converted = tuple(  # `_` and misspelt ones stay
                    [tag if is_span_tag(old) else old for old, tag in zip(tags, new, strict=True)]
                )
                if converted != tags:
                    changed[name] = converted
                    _tell_tags(sentence, name, converted, tell)
        yield settled(sentence, changed) if changed else sentence


def _tell_tags(sentence: Sentence, name: str, converted: tuple[str, ...], tell: Tell) -> None:
    for i, (old, new) in enumerate(zip(sentence.columns[name], converted, strict=True)):
        if old != new:
            tell(Repair(*place_of(sentence, i, name), "scheme", f"{old} became {new}"))


def _schemes(corpus: CorpusFile) -> Mapping[str, Scheme]:
    """The scheme in which each span column shall be: its own, IOB2 for IO and IOB1."""
    counts: dict[str, Counter[str]] = {}
    begun_inside: Counter[str] = Counter()
    for sentence in _sentences(corpus, lambda repair: None):
        for name, tags in sentence.columns.items():
            counts.setdefault(name, Counter()).update(tags)
            begun_inside[name] += len(slips(tags))
    found: dict[str, Scheme] = {}
    for name, of_column in counts.items():
        if is_span_column(of_column):
            scheme = likely_scheme(prefix_counts(of_column), begun_inside[name])
            found[name] = "IOB2" if scheme in ("IO", "IOB1") else scheme
    return found


def _sentences(
    corpus: CorpusFile, tell: Tell, remarks: list[str] | None = None
) -> Iterator[Sentence]:
    layout = corpus.dialect.layout
    if layout.kind in ("jsonl", "brat"):
        yield from corpus.with_empty(remarks)
        return
    with open_corpus(corpus.path) as stream:
        lines = decode_lines(stream, corpus.path, encoding=corpus.encoding)
        mended = repaired_lines(lines, corpus.path, layout, tell)
        yield from read_sentences(mended, corpus.path, layout)


def repaired_lines(lines: Iterable[str], path: str, layout: Layout, tell: Tell) -> Iterator[str]:
    """The lines, each ending in LF, with what can be repaired in them repaired."""
    num_crlf = 0
    for number, line in enumerate(lines, 1):
        content = line.removesuffix("\n")
        if content == line:
            tell(Repair(path, number, 1, "no-final-newline", "LF added"))
        if content.endswith("\r"):
            content = content.rstrip("\r")
            num_crlf += 1
        if number == 1 and content.startswith("\ufeff"):
            content = content[1:]
            tell(Repair(path, 1, 1, "byte-order-mark", "U+FEFF removed"))
        if not _is_sound(content, layout):
            content = _repaired(content, path, number, layout, tell)
        yield f"{content}\n"
    if num_crlf:
        tell(Repair(path, 1, 1, "crlf", f"CR LF became LF in {num_crlf:,} lines"))


def _is_sound(content: str, layout: Layout) -> bool:
    """Whether a line clearly needs no repair; quick, and never wrong when it says yes."""
    if not content.isascii():
        return False
    if layout.separator == "\t":
        is_cut = content.count("\t") + 1 == layout.width
    else:
        is_cut = "\t" not in content
    return not content or (is_cut and not content.isspace())


def _repaired(content: str, path: str, number: int, layout: Layout, tell: Tell) -> str:
    """A line's content, its blanks and characters repaired."""
    if content and not content.strip(BLANKS):
        tell(Repair(path, number, 1, "blank-line-with-blanks", f"{content!r} removed"))
        return ""
    if layout.kind == "pairs":
        return content if content.isascii() else _visible_words(content, path, number, layout, tell)
    if content.startswith(TEXT_COMMENT):
        text = " ".join(map(_visible_form, content.split(" ")))
        if text != content:
            problem = "characters that nobody can see removed from # text"
            tell(Repair(path, number, 1, "invisible-character", problem))
        return text
    if not any(True for _ in rows_of(Block(number, content), layout)):
        return content
    separated = _with_separators(content, layout)
    if separated != content:
        code = "mixed-separators" if {" ", "\t"} <= {*content.strip(BLANKS)} else "wrong-separator"
        tell(Repair(path, number, 1, code, "fields separated as in other rows"))
    return separated if separated.isascii() else _visible(separated, path, number, layout, tell)


def _with_separators(content: str, layout: Layout) -> str:
    """The row cut as the others are, if that gives it as many fields."""
    if layout.separator == " ":
        return _run.sub(" ", content) if "\t" in content.rstrip(BLANKS) else content
    width = len(FIELDS) if layout.kind == "conllu" else layout.width
    if width is None or content.count("\t") + 1 == width:
        return content
    cells = _run.split(content.strip(BLANKS))
    return "\t".join(cells) if len(cells) == width else content


def _visible(content: str, path: str, number: int, layout: Layout, tell: Tell) -> str:
    """The row without characters in its token that cannot be seen."""
    cells = split_fields(content, layout)
    field = layout.columns[FORM]
    form = _visible_form(cells[field]) if len(cells) > field else ""
    if not form or form == cells[field]:
        return content
    problem = f"{cells[field]!r} became {form!r}"
    tell(Repair(path, number, field + 1, "invisible-character", problem))
    if layout.separator == "\t":
        cells[field] = form
        return "\t".join(cells)
    return content.replace(cells[field], form, 1)


def _visible_words(content: str, path: str, number: int, layout: Layout, tell: Tell) -> str:
    """The line of `word/TAG` without characters in its words that cannot be seen."""
    words = []
    for i, word in enumerate(_words.findall(content), 1):
        form, *tags = split_word(word, layout)
        seen = _visible_form(form)
        if seen != form:
            problem = f"{form!r} became {seen!r}"
            tell(Repair(path, number, i, "invisible-character", problem))
        words.append(layout.separator.join([seen, *tags]))
    mended = iter(words)
    return _words.sub(lambda _: next(mended), content)


def _visible_form(form: str) -> str:
    """The form without what cannot be seen in it, unless there is nothing else."""
    seen = INVISIBLE.sub("", form)
    found = unwanted_in_token(seen)
    if found is not None and found[0] == "invisible-character":
        seen = _joiners.sub("", seen)
    return seen if seen.strip(BLANKS) else form
