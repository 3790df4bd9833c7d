"""What every eye back-end owes, and what CLIP refuses and never cuts."""

from __future__ import annotations

import shutil
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
from kamishibai.models.kinds import Look
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

needs_torch = pytest.mark.skipif(
    find_spec("transformers") is None, reason="the [models] extra is not installed"
)
EYES = ["eye:fake", pytest.param("eye:clip", marks=needs_torch)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


@pytest.fixture(params=EYES)
def eye(request: pytest.FixtureRequest, tiny: Callable[[str], Path]) -> Iterator[Model[Any, Any]]:
    name = request.param if request.param == "eye:fake" else f"eye:clip:{tiny('clip')}"
    model = registry.make(name)
    model.load()
    yield model
    model.unload()


def noise(desk: StoreDesk, seed: int, colour: tuple[int, int, int] = (128, 128, 128)) -> Ref:
    rng = np.random.default_rng(seed)
    pixels = np.clip(rng.normal(colour, 40, (48, 64, 3)), 0, 255).astype(np.uint8)
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


# ------------------------------------------------------------------------------------- CLIP
@needs_torch
def test_the_end_of_a_text_longer_than_clip_reads_still_counts(
    tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    eye = ClipEye(variant=str(tiny("clip")))
    eye.load()
    long = "a small fox in the snow, " * 6
    (score,) = eye.run([Look(image=noise(desk, 1), texts=(long + "red moon", long + "blue sun"))], desk)
    assert score.texts[0] != score.texts[1]


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
        (_other_model, UnsupportedError, "not a CLIP"),
        (_foreign_code, UnsupportedError, "not a CLIP"),
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
    with pytest.raises(error, match=says):
        ClipEye(variant=str(folder)).weights()


def test_weights_that_are_not_here_are_named_with_the_way_to_get_them() -> None:
    with pytest.raises(UnknownModelError, match="not on this machine") as caught:
        ClipEye(variant="nobody/no-such-clip").weights()
    assert "hf download nobody/no-such-clip" in str(caught.value.hint)
