"""Checks whether this machine can make films: Python, memory, disk, packages, models, fonts; each with what to do."""

from __future__ import annotations

import difflib
import importlib
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from kamishibai.devices.device import devices_without_torch, torch_name, torch_version
from kamishibai.devices.ram import main_memory_mb
from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError
from kamishibai.models import registry
from kamishibai.settings import PREFIX, Settings
from kamishibai.steps.models_chosen import options_for
from kamishibai.work.runners.local import usable_cores

__all__ = ["Check", "check_machine"]

LEAST_MEMORY_MB = 1000
"""What a film at 1080p takes with one worker, with a little room."""
LEAST_DISK_MB = 300
LITTLE_DISK_MB = 2000
NATIVE = ("av", "cv2", "skia", "onnxruntime", "soundfile", "soxr", "pyebur128", "PIL")
"""Modules that can be installed and still fail to load, for want of a system library."""
SCRIPTS = {
    "Latin": "Aa",
    "Greek": "Ωβ",
    "Cyrillic": "Жя",
    "Arabic": "سلام",
    "Hebrew": "שלום",
    "Devanagari": "नम",
    "Thai": "สวัส",
    "Chinese": "中文",
    "Japanese": "かな",
    "Korean": "한글",
}
LANGUAGES = {"Chinese": "zh", "Japanese": "ja", "Korean": "ko"}


class Check(Frozen):
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "warn", "problem"]
    """``problem``: no film can be made until it is mended."""
    found: str
    hint: str = ""
    """What to do about it."""


def check_machine(settings: Settings, cache: Path, here: Path) -> list[Check]:
    """Return every check, for a cache folder and the folder that films are made in."""
    return [
        _python(),
        _cores(),
        _memory(),
        *_devices(),
        *_disk(cache, here),
        _cache(cache),
        _packages(),
        _native(),
        _encoder(),
        *_models(settings),
        _ear(settings),
        _scripts(),
        *_environment(os.environ),
        _terminal(),
    ]


def _python() -> Check:
    found = f"{platform.python_version()} ({platform.python_implementation()}, {platform.system()} {platform.machine()})"
    return Check(name="Python", state="ok", found=found)


def _cores() -> Check:
    cores = usable_cores()
    return Check(name="cores", state="ok", found=f"{cores} usable")


def _memory() -> Check:
    total, free = main_memory_mb()
    if not total:
        return Check(name="memory", state="ok", found="cannot be told on this system")
    found = f"{free / 1000:.1f} GB free"
    if free < LEAST_MEMORY_MB:
        return Check(
            name="memory", state="warn", found=found, hint="close programs, or use --workers 1 --size 720"
        )
    return Check(name="memory", state="ok", found=found)


def _devices() -> Iterator[Check]:
    """Yield what generative models would run on, and whether their packages are installed; torch is not imported."""
    for device in devices_without_torch():
        called = f"{torch_name(device)}: {device.name}" if device.kind != "cpu" else "cpu"
        bf16 = ", bfloat16" if device.bf16 else ""
        found = f"{called}, {device.total_mb / 1000:.1f} GB, {device.free_mb / 1000:.1f} GB free{bf16}"
        yield Check(name="device", state="ok", found=found)
    missing = registry.missing_packages("picture:diffusers")
    torch = torch_version()
    if missing:
        some = f", though {len(missing)} of its packages are missing: {', '.join(missing)}" if torch else ""
        yield Check(
            name="generators",
            state="warn" if torch else "ok",
            found=f"torch {torch}{some}"
            if torch
            else "not installed: pictures are cut from paper, the camera moves",
            hint="pip install 'kamishibai[models]'",
        )
        return
    yield Check(name="generators", state="ok", found=f"[models] is installed: torch {torch}, {_stack()}")


def _stack() -> str:
    return ", ".join(f"{name} {version(name)}" for name in ("diffusers", "transformers", "accelerate"))


def _disk(cache: Path, here: Path) -> Iterator[Check]:
    for name, folder in (("disk, cache", cache), ("disk, here", here)):
        there = next((p for p in (folder, *folder.absolute().parents) if p.exists()), Path("/"))
        free = shutil.disk_usage(there).free / 1e6
        found = f"{free / 1000:.1f} GB free at {folder}"
        if (why := _cannot_write(there)) is not None:
            state: Literal["ok", "warn", "problem"] = "problem" if name == "disk, cache" else "warn"
            flag = "--cache" if name == "disk, cache" else "--out"
            yield Check(
                name=name,
                state=state,
                found=f"cannot write at {there}: {why}",
                hint=f"choose another with {flag}",
            )
        elif free < LEAST_DISK_MB:
            yield Check(name=name, state="problem", found=found, hint="free some space")
        elif free < LITTLE_DISK_MB:
            yield Check(
                name=name, state="warn", found=found, hint="a long film takes 1 to 2 GB: free some space"
            )
        else:
            yield Check(name=name, state="ok", found=found)


