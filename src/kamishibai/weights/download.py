"""Brings one file from the hub into the shared cache: goes on where it was cut, and checks every byte before it is used."""

from __future__ import annotations

import errno
import hashlib
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from kamishibai.errors import BusyProjectError, DamagedError, KamishibaiError, StoreError
from kamishibai.weights.hub import TIMEOUT_S, HubFile, endpoint, file_url, library, told
from kamishibai.weights.places import hub_cache, repo_folder

__all__ = ["Arrived", "alone", "blob_path", "fetch", "is_whole", "matches", "no_room", "partial_path"]

Arrived = Callable[[int], None]
"""Told how many bytes came in since it was last told (negative when some were thrown away); raises to stop."""
PIECE = 1 << 20
PATIENCE = 5
"""How often in a row a connection may break before a single byte came."""
WAIT_S = 1.0
"""Before the first new attempt; doubled for each that brought nothing."""


def blob_path(repo: str, file: HubFile) -> Path:
    """Return where the cache keeps the content of `file`."""
    return repo_folder(repo) / "blobs" / file.etag


def partial_path(repo: str, file: HubFile) -> Path:
    """Return where the beginning of a file waits for the rest; the hub's own tools know the name."""
    return repo_folder(repo) / "blobs" / f"{file.etag}.incomplete"


def is_whole(repo: str, commit: str, file: HubFile) -> bool:
    """Say whether the content of `file` is in the cache, by its name and size.

    Where there are no links (Windows without developer mode), it lies in the snapshot itself.
    """
    for path in (blob_path(repo, file), _snapshot_path(repo, commit, file)):
        with suppress(OSError):
            if path.stat().st_size == file.size:
                return True
    return False


def _snapshot_path(repo: str, commit: str, file: HubFile) -> Path:
    return repo_folder(repo) / "snapshots" / commit / file.name


