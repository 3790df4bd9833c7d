"""The back-ends that generate clips, each on its tiny checkpoint, through the code path that real weights take."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from kamishibai.diffusion.frames import Clip
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Layer, Still
from kamishibai.errors import Cancelled, ModelError, UnsupportedError, UsageError
from kamishibai.media.picture import decode_png, encode_png
from kamishibai.models import registry
from kamishibai.models.base import describe
from kamishibai.models.kinds import Animate, Shot
from kamishibai.models.motion.clips import ClipModel

pytestmark = pytest.mark.slow

Tiny = Callable[[str], Path]


class Table:
    """A desk whose blobs lie in memory; asked to stop after `stop_after` reports."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.blobs: dict[str, bytes] = {}
        self.reported: list[tuple[float, str]] = []
        self.notes: list[tuple[str, bool]] = []
        self.previews: list[bytes] = []
        self.stop_after = stop_after

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
        self.reported.append((done, note))

    def cancelled(self) -> bool:
        return len(self.reported) >= self.stop_after

    def note(self, text: str, *, warn: bool = False) -> None:
        self.notes.append((text, warn))

    def preview(self, png: bytes) -> None:
        self.previews.append(png)


@pytest.fixture
def table() -> Table:
    return Table()


def picture(table: Table, seed: int = 1) -> Still:
    squares = np.random.default_rng(seed).integers(0, 255, (9, 16, 3)).astype(np.uint8)
    image = table.save(encode_png(np.kron(squares, np.ones((8, 8, 1), np.uint8))), "image/png")
    return Still(image=image, width=128, height=72)


def ask(still: Still | None, seconds: Fraction | int = Fraction(1, 2), **fields: Any) -> Animate:
    fields = {"seed": 7, "width": 160, "height": 90, **fields}
    return Animate(still=still, seconds=Fraction(seconds), **fields)


def model(id_: str, folder: Path, **options: Any) -> ClipModel:
    small = {"steps": 2, "width": 64, "height": 64, "smooth": "none"}
    made = registry.make(f"motion:{id_}:{folder}", {**small, **options})
    assert isinstance(made, ClipModel)
    return made


_loaded: dict[str, ClipModel] = {}


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    _loaded.clear()  # not unloaded one by one: each would search all of memory for what can be freed


def make(made: ClipModel, asks: Sequence[Animate], table: Table) -> list[Shot]:
    """Run a model; one that an earlier test loaded with the same options is used again."""
    name = f"{describe(made)} {made.options.model_dump_json()}"
    if name not in _loaded:
        made.load()
        _loaded[name] = made
    return _loaded[name].run(asks, table)


def frames(shot: Shot, table: Table) -> Clip:
    assert shot.clip is not None
    with av.open(io.BytesIO(table.open(shot.clip))) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def apart(one: Shot, other: Shot, table: Table) -> float:
    """Return the mean difference of two shots' frames, in levels of 255."""
    return float(np.abs(frames(one, table).astype(int) - frames(other, table)).mean())


FROM_PICTURES = [("svd", "svd", {}), ("ltx", "ltx", {"frames": 9}), ("wan", "wan-i2v", {"frames": 5})]
FROM_WORDS = [("modelscope", "modelscope", {"frames": 4}), ("wan", "wan", {"frames": 5})]


# ------------------------------------------------------------------------------------------ what a clip depends on
@pytest.mark.parametrize(("id_", "name", "options"), FROM_PICTURES + FROM_WORDS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    tiny: Tiny, table: Table, id_: str, name: str, options: dict[str, Any]
) -> None:
    still = picture(table) if (id_, name, options) in FROM_PICTURES else None

    one, other, same = make(
        model(id_, tiny(name), **options), [ask(still), ask(still, seed=8), ask(still)], table
    )

    assert one == same
    assert apart(one, other, table) > 1


@pytest.mark.parametrize(("id_", "name", "options"), FROM_PICTURES)
def test_a_clip_from_a_picture_depends_on_the_picture(
    tiny: Tiny, table: Table, id_: str, name: str, options: dict[str, Any]
) -> None:
    one, other = make(
        model(id_, tiny(name), **options), [ask(picture(table, 1)), ask(picture(table, 2))], table
    )

    assert apart(one, other, table) > 1
    assert one.first is None


