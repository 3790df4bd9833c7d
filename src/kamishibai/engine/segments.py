"""Cuts a film into segments that can be encoded alone: one for each cut's body and one for each cross-fade."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from pydantic import Field

from kamishibai.documents.film import Caption, Cut, Film
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Shot, Still
from kamishibai.documents.time import Time, frame_at
from kamishibai.errors import DocumentError

__all__ = ["LocalCaption", "LocalWord", "Part", "SegmentAsk", "plan"]


class Part(Frozen):
    """A cut's share of a segment: its pictures and how many of its frames were seen before."""

    still: Still
    shot: Shot
    first: int
    """Number of the segment's first frame, counted from the cut's start."""


class LocalWord(Frozen):
    """A word by its place in the caption's text and its frames, counted from the segment's first."""

    first: int
    last: int
    start: int
    end: int


class LocalCaption(Frozen):
    """A caption by frames counted from the segment's first; it may begin before and end after the segment."""

    text: str
    start: int
    end: int
    words: tuple[LocalWord, ...] = ()
    fades_in: bool = True
    fades_out: bool = True
    """Whether it comes and goes softly; not where another caption takes its place at once."""


class SegmentAsk(Frozen):
    """Everything one segment is made from and nothing else, so that an edit elsewhere leaves it as it is."""

    width: int = Field(ge=16, le=8192, multiple_of=2)
    height: int = Field(ge=16, le=8192, multiple_of=2)
    fps: Time = Field(gt=0)
    frames: int = Field(ge=1)
    parts: tuple[Part, ...] = Field(min_length=1, max_length=2)
    """One cut, or the one that goes and the one that comes."""
    blend: Literal["none", "cross", "from-black"] = "none"
    captions: tuple[LocalCaption, ...] = ()
    """Those burned in."""
    language: str = "en"
    scenes: tuple[str, ...] = Field(default=(), exclude=True)
    """Scene ids, for telling people; they are no part of what is made."""


def plan(film: Film) -> tuple[SegmentAsk, ...]:
    """Return the asks whose frames, one after another, are exactly the film's.

    Times become frames by rounding each to the nearest, so cuts that begin on a frame give asks that do not
    depend on where in the film they stand.

    Raises
    ------
    DocumentError
        When cuts leave a gap, overlap beyond their fades, or the size is odd.
    """
    if film.width % 2 or film.height % 2:
        raise DocumentError(
            f"a film of {film.width}×{film.height} cannot be encoded: both sizes must be even"
        )
    if not film.cuts:
        raise DocumentError("the film has no cuts")
    total = frame_at(film.seconds, film.fps)
    starts = [frame_at(cut.start, film.fps) for cut in film.cuts]
    if starts[0] != 0:
        raise DocumentError("the film's first cut does not start at 0", where=film.cuts[0].scene)
    asks: list[SegmentAsk] = []
    burned = _burned(film)
    for i, cut in enumerate(film.cuts):
        start = starts[i]
        alone = frame_at(cut.start + cut.fade, film.fps)
        end = starts[i + 1] if i + 1 < len(film.cuts) else total
        if not start <= alone <= end:
            raise DocumentError(
                "the cut is over before it has faded in", where=cut.scene, hint="make its fade shorter"
            )
        if i and frame_at(film.cuts[i - 1].end, film.fps) < alone:
            raise DocumentError("there is a gap in the film before this cut", where=cut.scene)
        if alone > start:
            before = film.cuts[i - 1] if i else None
            asks.append(_segment(film, burned, start, alone, before, starts[i - 1], cut, start))
        if end > alone:
            asks.append(_segment(film, burned, alone, end, None, 0, cut, start))
    if frame_at(film.cuts[-1].end, film.fps) < total:
        raise DocumentError("the film goes on after its last cut has ended", where=film.cuts[-1].scene)
    return tuple(asks)


def _burned(film: Film) -> tuple[LocalCaption, ...]:
    """Return the captions that are burned in, by frames counted from the film's first."""
    captions = film.captions if film.caption_mode in ("burn", "both") else ()
    return tuple(_in_frames(captions, n, film.fps) for n in range(len(captions)))


def _segment(
    film: Film,
    burned: Sequence[LocalCaption],
    first: int,
    end: int,
    before: Cut | None,
    before_start: int,
    cut: Cut,
    cut_start: int,
) -> SegmentAsk:
    parts = [Part(still=cut.still, shot=cut.shot, first=first - cut_start)]
    blend: Literal["none", "cross", "from-black"] = "none" if first >= _faded(film, cut) else "from-black"
    if before is not None:
        parts.insert(0, Part(still=before.still, shot=before.shot, first=first - before_start))
        blend = "cross"
    return SegmentAsk(
        width=film.width,
        height=film.height,
        fps=film.fps,
        frames=end - first,
        parts=tuple(parts),
        blend=blend,
        captions=tuple(_local(one, first) for one in burned if one.start < end and one.end > first),
        language=film.language,
        scenes=tuple(c.scene for c in (before, cut) if c is not None),
    )


def _faded(film: Film, cut: Cut) -> int:
    return frame_at(cut.start + cut.fade, film.fps)


def _in_frames(captions: Sequence[Caption], n: int, fps: Fraction) -> LocalCaption:
    caption = captions[n]
    following = captions[n + 1].start if n + 1 < len(captions) else None
    # One caption at a time: the next one takes the place of one that is still there.
    end = caption.end if following is None else max(caption.start, min(caption.end, following))
    words = tuple(
        LocalWord(
            first=word.first,
            last=word.last,
            start=frame_at(word.start, fps),
            end=frame_at(word.end, fps),
        )
        for word in caption.words
    )
    return LocalCaption(
        text=caption.text,
        start=frame_at(caption.start, fps),
        end=frame_at(end, fps),
        words=words,
        fades_in=n == 0 or captions[n - 1].end < caption.start,
        fades_out=n + 1 == len(captions) or end < captions[n + 1].start,
    )


def _local(caption: LocalCaption, first: int) -> LocalCaption:
    """Return `caption` by frames counted from `first`."""
    words = tuple(
        word.model_copy(update={"start": word.start - first, "end": word.end - first})
        for word in caption.words
    )
    return caption.model_copy(
        update={"start": caption.start - first, "end": caption.end - first, "words": words}
    )
