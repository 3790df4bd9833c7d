"""Whether weights in the cache are still what the hub has: every byte is read, and what is damaged is fetched again."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError, UnknownModelError, UnsupportedError
from kamishibai.weights import converted, download
from kamishibai.weights.digests import read_digest
from kamishibai.weights.hub import HubFile, what_it_holds
from kamishibai.weights.offers import repo_of
from kamishibai.weights.places import hub_cache
from kamishibai.weights.safe import read_header
from kamishibai.weights.shelf import Shelved, files_in, shelf, size_of

__all__ = ["Finding", "repair", "verify"]


class Finding(Frozen):
    """What a check found about one file."""

    repo: str
    commit: str
    file: str
    """Path inside the repo."""
    path: Path
    size: int
    state: Literal["sound", "damaged", "gone", "unknown"]
    """``unknown``: it is no file that a pull left, so there is no hash to compare with."""
    why: str = ""
    converted: bool = False
    """It was made on this machine, and is compared with what was made then."""


_HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


def verify(
    name: str | None = None, report: Callable[[str, int, int], None] = lambda file, done, total: None
) -> list[Finding]:
    """Read every file of a model, or of the whole shelf, and compare it with the hash it had on the hub.

    Parameters
    ----------
    report
        Told the file in hand, the bytes read and the bytes there are; raises Cancelled to stop.

    Raises
    ------
    UnknownModelError
        When nothing of that name is in the cache.
    """
    wanted = _wanted(name)
    files = [(one, path) for one in wanted for path in files_in(one.path)]
    total = sum(size_of(path) for path in {_blob(path) for _, path in files})
    done = 0
    found = []
    judged: dict[Path, tuple[str, str]] = {}  # two commits may share a blob
    for one, path in files:

        def arrived(count: int, path: Path = path) -> None:
            nonlocal done
            done += count
            report(path.name, min(done, total), total)

        blob = _blob(path)
        if blob not in judged:
            judged[blob] = _judge_converted(one, blob, arrived) if one.converted else _judge(blob, arrived)
        state, why = judged[blob]
        found.append(
            Finding(
                repo=one.repo,
                commit=one.commit,
                file=path.relative_to(one.path).as_posix(),
                path=path,
                size=size_of(path),
                state=state,  # type: ignore[arg-type]
                why=why,
                converted=one.converted,
            )
        )
    return found


def _wanted(name: str | None) -> list[Shelved]:
    models = shelf().models
    if name is None:
        return list(models)
    repo, revision, known = repo_of(name)
    mine = [one for one in models if one.repo == repo]
    if known is None and "@" in name:
        mine = [one for one in mine if revision in (one.commit, *one.revisions)]
    if not mine:
        raise UnknownModelError(
            f"nothing of {name!r} is on this machine",
            where=str(hub_cache()),
            hint=f"`kamishibai models pull {name}` fetches it",
        )
    return mine


def _blob(path: Path) -> Path:
    """Return what a file of a snapshot links to: its blob, whose name is its hash, itself perhaps a link to a store."""
    if not path.is_symlink():
        return path
    return Path(os.path.normpath(path.parent / os.readlink(path)))  # noqa: PTH115


def _judge(real: Path, arrived: Callable[[int], None]) -> tuple[str, str]:
    """Return state and reason of one blob, by the hash that is its name."""
    if not real.is_file():
        return "gone", "the file behind the link is not there"
    try:
        if not (real.parent.name == "blobs" and _HASH.fullmatch(real.name)):
            if real.suffix == ".safetensors":
                read_header(real)
            return "unknown", "it lies here without its hash"
        size = real.stat().st_size
        sha256 = real.name if len(real.name) == 64 else ""
        file = HubFile(name=real.name, size=size, sha256=sha256, blob_id="" if sha256 else real.name)
        if not download.matches(real, file, arrived):
            return "damaged", "its content is not what the hub has under this hash"
    except KamishibaiError as error:
        return "damaged", error.what
    except OSError as error:
        return "damaged", f"it cannot be read: {error.strerror or error}"
    return "sound", ""


def _judge_converted(one: Shelved, path: Path, arrived: Callable[[int], None]) -> tuple[str, str]:
    """Return state and reason of one converted file, by the hash that was written down when it was made."""
    made = converted.record(one.repo, one.commit)
    name = path.relative_to(one.path).as_posix()
    try:
        if made is None or name not in made.files:
            return "unknown", "it lies here without its hash"
        if read_digest(path) != made.files[name]:
            return "damaged", "its content is not what it was converted to"
        arrived(path.stat().st_size)
    except OSError as error:
        return "damaged", f"it cannot be read: {error.strerror or error}"
    return "sound", ""


def repair(
    findings: Iterable[Finding],
    report: Callable[[str, int, int], None] = lambda file, done, total: None,
    *,
    offline: bool = False,
) -> list[Finding]:
    """Fetch what is damaged or gone again, at the same commit; return what was mended.

    Raises
    ------
    KamishibaiError
        When the hub cannot be asked, or no longer has the file.
    """
    broken = [one for one in findings if one.state in ("damaged", "gone")]
    for one in broken:
        if converted.place_of(one.repo, one.commit) in one.path.parents:
            raise UnsupportedError(
                f"{one.file} was converted on this machine, and the hub has no copy of it",
                where=str(one.path),
                hint=f"`kamishibai models rm {one.repo}`, then `kamishibai models pull {one.repo}@{one.commit} --convert`",
            )
    held: dict[tuple[str, str], dict[str, HubFile]] = {}
    for one in broken:
        at = (one.repo, one.commit)
        if at not in held:
            held[at] = {file.name: file for file in what_it_holds(*at, offline=offline).files}
        if one.file not in held[at]:
            raise UnknownModelError(
                f"the hub no longer has {one.file}",
                where=f"{one.repo}@{one.commit}",
                hint=f"`kamishibai models rm {one.repo}`, then `kamishibai models pull {one.repo}`",
            )
    total = sum(held[one.repo, one.commit][one.file].size for one in broken)
    done = 0
    for one in broken:

        def arrived(count: int, name: str = one.file) -> None:
            nonlocal done
            done += count
            report(name, min(max(done, 0), total), total)

        with download.alone(one.repo):
            real = one.path.resolve()
            if hub_cache().resolve() in real.parents:  # a link that leads elsewhere is cut, not followed
                real.unlink(missing_ok=True)
            one.path.unlink(missing_ok=True)
            download.fetch(one.repo, one.commit, held[one.repo, one.commit][one.file], arrived)
    return broken