@pytest.mark.parametrize(("id_", "name", "options"), FROM_WORDS)
def test_a_clip_from_words_depends_on_them_and_brings_its_first_frame(
    tiny: Tiny, table: Table, id_: str, name: str, options: dict[str, Any]
) -> None:
    one, other, against = make(
        model(id_, tiny(name), **options),
        [
            ask(None, prompt="a fox in the snow"),
            ask(None, prompt="nine blue whales"),
            ask(None, prompt="a fox in the snow", negative="rain"),
        ],
        table,
    )

    assert one.clip != other.clip
    assert one.clip != against.clip
    assert one.first is not None
    shown = decode_png(table.open(one.first.image)).astype(int)
    assert (one.first.width, one.first.height) == (shown.shape[1], shown.shape[0]) == (64, 64)
    off = [np.abs(shown - frame).mean() for frame in frames(one, table)]
    assert off[0] == min(off)  # not nought: the codec halves the chroma


def test_strength_decides_how_much_svd_moves(tiny: Tiny, table: Table) -> None:
    clips = [
        make(model("svd", tiny("svd"), strength=strength), [ask(picture(table))], table)[0]
        for strength in (0.0, 0.5, 1.0)
    ]

    assert len({shot.clip for shot in clips}) == 3


def test_strength_is_the_fields_motion_bucket(tiny: Tiny) -> None:
    buckets = [
        model("svd", tiny("svd"), strength=strength).arguments(None)["motion_bucket_id"]
        for strength in (0.0, 0.5, 1.0)
    ]

    assert buckets == [1, 127, 255]


def test_ltx_makes_clips_from_words_with_the_weights_that_it_makes_them_from_pictures_with(
    tiny: Tiny, table: Table
) -> None:
    from_words, from_picture, again = make(
        model("ltx", tiny("ltx"), frames=9), [ask(None), ask(picture(table)), ask(None)], table
    )

    assert from_words.first is not None
    assert from_picture.first is None
    assert from_words == again


def test_wan_22s_small_checkpoint_serves_words_and_pictures_too(tiny: Tiny, table: Table) -> None:
    made = model("wan", tiny("wan22"), frames=5)

    assert made.honours() == {"still", "prompt", "negative"}
    from_words, one, other = make(
        made, [ask(None, Fraction(1, 10)), *(ask(picture(table, n), Fraction(1, 10)) for n in (1, 2))], table
    )
    assert from_words.first is not None
    assert apart(one, other, table) > 1


@pytest.mark.parametrize(("id_", "name", "options"), [FROM_PICTURES[1], FROM_WORDS[0]])
def test_clips_made_together_are_those_made_alone(
    tiny: Tiny, table: Table, id_: str, name: str, options: dict[str, Any]
) -> None:
    pictured = (id_, name, options) in FROM_PICTURES
    asks = [ask(picture(table, n) if pictured else None, seed=n, prompt="a fox") for n in (1, 2, 3)]

    together = make(model(id_, tiny(name), **options, batch=3), asks, table)
    alone = make(model(id_, tiny(name), **options, batch=1), asks, table)

    assert all(apart(one, other, table) < 0.5 for one, other in zip(together, alone, strict=True))
    assert apart(together[0], together[1], table) > 1


# ------------------------------------------------------------------------------------------ sizes and lengths
def test_a_clip_has_the_films_aspect_in_steps_that_the_model_can_make(tiny: Tiny, table: Table) -> None:
    made = model("svd", tiny("svd"), width=128, height=None)

    wide, tall = make(made, [ask(picture(table)), ask(picture(table), width=90, height=160)], table)

    assert frames(wide, table).shape[1:3] == (64, 128)
    assert frames(tall, table).shape[1:3] == (256, 128)


def test_without_a_wish_svd_makes_its_native_area(tiny: Tiny) -> None:
    made = registry.make(f"motion:svd:{tiny('svd')}")
    assert isinstance(made, ClipModel)

    assert made._size(1920, 1080) == (1024, 576)
    assert made._size(1080, 1920) == (576, 1024)


