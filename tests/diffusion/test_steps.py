"""The steps of a call: told, stopped, shown and checked, also for pipelines that know no callback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from desks import RecordingDesk
from kamishibai.diffusion.steps import LatentMap, NotFinite, Watch, call
from kamishibai.errors import Cancelled
from kamishibai.media.picture import decode_png

Tiny = Callable[[str], Path]


class Loop:
    """A pipeline of three steps that shows its progress bar and nothing else."""

    num_timesteps = 3

    def progress_bar(self, iterable: Any = None, total: int | None = None) -> Any:
        raise AssertionError("the library's own bar must not be shown")

    def __call__(self, *, updates: bool) -> list[int]:
        done: list[int] = []
        if updates:
            with self.progress_bar(total=3) as bar:
                for step in range(3):
                    done.append(step)
                    bar.update()
        else:
            done += list(self.progress_bar(range(3)))
        return done


class Older(Loop):
    """A pipeline with the callback that came before ``callback_on_step_end``."""

    def __call__(self, *, callback: Any = None, callback_steps: int = 1) -> list[int]:  # type: ignore[override]
        for step in range(3):
            callback(step, 1000 - step, torch.zeros(1, 4, 8, 8))
        return [0, 1, 2]


@pytest.mark.parametrize("updates", [True, False])
def test_a_pipeline_without_callback_is_followed_by_its_bar_which_it_gets_back(updates: bool) -> None:
    desk, pipe = RecordingDesk(), Loop()

    assert call(pipe, Watch(desk, 3), updates=updates) == [0, 1, 2]

    assert [note for _, note in desk.reported] == ["step 1 of 3", "step 2 of 3", "step 3 of 3"]
    assert "progress_bar" not in vars(pipe)


def test_the_older_callback_is_used_where_it_is_all_there_is() -> None:
    desk = RecordingDesk()

    call(Older(), Watch(desk, 3))

    assert len(desk.reported) == 3


def test_stopping_reaches_a_pipeline_without_callback_too() -> None:
    desk, pipe = RecordingDesk(stop_after=2), Loop()

    with pytest.raises(Cancelled):
        call(pipe, Watch(desk, 3), updates=True)

    assert len(desk.reported) == 2
    assert "progress_bar" not in vars(pipe)


def test_progress_fills_its_part_of_the_batch_and_leaves_room_for_the_decoder() -> None:
    desk = RecordingDesk()
    watch = Watch(desk, 4, span=(0.5, 1.0), label="picture 2")

    for _ in range(4):
        watch.step(None, None)

    parts = [done for done, _ in desk.reported]
    assert parts == sorted(parts)
    assert parts[0] > 0.5
    assert 0.9 < parts[-1] < 1.0
    assert desk.reported[0][1] == "picture 2, step 1 of 4"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_latents_that_are_no_numbers_stop_the_call_at_that_step(value: float) -> None:
    latents = torch.zeros(1, 4, 8, 8)
    latents[0, 2, 3, 4] = value
    desk = RecordingDesk()

    with pytest.raises(NotFinite, match="step 1 of 4"):
        Watch(desk, 4).step(None, latents)
    assert not desk.reported


def test_previews_come_now_and_then_and_not_for_the_last_step() -> None:
    desk = RecordingDesk()
    watch = Watch(desk, 20, glimpse=lambda latents: np.zeros((8, 8, 3), np.uint8))

    for _ in range(20):
        watch.step(None, torch.zeros(1, 4, 8, 8))

    assert len(desk.previews) == 3  # after 5, 10 and 15


@pytest.fixture(scope="module")
def linear() -> Any:
    """Give a pipeline whose autoencoder is a known linear map, so that the right colours are known."""
    from diffusers import AutoencoderKL

    class Straight(torch.nn.Module):
        dtype, device = torch.float32, torch.device("cpu")
        config = AutoencoderKL(block_out_channels=(4,), norm_num_groups=4).config

        def encode(self, pixels: torch.Tensor) -> Any:
            colours = torch.nn.functional.avg_pool2d(pixels, 8)
            latents = torch.cat([colours * 3 + 0.5, colours.mean(1, keepdim=True)], 1)
            found = type("Found", (), {"mode": lambda self: latents})()
            return type("Out", (), {"latent_dist": found})()

    return type("Pipe", (), {"vae": Straight()})()


def test_a_linear_autoencoder_is_seen_through_exactly(linear: Any) -> None:
    mapped = LatentMap.fitted(linear)
    assert mapped is not None
    colours = torch.tensor([[0.5, -0.5, 0.0], [-0.8, 0.2, 0.6]])
    pixels = colours.repeat_interleave(8, 0).T[None, :, None].repeat(1, 1, 8, 1)
    latents = linear.vae.encode(pixels).latent_dist.mode() * linear.vae.config.scaling_factor

    shown = mapped.picture(linear, latents, 16, 8)

    assert shown is not None
    left, right = shown[0, 0], shown[0, -1]
    assert left == pytest.approx((colours[0].numpy() / 2 + 0.5) * 255, abs=2)
    assert right == pytest.approx((colours[1].numpy() / 2 + 0.5) * 255, abs=2)


@pytest.mark.parametrize("family", ["sd15", "sd3", "flux", "qwenimage"])
def test_every_packing_of_latents_is_understood(tiny: Tiny, family: str) -> None:
    import diffusers

    pipe = diffusers.DiffusionPipeline.from_pretrained(str(tiny(family)), local_files_only=True)
    mapped = LatentMap.fitted(pipe)
    assert mapped is not None
    shapes: list[tuple[int, ...]] = []

    def glimpse(latents: torch.Tensor) -> Any:
        shown = mapped.picture(pipe, latents, 96, 64)
        assert shown is not None
        shapes.append(shown.shape)
        return shown

    pipe.set_progress_bar_config(disable=True)
    desk = RecordingDesk()
    call(pipe, Watch(desk, 2, glimpse=glimpse), prompt="a fox", width=96, height=64, num_inference_steps=2)

    assert all(width * 2 == height * 3 for height, width, _ in shapes)
    assert decode_png(desk.previews[0]).shape == shapes[0]


def test_an_unknown_packing_gives_no_preview(linear: Any) -> None:
    mapped = LatentMap.fitted(linear)
    assert mapped is not None

    assert mapped.picture(linear, torch.zeros(1, 12, 16), 96, 64) is None
    assert mapped.picture(linear, torch.zeros(1, 9, 8, 8), 64, 64) is None


def test_a_pipeline_without_an_autoencoder_has_no_previews() -> None:
    assert LatentMap.fitted(object()) is None
