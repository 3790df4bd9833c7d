"""Measures the example film end to end: seconds of film per second of wall time, CPU by stage, memory, install size.

Run it with ``python bench/film.py [STORY] [--keep DIR]`` from the project's folder; it uses a new, empty store.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

DEV = {"hypothesis", "import-linter", "mypy", "pytest", "pytest-xdist", "ruff", "types-pyyaml"}
STILL_THERE = {"pip", "setuptools"}


def look(root: int, cpu: dict[int, float]) -> float:
    """Return the proportional memory (PSS) of a process and all its descendants, in MB; 0 where /proc is missing.

    The CPU seconds that each of them has used so far are written into `cpu`: workers belong to a server process
    whose use the operating system does not hand on to us.
    """
    parents: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(fields[1])].append(int(entry.name))
        ticks[int(entry.name)] = int(fields[11]) + int(fields[12])
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        todo += parents[pid]
        cpu[pid] = ticks.get(pid, 0) / os.sysconf("SC_CLK_TCK")
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def run(command: list[str]) -> tuple[float, float, float, str]:
    """Return wall seconds, CPU seconds, peak MB of the process tree, and what the command printed."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = 0.0
    cpu: dict[int, float] = {}
    over = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.2):
            peak = max(peak, look(process.pid, cpu))

    watcher = threading.Thread(target=watch)
    watcher.start()
    printed, _ = process.communicate()
    over.set()
    watcher.join()
    wall = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{printed}")
    return wall, sum(cpu.values()), peak, printed


def install_size_mb() -> tuple[float, list[tuple[float, str]]]:
    """Return the size on disk of what ``pip install kamishibai[ear]`` brings, and each package's share."""
    wanted, todo = {}, ["kamishibai"]
    while todo:
        name = todo.pop().lower().replace("_", "-")
        if name in wanted or name in DEV:
            continue
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        wanted[name] = found
        for line in found.requires or ():
            requirement, _, marker = line.partition(";")
            if "extra ==" in marker and not (name == "kamishibai" and "ear" in marker):
                continue
            todo.append(
                requirement.split()[0]
                .split("[")[0]
                .split("=")[0]
                .split("<")[0]
                .split(">")[0]
                .split("!")[0]
                .split("~")[0]
            )
    sizes = []
    for name, found in wanted.items():
        size = 0
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if path.is_file():
                size += path.stat().st_size
        sizes.append((size / 1e6, name))
    sizes.sort(reverse=True)
    return sum(size for size, _ in sizes), sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("story", nargs="?", default="examples/lantern.md")
    parser.add_argument("--keep", type=Path, help="where to leave the film")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = arguments.keep or Path(scratch) / "film"
        command = [sys.executable, "-m", "kamishibai", "make", arguments.story]
        command += ["--out", str(out), "--cache", str(Path(scratch) / "store"), "--quiet"]
        wall, cpu, peak, _ = run(command)
        again_wall, again_cpu, _, _ = run(command)
        ledger = json.loads((out / "ledger.json").read_text(encoding="utf-8"))
    measured = ledger["measured"]
    stages: dict[str, float] = defaultdict(float)
    for entry in ledger["entries"]:
        stages[entry["stage"]] += entry["seconds"]
    total, sizes = install_size_mb()
    seconds = measured["seconds"]
    print(f"machine               {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    print(f"film                  {seconds:.1f} s of {measured['width']}×{measured['height']}")
    print(f"wall time             {wall:.1f} s, cold store: {seconds / wall:.2f} s of film a second")
    print(f"CPU time              {cpu:.1f} s: {cpu / seconds:.2f} s a second of film")
    print(f"peak memory           {peak:.0f} MB (proportional, all processes)")
    print(f"rerun, nothing new    {again_wall:.2f} s wall, {again_cpu:.2f} s CPU, imports included")
    print(f"install with [ear]    {total:.0f} MB: " + ", ".join(f"{n} {s:.0f}" for s, n in sizes[:8]))
    print("seconds inside calls, by stage:")
    for stage, spent in sorted(stages.items(), key=lambda item: -item[1]):
        print(f"  {stage:<10} {spent:7.2f}")
    print("measured in the finished film:")
    for name, value in measured.items():
        print(f"  {name:<28} {value}")


if __name__ == "__main__":
    main()
