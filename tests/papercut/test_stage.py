"""Everyone in place, clear to see, lit, and in few layers."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Actor, Character, Place, Prop, Scene
from kamishibai.documents.takes import Still
from kamishibai.errors import DocumentError
from kamishibai.media.picture import decode_png
from kamishibai.models.kinds import Draw
from kamishibai.papercut.cards import credits_card, title_card
from kamishibai.papercut.casting import cast_players
from kamishibai.papercut.gluing import baked
from kamishibai.papercut.inscription import Text, inscribe
from kamishibai.papercut.layout import Placed, arrange
from kamishibai.papercut.parts import StageSet, caption_line
from kamishibai.papercut.settings import build_set
from kamishibai.papercut.sheets import Cutout, flatten
from kamishibai.papercut.stage import canvas_size, draw_scene, still_of

WIDTH, HEIGHT = 640, 360


class Shelf:
    """The one part of a desk that a drawing needs: somewhere to save."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def save(self, data: bytes, media_type: str) -> Ref:
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return Ref(sha256=digest, media_type=media_type, size=len(data))


def scene(setting: str = "meadow", **fields: object) -> Scene:
    return Scene.model_validate({"id": "scene", "line": "", "setting": setting, **fields})


def ask(of: Scene, *, seed: int = 7, size: tuple[int, int] = (WIDTH, HEIGHT), **names: str) -> Draw:
    cast = tuple(
        Character(id=actor.who, name=actor.who, noun=names.get(actor.who, actor.who)) for actor in of.actors
    )
    return Draw(prompt="", scene=of, cast=cast, width=size[0], height=size[1], seed=seed)


def placed(draw: Draw) -> tuple[dict[str, Placed], StageSet]:
    """Return everyone's place by key, and the set."""
    s = draw.scene
    width, height = canvas_size(draw.width, draw.height)
    stage = build_set(s.setting, s.time, s.weather, s.mood, s.view, width, height, draw.seed)
    players = cast_players(draw, stage).players
    return {p.player.key: p for p in arrange(players, stage, s.view, draw.seed)}, stage


def of(word: str, places: dict[str, Placed]) -> Placed:
    return next(p for key, p in places.items() if word in key)


def tall(p: Placed) -> float:
    return p.box[3] - p.box[1]


class TestSizes:
    @pytest.mark.parametrize(
        ("view", "least", "most"), [("close", 0.45, 0.58), ("medium", 0.34, 0.42), ("wide", 0.24, 0.30)]
    )
    def test_the_subject_fills_its_share_of_the_frame(self, view: str, least: float, most: float) -> None:
        places, stage = placed(ask(scene(view=view, actors=[Actor(who="fox")])))

        assert least <= tall(of("fox", places)) / stage.height <= most

    def test_a_mouse_beside_an_elephant_is_smaller_but_can_be_seen(self) -> None:
        places, stage = placed(ask(scene(actors=[Actor(who="elephant"), Actor(who="mouse")])))

        assert tall(of("mouse", places)) < 0.7 * tall(of("elephant", places))
        assert tall(of("mouse", places)) > 0.07 * stage.height

    def test_a_group_is_drawn_as_many_times_as_it_is_counted(self) -> None:
        places, _ = placed(ask(scene("sea", props=[Prop(name="sailboat", count=3)])))
        scales = [p.scale for key, p in places.items() if "sailboat" in key]

        assert len(scales) == 3
        assert len({round(s, 2) for s in scales}) > 1


