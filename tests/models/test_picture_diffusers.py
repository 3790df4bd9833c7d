"""picture:diffusers over every family, on tiny checkpoints: sizes, seeds, batches, words, sources, masks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desks import RecordingDesk
from kamishibai.documents.storyboard import Actor, Character, Scene
from kamishibai.documents.takes import Still
from kamishibai.errors import Cancelled, UsageError
from kamishibai.media.picture import Pixels, decode_png
from kamishibai.models.kinds import Draw, Reference
from kamishibai.models.picture.diffusers import DiffusersPicture
from kamishibai.models.registry import make

pytestmark = pytest.mark.slow

FAMILIES = (
    "sd15",
    "sdxl",
    "sd3",
    "flux",
    "zimage",
    "qwenimage",
    # Of the same classes as others, with other settings.
    pytest.param("sdxl-turbo", marks=pytest.mark.slow),
    pytest.param("flux-dev", marks=pytest.mark.slow),
)
SMALL = {"steps": 2, "width": 64, "height": 64}
SCENE = Scene(id="scene", line="")

Open = Callable[..., DiffusersPicture]


def ask(seed: int = 7, size: tuple[int, int] = (96, 96), prompt: str = "a fox", **more: Any) -> Draw:
    return Draw(prompt=prompt, scene=SCENE, width=size[0], height=size[1], seed=seed, **more)


def noise(seed: int, width: int = 96, height: int = 96) -> Pixels:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return coarse.repeat(8, 0).repeat(8, 1)


def apart(a: Pixels, b: Pixels) -> float:
    """Return the mean difference of two pictures, in steps of 255."""
    return float(np.abs(a.astype(np.int16) - b).mean())


@pytest.fixture(scope="module")
def opened(tiny: Callable[[str], Path]) -> Open:
    """Open a tiny checkpoint; the same one with the same options is loaded once."""
    models: dict[str, DiffusersPicture] = {}

    def open_(name: str, **options: Any) -> DiffusersPicture:
        key = f"{name} {sorted(options.items())}"
        if key not in models:
            model: Any = make(f"picture:diffusers:{tiny(name)}", {**SMALL, **options})
            model.load()
            models[key] = model
        return models[key]

    return open_


def drawn(model: DiffusersPicture, *asks: Draw, desk: RecordingDesk | None = None) -> list[Pixels]:
    desk = desk or RecordingDesk()
    return [desk.pixels(still.image) for still in model.run(asks, desk)]


@pytest.mark.parametrize("family", FAMILIES)
class TestEveryFamily:
    def test_draws_in_the_films_shape_at_least_as_large(self, opened: Open, family: str) -> None:
        desk = RecordingDesk()

        (still,) = opened(family).run([ask(size=(160, 96))], desk)

        assert (still.width, still.height) == (185, 111)
        assert desk.pixels(still.image).shape == (111, 185, 3)

    def test_another_seed_is_another_picture_and_the_same_seed_the_same(
        self, opened: Open, family: str
    ) -> None:
        model = opened(family)

        first, second, again = (drawn(model, ask(seed))[0] for seed in (1, 2, 1))

        assert apart(first, second) > 2
        assert np.array_equal(first, again)

    def test_a_batch_gives_everybody_the_picture_they_would_get_alone(
        self, opened: Open, family: str
    ) -> None:
        asks = [ask(seed) for seed in (1, 2, 3)]

        together = drawn(opened(family, batch=3), *asks)
        alone = [drawn(opened(family), each)[0] for each in asks]

        for a, b in zip(together, alone, strict=True):
            assert int(np.abs(a.astype(np.int16) - b).max()) <= 2

    def test_other_words_and_other_steps_are_another_picture(self, opened: Open, family: str) -> None:
        plain = drawn(opened(family), ask())[0]

        words = drawn(opened(family), ask(prompt="a lighthouse in a storm at night"))[0]
        steps = drawn(opened(family, steps=4), ask())[0]

        assert apart(plain, words) > 0
        assert apart(plain, steps) > 0

    def test_a_source_is_kept_at_low_strength_and_left_at_full_strength(
        self, opened: Open, family: str
    ) -> None:
        desk = RecordingDesk()
        source = noise(1)
        ref = desk.picture(source)
        model = opened(family, steps=4)

        near = drawn(model, ask(source=ref, strength=0.25), desk=desk)[0]
        nearer = drawn(model, ask(source=ref, strength=0.05), desk=desk)[0]
        far = drawn(model, ask(source=ref, strength=1.0), desk=desk)[0]

        assert not np.array_equal(near, far)
        assert apart(nearer, far) > 0
        assert desk.reported[-1][0] == 1.0

    def test_a_repair_leaves_what_is_outside_the_mask_untouched(self, opened: Open, family: str) -> None:
        desk = RecordingDesk()
        source = noise(2, 160, 96)
        mask = np.zeros_like(source)
        mask[20:70, 40:110] = 255
        wanted = ask(size=(160, 96), source=desk.picture(source), mask=desk.picture(mask), strength=0.9)

        repaired = drawn(opened(family, steps=4), wanted, desk=desk)[0]

        outside = mask[..., 0] == 0
        assert np.array_equal(repaired[outside], source[outside])
        assert apart(repaired[~outside], source[~outside]) > 5

    def test_progress_counts_every_step(self, opened: Open, family: str) -> None:
        desk = RecordingDesk()

        opened(family, steps=4).run([ask()], desk)

        steps = [note for _, note in desk.reported if note.startswith("step")]
        total = int(steps[0].split()[-1])
        assert steps == [f"step {i} of {total}" for i in range(1, total + 1)]
        assert total in (4, 5)  # PNDM's warm-up is one more
        assert [done for done, _ in desk.reported] == sorted(done for done, _ in desk.reported)
        assert desk.reported[-1][0] == 1.0

    def test_a_preview_is_shown_on_the_way(self, opened: Open, family: str) -> None:
        desk = RecordingDesk()

        opened(family, steps=4).run([ask()], desk)

        assert desk.previews
        assert decode_png(desk.previews[0]).shape[2] == 3

    def test_stopping_is_heeded_within_a_step_and_the_model_draws_again(
        self, opened: Open, family: str
    ) -> None:
        model = opened(family, steps=4)
        before = drawn(model, ask())[0]
        desk = RecordingDesk(stop_after=1)

        with pytest.raises(Cancelled):
            model.run([ask(9)], desk)

        assert len(desk.reported) == 1
        assert np.array_equal(drawn(model, ask())[0], before)


@pytest.mark.parametrize("aspect", [(256, 144), (144, 256), (144, 144), (144, 180)])
def test_every_aspect_is_drawn_near_the_native_area_and_fits_the_film_exactly(
    opened: Open, tiny: Callable[[str], Path], aspect: tuple[int, int]
) -> None:
    model = opened("sd15", width=None, height=None)
    desk = RecordingDesk()

    (still,) = model.run([ask(size=aspect)], desk)

    assert still.width * aspect[1] == still.height * aspect[0]
    assert aspect[0] <= still.width <= 1.4 * aspect[0]


def test_a_large_film_gets_a_large_canvas(opened: Open) -> None:
    (still,) = opened("sd15").run([ask(size=(1920, 1080))], RecordingDesk())

    assert (still.width, still.height) == (2208, 1242)


def test_a_side_that_the_family_cannot_draw_is_refused_with_the_nearest() -> None:
    model = make("picture:diffusers:x", {"width": 101})
    from kamishibai.diffusion.canvas import drawn_size
    from kamishibai.weights.families import family_named

    family = family_named("sd15")
    assert family is not None
    with pytest.raises(UsageError, match="104"):
        drawn_size(family, (160, 90), model.options.width, None)


def test_a_fresh_load_draws_the_same_bytes(opened: Open, tiny: Callable[[str], Path]) -> None:
    first = drawn(opened("sd15"), ask(3))[0]

    model: Any = make(f"picture:diffusers:{tiny('sd15')}", SMALL)
    model.load()
    second = drawn(model, ask(3))[0]
    model.unload()

    assert np.array_equal(first, second)


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "zimage", "qwenimage"])
def test_a_negative_prompt_and_guidance_change_the_picture(opened: Open, family: str) -> None:
    model = opened(family, guidance=6.0)
    plain = drawn(model, ask())[0]

    negative = drawn(model, ask(negative="rain, fog"))[0]
    own = drawn(opened(family, guidance=6.0, negative="rain, fog"), ask())[0]
    looser = drawn(opened(family, guidance=2.0), ask())[0]

    assert "negative" in model.honours()
    assert not np.array_equal(plain, negative)
    assert np.array_equal(negative, own)
    assert not np.array_equal(plain, looser)


def test_the_two_negatives_are_joined(opened: Open) -> None:
    both = drawn(opened("sd15", negative="fog"), ask(negative="rain"))[0]

    assert np.array_equal(both, drawn(opened("sd15"), ask(negative="rain, fog"))[0])


@pytest.mark.parametrize(("family", "guidance"), [("flux", 3.0), ("sdxl-turbo", 0.0), ("sd15", 1.0)])
def test_without_guidance_or_a_way_for_it_negatives_are_not_honoured(
    opened: Open, family: str, guidance: float
) -> None:
    model = opened(family, guidance=guidance)

    assert "negative" not in model.honours()
    assert not model.reads().negative


def test_asks_of_different_sizes_and_modes_go_into_one_run(opened: Open) -> None:
    desk = RecordingDesk()
    ref = desk.picture(noise(4))
    model = opened("sd15", batch=3, steps=3)
    asks = [ask(1), ask(2, size=(160, 90)), ask(3, source=ref), ask(4), ask(5, size=(160, 90))]

    together = drawn(model, *asks, desk=desk)
    alone = [drawn(model, each, desk=desk)[0] for each in asks]

    for a, b in zip(together, alone, strict=True):
        assert a.shape == b.shape
        assert int(np.abs(a.astype(np.int16) - b).max()) <= 2


def test_a_mask_needs_a_source_of_its_size_and_something_white(opened: Open) -> None:
    desk = RecordingDesk()
    source = desk.picture(noise(5))
    black = desk.picture(np.zeros((96, 96, 3), np.uint8))
    small = desk.picture(np.full((48, 48, 3), 255, np.uint8))
    model = opened("sd15")

    for problem, more in {
        "no picture": {"mask": black},
        "nothing white": {"mask": black, "source": source},
        "48×48": {"mask": small, "source": source},
    }.items():
        with pytest.raises(UsageError, match=problem):
            model.run([ask(**more)], desk)


def test_what_words_alone_tell_does_not_reach_the_key(opened: Open) -> None:
    model = opened("sd15")
    fox = Character(id="fox", name="fox")
    scene = SCENE.model_copy(update={"time": "night", "actors": (Actor(who="fox"),)})
    bare, full = (
        ask(),
        ask().model_copy(
            update={
                "scene": scene,
                "cast": (fox,),
                "look": "ink",
                "strength": 0.3,
            }
        ),
    )

    assert model.settle(full) == model.settle(bare)
    assert model.settle(full) != model.settle(ask(8))
    assert model.settle(ask(negative="rain")) != model.settle(bare)


def test_who_stands_where_counts_when_there_are_references(opened: Open) -> None:
    desk = RecordingDesk()
    model = opened("sd15")
    references = tuple(Reference(who=who, image=desk.picture(noise(i))) for i, who in enumerate("ab"))

    def placed(*order: str) -> Draw:
        scene = SCENE.model_copy(update={"actors": tuple(Actor(who=who, pose="run") for who in order)})
        return ask(references=references).model_copy(update={"scene": scene})

    assert model.settle(placed("a", "b")) != model.settle(placed("b", "a"))
    assert model.settle(placed("a", "b", "a")) == model.settle(placed("a", "b"))


@pytest.mark.parametrize("identity", ["reference-attention", "ip-adapter"])
def test_faces_are_held_and_let_go(opened: Open, tiny: Callable[[str], Path], identity: str) -> None:
    desk = RecordingDesk()
    adapter = {"ip_adapter": str(tiny("ip-adapter-sd15"))} if identity == "ip-adapter" else {}
    model = opened("sd15", identity=identity, batch=2, **adapter)
    scene = SCENE.model_copy(update={"actors": (Actor(who="fox"),)})
    reference = Reference(who="fox", image=desk.picture(noise(6)))
    held = [ask(seed, references=(reference,)).model_copy(update={"scene": scene}) for seed in (1, 2)]
    before = drawn(model, ask(1))[0]

    together = drawn(model, *held, desk=desk)
    alone = [drawn(model, each, desk=desk)[0] for each in held]
    after = drawn(model, ask(1))[0]

    assert "references" in model.honours()
    assert apart(together[0], before) > 0
    assert np.array_equal(before, after)
    for a, b in zip(together, alone, strict=True):
        assert int(np.abs(a.astype(np.int16) - b).max()) <= 2


def test_what_is_saved_is_a_still_without_layers_that_looks_at_its_subject(opened: Open) -> None:
    (still,) = opened("sd15").run([ask()], RecordingDesk())

    assert isinstance(still, Still)
    assert still.layers == ()
    assert all(0.2 <= part <= 0.8 for part in still.focus)


def test_a_prompt_over_77_tokens_is_read_to_its_end(opened: Open) -> None:
    start = "a small red fox in a dark forest, " * 6
    model = opened("sd15")

    one, other = (drawn(model, ask(prompt=start + end))[0] for end in ("by day", "at night"))

    assert not np.array_equal(one, other)
