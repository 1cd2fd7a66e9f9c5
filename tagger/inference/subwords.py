"""Words to the pieces that a transformer reads, by its `tokenizer.json`, and pieces to windows.

Each token is cut by itself, so a form has the same pieces wherever it stands, and every token has
at least one: the unknown piece where the tokenizer leaves nothing (U+FE0F alone). A very long form
is told by its two ends and by its first pieces. A sentence of more pieces than the transformer has
positions is read in windows that overlap; of each token the states count that have a quarter of a
window, or the sentence's end, on either side.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError, TaggerError, shortened
from tagger.inference.encoding import ends_of
from tagger.inference.pieces import Piece
from tagger.inference.tokenizer_file import checked

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_CHARACTERS = 100  # of a form; as many as WordPiece reads of a word
MOST_PIECES = 16  # of a form
PANIC = "PanicException"  # of Rust: no Exception, and in no module that can be imported
MOST_FORMS = 100_000  # whose pieces are kept
LEAST_POSITIONS, MOST_POSITIONS = 10, 4_096
Ids = NDArray[np.int64]
Pieces = tuple[int, ...]
T = TypeVar("T")
PieceId = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a window's pieces, and how many fit in: ids, and positions in all."""

    first_id: PieceId
    last_id: PieceId
    pad_id: PieceId
    unknown_id: PieceId
    positions: Annotated[int, msgspec.Meta(ge=LEAST_POSITIONS, le=MOST_POSITIONS)]

    @property
    def room(self) -> int:
        """Pieces of tokens in a window."""
        return self.positions - 2


class Window(NamedTuple):
    """Pieces that are read at once; `columns` are the first ones of tokens from number `start` on.

    Tokens are counted over all sentences.
    """

    pieces: list[int]
    columns: Ids
    start: int


class PieceBatch(NamedTuple):
    """Windows as a transformer reads them.

    Shapes: pieces (windows, longest), padded; lengths (windows,); places (tokens,): where the
    first piece of each token, window by window, stands in the flattened pieces.
    """

    pieces: Ids
    lengths: Ids
    places: Ids


class Subwords:
    """A tokenizer at work on single forms; raises ModelError that names `origin` if it is none."""

    def __init__(self, content: bytes, origin: str) -> None:
        self._origin = origin
        self._tokenizer = self._read(content)
        self._known: dict[str, Pieces] = {}

    def frame(self, *, positions: int, pad_id: int) -> Frame:
        """What a transformer of so many positions gets around its pieces.

        Raises ModelError where the tokenizer has no pieces for a text's beginning and end.
        """
        if positions < LEAST_POSITIONS:
            raise ModelError(f"{self._origin}: expected {LEAST_POSITIONS} positions or more")
        around = self._in_rust(lambda: self._tokenizer.encode("").ids)
        unknown_ids = [self._tokenizer.token_to_id(name) for name in ("[UNK]", "<unk>")]
        if len(around) != 2 or unknown_ids == [None, None]:
            raise ModelError(
                f"{self._origin}: expected a tokenizer that puts one piece before a text and one "
                "behind it and knows [UNK] or <unk>"
            )
        return Frame(
            first_id=around[0],
            last_id=around[1],
            pad_id=pad_id,
            unknown_id=next(number for number in unknown_ids if number is not None),
            positions=positions,
        )

    @property
    def size(self) -> int:
        """The highest id and one."""
        return max(self._tokenizer.get_vocab().values(), default=0) + 1

    def pieces(self, form: str, frame: Frame) -> Pieces:
        """The ids of a form's pieces, at least one."""
        found = self._known.get(form)
        if found is None:
            if len(self._known) >= MOST_FORMS:
                self._known.clear()
            found = self._known[form] = self._cut(form, frame)
        return found

    def _cut(self, form: str, frame: Frame) -> Pieces:
        text = ends_of(form, MOST_CHARACTERS).encode("utf-8", "replace").decode("utf-8")
        ids = self._in_rust(
            lambda: (
                self._tokenizer.encode([text], is_pretokenized=True, add_special_tokens=False).ids
            )
        )
        return tuple(ids[: min(MOST_PIECES, frame.room // 4)]) or (frame.unknown_id,)

    def _read(self, content: bytes) -> "Tokenizer":
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise TaggerError(
                f"{self._origin}: needs the package tokenizers: pip install 'lstm-tagger[teacher]'"
            ) from None
        known = checked(content, self._origin)
        tokenizer = self._in_rust(lambda: Tokenizer.from_buffer(known))
        tokenizer.encode_special_tokens = True  # a token `[SEP]` is text
        if hasattr(tokenizer.pre_tokenizer, "add_prefix_space"):
            tokenizer.pre_tokenizer.add_prefix_space = True  # a token begins a word
        return tokenizer

    def _in_rust(self, work: Callable[[], T]) -> T:
        """What the package tokenizers gives; ModelError where it cannot, or panics."""
        try:
            return work()
        except BaseException as error:
            if not (isinstance(error, Exception) or type(error).__name__ == PANIC):
                raise
            problem = shortened(" ".join(str(error).split()))
            raise ModelError(f"{self._origin}: not a usable tokenizer: {problem}") from None


def windows_of(counts: Sequence[int], room: int) -> list[Piece]:
    """Which tokens are read together: all, or where these have more than `room` pieces, windows.

    `counts` are pieces per token, none above a quarter of `room`. The windows' middles follow
    each other; on either side of a middle are up to a quarter of `room` pieces of context.

    >>> windows_of([1, 2, 1, 2, 1, 2, 1, 2], 8)
    [Piece(begin=0, start=0, end=3, stop=4), Piece(begin=2, start=3, end=5, stop=6), \
Piece(begin=4, start=5, end=7, stop=8), Piece(begin=6, start=7, end=8, stop=8)]
    """
    ends = np.cumsum(counts)
    before, number = ends - counts, len(ends)  # pieces before each token
    if not number or ends[-1] <= room:
        return [Piece(0, 0, number, number)]
    side = room // 4
    windows, start = [], 0
    while start < number:
        end = int(np.searchsorted(ends, before[start] + room - 2 * side, side="right"))
        begin = int(np.searchsorted(before, before[start] - side, side="left"))
        stop = int(np.searchsorted(ends, ends[end - 1] + side, side="right"))
        windows.append(Piece(begin, start, end, stop))
        start = end
    return windows


def windows_in(sentences: Sequence[Sequence[Pieces]], frame: Frame) -> list[Window]:
    """The windows of some sentences' tokens, in order, each framed."""
    found = []
    start_of_sentence = 0
    for pieces in sentences:
        counts = [len(of_token) for of_token in pieces]
        for begin, start, end, stop in windows_of(counts, frame.room):
            columns = np.cumsum([1, *counts[begin : end - 1]])[start - begin :]
            inner = chain.from_iterable(pieces[begin:stop])
            framed = [frame.first_id, *inner, frame.last_id]
            found.append(Window(framed, columns, start_of_sentence + start))
        start_of_sentence += len(pieces)
    return found


def piece_batch(windows: Sequence[Window], frame: Frame) -> PieceBatch:
    """Some windows, padded to the longest."""
    lengths = np.array([len(window.pieces) for window in windows])
    longest = int(lengths.max())
    padded = np.full((len(windows), longest), frame.pad_id, np.int64)
    for row, window in zip(padded, windows, strict=True):
        row[: len(window.pieces)] = window.pieces
    places = [row * longest + window.columns for row, window in enumerate(windows)]
    return PieceBatch(padded, lengths, np.concatenate(places))
