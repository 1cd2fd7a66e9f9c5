"""Sentences that are too long cut into pieces; no token, tag or line of them is lost."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from tagger.corpus.labels import scheme_of
from tagger.corpus.numbering import Extent, line_sources, multiword_ranges, text_comment
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import UsageError
from tagger.schemes import Scheme, is_span_column, spans_from_tags, tags_from_spans
from tagger.sentence import Sentence, Source, Span

FINAL = ".!?;…。！？；؟۔।॥"
COMMAS = ",:–—、，：،"
CLOSERS = frozenset(["''", "”", "’", "»", ")", "]", "}", "）", "」"])
_words = re.compile(r"[^ \t\r\n]+").finditer


def cut(sentence: Sentence, max_length: int) -> list[Sentence]:
    """The sentence itself, or pieces of at most `max_length` tokens in its stead.

    A cut comes where the last half of what is allowed has sentence-final punctuation, else a comma
    or its like, else as late as can be; inside a span only where no other place is left, and the
    span becomes two. Never is one inside a multiword range, nor before a form that begins with a
    byte order mark (at the beginning it would not be read): a piece may be too long for these.

    The text is cut too, or stays whole with the first piece where the tokens are not found in it.
    The lines of column files and CoNLL-U go along as `line_sources` says; sentences of JSON lines
    and brat lose their source, and all pieces their confidence. Columns that the lines do not have
    yet must still be named to be written. Raises UsageError for a length below 1.
    """
    if max_length < 1:
        raise UsageError(f"expected a greatest length of 1 token or more, found {max_length}")
    if len(sentence) <= max_length:
        return [sentence]
    layers = _layers(sentence)
    extents = list(pairwise(_bounds(sentence, max_length, layers.values())))
    texts = _texts(sentence, extents)
    pieces = []
    for extent, text, source in zip(
        extents, texts, _sources(sentence.source, extents, texts), strict=True
    ):
        begin, end = extent
        piece = Sentence(
            sentence.forms[begin:end],
            {name: tags[begin:end] for name, tags in sentence.columns.items()},
            sentence.offsets[begin:end] if sentence.offsets else None,
            None if sentence.text is None else text,
            sentence.offsets[begin][0] if sentence.offsets and begin else sentence.start,
            source,
        )
        pieces.append(_with_cut_spans(piece, layers, extent))
    return pieces


class _Layer(NamedTuple):
    """The spans of a column, in order, and the scheme of its tags."""

    spans: list[Span]
    scheme: Scheme

    def touching(self, extent: Extent) -> list[Span]:
        """The spans that have a token in the extent."""
        begin, end = extent
        first = bisect_right(self.spans, begin, key=lambda span: span.end)
        return self.spans[first : bisect_left(self.spans, end, key=lambda span: span.start)]


def _layers(sentence: Sentence) -> dict[str, _Layer]:
    """The columns that hold spans."""
    return {
        name: _Layer(spans_from_tags(tags), scheme_of(tags))
        for name, tags in sentence.columns.items()
        if is_span_column(Counter(tags))
    }


def _bounds(sentence: Sentence, max_length: int, layers: Iterable[_Layer]) -> list[int]:
    """Where the pieces begin, and the end of the last."""
    source, length = sentence.source, len(sentence)
    forbidden = _forbidden(source)
    spans = [span for layer in layers for span in layer.spans]
    inside = {i for span in spans for i in range(span.start + 1, span.end)}
    bounds = [0]
    while length - bounds[-1] > max_length:
        begin = bounds[-1]
        latest = begin + max_length
        allowed = [i for i in range(begin + 1, latest + 1) if i not in forbidden]
        free = [i for i in allowed if i not in inside] or allowed
        late = [i for i in free if i - begin > max_length // 2] or free[-1:]
        if late:
            bounds.append(max(late, key=lambda i: (_rank(sentence.forms, i), i)))
        else:
            later = (i for i in range(latest + 1, length) if i not in forbidden)
            bounds.append(next(later, length))
    return [*bounds, length] if bounds[-1] < length else bounds


def _forbidden(source: Source | None) -> set[int]:
    """The tokens before which there may be no cut."""
    if source is None or source.layout.kind in ("jsonl", "brat"):
        return set()
    if source.layout.kind == "pairs":
        marks = ("\ufeff", "#") if source.layout.comments else ("\ufeff",)
        words = _words(source.text.removeprefix("\ufeff"))
        return {i for i, word in enumerate(words) if word[0].startswith(marks)}
    lines = source.lines
    marked = {i for i, row in enumerate(source.rows) if lines[row].startswith("\ufeff")}
    ranges = multiword_ranges(source)
    return marked.union(*(range(found.start + 1, found.end) for found in ranges))


def _rank(forms: Sequence[str], i: int) -> int:
    """How good a cut before token i is: 2 behind a sentence, 1 behind a clause, 0 elsewhere."""
    if forms[i] in CLOSERS:
        return 0
    last = i - 1
    while last > 0 and forms[last] in CLOSERS:
        last -= 1
    form = forms[last]
    if not form or form.strip(FINAL + COMMAS):
        return 0
    return 1 if form.strip(FINAL) else 2


def _with_cut_spans(piece: Sentence, layers: dict[str, _Layer], extent: Extent) -> Sentence:
    """The piece with legal tags at its edges, in its lines too."""
    columns = {}
    for name, layer in layers.items():
        spans = layer.touching(extent)
        tags = _piece_tags(piece.columns[name], spans, layer.scheme, extent)
        is_cut = any(span.start < edge < span.end for span in spans for edge in extent)
        if is_cut or tags != piece.columns[name]:
            columns[name] = tags
    piece = piece.with_columns(columns)
    source = piece.source
    if source is None:
        return piece
    known = source.layout.columns
    names = [name for name in columns if name in known or source.layout.kind == "conllu"]
    text = rewrite_sentence(piece, names)
    return msgspec.structs.replace(piece, source=msgspec.structs.replace(source, text=text))


def _piece_tags(
    tags: Sequence[str], spans: Sequence[Span], scheme: Scheme, extent: Extent
) -> tuple[str, ...]:
    """The tags of a piece, those of spans at a cut so that they are legal without the rest."""
    begin, end = extent
    found = list(tags)
    for span in spans:
        start, stop = max(span.start, begin), min(span.end, end)
        begins_anew = span.start < begin or (span.start == begin > 0 and scheme == "IOB1")
        ends_early = span.end > end and scheme in ("IOBES", "BILOU")
        if start < stop and (begins_anew or ends_early):
            alone = Span(0, stop - start, span.label)
            found[start - begin : stop - begin] = tags_from_spans([alone], alone.end, scheme)
    return tuple(found)


def _texts(sentence: Sentence, extents: Sequence[Extent]) -> list[str | None]:
    """Each piece's part of the text, or all of it and then None where it cannot be cut."""
    text, length = sentence.text, len(sentence)
    if text is None and sentence.source is not None:
        text = text_comment(sentence.source)
    places = None if text is None else _places(sentence, text)
    if text is None or places is None:
        return [text, *[None] * (len(extents) - 1)]
    return [
        text[places[begin][0] if begin else 0 : places[end - 1][1] if end < length else len(text)]
        for begin, end in extents
    ]


