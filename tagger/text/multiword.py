"""Multiword tokens: surface tokens that are several words, as French `du` is `de` + `le`.

What a treebank taught is kept as rules about beginnings and ends, such as `-'s` → `*` + `'s`, and
as a list of the forms that these rules would get wrong. Case is that of the surface token.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter

import msgspec

STEM = "*"
MOST_WORDS, LONGEST_WORD = 40, 1_000  # that a token is split in; characters of one
MOST_CONTEXT = 3  # letters of the stem that a rule may name as well
LONGEST = 40  # characters of a surface token that is split
Words = tuple[str, ...]
_breaks_a_line = re.compile(r"[\t\r\n]").search


class Rule(msgspec.Struct, frozen=True, array_like=True):
    """A token that begins with `before` and ends with `after` (in lower case) is these words.

    STEM in one of them stands for what is left of the token without its first `cut_before` and
    last `cut_after` characters, of which `before` and `after` may name some more.
    """

    before: str
    after: str
    cut_before: int
    cut_after: int
    words: Words

    def fits(self, lower: str) -> bool:
        """Whether the rule is about this token, which is in lower case."""
        return (
            lower.startswith(self.before)
            and lower.endswith(self.after)
            and len(lower) >= len(self.before) + len(self.after)
            and len(lower) > self.cut_before + self.cut_after
        )

    def apply(self, surface: str) -> Words:
        """The words of a token that fits, the stem as it is written there."""
        stem = surface[self.cut_before : len(surface) - self.cut_after]
        return tuple([word.replace(STEM, stem, 1) for word in self.words])


def are_words(words: Words) -> bool:
    """Whether a token may be split in these: a few, none empty, nothing that breaks a line."""
    return 0 < len(words) <= MOST_WORDS and all(
        0 < len(word) <= LONGEST_WORD and not _breaks_a_line(word) for word in words
    )


class Multiword(msgspec.Struct, frozen=True):
    """How surface tokens are split; `forms` go before `rules`, of which the first that fits is it.

    The keys of `forms` and all words are in lower case.
    """

    forms: Mapping[str, Words] = {}
    rules: tuple[Rule, ...] = ()

    def is_usable(self) -> bool:
        """Whether words come out whatever it is given: not so of all that may stand in a file."""
        cuts = (cut for rule in self.rules for cut in (rule.cut_before, rule.cut_after))
        words = (*self.forms.values(), *(rule.words for rule in self.rules))
        return all(0 <= cut <= LONGEST for cut in cuts) and all(map(are_words, words))

    def split(self, surface: str) -> Words | None:
        """The words of a token that is several, or None where nothing was learned about it."""
        if len(surface) > LONGEST:
            return None
        lower = _lower(surface)
        words = self.forms.get(lower)
        if words is None:
            rule = next((rule for rule in self.rules if rule.fits(lower)), None)
            words = None if rule is None else rule.apply(surface)
        return None if words is None else _with_case(words, surface)


def learn_multiword(examples: Iterable[tuple[str, Words]]) -> Multiword:
    """What a treebank's multiword tokens teach: pairs of a surface form and its words."""
    counts: dict[str, Counter[Words]] = defaultdict(Counter)
    for surface, words in examples:
        if 0 < len(surface) <= LONGEST and are_words(words):
            counts[_lower(surface)][tuple(map(_lower, words))] += 1
    known = {surface: _most_common(of_form) for surface, of_form in sorted(counts.items())}
    learned = Multiword(rules=_learn_rules(known))
    wrong = {surface: words for surface, words in known.items() if learned.split(surface) != words}
    return Multiword(wrong, learned.rules)