class TestPlaces:
    @pytest.mark.parametrize(
        "setting", ["forest", "meadow", "beach", "city", "room", "library", "snow", "farm"]
    )
    @pytest.mark.parametrize("size", [(640, 360), (360, 640), (480, 480)])
    def test_actors_stand_inside_the_frame_with_their_feet_on_the_ground(
        self, setting: str, size: tuple[int, int]
    ) -> None:
        places, stage = placed(ask(scene(setting, actors=[Actor(who="fox"), Actor(who="bear")]), size=size))

        for p in places.values():
            assert p.grounded
            assert p.box[0] > 0
            assert p.box[2] < stage.width
            assert p.box[1] > 0
            ground = stage.planes[stage.main].ground
            assert ground is not None
            assert 0 <= p.y - ground(p.x) < 0.08 * stage.height

    @pytest.mark.parametrize("view", ["close", "medium", "wide"])
    @pytest.mark.parametrize("setting", ["forest", "meadow", "river", "room", "street", "space", "tower"])
    @pytest.mark.parametrize("size", [(640, 360), (360, 640), (384, 480), (480, 480)])
    def test_feet_are_clear_of_the_captions_even_when_the_camera_pushes_in(
        self, view: str, setting: str, size: tuple[int, int]
    ) -> None:
        draw = ask(
            scene(setting, view=view, actors=[Actor(who="fox")], props=[Prop(name="basket")]), size=size
        )
        places, stage = placed(draw)
        fox = of("fox", places)
        focus = (fox.box[1] + 0.36 * tall(fox)) / stage.height

        for p in places.values():
            foot = p.box[3] / stage.height
            assert foot <= caption_line(*size)
            # In space the subject hovers high above what lies on the moon.
            if fox.grounded:
                assert focus + (foot - focus) / (1 - 0.8 * 0.09) <= caption_line(*size) + 0.012

    def test_what_is_on_a_tower_fits_the_frame_with_it(self) -> None:
        kite = Prop(name="kite", place=Place(relation="on", of="castle"))
        for view in ("close", "medium", "wide"):
            actor = Actor(who="girl")
            places, stage = placed(ask(scene(view=view, actors=[actor], props=[Prop(name="castle"), kite])))

            assert of("kite", places).box[1] > 0.03 * stage.height
            assert of("castle", places).box[1] > 0.03 * stage.height
            assert tall(of("kite", places)) < tall(of("castle", places))

    def test_two_actors_do_not_cover_each_other(self) -> None:
        for seed in range(12):
            places, _ = placed(ask(scene(actors=[Actor(who="fox"), Actor(who="bear")]), seed=seed))
            a, b = of("fox", places), of("bear", places)
            shared = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
            assert shared < 0.15 * min(a.box[2] - a.box[0], b.box[2] - b.box[0])

    def test_who_is_on_something_has_its_feet_at_its_top_and_moves_with_it(self) -> None:
        cat = Actor(who="cat", place=Place(relation="on", of="box"))
        places, _ = placed(ask(scene("meadow", actors=[cat], props=[Prop(name="box")])))
        a, b = of("cat", places), of("box", places)

        assert b.box[1] - 0.1 * tall(a) < a.y < b.box[1] + 0.5 * tall(b)
        assert a.rides == b.player.key

    def test_under_a_tree_that_nobody_brought_there_is_a_tree(self) -> None:
        girl = Actor(who="girl", place=Place(relation="under", of="tree"))
        places, stage = placed(ask(scene("snow", actors=[girl])))

        assert "tree" in stage.anchors or any("tree" in key for key in places)

    def test_a_flyer_is_above_the_ground_and_throws_no_contact_shadow(self) -> None:
        places, stage = placed(ask(scene(actors=[Actor(who="owl", pose="fly")])))
        ground = stage.planes[stage.main].ground
        assert ground is not None

        assert of("owl", places).box[3] < ground(stage.width / 2)
        assert not of("owl", places).grounded

    def test_a_boat_is_cut_off_by_the_water_and_its_crew_is_not(self) -> None:
        parrot = Actor(who="parrot", place=Place(relation="on", of="sailboat"))
        places, _ = placed(ask(scene("sea", actors=[parrot], props=[Prop(name="sailboat")])))

        assert of("sailboat", places).sunk
        assert not of("parrot", places).sunk
        assert of("parrot", places).y < of("sailboat", places).box[3]

    def test_who_stands_at_sea_without_a_boat_stands_on_a_rock(self) -> None:
        places, _ = placed(ask(scene("sea", actors=[Actor(who="girl")])))

        assert of("girl", places).rides == "islet#0"

    def test_the_moon_is_not_drawn_twice(self) -> None:
        places, stage = placed(ask(scene(time="night", actors=[Actor(who="fox")], props=[Prop(name="moon")])))

        assert any(light.kind == "moon" for light in stage.lights)
        assert not any("moon" in key for key in places)

    def test_partners_look_at_each_other(self) -> None:
        places, _ = placed(ask(scene(actors=[Actor(who="elephant"), Actor(who="horse")])))
        a, b = of("elephant", places), of("horse", places)
        for p, other in ((a, b), (b, a)):
            looks = p.player.figure.faces
            if looks != "front":
                way = {"left": "right", "right": "left"}[looks] if p.mirror else looks
                assert (way == "right") == (other.x > p.x)