def matches(path: Path, file: HubFile, arrived: Arrived | None = None) -> bool:
    """Say whether the bytes at `path` are those the hub has, by SHA-256 or by git's own hash.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    digest = _hash_for(file)
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
            if arrived is not None:
                arrived(len(piece))
    return str(digest.hexdigest()) == file.etag


def _hash_for(file: HubFile) -> Any:
    if file.sha256:
        return hashlib.sha256()
    # Git's name of a blob is the hash of its kind, its length and its content.
    return hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)


@contextmanager
def alone(repo: str) -> Iterator[None]:
    """Keep other downloads of the same repo by Kamishibai waiting outside.

    Raises
    ------
    BusyProjectError
        When one is under way.
    StoreError
        When the cache cannot be written.
    """
    folder = hub_cache() / ".locks" / repo_folder(repo).name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "kamishibai.lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BusyProjectError(
            f"another process is downloading {repo}", where=str(folder), hint="wait until it is done"
        ) from error
    except OSError as error:
        raise no_room(error, folder, 0) from error
    try:
        yield
    finally:
        lock.release()


def fetch(repo: str, commit: str, file: HubFile, arrived: Arrived) -> Path:
    """Bring `file` into the cache and return the path that pipelines load it by.

    What is there already is not fetched; what was begun goes on. Nothing takes its place in the cache before its
    hash is the hub's.

    Raises
    ------
    DamagedError
        When the bytes are not those the hub announced, twice.
    StoreError
        When the disk is full or cannot be written.
    UnknownModelError
        When the hub cannot be reached or does not give the file.
    Cancelled
        When `arrived` raises it.
    """
    blob = blob_path(repo, file)
    try:
        if not is_whole(repo, commit, file):
            blob.parent.mkdir(parents=True, exist_ok=True)
            partial = partial_path(repo, file)
            _download(repo, commit, file, partial, arrived)
            partial.replace(blob)
        return _pointer(repo, commit, file)
    except KamishibaiError:
        raise
    except OSError as error:
        raise no_room(error, blob, file.size) from error


def _download(repo: str, commit: str, file: HubFile, partial: Path, arrived: Arrived) -> None:
    """Fill `partial` to its full size and check it; a beginning that proves wrong is fetched anew once."""
    for attempt in (1, 2):
        resumed = partial.is_file() and partial.stat().st_size > 0
        with partial.open("ab") as stream:
            _fill(repo, commit, file, stream, arrived)
        if partial.stat().st_size == file.size and matches(partial, file):
            return
        arrived(-partial.stat().st_size)
        partial.unlink()
        if attempt == 1 and resumed:
            continue  # the fault may lie in what an earlier attempt had left
        break
    raise DamagedError(
        f"what came for {file.name} is not what the hub announced: its hash differs",
        where=f"{endpoint()}/{repo}",
        kept="the other files; the wrong one is thrown away",
        hint="type the same command again; if it stays so, a proxy changes downloads or the hub's file is broken",
    )


def _fill(repo: str, commit: str, file: HubFile, stream: BinaryIO, arrived: Arrived) -> None:
    """Append to `stream` until it holds `file.size` bytes, over as many connections as that takes."""
    hub = library()
    url = file_url(repo, commit, file.name)
    transport: Any = hub.errors.HfHubHTTPError.__bases__[0]  # HTTPError of httpx or of its successor
    fruitless = 0
    while (start := stream.seek(0, 2)) < file.size or file.size == 0:
        try:
            _receive(hub, url, start, file, stream, arrived)
            if file.size == 0:
                return
            if stream.tell() > start:
                fruitless = 0
                continue
            error: Exception = ConnectionError("the connection ended early")
        except hub.errors.HfHubHTTPError as refused:
            code = refused.response.status_code
            if code == 416:
                stream.truncate(0)  # what is here is longer than the file: begin anew
                arrived(-start)
            elif code not in (408, 429) and code < 500:
                raise told(refused, repo, commit) from refused
            error = refused
        except (transport, ConnectionError, TimeoutError) as broken:
            error = broken
        stream.flush()
        fruitless = fruitless + 1 if stream.seek(0, 2) <= start else 0
        if fruitless >= PATIENCE:
            raise told(error, repo, commit) from error
        if fruitless:
            time.sleep(WAIT_S * 2 ** (fruitless - 1) * random.uniform(0.75, 1.25))


def _receive(hub: Any, url: str, start: int, file: HubFile, stream: BinaryIO, arrived: Arrived) -> None:
    """Write one answer of the hub to `stream`, from byte `start` on; it may end early."""
    # Compressed bytes could not be counted from the middle.
    headers = {**hub.utils.build_hf_headers(), "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    session = hub.utils.get_session()
    with session.stream("GET", url, headers=headers, timeout=TIMEOUT_S, follow_redirects=True) as response:
        hub.utils.hf_raise_for_status(response)
        if start and response.status_code != 206:
            stream.truncate(0)  # the server sends the whole file again
            stream.seek(0)
            arrived(-start)
            start = 0
        for piece in response.iter_bytes():  # as they come: gathered pieces would be lost with the connection
            if start + len(piece) > file.size:
                raise DamagedError(
                    f"the hub sends more than the {file.size:,} bytes it announced for {file.name}",
                    where=url,
                    hint="type the same command again later",
                )
            stream.write(piece)
            start += len(piece)
            arrived(len(piece))
    stream.flush()


def _pointer(repo: str, commit: str, file: HubFile) -> Path:
    """Have the hub's library put the name of a file in place, in its own layout: a link to the blob."""
    hub = library()
    path = _snapshot_path(repo, commit, file)
    if path.exists():
        return path
    if not hub.file_download.are_symlinks_supported(hub_cache()):
        # The library would copy, and ten gigabytes would lie here twice.
        path.parent.mkdir(parents=True, exist_ok=True)
        blob_path(repo, file).replace(path)
        return path
    try:
        found = hub.hf_hub_download(
            repo, file.name, revision=commit, cache_dir=hub_cache(), endpoint=endpoint()
        )
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise told(error, repo, commit) from error
    except Exception as error:
        raise told(error, repo, commit) from error
    return Path(found)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def no_room(error: OSError, path: Path, size: int) -> StoreError:
    """Return the error for a cache that `size` bytes could not be written to."""
    full = error.errno in _FULL
    return StoreError(
        f"no room left for {size:,} bytes" if full else f"cannot write: {error.strerror or error}",
        where=str(path),
        kept="what was downloaded; it is not fetched again",
        hint="free some space and type the same command again"
        if full
        else "check the folder's permissions, or name another cache in HF_HOME",
    )
