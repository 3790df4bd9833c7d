import numpy as np
import pytest
import skia

from kamishibai.documents.storyboard import Character, Person, Prop
from kamishibai.papercut import lexicon
from kamishibai.papercut.drawings import load, recolour_to
from kamishibai.papercut.figures import book_height, character_figure, prop_figure
from kamishibai.papercut.parts import Figure
from kamishibai.papercut.posture import POSTURES
from kamishibai.papercut.svgpath import parse_path, parse_transform

FEELINGS = ("neutral", "happy", "sad", "afraid", "angry", "asleep", "surprised")


def picture(figure: Figure, size: int = 160) -> np.ndarray:
    """Draw a figure in a square with a quarter of its extent to spare on every side."""
    left, top, right, bottom = figure.bounds
    scale = size / (1.5 * max(right - left, bottom - top))
    surface = skia.Surface(size, size)
    canvas = surface.getCanvas()
    canvas.clear(0)
    canvas.translate(size / 2 - scale * (left + right) / 2, size / 2 - scale * (top + bottom) / 2)
    canvas.scale(scale, scale)
    figure.draw(canvas)
    return surface.toarray()


def fox(**more: object) -> Character:
    return Character.model_validate({"id": "fox", "name": "fox", **more})


def stood(
    character: Character, pose: str = "stand", feeling: str = "neutral", holding: Figure | None = None
) -> Figure:
    figure = character_figure(character, pose, feeling, holding, 7)  # type: ignore[arg-type]
    assert figure is not None
    return figure


@pytest.mark.parametrize("pose", sorted(POSTURES))
@pytest.mark.parametrize("noun", ["fox", "panda", "frog", "girl", "king", "mermaid", "astronaut"])
def test_every_pose_stays_within_its_bounds(noun: str, pose: str) -> None:
    figure = stood(Character(id="who", name=noun), pose)

    pixels = picture(figure)[:, :, 3]

    assert (pixels > 128).mean() > 0.05
    left, top, right, bottom = figure.bounds
    scale = 160 / (1.5 * max(right - left, bottom - top))
    rows, columns = np.nonzero(pixels > 128)
    assert columns.max() - columns.min() <= (right - left) * scale + 2
    assert rows.max() - rows.min() <= (bottom - top) * scale + 2


@pytest.mark.parametrize("feeling", FEELINGS[1:])
@pytest.mark.parametrize("noun", ["fox", "boy"])
def test_every_feeling_shows(noun: str, feeling: str) -> None:
    calm = picture(stood(Character(id="who", name=noun)))

    moved = picture(stood(Character(id="who", name=noun), feeling=feeling))

    assert not np.array_equal(calm, moved)


def test_a_sleeping_owl_has_closed_eyes() -> None:
    owl = Character(id="owl", name="owl")

    assert not np.array_equal(picture(stood(owl)), picture(stood(owl, feeling="asleep")))


def test_the_same_character_is_drawn_the_same_way_every_time() -> None:
    mira = Character(id="mira", name="Mira", noun="girl")

    assert np.array_equal(picture(stood(mira)), picture(stood(mira)))


def test_two_characters_of_a_kind_can_be_told_apart() -> None:
    looks = {picture(stood(Character(id=name, name="girl"))).tobytes() for name in ("mira", "nora", "lea")}

    assert len(looks) == 3


def test_feet_of_who_stands_are_on_the_ground() -> None:
    for noun in ("fox", "king", "elephant", "house"):
        figure = stood(Character(id="who", name=noun))

        assert abs(figure.bounds[3]) < 0.03


def test_a_fox_stands_as_tall_as_its_size_says() -> None:
    figure = stood(fox())

    assert figure.height_m == pytest.approx(book_height(0.75, lead=True))
    assert -figure.bounds[1] == pytest.approx(figure.height_m, rel=0.08)


def test_a_mouse_beside_an_elephant_is_small_but_can_be_seen() -> None:
    mouse, elephant = stood(Character(id="m", name="mouse")), stood(Character(id="e", name="elephant"))

    assert 0.12 < mouse.height_m / elephant.height_m < 0.35


@pytest.mark.parametrize(
    ("size", "taller"), [("tiny", False), ("small", False), ("big", True), ("huge", True)]
)
def test_sizes_of_the_story_are_followed(size: str, taller: bool) -> None:
    usual, asked = stood(fox()), stood(fox(size=size))

    assert (asked.height_m > usual.height_m) is taller


def test_a_held_lantern_is_in_the_hand_and_gives_its_light() -> None:
    lantern = prop_figure(Prop(name="lantern"), 1)
    assert lantern is not None
    assert lantern.glow is not None

    holder = stood(fox(), holding=lantern)

    assert holder.glow == lantern.glow
    assert holder.hand is not None
    assert holder.bounds[2] > stood(fox()).bounds[2]
    assert not np.array_equal(picture(holder), picture(stood(fox())))


