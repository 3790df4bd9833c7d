"""Sounds in time and space: effects at their moment, ambiences over their whole span, levels, sides, and words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from kamishibai.media.loudness import measure
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.kinds import Cue, Foley
from kamishibai.models.sound.names import sounds_known
from kamishibai.models.sound.placing import placed
from kamishibai.models.sound.prompts import PHRASES, phrase_for


def cue(name: str, kind: str, start: float, end: float, **more: Any) -> Cue:
    return Cue.model_validate(
        {"name": name, "kind": kind, "start": Fraction(start), "end": Fraction(end), **more}
    )


def scene(*cues: Cue, seconds: float = 8) -> Foley:
    return Foley(seconds=Fraction(seconds), cues=cues, seed=1)


def breath_then_clap(lead_s: float, peak: float = 0.5) -> Samples:
    """A soft noise, then a burst that dies away, as a model gives an effect back."""
    rng = np.random.default_rng(2)
    sound = rng.normal(0, peak * 0.002, 4 * RATE_HZ)
    first = int(lead_s * RATE_HZ)
    burst = rng.normal(0, peak / 3, RATE_HZ) * np.exp(-np.arange(RATE_HZ) / 6000)
    sound[first : first + RATE_HZ] += burst
    return np.stack([sound, sound]).astype(np.float32)


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> Samples:
    return np.random.default_rng(seed).normal(0, level, (2, int(seconds * RATE_HZ))).astype(np.float32)


@pytest.mark.parametrize("lead_s", [0.0, 0.37, 1.4])
def test_an_effect_begins_at_its_moment_within_ten_milliseconds(lead_s: float) -> None:
    track = placed(scene(cue("clap", "effect", 2.5, 8)), {"clap": breath_then_clap(lead_s)})
    onset = int(np.argmax(np.abs(track[0]) > 0.1 * np.abs(track).max())) / RATE_HZ
    assert onset == pytest.approx(2.5, abs=0.01)
    assert not track[:, : int(2.5 * RATE_HZ)].any()


@pytest.mark.parametrize(("seconds", "span"), [(3.0, (0, 8)), (3.0, (1, 7.5)), (30.0, (0, 8)), (3.0, (0, 2))])
def test_an_ambience_fills_its_span_without_a_gap_and_nothing_beyond(
    seconds: float, span: tuple[float, float]
) -> None:
    # Models let their sounds come up and die away: the loop must not.
    sound = noise(seconds)
    edge = RATE_HZ // 2
    sound[:, :edge] *= np.linspace(0, 1, edge, dtype=np.float32) ** 2
    sound[:, -edge:] *= np.linspace(1, 0, edge, dtype=np.float32) ** 2
    track = placed(scene(cue("hiss", "ambience", *span)), {"hiss": sound})

    first, last = (round(at * RATE_HZ) for at in span)
    assert not track[:, :first].any()
    assert not track[:, last:].any()
    inner = track[:, first + RATE_HZ * 7 // 10 : last - RATE_HZ * 9 // 10]
    hops = inner[:, : inner.shape[1] // 4800 * 4800].reshape(2, -1, 4800).astype(np.float64)
    level = 10 * np.log10((hops**2).mean(axis=(0, 2)))
    assert level.min() > np.median(level) - 3.5


def test_levels_are_those_that_the_mix_expects() -> None:
    for level in (0.003, 0.1):
        bed = placed(scene(cue("hiss", "ambience", 0, 8)), {"hiss": noise(8, level=level)})
        assert measure(bed).lufs == pytest.approx(-32, abs=1)
        hit = placed(scene(cue("clap", "effect", 1, 8)), {"clap": breath_then_clap(0.2, level)})
        assert 20 * np.log10(np.abs(hit).max()) == pytest.approx(-12, abs=0.1)
    far = placed(scene(cue("a distant clap", "effect", 1, 8)), {"a distant clap": breath_then_clap(0.2)})
    assert np.abs(far).max() < 0.6 * np.abs(hit).max()
    small = placed(scene(cue("page", "effect", 1, 8)), {"page": breath_then_clap(0.2)})
    assert 20 * np.log10(np.abs(small).max()) == pytest.approx(-20, abs=0.1)


def test_many_loud_sounds_at_once_do_not_clip() -> None:
    track = placed(scene(*[cue("clap", "effect", 1, 8, gain_db=6)] * 8), {"clap": breath_then_clap(0.2)})
    assert 20 * np.log10(np.abs(track).max()) == pytest.approx(-3, abs=0.01)


def test_gain_and_side_are_heard_at_constant_power() -> None:
    def made(**more: Any) -> Samples:
        return placed(scene(cue("clap", "effect", 1, 8, **more)), {"clap": breath_then_clap(0)})

    middle, right, half = made(), made(pan=1), made(gain_db=-6.0206)
    assert np.abs(right[0]).max() < 1e-4
    assert np.mean(right**2) == pytest.approx(np.mean(middle**2), rel=1e-3)
    assert np.allclose(half, middle / 2, atol=1e-4)


def test_an_effect_ends_with_its_span_and_a_known_one_after_its_own_time() -> None:
    sounds = {"machine": noise(20), "pop": noise(20)}
    cut = placed(scene(cue("machine", "effect", 1, 2.5)), sounds)
    assert not cut[:, int(2.5 * RATE_HZ) :].any()
    assert np.abs(cut[:, int(2.2 * RATE_HZ) : int(2.3 * RATE_HZ)]).max() > 0.01
    pop = placed(scene(cue("pop", "effect", 1, 8)), sounds)
    assert not pop[:, 2 * RATE_HZ :].any()


def test_a_cue_that_has_no_sound_or_no_place_is_passed_over() -> None:
    cues = (
        cue("gone", "effect", 1, 2),
        cue("hiss", "ambience", 8, 9),
        cue("hiss", "effect", 9, 10),
        cue("hiss", "ambience", 3, 3),
    )
    assert not placed(scene(*cues), {"hiss": noise(3)}).any()


def test_a_click_in_silence_can_be_an_ambience_too() -> None:
    sound = np.zeros((2, 3 * RATE_HZ), dtype=np.float32)
    sound[:, RATE_HZ] = 0.8
    track = placed(scene(cue("tick", "ambience", 0, 8)), {"tick": sound})
    assert np.isfinite(track).all()
    assert track.any()


# ------------------------------------------------------------------------------------------ words
def test_every_known_name_has_a_phrase() -> None:
    assert set(PHRASES) == set(sounds_known())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("owl", PHRASES["owl"]),
        ("hoot", PHRASES["owl"]),
        ("heavy rain", PHRASES["heavy rain"]),
        ("rain on leaves", "rain on leaves"),
        ("a distant owl", "a distant owl"),
        ("steam  engine\nstarting", "steam engine starting"),
    ],
)
def test_a_bare_name_becomes_a_phrase_and_a_description_stays_as_it_is(name: str, words: str) -> None:
    assert phrase_for(name) == words
