"""Finds what models can run on: with torch for the run itself, without it for `plan` and `doctor`."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kamishibai.devices.memory import Device
from kamishibai.devices.ram import main_memory_mb
from kamishibai.errors import UnknownModelError, UsageError

__all__ = ["devices_without_torch", "probe", "probe_without_torch", "torch_name", "torch_version"]

MIB = 1.048576
"""Megabytes in a mebibyte."""
DRM = Path("/sys/class/drm")
CONTEXT_MB = 500
"""What a process takes of a card by using it at all; torch's own figures are from after that."""
LEAST_CARD_MB = 2000
"""AMD's graphics inside a processor show up with less than this, and ROCm does not use them."""
KEPT_MB = 500
"""What is said of a machine whose memory cannot be told: enough for nothing but small trials."""


def probe(wanted: str = "auto") -> Device:
    """Return the device to run on, as torch sees it.

    Parameters
    ----------
    wanted
        ``auto`` takes the graphics card with the most memory, else Apple's GPU, else the processor;
        ``cpu``, ``cuda`` (also AMD's cards under ROCm), ``cuda:1``, ``mps`` take what they name.

    Raises
    ------
    UsageError
        When `wanted` is not there; the error lists what is.
    UnknownModelError
        When torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise UnknownModelError(
            f"this model needs torch, which is not installed ({error.name or error})",
            hint="pip install 'kamishibai[models]'",
        ) from error
    return _choose(wanted, [*_cards(torch), *_apple(torch), _processor()], seen_by="torch")


def probe_without_torch(wanted: str = "auto") -> Device:
    """Return what `probe` would most likely return, without importing torch. Raises UsageError as `probe` does."""
    return _choose(wanted, devices_without_torch(), seen_by="this machine")


def torch_name(device: Device) -> str:
    """Return how torch calls `device`: ``cpu``, ``mps``, ``cuda:0``."""
    return f"cuda:{device.index}" if device.kind in ("cuda", "rocm") else device.kind


def torch_version() -> str | None:
    """Return the version of the installed torch, or None; nothing is imported."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


def _choose(wanted: str, devices: list[Device], *, seen_by: str) -> Device:
    """Return the one of `devices` that `wanted` names; the processor is the last of them."""
    if wanted == "auto":
        cards = [device for device in devices if device.kind in ("cuda", "rocm")]
        # Not the free memory: it varies from run to run, and the same card should be taken every time.
        return max(cards, key=lambda card: (card.total_mb, -card.index)) if cards else devices[0]
    name, colon, number = wanted.partition(":")
    if name not in ("cpu", "cuda", "rocm", "mps") or (colon and not number.isdecimal()):
        raise UsageError(
            f"{wanted!r} is no device", hint=f"use auto or one of: {', '.join(map(torch_name, devices))}"
        )
    same = [d for d in devices if d.kind == name or (name in ("cuda", "rocm") and d.kind in ("cuda", "rocm"))]
    found = [device for device in same if not number or device.index == int(number)]
    if not found:
        there = ", ".join(f"{torch_name(d)} ({d.name}, {d.total_mb / 1000:.0f} GB)" for d in devices)
        raise UsageError(
            f"there is no {wanted!r} here: {seen_by} sees {there}",
            hint=_how_to_get(name) or f"use auto or one of: {', '.join(map(torch_name, devices))}",
        )
    return found[0]


def _how_to_get(name: str) -> str:
    """Return why a graphics card may be missing that is in the machine."""
    if name in ("cuda", "rocm") and torch_version() is not None and _torch_build() == "cpu":
        return "the installed torch is a build for processors only; install one for your card (pytorch.org)"
    return ""


def _processor() -> Device:
    total, free = main_memory_mb()
    return Device(
        kind="cpu",
        name=platform.processor() or platform.machine() or "processor",
        total_mb=total or KEPT_MB,
        free_mb=free or KEPT_MB,
    )


def _cards(torch: Any) -> list[Device]:
    if not torch.cuda.is_available():
        return []
    cards = []
    for index in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(index)
        rocm = torch.version.hip is not None
        # NVIDIA's cards before Ampere (8.0) only emulate bfloat16; AMD's that run ROCm have it.
        bf16 = rocm or torch.cuda.get_device_capability(index)[0] >= 8
        cards.append(
            Device(
                kind="rocm" if rocm else "cuda",
                index=index,
                name=torch.cuda.get_device_name(index),
                total_mb=total // 1_000_000,
                free_mb=free // 1_000_000,
                bf16=bf16,
            )
        )
    return cards


