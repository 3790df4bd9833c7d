"""Converts a model of transformers from pickles to safetensors, once: the pickle is read in a process of its own.

Pickles can run code as they are read, so no film loads one. Some repos hold nothing else (Bark, SpeechT5). Their weights
are read by torch's restricted unpickler (see `unpickling`), in a process that ends when it tries to do more, and only
when the user asked for it. docs/decisions/0014 says why that is good enough, and what it does not protect from.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from kamishibai.devices.device import torch_version
from kamishibai.devices.ram import main_memory_mb
from kamishibai.errors import ModelError, StoreError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.weights import converted, download, layout, pretrained
from kamishibai.weights.choose import PAPERS
from kamishibai.weights.digests import read_digest

__all__ = ["convert", "convert_pulled"]

Report = Callable[[str, int, int], None]
"""Told the file in hand, the bytes that are done and the bytes there are; raises Cancelled to stop."""
LEAST_TORCH = (2, 10)
"""Below it torch's restricted unpickler has a known hole: CVE-2026-24747."""
RESERVE = 64_000_000
"""Bytes that a conversion leaves free on the disk."""
BESIDES_MB = 600
"""Main memory that a process with torch takes beside the weights it reads."""
_CHILD = "from kamishibai.pretrained.unpickling import main; main()"
_WATCH_S = 0.2
_KEPT = "everything; nothing was converted"


def convert(source: Path, target: Path, report: Report) -> Path:
    """Convert a folder of transformers whose weights are pickles into a new folder with safetensors; return it.

    Raises
    ------
    UsageError
        When the new folder is there and not empty, or is the old one.
    UnsupportedError
        When there is nothing to convert, the model asks for code of its own, or torch is too old.
    ModelError
        When a pickle asks for more than tensors, is damaged, or does not fit into memory. None of its code ran.
    StoreError
        When the disk is full.
    Cancelled
        When `report` raises it.
    """
    source, target = source.expanduser().absolute(), target.expanduser().absolute()
    if not source.is_dir():
        raise UnknownModelError("there is no such folder", where=str(source), hint="check the path")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            "there is something already",
            where=str(target),
            kept=_KEPT,
            hint="name a folder that is not there yet",
        )
    if source in target.parents:
        raise UsageError("the new folder lies in the old one", where=str(target), hint="name another place")
    with _fresh(target) as fresh:
        _fill(source, fresh, report)
        if target.is_dir():
            target.rmdir()
        fresh.replace(target)
    return target


def convert_pulled(repo: str, revision: str, commit: str, snapshot: Path, report: Report) -> Path:
    """Convert a snapshot of the hub's cache into the user's own weights, with a record; return its folder.

    `kamishibai.weights.pretrained.find` takes it for the repo from then on. Raises as `convert`.
    """
    target = converted.place_of(repo, commit)
    with download.alone(repo):
        if not target.is_dir():
            for left in target.parent.glob(f".{target.name}-*.part"):  # of a conversion that was killed
                shutil.rmtree(left, ignore_errors=True)
            with _fresh(target) as fresh:
                sources = _fill(snapshot, fresh, report)
                files = {
                    path.relative_to(fresh).as_posix(): read_digest(path)
                    for path in sorted(fresh.rglob("*"))
                    if path.is_file()
                }
                made = converted.Converted(
                    repo=repo, commit=commit, sources=sources, files=files, torch=torch_version() or ""
                )
                converted.write_record(made)
                fresh.replace(target)
        converted.refer(repo, revision, commit)
    return target


