"""Sentences that come again: within a file, in a later file, with other tags."""

from array import array
from collections.abc import Iterator, Mapping

import msgspec

from tagger.corpus.problems.codes import Finding
from tagger.corpus.similar import MIN_WORDS, NearIndex, words_of
from tagger.sentence import Sentence, place_of

MIN_TOKENS = 3  # of a conflict: two words are too little to say which tags are right
AGREEING = ("upos", "xpos", "chunk", "ner")  # columns whose tags should be the same again


class _Seen(msgspec.Struct, frozen=True):
    """Where a sentence stood first and the numbers of its tags, by column."""

    file: int
    path: str
    line: int
    tags: Mapping[str, bytes]


class _Numbers(dict[str, int]):
    """Strings by number, each new one gets the next."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class RepeatChecks:
    """Looks at the sentences of all files, which should have nothing in common.

    It remembers all sentences: some 40 bytes a token.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}  # hash of a sentence's forms: its number
        self._seen: list[_Seen] = []
        self._near = NearIndex()
        self._tag_ids = _Numbers()

    def check(self, sentence: Sentence, file: int) -> Iterator[Finding]:
        """Findings about a sentence with tokens and a source, in the file of that number."""
        if len(sentence) < MIN_TOKENS:
            return
        words = words_of(sentence.forms)
        number = len(self._seen)
        before = self._numbers.setdefault(hash(sentence.forms), number)
        nearly = self._near.add(words, number)
        path, line, _ = place_of(sentence, 0, "form")
        tags = self._encoded(sentence)
        self._seen.append(_Seen(file, path, line, tags))
        if before != number:
            yield from self._check_conflict(sentence, tags, self._seen[before])
            if len(words) >= MIN_WORDS:
                yield self._again(before, number, "duplicate-sentence", "leak", "that of")
        elif nearly is not None:
            yield self._again(nearly, number, "near-duplicate", "near-leak", "nearly that of")

    def _encoded(self, sentence: Sentence) -> dict[str, bytes]:
        number_of = self._tag_ids.__getitem__
        return {
            name: array("I", map(number_of, tags)).tobytes()
            for name, tags in sentence.columns.items()
            if name in AGREEING
        }

    def _again(self, before: int, number: int, within: str, between: str, what: str) -> Finding:
        """The finding of a sentence that stood elsewhere before."""
        first, here = self._seen[before], self._seen[number]
        if first.file == here.file:
            code, where = within, f"line {first.line}"
        else:
            code, where = between, f"{first.path}:{first.line}"
        return Finding(
            here.path, here.line, 1, code, f"expected a new sentence, found {what} {where}"
        )

    def _check_conflict(
        self, sentence: Sentence, tags: Mapping[str, bytes], first: _Seen
    ) -> Iterator[Finding]:
        names = list(self._tag_ids)
        for name in tags.keys() & first.tags.keys():
            if tags[name] == first.tags[name]:
                continue
            old, new = (array("I", encoded[name]) for encoded in (first.tags, tags))
            at = next(i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
            path, line, column = place_of(sentence, at, name)
            where = f"line {first.line}" if first.path == path else f"{first.path}:{first.line}"
            problem = (
                f"expected {names[old[at]]!r} as in the same sentence in {where}, "
                f"found {names[new[at]]!r}"
            )
            yield Finding(path, line, column, "conflict", problem)
