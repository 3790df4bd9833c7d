"""Film files: what is in them, and pictures out of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.time import Time
from kamishibai.errors import MediaError
from kamishibai.media.picture import MAX_PIXELS, Pixels

__all__ = ["FilmFacts", "frames_at", "moving_pictures", "picture_in", "probe", "soft_captions"]

_ALLOWED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "asf", "flv", "ogg")
"""Containers that hold their media themselves. Playlists and lists of files, which lead to others, are not among them."""
_FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,asf,flv,ogg"

AGAIN = "a film that was made here is made again by the same command; else check the file and the disk"


_OPENING = {"format_whitelist": _FORMATS, "protocol_whitelist": "file", "enable_drefs": "0"}


class FilmFacts(Frozen):
    """What a film file says of itself."""

    width: int
    height: int
    fps: Time
    seconds: Time
    """Length of the picture track."""
    frames: int
    video_codec: str
    pixel_format: str
    colour: tuple[str, str, str, str]
    """Primaries, transfer, matrix (numbers of ISO/IEC 23091-2; 1 is BT.709), range (``tv`` or ``pc``)."""
    faststart: bool
    audio_codec: str | None = None
    audio_rate_hz: int = 0
    audio_channels: int = 0
    audio_seconds: Time = Fraction(0)
    subtitles: tuple[str, ...] = ()
    """Codec and language of each subtitle track, e.g. ``mov_text/eng``."""
    metadata: dict[str, str] = Field(default_factory=dict)


def _opened(path: Path) -> tuple[Any, Any]:
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - closed by the callers, together with its container
    except OSError as error:
        raise MediaError(
            f"the film cannot be opened: {error.strerror}",
            where=str(path),
            hint="check that it is there and that you may read it",
        ) from error
    try:
        # An open file, not a name: no name can then be taken for an option, a pattern or an address.
        container = av.open(file, "r", options=dict(_OPENING))
    except (av.FFmpegError, OSError) as error:
        file.close()
        raise MediaError(f"not a readable film: {error}", where=str(path), hint=AGAIN) from error
    if container.format.name not in _ALLOWED:
        container.close()
        file.close()
        raise MediaError(f"a {container.format.long_name} is not a film that is read here", where=str(path))
    return file, container


def probe(path: Path) -> FilmFacts:
    """Return what the film at `path` contains, without decoding it. Raises MediaError when it is no film."""
    file, container = _opened(path)
    with file, container:
        if not container.streams.video:
            raise MediaError("the file has no picture", where=str(path))
        video = container.streams.video[0]
        context = video.codec_context
        seconds = Fraction(video.duration or 0) * video.time_base or Fraction(
            container.duration or 0, av.time_base
        )
        audio = container.streams.audio[0] if container.streams.audio else None
        return FilmFacts(
            width=context.width,
            height=context.height,
            fps=Fraction(video.average_rate or 0),
            seconds=seconds,
            frames=video.frames,
            video_codec=context.name,
            pixel_format=context.pix_fmt or "",
            colour=(
                str(int(context.color_primaries)),
                str(int(context.color_trc)),
                str(int(context.colorspace)),
                {1: "tv", 2: "pc"}.get(int(context.color_range), "unknown"),
            ),
            faststart=_index_first(file, path),
            audio_codec=audio.codec_context.name if audio else None,
            audio_rate_hz=audio.codec_context.sample_rate if audio else 0,
            audio_channels=audio.codec_context.channels if audio else 0,
            audio_seconds=Fraction(audio.duration or 0) * audio.time_base if audio else Fraction(0),
            subtitles=tuple(
                f"{s.codec_context.name}/{s.metadata.get('language', 'und')}"
                for s in container.streams.subtitles
            ),
            metadata=dict(container.metadata),
        )


def _index_first(file: io.BufferedReader, path: Path) -> bool:
    """Say whether an MP4's index comes before its media, so that it plays while it loads."""
    try:
        return _is_index_first(file)
    except OSError as error:
        raise MediaError(f"the film cannot be read: {error.strerror}", where=str(path), hint=AGAIN) from error


def _is_index_first(file: io.BufferedReader) -> bool:
    file.seek(0)
    while len(header := file.read(16)) >= 8:
        size, kind, used = int.from_bytes(header[:4], "big"), header[4:8], 8
        if size == 1:
            size, used = int.from_bytes(header[8:16], "big"), 16
        if kind in (b"moov", b"mdat"):
            return kind == b"moov"
        if size < used:
            return False
        file.seek(size - len(header), 1)
    return False


