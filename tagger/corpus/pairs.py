"""`word/TAG` lines to sentences: one sentence a line, tokens between blanks, tags behind a sign.

`word_TAG` (Brown corpus, many taggers' output) and `word|POS|NER` (WikiNER) are read likewise. A
token is cut from its end, so the word itself may hold the sign: `1/2/CD`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from tagger.corpus.columns import COMMENT_STARTS
from tagger.corpus.lines import BLANKS
from tagger.errors import CorpusError, TaggerError
from tagger.sentence import FORM, Layout, Sentence, Source

SIGNS = ("/", "_", "|")
_words = re.compile(r"[^ \t\r\n]+")


def read_pairs(
    lines: Iterable[str], path: str, layout: Layout, first_line: int = 1, *, tags: bool = True
) -> Iterator[Sentence]:
    """Sentences one by one; raises CorpusError at a word with too few tags.

    Blank lines go with the sentence before them, or make one of no tokens, so that no line is lost.
    """
    block: list[str] = []
    begun = first_line
    for number, line in enumerate(lines, first_line):
        if block and line.strip(BLANKS):
            yield parse_line(block, path, begun, layout, tags)
            block, begun = [], number
        block.append(line)
    if block:
        yield parse_line(block, path, begun, layout, tags)


def parse_line(
    block: Sequence[str], path: str, number: int, layout: Layout, tags: bool = True
) -> Sentence:
    """The sentence in the first line of a block whose other lines are blank."""
    content = block[0].removeprefix("\ufeff") if number == 1 else block[0]
    is_comment = layout.comments and content.startswith(COMMENT_STARTS)
    words = [] if is_comment else _words.findall(content)
    cells = [split_word(word, layout) for word in words]
    for i, parts in enumerate(cells):
        if len(parts) != layout.width:
            raise CorpusError(
                path,
                number,
                i + 1,
                f"expected a word and {(layout.width or 2) - 1} tag(s) with {layout.separator!r} "
                f"between, found {words[i]!r}",
            )
    source = Source(path, number, "".join(block), (0,) * len(cells), layout)
    forms = tuple([parts[layout.columns[FORM]] for parts in cells])
    if not tags:
        return Sentence(forms, source=source)
    columns = {
        name: tuple([parts[i] for parts in cells])
        for name, i in layout.columns.items()
        if name != FORM and cells
    }
    return Sentence(forms, columns, source=source)


def split_word(word: str, layout: Layout) -> list[str]:
    """A word and its tags; the word keeps any further signs.

    >>> split_word("1/2/CD", Layout("pairs", {"form": 0, "xpos": 1}, "/", width=2))
    ['1/2', 'CD']
    """
    return word.rsplit(layout.separator, (layout.width or 2) - 1)


def rewrite_pairs(sentence: Sentence, source: Source, names: Sequence[str]) -> str:
    """The sentence's own line, in which the columns called `names` now hold its tags.

    A column that the line did not have is added behind the last. Blanks stay as they are. Raises
    TaggerError at a tag that holds the sign or a blank: the line could not be read again.
    """
    layout = source.layout
    line, lf, rest = source.text.partition("\n")
    bom = "\ufeff" if source.line == 1 and line.startswith("\ufeff") else ""
    line = line.removeprefix(bom)
    words = [split_word(word, layout) for word in _words.findall(line)]
    for name in names:
        field = layout.columns.get(name)
        for parts, tag in zip(words, sentence.columns[name], strict=True):
            _check_tag(tag, source)
            if field is None:
                parts.append(tag)
            else:
                parts[field] = tag
    rewritten = map(layout.separator.join, words)
    return bom + _words.sub(lambda _: next(rewritten), line) + lf + rest


def _check_tag(tag: str, source: Source) -> None:
    sign = source.layout.separator
    if sign in tag or any(blank in tag for blank in BLANKS):
        raise TaggerError(
            f"{source.path}:{source.line}: expected tags without {sign!r} and blanks, "
            f"found {tag!r}, which word{sign}TAG cannot hold (choose another format)"
        )
