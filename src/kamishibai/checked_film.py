"""A finished film as a file: its pictures as they go by, its captions, and what is heard in it, in flat memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kamishibai.documents.film import Caption
from kamishibai.documents.takes import Word
from kamishibai.errors import MediaError
from kamishibai.exports.read_captions import captions_of, read_captions, stamped_words
from kamishibai.gates.alignment import stamp_onsets
from kamishibai.gates.captions import judge_captions
from kamishibai.gates.footage import footage, judge_footage
from kamishibai.gates.still import judge_still, still_facts
from kamishibai.gates.verdict import Verdict
from kamishibai.media.film import FilmFacts, moving_pictures, soft_captions
from kamishibai.media.recording import pieces, stated_seconds
from kamishibai.media.sound import RATE_HZ, encode_wav
from kamishibai.models import registry
from kamishibai.models.kinds import Listen
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.models_chosen import Chosen
from kamishibai.work.desk import StoreDesk
from kamishibai.work.events import Event, Listener
from kamishibai.work.store import Store

__all__ = [
    "Subtitles", "find_captions", "hear_film", "judge_heard_captions", "judge_pictures", "judge_sampled_stills",
    "lines_of_captions", "stretches_of",
]  # fmt: skip

WHOLE_S = 600.0
"""Films up to this long are watched frame by frame."""
SAMPLES, SAMPLE_S = 60, 8.0
"""Of longer ones so many stretches of that length, spread evenly."""
STILLS = 24
"""Single frames that are looked at as pictures."""
WIDTH_PX, STILL_PX = 160, 512
PIECE_S = 27.5
"""As long as an ear's window."""
BESIDE = (".vtt", ".srt")
_NOT_SAID = re.compile(r"\[[^\]]*\]|\([^)]*\)|♪[^♪]*♪?|^\s*-\s*|^\s*[A-Z][A-Z .']{1,30}:\s", re.M)
"""Sounds in brackets, songs, dashes and names of speakers: seen in captions and never said."""


@dataclass(frozen=True)
class Subtitles:
    """A film's captions and where they were found."""

    captions: tuple[Caption, ...]
    source: str


def find_captions(film: Path) -> Subtitles | None:
    """Return the captions that lie beside a film (``.vtt``, then ``.srt``), or its own track of them.

    Raises
    ------
    MediaError
        When a caption file beside it cannot be read as one.
    """
    for suffix in BESIDE:
        path = film.with_suffix(suffix)
        if not path.is_file():
            continue
        try:
            found = read_captions(path.read_bytes().decode("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise MediaError(
                f"the captions cannot be read: {error}", where=str(path), hint="save them as UTF-8 text"
            ) from error
        if not found:
            raise MediaError("there is no caption in this file", where=str(path), hint="remove or mend it")
        return Subtitles(found, path.name)
    own = captions_of(soft_captions(film))
    return Subtitles(own, "its own caption track") if own else None


def lines_of_captions(found: Subtitles) -> list[str]:
    """Return the words of captions that are said, cue by cue."""
    lines = (" ".join(_NOT_SAID.sub(" ", caption.text).split()) for caption in found.captions)
    return [line for line in lines if any(c.isalnum() for c in line)]


def judge_heard_captions(found: Subtitles, heard: Sequence[Word], gates: Gates) -> Verdict:
    """Return the verdict on captions against the words that were heard."""
    onsets = stamp_onsets(stamped_words(found.captions), heard)
    return judge_captions(onsets, gates.limits("captions"), by_ear=True)


def hear_film(
    film: Path, ear: Chosen, language: str | None, scratch: Path, tell: Listener, stop: Callable[[], bool]
) -> tuple[Word, ...]:
    """Return every word that `ear` hears in a film, on its clock; half a minute of sound is in memory at a time.

    Raises
    ------
    MediaError
        When the sound cannot be decoded, or the film is longer than a recording may be.
    """
    assert ear.id is not None
    model = registry.make(ear.id, ear.options)
    model.weights()
    model.load()
    length = stated_seconds(film) or 0.0
    words: list[Word] = []
    try:
        for number, (first, sound) in enumerate(pieces(film, PIECE_S)):
            store = Store(scratch / str(number % 2))
            with StoreDesk(store, stop=stop) as desk:
                ref = desk.save(encode_wav(sound[None, :]), "audio/wav")
                (take,) = model.run([Listen(sound=ref, language=language)], desk)
                desk.path(ref).unlink(missing_ok=True)
            at = Fraction(first, RATE_HZ)
            words += [w.model_copy(update={"start": w.start + at, "end": w.end + at}) for w in take.words]
            if length:
                tell(Event(event="progress", stage="listen", done=min(1.0, float(at) / length)))
    finally:
        model.unload()
    return tuple(words)


def stretches_of(facts: FilmFacts) -> tuple[list[tuple[float, float]] | None, str]:
    """Return which stretches of a film are watched (None: all of it), and how to say so."""
    seconds = float(facts.seconds)
    if seconds <= WHOLE_S:
        return None, ""
    step = seconds / SAMPLES
    stretches = [(i * step, i * step + SAMPLE_S) for i in range(SAMPLES)]
    return stretches, f"longer than 10 minutes: {SAMPLES} stretches of {SAMPLE_S:g} s are watched"


def judge_pictures(
    film: Path, stretches: Sequence[tuple[float, float]] | None, gates: Gates, heed: Callable[[], None]
) -> Verdict:
    """Return the verdict on a film's pictures as they go by."""

    def watched() -> Iterator[tuple[float, npt.NDArray[np.uint8]]]:
        for moment, frame in moving_pictures(film, WIDTH_PX, stretches):
            heed()
            yield moment, frame

    return judge_footage(footage(watched()), gates.limits("clip", "FootageLimits"))


def judge_sampled_stills(film: Path, facts: FilmFacts, gates: Gates) -> tuple[Verdict, str]:
    """Return one verdict on single frames of a film, and how they were chosen. Letters may be captions: they pass."""
    step = float(facts.seconds) / STILLS
    stretches = [((i + 0.5) * step, (i + 1) * step) for i in range(STILLS)]
    faults: dict[str, list[float]] = {}
    worst: dict[str, float | int | str | None] = {"tiled": 0.0, "noise": 0.0, "frames": 0}
    seen = -1
    for time, frame in moving_pictures(film, STILL_PX, stretches):
        if int(time / step) == seen:
            continue
        seen = int(time / step)
        worst["frames"] = int(worst["frames"] or 0) + 1
        verdict = judge_still(still_facts(frame), gates.limits("picture"), letters=True)
        for fault in verdict.faults:
            faults.setdefault(fault, []).append(float(time))
        for name in ("tiled", "noise"):
            worst[name] = max(float(worst[name] or 0), float(verdict.measured[name] or 0))
    told = tuple(
        f"{fault} at {', '.join(f'{int(at // 60)}:{at % 60:04.1f}' for at in where[:3])}"
        + (f" and {len(where) - 3} more times" if len(where) > 3 else "")
        for fault, where in faults.items()
    )
    # Black and white frames are how films begin and end, and `clip` judges how long they last.
    grave = [fault for fault in faults if fault not in ("the picture is black", "the picture is white")]
    verdict = Verdict(
        gate="picture",
        passed=not grave,
        faults=told if grave else (),
        badness=10.0 * len(grave),
        measured=worst,
    )
    return verdict, f"{worst['frames']} single frames are looked at; letters in them may be captions"
