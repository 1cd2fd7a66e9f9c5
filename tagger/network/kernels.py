"""What torch's kernels keep, and in what they compute."""

import os
from typing import Literal

import torch

MOST_KERNELS = 16


def keep_few_kernels() -> None:
    """Lets oneDNN keep few of the kernels that it compiles for each shape of its matrices.

    By default it keeps the last 1,024 in each of two caches: gigabytes where, as with a batch's
    distinct forms, hardly a shape comes twice. Results are the same, and so is the speed. It asks
    when it compiles its first; who has set these variables is heeded.
    """
    for name in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"):
        os.environ.setdefault(name, str(MOST_KERNELS))


def computes_in_bf16(precision: Literal["auto", "bf16", "fp32"], device: torch.device) -> bool:
    """Whether sums are made of bf16 products: where asked for, or where the device has them."""
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
