"""What every motion back-end keeps to: a shot that lasts as long as it was asked to, the same one every time."""

from __future__ import annotations

import hashlib
import io
from fractions import Fraction
from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Move
from kamishibai.documents.takes import Layer, Still
from kamishibai.errors import UsageError
from kamishibai.media.picture import encode_png
from kamishibai.models import registry
from kamishibai.models.kinds import Animate, Shot

OPTIONS = [(id_, {}) for id_ in registry.ids("motion")] + [("motion:fake", {"clip": True})]


class Table:
    """A desk whose blobs lie in memory."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.reported: list[float] = []

    def open(self, ref: Ref) -> bytes:
        return self.blobs[ref.sha256]

    def path(self, ref: Ref) -> Path:
        raise AssertionError("not needed here")

    def save(self, data: bytes, media_type: str) -> Ref:
        ref = Ref(sha256=hashlib.sha256(data).hexdigest(), media_type=media_type, size=len(data))
        self.blobs[ref.sha256] = data
        return ref

    def scratch(self, suffix: str) -> Path:
        raise AssertionError("not needed here")

    def progress(self, done: float, note: str = "") -> None:
        self.reported.append(done)

    def cancelled(self) -> bool:
        return False


@pytest.fixture
def table() -> Table:
    return Table()


def ask(table: Table, move: str = "push", seconds: Fraction = Fraction(2), layered: bool = True) -> Animate:
    image = table.save(encode_png(np.full((108, 192, 3), 90, np.uint8)), "image/png")
    layers = tuple(
        Layer(name=f"l{n}", ref=image, x=0, y=0, width=192, height=108, depth=n / 2) for n in range(3)
    )
    still = Still(image=image, width=192, height=108, focus=(0.6, 0.4), layers=layers if layered else ())
    return Animate(still=still, seconds=seconds, move=move, width=160, height=90, seed=7)


def run(id_: str, options: dict[str, object], asks: list[Animate], table: Table) -> list[Shot]:
    model = registry.make(id_, options)
    model.load()
    try:
        return model.run(asks, table)
    finally:
        model.unload()


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
@pytest.mark.parametrize("seconds", [Fraction(1, 30), Fraction(7, 3), Fraction(5)])
def test_a_shot_lasts_as_long_as_asked(
    table: Table, id_: str, options: dict[str, object], seconds: Fraction
) -> None:
    (shot,) = run(id_, options, [ask(table, seconds=seconds)], table)

    assert shot.seconds == seconds
    assert bool(shot.keys) != bool(shot.clip)
    if shot.keys:
        times = [key.time for key in shot.keys]
        assert times == sorted(set(times))
        assert times[0] >= 0
        assert times[-1] <= seconds
    if shot.clip is not None:
        with av.open(io.BytesIO(table.open(shot.clip))) as container:
            stream = container.streams.video[0]
            assert abs(stream.duration * stream.time_base - seconds) <= Fraction(1, 15)


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
@pytest.mark.parametrize("move", get_args(Move))
def test_every_key_lies_on_the_canvas(table: Table, id_: str, options: dict[str, object], move: str) -> None:
    (shot,) = run(id_, options, [ask(table, move)], table)

    for key in shot.keys:
        assert 0 < key.scale <= 1
        assert key.scale / 2 - 1e-9 <= key.x <= 1 - key.scale / 2 + 1e-9
        assert key.scale / 2 - 1e-9 <= key.y <= 1 - key.scale / 2 + 1e-9
    assert 0 <= shot.parallax <= 1


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
def test_the_same_ask_gives_the_same_shot_alone_or_in_a_batch(
    table: Table, id_: str, options: dict[str, object]
) -> None:
    asks = [ask(table, move) for move in ("push", "rise", "push")]

    together = run(id_, options, asks, table)
    alone = [run(id_, options, [one], table)[0] for one in asks]

    assert together == alone
    assert together[0] == together[2]


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
def test_progress_ends_at_one(table: Table, id_: str, options: dict[str, object]) -> None:
    run(id_, options, [ask(table), ask(table, "pull")], table)

    assert table.reported == sorted(table.reported)
    assert table.reported[-1] == 1


@pytest.mark.parametrize("id_", registry.ids("motion"))
def test_it_states_its_licence_and_refuses_unknown_options(id_: str) -> None:
    assert all(licence.name for licence in registry.class_of(id_).licence())
    with pytest.raises(UsageError, match="no_such_option"):
        registry.make(id_, {"no_such_option": 1})


def test_the_camera_sees_depth_where_there_are_layers_and_only_there(table: Table) -> None:
    layered, flat = run("motion:camera", {}, [ask(table), ask(table, layered=False)], table)

    assert layered.parallax > 0
    assert flat.parallax == 0
