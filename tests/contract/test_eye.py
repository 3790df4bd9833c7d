"""What every eye back-end owes, and what CLIP refuses and never cuts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Score
from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError, UnsupportedError
from kamishibai.media.picture import encode_png
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.eye.clip import ClipEye
from kamishibai.models.eye.reading import stretches
from kamishibai.models.kinds import Look
from kamishibai.weights.presets import presets
from kamishibai.weights.pretrained import BACK_ENDS
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

needs_torch = pytest.mark.skipif(
    find_spec("transformers") is None, reason="the [models] extra is not installed"
)
REAL = ("clip", "siglip", "siglip2")
EYES = ["eye:fake", *(pytest.param(name, marks=[needs_torch, pytest.mark.slow]) for name in REAL)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


@pytest.fixture(params=EYES)
def eye(request: pytest.FixtureRequest, tiny: Callable[[str], Path]) -> Iterator[Model[Any, Any]]:
    name = request.param if request.param == "eye:fake" else f"eye:clip:{tiny(request.param)}"
    model = registry.make(name)
    model.load()
    yield model
    model.unload()


def noise(desk: StoreDesk, seed: int, colour: tuple[int, int, int] = (128, 128, 128)) -> Ref:
    rng = np.random.default_rng(seed)
    pixels = np.clip(rng.normal(colour, 40, (48 + 16 * (seed % 3), 64, 3)), 0, 255).astype(np.uint8)
    return desk.save(encode_png(pixels), "image/png")


def test_there_is_a_score_for_every_text_and_every_other_picture(
    eye: Model[Any, Any], desk: StoreDesk
) -> None:
    one, other = noise(desk, 1), noise(desk, 2)
    (score,) = eye.run([Look(image=one, texts=("red sea", "snow"), pictures=(one, other))], desk)
    assert isinstance(score, Score)
    assert len(score.texts) == len(score.pictures) == 2
    assert all(-1.000001 <= value <= 1.000001 for value in (*score.texts, *score.pictures))
    assert score.pictures[0] == pytest.approx(1, abs=1e-4)
    assert score.pictures[1] < score.pictures[0]


def test_an_ask_alone_and_in_a_batch_gets_the_same_score(eye: Model[Any, Any], desk: StoreDesk) -> None:
    asks = [Look(image=noise(desk, seed), texts=("a red fox",)) for seed in (1, 2, 3)]
    together = eye.run(asks, desk)
    assert [eye.run([ask], desk)[0] for ask in asks] == together


def test_without_texts_and_pictures_there_is_nothing_to_score(eye: Model[Any, Any], desk: StoreDesk) -> None:
    assert eye.run([Look(image=noise(desk, 1))], desk) == [Score()]


def test_the_fake_eye_sees_colours(desk: StoreDesk) -> None:
    (score,) = registry.make("eye:fake").run(
        [Look(image=noise(desk, 1, (230, 20, 20)), texts=("a red balloon", "the blue sea"))], desk
    )
    assert score.texts[0] > score.texts[1]


def test_the_fake_eye_is_the_same_for_every_order_of_pictures_it_is_shown(desk: StoreDesk) -> None:
    refs = tuple(noise(desk, seed) for seed in (1, 2, 3))
    (score,) = registry.make("eye:fake").run([Look(image=refs[0], pictures=refs)], desk)
    (turned,) = registry.make("eye:fake").run([Look(image=refs[0], pictures=refs[::-1])], desk)
    assert turned.pictures == score.pictures[::-1]


# --------------------------------------------------------------------------- CLIP and SigLIP: without loading them
def test_the_back_end_for_each_type_of_eye_is_this_one() -> None:
    from kamishibai.models.eye.clip import TYPES

    assert {kind for kind, one in BACK_ENDS.items() if one == "eye:clip"} == set(TYPES)


@needs_torch
def test_an_eye_is_not_asked_twice_with_other_weights_under_the_same_name(
    tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    copy = shutil.copytree(tiny("clip"), tmp_path / "clip")
    before = ClipEye(variant=str(copy)).weights()
    assert before == ClipEye(variant=str(tiny("clip"))).weights()
    data = bytearray((copy / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (copy / "model.safetensors").write_bytes(data)
    assert ClipEye(variant=str(copy)).weights() != before


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _other_model(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "bert"}')


def _critic(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "llava", "architectures": ["LlavaForX"]}')


def _foreign_code(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "clip", "auto_map": {"AutoModel": "x.Y"}}')


def _cut_off(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


@needs_torch
@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (_without_weights, ModelError, "pickle"),
        (_other_model, UnsupportedError, "runs clip, siglip, siglip2"),
        (_critic, UnsupportedError, "this one is for `critic:llava:"),
        (_foreign_code, UnsupportedError, "code of its own"),
        (_cut_off, ModelError, "cut off"),
    ],
)
def test_weights_that_must_not_be_loaded_are_refused_before_any_work(
    tiny: Callable[[str], Path],
    tmp_path: Path,
    spoil: Callable[[Path], None],
    error: type[KamishibaiError],
    says: str,
) -> None:
    folder = shutil.copytree(tiny("clip"), tmp_path / "clip")
    spoil(folder)
    with pytest.raises(error) as caught:
        ClipEye(variant=str(folder)).weights()
    assert says in f"{caught.value.what} {caught.value.hint}"


@pytest.mark.parametrize("name", ["nobody/no-such-clip", "siglip-base-patch16-224"])
def test_weights_that_are_not_here_are_named_with_the_way_to_get_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(UnknownModelError, match="not on this machine") as caught:
        ClipEye(variant=name).weights()
    assert f"kamishibai models pull {name}" in str(caught.value.hint)


def test_every_preset_of_an_eye_is_one_that_it_finds_and_its_default_is_among_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    names = [one.name for one in presets("eye")]
    assert ClipEye.default in names
    for name in names:
        with pytest.raises(UnknownModelError, match="not on this machine"):
            ClipEye(variant=name).weights()
    with pytest.raises(UnsupportedError) as caught:
        ClipEye(variant="llava-1.5-7b").weights()
    assert "--critic llava:llava-1.5-7b" in str(caught.value.hint)


def test_finding_an_eye_costs_no_import_of_torch() -> None:
    code = (
        "import sys; from kamishibai.models.eye.clip import ClipEye\n"
        "try: ClipEye(variant='nobody/no-such-clip').weights()\n"
        "except Exception as e: print(type(e).__name__, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "UnknownModelError False"


@pytest.mark.parametrize("text", ["a fox, " * 40, "word " * 90, "狐" * 200, "x" * 500, "日本語。" * 60, ""])
def test_a_text_of_any_length_is_parted_into_stretches_that_lose_nothing(text: str) -> None:
    pieces = stretches(text, lambda piece: len(piece) <= 77)
    assert all(len(piece) <= 77 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_text_that_fits_is_read_as_it_stands() -> None:
    assert stretches("at 3.5 miles, Mr.Fox  slept", lambda piece: len(piece) < 77) == [
        "at 3.5 miles, Mr.Fox slept"
    ]


# ------------------------------------------------------------------------------------ CLIP and SigLIP: as they see
def _opened(folder: Path, **options: Any) -> ClipEye:
    eye = ClipEye(ClipEye.Options(**options), str(folder))
    eye.load()
    return eye


@needs_torch
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_the_end_of_a_text_longer_than_the_model_reads_still_counts(
    name: str, tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    eye = _opened(tiny(name))
    long = "a small fox in the snow, " * 6
    asked = (long + "red moon", long + "blue sun", "狐" * 300 + "a", "狐" * 300 + "b")
    (score,) = eye.run([Look(image=noise(desk, 1), texts=asked)], desk)
    assert score.texts[0] != score.texts[1]
    if name == "clip":  # the tiny SigLIP's vocabulary has no letters beyond ASCII apart from one for all
        assert score.texts[2] != score.texts[3]


@needs_torch
@pytest.mark.slow
@pytest.mark.parametrize("name", ["siglip", "siglip2"])
def test_a_short_text_scores_as_siglip_was_trained_padded_to_its_whole_length(
    name: str, tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    import torch
    from PIL import Image
    from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

    folder, image = tiny(name), noise(desk, 1)
    model, tokenizer = AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    pictures = AutoImageProcessor.from_pretrained(folder, backend="pil")
    with torch.no_grad(), Image.open(desk.path(image)) as opened:
        seen = model.get_image_features(**pictures(images=opened.convert("RGB"), return_tensors="pt"))
        scored = []
        for padding in ("max_length", False):
            ids = tokenizer(["red fox"], padding=padding, max_length=16, return_tensors="pt")["input_ids"]
            words = model.get_text_features(input_ids=ids).pooler_output
            scored.append(float(torch.nn.functional.cosine_similarity(seen.pooler_output, words)))
    (score,) = _opened(folder).run([Look(image=image, texts=("red fox", "a much longer one"))], desk)
    assert score.texts[0] == pytest.approx(scored[0], abs=2e-6)
    assert abs(scored[0] - scored[1]) > 1e-3, "the test shows nothing where padding makes no difference"


@needs_torch
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_text_scores_the_same_whatever_else_is_asked_with_it(
    name: str, tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    eye, image = _opened(tiny(name)), noise(desk, 1)
    (alone,) = eye.run([Look(image=image, texts=("a fox",))], desk)
    (beside,) = eye.run([Look(image=image, texts=("a very long text about foxes, " * 5, "a fox"))], desk)
    assert beside.texts[1] == alone.texts[0]


@needs_torch
@pytest.mark.slow
def test_siglip_reads_capitals_as_the_small_letters_it_was_trained_on(
    tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    eye = _opened(tiny("siglip"))
    (score,) = eye.run([Look(image=noise(desk, 1), texts=("A Red Fox", "a red fox"))], desk)
    assert score.texts[0] == score.texts[1]


@needs_torch
@pytest.mark.slow
def test_the_likeness_of_a_crop_to_its_picture_is_the_cosine_of_their_embeddings(
    tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    import torch
    from PIL import Image
    from transformers import AutoImageProcessor, AutoModel

    pixels = np.random.default_rng(5).integers(0, 255, (96, 96, 3)).astype(np.uint8)
    whole = desk.save(encode_png(pixels), "image/png")
    crop = desk.save(encode_png(np.ascontiguousarray(pixels[:40, :60])), "image/png")
    (score,) = _opened(tiny("clip")).run([Look(image=crop, pictures=(whole,))], desk)
    model = AutoModel.from_pretrained(tiny("clip"))
    prepare = AutoImageProcessor.from_pretrained(tiny("clip"), backend="pil")
    rows = []
    with torch.no_grad():
        for ref in (crop, whole):
            given = prepare(images=Image.open(desk.path(ref)).convert("RGB"), return_tensors="pt")
            rows.append(model.get_image_features(**given).pooler_output)
    assert score.pictures[0] == pytest.approx(float(torch.cosine_similarity(*rows)), abs=2e-6)


@needs_torch
@pytest.mark.slow
def test_on_a_card_a_picture_scores_the_same_alone_and_among_others(
    tiny: Callable[[str], Path], desk: StoreDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    eye = _opened(tiny("siglip"))
    monkeypatch.setattr(ClipEye, "_together", lambda self: 8)  # as on a card, where eight go through at once
    asks = [Look(image=noise(desk, seed), texts=("a fox",)) for seed in range(11)]
    together = eye.run(asks, desk)
    assert [eye.run([ask], desk)[0] for ask in asks] == together


@needs_torch
@pytest.mark.slow
def test_an_eye_that_sees_no_numbers_says_so(
    tiny: Callable[[str], Path], tmp_path: Path, desk: StoreDesk
) -> None:
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny("clip"), tmp_path / "clip")
    weights = load_file(folder / "model.safetensors")
    weights["visual_projection.weight"][:] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="gave no numbers"):
        _opened(folder).run([Look(image=noise(desk, 1), texts=("a fox",))], desk)


@needs_torch
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_in_half_precision_as_on_a_card_scores_are_nearly_the_same(
    name: str, tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    ask = Look(image=noise(desk, 1), texts=("a red fox", "snow"), pictures=(noise(desk, 2),))
    exact, half = (_opened(tiny(name), dtype=dtype).run([ask], desk)[0] for dtype in ("float32", "float16"))
    assert half != exact
    assert half.texts + half.pictures == pytest.approx(exact.texts + exact.pictures, abs=0.003)