def _apple(torch: Any) -> list[Device]:
    if not torch.backends.mps.is_available():
        return []
    total, free = main_memory_mb()
    most = torch.mps.recommended_max_memory() // 1_000_000
    mine = torch.mps.driver_allocated_memory() // 1_000_000
    # bfloat16 came to Metal with macOS 14.
    bf16 = bool(torch.backends.mps.is_macos_or_newer(14, 0))
    return [
        Device(kind="mps", name=platform.machine(), total_mb=total, free_mb=min(free, most - mine), bf16=bf16)
    ]


def devices_without_torch() -> list[Device]:
    """Return every device that the installed torch (or a torch still to be installed) can use; the processor last."""
    build = _torch_build()
    devices: list[Device] = []
    if build in ("", "cuda"):
        devices += _nvidia()
    if build in ("", "rocm") and not devices:
        devices += _amd(DRM)
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        total, free = main_memory_mb()
        bf16 = int(platform.mac_ver()[0].partition(".")[0] or 0) >= 14
        # Metal recommends to use at most about three quarters of the memory.
        devices.append(
            Device(kind="mps", name="arm64", total_mb=total, free_mb=min(free, total * 3 // 4), bf16=bf16)
        )
    return [*devices, _processor()]


def _torch_build() -> str:
    """Return what the installed torch was built for (``cuda``, ``rocm``, ``cpu``); empty when there is none."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return ""
    try:
        text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    except OSError:
        return ""
    built = dict(re.findall(r"^(cuda|hip)\b[^=]*= *(.+)$", text, re.MULTILINE))
    if built.get("hip", "None").strip() != "None":
        return "rocm"
    return "cuda" if built.get("cuda", "None").strip() != "None" else "cpu"


def _nvidia() -> list[Device]:
    fields = "index,uuid,name,memory.total,memory.free,compute_cap"
    try:
        said = subprocess.run(
            ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return cards_of_nvidia_smi(said, os.environ.get("CUDA_VISIBLE_DEVICES"))


def cards_of_nvidia_smi(said: str, visible: str | None) -> list[Device]:
    """Return the cards in nvidia-smi's answer, numbered as torch will number them.

    Parameters
    ----------
    said
        Lines of ``index, uuid, name, total MiB, free MiB, compute capability``.
    visible
        ``CUDA_VISIBLE_DEVICES``: numbers or beginnings of UUIDs; None when it is not set.
    """
    cards = []
    for line in said.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) != 6 or not all(re.fullmatch(r"\d+(\.\d+)?", parts[i]) for i in (0, 3, 4, 5)):
            continue  # a card that does not say its memory cannot be planned with
        cards.append(parts)
    if visible is not None:
        shown = []
        for name in filter(None, (part.strip() for part in visible.split(","))):
            match = [c for c in cards if c[0] == name or (not name.isdecimal() and c[1].startswith(name))]
            if not match:
                break  # CUDA ignores everything from the first wrong entry on
            shown.append(match[0])
        cards = shown
    return [
        Device(
            kind="cuda",
            index=index,
            name=card[2],
            total_mb=int(float(card[3]) * MIB),
            free_mb=max(int(float(card[4]) * MIB) - CONTEXT_MB, 0),
            bf16=float(card[5]) >= 8.0,
        )
        for index, card in enumerate(cards)
    ]


def _amd(drm: Path) -> list[Device]:
    cards: list[Device] = []
    for folder in sorted(drm.glob("card*/device")):
        try:
            total = int((folder / "mem_info_vram_total").read_text(encoding="ascii"))
            used = int((folder / "mem_info_vram_used").read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        if total < LEAST_CARD_MB * 1_000_000:
            continue
        cards.append(
            Device(
                kind="rocm",
                index=len(cards),
                name="AMD",
                total_mb=total // 1_000_000,
                free_mb=max((total - used) // 1_000_000 - CONTEXT_MB, 0),
                bf16=True,
            )
        )
    return cards
