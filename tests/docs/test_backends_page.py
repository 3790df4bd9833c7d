from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kamishibai import Studio
from kamishibai.errors import UsageError
from kamishibai.media.sound import decode_wav
from kamishibai.models import registry
from kamishibai.models.kinds import ASKS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "backends.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
POINT = re.search(r'^"(music:drone)" = "(drone:Drone)"$', PAGE, re.M)


@pytest.fixture
def drone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example of the page, installed as pip would."""
    assert POINT is not None
    info = tmp_path / "kamishibai_drone-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kamishibai-drone\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[kamishibai.models]\n{POINT[1]} = {POINT[2]}\n")
    (tmp_path / "drone.py").write_text(EXAMPLE, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "drone", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._points.cache_clear()
    yield tmp_path
    registry._points.cache_clear()


def test_the_example_is_short() -> None:
    assert len(EXAMPLE.splitlines()) < 80


def test_the_example_is_listed_with_its_options_and_licence(drone: Path) -> None:
    (card,) = Studio().models("music:drone")
    assert (card.problem, card.licences[0].name) == ("", "CC0-1.0")
    assert [(o.name, o.default, o.what) for o in card.options] == [("ground_hz", "110.0", "The ground note.")]


def test_the_example_makes_the_same_music_twice_of_exactly_the_length(drone: Path) -> None:
    makers = [Studio(cache=drone / f"store{n}") for n in (1, 2)]
    data = []
    for n, studio in enumerate(makers):
        studio.try_one("music:drone", "calm happy", drone / f"{n}.wav", seconds=3)
        data.append((drone / f"{n}.wav").read_bytes())
    samples, rate_hz = decode_wav(data[0])
    assert data[0] == data[1]
    assert samples.shape == (2, 3 * rate_hz)
    assert 0.03 < abs(samples).max() < 0.5


def test_the_options_of_the_example_reach_it_and_wrong_ones_do_not(drone: Path) -> None:
    for hz in (90, 110):
        studio = Studio(cache=drone / "store", options={"music:drone": {"ground_hz": hz}})
        studio.try_one("music:drone", "calm", drone / f"{hz}.wav", seconds=1)
    assert (drone / "90.wav").read_bytes() != (drone / "110.wav").read_bytes()
    with pytest.raises(UsageError, match="ground_hz"):
        Studio(cache=drone / "store", options={"music:drone": {"ground_hz": 9000}}).try_one(
            "music:drone", "calm"
        )


def test_the_example_scores_a_film(drone: Path) -> None:
    (drone / "story.txt").write_text("A fox came home.\n")
    fakes = dict.fromkeys(("text", "picture", "motion", "voice", "sound", "ear"), "fake")
    studio = Studio(
        size=144, quality="draft", workers=0, titles=False, cache=drone / "store", music="drone", **fakes
    )  # type: ignore[arg-type]
    studio.make(drone / "story.txt", drone / "film")
    assert studio.show(drone / "film").models["music"] == "music:drone"


def test_the_page_names_every_kind_with_its_ask_and_take() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (`\w+` \| `\w+`) \|", PAGE, re.M))
    assert rows == {kind: f"`{ask.__name__}` | `{take.__name__}`" for kind, (ask, take) in ASKS.items()}
