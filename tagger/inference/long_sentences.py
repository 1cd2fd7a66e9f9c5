"""Very long sentences: read in overlapping pieces, several at once, and decoded as wholes."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tagger.inference.decoder import Decoded, Decoder
from tagger.inference.pieces import pieces_of
from tagger.sentence import Confidence

PIECES_AT_ONCE = 8
Floats = NDArray[np.float32]
Emit = Callable[[Sequence[Sequence[str]]], Sequence[Floats]]


def decode_in_pieces(
    forms: Sequence[str], emit: Emit, decoders: Mapping[int, Decoder]
) -> dict[int, Decoded]:
    """Tags and confidence of a very long sentence by each decoder.

    `emit` gives the emissions of a batch by task, `decoders` are by the number of theirs. Only
    the emissions of tasks whose tags depend on each other are kept to the end.
    """
    parts: dict[int, list[Decoded]] = {i: [] for i in decoders}
    kept: dict[int, list[Floats]] = {i: [] for i in decoders}
    pieces = pieces_of(len(forms))
    for first in range(0, len(pieces), PIECES_AT_ONCE):
        some = pieces[first : first + PIECES_AT_ONCE]
        emissions = emit([forms[piece.begin : piece.stop] for piece in some])
        for i, decoder in decoders.items():
            for row, piece in zip(emissions[i], some, strict=True):
                middle = row[piece.start - piece.begin : piece.end - piece.begin]
                if decoder.is_by_token:
                    parts[i] += decoder.decode(middle[None], [len(middle)])
                else:
                    kept[i].append(middle.copy())
    return {
        i: _joined(parts[i]) if decoder.is_by_token else _decoded(kept.pop(i), decoder)
        for i, decoder in decoders.items()
    }


def _joined(parts: Sequence[Decoded]) -> Decoded:
    tags = tuple(chain.from_iterable(tags for tags, _ in parts))
    sure = [sure.tokens for _, sure in parts if sure is not None]
    return tags, Confidence(tuple(chain.from_iterable(sure))) if sure else None


def _decoded(emissions: list[Floats], decoder: Decoder) -> Decoded:
    whole = np.concatenate(emissions)[None]
    emissions.clear()
    return decoder.decode(whole, [whole.shape[1]])[0]
