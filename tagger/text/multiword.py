"""Multiword tokens: surface tokens that are several words, as French `du` is `de` + `le`.

What a treebank taught is kept as rules about beginnings and ends, such as `-'s` → `*` + `'s`, and
as a list of the forms that these rules would get wrong. Case is that of the surface token.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import msgspec

STEM = "*"
MOST_CONTEXT = 3  # letters of the stem that a rule may name as well
LONGEST = 40  # characters of a surface token that is split
Words = tuple[str, ...]


class Rule(msgspec.Struct, frozen=True, array_like=True):
    """A token that begins with `before` and ends with `after` is these words, in lower case.

    STEM in one of them stands for what is left of the token without its first `cut_before` and
    last `cut_after` characters, of which `before` and `after` may name some more.
    """

    before: str
    after: str
    cut_before: int
    cut_after: int
    words: Words

    def apply(self, surface: str) -> Words | None:
        """The words of a token, the stem as it is written there, or None if it does not fit."""
        end = len(surface) - self.cut_after
        lower = surface.lower()
        fits = len(lower) == len(surface) >= len(self.before) + len(self.after)
        if not (fits and end > self.cut_before):
            return None
        if not (lower.startswith(self.before) and lower.endswith(self.after)):
            return None
        stem = surface[self.cut_before : end]
        return tuple([word.replace(STEM, stem, 1) for word in self.words])


class Multiword(msgspec.Struct, frozen=True):
    """How surface tokens are split; `forms` go before `rules`, of which the first that fits is it.

    The keys of `forms` and all words are in lower case.
    """

    forms: Mapping[str, Words] = {}
    rules: tuple[Rule, ...] = ()

    def split(self, surface: str) -> Words | None:
        """The words of a token that is several, or None where nothing was learned about it."""
        if len(surface) > LONGEST:
            return None
        words = self.forms.get(surface.lower())
        if words is not None:
            return _with_case(words, surface)
        for rule in self.rules:
            found = rule.apply(surface)
            if found is not None:
                return _with_case(found, surface)
        return None


def learn_multiword(examples: Iterable[tuple[str, Words]]) -> Multiword:
    """What a treebank's multiword tokens teach: pairs of a surface form and its words."""
    counts: dict[str, Counter[Words]] = defaultdict(Counter)
    for surface, words in examples:
        if 0 < len(surface) <= LONGEST and STEM not in surface and all(words):
            counts[surface.lower()][tuple(word.lower() for word in words)] += 1
    known = {surface: _most_common(of_form) for surface, of_form in sorted(counts.items())}
    learned = Multiword(rules=_learn_rules(known))
    wrong = {surface: words for surface, words in known.items() if learned.split(surface) != words}
    return Multiword(wrong, learned.rules)


def _most_common(counts: Counter[Words]) -> Words:
    return min(counts, key=lambda words: (-counts[words], words))


def _learn_rules(known: Mapping[str, Words]) -> tuple[Rule, ...]:
    """Rules by how often they hold, those that name most letters first."""
    by_ends: dict[tuple[str, str], Counter[tuple[int, int, Words]]] = defaultdict(Counter)
    for surface, words in known.items():
        start, end, template = _template(surface, words)
        if start == end:
            continue
        change = (start, len(surface) - end, template)
        for context in range(min(MOST_CONTEXT, end - start) + 1):
            before = surface[: start + context if start else 0]
            by_ends[before, surface[end - context if end < len(surface) else end :]][change] += 1
    rules = []
    for (before, after), changes in by_ends.items():
        change, count = min(changes.items(), key=lambda item: (-item[1], item[0]))
        if count > 1 and (before or after) and 2 * count > changes.total():
            rules.append((Rule(before, after, *change), count))
    rules.sort(key=lambda r: (-len(r[0].before + r[0].after), -r[1], r[0].before, r[0].after))
    return _without_needless([rule for rule, _ in rules])


def _template(surface: str, words: Sequence[str]) -> tuple[int, int, Words]:
    """Where the longest stretch stands that a word has from the token, and the words with STEM."""
    best, at = (0, 0, 0), 0
    for i, word in enumerate(words):
        found = SequenceMatcher(None, surface, word, autojunk=False).find_longest_match()
        if found.size > best[2]:
            best, at = (found.a, found.b, found.size), i
    start, within, size = best
    changed = words[at][:within] + STEM + words[at][within + size :]
    return start, start + size, (*words[:at], changed, *words[at + 1 :])


def _without_needless(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules but for those whose work the next rule that fits would do as well."""
    kept: list[Rule] = []
    for rule in reversed(rules):
        later = next((r for r in reversed(kept) if _covers(r, rule)), None)
        if later is None or (later.cut_before, later.cut_after, later.words) != (
            rule.cut_before,
            rule.cut_after,
            rule.words,
        ):
            kept.append(rule)
    return tuple(reversed(kept))


def _covers(general: Rule, special: Rule) -> bool:
    return special.before.startswith(general.before) and special.after.endswith(general.after)


def _with_case(words: Words, surface: str) -> Words:
    """The words as they stand in the token if they make it up, else in a case like its own."""
    if "".join(words).lower() == surface.lower() and len("".join(words)) == len(surface):
        places = [0]
        for word in words:
            places.append(places[-1] + len(word))
        return tuple([surface[a:b] for a, b in pairwise(places)])
    if len(surface) > 1 and surface.isupper():
        return tuple([word.upper() for word in words])
    if surface[:1].isupper():
        return (words[0][:1].upper() + words[0][1:], *words[1:])
    return words
