"""The errors that Kamishibai raises, each saying what happened, where, what was kept and what to type next."""

from __future__ import annotations

__all__ = [
    "BusyProjectError",
    "Cancelled",
    "DamagedError",
    "DocumentError",
    "FailedGateError",
    "KamishibaiError",
    "MediaError",
    "ModelError",
    "StoreError",
    "UnknownModelError",
    "UnsupportedError",
    "UsageError",
]


class KamishibaiError(Exception):
    """Base of every error that a user can cause or mend.

    Parameters
    ----------
    what
        One sentence: what went wrong.
    where
        File, line, scene or field it happened at, when there is one.
    kept
        What of the user's work is safe, when that is in doubt.
    hint
        The next thing to type or to change.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        kept: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.kept = kept
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes send errors home by pickle, which would drop the keyword-only fields.
        return (_rebuild, (type(self), self.what, self.where, self.kept, self.hint))

    def __str__(self) -> str:
        lines = [self.what if self.where is None else f"{self.where}: {self.what}"]
        if self.kept:
            lines.append(f"Kept: {self.kept}")
        if self.hint:
            lines.append(f"Next: {self.hint}")
        return "\n".join(lines)


def _rebuild(
    cls: type[KamishibaiError], what: str, where: str | None, kept: str | None, hint: str | None
) -> KamishibaiError:
    return cls(what, where=where, kept=kept, hint=hint)


class UsageError(KamishibaiError, ValueError):
    """A command, option or setting that cannot be right."""

    exit_code = 2


class DocumentError(KamishibaiError, ValueError):
    """A story, storyboard or settings file that cannot be read as one."""

    exit_code = 65


class UnknownModelError(KamishibaiError, LookupError):
    """An id that names no model, or a back-end whose packages are not installed."""

    exit_code = 69


class UnsupportedError(KamishibaiError, ValueError):
    """An ask that sets something the chosen model does not do."""

    exit_code = 69


class ModelError(KamishibaiError, RuntimeError):
    """A model that failed on a valid ask."""

    exit_code = 70


class MediaError(KamishibaiError, OSError):
    """A picture, sound or film file that cannot be read or written."""

    exit_code = 74


class StoreError(KamishibaiError, OSError):
    """The content store cannot keep or give back what it should."""

    exit_code = 74


class DamagedError(StoreError):
    """Stored bytes were missing or did not have their digest; they are set aside and can be made again."""


class BusyProjectError(KamishibaiError, RuntimeError):
    """Another process is writing to this project."""

    exit_code = 75


class FailedGateError(KamishibaiError, RuntimeError):
    """A measured result that stayed short of its gate where settings forbid that."""

    exit_code = 76


class Cancelled(KamishibaiError):
    """The user asked to stop."""

    exit_code = 130
