"""What every foley artist keeps: exact length, stereo at 48 kHz, soft edges, the same again."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.documents.time import sample_at
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Cue, Foley, Sound
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

SECONDS = Fraction("5.21")
ASK = Foley(
    seconds=SECONDS,
    cues=(
        Cue(name="rain", kind="ambience", start=Fraction(0), end=SECONDS),
        Cue(name="knock", kind="effect", start=Fraction(2), end=Fraction(3), pan=0.5),
    ),
    seed=9,
)
TINY = {"sound:audioldm2": "audioldm2", "sound:stable-audio": "stable-audio"}
"""Back-ends whose weights must be pulled, and the tiny checkpoint that stands in for them here."""
ARTISTS = [
    pytest.param(name, marks=[pytest.mark.slow] if name in TINY else []) for name in registry.ids("sound")
]


@pytest.fixture
def desk(tmp_path: Path) -> StoreDesk:
    return StoreDesk(Store(tmp_path))


@pytest.fixture(params=ARTISTS)
def artist(request: pytest.FixtureRequest) -> Iterator[Model[Any, Any]]:
    """Give every foley artist, loaded, with a tiny checkpoint where it needs one."""
    name: str = request.param
    options = {}
    if name in TINY:
        options = {"steps": 3, "seconds_per_sound": 2}
        name += f":{request.getfixturevalue('tiny')(TINY[name])}"
    model = registry.make(name, options)
    model.load()
    yield model
    model.unload()


def test_the_track_is_exactly_as_long_as_asked_for_in_stereo(
    artist: Model[Any, Any], desk: StoreDesk
) -> None:
    take = artist.run([ASK], desk)[0]
    samples, rate_hz = decode_wav(desk.open(take.sound))
    assert isinstance(take, Sound)
    assert rate_hz == RATE_HZ
    assert samples.shape == (2, sample_at(SECONDS, RATE_HZ))
    assert take.left_out == ()


def test_it_begins_and_ends_in_silence_and_never_clips(artist: Model[Any, Any], desk: StoreDesk) -> None:
    take = artist.run([ASK], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert np.abs(samples[:, [0, -1]]).max() < 0.002
    assert 0.001 < np.abs(samples).max() < 0.9


def test_the_same_ask_gives_the_same_bytes(artist: Model[Any, Any], desk: StoreDesk) -> None:
    first, second = artist.run([ASK, ASK], desk)
    assert first.sound.sha256 == second.sound.sha256


def test_a_scene_without_sounds_is_silent(artist: Model[Any, Any], desk: StoreDesk) -> None:
    take = artist.run([Foley(seconds=Fraction(1), seed=1)], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert not samples.any()
