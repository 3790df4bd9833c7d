"""Every tiny checkpoint by name, and how to build one or take one from a folder that processes share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

from filelock import FileLock

# name: (module, function, keywords)
BUILDERS: dict[str, tuple[str, str, dict[str, bool | str]]] = {
    "sd15": ("pictures", "sd15", {}),
    "sd15-flagged": ("pictures", "sd15", {"flags_all": True}),
    "sdxl": ("pictures", "sdxl", {}),
    "sdxl-turbo": ("pictures", "sdxl", {"turbo": True}),
    "sd3": ("pictures", "sd3", {}),
    "flux": ("pictures", "flux", {}),
    "flux-dev": ("pictures", "flux", {"dev": True}),
    "zimage": ("pictures", "zimage", {}),
    "qwenimage": ("pictures", "qwenimage", {}),
    "sd15-fp16": ("variants", "half", {}),
    "sd15-pickle": ("variants", "pickled", {}),
    "sd15.safetensors": ("variants", "single_file", {}),
    "lora.safetensors": ("variants", "lora", {}),
    "ip-adapter-sd15": ("variants", "ip_adapter_sd15", {}),
    "ip-adapter-sdxl": ("variants", "ip_adapter_sdxl", {}),
    "svd": ("clips", "svd", {}),
    "modelscope": ("clips", "modelscope", {}),
    "ltx": ("clips", "ltx", {}),
    "wan": ("clips", "wan", {}),
    "wan22": ("clips", "wan_both", {}),
    "wan-i2v": ("clips", "wan_pictures", {}),
    "cogvideox": ("clips", "cogvideox", {}),
    "clip": ("eyes", "clip", {}),
    "siglip": ("eyes", "siglip", {}),
    "siglip2": ("eyes", "siglip2", {}),
    "llava": ("eyes", "llava", {}),
    "llava-old": ("eyes", "llava", {"old": True}),
    "llava-siglip-old": ("eyes", "llava", {"old": True, "siglip": True}),
    "llava-next": ("eyes", "llava_next", {}),
    "smolvlm": ("eyes", "smolvlm", {}),
    "idefics3": ("eyes", "smolvlm", {"idefics": True}),
    "qwen2-vl": ("eyes", "qwen_vl", {"version": "2"}),
    "qwen2-5-vl": ("eyes", "qwen_vl", {}),
    "qwen3-vl": ("eyes", "qwen_vl", {"version": "3"}),
    "llm": ("texts", "llm", {}),
    "llm-no-template": ("texts", "llm", {"template": False}),
    "whisper": ("ears", "whisper", {}),
    "whisper-no-heads": ("ears", "whisper", {"heads": False}),
    "whisper-english": ("ears", "whisper", {"english": True}),
    "whisper-ct2": ("ears", "whisper_ct2", {}),
    "whisper-base": ("whisper_base", "whisper_base", {}),
    "musicgen": ("sounds", "musicgen", {}),
    "musicgen-stereo": ("sounds", "musicgen", {"stereo": True}),
    "audioldm2": ("sounds", "audioldm2", {}),
    "stable-audio": ("sounds", "stable_audio", {}),
    "bark": ("voices", "bark", {}),
    "vits": ("voices", "vits", {}),
    "vits-multi": ("voices", "vits", {"speakers": True}),
    "speecht5": ("voices", "speecht5", {}),
}
NAMES = tuple(name for name in BUILDERS if name != "whisper-base")  # that one is real, and 145 MB


def build(name: str, folder: Path) -> None:
    """Write the tiny checkpoint of that name to `folder` (a file, for ``….safetensors``), which must not be there yet."""
    module, function, keywords = BUILDERS[name]
    make: Callable[[Path], None] = partial(getattr(import_module(f"tiny.{module}"), function), **keywords)
    _quietly(make, folder)


def _quietly(make: Callable[[Path], None], folder: Path) -> None:
    import torch
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    torch.set_num_threads(1)
    of_diffusers.disable_progress_bar()
    of_transformers.disable_progress_bar()
    loudness = of_transformers.get_verbosity()
    of_transformers.set_verbosity_error()
    try:
        # A test must not find its own random numbers moved by what was built, or not built, before it.
        with torch.random.fork_rng(devices=[]):
            make(folder)
    finally:
        of_transformers.set_verbosity(loudness)


def take(name: str, shelf: Path) -> Path:
    """Return the folder (or file) of a checkpoint under `shelf`; the first process that asks builds it."""
    place = shelf / name
    if not place.exists():
        shelf.mkdir(parents=True, exist_ok=True)
        with FileLock(shelf / f"{name}.lock"):
            if not place.exists():
                fresh = shelf / f"{name}.{os.getpid()}"
                shutil.rmtree(fresh, ignore_errors=True)
                build(name, fresh)
                fresh.rename(place)
    return place