def _lower(text: str) -> str:
    """In lower case, character by character: İ, which would become two, stays."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join([c.lower() if len(c.lower()) == 1 else c for c in text])


def _most_common(counts: Counter[Words]) -> Words:
    return min(counts, key=lambda words: (-counts[words], words))


def _learn_rules(known: Mapping[str, Words]) -> tuple[Rule, ...]:
    """Rules that hold for most of the tokens that they are about, the most special ones first.

    Of the ways in which a token may be a stem and something else, the commonest one is learned;
    behind all stand other ways that two tokens know, for what is not explained yet.
    """
    bare = {surface: list(_rules_of(surface, words)) for surface, words in known.items()}
    common = Counter(rule for rules in bare.values() for rule in rules)
    by_ends: dict[tuple[str, str], Counter[Rule]] = defaultdict(Counter)
    for surface, rules in bare.items():
        if rules:
            for rule in _with_context(max(rules, key=common.__getitem__), surface):
                by_ends[rule.before, rule.after][rule] += 1
    found = []
    for rules_of_ends in by_ends.values():
        rule = min(rules_of_ends, key=lambda r: (-rules_of_ends[r], r.words))
        count = rules_of_ends[rule]
        if count > 1 and 2 * count > rules_of_ends.total():
            found.append((-len(rule.before + rule.after), -count, rule.before, rule.after, rule))
    found.sort(key=itemgetter(0, 1, 2, 3))
    kept = _without_needless([rule for *_, rule in found])
    unexplained = [surface for surface in known if not any(rule.fits(surface) for rule in kept)]
    known_to_two = (rule for rule, count in common.most_common() if count > 1)
    return kept + tuple([r for r in known_to_two if any(map(r.fits, unexplained))])


def _rules_of(surface: str, words: Words) -> Iterator[Rule]:
    """The rules that make these words of that token, its stem being what one of them has of it."""
    from difflib import SequenceMatcher  # prediction does without

    stems: list[tuple[int, int, Rule]] = []
    if STEM in "".join(words):
        return iter(())
    for i, word in enumerate(words):
        match = SequenceMatcher(None, surface, word, autojunk=False).find_longest_match()
        start, end = match.a, match.a + match.size
        if match.size and match.size < len(surface):
            changed = word[: match.b] + STEM + word[match.b + match.size :]
            new = (*words[:i], changed, *words[i + 1 :])
            rule = Rule(surface[:start], surface[end:], start, len(surface) - end, new)
            stems.append((-match.size, i, rule))
    return (rule for _, _, rule in sorted(stems, key=itemgetter(0, 1)))


def _with_context(rule: Rule, surface: str) -> Iterator[Rule]:
    """The rule, and the same with up to MOST_CONTEXT letters of the stem named too."""
    start, end = rule.cut_before, len(surface) - rule.cut_after
    for context in range(min(MOST_CONTEXT, end - start) + 1):
        before = surface[: start + context] if start else ""
        after = surface[end - context :] if rule.cut_after else ""
        yield Rule(before, after, rule.cut_before, rule.cut_after, rule.words)


def _without_needless(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules but for those whose work the next one about the same tokens does as well."""
    kept: list[Rule] = []
    for rule in reversed(rules):
        later = next((other for other in reversed(kept) if _covers(other, rule)), None)
        if later is None or _change_of(later) != _change_of(rule):
            kept.append(rule)
    return tuple(reversed(kept))


def _covers(general: Rule, special: Rule) -> bool:
    return special.before.startswith(general.before) and special.after.endswith(general.after)


def _change_of(rule: Rule) -> tuple[int, int, Words]:
    return rule.cut_before, rule.cut_after, rule.words


def _with_case(words: Words, surface: str) -> Words:
    """The words as they stand in the token if they make it up, else in a case like its own."""
    if _lower("".join(words)) == _lower(surface):
        places = [0]
        for word in words:
            places.append(places[-1] + len(word))
        return tuple([surface[a:b] for a, b in pairwise(places)])
    if len(surface) > 1 and surface.isupper():
        return tuple([word.upper() for word in words])
    if surface[:1].isupper():
        return (words[0][:1].upper() + words[0][1:], *words[1:])
    return words
