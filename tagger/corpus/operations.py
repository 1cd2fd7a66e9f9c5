"""What `tagger preprocess` does to sentences, as a stream: one operation behind the other."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, pairwise
from random import Random

import msgspec
from msgspec.structs import replace

from tagger.corpus.labels import drop_labels, map_labels
from tagger.corpus.lengths import cut
from tagger.corpus.writing import has_lines, settled
from tagger.schemes import OUTSIDE, Scheme, convert_tags, is_span_tag
from tagger.sentence import UNANNOTATED, Sentence


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, in this order; nothing of what is None, empty or false."""

    mapping: Mapping[str, str] = {}
    dropped: frozenset[str] = frozenset()
    scheme: Scheme | None = None
    max_length: int | None = None
    dedupe: bool = False


class Tally:
    """What was read, changed and written."""

    def __init__(self) -> None:
        self.sentences_read = self.tokens_read = 0
        self.sentences_written = self.tokens_written = 0
        self.labels: Counter[str] = Counter()  # old labels: spans or tags that had them
        self.retagged = 0  # tokens whose tag changed with the scheme
        self.unfit = 0  # sentences left in their scheme because of a tag that is of none
        self.cut = self.pieces = 0  # sentences that were too long, and what became of them
        self.repeated = 0  # sentences left out
        self.repairs: Counter[str] = Counter()

    def count_read(self, sentence: Sentence) -> None:
        """Counts a sentence that has tokens."""
        self.sentences_read += bool(sentence.forms)
        self.tokens_read += len(sentence)

    def count_written(self, sentence: Sentence) -> None:
        """Counts a sentence that has tokens."""
        self.sentences_written += bool(sentence.forms)
        self.tokens_written += len(sentence)


def operated(
    sentences: Iterable[Sentence], operations: Operations, tally: Tally
) -> Iterator[Sentence]:
    """The sentences as the operations leave them; blocks without tokens pass through."""
    seen: set[int] = set()
    for sentence in sentences:
        tally.count_read(sentence)
        if not sentence.forms:
            yield sentence
            continue
        for piece in _pieces(_relabelled(sentence, operations, tally), operations, tally):
            if operations.dedupe and _is_repeated(piece, seen):
                tally.repeated += 1
            else:
                yield piece


def _relabelled(sentence: Sentence, operations: Operations, tally: Tally) -> Sentence:
    """The sentence with its new tags, which its lines hold too."""
    new = sentence
    if operations.mapping:
        new = map_labels(new, operations.mapping, changed=tally.labels)
    if operations.dropped:
        new = drop_labels(new, operations.dropped, changed=tally.labels)
    if operations.scheme:
        new = in_scheme(new, operations.scheme, tally)
    columns = {n: tags for n, tags in new.columns.items() if tags is not sentence.columns[n]}
    return settled(sentence, columns) if columns else sentence


def in_scheme(sentence: Sentence, scheme: Scheme, tally: Tally) -> Sentence:
    """The sentence with its span columns in a scheme; `_` stays where it is."""
    changed = {}
    for name, tags in sentence.columns.items():
        annotated = {*tags} - {OUTSIDE, UNANNOTATED}
        if annotated and all(map(is_span_tag, annotated)):
            new = zip(tags, convert_tags(tags, scheme), strict=True)
            converted = tuple([old if old == UNANNOTATED else tag for old, tag in new])
            num_changed = sum(old != new for old, new in zip(tags, converted, strict=True))
            if num_changed:
                changed[name] = converted
                tally.retagged += num_changed
        elif any(map(is_span_tag, annotated)):
            tally.unfit += 1
    return sentence.with_columns(changed) if changed else sentence


def _pieces(sentence: Sentence, operations: Operations, tally: Tally) -> list[Sentence]:
    if operations.max_length is None:
        return [sentence]
    pieces = cut(sentence, operations.max_length)
    if len(pieces) == 1:
        return pieces
    tally.cut += 1
    tally.pieces += len(pieces)
    return _with_places(pieces, sentence)


def _with_places(pieces: list[Sentence], whole: Sentence) -> list[Sentence]:
    """The pieces; those of a document without lines of tokens with their part of its source."""
    source = whole.source
    if source is None or has_lines(source):
        return pieces
    ends = [*accumulate(map(len, pieces), initial=0)]
    parts = [replace(source, rows=source.rows[begin:end]) for begin, end in pairwise(ends)]
    return [replace(piece, source=part) for piece, part in zip(pieces, parts, strict=True)]


def _is_repeated(sentence: Sentence, seen: set[int]) -> bool:
    """Whether a sentence of these tokens with these tags was seen; from now on it was."""
    key = hash((sentence.forms, *sorted(sentence.columns.items())))
    is_seen = key in seen
    seen.add(key)
    return is_seen


def sampled(sentences: Iterable[Sentence], number: int, seed: int) -> list[Sentence]:
    """So many sentences, each with the same chance, in their order (Vitter 1985, algorithm R).

    Only these are held in memory. Blocks without tokens are left out.
    """
    random = Random(seed)
    chosen: list[tuple[int, Sentence]] = []
    for i, sentence in enumerate(s for s in sentences if s.forms):
        if i < number:
            chosen.append((i, sentence))
        elif (place := random.randrange(i + 1)) < number:
            chosen[place] = (i, sentence)
    return [sentence for _, sentence in sorted(chosen, key=lambda pair: pair[0])]