class TestLayers:
    def draw(self, of: Scene) -> tuple[Still, Shelf]:
        shelf = Shelf()
        return still_of(draw_scene(ask(of)), shelf), shelf  # type: ignore[arg-type]

    def test_the_bottom_layer_is_opaque_and_covers_the_canvas(self) -> None:
        still, shelf = self.draw(scene("forest", actors=[Actor(who="fox")]))
        bottom = still.layers[0]

        assert (bottom.x, bottom.y, bottom.width, bottom.height) == (0, 0, still.width, still.height)
        assert decode_png(shelf.blobs[bottom.ref.sha256]).shape[2] == 3

    @pytest.mark.parametrize("setting", ["forest", "sea", "room", "city", "snow"])
    def test_there_are_few_layers_and_little_paper(self, setting: str) -> None:
        still, _ = self.draw(
            scene(setting, time="night", weather="snow", actors=[Actor(who="fox"), Actor(who="owl")])
        )
        paper = sum(layer.width * layer.height for layer in still.layers) / (still.width * still.height)

        assert len(still.layers) <= 22
        assert paper <= 9

    def test_the_flat_picture_is_the_layers_laid_over_each_other(self) -> None:
        picture = draw_scene(ask(scene("meadow", actors=[Actor(who="fox")])))

        assert (picture.flat() == flatten(picture.sheets, picture.width, picture.height)).all()
        still, shelf = self.draw(scene("meadow", actors=[Actor(who="fox")]))
        canvas = np.zeros((still.height, still.width, 3), np.float32)
        for layer in still.layers:
            pixels = decode_png(shelf.blobs[layer.ref.sha256]).astype(np.float32)
            alpha = pixels[..., 3:] / 255 if pixels.shape[2] == 4 else np.ones_like(pixels[..., :1])
            part = canvas[layer.y : layer.y + layer.height, layer.x : layer.x + layer.width]
            part[:] = (
                part * (1 - alpha) * (layer.blend == "normal")
                + part * (layer.blend == "add")
                + pixels[..., :3] * alpha
            )
        flat = decode_png(shelf.blobs[still.image.sha256]).astype(np.float32)
        assert np.abs(np.clip(canvas, 0, 255) - flat).mean() < 1.0

    def test_what_drifts_and_falls_tiles_over_the_whole_canvas(self) -> None:
        still, _ = self.draw(scene("meadow", weather="snow", actors=[Actor(who="fox")]))
        moving = [la for la in still.layers if la.life is not None and la.life.kind in ("drift", "fall")]

        assert moving
        assert all(layer.x == 0 and layer.width == still.width for layer in moving)

    def test_walkers_hop_and_sleepers_breathe(self) -> None:
        walking, _ = self.draw(scene(actors=[Actor(who="fox", pose="walk")]))
        asleep, _ = self.draw(scene(actors=[Actor(who="fox", pose="lie")]))

        assert {la.life.kind for la in walking.layers if la.name == "fox" and la.life} == {"hop"}
        assert {la.life.kind for la in asleep.layers if la.name == "fox" and la.life} == {"breathe"}

    def test_a_lantern_lights_the_ground_around_it(self) -> None:
        dark = draw_scene(ask(scene("meadow", time="night", props=[Prop(name="apple")])))
        lit = draw_scene(ask(scene("meadow", time="night", props=[Prop(name="lantern", glows=True)])))
        x, y = int(lit.focus[0] * lit.width), int(0.83 * lit.height)
        patch = np.s_[y : y + 30, x - 60 : x + 60]

        assert lit.flat()[patch].mean() > dark.flat()[patch].mean() + 10

    def test_who_holds_a_candle_is_not_burnt_out_by_it(self) -> None:
        def boy(glows: bool) -> float:
            holder, candle = Actor(who="boy", holds="candle"), Prop(name="candle", glows=glows)
            picture = draw_scene(ask(scene("library", time="night", actors=[holder], props=[candle])))
            sheet = next(s for s in picture.sheets if s.name == "boy")
            solid = sheet.pixels[..., 3] == 255
            return float((sheet.pixels[..., :3].min(axis=2)[solid] > 235).mean())

        assert boy(True) < 0.06

    def test_light_that_never_changes_is_baked_into_the_sheets_behind_it(self) -> None:
        rng = np.random.Generator(np.random.PCG64(3))
        paper = np.zeros((8, 10, 4), np.uint8)
        paper[..., 3] = rng.integers(0, 256, (8, 10))
        paper[..., :3] = (paper[..., 3:] * 0.4).astype(np.uint8)
        ground = np.full((8, 10, 4), (60, 70, 80, 255), np.uint8)
        light = np.full((8, 10, 4), (40, 30, 20, 60), np.uint8)
        sheets = [
            Cutout("a", ground, 0, 0, 0.0),
            Cutout("b", paper, 0, 0, 0.3),
            Cutout("c", light, 0, 0, 0.4, "add"),
        ]
        want = flatten(sheets, 10, 8).astype(int)

        out = baked(sheets)

        assert [sheet.name for sheet in out] == ["a", "b"]
        assert np.abs(flatten(out, 10, 8).astype(int) - want).max() <= 2

    def test_a_forest_at_night_is_little_paper_to_move(self) -> None:
        of = scene(
            "forest",
            time="night",
            mood="mysterious",
            view="wide",
            actors=[Actor(who="fox")],
            props=[Prop(name="lantern", glows=True)],
        )
        still, _ = self.draw(of)

        assert len(still.layers) <= 15
        assert sum(la.width * la.height for la in still.layers) <= 5.2 * still.width * still.height

    def test_words_without_a_drawing_are_left_out_and_named(self) -> None:
        picture = draw_scene(ask(scene(actors=[Actor(who="fox")], props=[Prop(name="zxqv")])))

        assert "zxqv" in picture.left_out


