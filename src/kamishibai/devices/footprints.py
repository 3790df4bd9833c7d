"""What each family of pipelines takes while it works: facts for the memory plan, as data, with their sources.

Weights are counted in megabytes (10^6 bytes) at two bytes a parameter. The parameters are those of the
published checkpoints named beside each family; a checkpoint of another size keeps the text encoders and the
decoder, and the rest of its weights are taken for the denoiser. What the passes take is megabytes for each
megapixel of the finished picture (and for each frame of a clip), in half precision, guidance included.
"""

from __future__ import annotations

from typing import Literal

from kamishibai.documents.frozen import Frozen

__all__ = ["FOOTPRINTS", "Footprint", "footprint"]

Half = Literal["float16", "bfloat16"]


class Footprint(Frozen):
    """The memory a family takes, part by part."""

    family: str
    half: Half
    """The two-byte type it was published in; bfloat16 falls back to float16 on a card that lacks it."""
    denoiser_mb: int
    """The UNet or transformer, which works in every step."""
    words_mb: int
    """The largest text or image encoder, which works once."""
    others_mb: int = 0
    """Smaller encoders and the safety checker."""
    vae_mb: int = 168
    """The decoder, which makes pixels."""
    one_size: bool = False
    """There is one size of this family, so that twice its weights means four bytes a parameter."""
    step_mb: float
    """Activations of one denoising step."""
    decode_mb: float
    """Activations of decoding a whole picture or frame."""
    vae_float32: bool = False
    """The decoder is raised to float32 when the rest is float16."""
    tile_px: int = 512
    """Side of a tile when decoding is tiled."""
    frames_at_once: int | None = None
    """Frames that the decoder holds at once; None: all of them."""
    slices: bool = True
    """It can decode the pictures of a batch (or the frames of a clip) one at a time."""
    tiles: bool = True
    """It can decode in tiles."""
    chunks: bool = False
    """It takes ``decode_chunk_size``: that many frames are decoded at once."""
    forward_chunks: bool = False
    """Its feed-forward layers can run in pieces."""
    attention_slices: bool = False
    """Its attention can run in slices."""


FOOTPRINTS: tuple[Footprint, ...] = (
    Footprint(
        family="sd15",
        half="float16",
        denoiser_mb=1719,
        words_mb=246,
        others_mb=608,
        one_size=True,
        step_mb=1700,
        decode_mb=4700,
        attention_slices=True,
    ),
    Footprint(
        family="sdxl",
        half="float16",
        denoiser_mb=5135,
        words_mb=1390,
        others_mb=246,
        one_size=True,
        step_mb=1200,
        decode_mb=4700,
        vae_float32=True,
        attention_slices=True,
    ),
    Footprint(
        family="sd3",
        half="bfloat16",
        denoiser_mb=4170,
        words_mb=9524,
        others_mb=1636,
        step_mb=1200,
        decode_mb=4700,
    ),
    Footprint(
        family="flux",
        half="bfloat16",
        denoiser_mb=23803,
        words_mb=9524,
        others_mb=246,
        step_mb=1200,
        decode_mb=4700,
    ),
    Footprint(
        family="zimage",
        half="bfloat16",
        denoiser_mb=12310,
        words_mb=8045,
        step_mb=1500,
        decode_mb=4700,
    ),
    Footprint(
        family="qwenimage",
        half="bfloat16",
        denoiser_mb=40860,
        words_mb=16584,
        vae_mb=254,
        step_mb=2000,
        decode_mb=6000,
        tile_px=256,
    ),
    Footprint(
        family="svd",
        half="float16",
        denoiser_mb=3050,
        words_mb=1264,
        vae_mb=196,
        one_size=True,
        step_mb=380,
        decode_mb=4700,
        slices=False,
        tiles=False,
        chunks=True,
        forward_chunks=True,
        attention_slices=False,
    ),
    Footprint(
        family="modelscope",
        half="float16",
        denoiser_mb=2825,
        words_mb=681,
        one_size=True,
        step_mb=900,
        decode_mb=4700,
        forward_chunks=True,
        attention_slices=True,
    ),
    Footprint(
        family="ltx",
        half="bfloat16",
        denoiser_mb=3846,
        words_mb=9524,
        vae_mb=838,
        step_mb=60,
        decode_mb=300,
    ),
    Footprint(
        family="wan",
        half="bfloat16",
        denoiser_mb=2838,
        words_mb=11362,
        vae_mb=508,
        step_mb=120,
        decode_mb=3000,
        frames_at_once=4,
        tile_px=256,
    ),
    Footprint(
        family="other-picture",
        half="bfloat16",
        denoiser_mb=4000,
        words_mb=9524,
        step_mb=2000,
        decode_mb=6000,
    ),
    Footprint(
        family="other-motion",
        half="bfloat16",
        denoiser_mb=4000,
        words_mb=9524,
        vae_mb=508,
        step_mb=400,
        decode_mb=4700,
    ),
)


def footprint(family: str, kind: str) -> Footprint:
    """Return the footprint of a family by name; one that is not listed is taken for a large one of its kind."""
    found = {each.family: each for each in FOOTPRINTS}
    return found.get(family) or found[f"other-{kind}"]
