"""Scenery: every setting composes, keeps the subject clear, wraps without a seam and follows hour and weather."""

from __future__ import annotations

import typing

import numpy as np
import pytest
import skia

from kamishibai.documents.storyboard import DayTime, Mood, Setting, View, Weather
from kamishibai.papercut.palette import colour_word, lit, luminance, scheme_for
from kamishibai.papercut.parts import Plane, StageSet
from kamishibai.papercut.settings import SETTINGS, build_set

ASPECTS = {"16:9": (320, 180), "9:16": (180, 320), "1:1": (240, 240), "4:5": (192, 240)}
VIEWS = typing.get_args(View)


def built(setting: str = "forest", **change: object) -> StageSet:
    ask: dict[str, typing.Any] = {
        "time": "day", "weather": "clear", "mood": "calm", "view": "medium", "width": 320, "height": 180, "seed": 5,
    }  # fmt: skip
    return build_set(setting, **(ask | change))


def pixels(planes: typing.Iterable[Plane], width: int, height: int) -> np.ndarray:
    surface = skia.Surface.MakeRaster(skia.ImageInfo.MakeN32Premul(width, height))
    with surface as canvas:
        canvas.clear(0)
        for plane in planes:
            plane.draw(canvas)
    return np.array(surface.makeImageSnapshot().toarray(), dtype=np.int16)


def test_every_setting_of_the_storyboard_is_built() -> None:
    assert set(SETTINGS) == set(typing.get_args(Setting))


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_a_set_has_depth_a_ground_and_a_place_for_the_subject_in_every_view_and_aspect(setting: str) -> None:
    for view in VIEWS:
        for width, height in ASPECTS.values():
            stage = built(setting, view=view, width=width, height=height)
            left, top, right, bottom = stage.keep_clear or (0, 0, 0, 0)
            ground = stage.planes[stage.main].ground

            assert len({plane.depth for plane in stage.planes}) >= 5
            assert all(0 <= plane.depth <= 1 for plane in stage.planes)
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            assert ground is not None
            assert top < ground((left + right) / 2) <= bottom


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_foreground_leaves_the_subject_free(setting: str) -> None:
    for name, (width, height) in ASPECTS.items():
        for view in VIEWS:
            stage = built(setting, view=view, width=width, height=height, seed=3)
            left, top, right, bottom = (int(v) for v in stage.keep_clear or (0, 0, 0, 0))
            solid = [p for p in stage.planes[stage.main + 1 :] if p.blend == "normal"]

            covered = pixels(solid, width, height)[top:bottom, left:right, 3] > 128

            assert covered.mean() < 0.03, (
                f"{name} {view}: {covered.mean():.0%} of the subject's place is hidden"
            )


@pytest.mark.parametrize(
    ("view", "low", "high"), [("close", 0.3, 0.38), ("medium", 0.18, 0.24), ("wide", 0.1, 0.13)]
)
def test_a_metre_has_the_size_its_view_asks_for(view: str, low: float, high: float) -> None:
    assert low <= built(view=view).metre_px / 180 <= high


def test_the_same_seed_gives_the_same_picture_and_another_seed_another_one() -> None:
    one, again, other = (pixels(built(seed=s).planes, 320, 180) for s in (1, 1, 2))

    assert np.array_equal(one, again)
    assert (np.abs(one - other).max(axis=2) > 24).mean() > 0.25


@pytest.mark.parametrize("setting", ["forest", "sea", "sky", "space", "underwater", "library"])
@pytest.mark.parametrize("weather", ["wind", "snow", "fog", "rain"])
def test_what_drifts_and_falls_repeats_without_a_seam(setting: str, weather: str) -> None:
    stage = built(setting, weather=weather, mood="mysterious")
    moving = [p for p in stage.planes if p.life is not None and p.life.kind in ("drift", "fall")]

    assert moving
    for plane in moving:
        x0, y0, x1, y1 = (round(v) for v in plane.bounds or (0, 0, 320, 180))
        tile = pixels([plane], 320, 180)[y0:y1].astype(float)
        tile = tile[..., :3] * tile[..., 3:] / 255  # what is seen of it
        assert (x0, x1) == (0, 320)
        for axis in (1, 0) if plane.life is not None and plane.life.kind == "fall" else (1,):
            steps = np.abs(np.diff(tile, axis=axis)).mean(axis=(2, 1 - axis))
            first, last = np.take(tile, 0, axis), np.take(tile, -1, axis)
            assert np.abs(first - last).mean() <= steps.max() * 1.25 + 0.2, plane.name


