"""Kamishibai: a short story goes in, a narrated, illustrated, animated, scored and captioned film comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kamishibai.version import __version__

if TYPE_CHECKING:
    from kamishibai.errors import KamishibaiError
    from kamishibai.settings import Settings
    from kamishibai.studio import FilmFiles, Studio

__all__ = ["FilmFiles", "KamishibaiError", "Settings", "Studio", "__version__"]

_HOMES = {
    "FilmFiles": "kamishibai.studio",
    "KamishibaiError": "kamishibai.errors",
    "Settings": "kamishibai.settings",
    "Studio": "kamishibai.studio",
}


def __getattr__(name: str) -> Any:
    # `kamishibai --help` must not pay for the engine, so the public names load on first use.
    if name not in _HOMES:
        raise AttributeError(f"module 'kamishibai' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