class TestCards:
    def test_a_title_card_has_curtains_a_board_and_the_words_of_its_title(self) -> None:
        shelf = Shelf()
        still = title_card("The Fox", "Mira", 480, 270, 1, scene("forest"), shelf)  # type: ignore[arg-type]

        assert {"board", "curtain left", "curtain right", "valance"} <= {layer.name for layer in still.layers}
        board = next(layer for layer in still.layers if layer.name == "board")
        pixels = decode_png(shelf.blobs[board.ref.sha256])
        dark = (cv2.cvtColor(pixels[..., :3], cv2.COLOR_RGB2GRAY) < 90) & (pixels[..., 3] > 200)
        assert dark.mean() > 0.02

    @pytest.mark.parametrize(
        "title", ["A " + "very long " * 28 + "title", "../../x", "ثعلب وفانوس", "Łódź Ωμέγα", "Q"]
    )
    def test_any_title_stays_inside_its_box(self, title: str) -> None:
        words = inscribe([Text(title)], 400, 160, 60)

        assert words.pixels.shape == (160, 400, 4)
        assert words.pixels[..., 3].any()
        assert words.tall <= 160 or words.letters <= 9
        assert not words.pixels[:, 0, 3].any()
        assert not words.pixels[:, -1, 3].any()

    def test_a_title_that_no_font_can_letter_is_an_error_that_says_so(self) -> None:
        with pytest.raises(DocumentError, match="font"):
            title_card("\U0001314f\U00013150", None, 480, 270, 1, None, Shelf())  # type: ignore[arg-type]

    def test_credits_fit_an_upright_frame(self) -> None:
        lines = ["The Fox", "Story by Mira", "All emojis designed by OpenMoji, licence CC BY-SA 4.0 " * 2]
        still = credits_card(lines, 270, 480, 1, None, Shelf())  # type: ignore[arg-type]

        board = next(layer for layer in still.layers if layer.name == "board")
        assert board.x > 0
        assert board.x + board.width < still.width
