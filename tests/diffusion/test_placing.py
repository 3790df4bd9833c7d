"""A plan put on a tiny pipeline, taken off again, and the ladder when memory runs out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.devices.memory import Device, MemoryPlan, plan_memory, step_down
from kamishibai.errors import ModelError, UnsupportedError, UsageError
from kamishibai.weights.families import family_named

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from kamishibai.diffusion.pipe import quiet  # noqa: E402
from kamishibai.diffusion.placing import (  # noqa: E402
    answer_with_ladder,
    attend,
    is_out_of_memory,
    offload_to,
    place,
)

HERE = Device(kind="cpu", total_mb=64_000, free_mb=64_000)
CARD = Device(kind="cuda", total_mb=80_000, free_mb=80_000, bf16=True)


class Desk:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, bool]] = []

    def note(self, text: str, *, warn: bool = False) -> None:
        self.notes.append((text, warn))


def plan_of(name: str = "sd15", *, device: Device = HERE, batch: int = 1, **more: Any) -> MemoryPlan:
    family = family_named(name)
    plan = plan_memory(device, family, 1, 64, 64, frames=family.frames, batch=batch)
    return plan.model_copy(update=more)


@pytest.fixture
def pipe(tiny: Callable[[str], Path]) -> Any:
    from diffusers import StableDiffusionPipeline

    with quiet():
        pipe = StableDiffusionPipeline.from_pretrained(
            str(tiny("sd15")), safety_checker=None, requires_safety_checker=False
        )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def drawn(pipe: Any, count: int = 2) -> Any:
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in range(count)]
    with quiet():
        return pipe(
            ["a fox"] * count,
            num_inference_steps=2,
            height=64,
            width=64,
            generator=generators,
            output_type="np",
        ).images


def hooked(pipe: Any) -> list[str]:
    return [name for name, part in pipe.components.items() if hasattr(part, "_hf_hook")]


def test_slices_do_not_change_the_pictures(pipe: Any) -> None:
    place(pipe, plan_of(), HERE)
    plain = drawn(pipe)

    place(pipe, plan_of(vae_slicing=True, attention_slicing=True), HERE)

    assert {type(each).__name__ for each in pipe.unet.attn_processors.values()} == {"SlicedAttnProcessor"}
    assert np.abs(drawn(pipe) - plain).max() < 1e-4


def test_a_later_plan_undoes_an_earlier_one(pipe: Any) -> None:
    place(pipe, plan_of(), HERE)
    plain = drawn(pipe)
    place(pipe, plan_of(vae_slicing=True, vae_tiling=True, tile_px=32, attention_slicing=True), HERE)

    place(pipe, plan_of(), HERE)

    assert not pipe.vae.use_slicing
    assert not pipe.vae.use_tiling
    assert np.array_equal(drawn(pipe), plain)


def test_tiles_are_cut_as_the_plan_says_and_no_larger_than_the_decoder_likes(pipe: Any) -> None:
    native = pipe.vae.tile_sample_min_size

    place(pipe, plan_of(vae_tiling=True, tile_px=512), HERE)
    large = pipe.vae.tile_sample_min_size
    place(pipe, plan_of(vae_tiling=True, tile_px=16), HERE)

    assert large == min(native, 512)
    assert pipe.vae.tile_sample_min_size == 16
    assert pipe.vae.tile_latent_min_size == 16 // 2 ** (len(pipe.vae.config.block_out_channels) - 1)
    assert np.isfinite(drawn(pipe)).all()


def test_on_a_processor_nothing_is_offloaded(pipe: Any) -> None:
    place(pipe, plan_of(offload="sequential"), HERE)

    assert hooked(pipe) == []
    assert np.isfinite(drawn(pipe)).all()


def test_parts_moved_in_one_by_one_draw_the_same_and_the_hooks_come_off(pipe: Any) -> None:
    place(pipe, plan_of(), HERE)
    plain = drawn(pipe)

    offload_to(pipe, "model", torch.device("cpu"))
    offloaded, with_hooks = drawn(pipe), hooked(pipe)
    place(pipe, plan_of(), HERE)

    assert {"unet", "vae", "text_encoder"} <= set(with_hooks)
    assert np.array_equal(offloaded, plain)
    assert hooked(pipe) == []
    assert np.array_equal(drawn(pipe), plain)


def test_layers_moved_in_one_by_one_lie_in_main_memory_and_come_back(pipe: Any) -> None:
    place(pipe, plan_of(), HERE)
    plain = drawn(pipe)

    offload_to(pipe, "sequential", torch.device("cpu"))
    empty = pipe.unet.conv_in.weight.device.type
    place(pipe, plan_of(), HERE)

    assert empty == "meta"
    assert np.array_equal(drawn(pipe), plain)


def test_feed_forward_layers_in_pieces_make_the_same_clip(tiny: Callable[[str], Path]) -> None:
    from diffusers import StableVideoDiffusionPipeline
    from PIL import Image

    with quiet():
        pipe = StableVideoDiffusionPipeline.from_pretrained(str(tiny("svd")))
    pipe.set_progress_bar_config(disable=True)
    still = Image.new("RGB", (64, 64), (200, 90, 40))

    def clip(plan: MemoryPlan) -> Any:
        place(pipe, plan, HERE)
        with quiet():
            return pipe(
                still, height=64, width=64, num_frames=3, num_inference_steps=1, output_type="np",
                decode_chunk_size=plan.decode_chunk, generator=torch.Generator("cpu").manual_seed(1),
            ).frames  # fmt: skip

    plain = clip(plan_of("svd"))
    chunked = clip(plan_of("svd", forward_chunking=True))
    pieces = {m._chunk_size for m in pipe.unet.modules() if hasattr(m, "set_chunk_feed_forward")}
    place(pipe, plan_of("svd"), HERE)

    assert pieces == {1}
    assert np.abs(chunked - plain).max() < 1e-4
    assert {m._chunk_size for m in pipe.unet.modules() if hasattr(m, "set_chunk_feed_forward")} == {None}


def test_attention_that_needs_a_missing_package_names_it(pipe: Any) -> None:
    with pytest.raises(UsageError, match="xformers, which is not installed") as caught:
        attend(pipe, "xformers")

    assert "pip install xformers" in (caught.value.hint or "")


def test_unknown_attention_is_refused_with_what_there_is(pipe: Any) -> None:
    with pytest.raises(UsageError, match="not known") as caught:
        attend(pipe, "flash_hub")

    assert "sdpa" in (caught.value.hint or "")


def test_transformers_cannot_slice_their_attention(tiny: Callable[[str], Path]) -> None:
    from diffusers import FluxPipeline

    with quiet():
        pipe = FluxPipeline.from_pretrained(str(tiny("flux")))

    with pytest.raises(UnsupportedError, match="cannot slice"):
        attend(pipe, "slicing")


def errors_of_no_memory() -> list[BaseException]:
    wrapped = ModelError("failed")
    wrapped.__cause__ = RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
    return [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        torch.cuda.OutOfMemoryError("HIP out of memory"),
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"
        ),
        RuntimeError("MPS backend out of memory (MPS allocated: 18.04 GiB, other allocations: 1.2 GiB)"),
        RuntimeError("Invalid buffer size: 64.00 GB"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
        RuntimeError("could not create a primitive"),
        RuntimeError("could not execute a primitive"),
        OSError(12, "Cannot allocate memory"),
        wrapped,
    ]


@pytest.mark.parametrize(
    "error", errors_of_no_memory(), ids=lambda error: f"{type(error).__name__}: {error}"[:40]
)
def test_running_out_of_memory_is_known_in_every_form(error: BaseException) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        ValueError("out of memory"),
        KeyError("memory"),
    ],
)
def test_other_errors_are_not_taken_for_it(error: BaseException) -> None:
    assert not is_out_of_memory(error)


def test_a_real_allocation_that_cannot_be_had_is_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)

    assert is_out_of_memory(caught.value)


def scarce(most_batch: int, tried: list[MemoryPlan]) -> Callable[[MemoryPlan], str]:
    """Return a task that asks torch for more than there is until the batch is small enough."""

    def run(plan: MemoryPlan) -> str:
        tried.append(plan)
        if plan.batch > most_batch:
            torch.empty(2**60, dtype=torch.uint8)
        return "done"

    return run


def test_the_ladder_goes_down_to_what_fits_and_tells_each_step() -> None:
    tried: list[MemoryPlan] = []
    put: list[MemoryPlan] = []
    desk = Desk()

    answer, plan = answer_with_ladder(scarce(1, tried), plan_of(batch=4), put.append, desk)  # type: ignore[arg-type]

    assert (answer, plan.batch, [each.batch for each in tried]) == ("done", 1, [4, 2, 1])
    assert put == tried[1:]
    assert all(warn for _, warn in desk.notes)
    assert [text.partition(" (")[0] for text, _ in desk.notes] == [
        "After running out of memory: 2 at a time.",
        "After running out of memory: 1 at a time.",
    ]


def test_running_out_while_putting_the_pipeline_in_place_counts_as_well() -> None:
    def put(plan: MemoryPlan) -> None:
        if plan.offload == "none":
            torch.empty(2**60, dtype=torch.uint8)

    desk = Desk()
    answer, plan = answer_with_ladder(
        lambda plan: plan.offload, plan_of(device=CARD), put, desk, placed=False
    )  # type: ignore[arg-type]

    assert (answer, plan.offload) == ("model", "model")


def test_when_nothing_is_left_the_error_says_what_would_help() -> None:
    desk = Desk()

    with pytest.raises(ModelError) as caught:
        answer_with_ladder(scarce(0, []), plan_of(batch=2), lambda plan: None, desk)  # type: ignore[arg-type]

    assert "sd15 ran out of memory on cpu at 64×64, after 1 steps down" in caught.value.what
    assert "shrink" in (caught.value.hint or "")
    assert len(desk.notes) == 1


def test_a_smaller_picture_is_made_only_when_it_is_allowed() -> None:
    def run(plan: MemoryPlan) -> tuple[int, int]:
        if plan.width > 400:
            torch.empty(2**60, dtype=torch.uint8)
        return plan.width, plan.height

    plan = plan_memory(HERE, family_named("sd15"), 1, 512, 512)

    with pytest.raises(ModelError):
        answer_with_ladder(run, plan, lambda plan: None, Desk())  # type: ignore[arg-type]
    answer, _ = answer_with_ladder(run, plan, lambda plan: None, Desk(), shrink=True)  # type: ignore[arg-type]

    assert answer == (320, 320)


def test_other_errors_go_through_untouched() -> None:
    def run(plan: MemoryPlan) -> None:
        raise ValueError("another thing")

    with pytest.raises(ValueError, match="another thing"):
        answer_with_ladder(run, plan_of(), lambda plan: None, Desk())  # type: ignore[arg-type]


def test_the_ladder_is_long_enough_for_every_step() -> None:
    from kamishibai.diffusion.placing import MOST_STEPS

    plan = plan_memory(CARD, family_named("svd"), 0, 1024, 576, frames=25, batch=64)
    steps = 0
    lower = step_down(plan, shrink=True)
    while lower is not None:
        steps, lower = steps + 1, step_down(lower, shrink=True)

    assert steps < MOST_STEPS
