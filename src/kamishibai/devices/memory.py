"""Fits a model into a device's memory: a pure function from what is there and what is wanted to a plan.

A plan is the first of a fixed list of candidates, best first, whose estimate is within the memory that is free.
The list does not depend on the memory, so more memory never gives a worse plan. Best means: at full speed before
slowly, with the same pixels before slightly other ones, in large batches before small ones. In order of what is
given up first: batch size, residence of the whole pipeline (parts are moved in when their turn comes), speed of the
feed-forward layers, frames decoded at once, whole-picture decoding (tiles), and last of all the residence of even
one part (its layers are moved in one by one, which is very slow).

The measures and what they cost follow diffusers' documentation: "Reduce memory usage", "Stable Video Diffusion" for
feed-forward chunks and chunked decoding, and "Metal Performance Shaders" for Apple's machines, where batches "can
crash or fail to work reliably" and attention slicing is advised below 64 GB
(https://huggingface.co/docs/diffusers/optimization/memory, …/api/pipelines/stable_diffusion/svd, …/optimization/mps).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from kamishibai.devices.estimate import peaks_of
from kamishibai.devices.footprints import Footprint, footprint
from kamishibai.devices.plan import Device, Dtype, MemoryPlan, Offload, Peaks, Quantise, Work

if TYPE_CHECKING:
    from kamishibai.weights.families import Family

__all__ = [
    "SHARE",
    "Device",
    "Dtype",
    "MemoryPlan",
    "Offload",
    "Peaks",
    "Quantise",
    "Work",
    "peaks_of",
    "plan_memory",
    "step_down",
]

SHARE = {"cuda": 1.0, "rocm": 1.0, "mps": 0.85, "cpu": 0.80}
"""How much of the free memory is planned with: a card is one program's, main memory is everybody's."""
SLICING_BELOW_MB = 64_000
"""Attention slicing helps on Apple machines with less memory than this."""
CHUNKS = (8, 4, 2, 1)
HIGH = 0.6
"""A phase that takes less than this share of the highest is hardly where memory ran out."""
SHRINKS = 3
SHRINK = 0.8
LEAST_SIDE = 64


def plan_memory(
    device: Device,
    family: Family,
    weights_mb: int,
    width: int,
    height: int,
    *,
    frames: int = 1,
    batch: int = 1,
    dtype: Dtype | Literal["auto"] = "auto",
    offload: Offload | Literal["auto"] = "auto",
    quantise: Quantise | Literal["auto"] = "auto",
) -> MemoryPlan:
    """Return how a checkpoint of `family` with `weights_mb` of files is run on `device`.

    Parameters
    ----------
    weights_mb
        Size of the files that are loaded; 0 when it is not known, which takes the family's usual size.
    batch
        How many pictures at most are wanted at once; the plan may hold fewer.
    dtype, offload, quantise
        Decisions of the user's own, which are kept.

    A plan that cannot fit has ``fits=False``, the least memory it could do with, and says what would help.
    """
    assert family.kind != "sound", "a sound has no size in pixels to plan for"
    work = Work(
        device=device,
        family=family.name,
        kind=family.kind,
        weights_mb=weights_mb,
        width=width,
        height=height,
        frames=frames,
        multiple=family.multiple,
    )
    foot = footprint(work.family, work.kind)
    chosen, why_dtype = _dtype(device, foot, dtype)
    budget = round(device.free_mb * SHARE[device.kind])
    base = MemoryPlan(
        dtype=chosen,
        quantise="none" if quantise == "auto" else quantise,
        attention_slicing=foot.attention_slices
        and device.kind == "mps"
        and device.total_mb < SLICING_BELOW_MB,
        tile_px=foot.tile_px,
        work=work,
    )
    first = plan = None
    for plan in _candidates(base, foot, batch, offload):
        first = first or plan
        peaks = peaks_of(plan)
        if peaks.most <= budget:
            break
    assert first is not None
    assert plan is not None
    peaks = peaks_of(plan)
    fits = peaks.most <= budget
    why = (why_dtype, *_reasons(first, plan, foot, budget, batch, offload, quantise, fits))
    return plan.model_copy(update={"estimate_mb": peaks.most, "fits": fits, "why": why})


def _dtype(device: Device, foot: Footprint, wanted: Dtype | Literal["auto"]) -> tuple[Dtype, str]:
    if wanted != "auto":
        return wanted, f"{wanted}, as you asked."
    if device.kind == "cpu":
        return "float32", "float32: processors are slow or inexact at anything shorter."
    if foot.half == "float16":
        return "float16", f"float16: {foot.family} was published and tried in it."
    if device.bf16:
        return "bfloat16", f"bfloat16: {foot.family} was trained in its range, and this device has it."
    return (
        "float16",
        f"float16: this device has no bfloat16. Text encoders of {foot.family} may overflow in it; "
        "if pictures come out black, set dtype to float32.",
    )


def _candidates(
    base: MemoryPlan, foot: Footprint, batch: int, offload: Offload | Literal["auto"]
) -> Iterator[MemoryPlan]:
    """Yield plans, best first; see the module's text for the order."""
    video = base.work.frames > 1
    chunks: tuple[int | None, ...] = (None,)
    if foot.chunks:
        chunks = tuple(chunk for chunk in CHUNKS if chunk <= max(base.work.frames, 1))
    for slowly in (False, True):
        for tiling in (False, True) if foot.tiles else (False,):
            for chunk in chunks:
                for forward in (False, True) if foot.forward_chunks else (False,):
                    for offloading in _offloads(base.work.device, offload, slowly):
                        for size in _halves(1 if base.work.device.kind == "mps" else batch):
                            yield base.model_copy(
                                update={
                                    "offload": offloading,
                                    "vae_tiling": tiling,
                                    "vae_slicing": foot.slices
                                    and (size > 1 or (video and foot.slices_frames)),
                                    "decode_chunk": chunk,
                                    "forward_chunking": forward,
                                    "batch": size,
                                }
                            )