def test_a_blue_dragon_is_blue() -> None:
    dragon = stood(Character(id="d", name="dragon", colour="blue"))

    red, green, blue = dragon.main_colour
    assert blue > red
    assert blue > green
    pixels = picture(dragon).reshape(-1, 4)
    paint = pixels[pixels[:, 3] > 250][:, :3].astype(int)
    blueish = (paint[:, 2] > paint[:, 0] + 30).mean()
    greenish = (paint[:, 1] > paint[:, 2] + 30).mean()
    assert {blueish > 0.4, greenish > 0.4} != {True} or blueish > greenish


def test_recolouring_keeps_whites_and_shading() -> None:
    main = (0.9, 0.3, 0.2)
    change = recolour_to((0.2, 0.4, 0.9), main)

    assert change((1.0, 1.0, 1.0)) == (1.0, 1.0, 1.0)
    assert sum(change((0.6, 0.2, 0.13))) < sum(change(main))


def test_a_prop_without_a_drawing_is_left_out() -> None:
    assert prop_figure(Prop(name="hope"), 1) is None


def test_a_named_drawing_overrides_the_search() -> None:
    figure = prop_figure(Prop(name="thing", drawing="1F511"), 1)

    assert figure is not None
    assert figure.main_colour == load("1F511").main_colour


def test_the_person_of_the_storyboard_decides_about_hair_and_clothes() -> None:
    red = Character(
        id="a", name="Ada", noun="girl", person=Person(gender="woman", age="child", clothes="red")
    )

    figure = stood(red)

    assert figure.main_colour[0] > 0.6 > figure.main_colour[2]


def test_ink_is_never_black_and_follows_the_palette() -> None:
    violet = prop_figure(Prop(name="key"), 1, ink=(0.4, 0.1, 0.6))
    brown = prop_figure(Prop(name="key"), 1, ink=(0.3, 0.2, 0.1))
    assert violet is not None
    assert brown is not None

    assert not np.array_equal(picture(violet), picture(brown))


def test_boats_come_without_the_water_they_were_drawn_in() -> None:
    liner = prop_figure(Prop(name="cruise ship"), 1)
    assert liner is not None

    assert liner.rests == "floats"
    pixels = picture(liner)
    below = pixels[pixels.shape[0] // 2 :].reshape(-1, 4)
    water = (np.abs(below[:, :3].astype(int) - (146, 211, 245)).max(1) < 12) & (below[:, 3] > 250)
    assert water.mean() < 0.01


@pytest.mark.slow
def test_every_word_of_the_table_can_be_drawn() -> None:
    for entry in lexicon.entries():
        figure = prop_figure(Prop(name=entry.words[0]), 1)

        assert figure is not None, entry.words
        left, top, right, bottom = figure.bounds
        assert right > left, entry.words
        assert bottom > top, entry.words
        assert (picture(figure, 48)[:, :, 3] > 60).mean() > 0.004, entry.words


def test_svg_paths_with_packed_arc_flags_are_read_as_written() -> None:
    packed = parse_path("M0 0a5 5 0 0110 0")
    spread = parse_path("M 0 0 a 5 5 0 0 1 10 0")

    assert packed.getBounds() == spread.getBounds()
    assert packed.getBounds().width() == pytest.approx(10, abs=0.01)


def test_svg_transforms_are_applied_left_to_right() -> None:
    moved = parse_transform("translate(10 0) scale(2)").mapXY(1, 1)

    assert (moved.x(), moved.y()) == (12, 2)


@pytest.mark.parametrize("noun", ["robin", "owl", "penguin", "swan"])
def test_a_bird_that_flies_spreads_its_wings(noun: str) -> None:
    bird = Character(id="bird", name=noun)

    flying = stood(bird, "fly")

    assert flying.rests == "flies"
    assert not np.array_equal(picture(flying), picture(stood(bird)))


def test_a_beard_that_the_story_names_is_drawn_in_its_colour() -> None:
    plain = Character(id="m", name="man", noun="man", person=Person(gender="man", age="adult", hair="black"))
    bearded = plain.model_copy(update={"wears": ("long white beard",)})
    moustached = plain.model_copy(update={"wears": ("grey moustache",)})
    pictures = [picture(stood(c)).tobytes() for c in (plain, bearded, moustached)]
    assert len(set(pictures)) == 3


def test_a_bald_man_is_bald_at_any_age() -> None:
    haired = Character(id="m", name="man", noun="man", person=Person(gender="man", age="adult", hair="black"))
    assert haired.person is not None
    bald = haired.model_copy(update={"person": haired.person.model_copy(update={"hair": "bald"})})
    assert picture(stood(haired)).tobytes() != picture(stood(bald)).tobytes()
