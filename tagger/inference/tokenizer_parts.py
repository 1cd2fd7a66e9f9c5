"""The parts of a `tokenizer.json` that pretrained encoders have, called as the file calls them.

https://huggingface.co/docs/tokenizers/components. Each takes a text to one that is hardly longer;
regular expressions are those that are known to be harmless.
"""

from typing import Annotated, Literal

import msgspec

from tagger.inference.charsmap import check_charsmap

MOST_UNIGRAM = 2**22  # bytes of pieces in all; XLM-RoBERTa has about half
MOST_STEPS = 8  # one after the other
EXPRESSIONS = (" {2,}",)  # which SentencePiece's encoders have
Id = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Piece = Annotated[str, msgspec.Meta(max_length=1_000)]
Sign = Annotated[str, msgspec.Meta(min_length=1, max_length=1)]
Likelihood = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A part with the name of its class as `type`."""


class BertNormalizer(Part, frozen=True, tag=True):
    """That of BERT."""

    clean_text: bool
    handle_chinese_chars: bool
    strip_accents: bool | None
    lowercase: bool


class NFC(Part, frozen=True, tag=True):
    """Unicode's, like the next three."""


class NFD(Part, frozen=True, tag=True):
    """As above."""


class NFKC(Part, frozen=True, tag=True):
    """As above."""


class NFKD(Part, frozen=True, tag=True):
    """As above."""


class Nmt(Part, frozen=True, tag=True):
    """SentencePiece's signs that are left out."""


class Lowercase(Part, frozen=True, tag=True):
    """All small."""


class StripAccents(Part, frozen=True, tag=True):
    """Without accents."""


class Strip(Part, frozen=True, tag=True):
    """Without blanks at its ends."""

    strip_left: bool
    strip_right: bool


class Pattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is replaced: a string, or a regular expression."""

    String: str | None = None
    Regex: str | None = None


class Replace(Part, frozen=True, tag=True):
    """Never by something longer."""

    pattern: Pattern
    content: str

    def __post_init__(self) -> None:
        string, expression = self.pattern.String, self.pattern.Regex
        if string and expression is None:
            is_usual = len(self.content) <= len(string)
        else:
            is_usual = string is None and expression in EXPRESSIONS and len(self.content) <= 1
        if not is_usual:
            raise ValueError("a Replace that no known encoder has")


class Precompiled(Part, frozen=True, tag=True):
    """SentencePiece's table, in base 64."""

    precompiled_charsmap: str

    def __post_init__(self) -> None:
        check_charsmap(self.precompiled_charsmap)


Normalizer = (
    BertNormalizer
    | NFC
    | NFD
    | NFKC
    | NFKD
    | Nmt
    | Lowercase
    | StripAccents
    | Strip
    | Replace
    | Precompiled
)


class Normalizers(Part, frozen=True, tag="Sequence"):
    """Several, of which one may be a precompiled table."""

    normalizers: Annotated[list[Normalizer], msgspec.Meta(max_length=MOST_STEPS)]

    def __post_init__(self) -> None:
        if sum(isinstance(part, Precompiled) for part in self.normalizers) > 1:
            raise ValueError("two precompiled tables")


class Whitespace(Part, frozen=True, tag=True):
    """Words and other signs."""


class WhitespaceSplit(Part, frozen=True, tag=True):
    """What stands between blanks."""


class BertPreTokenizer(Part, frozen=True, tag=True):
    """That of BERT."""


class ByteLevel(Part, frozen=True, tag=True):
    """Bytes as letters; it may be a post-processor too."""

    add_prefix_space: bool
    trim_offsets: bool = True
    use_regex: bool = True


class Metaspace(Part, frozen=True, tag=True, omit_defaults=True):
    """Blanks as signs; `add_prefix_space` and `str_rep` stand in older files."""

    replacement: Sign
    prepend_scheme: str | None = None
    split: bool | None = None
    add_prefix_space: bool | None = None
    str_rep: str | None = None


class Punctuation(Part, frozen=True, tag=True):
    """Cuts there."""

    behavior: str = "Isolated"


class Digits(Part, frozen=True, tag=True):
    """Cuts there."""

    individual_digits: bool


PreTokenizer = (
    Whitespace | WhitespaceSplit | BertPreTokenizer | ByteLevel | Metaspace | Punctuation | Digits
)


class PreTokenizers(Part, frozen=True, tag="Sequence"):
    """Several."""

    pretokenizers: Annotated[list[PreTokenizer], msgspec.Meta(max_length=MOST_STEPS)]


class BertProcessing(Part, frozen=True, tag=True):
    """A piece before a text and one behind it."""

    sep: tuple[Piece, Id]
    cls: tuple[Piece, Id]


class RobertaProcessing(BertProcessing, frozen=True, tag=True):
    """The same."""

    trim_offsets: bool = True
    add_prefix_space: bool = True


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece or a text in a template."""

    id: Piece
    type_id: Id


class Special(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of a template by its ids."""

    id: Piece
    ids: list[Id]
    tokens: list[Piece]


Template = Annotated[list[dict[str, Place]], msgspec.Meta(max_length=MOST_STEPS)]


class TemplateProcessing(Part, frozen=True, tag=True):
    """The same by templates."""

    single: Template
    pair: Template
    special_tokens: dict[str, Special]


Processor = BertProcessing | RobertaProcessing | ByteLevel | TemplateProcessing


class Processors(Part, frozen=True, tag="Sequence"):
    """Several."""

    processors: Annotated[list[Processor], msgspec.Meta(max_length=MOST_STEPS)]


class WordPiece(Part, frozen=True, tag=True):
    """The longest piece first."""

    unk_token: Piece
    continuing_subword_prefix: Piece
    max_input_chars_per_word: Id
    vocab: dict[Piece, Id]


class BPE(Part, frozen=True, tag=True):
    """Pieces merged in the order of their frequency.

    A prefix of pieces within a word can end the process: that of the right one of two is cut off
    unseen. RoBERTa's is empty.
    """

    vocab: dict[Piece, Id]
    merges: list[tuple[Piece, Piece] | str]
    dropout: None = None
    unk_token: Piece | None = None
    continuing_subword_prefix: Literal[""] | None = None
    end_of_word_suffix: Literal[""] | None = None
    fuse_unk: bool = False
    byte_fallback: bool = False
    ignore_merges: bool = False

    def __post_init__(self) -> None:
        for merge in self.merges:
            parts = merge.split(" ") if isinstance(merge, str) else merge
            if len(parts) != 2 or not {*parts, "".join(parts)} <= self.vocab.keys():
                raise ValueError(f"a merge of what is not among the pieces: {merge!r}")


class Unigram(Part, frozen=True, tag=True):
    """The likeliest pieces; each of their bytes takes some 300 in memory."""

    vocab: list[tuple[Piece, Likelihood]]
    unk_id: Id | None = None
    byte_fallback: bool = False

    def __post_init__(self) -> None:
        size = sum([len(piece.encode()) for piece, _ in self.vocab])
        if size > MOST_UNIGRAM:
            raise ValueError(f"expected pieces of at most {MOST_UNIGRAM:,} bytes, found {size:,}")
