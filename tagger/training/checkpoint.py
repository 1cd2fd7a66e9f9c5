"""A training's state in a file, complete at any moment.

The file is safetensors: tensors, and all else as JSON in its header; no pickle. A checksum of both
tells a file that was damaged. A new one is
written beside, synced and renamed, and the one before is kept, so that a kill or a full disk costs
no more than the steps since then.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from tagger.atomic import atomic_file
from tagger.errors import TaggerError

FORMAT = "1"
PREVIOUS = ".previous"


class CheckpointError(TaggerError):
    """A file that holds no state of a training."""


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Writes what `TrainingState.as_dict` gave; the file that was there is kept, as `.previous`."""
    tensors: dict[str, Tensor] = {}
    header = json.dumps(_encoded(dict(state), tensors))
    metadata = {"format": FORMAT, "state": header, "crc32": _checksum(header, tensors)}
    content = save(tensors, metadata)
    new = path.with_name(path.name + ".new")
    with atomic_file(new) as stream:
        stream.write(content)
    if path.exists():
        path.replace(path.with_name(path.name + PREVIOUS))
    new.replace(path)


def load_state(path: Path, warn: Callable[[str], None]) -> dict[str, Any] | None:
    """The state of a file, or of the previous one where that is broken; None where there is none.

    What was wrong with the newer one is told to `warn`. Raises CheckpointError where none is whole.
    """
    problem: CheckpointError | None = None
    for candidate in (path, path.with_name(path.name + PREVIOUS)):
        if not candidate.exists():
            continue
        try:
            state = _load(candidate)
        except CheckpointError as error:
            problem = problem or error
            continue
        if problem is not None:
            warn(f"{problem}; going on from the one before")
        return state
    if problem is not None:
        raise CheckpointError(f"{problem} (--force begins anew)")
    return None


def _load(path: Path) -> dict[str, Any]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise CheckpointError(f"{path}: expected a checkpoint of format {FORMAT}")
            header = metadata["state"]
            tensors = {name: torch.clone(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
        if metadata.get("crc32", expected := _checksum(header, tensors)) != expected:
            raise CheckpointError(f"{path}: not a whole checkpoint: its checksum is another")
        state = _decoded(json.loads(header), tensors.__getitem__)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        problem = " ".join(str(error).split())
        raise CheckpointError(f"{path}: not a whole checkpoint: {problem}") from None
    if not isinstance(state, dict):
        raise CheckpointError(f"{path}: not a checkpoint of a training")
    return state


def _checksum(header: str, tensors: Mapping[str, Tensor]) -> str:
    """CRC-32 of the header and of each tensor's name and bytes."""
    found = zlib.crc32(header.encode())
    for name, tensor in sorted(tensors.items()):
        content = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        found = zlib.crc32(content.numpy().data, zlib.crc32(name.encode(), found))
    return f"{found:08x}"


def _encoded(value: Any, tensors: dict[str, Tensor]) -> Any:
    """The value in what JSON has; tensors go into `tensors`, and their names into their place."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.contiguous()
        return {"tensor": name}
    if isinstance(value, dict):
        return {"dict": [[key, _encoded(of_key, tensors)] for key, of_key in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_encoded(item, tensors) for item in value]}
    if isinstance(value, list):
        return [_encoded(item, tensors) for item in value]
    return value


def _decoded(value: Any, tensor: Callable[[str], Tensor]) -> Any:
    if isinstance(value, list):
        return [_decoded(item, tensor) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tensor":
        return tensor(content)
    if kind == "tuple":
        return tuple([_decoded(item, tensor) for item in content])
    return {key: _decoded(of_key, tensor) for key, of_key in content}