def test_a_size_that_the_model_cannot_make_is_refused_before_any_work(tiny: Tiny) -> None:
    with pytest.raises(UsageError, match="no multiple of 64"):
        model("svd", tiny("svd"), width=100).weights()


def test_more_frames_than_a_model_can_make_are_refused_with_the_other_way(tiny: Tiny) -> None:
    with pytest.raises(UsageError, match="at most 25 frames") as error:
        model("svd", tiny("svd"), frames=60).weights()

    assert "clips" in (error.value.hint or "")


@pytest.mark.parametrize(
    ("id_", "name", "wanted", "made"),
    [
        ("ltx", "ltx", 10, 17),
        ("wan", "wan", 6, 9),
        ("modelscope", "modelscope", 6, 6),
        ("svd", "svd", None, 6),
    ],
)
def test_frames_are_rounded_up_to_a_count_that_the_model_can_make(
    tiny: Tiny, table: Table, id_: str, name: str, wanted: int | None, made: int
) -> None:
    still = picture(table) if id_ in ("svd", "ltx") else None
    options = {"frames": wanted} if wanted else {}

    (shot,) = make(model(id_, tiny(name), **options), [ask(still, Fraction(1, 10))], table)

    assert len(frames(shot, table)) == made


def test_few_frames_a_second_become_fluent(tiny: Tiny, table: Table) -> None:
    smooth, raw = (
        make(model("svd", tiny("svd"), smooth=how), [ask(picture(table))], table)[0]
        for how in ("flow", "none")
    )

    with av.open(io.BytesIO(table.open(smooth.clip))) as container:  # type: ignore[arg-type]
        assert container.streams.video[0].average_rate == 28
    assert len(frames(smooth, table)) == 4 * len(frames(raw, table)) == 24


@pytest.mark.parametrize(
    ("extend", "parts", "said"),
    [
        ("continue", 2, "goes on from its last frame (2 clips)"),
        ("boomerang", 1, "runs back and forth"),
        ("hold", 1, "holds its last frame for 0.6 s"),
        ("slow", 1, "is slowed down 1.75 times"),
    ],
)
def test_a_scene_longer_than_a_clip_is_covered_as_asked_and_it_is_said(
    tiny: Tiny, table: Table, extend: str, parts: int, said: str
) -> None:
    seconds = Fraction(3, 2)  # six frames at seven a second are 0.86

    (shot,) = make(model("svd", tiny("svd"), extend=extend), [ask(picture(table), seconds)], table)

    with av.open(io.BytesIO(table.open(shot.clip))) as container:  # type: ignore[arg-type]
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base >= seconds
    assert len([note for _, note in table.reported if "step" in note]) == parts * 2
    assert said in table.notes[0][0]


def test_going_on_begins_where_the_clip_before_ended(tiny: Tiny, table: Table) -> None:
    (shot,) = make(model("svd", tiny("svd")), [ask(picture(table), Fraction(3, 2))], table)
    short = make(model("svd", tiny("svd")), [ask(picture(table))], table)[0]

    long = frames(shot, table)
    assert len(long) == 11  # two clips of six share a frame
    assert np.abs(long[:6].astype(int) - frames(short, table)).mean() < 3
    assert (long[6] != long[5]).any()


def test_a_held_frame_that_nobody_asked_for_is_a_warning(tiny: Tiny, table: Table) -> None:
    make(model("modelscope", tiny("modelscope"), frames=4), [ask(None, 2)], table)

    ((text, warn),) = table.notes
    assert warn
    assert "cannot go on from a frame" in text


# ------------------------------------------------------------------------------------------ keys
def test_an_edit_that_svd_cannot_notice_leaves_the_ask_as_it_was(tiny: Tiny, table: Table) -> None:
    made = model("svd", tiny("svd"))
    still = picture(table)
    sheet = Layer(name="l", ref=still.image, x=0, y=0, width=128, height=72, depth=0.5)
    layered = still.model_copy(update={"layers": (sheet,), "focus": (0.1, 0.1)})

    plain = made.settle(ask(still, Fraction(7, 10)))
    edited = made.settle(
        ask(
            layered,
            Fraction(8, 10),
            move="pull",
            amount=0.2,
            fps="24",
            prompt="Run!",
            width=1920,
            height=1080,
        )
    )

    assert edited == plain
    assert made.settle(ask(still, Fraction(7, 10), seed=8)) != plain
    assert made.settle(ask(still, Fraction(7, 10), width=90, height=160)) != plain


