"""music:file: the user's own music, looped and faded to the film's length."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Music
from kamishibai.errors import MediaError, UnknownModelError, UsageError
from kamishibai.media.filters import amplitude
from kamishibai.media.joining import find_loop, looped, sounding
from kamishibai.media.loudness import decode_sound
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.media.tape import Tape
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Act, Compose
from kamishibai.models.music.finishing import Reel, fade_in, fade_out, level, measured, reel
from kamishibai.weights.digests import read_digest
from kamishibai.weights.licences import licence_named

__all__ = ["MusicFile"]

MOST_BYTES = 500_000_000
SHORTEST_S = 1.0
OWN = "own"
_HEARD = amplitude(-60.0)
"""What lies below is taken for silence before the music."""
_SEARCH = 12 * RATE_HZ
"""How far before the end of the file a loop may close; a third of it at the most."""
_PIECE = 10 * RATE_HZ


class MusicFile(Model[Compose, Music]):
    """Plays the user's own file: its silent ends cut, looped where it comes round best, faded, at the usual loudness."""

    id: ClassVar[str] = "music:file"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Compose
    varies: ClassVar[bool] = False

    class Options(Model.Options):
        """How it is laid under the film, and by which right."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"licence", "credit"})

        start_s: float = Field(default=0.0, ge=0, le=36_000)
        """Where in the file to begin, in seconds."""
        crossfade_s: float = Field(default=2.0, ge=0.05, le=10)
        """How long its end passes into its beginning where it is looped."""
        fade_in_s: float = Field(default=0.3, ge=0.01, le=30)
        """How long it comes up from silence."""
        fade_out_s: float = Field(default=3.0, ge=0.05, le=60)
        """How long it goes back to silence at the end."""
        licence: str = Field(default="", max_length=100)
        """What the music is under: ``own`` for your own work, else a name such as ``cc-by-4.0``; empty: not known."""
        credit: str = Field(default="", max_length=500)
        """The credit that is due in the film, if any."""

    options: Options

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return that the terms are those of the file; `terms` has what the user says of them."""
        return (Licence(name="of the file in use", commercial=False),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine: the music of a film of five minutes is held twice."""
        return Needs(memory_mb=500)

    def terms(self) -> tuple[Licence, ...]:
        """Return what the user says of the file's rights: nothing is taken for granted."""
        said = self.options.licence.strip()
        if said.lower() == OWN:
            own = Licence(
                name="the user's own work",
                commercial=True,
                attribution=self.options.credit,
                source=self.variant,
            )
            return (own,)
        known = licence_named(said, self.variant)
        return (known.model_copy(update={"attribution": self.options.credit}),)

    def settle(self, ask: Compose) -> Compose:
        """Return `ask` without what the file does not listen to: moods and seed."""
        whole = Act(start=Fraction(0), end=ask.seconds, mood="calm")
        return ask.model_copy(update={"acts": (whole,), "seed": 0})

    def _path(self) -> Path:
        if not self.variant:
            raise UsageError("music:file plays a file, and none is named", hint="--music song.mp3")
        path = Path(self.variant).expanduser()
        try:
            there, folder = path.is_file(), path.is_dir()
            size = path.stat().st_size if there else 0
        except (OSError, ValueError) as error:
            raise MediaError(
                f"cannot be read: {error}", where=self.variant[:300], hint="check the path"
            ) from error
        if not there:
            raise UnknownModelError(
                "this is a folder, and music is one file" if folder else "there is no such music file",
                where=self.variant[:300],
                hint="check the path; `~` is your home folder, other paths count from here: "
                + str(Path.cwd()),
            )
        if size > MOST_BYTES:
            raise MediaError(
                f"the file has {size // 1_000_000:,} MB, more than the {MOST_BYTES // 1_000_000} MB that are read",
                where=str(path),
                hint="save it as MP3, Ogg or FLAC, or cut it",
            )
        return path

    def weights(self) -> str:
        """Return the hash of the file. Raises for one that is missing, too large, or no sound."""
        path = self._path()
        try:
            next(decode_sound(path), None)
            return read_digest(path)
        except OSError as error:  # a MediaError is one, and says it better
            if isinstance(error, MediaError):
                raise _hinted(error) from error
            raise MediaError(
                f"cannot be read: {error.strerror or error}",
                where=str(path),
                hint="check that you may read it",
            ) from error

    def run(self, asks: Sequence[Compose], desk: Desk) -> list[Music]:
        """Answer every ask, in order. Raises MediaError for a file that is silent, damaged or too short."""
        return [self._play(ask, desk) for ask in asks]

    def _play(self, ask: Compose, desk: Desk) -> Music:
        path = self._path()
        with reel(ask.seconds + 1, desk) as source, reel(ask.seconds, desk) as made:
            self._read(path, source, desk)
            _, end = sounding(source.out, source.at)
            seconds = end / RATE_HZ
            if seconds < SHORTEST_S:
                raise MediaError(
                    f"{seconds:.2f} s of it are heard, which is too short for music"
                    if end
                    else "nothing is heard in it",
                    where=str(path),
                    hint="give at least a second of sound; the option start_s says where to begin",
                )
            notes = self._lay(source.out, end, made)
            desk.progress(0.7, "looped" if notes else "laid under the film")
            fade_in(made.out, self.options.fade_in_s)
            fade_out(made.out, self.options.fade_out_s)
            level(made.out, measured(made.out))
            sound = made.keep()
        desk.progress(1.0)
        return Music(sound=sound, seconds=ask.seconds, notes=notes)

    def _read(self, path: Path, source: Reel, desk: Desk) -> None:
        """Write the file from where it is to begin into `source`, without silence before it, until that is full."""
        skip = round(self.options.start_s * RATE_HZ)
        heard = False
        try:
            for piece in decode_sound(path):
                piece, skip = piece[:, skip:], max(0, skip - piece.shape[1])
                if not np.isfinite(piece).all():
                    raise MediaError("its samples are no numbers", where=str(path))
                if not heard:
                    loud = np.flatnonzero(np.abs(piece).max(axis=0, initial=0.0) > _HEARD)
                    piece, heard = piece[:, loud[0] if loud.size else piece.shape[1] :], bool(loud.size)
                source.write(piece)
                if source.left <= 0:
                    break
                desk.progress(0.5 * source.at / source.out.shape[1], "reading")
        except MediaError as error:
            raise _hinted(error) from error

    def _lay(self, source: Samples | Tape, end: int, made: Reel) -> str:
        """Fill `made` from the first `end` samples of `source`; return how, in words, where it was looped."""
        n = made.out.shape[1]
        if end >= n:
            for first in range(0, n, _PIECE):
                made.write(source[:, first : min(first + _PIECE, n)])
            return ""
        fade = min(round(self.options.crossfade_s * RATE_HZ), end // 4)
        loop = find_loop(source, end, fade, search=min(end // 3, _SEARCH))
        for piece in looped(source, loop, n):
            made.write(piece)
        return f"comes round every {loop.period / RATE_HZ:.2f} s"


def _hinted(error: MediaError) -> MediaError:
    error.hint = error.hint or "give a sound file: MP3, WAV, FLAC, Ogg, M4A"
    return error
