"""Reads how much main memory there is and how much of it is free, on Linux (limits included), macOS and Windows."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

__all__ = ["main_memory_mb"]

GROUPS = Path("/sys/fs/cgroup")
UNLIMITED = 1 << 60
"""Version 1 of control groups writes "no limit" as a number near 2**63."""


def main_memory_mb() -> tuple[int, int]:
    """Return (total, free) main memory in megabytes (10^6 bytes); free is what could be had now without swapping.

    A container's limit and ``ulimit -v`` count where they are less than the machine's. (0, 0): it cannot be told.
    """
    if sys.platform == "win32":
        total, free = _windows()
    elif sys.platform == "darwin":
        total, free = _mac()
    else:
        total, free = _linux(Path("/proc"), GROUPS)
    return total // 1_000_000, max(free, 0) // 1_000_000


def _linux(proc: Path, groups: Path) -> tuple[int, int]:
    """Return (total, free) in bytes."""
    try:
        text = (proc / "meminfo").read_text(encoding="ascii")
    except OSError:
        return _sysconf()
    sizes = {name: int(size) * 1024 for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    total = sizes.get("MemTotal", 0)
    free = sizes.get("MemAvailable", sizes.get("MemFree", 0))
    for limit, used in _group_limits(proc, groups):
        total, free = min(total, limit), min(free, limit - used)
    limited = _address_space(proc)
    if limited is not None:
        free = min(free, limited)
    return total, free


def _group_limits(proc: Path, groups: Path) -> list[tuple[int, int]]:
    """Return (limit, used) in bytes of this process's control group and of all that contain it."""
    try:
        lines = (proc / "self" / "cgroup").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = ["0::/"]
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2) if line.count(":") >= 2 else ("", "-", "/")
        if controllers == "":
            root, names = groups, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            root = groups / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        folder = root / path.lstrip("/")
        # Inside a container the path may be the host's, which is not there: its own group is then the root.
        for each in (folder, *folder.parents):
            if each == root.parent:
                break
            limit = _group_limit(each, *names)
            if limit is not None:
                found.append(limit)
    return found


def _group_limit(folder: Path, most: str, used: str, cached: str) -> tuple[int, int] | None:
    try:
        limit = (folder / most).read_text(encoding="ascii").strip()
        taken = int((folder / used).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    if not limit.isdecimal() or int(limit) > UNLIMITED:
        return None
    with contextlib.suppress(OSError):
        # Files that were read once are counted, and given up as soon as somebody needs the room.
        match = re.search(
            rf"^{cached} (\d+)", (folder / "memory.stat").read_text(encoding="ascii"), re.MULTILINE
        )
        taken -= int(match[1]) if match else 0
    return int(limit), max(taken, 0)


def _address_space(proc: Path) -> int | None:
    """Return how many bytes ``ulimit -v`` leaves to this process; None when there is no limit."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        pages = int((proc / "self" / "statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return limit
    return limit - pages * os.sysconf("SC_PAGE_SIZE")


def _sysconf() -> tuple[int, int]:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return os.sysconf("SC_PHYS_PAGES") * page, os.sysconf("SC_AVPHYS_PAGES") * page
    except (AttributeError, OSError, ValueError):
        return 0, 0


def _mac() -> tuple[int, int]:
    try:
        total = int(subprocess.check_output(["/usr/sbin/sysctl", "-n", "hw.memsize"], timeout=5))
        stat = subprocess.check_output(["/usr/bin/vm_stat"], timeout=5, text=True)
    except (OSError, ValueError, subprocess.SubprocessError):
        return _sysconf()
    return total, free_of_vm_stat(stat)


def free_of_vm_stat(text: str) -> int:
    """Return the bytes that macOS's ``vm_stat`` shows as free, or as kept only until somebody needs them."""
    page = re.search(r"page size of (\d+) bytes", text)
    pages = re.findall(r"^Pages (?:free|inactive|speculative|purgeable):\s+(\d+)\.", text, re.MULTILINE)
    return int(page[1] if page else 4096) * sum(map(int, pages))


def _windows() -> tuple[int, int]:
    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *(
                (name, ctypes.c_ulonglong)
                for name in ("total", "free", "pages", "freepages", "v", "fv", "ev")
            ),
        ]

    status = Status()
    status.length = ctypes.sizeof(Status)
    library = getattr(ctypes, "windll", None)
    if library is None or not library.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return 0, 0
    return int(status.total), int(status.free)
