"""Fits a model into a device's memory: a pure function from what is there and what is wanted to a plan.

A plan is the first of a fixed list of candidates, best first, whose estimate is within the memory that is free.
The list does not depend on the memory, so more memory never gives a worse plan. Best means: at full speed before
slowly, with the same pixels before slightly other ones, in large batches before small ones. In order of what is
given up first: batch size, residence of the whole pipeline (parts are moved in when their turn comes), speed of the
feed-forward layers, frames decoded at once, whole-picture decoding (tiles), and last of all the residence of even
one part (its layers are moved in one by one, which is very slow).

The order, and what each measure costs, follow "Reduce memory usage" of diffusers' documentation
(https://huggingface.co/docs/diffusers/optimization/memory), "Stable Video Diffusion" for feed-forward chunks and
chunked decoding, and "Metal Performance Shaders" for Apple's machines. `footprints` has the figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from kamishibai.devices.footprints import Footprint, footprint
from kamishibai.documents.frozen import Frozen

if TYPE_CHECKING:
    from kamishibai.weights.families import Family

__all__ = [
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

Dtype = Literal["float32", "float16", "bfloat16"]
Offload = Literal["none", "model", "sequential"]
Quantise = Literal["none", "int8", "int4"]

SHARE = {"cuda": 0.95, "rocm": 0.95, "mps": 0.85, "cpu": 0.80}
"""How much of the free memory is planned with: allocators fragment, and main memory is shared with everybody."""
OVERHEAD_MB = {"cuda": 600, "rocm": 600, "mps": 400, "cpu": 500}
"""What the libraries and the driver's context take before any weight is loaded."""
QUANTISED = {"none": 1.0, "int8": 0.55, "int4": 0.36}
"""Size of quantised weights against two-byte ones. FLUX.1-dev, 31.4 GiB in bfloat16: 17.0 (0.54) and 10.6 (0.34)
GiB with torchao, 17.3 and 12.3 with quanto (huggingface.co/blog/diffusers-quantization)."""
ATTENTION_SLICED = 0.85
FORWARD_CHUNKED = 0.75
UNFUSED_ATTENTION = 1.6
"""Without a fused kernel (Apple's), attention keeps its whole matrix of scores."""
SLICING_BELOW_MB = 64_000
"""Attention slicing helps on Apple machines with less memory than this (diffusers: Metal Performance Shaders)."""
CHUNKS = (8, 4, 2, 1)
SHRINKS = 3
SHRINK = 0.8
LEAST_SIDE = 64


class Device(Frozen):
    """What a model runs on. ROCm is CUDA to torch, and told apart for the user's sake."""

    kind: Literal["cpu", "cuda", "rocm", "mps"]
    index: int = 0
    name: str = ""
    total_mb: int
    free_mb: int
    """What could be taken now, in megabytes (10^6 bytes)."""
    bf16: bool = False
    """It computes in bfloat16 at full speed."""


class Work(Frozen):
    """What a plan is for: enough to make it anew."""

    device: Device
    family: str
    kind: Literal["picture", "motion"]
    weights_mb: int
    """Of the files, as they are stored."""
    width: int
    height: int
    frames: int = 1
    multiple: int = 8


class Peaks(Frozen):
    """The memory taken at the height of each phase of one batch, in megabytes."""

    words: int
    steps: int
    decode: int

    @property
    def most(self) -> int:
        """Return the greatest of them."""
        return max(self.words, self.steps, self.decode)


