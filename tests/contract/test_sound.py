"""What every foley artist keeps: exact length, stereo at 48 kHz, soft edges, the same again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kamishibai.documents.time import sample_at
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.models import registry
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
ARTISTS = registry.ids("sound")


@pytest.fixture
def desk(tmp_path: Path) -> StoreDesk:
    return StoreDesk(Store(tmp_path))


@pytest.mark.parametrize("name", ARTISTS)
def test_the_track_is_exactly_as_long_as_asked_for_in_stereo(name: str, desk: StoreDesk) -> None:
    take = registry.make(name).run([ASK], desk)[0]
    samples, rate_hz = decode_wav(desk.open(take.sound))
    assert isinstance(take, Sound)
    assert rate_hz == RATE_HZ
    assert samples.shape == (2, sample_at(SECONDS, RATE_HZ))
    assert take.left_out == ()


@pytest.mark.parametrize("name", ARTISTS)
def test_it_begins_and_ends_in_silence_and_never_clips(name: str, desk: StoreDesk) -> None:
    take = registry.make(name).run([ASK], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert np.abs(samples[:, [0, -1]]).max() < 0.002
    assert 0.001 < np.abs(samples).max() < 0.9


@pytest.mark.parametrize("name", ARTISTS)
def test_the_same_ask_gives_the_same_bytes(name: str, desk: StoreDesk) -> None:
    first, second = registry.make(name).run([ASK, ASK], desk)
    assert first.sound.sha256 == second.sound.sha256


@pytest.mark.parametrize("name", ARTISTS)
def test_a_scene_without_sounds_is_silent(name: str, desk: StoreDesk) -> None:
    take = registry.make(name).run([Foley(seconds=Fraction(1), seed=1)], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert not samples.any()
