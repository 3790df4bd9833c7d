"""Estimates the memory that each phase of a batch takes under a plan, from the family's footprint.

The estimate is arithmetic on counted weights and activations; it was compared with published runs, not with a card.
"""

from __future__ import annotations

from kamishibai.devices.footprints import Footprint, footprint
from kamishibai.devices.plan import MemoryPlan, Peaks, Work

__all__ = ["peaks_of"]

OVERHEAD_MB = {"cuda": 700, "rocm": 700, "mps": 900, "cpu": 900}
"""What the libraries' workspaces and the allocator's scraps take beside weights and activations; on main memory the
libraries themselves too. FLUX.1-dev with model offloading reserved 25.0 GB (10^9) in all, for a transformer of
23.8 GB and activations of 0.5 GB (huggingface.co/blog/diffusers-quantization)."""
WORDS_OVERHEAD_MB = 200
"""The same while a text is read, which takes no convolutions. Wan 2.1 1.3B with model offloading is said to need 11 GB
(diffusers' page on Wan), and its text encoder is 11.4 GB (10^9) of that."""
DECODE_MARGIN = 2.0
"""Memory reserved against storages alive while decoding. Published runs reserved 3.1 times as much for one picture
(FLUX.1, as above: 5.1 GB) and 1.2 times for four at once (SDXL in float16, 21.7 GB with 6.9 GB of weights:
huggingface.co/blog/simple_sdxl_optimizations); convolutions take workspaces when there is room and do without when
there is not. Twice puts SVD at the chunks that diffusers' page on it gives for 8 GB."""
QUANTISED = {"none": 1.0, "int8": 0.55, "int4": 0.36}
"""Size of quantised weights against two-byte ones. FLUX.1-dev, 31.4 GiB in bfloat16: 17.0 (0.54) and 10.6 (0.34)
GiB with torchao, 19.3 and 12.6 with bitsandbytes (huggingface.co/blog/diffusers-quantization)."""
FORWARD_CHUNKED = 0.58
"""Activations of a step with feed-forward layers in pieces (SVD by ``bench/activations.py``: 2.68 of 4.67 GB)."""
UNFUSED_ATTENTION = 4.0
ATTENTION_SLICED = 1.2
"""Without a fused kernel (Apple's) attention keeps its matrix of scores: 537 MB beside 137 MB for SD 1.5 at 512
pixels, eight heads of 4096 × 4096 twice; in slices, one head's at a time."""
LAYER = 0.05
"""Share of a part that is there at once when layers are moved in one by one."""


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
    if work.device.kind == "mps":
        steps *= ATTENTION_SLICED if plan.attention_slicing else UNFUSED_ATTENTION
    if plan.forward_chunking:
        steps *= FORWARD_CHUNKED

    area = min(megapixels, plan.tile_px**2 * 1.25 / 1e6) if plan.vae_tiling else megapixels
    decode = foot.decode_mb * DECODE_MARGIN * area * _frames_at_once(plan, foot) * decoding
    canvas = megapixels * work.frames * plan.batch * 12

    whole = denoiser + words + others + vae
    text, rest = WORDS_OVERHEAD_MB, OVERHEAD_MB[work.device.kind]
    if plan.offload == "none" or work.device.kind in ("cpu", "mps"):
        # Memory that is shared with the processor holds the weights wherever they are called to be.
        beside = (whole, whole, whole)
    elif plan.offload == "model":
        beside = (max(words, others), denoiser, max(vae, others))
    else:
        beside = (LAYER * words, LAYER * denoiser, LAYER * vae)
    return Peaks(
        words=round(beside[0] + (text if work.device.kind in ("cuda", "rocm") else rest)),
        steps=round(beside[1] + rest + steps),
        decode=round(beside[2] + rest + decode + canvas),
    )


def _frames_at_once(plan: MemoryPlan, foot: Footprint) -> int:
    """Return how many pictures or frames the decoder works on at once."""
    frames = min(plan.work.frames, foot.frames_at_once or plan.work.frames)
    if plan.decode_chunk is not None:
        return min(plan.decode_chunk, frames * plan.batch)
    if plan.vae_tiling and foot.tile_frames is not None:
        frames = min(frames, foot.tile_frames)
    if plan.vae_slicing:
        return 1 if foot.slices_frames else frames
    return frames * plan.batch
