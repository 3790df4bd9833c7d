"""Reads the header of a safetensors file and says whether the file can hold what it claims, without its tensors.

Format: eight bytes with the header's length (little-endian), the header in JSON, then the tensors back to back;
https://huggingface.co/docs/safetensors. Only the header is read, so a 20 GB file is checked in milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import ModelError

__all__ = ["Header", "Tensor", "read_header"]

MOST_HEADER_BYTES = 100_000_000
"""The limit of the format's own reader."""

_BITS = {
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32,
    "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip


class Tensor(Frozen):
    """Type and shape of one tensor."""

    dtype: str
    shape: tuple[int, ...]


class Header(Frozen):
    """What a safetensors file says it holds."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]

    @property
    def half_bytes(self) -> int:
        """What the tensors take in half precision: floats at two bytes, whole and shorter numbers as they are."""
        total = 0
        for tensor in self.tensors.values():
            bits = 16 if tensor.dtype in ("F64", "F32", "F16", "BF16") else _BITS[tensor.dtype]
            for n in tensor.shape:
                bits *= n
            total += -(-bits // 8)
        return total


def read_header(path: Path) -> Header:
    """Return the header of a safetensors file whose length fits it.

    Raises
    ------
    ModelError
        When the file cannot be read, is cut off, or is not safetensors; the file is named.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > MOST_HEADER_BYTES or length < 2:
                raise _damaged(path, size, "it does not begin like a safetensors file")
            if 8 + length > size:
                raise _damaged(path, size, f"it is cut off within its header of {length:,} bytes")
            raw = file.read(length)
    except OSError as error:
        raise ModelError(
            f"the weights cannot be read: {error.strerror or error}",
            where=str(path),
            hint="check that the file is there and that you may read it",
        ) from error
    try:
        entries = json.loads(raw)
        header, end = _parsed(entries)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path, size, "its header cannot be understood") from error
    if 8 + length + end != size:
        short = "it is cut off" if 8 + length + end > size else "it is longer than its tensors"
        raise _damaged(path, size, f"{short}: its header speaks of {8 + length + end:,} bytes")
    return header


def _parsed(entries: Mapping[str, Any]) -> tuple[Header, int]:
    """Return the header and how many bytes of tensors it promises, in one run without holes."""
    metadata = {str(k): str(v) for k, v in (entries.get("__metadata__") or {}).items()}
    tensors: dict[str, Tensor] = {}
    spans = []
    for name, entry in entries.items():
        if name == "__metadata__":
            continue
        shape = tuple(entry["shape"])
        start, stop = entry["data_offsets"]
        if not all(type(n) is int and n >= 0 for n in (*shape, start, stop)):
            raise ValueError(f"numbers of {name}")
        bits = _BITS[entry["dtype"]]
        for n in shape:
            bits *= n
        if stop - start != -(-bits // 8):
            raise ValueError(f"length of {name}")
        tensors[name] = Tensor(dtype=entry["dtype"], shape=shape)
        spans.append((start, stop))
    end = 0
    for start, stop in sorted(spans):
        if start != end:
            raise ValueError("holes between tensors")
        end = stop
    return Header(tensors=tensors, metadata=metadata), end


def _damaged(path: Path, size: int, why: str) -> ModelError:
    return ModelError(
        f"damaged weights ({size:,} bytes): {why}",
        where=str(path),
        hint="fetch the file again: `kamishibai models verify` finds such files, `kamishibai models pull` fetches them",
    )