@contextmanager
def _fresh(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target`, and take away what is left of it in the end."""
    folder = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}-", suffix=".part", dir=target.parent))
        folder.chmod(0o755)
        yield folder
    except OSError as error:
        raise _no_room(error, target, 0) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _fill(source: Path, fresh: Path, report: Report) -> dict[str, str]:
    """Write the converted model to `fresh`; return the SHA-256 of each pickle by name."""
    pickles = _checked(source)
    total = sum(path.stat().st_size for path in pickles)
    _check_machine(pickles, fresh, total)
    sources: dict[str, str] = {}
    written: dict[str, list[str]] = {}
    for number, path in enumerate(pickles, 1):
        done = sum(one.stat().st_size for one in pickles[: number - 1])
        sources[path.name] = read_digest(path)
        several = f"-{number:05d}-of-{len(pickles):05d}" if len(pickles) > 1 else ""
        target = fresh / f"model{several}.safetensors"

        def still(written: int, name: str = path.name, done: int = done) -> None:
            report(name, min(done + written, total), total)

        _run(path, target, sources[path.name], still)
        written[target.name] = _names_in(target)
    if len(pickles) > 1:
        _write_index(fresh, written)
    for path in sorted(source.iterdir()):
        wanted = path.suffix in pretrained.BESIDE and not layout.is_weight_list(path.name)
        if path.is_file() and (wanted or PAPERS.fullmatch(path.name)):
            shutil.copyfile(path, fresh / path.name)
    for path in sorted(source.glob("speaker_embeddings/**/*.npy")):
        copy = fresh / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    report("", total, total)
    return sources


def _checked(source: Path) -> list[Path]:
    """Return the pickles of a folder that may be converted. Raises as `convert`."""
    if not (source / pretrained.CONFIG).is_file():
        pipeline = (source / layout.INDEX).is_file()
        raise UnsupportedError(
            "this is a pipeline of diffusers" if pipeline else "there is no config.json in it",
            where=str(source),
            kept=_KEPT,
            hint=layout.conversion(source) if pipeline else "name the folder of a model of transformers",
        )
    layout.refuse_escapes(source)
    pretrained.refuse_code(source, layout.read_json(source / pretrained.CONFIG))
    if layout.variants(source).get(""):
        raise UnsupportedError(
            "it has safetensors already", where=str(source), kept=_KEPT, hint="use the folder as it is"
        )
    pickles = converted.pickles_in(source)
    if not pickles:
        raise UnsupportedError(
            f"there is no {converted.PICKLED} in it", where=str(source), kept=_KEPT, hint="check the folder"
        )
    for path in pickles:
        if not path.is_file():
            raise ModelError(
                "a shard of the weights is missing", where=str(path), kept=_KEPT, hint="fetch it again"
            )
    return pickles


def _check_machine(pickles: Sequence[Path], fresh: Path, total: int) -> None:
    """Refuse a torch that is too old, a disk that is too full, and weights that would not fit into memory."""
    there = torch_version()
    number = re.match(r"(\d+)\.(\d+)", there or "")
    if number is None or (int(number[1]), int(number[2])) < LEAST_TORCH:
        least = ".".join(str(part) for part in LEAST_TORCH)
        raise UnsupportedError(
            f"pickles are read by torch {least} or newer, and {f'{there} is installed' if there else 'none is installed'}",
            kept=_KEPT,
            hint=f"pip install --upgrade 'kamishibai[models]' 'torch>={least}'",
        )
    free = shutil.disk_usage(fresh).free
    if free < total + RESERVE:
        raise StoreError(
            f"no room: {total:,} bytes are to be written and {free:,} are free",
            where=str(fresh.parent),
            kept=_KEPT,
            hint="free some space, or name a folder on another disk",
        )
    need = max(path.stat().st_size for path in pickles) // 1_000_000 + BESIDES_MB
    _, memory = main_memory_mb()
    if memory and memory < need:
        raise ModelError(
            f"converting it takes about {need:,} MB of main memory, and {memory:,} MB are free",
            kept=_KEPT,
            hint="close programs and type the same command again",
        )


def _run(source: Path, target: Path, sha256: str, still: Callable[[int], None]) -> None:
    """Convert one pickle in a process of its own; `still` is told the bytes written so far, and stops it by raising."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TORCH_FORCE_")}
    with tempfile.TemporaryDirectory(prefix="kamishibai-convert-") as empty:
        process = subprocess.Popen(
            # An empty folder: `-c` looks for modules in the one it works in.
            [sys.executable, "-c", _CHILD, str(source), str(target), sha256],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=empty, env=environment, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        told: list[str] = ["", ""]
        readers = [
            threading.Thread(target=_drain, args=(stream, told, place))
            for place, stream in enumerate((process.stdout, process.stderr))
        ]
        for reader in readers:
            reader.start()
        try:
            while True:
                still(target.stat().st_size if target.exists() else 0)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_WATCH_S)
                    break
        finally:
            process.kill()
            process.wait()
            for reader in readers:
                reader.join()
    if process.returncode:
        raise _refused(source, target, process.returncode, told)


def _drain(stream: Any, told: list[str], place: int) -> None:
    with stream:
        told[place] = stream.read()


def _refused(source: Path, target: Path, code: int, told: Sequence[str]) -> ModelError | StoreError:
    """Return the error for a process that did not convert `source`."""
    said: dict[str, Any] = {}
    for line in told[0].splitlines():
        with suppress(ValueError):
            said.update(cast("dict[str, Any]", json.loads(line)))
    if "errno" in said:
        return _no_room(OSError(said["errno"], said["trouble"]), target, source.stat().st_size)
    last = next((line for line in reversed(told[1].splitlines()) if line.strip()), "")[:300]
    why = (
        said.get("refused")
        or said.get("caught")
        or (
            f"the process that read it was ended by signal {-code}, as for want of memory"
            if code < 0
            else f"the process that read it failed: {last or code}"
        )
    )
    return ModelError(
        f"this pickle is not converted: {why}",
        where=str(source),
        kept=_KEPT + ", and none of its code ran" if "refused" in said else _KEPT,
        hint="look for a repo or a revision with safetensors, or ask its makers for them",
    )


def _no_room(error: OSError, path: Path, size: int) -> StoreError:
    full = download.no_room(error, path, size)
    return StoreError(
        full.what, where=str(path), kept=_KEPT, hint="free some space and type the same command again"
    )


def _names_in(path: Path) -> list[str]:
    from kamishibai.weights.safe import read_header

    return list(read_header(path).tensors)


def _write_index(fresh: Path, written: dict[str, list[str]]) -> None:
    """Write the list that says which shard holds which tensor, as `save_pretrained` does."""
    mapping = {name: shard for shard, names in written.items() for name in names}
    total = sum((fresh / shard).stat().st_size for shard in written)
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(mapping.items()))}
    (fresh / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
