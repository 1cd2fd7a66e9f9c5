"""`table.npy`, mapped into memory: its header is read strictly, since numpy would take far more.

Only what `np.save` writes for such a table is one: version 1, floats, C order, three axes, and as
many bytes as these ask for. Nothing of the file is evaluated, unpickled or unzipped.
https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.model_files import regular

Rows = NDArray[np.float16] | NDArray[np.float32]
MAGIC = b"\x93NUMPY\x01\x00"
MOST_HEADER = 1_000  # bytes
MOST_WIDTH = 2**20  # figures of a form and direction
TYPES = {b"<f2": np.float16, b"<f4": np.float32}
_header = re.compile(
    rb"\{'descr': '(<f[24])', 'fortran_order': False, "
    rb"'shape': \(([0-9]{1,10}), 2, ([0-9]{1,10})\), \} *\n"
).fullmatch


def read_rows(folder: Path, name: str) -> Rows:
    """The table; raises ModelError. Shape: (forms, 2, width)."""
    path = regular(folder, name)
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_HEADER)
            size = stream.seek(0, 2)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from None
    begin = len(MAGIC) + 2
    end = begin + int.from_bytes(content[len(MAGIC) : begin], "little")
    match = _header(content[begin:end]) if content.startswith(MAGIC) else None
    if match is None:
        raise ModelError(f"{path}: not what a tagger model has there: no table of floats")
    forms, width, kind = int(match[2]), int(match[3]), TYPES[match[1]]
    expected = end + forms * 2 * width * np.dtype(kind).itemsize
    if size != expected or not 0 < width <= MOST_WIDTH:
        raise ModelError(
            f"{path}: not what a tagger model has there: {forms:,} forms of twice {width:,} "
            f"figures in {size:,} bytes"
        )
    if forms == 0:
        return np.empty((0, 2, width), kind)
    return np.memmap(path, kind, "r", offset=end, shape=(forms, 2, width))
