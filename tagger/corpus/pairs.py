"""`word/TAG` lines to sentences: one sentence a line, tokens between blanks, tags behind a sign.

`word_TAG` (Brown corpus, many taggers' output) and `word|POS|NER` (WikiNER) are read likewise. A
token is cut from its end, so the word itself may hold the sign: `1/2/CD`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from tagger.corpus.lines import BLANKS
from tagger.errors import CorpusError
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
    content = block[0].removeprefix("\ufeff")
    is_comment = layout.comments and content.startswith("#")
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

    A column that the line did not have is added behind the last. Blanks stay as they are.
    """
    layout = source.layout
    line, lf, rest = source.text.partition("\n")
    bom = "\ufeff" if line.startswith("\ufeff") else ""
    columns = [(layout.columns.get(name), iter(sentence.columns[name])) for name in names]

    def rewritten(match: re.Match[str]) -> str:
        parts = split_word(match[0], layout)
        for field, tags in columns:
            if field is None:
                parts.append(next(tags))
            else:
                parts[field] = next(tags)
        return layout.separator.join(parts)

    return bom + _words.sub(rewritten, line.removeprefix("\ufeff")) + lf + rest
