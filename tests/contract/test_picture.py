"""What every picture back-end promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desks import RecordingDesk
from kamishibai.documents.storyboard import Actor, Character, Prop, Scene
from kamishibai.documents.takes import Still
from kamishibai.errors import KamishibaiError
from kamishibai.media.picture import decode_png
from kamishibai.models.kinds import Draw
from kamishibai.models.registry import class_of, ids, make

FOX = Character(id="fox", name="fox")
SCENE = Scene(
    id="scene", line="", setting="forest", time="night", mood="mysterious", view="close",
    actors=(Actor(who="fox"),), props=(Prop(name="lantern", glows=True),),
)  # fmt: skip


def ask(seed: int = 7, scene: Scene = SCENE, size: tuple[int, int] = (320, 180)) -> Draw:
    return Draw(
        prompt="a fox and a lantern", scene=scene, cast=(FOX,), width=size[0], height=size[1], seed=seed
    )


def available() -> list[str]:
    """Return the back-ends whose packages are here and whose weights need no download."""
    out = []
    for id_ in ids("picture"):
        try:
            if class_of(id_).needs().download_mb == 0:
                out.append(id_)
        except KamishibaiError:
            continue
    return out


TINY = {"picture:diffusers": "sd15"}
"""Back-ends whose weights must be pulled, and the tiny checkpoint that stands in for them here."""


@pytest.fixture(params=[*available(), *TINY])
def id_(request: pytest.FixtureRequest, tiny: Callable[[str], Path]) -> str:
    """Give every back-end's id, with a tiny checkpoint where it needs one."""
    name: str = request.param
    return f"{name}:{tiny(TINY[name])}" if name in TINY else name


def draw(id_: str, *asks: Draw) -> tuple[list[Still], RecordingDesk]:
    desk, model = RecordingDesk(), make(id_)
    model.load()
    stills = model.run(asks, desk)
    model.unload()
    return stills, desk


class TestEveryPictureBackEnd:
    def test_answers_every_ask_in_order_and_reports_progress(self, id_: str) -> None:
        stills, desk = draw(id_, ask(1), ask(2))

        assert len(stills) == 2
        assert stills[0].image != stills[1].image
        assert desk.reported[-1][0] == 1.0

    def test_draws_the_same_bytes_for_the_same_ask(self, id_: str) -> None:
        (first,), _ = draw(id_, ask(3))
        (second,), _ = draw(id_, ask(3))

        assert first == second

    def test_draws_another_picture_for_another_seed(self, id_: str) -> None:
        (first,), _ = draw(id_, ask(3))
        (second,), _ = draw(id_, ask(4))

        assert first.image != second.image

    @pytest.mark.parametrize("size", [(320, 180), (180, 320), (240, 240), (240, 300)])
    def test_has_the_shape_it_was_asked_for(self, id_: str, size: tuple[int, int]) -> None:
        (still,), desk = draw(id_, ask(5, size=size))

        assert still.width >= size[0]
        assert still.height >= size[1]
        assert still.width / still.height == pytest.approx(size[0] / size[1], rel=0.02)
        assert decode_png(desk.open(still.image)).shape == (still.height, still.width, 3)

    def test_is_neither_black_nor_flat(self, id_: str) -> None:
        (still,), desk = draw(id_, ask(6))
        pixels = decode_png(desk.open(still.image))

        assert pixels.mean() > 12
        assert pixels.std() > 8

    def test_has_layers_that_lie_where_they_say(self, id_: str) -> None:
        (still,), desk = draw(id_, ask(7))

        for layer in still.layers:
            pixels = decode_png(desk.open(layer.ref))
            assert pixels.shape[:2] == (layer.height, layer.width)

    def test_looks_at_its_subject(self, id_: str) -> None:
        (still,), _ = draw(id_, ask(8))

        assert all(0.05 <= part <= 0.95 for part in still.focus)

    def test_states_its_licence(self, id_: str) -> None:
        for terms in (class_of(id_).licence(), make(id_).terms()):
            assert terms
            assert all(term.name for term in terms)

    def test_honours_nothing_that_its_class_does_not(self, id_: str) -> None:
        assert make(id_).honours() <= class_of(id_).supports

    def test_settles_an_ask_once_and_draws_the_same_for_it(self, id_: str) -> None:
        model = make(id_)
        settled = model.settle(ask(9))

        assert model.settle(settled) == settled
        assert draw(id_, settled)[0] == draw(id_, ask(9))[0]
