"""Segmented text against gold: tokens, sentences and words, as the CoNLL 2018 evaluation does it.

Everything is placed by characters that are no white space, counted over the whole text; gold and
predicted tokens must have the same. The words of multiword tokens have no place of their own:
where multiword tokens of either side overlap, the words inside are aligned by the longest common
subsequence of their lower-cased forms. Source: Zeman et al. 2018, "CoNLL 2018
Shared Task: Multilingual Parsing from Raw Text to Universal Dependencies", and its evaluation page,
https://universaldependencies.org/conll18/evaluation.html. The script that was published with it
departs from its own description at one place: it may let a word that only borders on such a stretch
take part in it. Here none does.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tagger.errors import TaggerError
from tagger.sentence import Sentence, surface_tokens

Extent = tuple[int, int]  # first character, end (exclusive)


class Segmentation(msgspec.Struct, frozen=True, kw_only=True):
    """A text in sentences, tokens and words; `characters` are all but the white space.

    `words` are the extents of the words' tokens, `forms` their lower-cased forms, `is_part` whether
    they belong to a multiword token; all three have the same length.
    """

    characters: str
    sentences: tuple[Extent, ...]
    tokens: tuple[Extent, ...]
    words: tuple[Extent, ...]
    forms: tuple[str, ...]
    is_part: tuple[bool, ...]


def segmentation_of(sentences: Iterable[Sentence]) -> Segmentation:
    """How these sentences cut their text; words that share their offsets are a multiword token."""
    pieces: list[str] = []
    ends: list[Extent] = []
    tokens: list[Extent] = []
    words: list[Extent] = []
    forms: list[str] = []
    is_part: list[bool] = []
    at = 0
    for sentence in sentences:
        first = at
        for surface, num_words in _surface_tokens(sentence):
            piece = _without_space(surface)
            pieces.append(piece)
            tokens.append((at, at + len(piece)))
            words += [tokens[-1]] * num_words
            is_part += [num_words > 1] * num_words
            at += len(piece)
        if sentence.forms:
            ends.append((first, at))
        forms += [_without_space(form).lower() for form in sentence.forms]
    return Segmentation(
        characters="".join(pieces),
        sentences=tuple(ends),
        tokens=tuple(tokens),
        words=tuple(words),
        forms=tuple(forms),
        is_part=tuple(is_part),
    )


def _surface_tokens(sentence: Sentence) -> Iterator[tuple[str, int]]:
    """Each token as it stands in the text, and how many words it has."""
    if sentence.offsets is None or sentence.text is None:
        for form in sentence.forms:
            yield form, 1
        return
    for first, last in surface_tokens(sentence):
        begin, end = sentence.offsets[first]
        yield sentence.text[begin - sentence.start : end - sentence.start], last - first


def _without_space(text: str) -> str:
    return "".join(text.split())


def check_same_characters(gold: Segmentation, predicted: Segmentation) -> None:
    """Raises TaggerError at the first character that the two do not share."""
    right, found = gold.characters, predicted.characters
    if right == found:
        return
    pairs = enumerate(zip(right, found, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(right), len(found)))
    number = bisect_right(gold.sentences, (at, len(right))) or 1
    raise TaggerError(
        f"predicted tokens have other characters than gold, first in gold sentence {number}: "
        f"expected {right[at : at + 20]!r}, found {found[at : at + 20]!r} "
        f"(character {at + 1}, white space not counted)"
    )


def align_words(gold: Segmentation, predicted: Segmentation) -> list[tuple[int, int]]:
    """Which gold word is which predicted one: pairs of their numbers, in order of the text.

    Words that overlap a multiword token without lying inside its area are aligned with nothing.
    """
    areas = _multiword_areas(gold, predicted)
    gold_plain, gold_inside = _by_area(gold, areas)
    plain, inside = _by_area(predicted, areas)
    pairs = [(gold_plain[extent], j) for extent, j in plain.items() if extent in gold_plain]
    for of_gold, of_predicted in zip(gold_inside, inside, strict=True):
        right = [gold.forms[i] for i in of_gold]
        found = [predicted.forms[j] for j in of_predicted]
        pairs += [
            (of_gold[i], of_predicted[j]) for i, j in longest_common_subsequence(right, found)
        ]
    return sorted(pairs)


def _multiword_areas(gold: Segmentation, predicted: Segmentation) -> list[Extent]:
    """The smallest stretches such that each multiword token of either side lies inside one."""
    areas: list[Extent] = []
    for start, end in sorted(
        word
        for side in (gold, predicted)
        for word, is_part in zip(side.words, side.is_part, strict=True)
        if is_part
    ):
        if areas and start < areas[-1][1]:
            areas[-1] = areas[-1][0], max(end, areas[-1][1])
        else:
            areas.append((start, end))
    return areas


def _by_area(
    side: Segmentation, areas: Sequence[Extent]
) -> tuple[dict[Extent, int], list[list[int]]]:
    """The words that touch no area by their extent, and those inside of each area."""
    plain: dict[Extent, int] = {}
    inside: list[list[int]] = [[] for _ in areas]
    starts = [start for start, _ in areas]
    for i, (start, end) in enumerate(side.words):
        k = bisect_right(starts, end - 1) - 1  # the last area that begins before the word's end
        if k < 0 or areas[k][1] <= start:
            plain[start, end] = i
        elif areas[k][0] <= start and end <= areas[k][1]:
            inside[k].append(i)
    return plain, inside


def longest_common_subsequence(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Places in `a` and `b` of a longest common subsequence; of several, the first met.

    >>> longest_common_subsequence("do not".split(), "do n't not".split())
    [(0, 0), (1, 2)]
    """
    longest = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]  # of a[i:] and b[j:]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            skipping = max(longest[i + 1][j], longest[i][j + 1])
            longest[i][j] = 1 + longest[i + 1][j + 1] if a[i] == b[j] else skipping
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] == longest[i][j]:
            i += 1
        else:
            j += 1
    return pairs