def _cannot_write(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


def _cache(cache: Path) -> Check:
    files, size = 0, 0
    for root, _, names in os.walk(cache):
        for name in names:
            try:
                size += (Path(root) / name).stat().st_size
                files += 1
            except OSError:
                continue
    found = f"{size / 1e9:.2f} GB in {files} files" if files else "empty"
    hint = f"delete {cache} whenever you like: everything in it can be made again"
    return Check(name="cache", state="warn" if size > 20e9 else "ok", found=found, hint=hint)


def _packages() -> Check:
    wanted = []
    for line in requires("kamishibai") or []:
        requirement, _, marker = line.partition(";")
        if "extra" not in marker:
            wanted.append(re.split(r"[\s<>=!~\[(]", requirement.strip(), maxsplit=1)[0])
    missing = []
    for name in wanted:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check(
            name="packages",
            state="problem",
            found=f"missing: {', '.join(missing)}",
            hint="pip install --force-reinstall kamishibai",
        )
    shown = ", ".join(
        f"{name} {version(name)}" for name in ("av", "numpy", "onnxruntime", "skia-python", "pillow")
    )
    return Check(name="packages", state="ok", found=f"all {len(wanted)} there ({shown})")


def _native() -> Check:
    broken = []
    for name in NATIVE:
        try:
            importlib.import_module(name)
        except (ImportError, OSError) as error:
            broken.append(f"{name}: {error}")
    if broken:
        hint = "install the system library that is named, or reinstall the package"
        return Check(name="libraries", state="problem", found="; ".join(broken), hint=hint)
    return Check(name="libraries", state="ok", found=f"all {len(NATIVE)} load")


def _encoder() -> Check:
    try:
        import av

        for name in ("libx264", "aac"):
            av.Codec(name, "w")
    except (ImportError, ValueError) as error:
        hint = "pip install --force-reinstall av"
        return Check(name="encoder", state="problem", found=f"{type(error).__name__}: {error}", hint=hint)
    return Check(name="encoder", state="ok", found="H.264 (libx264) and AAC")


def _models(settings: Settings) -> Iterator[Check]:
    fine = []
    for kind in registry.KINDS:
        wanted = getattr(settings, kind, "none")
        if kind == "ear" or wanted == "none" or (wanted == "auto" and kind not in registry.EMBEDDED):
            continue
        id_ = registry.normal_id(kind, wanted.partition("#")[0] if kind == "voice" else wanted)
        try:
            registry.make(id_, options_for(id_, settings.options)).weights()
            fine.append(id_)
        except KamishibaiError as error:
            yield Check(name="model", state="problem", found=f"{id_}: {error.what}", hint=error.hint or "")
        except Exception as error:  # a plug-in may raise anything; the doctor must go on
            yield Check(
                name="model",
                state="problem",
                found=f"{id_}: {type(error).__name__}: {error}",
                hint="reinstall the package that brings it",
            )
    yield Check(name="models", state="ok", found=", ".join(fine))


def _ear(settings: Settings) -> Check:
    if settings.ear == "none":
        return Check(name="ear", state="ok", found="switched off")
    id_ = registry.normal_id("ear", settings.ear)
    try:
        missing = registry.missing_packages(id_)
    except KamishibaiError as error:
        return Check(name="ear", state="warn", found=error.what, hint=error.hint or "")
    if missing:
        extra = registry.class_of(id_).needs().extra
        return Check(
            name="ear",
            state="warn",
            found=f"{id_} is not installed: nobody checks the narration",
            hint=f"pip install 'kamishibai[{extra}]'",
        )
    return Check(name="ear", state="ok", found=f"{id_} listens to every line")


def _scripts() -> Check:
    from kamishibai.engine.fonts import font_for

    fine: list[str] = []
    lacking: dict[str, list[str]] = {}
    for script, sample in SCRIPTS.items():
        try:
            font_for(sample, LANGUAGES.get(script, "en"))
            fine.append(script)
        except KamishibaiError as error:
            lacking.setdefault(error.hint or error.what, []).append(script)
    hints = [f"{', '.join(scripts)}: {hint}" for hint, scripts in lacking.items()]
    if "Latin" not in fine:
        return Check(name="captions", state="problem", found="no usable font", hint="; ".join(hints))
    found = f"can be lettered: {', '.join(fine)}"
    if hints:
        return Check(name="captions", state="warn", found=found, hint="to add more: " + "; ".join(hints))
    return Check(name="captions", state="ok", found=found)


def _environment(environment: Mapping[str, str]) -> Iterator[Check]:
    known = {PREFIX + name.upper() for name in Settings.model_fields if name != "options"}
    mine = sorted(name for name in environment if name.startswith(PREFIX))
    for name in mine:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "unset it"
            yield Check(name="environment", state="warn", found=f"{name} is not a setting", hint=hint)
    said = [f"{name}={environment[name]}" for name in mine if name in known]
    yield Check(name="environment", state="ok", found=", ".join(said) or "no settings in the environment")


def _terminal() -> Check:
    encoding = (getattr(sys.stdout, "encoding", None) or "none").lower().replace("-", "")
    if encoding != "utf8":
        return Check(
            name="terminal",
            state="warn",
            found=f"writes {encoding}",
            hint="set PYTHONUTF8=1 to see every letter",
        )
    return Check(name="terminal", state="ok", found="UTF-8")