def _offloads(device: Device, wanted: Offload | Literal["auto"], slowly: bool) -> tuple[Offload, ...]:
    if device.kind == "cpu":
        return () if slowly else ("none",)
    if wanted != "auto":
        return () if slowly else (wanted,)
    if device.kind == "mps":
        return () if slowly else ("none",)
    return ("sequential",) if slowly else ("none", "model")


def _halves(batch: int) -> Iterator[int]:
    while batch > 1:
        yield batch
        batch //= 2
    yield 1


def _reasons(
    best: MemoryPlan,
    plan: MemoryPlan,
    foot: Footprint,
    budget: int,
    batch: int,
    offload: Offload | Literal["auto"],
    quantise: Quantise | Literal["auto"],
    fits: bool,
) -> Iterator[str]:
    """Yield a sentence for each decision beside the number type."""
    free = f"{budget / 1000:.1f} GB can be used"
    whole = peaks_of(best).most
    if offload != "auto" and plan.offload == offload:
        yield f"Offloading {offload}, as you asked."
    elif offload in ("model", "sequential"):
        yield f"No offloading, though you asked for {offload}: the weights are in main memory already."
    elif plan.offload == "none":
        yield f"The whole pipeline stays loaded: {peaks_of(plan).most / 1000:.1f} GB at its height, and {free}."
    elif plan.offload == "model":
        yield f"Parts are moved in when their turn comes: all at once would take {whole / 1000:.1f} GB, and {free}."
    else:
        yield "Layers are moved in one by one, which is very slow: not even the largest part fits otherwise."
    if plan.vae_slicing:
        yield "Decoding takes one picture after the other, which costs hardly any time."
    if plan.vae_tiling:
        yield f"Decoding works in tiles of {plan.tile_px} pixels: a whole picture would not fit."
    if plan.decode_chunk is not None:
        less = plan.decode_chunk < (best.decode_chunk or 0)
        yield f"{_frames(plan.decode_chunk)} decoded at once" + (": more would not fit." if less else ".")
    if plan.forward_chunking:
        yield "Feed-forward layers work in pieces: slower, and the same pixels."
    if plan.attention_slicing:
        yield "Attention works in slices, which helps on Apple machines with less than 64 GB."
    if plan.quantise != "none":
        yield f"Weights are quantised to {plan.quantise}, as you asked."
    elif quantise == "auto":
        yield "Nothing is quantised: that changes the pictures, so it is done only when you ask."
    if plan.batch < batch and plan.work.device.kind == "mps":
        yield "One at a time: batches can crash on Apple's GPUs."
    elif plan.batch < batch:
        yield f"{plan.batch} at a time in place of {batch}: more would not fit."
    if not fits:
        needed = peaks_of(plan).most / SHARE[plan.work.device.kind] / 1000
        yield f"It does not fit: it needs {needed:.1f} GB free, and {plan.work.device.free_mb / 1000:.1f} GB are."