def test_rain_falls_before_and_behind_the_subject_but_not_indoors_before_the_window() -> None:
    outdoors, indoors = built("meadow", weather="rain"), built("library", weather="rain")

    assert [p.name for p in outdoors.planes[outdoors.main :] if "rain" in p.name]
    assert [p.name for p in outdoors.planes[: outdoors.main] if "rain" in p.name]
    assert not [p.name for p in indoors.planes[indoors.main :] if "rain" in p.name]


def test_a_clear_night_has_a_moon_and_stars_that_twinkle() -> None:
    stage = built("meadow", time="night")

    assert any(light.kind == "moon" for light in stage.lights)
    assert (
        sum(p.life is not None and p.life.kind == "twinkle" and "stars" in p.name for p in stage.planes) >= 2
    )


@pytest.mark.parametrize("setting", ["village", "city", "room", "ship", "market", "library"])
def test_lamps_and_windows_are_lit_at_night(setting: str) -> None:
    stage = built(setting, time="night")

    assert any(light.kind in ("lamp", "window", "fire") for light in stage.lights)
    assert any(p.blend == "add" and p.life is not None and p.life.kind == "flicker" for p in stage.planes)


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_props_find_a_named_part_to_be_placed_by_within_the_picture(setting: str) -> None:
    named: set[str] = set()
    for seed in range(4):
        stage = built(setting, seed=seed)
        for anchor in stage.anchors.values():
            left, top, right, bottom = anchor.box
            assert left < right
            assert top < bottom
            named.add(anchor.name)
    assert named or setting == "space"


def test_night_is_darker_than_day_and_every_mood_has_a_look_of_its_own() -> None:
    day, night = (pixels(built("meadow", time=t).planes, 320, 180)[..., :3].mean() for t in ("day", "night"))
    schemes = {scheme_for("meadow", "dusk", "clear", mood) for mood in typing.get_args(Mood)}

    assert night < 0.6 * day
    assert len(schemes) == len(typing.get_args(Mood))


def test_every_colour_of_every_scheme_can_be_shown() -> None:
    for setting in SETTINGS:
        for time in typing.get_args(DayTime):
            for weather in typing.get_args(Weather):
                scheme = scheme_for(setting, time, weather, "sad", 7.0)
                p = scheme.palette
                for rgb in (
                    p.zenith,
                    p.horizon,
                    p.far,
                    p.near,
                    p.light,
                    p.ink,
                    p.shade,
                    p.tint,
                    scheme.mid,
                    scheme.mist,
                ):
                    assert all(0.0 <= v <= 1.0 for v in rgb)
                assert 0.3 < p.brightness < 1.2
                assert 0.0 <= p.tint_strength <= 0.6


def test_a_drawing_is_lit_by_the_hour_and_fades_into_the_distance() -> None:
    orange = (0.9, 0.5, 0.2)
    day, night = (scheme_for("forest", t, "clear", "calm").palette for t in ("day", "night"))

    def away(rgb: tuple[float, ...], goal: tuple[float, ...]) -> float:
        return float(np.abs(np.subtract(rgb, goal)).sum())

    assert away(lit(orange, day, 0.6), orange) < 0.2
    assert luminance(lit(orange, night, 0.6)) < luminance(lit(orange, day, 0.6)) - 0.05
    assert lit(orange, night, 0.6)[0] > lit(orange, night, 0.6)[2], "an orange fox stays warm at night"
    assert away(lit(orange, day, 0.1), day.far) < away(lit(orange, day, 0.4), day.far)


@pytest.mark.parametrize(
    "word", ["blue", "golden", "crimson", "turquoise", "Red", " pale pink ", "dark green", "#1a2B3c"]
)
def test_colour_words_of_stories_are_known(word: str) -> None:
    rgb = colour_word(word)

    assert rgb is not None
    assert all(0.0 <= v <= 1.0 for v in rgb)


@pytest.mark.parametrize("word", ["", "loud", "#12", "#12345g", "#", "very"])
def test_what_is_no_colour_is_none(word: str) -> None:
    assert colour_word(word) is None


def test_dark_and_light_change_a_colour_word() -> None:
    dark, plain, light = (luminance(colour_word(w) or (0, 0, 0)) for w in ("dark blue", "blue", "light blue"))

    assert dark < plain < light


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(KeyError, match="moonbase"):
        built("moonbase")
