"""What can be chosen of an input; told to the command line without loading anything else."""

from enum import StrEnum

STDIN = "-"


class InputKind(StrEnum):
    """What the input is; `auto` looks at it."""

    AUTO = "auto"
    RAW = "raw"
    LINES = "lines"
    TOKENS = "tokens"
    CONLL = "conll"
    JSONL = "jsonl"


class SegmenterKind(StrEnum):
    """What cuts running text: what the model learned, rules, or the text's own lines and blanks."""

    LEARNED = "learned"
    RULES = "rules"
    LINES = "lines"
    BLANKS = "blanks"

    @property
    def by_rules(self) -> bool | None:
        """Whether rules or what was learned finds tokens, None where either may."""
        return {"rules": True, "learned": False}.get(self.value)


class OffsetUnit(StrEnum):
    """What offsets count."""

    CHARACTERS = "characters"
    BYTES = "bytes"


class Undecodable(StrEnum):
    """What happens to bytes that are not UTF-8.

    They are an error; or each is replaced by U+FFFD; or kept, to be written as it was.
    """

    STRICT = "strict"
    REPLACE = "replace"
    KEEP = "keep"

    @property
    def handler(self) -> str:
        """Python's name for it."""
        return "surrogateescape" if self is Undecodable.KEEP else self.value


class ReadErrors(StrEnum):
    """The same where text is only read and never given back, so that there is nothing to keep."""

    STRICT = Undecodable.STRICT.value
    REPLACE = Undecodable.REPLACE.value
