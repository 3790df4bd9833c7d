"""Torch and its libraries set up once, kept quiet, and their memory given back: for every room that uses them."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["free_memory", "is_out_of_memory", "prepared", "quiet", "torch_dtype"]

SIGNS = re.compile(
    r"out of memory|can't allocate memory|cannot allocate memory|not enough memory|_status_alloc_failed"
    r"|hiperroroutofmemory|invalid buffer size|std::bad_alloc"
    r"|could not (create|execute) a (primitive|memory object)(?! descriptor)",
    re.IGNORECASE,
)
"""What torch, CUDA, HIP, Metal, oneDNN (which makes do with "could not create a primitive"), the C++ library and the
kernel say when there is no memory left."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' own bars, warnings and chatter out of the program's output, and give them back after."""
    prepared()
    import diffusers.utils.logging as of_diffusers
    import transformers.utils.logging as of_transformers

    kept = [
        (module, module.get_verbosity(), module.is_progress_bar_enabled())
        for module in (of_diffusers, of_transformers)
    ]
    for module, _, _ in kept:
        module.set_verbosity(logging.ERROR)
        module.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for module, verbosity, shown in kept:
            module.set_verbosity(verbosity)
            if shown:
                module.enable_progress_bar()


_ready = False


def prepared() -> None:
    """Set torch up once for results that repeat, on as many threads as this process may use.

    Where a kernel has no repeatable form torch uses the other one (``warn_only``).
    """
    global _ready
    if _ready:
        return
    # Said before the first import of transformers, which otherwise remarks on packages that nobody asked for.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    if "OMP_NUM_THREADS" not in os.environ and hasattr(os, "sched_getaffinity"):
        torch.set_num_threads(max(1, len(os.sched_getaffinity(0))))
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling fresh memory finds bugs in kernels; here it would only cost time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    _ready = True


def torch_dtype(name: str) -> Any:
    """Return torch's dtype called `name`: float32, float16 or bfloat16."""
    import torch

    return {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}[name]


def free_memory() -> None:
    """Give freed memory back to the device and the system."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether `error`, or what it was raised from, means that memory ran out."""
    import torch

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (torch.OutOfMemoryError, MemoryError)):
            return True
        if isinstance(seen, (RuntimeError, OSError)) and SIGNS.search(str(seen)):
            return True
        seen = seen.__cause__
    return False