class MemoryPlan(Frozen):
    """How a pipeline is loaded and run so that it fits."""

    dtype: Dtype
    offload: Offload = "none"
    vae_slicing: bool = False
    """Pictures of a batch are decoded one at a time."""
    vae_tiling: bool = False
    """A picture is decoded in overlapping tiles; tones may vary a little from tile to tile."""
    tile_px: int = 512
    attention_slicing: bool = False
    forward_chunking: bool = False
    decode_chunk: int | None = None
    """Frames decoded at once by a pipeline that takes ``decode_chunk_size``; None for the others."""
    quantise: Quantise = "none"
    batch: int = Field(default=1, ge=1)
    estimate_mb: int = 0
    fits: bool = True
    why: tuple[str, ...] = ()
    """One sentence a decision."""
    work: Work
    shrunk: int = 0
    """How often the size was reduced after running out of memory."""

    @property
    def width(self) -> int:
        """Return the width to draw at, in pixels."""
        return self.work.width

    @property
    def height(self) -> int:
        """Return the height to draw at, in pixels."""
        return self.work.height


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
                        for size in _halves(batch):
                            yield base.model_copy(
                                update={
                                    "offload": offloading,
                                    "vae_tiling": tiling,
                                    "vae_slicing": foot.slices and (size > 1 or video),
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


def _parts(work: Work, foot: Footprint) -> tuple[float, float, float, float]:
    """Return (denoiser, largest encoder, other encoders, decoder) in megabytes at two bytes a parameter."""
    usual = foot.denoiser_mb + foot.words_mb + foot.others_mb + foot.vae_mb
    weights = float(work.weights_mb or usual)
    if foot.one_size and weights > 1.5 * usual:
        weights /= 2  # stored in four bytes
    rest = min(1.0, weights / usual)
    words, others, vae = foot.words_mb * rest, foot.others_mb * rest, foot.vae_mb * rest
    return weights - words - others - vae, words, others, vae


def peaks_of(plan: MemoryPlan) -> Peaks:
    """Return what each phase of one batch takes under `plan`, by the family's footprint."""
    work = plan.work
    foot = footprint(work.family, work.kind)
    wide = 2.0 if plan.dtype == "float32" else 1.0
    denoiser, words, others, vae = _parts(work, foot)
    small = QUANTISED[plan.quantise]
    denoiser, words, others, vae = denoiser * wide * small, words * wide * small, others * wide, vae * wide
    decoding = wide
    if foot.vae_float32 and plan.dtype == "float16":
        vae, decoding = vae * 2, 2.0

    megapixels = work.width * work.height / 1e6
    steps = foot.step_mb * megapixels * work.frames * plan.batch * wide
    if plan.attention_slicing:
        steps *= ATTENTION_SLICED
    elif work.device.kind == "mps" and foot.attention_slices:
        steps *= UNFUSED_ATTENTION
    if plan.forward_chunking:
        steps *= FORWARD_CHUNKED

    frames = min(work.frames, foot.frames_at_once or work.frames)
    if plan.decode_chunk is not None:
        frames = min(frames, plan.decode_chunk)
    at_once = frames * plan.batch
    if plan.vae_slicing:
        # Clips made by a picture's decoder are sliced frame by frame; a clip's own decoder slices the batch.
        at_once = 1 if foot.frames_at_once is None and work.family == "modelscope" else frames
    tile = min(1.0, plan.tile_px**2 * 1.25 / (work.width * work.height)) if plan.vae_tiling else 1.0
    decode = foot.decode_mb * megapixels * tile * at_once * decoding
    canvas = megapixels * work.frames * plan.batch * 12

    base = OVERHEAD_MB[work.device.kind] + canvas
    whole = denoiser + words + others + vae
    if plan.offload == "none" or work.device.kind in ("cpu", "mps"):
        # Memory that is shared with the processor holds the weights wherever they are called to be.
        return Peaks(
            words=round(base + whole), steps=round(base + whole + steps), decode=round(base + whole + decode)
        )
    if plan.offload == "model":
        return Peaks(
            words=round(base + max(words, others)),
            steps=round(base + denoiser + steps),
            decode=round(base + max(vae, others) + decode),
        )
    layer = 0.05
    return Peaks(
        words=round(base + layer * words + 50),
        steps=round(base + layer * denoiser + 50 + steps),
        decode=round(base + layer * vae + 50 + decode),
    )


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
        yield f"{plan.decode_chunk} frames are decoded at once" + (": more would not fit." if less else ".")
    if plan.forward_chunking:
        yield "Feed-forward layers work in pieces: slower, and the same pixels."
    if plan.attention_slicing:
        yield "Attention works in slices, which helps on Apple machines with less than 64 GB."
    if plan.quantise != "none":
        yield f"Weights are quantised to {plan.quantise}, as you asked."
    elif quantise == "auto":
        yield "Nothing is quantised: that changes the pictures, so it is done only when you ask."
    if plan.batch < batch:
        yield f"{plan.batch} at a time in place of {batch}: more would not fit."
    if not fits:
        needed = peaks_of(plan).most / SHARE[plan.work.device.kind] / 1000
        yield f"It does not fit: it needs {needed:.1f} GB free, and {plan.work.device.free_mb / 1000:.1f} GB are."


def step_down(plan: MemoryPlan, *, shrink: bool = False) -> MemoryPlan | None:
    """Return the next gentler plan after running out of memory, or None when nothing is left.

    Every step takes less memory in some phase and more in none, or draws a smaller picture (only with `shrink`,
    at most three times), so the ladder ends.
    """
    for changes, said in _steps(plan, shrink):
        lower = plan.model_copy(update=changes)
        before, after = peaks_of(plan), peaks_of(lower)
        if after.words + after.steps + after.decode < before.words + before.steps + before.decode:
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
    if plan.decode_chunk is not None and plan.decode_chunk > 1:
        chunk = plan.decode_chunk // 2
        yield {"decode_chunk": chunk}, after + f"{chunk} frames are decoded at once."
    if foot.forward_chunks and not plan.forward_chunking:
        yield {"forward_chunking": True}, after + "feed-forward layers work in pieces."
    if plan.batch > 1:
        yield {"batch": plan.batch // 2}, after + f"{plan.batch // 2} at a time."
    if foot.attention_slices and not plan.attention_slicing:
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