def frames_at(path: Path, times: Sequence[Fraction]) -> list[Pixels]:
    """Return the RGB picture shown at each of `times` (seconds, any order); past the end, the last one.

    Raises
    ------
    MediaError
        When the file is no film or is damaged before the last of the times.
    """
    order = sorted(range(len(times)), key=lambda i: times[i])
    found: dict[int, Pixels] = {}
    file, container = _opened(path)
    with file, container:
        if not container.streams.video:
            raise MediaError("the file has no picture", where=str(path))
        stream = container.streams.video[0]
        if stream.codec_context.width * stream.codec_context.height > MAX_PIXELS:
            raise MediaError("the film's pictures are too large", where=str(path))
        stream.thread_type = "AUTO"
        try:
            for i in order:
                found[i] = _picture_at(container, stream, times[i])
        except av.FFmpegError as error:
            raise MediaError(f"the film is damaged: {error}", where=str(path), hint=AGAIN) from error
    return [found[i] for i in range(len(times))]


def moving_pictures(
    path: Path, width_px: int, stretches: Sequence[tuple[float, float]] | None = None
) -> Iterator[tuple[float, Pixels]]:
    """Yield (seconds, RGB picture of that width) of every frame in order, or of those within `stretches` (from, to).

    One frame is in memory at a time.

    Raises
    ------
    MediaError
        When the file is no film, or is damaged on the way.
    """
    file, container = _opened(path)
    with file, container:
        if not container.streams.video:
            raise MediaError("the file has no picture", where=str(path))
        stream = container.streams.video[0]
        width, height = stream.codec_context.width, stream.codec_context.height
        if width * height > MAX_PIXELS:
            raise MediaError("the film's pictures are too large", where=str(path))
        size = (width_px, max(2, round(height * width_px / max(width, 1))))
        stream.thread_type = "AUTO"
        begin = Fraction(stream.start_time or 0) * stream.time_base
        try:
            for first, last in stretches or [(0.0, float("inf"))]:
                if first > 0:
                    container.seek(
                        int((Fraction(first) + begin) / stream.time_base), stream=stream, backward=True
                    )
                for picture in container.decode(stream):
                    if picture.pts is None:
                        continue
                    moment = float(picture.pts * stream.time_base - begin)
                    if moment >= last:
                        break
                    if moment >= first:
                        small = picture.reformat(*size, format="rgb24")
                        yield moment, small.to_ndarray()
        except av.FFmpegError as error:
            raise MediaError(f"the film is damaged: {error}", where=str(path), hint=AGAIN) from error


def soft_captions(path: Path) -> list[tuple[Fraction, Fraction, str]]:
    """Return (from, to, text) of the cues in the film's first caption track; empty when it has none that is text.

    Raises
    ------
    MediaError
        When the file is no film.
    """
    file, container = _opened(path)
    cues = []
    with file, container:
        if not container.streams.subtitles:
            return []
        stream = container.streams.subtitles[0]
        try:
            for packet in container.demux(stream):
                if packet.pts is None or not packet.size:
                    continue
                start = packet.pts * packet.time_base
                text = " ".join(_said(part) for part in packet.decode()).strip()
                if text:
                    cues.append((start, start + (packet.duration or 0) * packet.time_base, text))
        except av.FFmpegError as error:
            raise MediaError(f"the film's captions are damaged: {error}", where=str(path)) from error
    return cues


def _said(part: Any) -> str:
    """Return the words of one decoded subtitle; pictures of letters have none."""
    words: bytes = getattr(part, "dialogue", b"") or b""
    return words.decode("utf-8", "replace").replace("\\N", "\n")


def picture_in(data: bytes, time: Fraction) -> Pixels:
    """Return the RGB picture shown at `time` (seconds) of an MP4 that is in memory, such as a segment.

    Raises
    ------
    MediaError
        When it is no film or is damaged before that moment.
    """
    try:
        with av.open(io.BytesIO(data), "r", format="mp4") as container:
            return _picture_at(container, container.streams.video[0], time)
    except av.FFmpegError as error:
        raise MediaError(f"a segment of the film is damaged: {error}", hint=AGAIN) from error


def _picture_at(container: Any, stream: Any, time: Fraction) -> Pixels:
    start = Fraction(stream.start_time or 0) * stream.time_base
    container.seek(max(0, int((time + start) / stream.time_base)), stream=stream, backward=True)
    last = None
    for picture in container.decode(stream):
        if last is not None and Fraction(picture.pts) * stream.time_base - start > time:
            break
        last = picture
    if last is None:
        raise MediaError("the film has no picture there")
    pixels: Pixels = last.to_ndarray(format="rgb24")
    return pixels
