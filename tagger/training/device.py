"""Where a network is trained: the CPU, an NVIDIA GPU (CUDA) or an Apple one (MPS), and how exactly.

Data stay on the CPU and batches are moved. On the CPU the same seed gives the same weights bit for
bit; on a GPU some kernels have no such version, and torch is asked for those that have.
"""

import os
from contextlib import AbstractContextManager
from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn

from tagger.errors import UsageError
from tagger.network.kernels import computes_in_bf16

Device = torch.device
CPU = Device("cpu")
Precision = Literal["auto", "bf16", "fp16", "fp32"]
_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
T = TypeVar("T")


def find_device(asked: str) -> torch.device:
    """The device of that name; `auto` is a GPU where there is one. Raises UsageError for no such.

    Of several processes on a machine each has a GPU of its own.
    """
    if asked == "auto":
        asked = "cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu"
    if asked == "mps" and not _has_mps():
        raise UsageError(
            "--device mps: expected an Apple GPU and a torch that knows it, found none"
        )
    if asked != "cuda":
        return torch.device(asked)
    number, own = torch.cuda.device_count(), int(os.environ.get("LOCAL_RANK", "0"))
    if not torch.cuda.is_available():
        has = "none" if torch.version.cuda else "a torch that was built without CUDA"
        raise UsageError(f"--device cuda: expected an NVIDIA GPU, found {has}")
    if own >= number:
        raise UsageError(
            f"--device cuda: expected a GPU for each process of this machine, found {number} for "
            f"process {own + 1} (a lower --nproc-per-node helps)"
        )
    device = torch.device("cuda", own)
    torch.cuda.set_device(device)
    return device


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def device_of(network: nn.Module) -> torch.device:
    """Where its weights are."""
    return next(network.parameters()).device


def name_of(device: torch.device) -> str:
    """What a person calls it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()


def use_deterministic(device: torch.device) -> None:
    """Repeatable kernels: always on the CPU, elsewhere those that there are."""
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=device != CPU)
    # torch would also fill new memory, an aid for debugging that takes a quarter of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def moved(value: T, device: torch.device) -> T:
    """The same on a device: a tensor, or a tuple, list, dict or named tuple of such; None stays."""
    found: Any = value
    if isinstance(value, Tensor):
        found = value.to(device)
    elif isinstance(value, dict):
        found = {key: moved(of_key, device) for key, of_key in value.items()}
    elif isinstance(value, list):
        found = [moved(item, device) for item in value]
    elif isinstance(value, tuple):
        items = [moved(item, device) for item in value]
        found = type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    result: T = found
    return result


def checked_precision(precision: Precision, device: torch.device) -> Precision:
    """What to compute in; `auto` is bf16 where there are products of it. fp16 needs a GPU."""
    if precision == "fp16" and device == CPU:
        raise UsageError("precision: fp16 is for GPUs; on the CPU expected bf16 or fp32")
    if precision != "auto":
        return precision
    return "bf16" if computes_in_bf16("auto", device) else "fp32"


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[Any]:
    """Products within are of that precision; weights and sums stay in fp32."""
    kind = _TYPES.get(precision)
    return torch.autocast(device.type, dtype=kind or torch.bfloat16, enabled=kind is not None)


def computes_in_fp16(precision: Precision, device: torch.device) -> bool:
    """Whether some products are of fp16: on CUDA those of LSTMs are, where bf16 is asked for.

    https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/cudnn/AutocastRNN.cpp
    """
    return precision == "fp16" or (precision == "bf16" and device.type == "cuda")


def loss_scaler(precision: Precision, device: torch.device) -> torch.amp.GradScaler:
    """What keeps fp16's small gradients from vanishing (Micikevicius et al. 2018); else nothing."""
    scaler = torch.amp.GradScaler(device.type, enabled=computes_in_fp16(precision, device))
    scaler.scale(torch.zeros((), device=device))  # makes it ready where a rank has no loss
    return scaler


def random_state(device: torch.device) -> Tensor | None:
    """Where the random numbers of a GPU are; None for the CPU, whose are torch's own."""
    if device == CPU:
        return None
    found: Tensor = torch.get_device_module(device).get_rng_state()
    return found


def set_random_state(device: torch.device, saved: Tensor | None) -> None:
    """Back to there; a state saved on another kind of device leaves them as they are."""
    if device != CPU and saved is not None:
        torch.get_device_module(device).set_rng_state(saved)
