"""What each family of pipelines takes while it works: facts for the memory plan, as data, with their sources.

Weights are megabytes (10^6 bytes) at two bytes a parameter, of the checkpoint named beside each family; one of
another size keeps the encoders and the decoder, and the rest of its weights is taken for the denoiser. Passes are
megabytes for each megapixel of the finished picture (and each frame of a clip), guidance included: the storages
alive at the height of one pass of the real architecture in half precision with fused attention, counted by
``bench/activations.py`` on fake tensors, which also counts the parameters. Parameters of the encoders are those
that their model cards give.
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
    """One denoising step."""
    decode_mb: float
    """Decoding a whole picture or frame."""
    vae_float32: bool = False
    """The decoder is raised to float32 when the rest is float16."""
    tile_px: int = 512
    """Side of a tile when decoding is tiled."""
    frames_at_once: int | None = None
    """Frames that the decoder works on at once; None: all of them."""
    slices_frames: bool = False
    """Decoding one at a time means one frame, as a picture's decoder takes a clip; else one picture or clip."""
    tile_frames: int | None = None
    """Length of a tile in frames, where tiling also cuts a clip in time."""
    slices: bool = True
    """It can decode the pictures of a batch one at a time."""
    tiles: bool = True
    """It can decode in tiles."""
    chunks: bool = False
    """It takes ``decode_chunk_size``: that many frames are decoded at once."""
    forward_chunks: bool = False
    """Its feed-forward layers can run in pieces."""
    attention_slices: bool = False
    """Its attention can run in slices."""


FOOTPRINTS: tuple[Footprint, ...] = (
    # stable-diffusion-v1-5; the others are its safety checker.
    Footprint(
        family="sd15",
        half="float16",
        denoiser_mb=1719,
        words_mb=246,
        others_mb=608,
        one_size=True,
        step_mb=521,
        decode_mb=1537,
        attention_slices=True,
    ),
    # stable-diffusion-2-1.
    Footprint(
        family="sd2",
        half="float16",
        denoiser_mb=1732,
        words_mb=681,
        one_size=True,
        step_mb=521,
        decode_mb=1537,
        attention_slices=True,
    ),
    # LCM_Dreamshaper_v7.
    Footprint(
        family="lcm",
        half="float16",
        denoiser_mb=1719,
        words_mb=246,
        others_mb=608,
        one_size=True,
        step_mb=521,
        decode_mb=1537,
        attention_slices=True,
    ),
    # stable-diffusion-xl-base-1.0.
    Footprint(
        family="sdxl",
        half="float16",
        denoiser_mb=5135,
        words_mb=1390,
        others_mb=246,
        one_size=True,
        step_mb=316,
        decode_mb=1537,
        vae_float32=True,
        attention_slices=True,
    ),
    # Kolors-diffusers, whose encoder is ChatGLM3 6B; passes taken for those of SDXL, which its UNet is.
    Footprint(
        family="kolors",
        half="float16",
        denoiser_mb=5160,
        words_mb=12488,
        one_size=True,
        step_mb=316,
        decode_mb=1537,
        vae_float32=True,
        attention_slices=True,
    ),
    # stable-diffusion-3-medium, with T5-XXL.
    Footprint(
        family="sd3",
        half="bfloat16",
        denoiser_mb=4056,
        words_mb=9524,
        others_mb=1636,
        step_mb=324,
        decode_mb=1537,
    ),
    # FLUX.1-dev and -schnell, with T5-XXL.
    Footprint(
        family="flux",
        half="bfloat16",
        denoiser_mb=23803,
        words_mb=9524,
        others_mb=246,
        one_size=True,
        step_mb=469,
        decode_mb=1537,
    ),
    # Z-Image-Turbo, with Qwen3 4B.
    Footprint(
        family="zimage",
        half="bfloat16",
        denoiser_mb=12310,
        words_mb=8045,
        one_size=True,
        step_mb=491,
        decode_mb=1537,
    ),
    # Qwen-Image, with Qwen2.5-VL 7B.
    Footprint(
        family="qwenimage",
        half="bfloat16",
        denoiser_mb=40860,
        words_mb=16584,
        vae_mb=254,
        one_size=True,
        step_mb=378,
        decode_mb=3460,
        tile_px=256,
    ),
    # stable-video-diffusion-img2vid(-xt), with CLIP ViT-H.
    Footprint(
        family="svd",
        half="float16",
        denoiser_mb=3050,
        words_mb=1264,
        vae_mb=196,
        one_size=True,
        step_mb=565,
        decode_mb=2048,
        slices=False,
        tiles=False,
        chunks=True,
        forward_chunks=True,
    ),
    # text-to-video-ms-1.7b, with OpenCLIP ViT-H.
    Footprint(
        family="modelscope",
        half="float16",
        denoiser_mb=2822,
        words_mb=681,
        one_size=True,
        step_mb=666,
        decode_mb=1537,
        forward_chunks=True,
        attention_slices=True,
        slices_frames=True,
    ),
    # LTX-Video 2B, with T5-XXL.
    Footprint(
        family="ltx",
        half="bfloat16",
        denoiser_mb=3846,
        words_mb=9524,
        vae_mb=838,
        step_mb=17,
        decode_mb=101,
        tile_frames=16,
    ),
    # Wan2.1-T2V-1.3B, with UMT5-XXL.
    Footprint(
        family="wan",
        half="bfloat16",
        denoiser_mb=2838,
        words_mb=11362,
        vae_mb=254,
        step_mb=51,
        decode_mb=10200,
        frames_at_once=1,
        tile_px=256,
    ),
    # Nothing is known: a guess on the large side.
    Footprint(
        family="other-picture",
        half="bfloat16",
        denoiser_mb=4000,
        words_mb=9524,
        step_mb=600,
        decode_mb=3460,
    ),
    # Nothing is known: a guess; decoding as CogVideoX's, by the table in diffusers' documentation of it.
    Footprint(
        family="other-motion",
        half="bfloat16",
        denoiser_mb=4000,
        words_mb=9524,
        vae_mb=508,
        step_mb=100,
        decode_mb=1100,
    ),
)


def footprint(family: str, kind: str) -> Footprint:
    """Return the footprint of a family by name; one that is not listed is taken for a large one of its kind."""
    found = {each.family: each for each in FOOTPRINTS}
    return found.get(family) or found[f"other-{kind}"]
