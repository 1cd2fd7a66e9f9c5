"""What is read together, such as are alike in length, since the shorter ones are padded."""

from collections.abc import Iterator, Sequence


def batched(
    lengths: Sequence[int], most: int, most_items: int | None = None
) -> Iterator[list[int]]:
    """Items by number in order of their lengths, up to `most` in all with padding at once.

    And no more of them than `most_items`; a longer one comes alone.

    >>> [*batched([3, 1, 9, 2], 6)]
    [[1, 3], [0], [2]]
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        is_full = (len(batch) + 1) * lengths[i] > most
        if batch and (is_full or len(batch) == most_items):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
