from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kamishibai import Studio
from kamishibai.documents.takes import Still
from kamishibai.errors import UnsupportedError, UsageError
from kamishibai.media.picture import encode_png
from kamishibai.models.kinds import Animate, Board, Draft, Draw
from kamishibai.settings import Settings
from kamishibai.wishes import Wish, ask_for, read_wish
from kamishibai.work.store import Store


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(encode_png(np.full((90, 120, 3), 200, np.uint8)))
    return path


def plan(draft: Draft) -> Board:
    from kamishibai.models.text.planner import Planner

    class Nothing:
        def progress(self, done: float, note: str = "") -> None:
            return None

    return Planner().run([draft], Nothing())[0]  # type: ignore[arg-type]


def drawn(ask: Draw) -> Still:
    raise AssertionError("nothing is to be drawn")


def wished(kind: str, words: str, tmp_path: Path, honours: set[str], **wish: object) -> Draw | Animate:
    store = Store(tmp_path / "store")
    ask = ask_for(
        kind, words, read_wish(dict(wish)), Settings(size=144), store, plan, drawn, frozenset(honours)
    )
    assert isinstance(ask, (Draw, Animate))
    return ask


def test_a_picture_model_gets_the_very_words_and_every_wish(tmp_path: Path, photo: Path) -> None:
    ask = wished(
        "picture", "a fox under a tree", tmp_path, set(),
        negative="rain", source=photo, strength=0.3, mask=photo, like=(photo, photo),
    )  # fmt: skip
    assert isinstance(ask, Draw)
    assert ask.prompt == "a fox under a tree"
    assert (ask.negative, ask.strength, len(ask.references)) == ("rain", 0.3, 2)
    assert ask.source is not None
    assert ask.mask is not None


@pytest.mark.parametrize("wish", ["mask", "strength"])
def test_a_mask_or_a_strength_without_a_picture_to_start_from_is_refused(
    tmp_path: Path, photo: Path, wish: str
) -> None:
    with pytest.raises(UsageError, match=f"--{wish}"):
        wished("picture", "a fox", tmp_path, set(), **{wish: photo if wish == "mask" else 0.5})


def test_a_model_that_reads_words_alone_gets_no_picture(tmp_path: Path, photo: Path) -> None:
    ask = wished("motion", "a fox runs", tmp_path, {"prompt"}, seconds=Fraction(2))
    assert isinstance(ask, Animate)
    assert (ask.still, ask.prompt, ask.seconds) == (None, "a fox runs", 2)
    with pytest.raises(UsageError, match="words alone"):
        wished("motion", str(photo), tmp_path, {"prompt"})


def test_a_model_that_reads_no_words_refuses_a_prompt(tmp_path: Path, photo: Path) -> None:
    with pytest.raises(UsageError, match="does not read words"):
        wished("motion", str(photo), tmp_path, {"still"}, prompt="it runs")


def test_the_frame_takes_the_pictures_shape(tmp_path: Path) -> None:
    tall = tmp_path / "tall.png"
    tall.write_bytes(encode_png(np.full((160, 90, 3), 9, np.uint8)))
    ask = wished("motion", str(tall), tmp_path, {"still"})
    assert ask.height > ask.width


def test_a_wish_that_a_model_does_not_honour_is_an_error_and_not_ignored(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="has no use for negative"):
        Studio(cache=tmp_path / "store", size=144).try_one(
            "picture:fake", "a fox", tmp_path / "x.png", negative="rain"
        )
    assert not (tmp_path / "x.png").exists()


def test_a_wish_out_of_range_names_itself() -> None:
    with pytest.raises(UsageError, match="--strength"):
        read_wish({"strength": 7})
    assert Wish(negative="x").given() == {"negative"}
