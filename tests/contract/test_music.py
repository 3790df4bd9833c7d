"""What every composer keeps: exact length, stereo at 48 kHz, no clicks at the ends, the same again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kamishibai.documents.time import sample_at
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.models import registry
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
COMPOSERS = registry.ids("music")


@pytest.fixture
def desk(tmp_path: Path) -> StoreDesk:
    return StoreDesk(Store(tmp_path))


@pytest.mark.parametrize("name", COMPOSERS)
def test_the_score_is_exactly_as_long_as_asked_for_in_stereo(name: str, desk: StoreDesk) -> None:
    take = registry.make(name).run([ASK], desk)[0]
    samples, rate_hz = decode_wav(desk.open(take.sound))
    assert isinstance(take, Music)
    assert rate_hz == RATE_HZ
    assert samples.shape == (2, sample_at(ASK.seconds, RATE_HZ))
    assert take.seconds == ASK.seconds


@pytest.mark.parametrize("name", COMPOSERS)
def test_something_is_heard_and_nothing_clips(name: str, desk: StoreDesk) -> None:
    take = registry.make(name).run([ASK], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert 0.02 < np.abs(samples).max() < 0.9
    assert np.isfinite(samples).all()


@pytest.mark.parametrize("name", COMPOSERS)
def test_it_begins_and_ends_in_silence(name: str, desk: StoreDesk) -> None:
    take = registry.make(name).run([ASK], desk)[0]
    samples, _ = decode_wav(desk.open(take.sound))
    assert np.abs(samples[:, 0]).max() < 0.01
    assert np.abs(samples[:, -1]).max() < 0.01


@pytest.mark.parametrize("name", COMPOSERS)
def test_the_same_ask_gives_the_same_bytes(name: str, desk: StoreDesk) -> None:
    first, second = registry.make(name).run([ASK, ASK], desk)
    assert first.sound.sha256 == second.sound.sha256


@pytest.mark.parametrize("name", COMPOSERS)
def test_terms_are_stated(name: str) -> None:
    assert all(licence.name for licence in registry.class_of(name).licence())
