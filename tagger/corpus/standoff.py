"""A text and spans by its characters to sentences of tokens with tags.

Without tokens the text is cut by rules as `predict` cuts it, and a token is cut again where a span
begins or ends inside it; tokens that come with the text are left as they are. Sentences that a
span reaches across are joined. Of spans that overlap the longer stands in the first column (`ner`),
the shorter in the next (`ner2`, `ner3`, …). Nothing of a text but white space is ever left out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from tagger.errors import CorpusError
from tagger.schemes import tags_from_spans
from tagger.sentence import UNANNOTATED, Kind, Layout, Sentence, Source, Span
from tagger.text.paragraphs import BYTE_ORDER_MARK
from tagger.text.raw import segment_lines

MOST_LAYERS = 32  # spans over one place; more are a mistake of the file
Offsets = list[tuple[int, int]]
_USUAL = ("", " ")  # between two tokens


class GivenTokens(msgspec.Struct, frozen=True):
    """Tokens that come with a text: (start, end) by characters in order, and their tags by column.

    `sentences` are the characters at which sentences begin; without any, rules say where.
    """

    offsets: Sequence[tuple[int, int]]
    sentences: Sequence[int] | None = None
    columns: Mapping[str, Sequence[str]] = {}


def sentences_from_spans(
    text: str,
    spans: Iterable[tuple[int, int, str]],
    *,
    path: str,
    line: int,
    tokens: GivenTokens | None = None,
    column: str | None = "ner",
    layers: int = 1,
    kind: Kind = "jsonl",
) -> list[Sentence]:
    """The sentences of a text, each with the column of its spans and at least `layers` of them.

    Spans are (start, end, label) by characters, the end exclusive; the same words twice with one
    label count once. With `column` None nothing is said of spans. Offsets count from the text's
    beginning. Raises CorpusError where a span is not one of this text or does not fit the tokens.
    """
    wanted = [Span(*span) for span in spans]
    for span in wanted:
        check_span(span, text, path, line)
    if tokens is None:
        offsets, begins = _segmented(text, wanted)
    else:
        offsets, begins = _given(text, tokens, path, line)
    located = {_by_tokens(span, offsets, text, path, line): None for span in wanted}
    columns = dict(tokens.columns) if tokens else {}
    if column is not None:
        for i, layer in enumerate(_layers(located, offsets, layers, path, line)):
            columns[f"{column}{i + 1 if i else ''}"] = tags_from_spans(layer, len(offsets), "IOB2")
    source = Source(path, line, "", (), Layout(kind, {}))
    edges = [*_not_within(begins, located), len(offsets)]
    return [_sentence(text, offsets, columns, source, edge) for edge in pairwise(edges)]


def check_span(span: Span, text: str, path: str, line: int, field: int = 1) -> None:
    """Raises CorpusError unless the span lies in the text, covers a word of it and has a label."""
    found = f"{span.start}-{span.end}"
    if not 0 <= span.start < span.end <= len(text):
        problem = f"expected a span within the text's {len(text)} characters, found {found}"
    elif not text[span.start : span.end].strip().strip(BYTE_ORDER_MARK):
        problem = f"expected a span that covers a word, found only white space at {found}"
    elif not span.label.strip() or any(sign in span.label for sign in "\t\r\n"):
        problem = f"expected a label on one line for the span {found}, found {span.label!r}"
    else:
        return
    raise CorpusError(path, line, field, problem)


def _segmented(text: str, spans: Sequence[Span]) -> tuple[Offsets, list[int]]:
    """Tokens by rules, cut where spans begin and end, and the numbers of those that begin one."""
    cuts = sorted({cut for span in spans for cut in span[:2]})
    offsets: Offsets = []
    begins = []
    for sentence in segment_lines(text):
        begins.append(len(offsets))
        for start, end in sentence.offsets or ():
            inside = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
            offsets += pairwise([start, *inside, end])
    return offsets, begins


def _given(text: str, tokens: GivenTokens, path: str, line: int) -> tuple[Offsets, list[int]]:
    """The tokens as they came, once they are known to be in order and to leave out no word."""
    before = 0
    for start, end in [*tokens.offsets, (len(text), len(text))]:
        if not before <= start <= end <= len(text):
            problem = f"expected tokens in order within {len(text)} characters, found {start}-{end}"
            raise CorpusError(path, line, 1, problem)
        between = text[before:start]
        if between not in _USUAL and between.strip().strip(BYTE_ORDER_MARK):
            problem = f"expected tokens that leave out nothing, found {between!r} in none"
            raise CorpusError(path, line, 1, problem)
        before = end
    beginnings = tokens.sentences
    if beginnings is None:
        beginnings = [sentence.start for sentence in segment_lines(text)]
    starts = [start for start, _ in tokens.offsets]
    begins = {0, *(bisect_left(starts, beginning) for beginning in beginnings)}
    return list(tokens.offsets), sorted(begins - {len(starts)})


def _by_tokens(span: Span, offsets: Offsets, text: str, path: str, line: int) -> Span:
    """The span by tokens; raises CorpusError where its edge is inside one."""
    first = bisect_left(offsets, (span.start, -1))
    end = bisect_left(offsets, (span.end, -1))
    for start, stop in offsets[max(first - 1, 0) : first] + offsets[max(end - 1, 0) : end]:
        for edge in span[:2]:
            if start < edge < stop:
                raise CorpusError(
                    path,
                    line,
                    1,
                    f"expected the {span.label} span {text[span.start : span.end]!r} at "
                    f"{span.start}-{span.end} to begin and end with a token, found the token "
                    f"{text[start:stop]!r} at {start}-{stop} (take the tokens out to have it cut)",
                )
    return Span(first, end, span.label)


def _not_within(begins: Sequence[int], spans: Iterable[Span]) -> list[int]:
    """The beginnings of sentences but those inside a span."""
    within: set[int] = set()
    for span in spans:
        within.update(begins[bisect_right(begins, span.start) : bisect_left(begins, span.end)])
    return [begin for begin in begins if begin not in within]


def _layers(
    spans: Iterable[Span], offsets: Offsets, at_least: int, path: str, line: int
) -> list[list[Span]]:
    """The spans in as many lists as are needed for none to overlap another of its own."""
    layers: list[list[Span]] = [[] for _ in range(at_least)]
    taken = [bytearray(len(offsets)) for _ in layers]
    for span in sorted(spans, key=lambda s: (offsets[s.start][0] - offsets[s.end - 1][1], s.start)):
        free = (i for i, tokens in enumerate(taken) if not any(tokens[span.start : span.end]))
        i = next(free, len(layers))
        if i == max(MOST_LAYERS, at_least):
            problem = f"expected at most {MOST_LAYERS} spans over one place, found more"
            raise CorpusError(path, line, 1, problem)
        if i == len(layers):
            layers.append([])
            taken.append(bytearray(len(offsets)))
        layers[i].append(span)
        taken[i][span.start : span.end] = b"\x01" * (span.end - span.start)
    return [sorted(layer) for layer in layers]


def _sentence(
    text: str,
    offsets: Offsets,
    columns: Mapping[str, Sequence[str]],
    source: Source,
    edges: tuple[int, int],
) -> Sentence:
    """The tokens between the edges; a column without a tag there is none."""
    tokens = slice(*edges)
    places = tuple(offsets[tokens])
    tags = {name: tuple(column[tokens]) for name, column in columns.items()}
    annotated = {name: of for name, of in tags.items() if of.count(UNANNOTATED) < len(of)}
    start, end = places[0][0], places[-1][1]
    return Sentence(
        tuple([text[begin:stop] for begin, stop in places]),
        annotated,
        places,
        text[start:end],
        start,
        msgspec.structs.replace(source, rows=(0,) * len(places)),
    )
