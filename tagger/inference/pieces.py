"""Where a very long sentence is cut: overlapping pieces, of which only the middles are kept.

What an LSTM or a chain says of a token depends little on what stands 64 tokens away.
"""

from typing import NamedTuple

PIECE_TOKENS = 512
CONTEXT_TOKENS = 64  # on either side of a piece


class Piece(NamedTuple):
    """Tokens `start` to `end` of a sentence, read from `begin` to `stop`."""

    begin: int
    start: int
    end: int
    stop: int


def is_very_long(num_tokens: int) -> bool:
    """Whether a sentence of that length is read in pieces."""
    return num_tokens > PIECE_TOKENS + 2 * CONTEXT_TOKENS


def pieces_of(
    num_tokens: int, size: int = PIECE_TOKENS, context: int = CONTEXT_TOKENS
) -> list[Piece]:
    """The pieces of a sentence of that length, in order: `size` tokens and `context` beside."""
    ends = [min(num_tokens, start + size) for start in range(0, num_tokens, size)]
    return [
        Piece(max(0, start - context), start, end, min(num_tokens, end + context))
        for start, end in zip([0, *ends], ends, strict=False)
    ]