def _places(sentence: Sentence, text: str) -> list[Extent] | None:
    """Where each token stands in the text; those of a multiword range stand all where it does.

    None where anything but blanks lies between them.
    """
    if sentence.offsets is not None:
        return [(start - sentence.start, end - sentence.start) for start, end in sentence.offsets]
    source = sentence.source
    has_ranges = source is not None and source.layout.kind in ("conllu", "columns")
    ranges = {r.start: r for r in multiword_ranges(source)} if source and has_ranges else {}
    places: list[Extent] = []
    end = 0
    while len(places) < len(sentence):
        i = len(places)
        stop, form = (ranges[i].end, ranges[i].form) if i in ranges else (i + 1, sentence.forms[i])
        start = text.find(form, end)
        if start < 0 or text[end:start].strip() or stop <= i:
            return None
        end = start + len(form)
        places += [(start, end)] * (stop - i)
    return places


def _sources(
    source: Source | None, extents: Sequence[Extent], texts: Sequence[str | None]
) -> Sequence[Source | None]:
    if source is None or source.layout.kind in ("jsonl", "brat"):
        return [None] * len(extents)
    if source.layout.kind == "pairs":
        return _word_sources(source, extents)
    return line_sources(source, extents, texts)


def _word_sources(source: Source, extents: Sequence[Extent]) -> list[Source]:
    """One line for each piece; blanks at a cut go, blank lines stay behind the last."""
    text = source.text
    bom = len(text) - len(text.removeprefix("\ufeff"))
    words = [(bom + word.start(), bom + word.end()) for word in _words(text[bom:])]
    line_end = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    found = []
    for begin, end in extents:
        is_last = end == len(words)
        stretch = text[words[begin][0] if begin else 0 : None if is_last else words[end - 1][1]]
        line = stretch if is_last else stretch + line_end
        found.append(Source(source.path, source.line, line, (0,) * (end - begin), source.layout))
    return found
