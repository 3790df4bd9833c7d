"""Tiny checkpoints of the pipelines that make clips, in the hub's own layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.parts import (
    autoencoder,
    clip_pictures,
    clip_text,
    clip_tokenizer,
    clip_vision,
    loud,
    seeded,
    t5_text,
    t5_tokenizer,
)


def svd(folder: Path) -> None:
    """Write a Stable Video Diffusion of 6 native frames: one picture in, a clip out, no words."""
    from diffusers import (
        AutoencoderKLTemporalDecoder,
        EulerDiscreteScheduler,
        StableVideoDiffusionPipeline,
        UNetSpatioTemporalConditionModel,
    )

    unet = seeded(
        UNetSpatioTemporalConditionModel,
        sample_size=8,
        block_out_channels=(32, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        cross_attention_dim=32,
        num_attention_heads=2,
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=24,
        num_frames=6,
    )
    vae = seeded(
        AutoencoderKLTemporalDecoder,
        block_out_channels=(32, 32, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        latent_channels=4,
        sample_size=64,
    )
    StableVideoDiffusionPipeline(
        vae=vae,
        image_encoder=clip_vision(projection=32),
        unet=unet,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            interpolation_type="linear",
            prediction_type="v_prediction",
            sigma_max=700.0,
            sigma_min=0.002,
            steps_offset=1,
            timestep_spacing="leading",
            timestep_type="continuous",
            use_karras_sigmas=True,
        ),
        feature_extractor=clip_pictures(),
    ).save_pretrained(folder)


def modelscope(folder: Path) -> None:
    """Write a ModelScope text-to-video."""
    from diffusers import DDIMScheduler, TextToVideoSDPipeline, UNet3DConditionModel

    unet = seeded(
        UNet3DConditionModel,
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
        cross_attention_dim=32,
        attention_head_dim=8,
        norm_num_groups=8,
    )
    TextToVideoSDPipeline(
        vae=autoencoder(),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        unet=unet,
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
    ).save_pretrained(folder)


def ltx(folder: Path) -> None:
    """Write an LTX-Video: text to clip, and with the same files picture to clip."""
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXPipeline,
        LTXVideoTransformer3DModel,
    )

    vae = seeded(
        AutoencoderKLLTXVideo,
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
    )
    transformer = seeded(
        LTXVideoTransformer3DModel,
        in_channels=8,
        out_channels=8,
        num_attention_heads=2,
        attention_head_dim=16,
        cross_attention_dim=32,
        num_layers=1,
        caption_channels=32,
    )
    LTXPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True, base_shift=0.95, max_shift=2.05, shift_terminal=0.1
        ),
        vae=loud(vae, "decoder.conv_out.conv.weight", factor=3.0),
        text_encoder=t5_text(),
        tokenizer=t5_tokenizer(128),
        transformer=transformer,
    ).save_pretrained(folder)


def _wan_parts(*, pictures: bool) -> dict[str, Any]:
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanTransformer3DModel

    transformer = seeded(
        WanTransformer3DModel,
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=12 if pictures else 4,  # noise, the picture's latents, and a mask of four
        out_channels=4,
        text_dim=32,
        freq_dim=32,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        image_dim=32 if pictures else None,
        added_kv_proj_dim=24 if pictures else None,
    )
    vae = seeded(
        AutoencoderKLWan,
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    return {
        "tokenizer": t5_tokenizer(),
        "text_encoder": t5_text(multilingual=True),
        "vae": loud(vae, "decoder.conv_out.weight", factor=3.0),
        "scheduler": UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
        "transformer": transformer,
    }


def wan(folder: Path) -> None:
    """Write a Wan text-to-video."""
    from diffusers import WanPipeline

    WanPipeline(**_wan_parts(pictures=False)).save_pretrained(folder)


def wan_both(folder: Path) -> None:
    """Write what Wan 2.2's 5B is: one checkpoint for words and pictures, whose first frame needs no noise."""
    from diffusers import WanPipeline

    WanPipeline(**_wan_parts(pictures=False), expand_timesteps=True).save_pretrained(folder)


def wan_pictures(folder: Path) -> None:
    """Write a Wan image-to-video."""
    from diffusers import WanImageToVideoPipeline

    WanImageToVideoPipeline(
        **_wan_parts(pictures=True), image_encoder=clip_vision(), image_processor=clip_pictures()
    ).save_pretrained(folder)


def cogvideox(folder: Path) -> None:
    """Write a CogVideoX image-to-video: a family that no back-end is named after."""
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXImageToVideoPipeline,
        CogVideoXTransformer3DModel,
    )

    transformer = seeded(
        CogVideoXTransformer3DModel,
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=8,
        out_channels=4,
        time_embed_dim=8,
        text_embed_dim=32,
        num_layers=1,
        sample_width=8,
        sample_height=8,
        sample_frames=9,
        max_text_seq_length=226,
        use_rotary_positional_embeddings=True,
    )
    vae = seeded(
        AutoencoderKLCogVideoX,
        block_out_channels=(8, 8, 8, 8),
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=2,
        sample_height=64,
        sample_width=64,
    )
    CogVideoXImageToVideoPipeline(
        tokenizer=t5_tokenizer(226),
        text_encoder=t5_text(),
        vae=loud(vae, "decoder.conv_out.conv.weight", factor=3.0),
        transformer=transformer,
        scheduler=CogVideoXDDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type="v_prediction",
            rescale_betas_zero_snr=True,
            set_alpha_to_one=True,
            timestep_spacing="trailing",
        ),
    ).save_pretrained(folder)
