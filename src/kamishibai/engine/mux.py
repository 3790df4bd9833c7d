"""Joins encoded segments, sound and soft captions into one MP4 without encoding a picture twice."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any, NoReturn

import av
import numpy as np
import soundfile

from kamishibai.disk import FULL, drop_part, finish_part, new_part
from kamishibai.documents.film import Caption
from kamishibai.engine.captions import plain_lines
from kamishibai.errors import KamishibaiError, MediaError

__all__ = ["join"]

_Packet = Any
"""`av.Packet`, whose stream type does not matter here."""
_Stream = Iterator[tuple[float, _Packet]]
"""When each packet is decoded, in seconds, and the packet. Each time is one quotient of whole numbers, so that equal times
are equal as floating point too."""

AUDIO_BIT_RATE = 192_000
AAC_FRAME = 1024
AAC_FRAMES = 256
"""Read at once: some five seconds."""
DELAY = 2
"""Pictures by which decoding runs ahead of showing: what x264's B-pyramid needs at every preset in use."""
CLOCK = 1000
"""Ticks a second of the caption track."""
_SUBTITLE_HEADER = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,Sans,18,&Hffffff,2
[Events]
Format: Layer, Start, End, Style, Text
"""
_ISO_639_2 = {
    "ar": "ara", "bn": "ben", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa",
    "fa": "fas", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind", "it": "ita",
    "ja": "jpn", "ko": "kor", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus",
    "sv": "swe", "ta": "tam", "te": "tel", "th": "tha", "tr": "tur", "uk": "ukr", "ur": "urd", "vi": "vie",
    "zh": "zho",
}  # fmt: skip
"""What MP4 calls the commonest languages."""
# The encoder of timed text only opens with a style; captions go past it, byte for byte.


def join(
    segments: Iterable[bytes | Path],
    sound: Path | None,
    captions: Sequence[Caption] | None,
    metadata: Mapping[str, str],
    out: Path,
    *,
    fps: Fraction,
    language: str = "en",
) -> None:
    """Write the film to `out`: H.264 as it is, AAC at 48 kHz, captions as a soft track when given; index first.

    The film appears under its name only when it is complete. Any file name is taken literally.

    Parameters
    ----------
    segments
        MP4s of `encode_segment`, in order, as bytes or files; read one at a time.
    sound
        Stereo WAV at 48 kHz, or None for a silent film.
    metadata
        ``title``, ``artist``, ``comment`` and the like.

    Raises
    ------
    MediaError
        When segments do not fit together, the sound cannot be read, or the disk is full.
    """
    out = Path(out)
    try:
        part = new_part(out)
    except OSError as error:
        _refuse(error, out)
    try:
        _write(part, segments, sound, captions, metadata, fps, language)
        finish_part(part, out)
    except KamishibaiError:
        raise  # StoreError is an OSError too
    except (OSError, av.FFmpegError) as error:
        _refuse(error, out)
    finally:
        drop_part(part)


def _refuse(error: Exception, out: Path) -> NoReturn:
    code = getattr(error, "errno", None)
    if code in FULL:
        raise MediaError(
            "the disk is full",
            where=str(out),
            kept="everything made so far",
            hint="free some space and run the same command again",
        ) from error
    raise MediaError(
        f"the film could not be written: {error}",
        where=str(out),
        kept="everything made so far",
        hint="check the folder's permissions and the disk, then run the same command again",
    ) from error


def _write(
    part: Path,
    segments: Iterable[bytes | Path],
    sound: Path | None,
    captions: Sequence[Caption] | None,
    metadata: Mapping[str, str],
    fps: Fraction,
    language: str,
) -> None:
    pictures = _Pictures(segments, fps)
    # Moving the index to the front reopens the file by name: the prefix makes libav take any name literally.
    with av.open(
        f"file:{part.absolute()}",
        "w",
        format="mp4",
        options={"movflags": "+faststart", "movie_timescale": str(_clock(fps))},
    ) as container:
        for key, value in metadata.items():
            container.metadata[key] = value
        video = container.add_stream_from_template(pictures.template)
        video.time_base = 1 / fps
        streams: list[_Stream] = [pictures.packets(video)]
        if sound is not None:
            # The quick coder: half the time, and at this bit rate nearer to what it is given than the thorough one.
            audio = container.add_stream("aac", rate=48_000, options={"aac_coder": "fast"})
            audio.codec_context.layout = "stereo"
            audio.codec_context.bit_rate = AUDIO_BIT_RATE
            audio.codec_context.thread_count = 1
            streams.append(_audio_packets(audio, sound))
        if captions:
            text = container.add_stream("mov_text")
            text.codec_context.subtitle_header = _SUBTITLE_HEADER
            text.time_base = text.codec_context.time_base = Fraction(1, CLOCK)
            text.metadata["language"] = _ISO_639_2.get(language.split("-")[0].lower(), "und")
            streams.append(_text_packets(text, captions))
        _interleave(container, streams)


def _clock(fps: Fraction) -> int:
    """Return ticks a second in which both whole frames and whole samples are whole numbers, where there is one."""
    ticks = lcm(fps.numerator, 48_000)
    return ticks if ticks < 2**24 else 48_000


def _interleave(container: Any, streams: list[_Stream]) -> None:
    heads = [(next(stream, None), stream) for stream in streams]
    waiting = [(head, stream) for head, stream in heads if head is not None]
    while waiting:
        k = min(range(len(waiting)), key=lambda i: waiting[i][0][0])
        (_, packet), stream = waiting[k]
        container.mux(packet)
        following = next(stream, None)
        if following is None:
            del waiting[k]
        else:
            waiting[k] = (following, stream)


class _Pictures:
    """The segments' packets on one clock."""

    def __init__(self, segments: Iterable[bytes | Path], fps: Fraction) -> None:
        self._segments = iter(segments)
        self._fps = fps
        first = next(self._segments, None)
        if first is None:
            raise MediaError("there are no segments to join")
        self._open = _opened(first)
        self.template = self._open.streams.video[0]
        self._extradata = self.template.codec_context.extradata

    def packets(self, stream: Any) -> _Stream:
        """Yield (decode time in seconds, packet) of all segments."""
        base = 0
        frame, fps = 1 / self._fps, self._fps
        container: Any = self._open
        while container is not None:
            with container:
                source = container.streams.video[0]
                if source.codec_context.extradata != self._extradata:
                    raise MediaError("the segments were encoded with different settings and cannot be joined")
                count = 0
                frames = source.time_base * fps
                for packet in container.demux(source):
                    if packet.size == 0:
                        continue
                    shown = round(packet.pts * frames)
                    if shown < count - DELAY:
                        raise MediaError("a segment's pictures are ordered in a way that cannot be joined")
                    packet.pts, packet.dts, packet.duration = base + shown, base + count - DELAY, 1
                    packet.time_base = frame
                    packet.stream = stream
                    yield (base + count - DELAY) * fps.denominator / fps.numerator, packet
                    count += 1
                base += count
            following = next(self._segments, None)
            container = None if following is None else _opened(following)


