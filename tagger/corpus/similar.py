"""When two sentences are the same or nearly the same: a word replaced, added, missing or moved.

Sentences are compared by their words alone. No pair is ever compared: a sentence has one key for
itself and one for each word that may be left out, and those that share a key are nearly the same.
Keys are sums of hashes, so they hold within one process only; with 61 bits two sentences that are
not alike share one about never.
"""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import mul, sub

MOST_KNOWN, LONGEST_KNOWN = 1 << 15, 50  # forms whose words are remembered: 8 MB at most
MIN_WORDS = 6  # people say "Thank you very much." again and again
_MODULUS = 2**61 - 1
_BASE = 1_318_699_429_771_531_193
_fold_digits = re.compile(r"\d").sub


def words_of(forms: Iterable[str]) -> tuple[str, ...]:
    """The words by which sentences are compared: without case, digits or bare punctuation.

    >>> words_of(["Born", "in", "1987", "."])
    ('born', 'in', '0000')
    """
    return tuple([word for word in map(_known_words.__getitem__, forms) if word])


class _Words(dict[str, str]):
    """The word of each form that was met lately, empty where it has no letter or digit."""

    def __missing__(self, form: str) -> str:
        word = _fold_digits("0", form.casefold()) if any(map(str.isalnum, form)) else ""
        if len(form) <= LONGEST_KNOWN:
            if len(self) >= MOST_KNOWN:
                self.clear()
            self[form] = word
        return word


_known_words = _Words()


def near_keys(words: Sequence[str], minimum: int = MIN_WORDS) -> list[int]:
    """Keys of which two sentences share one iff they are alike but for at most one word of each.

    The first is of all words, the others have the first, the second, … word left out. There are
    none for fewer than `minimum` words.
    """
    length = len(words)
    if length < minimum or not words:
        return []
    hashes = [*map(hash, words)]
    powers = _powers(length)
    # A sequence w0, w1, … is hashed to the sum of w_i * BASE**i. The sum without word i + 1 is
    # that without word i plus (w_i - w_{i+1}) * BASE**i.
    without_first = sum(map(mul, hashes[1:], powers))
    steps = map(mul, map(sub, hashes, hashes[1:]), powers)
    without = [*accumulate(steps, initial=without_first)]
    whole = without[-1] + hashes[-1] * powers[length - 1]
    return [whole, *without]


def _powers(length: int) -> list[int]:
    """Powers of the base from 0 on, at least `length` of them."""
    while len(_known_powers) < length:
        _known_powers.append(_known_powers[-1] * _BASE % _MODULUS)
    return _known_powers


_known_powers = [1]


class NearIndex:
    """Sentences seen so far, by number, to be asked for one that is nearly the same."""

    def __init__(self, minimum: int = MIN_WORDS) -> None:
        self._minimum = minimum
        self._names: dict[int, int] = {}

    def find(self, words: Sequence[str]) -> int | None:
        """The first number under which a sentence was added that is nearly the same, or None."""
        return self._first_of(near_keys(words, self._minimum))

    def add(self, words: Sequence[str], name: int) -> int | None:
        """As `find`, then remembers this sentence under the number `name`.

        Of several sentences that are nearly the same it is the one with the lowest number, where
        numbers rise.
        """
        keys = near_keys(words, self._minimum)
        if self._names.keys().isdisjoint(keys):  # most are new
            self._names.update(dict.fromkeys(keys, name))
            return None
        found = self._first_of(keys)
        for key in keys:
            self._names.setdefault(key, name)
        return found

    def _first_of(self, keys: Iterable[int]) -> int | None:
        names = self._names
        return min([names[key] for key in keys if key in names], default=None)


def alike(
    sentences_words: Iterable[Sequence[str]], minimum: int = MIN_WORDS
) -> list[tuple[int, ...]]:
    """The sets of two and more sentences that share a key, as rising numbers, each set once.

    They come in the order of their first members; within each set all are nearly the same.
    """
    first: dict[int, int] = {}
    shared: dict[int, list[int]] = {}
    for number, words in enumerate(sentences_words):
        for key in set(near_keys(words, minimum)):
            if first.setdefault(key, number) != number:
                shared.setdefault(key, [first[key]]).append(number)
    return sorted({tuple(members) for members in shared.values()})


def groups(sentences_words: Iterable[Sequence[str]], minimum: int = MIN_WORDS) -> list[int]:
    """For each sentence the number of the first of its group; alone it is its own first.

    A group holds all sentences that are nearly the same as another one of the group, so its ends
    may differ in more than a word. Sentences below `minimum` words stay alone.
    """
    counted = [*sentences_words]
    return joined([len(words) for words in counted], alike(counted, minimum))


def joined(
    sizes: Sequence[int], sets: Iterable[Sequence[int]], limit: float = math.inf
) -> list[int]:
    """For each member the first of its group, where those of a set are in one group.

    `sizes` are of the members, which the sets name by rising numbers from 0. No group larger than
    `limit` is made: a sentence that everybody writes would chain everything together. The sets
    that tie the fewest groups come first, and one that then would make too large a group ties
    nothing.
    """
    parents = [*range(len(sizes))]
    totals = [*sizes]
    for members in sorted(sets, key=lambda members: (len(members), *members)):
        roots = sorted({_root_of(parents, member) for member in members})
        total = sum([totals[root] for root in roots])
        if total <= limit:
            totals[roots[0]] = total
            for root in roots[1:]:
                parents[root] = roots[0]
    return [_root_of(parents, number) for number in range(len(sizes))]


def _root_of(parents: list[int], member: int) -> int:
    """The root of a member's tree; the way there is halved for the next time."""
    while parents[member] != member:
        parents[member] = parents[parents[member]]
        member = parents[member]
    return member