def test_words_count_for_a_model_that_reads_them(tiny: Tiny) -> None:
    made = model("wan", tiny("wan"))

    assert made.settle(ask(None, prompt="a")) != made.settle(ask(None, prompt="b"))
    assert made.settle(ask(None, Fraction(12, 10))) == made.settle(ask(None, Fraction(13, 10)))


def test_options_that_change_no_pixel_are_in_no_key(tiny: Tiny) -> None:
    options = model("ltx", tiny("ltx")).options

    assert {"device", "offload", "batch", "compile", "attention"} == options.unkeyed
    assert options.unkeyed < set(type(options).model_fields)


def test_what_each_honours_and_how_it_is_spoken_to(tiny: Tiny) -> None:
    assert model("svd", tiny("svd")).honours() == {"still"}
    assert model("modelscope", tiny("modelscope")).honours() == {"prompt", "negative"}
    assert model("modelscope", tiny("modelscope")).reads().style == "tags"
    assert model("ltx", tiny("ltx")).honours() == {"still", "prompt", "negative"}
    assert model("wan", tiny("wan")).honours() == {"prompt", "negative"}
    assert model("wan", tiny("wan-i2v")).honours() == {"still", "prompt", "negative"}
    assert "negative" not in model("wan", tiny("wan-i2v"), guidance=1).honours()


def test_facts_and_keys_cost_no_import_of_torch(tiny: Tiny) -> None:
    code = (
        "import sys; from fractions import Fraction; from kamishibai.models import registry;"
        "from kamishibai.models.kinds import Animate;"
        f"m = registry.make('motion:svd:{tiny('svd')}'); m.weights(); m.terms(); m.takes_up(); m.reads();"
        "m.settle(Animate(seconds=Fraction(1), width=64, height=64, seed=1)); print('torch' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


# ------------------------------------------------------------------------------------------ what goes wrong
def test_a_model_of_another_kind_is_refused_with_the_way_to_use_it(tiny: Tiny) -> None:
    with pytest.raises(UnsupportedError, match="draws pictures") as drawn:
        model("svd", tiny("sd15")).weights()
    with pytest.raises(UnsupportedError, match="wan") as other:
        model("svd", tiny("wan")).weights()

    assert "--picture diffusers:" in (drawn.value.hint or "")
    assert "--motion wan:" in (other.value.hint or "")


def test_svd_without_a_picture_names_the_models_that_need_none(tiny: Tiny, table: Table) -> None:
    with pytest.raises(UnsupportedError, match="from a picture") as error:
        make(model("svd", tiny("svd")), [ask(None)], table)

    assert "motion:modelscope" in (error.value.hint or "")


def test_a_negative_prompt_that_would_not_be_heeded_is_refused(tiny: Tiny) -> None:
    with pytest.raises(UnsupportedError, match="negative"):
        model("ltx", tiny("ltx"), guidance=1, negative="rain").weights()
    with pytest.raises(UsageError, match="negative"):
        model("svd", tiny("svd"), negative="rain")


def test_motion_diffusers_wants_to_be_told_which() -> None:
    with pytest.raises(UnsupportedError, match="which model"):
        registry.make("motion:diffusers").weights()


def test_any_video_pipeline_of_diffusers_runs_behind_one_adapter(tiny: Tiny, table: Table) -> None:
    made = model("diffusers", tiny("cogvideox"), frames=5)

    assert made.honours() == {"still", "prompt", "negative"}
    one, other = make(made, [ask(picture(table, n), prompt="a fox") for n in (1, 2)], table)
    assert apart(one, other, table) > 1


def test_a_class_that_diffusers_does_not_have_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "strange"
    shutil.copytree(tiny("svd"), folder)
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": "StrangeVideoPipeline"}))

    with pytest.raises((ModelError, UnsupportedError, LookupError), match="StrangeVideoPipeline"):
        model("diffusers", folder).load()


def poisoned(folder: Path, to: Path, value: float) -> Path:
    """Copy a tiny svd whose decoder answers `value` everywhere."""
    import torch
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, to)
    file = to / "vae" / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    for part, fill in (("weight", 0.0), ("bias", value)):
        name = f"decoder.time_conv_out.{part}"
        weights[name] = torch.full_like(weights[name], fill)
    save_file(weights, file, metadata={"format": "pt"})
    return to


