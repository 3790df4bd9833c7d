"""What every motion back-end keeps to: a shot that lasts as long as it was asked to, the same one every time."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
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
from kamishibai.models.base import Model
from kamishibai.models.kinds import Animate, Shot

# The tiny checkpoint (see tests/tiny) and the options that each back-end with weights is tried with.
SMALL: dict[str, object] = {"steps": 2, "extend": "hold", "smooth": "none", "width": 64, "height": 64}
TINY: dict[str, tuple[str, dict[str, object]]] = {
    "motion:svd": ("svd", SMALL),
    "motion:modelscope": ("modelscope", {**SMALL, "frames": 4}),
    "motion:ltx": ("ltx", {**SMALL, "frames": 9}),
    "motion:wan": ("wan-i2v", {**SMALL, "frames": 5}),
    "motion:diffusers": ("wan", {**SMALL, "frames": 5}),
}
PLAIN: list[tuple[str, dict[str, object]]] = [(id_, {}) for id_ in registry.ids("motion") if id_ not in TINY]
PLAIN += [("motion:fake", {"clip": True})]
OPTIONS = PLAIN + [(id_, options) for id_, (_, options) in TINY.items()]

Tiny = Callable[[str], Path]
Make = Callable[[str, dict[str, object]], Model[Animate, Shot]]


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

    def note(self, text: str, *, warn: bool = False) -> None:
        assert text

    def preview(self, png: bytes) -> None:
        assert png.startswith(b"\x89PNG")


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


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Make:
    """Make a model by its id; one with weights gets its tiny checkpoint, built when first needed."""

    def made(id_: str, options: dict[str, object]) -> Model[Animate, Shot]:
        if id_ in TINY:
            tiny: Tiny = request.getfixturevalue("tiny")
            id_ = f"{id_}:{tiny(TINY[id_][0])}"
        return registry.make(id_, options)

    return made


def run(model: Model[Animate, Shot], asks: list[Animate], table: Table) -> list[Shot]:
    model.load()
    try:
        return model.run(asks, table)
    finally:
        model.unload()


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
@pytest.mark.parametrize("seconds", [Fraction(1, 30), Fraction(7, 3), Fraction(5)])
def test_a_shot_lasts_as_long_as_asked(
    table: Table, make: Make, id_: str, options: dict[str, object], seconds: Fraction
) -> None:
    (shot,) = run(make(id_, options), [ask(table, seconds=seconds)], table)

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
            # What is longer is trimmed by the engine.
            assert stream.duration * stream.time_base >= seconds - Fraction(1, 15)


@pytest.mark.parametrize(("id_", "options"), PLAIN)
@pytest.mark.parametrize("move", get_args(Move))
def test_every_key_lies_on_the_canvas(
    table: Table, make: Make, id_: str, options: dict[str, object], move: str
) -> None:
    (shot,) = run(make(id_, options), [ask(table, move)], table)

    for key in shot.keys:
        assert 0 < key.scale <= 1
        assert key.scale / 2 - 1e-9 <= key.x <= 1 - key.scale / 2 + 1e-9
        assert key.scale / 2 - 1e-9 <= key.y <= 1 - key.scale / 2 + 1e-9
    assert 0 <= shot.parallax <= 1


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
def test_the_same_ask_gives_the_same_shot_alone_or_in_a_batch(
    table: Table, make: Make, id_: str, options: dict[str, object]
) -> None:
    asks = [ask(table, move) for move in ("push", "rise", "push")]

    together = run(make(id_, options), asks, table)
    model = make(id_, options)
    model.load()
    alone = [model.run([one], table)[0] for one in asks]
    model.unload()

    assert together == alone
    assert together[0] == together[2]


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
def test_progress_ends_at_one(table: Table, make: Make, id_: str, options: dict[str, object]) -> None:
    run(make(id_, options), [ask(table), ask(table, "pull")], table)

    assert table.reported == sorted(table.reported)
    assert table.reported[-1] == 1


@pytest.mark.parametrize(("id_", "options"), OPTIONS)
def test_a_settled_ask_asks_for_no_less_and_is_settled(
    table: Table, make: Make, id_: str, options: dict[str, object]
) -> None:
    model = make(id_, options)
    wanted = ask(table, seconds=Fraction(19, 7))

    settled = model.settle(wanted)

    assert settled.seconds >= wanted.seconds
    assert settled.seed == wanted.seed
    assert model.settle(settled) == settled


@pytest.mark.parametrize("id_", registry.ids("motion"))
def test_it_states_its_licence_and_refuses_unknown_options(id_: str) -> None:
    assert all(licence.name for licence in registry.class_of(id_).licence())
    with pytest.raises(UsageError, match="no_such_option"):
        registry.make(id_, {"no_such_option": 1})


def test_the_camera_sees_depth_where_there_are_layers_and_only_there(table: Table) -> None:
    layered, flat = run(registry.make("motion:camera"), [ask(table), ask(table, layered=False)], table)

    assert layered.parallax > 0
    assert flat.parallax == 0
