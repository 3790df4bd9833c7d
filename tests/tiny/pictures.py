"""Tiny checkpoints of the pipelines that draw pictures, in the hub's own layout, 64 pixels native."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.parts import (
    autoencoder,
    clip_pictures,
    clip_text,
    clip_tokenizer,
    loud,
    qwen_tokenizer,
    seeded,
    t5_text,
    t5_tokenizer,
)

BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def safety_checker(*, flags_all: bool = False) -> Any:
    """Return a checker that finds nothing amiss, or one that objects to every picture."""
    from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={**shape, "vocab_size": 514, "projection_dim": 16},
        vision_config={**shape, "image_size": 224, "patch_size": 56, "projection_dim": 16},
        projection_dim=16,
    )
    checker = seeded(StableDiffusionSafetyChecker, config)
    if flags_all:
        checker.concept_embeds_weights.data.fill_(-2.0)
    return checker


def sd15_parts(*, flags_all: bool = False) -> dict[str, Any]:
    """Return every component of the tiny Stable Diffusion 1.5."""
    from diffusers import PNDMScheduler, UNet2DConditionModel

    unet = seeded(
        UNet2DConditionModel,
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=2,
        norm_num_groups=8,
    )
    return {
        "vae": autoencoder(),
        "text_encoder": clip_text(),
        "tokenizer": clip_tokenizer(),
        "unet": unet,
        "scheduler": PNDMScheduler(**BETAS, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1),
        "safety_checker": safety_checker(flags_all=flags_all),
        "feature_extractor": clip_pictures(),
    }


def sd15(folder: Path, *, flags_all: bool = False) -> None:
    """Write a Stable Diffusion 1.5 with its safety checker."""
    from diffusers import StableDiffusionPipeline

    StableDiffusionPipeline(**sd15_parts(flags_all=flags_all)).save_pretrained(folder)


def sdxl_unet() -> Any:
    """Return the U-Net of the tiny SDXL."""
    from diffusers import UNet2DConditionModel

    return seeded(
        UNet2DConditionModel,
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=64,
        transformer_layers_per_block=(1, 2),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=32 + 6 * 8,
        norm_num_groups=8,
    )


def sdxl(folder: Path, *, turbo: bool = False) -> None:
    """Write an SDXL; the turbo one differs in its scheduler."""
    from diffusers import (
        EulerAncestralDiscreteScheduler,
        EulerDiscreteScheduler,
        StableDiffusionXLPipeline,
    )

    schedule = (
        EulerAncestralDiscreteScheduler(**BETAS, timestep_spacing="trailing")
        if turbo
        else EulerDiscreteScheduler(**BETAS, timestep_spacing="leading", steps_offset=1)
    )
    StableDiffusionXLPipeline(
        vae=autoencoder(scaling_factor=0.13025, force_upcast=True),
        text_encoder=clip_text(),
        text_encoder_2=clip_text(projection=32, act="gelu"),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=sdxl_unet(),
        scheduler=schedule,
        force_zeros_for_empty_prompt=not turbo,
        add_watermarker=False,
    ).save_pretrained(folder)


def sd3(folder: Path) -> None:
    """Write a Stable Diffusion 3.5 with its three text encoders."""
    from diffusers import FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline

    transformer = seeded(
        SD3Transformer2DModel,
        sample_size=8,
        patch_size=2,
        in_channels=16,  # as all real ones: the inpainting pipeline takes no other number
        out_channels=16,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=64,
        caption_projection_dim=32,
        pooled_projection_dim=64,
        pos_embed_max_size=48,
        qk_norm="rms_norm",
    )
    StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(
            16, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.0609, scaling_factor=1.5305
        ),
        text_encoder=clip_text(projection=32),
        tokenizer=clip_tokenizer(),
        text_encoder_2=clip_text(projection=32, act="gelu"),
        tokenizer_2=clip_tokenizer(),
        text_encoder_3=t5_text(64),
        tokenizer_3=t5_tokenizer(),
    ).save_pretrained(folder)


def flux(folder: Path, *, dev: bool = False) -> None:
    """Write a FLUX.1 [schnell], or a [dev], which has its guidance distilled in."""
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel

    transformer = seeded(
        FluxTransformer2DModel,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        guidance_embeds=dev,
        axes_dims_rope=(4, 4, 8),
    )
    FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0 if dev else 1.0, use_dynamic_shifting=dev),
        vae=autoencoder(
            4, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1159, scaling_factor=0.3611
        ),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=t5_text(),
        tokenizer_2=t5_tokenizer(),
        transformer=transformer,
    ).save_pretrained(folder)


def zimage(folder: Path) -> None:
    """Write a Z-Image Turbo."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    text = Qwen3Config(
        vocab_size=259,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        tie_word_embeddings=True,
    )
    transformer = seeded(
        ZImageTransformer2DModel,
        in_channels=4,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=32,
        axes_dims=[4, 4, 8],
        axes_lens=[2048, 512, 512],
    )
    torch.manual_seed(0)
    with torch.no_grad():
        for name in ("x_pad_token", "cap_pad_token"):  # left as the memory was found
            torch.nn.init.normal_(transformer.get_parameter(name), std=0.02)
    ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(
            4, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1159, scaling_factor=0.3611
        ),
        text_encoder=seeded(Qwen3Model, text),
        tokenizer=qwen_tokenizer(),
        transformer=transformer,
    ).save_pretrained(folder)


def qwenimage(folder: Path) -> None:
    """Write a Qwen-Image."""
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    text = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 259,
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 3, 3]},
            "bos_token_id": 256,
            "eos_token_id": 256,
            "pad_token_id": 256,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [0],
        },
    )
    transformer = seeded(
        QwenImageTransformer2DModel,
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        axes_dims_rope=(4, 6, 6),
    )
    vae = seeded(
        AutoencoderKLQwenImage,
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    QwenImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.02),
        vae=loud(vae, "decoder.conv_out.weight", factor=3.0),
        text_encoder=seeded(Qwen2_5_VLForConditionalGeneration, text),
        tokenizer=qwen_tokenizer(),
        transformer=transformer,
    ).save_pretrained(folder)
