"""Reads a voice recording of any length and format in flat memory: mono 48 kHz pieces, cut at pauses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from kamishibai.errors import MediaError
from kamishibai.media.loudness import FORMATS, decode_sound
from kamishibai.media.sound import RATE_HZ
from kamishibai.media.stretches import FRAME_S, levels, quietest

__all__ = ["LONGEST_S", "pieces", "stated_seconds"]

LONGEST_S = 2 * 60 * 60
"""The longest recording: at 150 words a minute it is more than a film of 500 scenes holds."""
_LOUDEST = 100.0
"""No sound file is 40 dB over full scale: such samples are other data."""
_FULL = 0.6
_STEP = round(FRAME_S * RATE_HZ)

Mono = npt.NDArray[np.float32]


def stated_seconds(path: Path) -> float | None:
    """Return how long the file says it is; None when it does not, or cannot be opened."""
    try:
        with av.open(
            f"file:{path}", options={"format_whitelist": FORMATS, "protocol_whitelist": "file"}
        ) as found:
            return None if found.duration is None else found.duration / av.time_base
    except (av.FFmpegError, OSError, ValueError):
        return None


def pieces(path: Path, longest_s: float) -> Iterator[tuple[int, Mono]]:
    """Yield (first sample, mono sound at 48 kHz) of consecutive pieces, none over `longest_s`, cut at pauses.

    Raises
    ------
    MediaError
        When the file cannot be read as sound, holds samples that are no numbers, or is too long.
    """
    longest = round(longest_s * RATE_HZ)
    waiting: list[Mono] = []
    held = at = 0
    for block in decode_sound(path, layout="mono"):
        mono: Mono = block[0]
        _refuse_other_data(mono, at + held, path)
        waiting.append(mono)
        held += len(mono)
        if at + held > LONGEST_S * RATE_HZ:
            raise MediaError(
                f"the recording is longer than {LONGEST_S // 3600} hours, which is the most",
                where=str(path),
                hint="cut it into several films, a chapter each",
            )
        while held > longest:
            sound = np.concatenate(waiting)
            power = levels(sound[:longest], RATE_HZ)
            cut = quietest(power, round(_FULL * longest) // _STEP, longest // _STEP) * _STEP
            yield at, sound[:cut]
            waiting = [sound[cut:]]
            at, held = at + cut, held - cut
    if held:
        yield at, np.concatenate(waiting)


def _refuse_other_data(mono: Mono, at: int, path: Path) -> None:
    if len(mono) and not (float(np.max(np.abs(mono))) <= _LOUDEST):  # false for NaN too
        seconds = at / RATE_HZ
        raise MediaError(
            f"the recording holds samples that are no sound, at about {int(seconds // 60)}:{seconds % 60:04.1f}",
            where=str(path),
            hint="export it again, as 16 or 24 bit",
        )
