"""The hub: what a repo holds at a revision, asked before any download, and its answers told as errors of ours."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError, UnsupportedError, UsageError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = [
    "Holdings", "HubFile", "endpoint", "file_url", "is_offline", "keep_offline", "library", "read_small", "told", "what_it_holds",
]  # fmt: skip

HOME = "https://huggingface.co"
LIBRARY = "pip install 'kamishibai[models]'"
TIMEOUT_S = 20.0
"""How long the hub may take to answer, or to send nothing in the middle of a file."""
SMALL = 1 << 20
"""Bytes: what is read before the user has agreed to a download is shorter than this."""
_TRUE = {"1", "ON", "YES", "TRUE"}


class HubFile(Frozen):
    """One file of a repo, as the hub describes it."""

    name: str
    """Path inside the repo, with forward slashes."""
    size: int
    """Bytes."""
    sha256: str = ""
    """Of the content; empty for small files, which git holds itself."""
    blob_id: str = ""
    """Git's own hash of what git holds: the content of a small file, a pointer for a large one."""

    @property
    def etag(self) -> str:
        """The name of its blob in the cache."""
        return self.sha256 or self.blob_id


class Holdings(Frozen):
    """A repo at one commit."""

    repo: str
    revision: str
    """What was asked for: a branch, a tag or a commit."""
    commit: str
    files: tuple[HubFile, ...]
    licence: str = ""
    """What its card says, as the hub spells it; empty when it says nothing."""
    gated: bool = False

    def file(self, name: str) -> HubFile | None:
        """Return the file of that name, if there is one."""
        return next((file for file in self.files if file.name == name), None)


def is_offline(setting: bool = False) -> bool:
    """Say whether the network must not be touched: by our setting, or by what the hub's own tools listen to."""
    names = ("KAMISHIBAI_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return setting or any(os.environ.get(name, "").upper() in _TRUE for name in names)


def keep_offline() -> None:
    """Close the door for the hub's library too, in this process and those it starts; what is pulled still loads."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    loaded = sys.modules.get("huggingface_hub.constants")
    if loaded is not None:
        loaded.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]


def endpoint() -> str:
    """Return the hub's address: ``$HF_ENDPOINT``, or the public one."""
    return (os.environ.get("HF_ENDPOINT") or HOME).rstrip("/")


def library() -> Any:
    """Return the package that talks to the hub. Raises UnknownModelError with what to install."""
    # Its telemetry and its bars are not asked for; both are read when it is imported.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        import huggingface_hub
    except ImportError as error:
        raise UnknownModelError(
            "weights come by a package that is not installed, huggingface_hub", hint=LIBRARY
        ) from error
    return huggingface_hub


def what_it_holds(repo: str, revision: str, *, offline: bool = False) -> Holdings:
    """Ask the hub which files `repo` has at `revision`, with their sizes and hashes.

    Raises
    ------
    UnsupportedError
        When working offline.
    UnknownModelError
        When there is no such repo or revision, its terms were not agreed to, or the hub cannot be reached.
    """
    if is_offline(offline):
        raise UnsupportedError(
            f"working offline: nothing is asked of the hub about {repo}",
            hint="leave out --offline and unset KAMISHIBAI_OFFLINE and HF_HUB_OFFLINE to download",
        )
    api: HfApi = library().HfApi(endpoint=endpoint())
    try:
        info = api.model_info(repo, revision=revision or "main", files_metadata=True, timeout=TIMEOUT_S)
    except Exception as error:
        raise told(error, repo, revision) from error
    files = []
    for sibling in info.siblings or []:
        lfs = sibling.lfs
        files.append(
            HubFile(
                name=_plain_name(sibling.rfilename, repo),
                size=int((lfs.size if lfs else sibling.size) or 0),
                sha256=(lfs.sha256 if lfs else "") or "",
                blob_id=sibling.blob_id or "",
            )
        )
    card: Any = info.card_data or {}
    licence = str(card.get("license") or "")
    if licence in ("", "other"):
        licence = str(card.get("license_name") or licence)
    return Holdings(
        repo=repo,
        revision=revision or "main",
        commit=str(info.sha),
        files=tuple(files),
        licence=licence,
        gated=bool(info.gated),
    )


def _plain_name(name: str, repo: str) -> str:
    """Return a file name of a repo if it stays inside the repo's folder; a hub is not trusted with paths."""
    parts = name.split("/")
    if not name or "\\" in name or "\0" in name or ":" in name or any(p in ("", ".", "..") for p in parts):
        raise ModelError(f"the hub names a file that is no file of a repo: {name!r}", where=repo)
    return name


def file_url(repo: str, commit: str, name: str) -> str:
    """Return the address of one file of a repo."""
    return str(library().hf_hub_url(repo, name, revision=commit, endpoint=endpoint()))


def read_small(repo: str, commit: str, name: str) -> bytes:
    """Return a short file of a repo without keeping it anywhere.

    Raises
    ------
    UnknownModelError, ModelError
        When it cannot be had, or is not short.
    """
    hub = library()
    try:
        headers = {**hub.utils.build_hf_headers(), "Accept-Encoding": "identity"}
        with hub.utils.get_session().stream(
            "GET", file_url(repo, commit, name), headers=headers, timeout=TIMEOUT_S, follow_redirects=True
        ) as response:
            hub.utils.hf_raise_for_status(response)
            data = b""
            for piece in response.iter_bytes(1 << 16):
                data += piece
                if len(data) > SMALL:
                    raise ModelError(f"{name} is longer than such a file can be", where=repo)
    except KamishibaiError:
        raise
    except Exception as error:
        raise told(error, repo, commit) from error
    return data


def told(error: Exception, repo: str, revision: str = "") -> KamishibaiError:
    """Return the error of ours for what the hub's library raised."""
    from huggingface_hub import errors

    code = getattr(getattr(error, "response", None), "status_code", None)
    web = f"{endpoint()}/{repo}"
    if isinstance(error, errors.OfflineModeIsEnabled):
        return UnsupportedError(
            "working offline: the hub is not asked", where=repo, hint="unset HF_HUB_OFFLINE to download"
        )
    if isinstance(error, errors.GatedRepoError) or code == 403:
        return UnknownModelError(
            f"{repo} is given only to those who agreed to its terms",
            where=web,
            hint=f"agree on {web}, then type `hf auth login` and the same command again",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return UnknownModelError(
            f"{repo} has no revision {revision!r}",
            where=web,
            hint="a revision is a branch, a tag or a whole commit; leave out --revision for the tested one",
        )
    if isinstance(error, errors.RepositoryNotFoundError) or code in (401, 404):
        return UnknownModelError(
            f"the hub knows no repo {repo!r}, or does not show it to you"
            if code != 401
            else f"the hub wants to know who you are before it shows {repo!r}, if there is such a repo",
            where=web,
            hint="check the spelling; for a private or gated repo type `hf auth login` first",
        )
    if isinstance(error, errors.HFValidationError):
        return UsageError(str(error), where=repo)
    if code == 429:
        return UnknownModelError(
            "the hub asks for patience: too many requests",
            where=web,
            hint="wait a few minutes, or `hf auth login`, and type the same command again: it goes on from here",
        )
    if code is not None:
        return UnknownModelError(
            f"the hub answered {code} for {repo}",
            where=web,
            hint="type the same command again later: it goes on from here",
        )
    return UnknownModelError(
        f"the hub cannot be reached: {type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no answer'}",
        where=endpoint(),
        hint="check the connection and type the same command again: it goes on from here",
    )
