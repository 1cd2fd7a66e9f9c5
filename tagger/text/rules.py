"""Text to sentences by rules: no model, no state, the same for every language.

Tokens come from `tokens`. A sentence ends behind `.`, `!`, `?`, `…` or a smiley, closing quotes
and brackets included, where a blank and something that can begin a sentence follow; behind `。`
and its like it ends with no blank. It never ends where there is no such mark.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from tagger.sentence import Sentence
from tagger.text.abbreviations import SHORT_WORDS
from tagger.text.shapes import CASELESS, ELLIPSIS, FULL_STOP, shape
from tagger.text.tokens import EMOTICON, LETTER, MARK, SMALL, TOKEN

_CLOSING = rf"""(?P<closed>(?:['"]|\s?[)\]}}](?![{LETTER}]))*+)"""
_BEGINNING = rf"(?=\.\.|[^\s.,;:!?)\]}}]|\)[{LETTER}])"  # the last is a quotation in German: »so«
_CANDIDATE = re.compile(
    r"(?=[^\w\s])(?:"  # lest everything be tried at every letter
    rf"(?<![.!?{ELLIPSIS}])[.!?{ELLIPSIS}]++[{MARK}]*+{_CLOSING}(?:\s++(?:{EMOTICON}))*+\s++{_BEGINNING}"
    rf"|(?:{EMOTICON})\s++(?![{SMALL}]){_BEGINNING}"
    rf"""|{FULL_STOP}++[{MARK}]*+['")\]}}]*+\s*+)"""
)
_short_words = frozenset(SHORT_WORDS.split())
_Spans = list[tuple[int, int]]


def segment(text: str, start: int = 0) -> Iterator[Sentence]:
    """The sentences of one paragraph, with offsets in the document that has it at `start`.

    Every character that is not white space is in exactly one token, and no token holds white
    space. `Sentence.text` reaches from the first token to the end of the last.
    """
    shapes = shape(text)
    spans = [match.span() for match in TOKEN.finditer(shapes)]
    first = 0
    for end in _ends(shapes, spans):
        yield _sentence(text, start, spans[first:end])
        first = end
    if first < len(spans):
        yield _sentence(text, start, spans[first:])


def tokenize(text: str, start: int = 0) -> Sentence:
    """The same tokens as one sentence, which may be empty; `Sentence.text` is the whole text."""
    spans = [match.span() for match in TOKEN.finditer(shape(text))]
    forms = tuple([text[begin:end] for begin, end in spans])
    offsets = tuple([(begin + start, end + start) for begin, end in spans])
    return Sentence(forms, offsets=offsets, text=text, start=start)


def _sentence(text: str, start: int, spans: _Spans) -> Sentence:
    forms = tuple([text[begin:end] for begin, end in spans])
    offsets = tuple([(begin + start, end + start) for begin, end in spans])
    begin, end = spans[0][0], spans[-1][1]
    return Sentence(forms, offsets=offsets, text=text[begin:end], start=begin + start)


def _ends(shapes: str, spans: _Spans) -> Iterator[int]:
    """The numbers of the tokens that follow a sentence end, ascending."""
    first = 0
    for candidate in _CANDIDATE.finditer(shapes):
        mark = bisect_right(spans, (candidate.start(), len(shapes))) - 1
        end = bisect_left(spans, (candidate.end(), 0))
        if first < end < len(spans) and _is_end(shapes, spans, candidate, mark, first):
            yield end
            first = end


def _is_end(shapes: str, spans: _Spans, candidate: re.Match[str], mark: int, first: int) -> bool:
    """Whether the full stop, which token `mark` is or has, ends the sentence begun at `first`."""
    form = shapes[slice(*spans[mark])]
    before = shapes[slice(*spans[mark - 1])] if mark > first else ""
    follows = shapes[candidate.end()]
    if form[-1] == "." and form[0] not in f".!?{ELLIPSIS}":
        return False  # an abbreviation
    if form == "." and mark == first + 1 and before.isdecimal():
        return False  # a numbered item
    if form == "." and len(before) == 1 and _is_small(before) and before != "i":
        return False  # z. B., т. е.
    if _is_small(follows):
        return not candidate["closed"] and _is_strong(form, before)
    return True


def _is_small(letter: str) -> bool:
    return letter.islower() and letter != CASELESS


def _is_strong(form: str, before: str) -> bool:
    """Whether a full stop ends a sentence although a small letter follows."""
    if form == ".":
        return len(before) > 3 or before.lower() in _short_words
    return form[0] in f"!?{FULL_STOP}"