def _opened(segment: bytes | Path) -> Any:
    source: Any = io.BytesIO(segment) if isinstance(segment, bytes) else segment.open("rb")
    return av.open(source, "r", format="mp4", options={"analyzeduration": "0", "probesize": "32"})


def _audio_packets(stream: Any, sound: Path) -> _Stream:
    context = stream.codec_context
    sample = Fraction(1, 48_000)
    try:
        with soundfile.SoundFile(str(sound)) as wave:
            if wave.samplerate != 48_000 or wave.channels != 2:
                raise MediaError(
                    f"the sound has {wave.channels} channels at {wave.samplerate} Hz, not 2 at 48000",
                    where=str(sound),
                )
            position = 0
            while len(read := wave.read(AAC_FRAME * AAC_FRAMES, dtype="float32", always_2d=True)):
                for block in np.split(read, range(AAC_FRAME, len(read), AAC_FRAME)):
                    frame = av.AudioFrame.from_ndarray(
                        np.ascontiguousarray(block.T), format="fltp", layout="stereo"
                    )
                    frame.sample_rate, frame.pts, frame.time_base = 48_000, position, sample
                    position += len(block)
                    for packet in stream.encode(frame):
                        yield _seconds(packet), packet
            if position != wave.frames:
                # libsndfile takes a disk that cannot be read for the end of the file.
                raise MediaError(
                    f"the sound ends after {position:,} of {wave.frames:,} samples",
                    where=str(sound),
                    hint="check the disk, then run the same command again",
                )
            for packet in stream.encode(None):
                yield _seconds(packet), packet
    except soundfile.SoundFileError as error:
        raise MediaError(
            f"the sound cannot be read: {error}",
            where=str(sound),
            hint="check the disk, then run the same command again",
        ) from error
    del context


def _seconds(packet: _Packet) -> float:
    base = packet.time_base
    return float(packet.dts * base.numerator / base.denominator)


def _text_packets(stream: Any, captions: Sequence[Caption]) -> _Stream:
    """Yield samples of 3GPP timed text: a 16-bit length and UTF-8, empty ones for the gaps, so that no box is malformed."""
    clock = Fraction(0)
    for caption in captions:
        start, end = max(caption.start, clock), caption.end
        if end <= start:
            continue
        if start > clock:
            yield float(clock), _text(stream, "", clock, start)
        yield (
            float(start),
            _text(stream, "\n".join(plain_lines(caption.text, words=caption.words)), start, end),
        )
        clock = end


def _text(stream: Any, text: str, start: Fraction, end: Fraction) -> _Packet:
    data = text.encode("utf-8")[:65_535]
    packet = av.Packet(len(data).to_bytes(2, "big") + data)
    packet.stream, packet.time_base = stream, Fraction(1, CLOCK)
    packet.pts = packet.dts = round(start * CLOCK)
    packet.duration = round(end * CLOCK) - packet.pts
    return packet