def step_down(plan: MemoryPlan, *, shrink: bool = False) -> MemoryPlan | None:
    """Return the next gentler plan after running out of memory, or None when nothing is left.

    Every step takes less memory in some phase and more in none, or draws a smaller picture (only with `shrink`,
    at most three times), so the ladder ends.
    """
    before = peaks_of(plan)
    # A measure for a phase that is far from the height waits until nothing else is left: tiles, say, change pixels.
    for least in (HIGH * before.most, 0.0):
        for changes, said in _steps(plan, shrink):
            lower = plan.model_copy(update=changes)
            after = peaks_of(lower)
            pairs = tuple(zip(before.each, after.each, strict=True))
            if any(was >= least and now < was for was, now in pairs):
                return lower.model_copy(update={"estimate_mb": after.most, "why": (*plan.why, said)})
    return None


def _steps(plan: MemoryPlan, shrink: bool) -> Iterator[tuple[dict[str, object], str]]:
    work = plan.work
    foot = footprint(work.family, work.kind)
    after = "After running out of memory: "
    if foot.slices and not plan.vae_slicing:
        yield {"vae_slicing": True}, after + "pictures are decoded one at a time."
    if foot.tiles and not plan.vae_tiling:
        yield {"vae_tiling": True}, after + f"pictures are decoded in tiles of {plan.tile_px} pixels."
    if foot.forward_chunks and not plan.forward_chunking:
        yield {"forward_chunking": True}, after + "feed-forward layers work in pieces."
    if plan.decode_chunk is not None and plan.decode_chunk > 1:
        chunk = plan.decode_chunk // 2
        yield {"decode_chunk": chunk}, after + f"{_frames(chunk)} decoded at once."
    if plan.batch > 1:
        yield {"batch": plan.batch // 2}, after + f"{plan.batch // 2} at a time."
    if foot.attention_slices and not plan.attention_slicing and work.device.kind == "mps":
        yield {"attention_slicing": True}, after + "attention works in slices."
    if work.device.kind in ("cuda", "rocm"):
        if plan.offload == "none":
            yield {"offload": "model"}, after + "parts are moved in when their turn comes."
        if plan.offload == "model":
            yield {"offload": "sequential"}, after + "layers are moved in one by one, which is very slow."
    if shrink and plan.shrunk < SHRINKS:
        width, height = (_smaller(side, work.multiple) for side in (work.width, work.height))
        if (width, height) != (work.width, work.height):
            smaller = work.model_copy(update={"width": width, "height": height})
            yield (
                {"work": smaller, "shrunk": plan.shrunk + 1},
                after + f"drawn at {width}×{height} in place of {work.width}×{work.height}.",
            )


def _smaller(side: int, multiple: int) -> int:
    return min(side, max(int(side * SHRINK) // multiple * multiple, LEAST_SIDE))


def _frames(count: int) -> str:
    return f"{count} frames are" if count > 1 else "1 frame is"
