"""JSON lines of sentences with probabilities: `tokens`, and `distributions` by column.

    {"tokens": ["Ann", "sleeps"],
     "distributions": {"upos": [{"PROPN": 0.9, "NOUN": 0.1}, {"VERB": 1.0}]}}

So any tool can say how sure it is of what: one object of tags and probabilities for each token.
Tags that are not named have the probability 0. Other fields are not read.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from tagger.corpus.lines import BLANKS, open_corpus
from tagger.errors import CorpusError

Chance = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Distribution = dict[str, Chance]
FIELD = b'"distributions"'


class SoftTags(msgspec.Struct, frozen=True):
    """A sentence and, by column, what may be said of each of its tokens."""

    forms: tuple[str, ...] = msgspec.field(name="tokens")
    distributions: dict[str, list[Distribution]]

    def __len__(self) -> int:
        return len(self.forms)


def has_distributions(path: str) -> bool:
    """Whether the first line that is not blank is of this kind."""
    with open_corpus(path) as stream:
        first = next((line for line in stream if line.strip()), b"")
    return first.lstrip().startswith(b"{") and FIELD in first


def read_soft_lines(path: str) -> Iterator[SoftTags]:
    """The sentences of a file, which may be compressed; raises CorpusError with the line."""
    with open_corpus(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.decode("utf-8", "replace").strip(BLANKS):
                yield _read(line, path, number)


def _read(line: bytes, path: str, number: int) -> SoftTags:
    try:
        found = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        expected = "expected {tokens, distributions} of a sentence"
        raise CorpusError(path, number, 1, f"{expected}: {error}") from None
    for problem in _problems(found):
        raise CorpusError(path, number, 1, problem)
    return found


def _problems(found: SoftTags) -> Iterable[str]:
    if not found.forms or not all(found.forms):
        yield "expected tokens of at least a character each, found none"
    for column, rows in found.distributions.items():
        if len(rows) != len(found):
            yield f"expected {len(found)} distributions of {column!r}, found {len(rows)}"
        for i, row in enumerate(rows):
            total = sum(row.values())
            if row and not 0.0 < total <= 1.001:
                place = f"{column!r}, token {i + 1}"
                yield f"expected probabilities of {place}, that sum up to 1, found {total:g}"


_decoder = msgspec.json.Decoder(SoftTags)
