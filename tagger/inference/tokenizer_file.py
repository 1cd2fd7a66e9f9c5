"""`tokenizer.json` of a stranger, gone through before the package tokenizers sees it.

That package reads many more kinds than pretrained encoders have. Some of them can wait for hours,
take all memory or end the process: regular expressions, steps that lengthen a text, nesting. So
what is not known here is refused, and what is handed on is written anew, in order that no other
reader sees another file.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from tagger.errors import ModelError, shortened
from tagger.inference.tokenizer_parts import (
    BPE,
    Id,
    Normalizer,
    Normalizers,
    PreTokenizer,
    PreTokenizers,
    Processor,
    Processors,
    Unigram,
    WordPiece,
)

MOST_TOKENIZER = 2**25  # bytes: many hundred thousand pieces
MOST_ADDED = 5_000  # pieces that are looked for before all else
Model = WordPiece | BPE | Unigram
MODELS: Mapping[str, type[Model]] = {"WordPiece": WordPiece, "BPE": BPE, "Unigram": Unigram}


class Added(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece that is looked for before all else, or one that no text has."""

    id: Id
    content: Annotated[str, msgspec.Meta(max_length=100)]
    single_word: bool
    lstrip: bool
    rstrip: bool
    normalized: bool
    special: bool


class Kind(msgspec.Struct, frozen=True):
    """What tells the kind of a model, also in older files, which do not say it."""

    name: str | None = msgspec.field(default=None, name="type")
    merges: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    unk_id: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET

    def model(self) -> type[Model]:
        """The class of such a model."""
        if self.name is not None:
            return MODELS.get(self.name, WordPiece)  # which then says that it expects another name
        if self.merges is not msgspec.UNSET:
            return BPE
        return WordPiece if self.unk_id is msgspec.UNSET else Unigram


class Tokenizer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file; of the parts that are not used nothing is read."""

    version: str = "1.0"
    added_tokens: Annotated[list[Added], msgspec.Meta(max_length=MOST_ADDED)] = []
    normalizer: Normalizer | Normalizers | None = None
    pre_tokenizer: PreTokenizer | PreTokenizers | None = None
    post_processor: Processor | Processors | None = None
    model: msgspec.Raw
    truncation: msgspec.Raw = msgspec.Raw()
    padding: msgspec.Raw = msgspec.Raw()
    decoder: msgspec.Raw = msgspec.Raw()


def checked(content: bytes, origin: str) -> bytes:
    """The same tokenizer as the package tokenizers shall read it, without truncation and padding.

    Raises ModelError that names the origin where it is one that no known encoder has.
    """
    if len(content) > MOST_TOKENIZER:
        size = len(content)
        raise ModelError(f"{origin}: expected at most {MOST_TOKENIZER:,} bytes, found {size:,}")
    try:
        found = msgspec.json.decode(content, type=Tokenizer)
        kind = msgspec.json.decode(found.model, type=Kind)
        model: Model = msgspec.json.decode(found.model, type=kind.model())
    except RecursionError:
        raise ModelError(f"{origin}: not a usable tokenizer: nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = shortened(" ".join(str(error).split()))
        raise ModelError(f"{origin}: not a usable tokenizer: {problem}") from None
    parts = {
        "version": found.version,
        "added_tokens": found.added_tokens,
        "normalizer": found.normalizer,
        "pre_tokenizer": found.pre_tokenizer,
        "post_processor": found.post_processor,
        "model": model,
    }
    return msgspec.json.encode(parts)
