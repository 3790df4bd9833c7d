"""Ambiences and effects: level, edges, no loops, no clicks, a place in space and time."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kamishibai.media.loudness import measure
from kamishibai.media.sound import RATE_HZ
from kamishibai.models.kinds import Cue, Foley
from kamishibai.models.sound.ambience import AMBIENCE_LUFS, AMBIENCES, ambience
from kamishibai.models.sound.effects import EFFECTS, effect
from kamishibai.models.sound.foley import make_scene


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def one(name: str, kind: str, seconds: int = 4, *, end: int | None = None, **more: float) -> Foley:
    cue = Cue(name=name, kind=kind, start=Fraction(0), end=Fraction(end or seconds), **more)
    return Foley(seconds=Fraction(seconds), cues=(cue,), seed=2)


@pytest.mark.parametrize("name", sorted(AMBIENCES))
def test_an_ambience_is_quiet_soft_at_its_edges_and_wide(name: str) -> None:
    made = ambience(name, 4 * RATE_HZ, rng())
    heard = measure(made)
    assert made.shape == (2, 4 * RATE_HZ)
    assert heard.lufs is not None
    assert heard.true_peak_dbtp is not None
    assert AMBIENCE_LUFS - 12 < heard.lufs < AMBIENCE_LUFS + 3
    assert heard.true_peak_dbtp < -12
    assert np.abs(made[:, [0, -1]]).max() < 1e-3
    assert abs(float(made.mean())) < 1e-4
    assert float(np.corrcoef(made)[0, 1]) < 0.97


@pytest.mark.parametrize("name", ["rain", "waves", "fire", "birds", "crowd"])
def test_an_ambience_never_repeats_itself(name: str) -> None:
    made = ambience(name, 20 * RATE_HZ, rng()).mean(axis=0)
    power = np.abs(np.fft.rfft(made, 2 * made.size)) ** 2
    # Whitened, so that a pitch or a rumble does not count as a loop.
    likeness = np.fft.irfft(power / (power + power.mean()), 2 * made.size)
    later = np.abs(likeness[RATE_HZ : 15 * RATE_HZ]).max()
    assert later < 0.1 * likeness[0]


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_an_effect_has_its_length_a_sensible_peak_and_no_click_at_its_ends(name: str) -> None:
    made = effect(name, None, rng())
    peak = 20 * np.log10(np.abs(made).max())
    assert made.shape == (2, int(EFFECTS[name].seconds * RATE_HZ))
    assert -24 < peak < -8
    assert np.abs(made[:, 0]).max() < 1e-3
    assert np.abs(made[:, -1]).max() < 1e-3
    assert np.isfinite(made).all()


def test_an_unknown_sound_is_left_out_and_named() -> None:
    made, left_out = make_scene(one("philosophy", "effect"))
    assert left_out == ("philosophy",)
    assert not made.any()


def test_an_effect_is_heard_at_its_time_and_not_before() -> None:
    cue = Cue(name="knock", kind="effect", start=Fraction(2), end=Fraction(3))
    made, _ = make_scene(Foley(seconds=Fraction(4), cues=(cue,), seed=2))
    assert not made[:, : 2 * RATE_HZ].any()
    assert np.abs(made[:, 2 * RATE_HZ : 3 * RATE_HZ]).max() > 0.1


def test_pan_moves_a_sound_to_its_side() -> None:
    made, _ = make_scene(one("knock", "effect", pan=-0.8))
    left, right = (made**2).sum(axis=1)
    assert left > 8 * right


def test_gain_is_in_decibels() -> None:
    loud, _ = make_scene(one("knock", "effect"))
    soft, _ = make_scene(one("knock", "effect", gain_db=-6.0))
    assert np.abs(loud).max() / np.abs(soft).max() == pytest.approx(10 ** (6 / 20), rel=1e-3)


def test_another_cue_changes_nothing_in_the_first() -> None:
    rain = Cue(name="rain", kind="ambience", start=Fraction(0), end=Fraction(3))
    bell = Cue(name="bell", kind="effect", start=Fraction(1), end=Fraction(3))
    alone, _ = make_scene(Foley(seconds=Fraction(3), cues=(rain,), seed=4))
    both, _ = make_scene(Foley(seconds=Fraction(3), cues=(bell, rain), seed=4))
    np.testing.assert_array_equal(both[:, :RATE_HZ], alone[:, :RATE_HZ])


def test_an_effect_cut_off_by_the_scene_fades() -> None:
    made, _ = make_scene(one("church bell", "effect", seconds=2))
    assert np.abs(made[:, -1]).max() < 1e-3


def test_ticking_asked_for_as_ambience_fills_its_span() -> None:
    made, left_out = make_scene(one("ticking", "ambience", seconds=9))
    assert left_out == ()
    assert np.abs(made[:, 7 * RATE_HZ : 8 * RATE_HZ]).max() > 0.01


@pytest.mark.slow
def test_a_long_ambience_stays_even_where_its_sections_overlap() -> None:
    made = ambience("river", 90 * RATE_HZ, rng())
    seconds = np.sqrt((made.reshape(2, 90, RATE_HZ) ** 2).mean(axis=(0, 2)))[2:-2]
    assert seconds.max() / seconds.min() < 2.0


def test_a_distant_sound_is_softer_and_duller_than_a_near_one() -> None:
    near, _ = make_scene(one("dog", "effect"))
    far, left_out = make_scene(one("distant dog", "effect"))
    assert left_out == ()
    assert np.abs(far).max() < 0.7 * np.abs(near).max()

    def brightness(made: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(made.mean(axis=0))) ** 2
        f = np.fft.rfftfreq(made.shape[1], 1 / RATE_HZ)
        return float((power * f).sum() / power.sum())

    assert brightness(far) < brightness(near)
