"""What every composer keeps: exact length, stereo at 48 kHz, no clicks at the ends, the same again."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from kamishibai.documents.time import sample_at
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Act, Compose, Music
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

ASK = Compose(
    seconds=Fraction("7.3"),
    acts=(
        Act(start=Fraction(0), end=Fraction(4), mood="calm", intensity=0.4),
        Act(start=Fraction(4), end=Fraction("7.3"), mood="happy", intensity=0.7),
    ),
    seed=5,
)
TINY = {"music:musicgen": "musicgen"}
"""Back-ends whose weights must be pulled, and the tiny checkpoint that stands in for them here."""
COMPOSERS = [
    pytest.param(name, marks=[pytest.mark.slow] if name in TINY else []) for name in registry.ids("music")
]


@pytest.fixture
def desk(tmp_path: Path) -> StoreDesk:
    return StoreDesk(Store(tmp_path))


@pytest.fixture(params=COMPOSERS)
def composer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Model[Any, Any]]:
    """Give every composer, loaded: with a tiny checkpoint where it needs one, with a file where it plays one."""
    name: str = request.param
    if name in TINY:
        name += f":{request.getfixturevalue('tiny')(TINY[name])}"
    if name == "music:file":
        at = np.arange(3 * RATE_HZ) / RATE_HZ
        soundfile.write(tmp_path / "song.wav", 0.3 * np.sin(2 * np.pi * 220 * at), RATE_HZ)
        name += f":{tmp_path / 'song.wav'}"
    model = registry.make(name)
    model.load()
    yield model
    model.unload()


def test_the_score_is_exactly_as_long_as_asked_for_in_stereo(
    composer: Model[Any, Any], desk: StoreDesk
) -> None:
    take = composer.run([ASK], desk)[0]
    samples, rate_hz = decode_wav(desk.open(take.sound))
    assert isinstance(take, Music)
    assert rate_hz == RATE_HZ
    assert samples.shape == (2, sample_at(ASK.seconds, RATE_HZ))
    assert take.seconds == ASK.seconds


def test_something_is_heard_and_nothing_clips(composer: Model[Any, Any], desk: StoreDesk) -> None:
    take = composer.run([ASK], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert 0.02 < np.abs(samples).max() < 0.9
    assert np.isfinite(samples).all()


def test_it_begins_and_ends_in_silence(composer: Model[Any, Any], desk: StoreDesk) -> None:
    take = composer.run([ASK], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert np.abs(samples[:, 0]).max() < 0.01
    assert np.abs(samples[:, -1]).max() < 0.01


def test_the_same_ask_gives_the_same_bytes(composer: Model[Any, Any], desk: StoreDesk) -> None:
    first, second = composer.run([ASK, ASK], desk)
    assert first.sound.sha256 == second.sound.sha256


def test_another_seed_gives_another_score_where_the_composer_says_so(
    composer: Model[Any, Any], desk: StoreDesk
) -> None:
    first, second = composer.run([ASK, ASK.model_copy(update={"seed": 6})], desk)
    if composer.id != "music:fake":  # which is arithmetic alone
        assert (first.sound.sha256 != second.sound.sha256) == composer.varies


def test_terms_are_stated(composer: Model[Any, Any]) -> None:
    assert all(licence.name for licence in (*type(composer).licence(), *composer.terms()))