@pytest.mark.parametrize(
    ("value", "fault"), [(float("nan"), "not a number"), (-1.0, "black"), (0.5, "one flat colour")]
)
def test_a_faulty_clip_is_made_again_twice_and_then_an_error(
    tiny: Tiny, table: Table, tmp_path: Path, value: float, fault: str
) -> None:
    folder = poisoned(tiny("svd"), tmp_path / "bad", value)

    with pytest.raises(ModelError, match=f"{fault} after 3 tries") as error:
        make(model("svd", folder), [ask(picture(table))], table)

    assert [warn for _, warn in table.notes] == [True, True]
    assert fault in table.notes[0][0]
    assert "motion:camera" in (error.value.hint or "")


def test_a_clip_that_was_faulty_once_is_made_with_another_seed(
    tiny: Tiny, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kamishibai.diffusion import projector

    faults = iter(["frozen", None, None])
    still = picture(table)
    (plain,) = make(model("svd", tiny("svd")), [ask(still)], table)

    monkeypatch.setattr(projector, "fault_of", lambda pixels: next(faults))
    (retaken,) = make(model("svd", tiny("svd")), [ask(still)], table)

    assert "frozen" in table.notes[0][0]
    assert apart(plain, retaken, table) > 1


def test_it_stops_within_one_step_of_being_asked_to(tiny: Tiny) -> None:
    table = Table(stop_after=1)
    made = model("svd", tiny("svd"), steps=6)

    with pytest.raises(Cancelled):
        make(made, [ask(picture(table))], table)

    assert [note for _, note in table.reported] == ["step 1 of 6"]


def test_progress_names_clip_and_step_and_never_runs_backwards(tiny: Tiny, table: Table) -> None:
    make(model("wan", tiny("wan-i2v"), frames=5), [ask(picture(table), 1)], table)

    done = [part for part, _ in table.reported]
    assert done == sorted(done)
    assert done[-1] == 1
    assert table.reported[0][1] == "clip 1 of 2, step 1 of 2"


@pytest.mark.parametrize(("id_", "name", "options"), FROM_PICTURES + FROM_WORDS)
def test_a_first_view_of_the_clip_is_shown_while_it_is_made(
    tiny: Tiny, table: Table, id_: str, name: str, options: dict[str, Any]
) -> None:
    still = picture(table) if (id_, name, options) in FROM_PICTURES else None

    make(model(id_, tiny(name), **options), [ask(still, Fraction(1, 10))], table)

    assert len(table.previews) == 1
    view = decode_png(table.previews[0])
    assert view.shape[0] == view.shape[1]  # as the clip
    assert view.std() > 1


def test_an_option_or_a_picture_that_a_pipeline_would_ignore_is_refused(
    tiny: Tiny, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kamishibai.diffusion import projector

    monkeypatch.setattr(projector, "_GUIDANCE", ("another_name",))
    with pytest.raises(UnsupportedError, match="takes no guidance"):
        make(model("svd", tiny("svd"), guidance=2), [ask(picture(table))], table)


def test_running_out_of_memory_is_met_with_a_smaller_clip_where_allowed(
    tiny: Tiny, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from kamishibai.diffusion import projector

    sizes: list[int] = []

    def short(pipe: Any, watch: Any, **kwargs: Any) -> Any:
        sizes.append(kwargs["width"])
        if kwargs["width"] > 64:
            raise torch.OutOfMemoryError("out of memory")
        return through(pipe, watch, **kwargs)

    through = projector.call
    monkeypatch.setattr(projector, "call", short)
    (shot,) = make(model("svd", tiny("svd"), width=128, shrink=True), [ask(picture(table))], table)

    assert sizes[0] == 128
    assert frames(shot, table).shape[2] == 64
    assert all("out of memory" in text.lower() for text, _ in table.notes)
