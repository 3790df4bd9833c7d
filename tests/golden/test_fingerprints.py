"""Fingerprints pass the rounding of another processor, and nothing that can be seen, heard or read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from asks import FOUND, LANTERN, MORE, SCENES, compose, draft, segment
from bench import Bench
from fingerprints import Fingerprint, _Seen, differences, of_frames, of_picture, of_sound, of_take

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Still
from kamishibai.engine.encode import frames_of
from kamishibai.media.picture import Pixels, decode_png
from kamishibai.media.sound import RATE_HZ, Samples, decode_wav
from kamishibai.models import registry
from kamishibai.models.kinds import Draw, Speak
from kamishibai.models.music.composer import compose as composed
from kamishibai.models.music.musicbox import perform
from kamishibai.models.music.score import Score
from kamishibai.steps.makers import EncodeAsk

PICTURES = {**SCENES, **MORE}
every_picture = pytest.mark.parametrize(
    "name", [*SCENES, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)]
)


class Measured(Frozen):
    """A take of numbers."""

    seconds: float
    lufs: float
    true_peak_dbtp: float
    speech_over_music_db: float


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path, lambda name: tmp_path / name) as bench:
        yield bench


def unlike(before: _Seen, now: _Seen) -> list[str]:
    return differences(Fingerprint("", (), (before,)).golden(), Fingerprint("", (), (now,)))


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def drawn(bench: Bench, name: str) -> Still:
    (still,) = registry.make("picture:papercut").run([PICTURES[name](bench)], bench)
    return still


Change = Callable[[Pixels], Pixels]


def flat(bench: Bench, still: Still, which: str = "", change: Change = lambda sheet: sheet) -> Pixels:
    """Return the sheets of a still laid upon each other, one of them changed."""
    out = np.zeros((still.height, still.width, 3))
    for layer in still.layers:
        sheet = decode_png(bench.open(layer.ref))
        if sheet.shape[2] == 3:
            sheet = np.dstack([sheet, np.full(sheet.shape[:2], 255, np.uint8)])
        left, top = max(0, layer.x), max(0, layer.y)
        part = sheet[top - layer.y : still.height - layer.y, left - layer.x : still.width - layer.x]
        whole = np.zeros((still.height, still.width, 4), np.uint8)
        whole[top : top + part.shape[0], left : left + part.shape[1]] = part
        if layer.name == which:
            whole = change(whole)
        alpha = whole[..., 3:] / 255
        under = out if layer.blend == "add" else out * (1 - alpha)
        out = np.minimum(255, under + whole[..., :3] * alpha)
    return np.asarray(np.rint(out), np.uint8)


def subjects(still: Still, scene: Scene) -> list[str]:
    """Return the layers that hold somebody, or a prop."""
    cast = {actor.who for actor in scene.actors}
    return sorted({one.name for one in still.layers if one.name in cast or one.name.startswith("prop")})


def recoloured(sheet: Pixels) -> Pixels:
    """Return `sheet` with its commonest paper, lit and in shade, a fifth redder or less red, and no other."""
    out = sheet.astype(int)
    opaque = out[..., 3] == 255
    coarse, counts = np.unique(out[opaque][:, :3] // 16, axis=0, return_counts=True)
    commonest = coarse[counts.argmax()] * 16 + 8
    paper = opaque & (np.abs(out[..., :3] - commonest).max(axis=2) <= 16)
    out[paper, 0] += 50 if commonest[0] < 128 else -50
    return np.clip(out, 0, 255).astype(np.uint8)


# --------------------------------------------------------------------------------------------------------- pictures
@every_picture
def test_the_last_bit_of_every_pixel_may_be_another(bench: Bench, name: str) -> None:
    pixels = decode_png(bench.open(drawn(bench, name).image))
    noisy = np.clip(pixels.astype(int) + rng().integers(-1, 2, pixels.shape), 0, 255).astype(np.uint8)

    assert unlike(of_picture(pixels), of_picture(noisy)) == []


@every_picture
def test_nobody_and_nothing_moves_by_two_per_cent_of_the_picture_or_changes_one_colour(
    bench: Bench, name: str
) -> None:
    still, ask = drawn(bench, name), PICTURES[name](bench)
    assert isinstance(ask, Draw)
    before = of_picture(flat(bench, still))

    for which in subjects(still, ask.scene):
        step = round(0.02 * still.width)
        moved = flat(bench, still, which, lambda sheet, step=step: np.roll(sheet, step, axis=1))
        assert unlike(before, of_picture(moved)), which
        assert unlike(before, of_picture(flat(bench, still, which, recoloured))), which


def test_a_layer_that_lies_elsewhere_or_lives_otherwise_is_another_take(bench: Bench) -> None:
    still = bench.still()
    golden = of_take(still, bench.open).golden()

    def changed(**fields: Any) -> list[str]:
        *others, last = still.layers
        layers = (*others, last.model_copy(update=fields))
        return differences(golden, of_take(still.model_copy(update={"layers": layers}), bench.open))

    assert changed() == []
    assert "layers[4].x is 124 and was 120" in changed(x=124)
    assert "layers[4].depth is 0.71 and was 0.7" in changed(depth=0.71)
    assert changed(life=still.layers[1].life) == ["its words or its structure are others"]


def test_a_layer_may_be_cropped_a_pixel_wider(bench: Bench) -> None:
    still = bench.still()
    *others, last = still.layers
    sheet = np.pad(decode_png(bench.open(last.ref)), ((0, 0), (1, 0), (0, 0)))
    wider = last.model_copy(update={"ref": bench.picture(sheet), "x": last.x - 1, "width": last.width + 1})
    now = of_take(still.model_copy(update={"layers": (*others, wider)}), bench.open)

    assert differences(of_take(still, bench.open).golden(), now) == []


def test_what_is_transparent_has_no_colour(bench: Bench) -> None:
    sheet = np.zeros((40, 40, 4), np.uint8)
    hidden = sheet.copy()
    hidden[..., 0] = 200

    assert unlike(of_picture(sheet), of_picture(hidden)) == []
    hidden[..., 3] = 8
    assert unlike(of_picture(sheet), of_picture(hidden))


# ------------------------------------------------------------------------------------------------------------ clips
def seen(bench: Bench, **asked: Any) -> list[npt.NDArray[np.uint8]]:
    ask = segment(**asked)(bench)
    assert isinstance(ask, EncodeAsk)
    pictures = []
    for planes in frames_of(ask.segment, bench.open):
        size = (ask.segment.width, ask.segment.height)
        pictures.append(np.dstack([cv2.resize(plane, size) for plane in planes]))
    return pictures


def test_a_clip_may_differ_in_last_bits_and_in_nothing_that_is_seen(bench: Bench) -> None:
    frames = seen(bench, caption="A small fox found a lantern.")
    before = of_frames(frames)

    noisy = [np.clip(frame + rng().integers(-1, 2, frame.shape), 0, 255).astype(np.uint8) for frame in frames]

    assert unlike(before, of_frames(noisy)) == []
    assert unlike(before, of_frames(frames[:-1]))
    assert unlike(before, of_frames([*frames[:-1], np.roll(frames[-1], 2, axis=1)]))
    assert unlike(before, of_frames(seen(bench, caption="A small fox found a lantern!")))


# ----------------------------------------------------------------------------------------------------------- sounds
def played(score: Score) -> Samples:
    out = np.zeros((2, round(score.seconds * RATE_HZ)), np.float32)
    perform(score, out)
    return out


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder = tmp_path_factory.mktemp("voice")
    model = registry.make("voice:hibari")
    model.load()
    with Bench(folder, lambda name: folder / name) as bench:
        (take,) = model.run([Speak(text=FOUND)], bench)
        return decode_wav(bench.open(take.sound))[0]


@pytest.fixture(params=["music", "a voice", "silence"])
def sound(request: pytest.FixtureRequest, voice: Samples) -> Samples:
    if request.param == "music":
        return played(SCORE)
    return voice if request.param == "a voice" else np.zeros((1, RATE_HZ), np.float32)


def score() -> Score:
    ask = compose("calm", "happy", each=3)
    return composed(6.0, ask(None).acts, "", 5)  # type: ignore[arg-type, attr-defined]


SCORE = score()


def test_the_last_bit_of_every_sample_may_be_another(sound: Samples) -> None:
    noisy = sound + (rng().integers(-1, 2, sound.shape) / 32768).astype(np.float32)

    assert unlike(of_sound(sound, RATE_HZ), of_sound(noisy, RATE_HZ)) == []


@pytest.mark.parametrize("gain_db", [-1.0, 1.0])
def test_a_sound_is_no_decibel_louder_or_softer(voice: Samples, gain_db: float) -> None:
    gain = np.float32(10 ** (gain_db / 20))
    for samples in (played(SCORE), voice):
        (told,) = unlike(of_sound(samples, RATE_HZ), of_sound(samples * gain, RATE_HZ))
        assert told == f": 1.0 dB {'louder' if gain_db > 0 else 'softer'}"


@pytest.mark.slow
@pytest.mark.parametrize("part", ["lead", "figure", "bass", "pad"])
@pytest.mark.parametrize("change", [{"pitch": 1}, {"start": 0.06}, {"start": -0.06}, {"velocity": -0.3}])
def test_no_note_is_shifted_by_a_semitone_or_sixty_milliseconds(part: str, change: dict[str, float]) -> None:
    before = of_sound(played(SCORE), RATE_HZ)
    index, note = next((n, one) for n, one in enumerate(SCORE.notes) if one.part == part and one.start > 1)
    other = note._replace(**{name: getattr(note, name) + by for name, by in change.items()})
    notes = (*SCORE.notes[:index], other, *SCORE.notes[index + 1 :])

    assert unlike(before, of_sound(played(replace(SCORE, notes=notes)), RATE_HZ))


def test_a_sound_does_not_go_over_to_the_other_side() -> None:
    samples = played(SCORE)
    turned = samples * np.array([[1.05], [0.8]], np.float32)

    assert unlike(of_sound(samples, RATE_HZ), of_sound(turned, RATE_HZ))
    assert unlike(of_sound(samples, RATE_HZ), of_sound(samples[::-1], RATE_HZ))


def test_a_word_of_a_voice_does_not_come_later(voice: Samples) -> None:
    late = voice.copy()
    late[:, RATE_HZ:] = np.roll(voice[:, RATE_HZ:], round(0.05 * RATE_HZ), axis=1)

    assert unlike(of_sound(voice, RATE_HZ), of_sound(late, RATE_HZ))


# ------------------------------------------------------------------------------------------------ words and numbers
def test_a_board_is_the_same_to_the_letter(bench: Bench) -> None:
    (board,) = registry.make("text:planner").run([draft(LANTERN)(bench)], bench)
    golden = of_take(board, bench.open).golden()
    first, *rest = board.storyboard.scenes

    def with_scene(**fields: Any) -> list[str]:
        scenes = (first.model_copy(update=fields), *rest)
        story = board.storyboard.model_copy(update={"scenes": scenes})
        return differences(golden, of_take(board.model_copy(update={"storyboard": story}), bench.open))

    assert with_scene() == []
    assert with_scene(mood="sad") == ["its words or its structure are others"]
    assert with_scene(props=()) == ["its words or its structure are others"]
    assert with_scene(pause=first.pause + Fraction(1, 50))
    assert with_scene(camera=first.camera.model_copy(update={"amount": first.camera.amount + 0.001}))


def test_a_number_may_differ_where_sums_are_rounded_and_no_further(bench: Bench) -> None:
    def facts(**fields: float) -> Fingerprint:
        known = {"seconds": 12.0, "lufs": -14.0, "true_peak_dbtp": -1.8, "speech_over_music_db": 15.0}
        return of_take(Measured(**{**known, **fields}), bench.open)

    golden = facts().golden()

    assert differences(golden, facts(lufs=-14.000001)) == []
    assert differences(golden, facts(lufs=-14.1)) == ["lufs is -14.1 and was -14"]
    assert differences(golden, facts(seconds=12.02)) == ["seconds is 12.02 and was 12"]
