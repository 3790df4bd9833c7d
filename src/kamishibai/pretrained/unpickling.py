"""Reads a pickle of tensors by torch's restricted unpickler and writes safetensors: the body of a process of its own.

The restricted unpickler (``torch.load(weights_only=True)``) rebuilds tensors and plain containers and calls nothing
that the file names. It had holes: CVE-2025-32434 (closed in torch 2.6) and CVE-2026-24747 (closed in torch 2.10), so
`converting` asks for 2.10 and starts this in a process that holds nothing of the user's work. Once torch is loaded, a
hook refuses to start programs, to open connections, to write other files, and to use Python's own unpickler; it stops
what goes wrong in Python, and cannot stop what corrupts memory.

The file must be a ZIP archive as ``torch.save`` has written since torch 1.6: older forms are refused. It is read and not
mapped into memory: only then does torch compare the sizes of its records with what the tensors claim.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

__all__ = ["Caught", "Refused", "check_archive", "main", "read", "refuse_events"]

EXIT_REFUSED = 3
MOST_PICKLE_BYTES = 64_000_000
"""Names and shapes of a hundred thousand tensors take less."""
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How files of torch before 1.6 begin: their magic number, pickled."""
_FORBIDDEN = re.compile(
    r"os\.(system|exec|fork|forkpty|posix_spawn|spawn|startfile|startfile/2|remove|rename|rmdir|link|symlink|chmod)"
    r"|subprocess\.Popen|pty\.spawn|socket\.(?!gethostname).*|pickle\.find_class|ctypes\.(dlopen|call_function)"
    r"|shutil\..*|urllib\.Request|winreg\..*|webbrowser\.open"
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class Refused(Exception):
    """The file is not converted; the text says why, for people."""


class Caught(BaseException):
    """Code of the file was running all the same, and was stopped. No `except Exception` on its way may swallow it."""


def check_archive(path: Path) -> None:
    """Refuse what is no archive of ``torch.save``: cut off, of an older form, compressed, or a program. Raises Refused."""
    with path.open("rb") as file:
        head = file.read(len(_LEGACY))
    if head == _LEGACY:
        raise Refused("it is in the form that torch wrote before version 1.6, which is not read here")
    if not head.startswith(b"PK") or not zipfile.is_zipfile(path):
        raise Refused("it is cut off, or no file of torch.save")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused(f"its archive is damaged: {error}") from error
    pickles = [one for one in entries if one.filename.endswith("/data.pkl") or one.filename == "data.pkl"]
    if any(one.filename.endswith("constants.pkl") for one in entries):
        raise Refused("it is a program of TorchScript, and no set of weights")
    if len(pickles) != 1:
        raise Refused("its archive does not hold one set of weights")
    if pickles[0].file_size > MOST_PICKLE_BYTES:
        raise Refused(f"its list of tensors is {pickles[0].file_size:,} bytes long, which no model needs")
    if any(one.compress_type != zipfile.ZIP_STORED or one.compress_size != one.file_size for one in entries):
        raise Refused("its archive is compressed, as torch never does")
    if sum(one.file_size for one in entries) > path.stat().st_size:
        raise Refused("its archive claims more than it holds")


def refuse_events() -> None:
    """From here on, end this process at what no reading of weights needs."""

    def watch(event: str, args: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(args[2], int) and args[2] & _WRITES
        if _FORBIDDEN.fullmatch(event) or writes:
            raise Caught(f"reading it tried to do more than read ({event}), and was stopped")

    sys.addaudithook(watch)


def read(path: Path) -> dict[str, Any]:
    """Return the tensors of a pickle by name, as they are on disk. Raises Refused."""
    import pickle

    import torch

    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=False)
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        wants = f" ({named[1]})" if named else ""
        raise Refused(f"it asks for more than tensors{wants}, and reading that could run code") from error
    except MemoryError as error:
        raise Refused("there is not enough memory to read it") from error
    except Refused:
        raise
    except Exception as error:  # a damaged file fails anywhere in torch
        raise Refused(f"torch cannot read it: {_first_line(error)}") from error
    if not isinstance(found, dict) or not found:
        raise Refused(f"it holds {type(found).__name__} and no tensors by name")
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise Refused(f"it holds more than tensors by name: {str(name)[:80]!r} is {type(value).__name__}")
        if value.layout != torch.strided or value.is_quantized or value.device.type != "cpu":
            raise Refused(f"its tensor {name[:80]!r} is of a kind that safetensors cannot hold")
    return dict(found)


def _apart(tensors: dict[str, Any]) -> dict[str, Any]:
    """Return the tensors, each with bytes of its own: safetensors refuses two names for the same memory.

    Tied weights (an embedding that is the output layer too) become two equal tensors, and the model ties them again.
    """
    seen: set[int] = set()
    found = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach()
        memory = tensor.untyped_storage().data_ptr()
        alone = (
            memory not in seen and tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
        )
        seen.add(memory)
        found[name] = tensor.contiguous() if alone else tensor.contiguous().clone()
    return found


def _write(tensors: dict[str, Any], target: Path, source_sha256: str) -> None:
    """Write safetensors and read them again: every tensor must be what it was, bit by bit. Raises Refused, OSError."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    try:
        save_file(tensors, target, metadata={"format": "pt", "converted_from_sha256": source_sha256})
    except Exception as error:
        if "os error 28" in str(error) or "os error 27" in str(error) or "os error 122" in str(error):
            raise OSError(28, "No space left on device") from error
        raise Refused(f"safetensors cannot write it: {_first_line(error)}") from error
    with safe_open(target, framework="pt") as file:
        if set(file.keys()) != set(tensors):
            raise Refused("what was written is not what was read")
        for name, tensor in tensors.items():
            back = file.get_tensor(name)
            same = back.dtype == tensor.dtype and back.shape == tensor.shape
            if not same or not torch.equal(_bytes(back), _bytes(tensor)):
                raise Refused(f"what was written for {name[:80]!r} is not what was read")


def _bytes(tensor: Any) -> Any:
    """Return a tensor's bytes: NaN is not equal to itself, its bytes are."""
    import torch

    return tensor.contiguous().flatten().view(torch.uint8)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def _tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Convert the pickle named first to the safetensors file named second; the third argument is its SHA-256."""
    source, target, sha256 = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    try:
        check_archive(source)
        import torch

        torch.set_num_threads(1)
        torch.serialization.clear_safe_globals()
        _tell(step="read")
        import safetensors.torch  # noqa: F401  loaded before the hook, so that nothing is imported after it

        refuse_events()
        tensors = _apart(read(source))
        _tell(step="write", tensors=len(tensors))
        _write(tensors, target, sha256)
    except Refused as error:
        _tell(refused=str(error))
        sys.exit(EXIT_REFUSED)
    except Caught as error:
        _tell(caught=str(error))
        sys.exit(EXIT_REFUSED)
    except OSError as error:
        _tell(errno=error.errno, trouble=error.strerror or str(error))
        sys.exit(EXIT_REFUSED)
