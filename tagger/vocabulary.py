"""Strings to ids and back. Built once, from the training split only, then immutable."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from tagger.errors import ModelError

PAD = "<pad>"
UNKNOWN = "<unknown>"
DIGIT_FOLDING = {ord(digit): "0" for digit in "123456789"}


class Vocabulary:
    """An ordered set of strings; the id of each is its place.

    Word and character vocabularies begin with two special entries, `<pad>` and `<unknown>`, whose
    ids are `pad_id` and `unknown_id`; tag vocabularies have none, and an unknown tag is an error.
    """

    pad_id = 0
    unknown_id = 1

    def __init__(self, strings: Sequence[str]) -> None:
        self._strings = tuple(strings)
        self._ids = {string: i for i, string in enumerate(self._strings)}
        if len(self._ids) != len(self._strings):
            raise ModelError("a vocabulary holds the same string twice")

    @classmethod
    def with_special(cls, strings: Iterable[str]) -> "Vocabulary":
        """A vocabulary of `<pad>`, `<unknown>` and then the other `strings`."""
        return cls([PAD, UNKNOWN, *(s for s in strings if s not in (PAD, UNKNOWN))])

    @property
    def strings(self) -> tuple[str, ...]:
        """All strings in the order of their ids."""
        return self._strings

    def __len__(self) -> int:
        return len(self._strings)

    def __contains__(self, string: object) -> bool:
        return string in self._ids

    def __getitem__(self, i: int) -> str:
        return self._strings[i]

    def id_of(self, string: str) -> int:
        """The id of a string that must be there; raises KeyError if it is not."""
        return self._ids[string]

    def id_or_unknown(self, string: str) -> int:
        """The id of `string`, or `unknown_id`."""
        return self._ids.get(string, self.unknown_id)

    def ids_or_unknown(self, strings: Iterable[str]) -> list[int]:
        """The id of each string, `unknown_id` for those that are not there."""
        get = self._ids.get
        return [get(string, self.unknown_id) for string in strings]


class Vocabularies(msgspec.Struct, frozen=True):
    """What a model knows of the words of its training split.

    `vectors` are the words that have pretrained vectors, `language_model` is what the language
    model within the model knows; None where there is none.
    """

    words: Vocabulary
    characters: Vocabulary
    affixes: Vocabulary
    vectors: Vocabulary | None = None
    language_model: "Vocabularies | None" = None


def normalise(form: str) -> str:
    """The form under which a word is looked up: NFC, lower case, ASCII digits folded to 0.

    >>> normalise("Room-1984")
    'room-0000'
    """
    return unicodedata.normalize("NFC", form).lower().translate(DIGIT_FOLDING)


def count_words(forms: Iterable[str]) -> Counter[str]:
    """How often each normalised form occurs."""
    return Counter(map(normalise, forms))


def most_common(counts: Counter[str], least: int) -> list[str]:
    """Strings that occur at least `least` times, the most frequent first, then alphabetically."""
    kept = [(-count, string) for string, count in counts.items() if count >= least]
    return [string for _, string in sorted(kept)]
