"""Joining: frame for frame, sample for sample, one clock, index first, any name, never a half-written film."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kamishibai.documents.film import Caption
from kamishibai.engine.encode import encode_segment
from kamishibai.engine.mux import join
from kamishibai.engine.segments import plan
from kamishibai.errors import MediaError
from kamishibai.media.film import frames_at, probe
from kamishibai.media.sound import encode_wav

F = Fraction
FPS = F(30000, 1001)


@pytest.fixture
def pieces(shelf) -> list[bytes]:  # type: ignore[no-untyped-def]
    film = shelf.film([F(1), F(1, 2), F(1)], fps=FPS, fade=F(1, 5))
    return [encode_segment(ask, shelf.open, "draft") for ask in plan(film)]


def beeps(folder: Path, seconds: float) -> Path:
    time = np.arange(round(48_000 * seconds)) / 48_000
    tone = (0.2 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    path = folder / "sound.wav"
    path.write_bytes(encode_wav(np.stack([tone, tone])))
    return path


def packets(path: Path, kind: str) -> list[tuple[int, int]]:
    with path.open("rb") as file, av.open(file) as container:
        stream = getattr(container.streams, kind)[0]
        return [(p.pts, p.dts) for p in container.demux(stream) if p.size]


def test_a_joined_film_has_every_frame_on_one_exact_clock(pieces: list[bytes], tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"

    join(pieces, None, None, {}, out, fps=FPS)

    facts = probe(out)
    assert facts.frames == 75
    assert facts.fps == FPS
    assert facts.seconds == 75 / FPS
    times = packets(out, "video")
    assert [dts for _, dts in times] == sorted({dts for _, dts in times})
    assert sorted(pts for pts, _ in times) == [1001 * k for k in range(75)]
    assert all(pts >= dts for pts, dts in times)


def test_joining_changes_no_picture(pieces: list[bytes], tmp_path: Path) -> None:
    import io

    out = tmp_path / "film.mp4"
    join(pieces, None, None, {}, out, fps=FPS)

    apart = []
    for piece in pieces:
        with av.open(io.BytesIO(piece)) as container:
            apart += [frame.to_ndarray() for frame in container.decode(video=0)]
    with out.open("rb") as file, av.open(file) as container:
        together = [frame.to_ndarray() for frame in container.decode(video=0)]

    assert len(apart) == len(together)
    assert all(np.array_equal(a, b) for a, b in zip(apart, together, strict=True))


def test_the_film_says_what_it_is(pieces: list[bytes], tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    captions = [
        Caption(start=F(1, 2), end=F(2), text="Hello <b>{\\an8}"),
        Caption(start=F(2), end=F(9, 4), text="你好"),
    ]

    join(
        pieces,
        beeps(tmp_path, float(75 / FPS)),
        captions,
        {"title": "Die Füchsin", "comment": "{}"},
        out,
        fps=FPS,
        language="de",
    )

    facts = probe(out)
    assert facts.faststart
    assert facts.colour == ("1", "1", "1", "tv")
    assert (facts.audio_codec, facts.audio_rate_hz, facts.audio_channels) == ("aac", 48_000, 2)
    assert abs(facts.audio_seconds - facts.seconds) < F(1, 40)
    assert facts.subtitles == ("mov_text/deu",)
    assert facts.metadata["title"] == "Die Füchsin"


def test_soft_captions_keep_their_words_and_times(pieces: list[bytes], tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    join(pieces, None, [Caption(start=F(1, 2), end=F(2), text="Hello <b>{\\an8} & 你好")], {}, out, fps=FPS)

    with out.open("rb") as file, av.open(file) as container:
        stream = container.streams.subtitles[0]
        seen = [
            (
                float(p.pts * p.time_base),
                float(p.duration * p.time_base),
                bytes(p)[2 : 2 + int.from_bytes(bytes(p)[:2], "big")],
            )
            for p in container.demux(stream)
            if p.size > 2
        ]

    assert [(start, length, data.decode()) for start, length, data in seen] == [
        (0.5, 1.5, "Hello <b>{\\an8} & 你好")
    ]


def test_sound_starts_with_the_picture(pieces: list[bytes], tmp_path: Path) -> None:
    wav = tmp_path / "click.wav"
    samples = np.zeros((2, 120_000), np.float32)
    samples[:, 48_000:48_480] = 0.5 * np.sin(np.arange(480) / 5)
    wav.write_bytes(encode_wav(samples))
    out = tmp_path / "film.mp4"

    join(pieces, wav, None, {}, out, fps=FPS)

    with out.open("rb") as file, av.open(file) as container:
        heard = [(f.pts, f.to_ndarray()) for f in container.decode(audio=0)]
    loudest = max(heard, key=lambda f: np.abs(f[1]).max())
    at = loudest[0] + int(np.abs(loudest[1][0]).argmax())
    assert abs(at - 48_240) < 300


@pytest.mark.parametrize("name", ["a:b.mp4", "s%03d.mp4", "-y.mp4", "q'\"?.mp4", "影 絵.mp4"])
def test_any_file_name_is_taken_literally(pieces: list[bytes], tmp_path: Path, name: str) -> None:
    out = tmp_path / name

    join(pieces[:1], None, None, {}, out, fps=FPS)

    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert probe(out).frames == 30


def test_segments_may_be_files_and_are_read_one_by_one(pieces: list[bytes], tmp_path: Path) -> None:
    def files():  # type: ignore[no-untyped-def]
        for n, piece in enumerate(pieces):
            path = tmp_path / f"s%0{n}d.mp4"
            path.write_bytes(piece)
            yield path

    out = tmp_path / "film.mp4"
    join(files(), None, None, {}, out, fps=FPS)

    assert probe(out).frames == 75


def test_a_frame_can_be_pulled_out_at_any_time(pieces: list[bytes], tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    join(pieces, None, None, {}, out, fps=FPS)

    late, early, past = frames_at(out, [F(2), F(0), F(99)])

    with out.open("rb") as file, av.open(file) as container:
        every = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert np.array_equal(early, every[0])
    assert np.array_equal(late, every[int(2 * FPS)])
    assert np.array_equal(past, every[-1])


def test_segments_of_different_settings_are_not_joined(shelf, pieces: list[bytes], tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    other = encode_segment(plan(shelf.film([F(1)], size=(160, 90)))[0], shelf.open)

    with pytest.raises(MediaError, match="different settings"):
        join([pieces[0], other], None, None, {}, tmp_path / "film.mp4", fps=FPS)
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_cannot_be_written_leaves_the_old_one_and_nothing_else(
    pieces: list[bytes], tmp_path: Path
) -> None:
    out = tmp_path / "film.mp4"
    out.write_bytes(b"the film of yesterday")
    (tmp_path / "segment").write_bytes(pieces[0])
    limited = (
        "import resource, signal, sys; from pathlib import Path; from fractions import Fraction\n"
        "from kamishibai.engine.mux import join\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))\n"
        "folder = Path(sys.argv[1])\n"
        "try: join([folder / 'segment'], None, None, {}, folder / 'film.mp4', fps=Fraction(30000, 1001))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", limited, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout

    assert said.startswith("MediaError")
    assert "film.mp4" in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["film.mp4", "segment"]
    assert out.read_bytes() == b"the film of yesterday"


def test_a_folder_that_cannot_be_is_a_media_error(pieces: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MediaError, match="could not be written"):
        join(pieces, None, None, {}, tmp_path / "file" / "film.mp4", fps=FPS)


@pytest.mark.parametrize(
    "content", [b"", b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", b"ffconcat version 1.0\nfile x.mp4\n", b"\0" * 5000]
)
def test_what_is_no_film_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)

    with pytest.raises(MediaError, match=r"film\.mp4"):
        probe(path)
