"""Tiny checkpoints of models that make music and sounds, in the hub's own layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tiny.parts import seeded, t5_text, t5_tokenizer


def musicgen(folder: Path, *, stereo: bool = False) -> None:
    """Write a MusicGen: two codebooks a channel of 64 sounds each, 50 tokens a second, 3200 Hz."""
    import torch
    from transformers import (
        EncodecConfig,
        EncodecModel,
        MusicgenConfig,
        MusicgenDecoderConfig,
        MusicgenForCausalLM,
        MusicgenForConditionalGeneration,
        T5Config,
    )

    codec = EncodecConfig(
        target_bandwidths=[0.6], sampling_rate=3200, audio_channels=1, num_filters=4, hidden_size=16,
        upsampling_ratios=[8, 8], codebook_size=64, codebook_dim=16, num_lstm_layers=1, use_causal_conv=False,
        normalize=False, chunk_length_s=None, kernel_size=3, last_kernel_size=3, residual_kernel_size=3, compress=2,
    )  # fmt: skip
    decoder = MusicgenDecoderConfig(
        vocab_size=64, max_position_embeddings=2048, num_hidden_layers=1, ffn_dim=32, num_attention_heads=2,
        hidden_size=32, num_codebooks=4 if stereo else 2, audio_channels=2 if stereo else 1, pad_token_id=64,
        bos_token_id=64,
    )  # fmt: skip
    text = t5_text()
    audio = seeded(EncodecModel, codec)
    with torch.no_grad():
        # Books of zeros, which is how they are made, would all sound the same; plain random ones hardly sound.
        for layer in audio.quantizer.layers:
            layer.codebook.embed.normal_()
        for name, weight in audio.named_parameters():
            if name.startswith("decoder") and weight.dim() == 3 and "weight_g" not in name:
                torch.nn.init.kaiming_normal_(weight)
    text_config = T5Config(**{**text.config.to_dict(), "architectures": None})
    config = MusicgenConfig(
        text_encoder=text_config.to_dict(), audio_encoder=codec.to_dict(), decoder=decoder.to_dict()
    )
    model = MusicgenForConditionalGeneration(
        config=config, text_encoder=text, audio_encoder=audio, decoder=seeded(MusicgenForCausalLM, decoder)
    )
    torch.manual_seed(1)
    with torch.no_grad():
        # As they are made they hardly hear the words, and choose from all sounds alike.
        for name, weight in model.decoder.named_parameters():
            if "encoder_attn" in name and weight.dim() == 2:
                torch.nn.init.normal_(weight, std=0.4)
            if "lm_heads" in name:
                torch.nn.init.normal_(weight, std=0.4)
    model.eval().save_pretrained(folder)
    settings = {
        "bos_token_id": 64, "decoder_start_token_id": 64, "pad_token_id": 64, "do_sample": True,
        "guidance_scale": 3.0, "max_length": 1500,
    }  # fmt: skip
    (folder / "generation_config.json").write_text(json.dumps(settings))
    t5_tokenizer().save_pretrained(folder)


def audioldm2(folder: Path) -> None:
    """Write an AudioLDM2 of 16 kHz whose index names GPT2Model, as the hub's does."""
    import torch
    from diffusers import (
        AudioLDM2Pipeline,
        AudioLDM2ProjectionModel,
        AudioLDM2UNet2DConditionModel,
        AutoencoderKL,
        DDIMScheduler,
    )
    from transformers import (
        ClapAudioConfig,
        ClapConfig,
        ClapFeatureExtractor,
        ClapModel,
        ClapTextConfig,
        GPT2Config,
        GPT2LMHeadModel,
        SpeechT5HifiGan,
        SpeechT5HifiGanConfig,
    )

    unet = seeded(
        AudioLDM2UNet2DConditionModel,
        block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=8, sample_size=32, in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=(8, 16), attention_head_dim=8,
    )  # fmt: skip
    vae = seeded(
        AutoencoderKL,
        block_out_channels=[8, 16], in_channels=1, out_channels=1, norm_num_groups=8, latent_channels=4,
        down_block_types=["DownEncoderBlock2D", "DownEncoderBlock2D"], up_block_types=["UpDecoderBlock2D", "UpDecoderBlock2D"],
    )  # fmt: skip
    clap = ClapConfig(
        text_config=ClapTextConfig(
            bos_token_id=0, eos_token_id=2, pad_token_id=1, hidden_size=8, intermediate_size=16, num_attention_heads=2,
            num_hidden_layers=1, vocab_size=260, projection_dim=8, max_position_embeddings=514,
        ).to_dict(),
        audio_config=ClapAudioConfig(
            spec_size=64, window_size=4, num_mel_bins=64, intermediate_size=16, depths=[1, 1], num_attention_heads=[1, 1],
            num_hidden_layers=2, hidden_size=8, projection_dim=8, patch_size=2, patch_stride=2, patch_embed_input_channels=4,
            patch_embeds_hidden_size=4,
        ).to_dict(),
        projection_dim=16,
    )  # fmt: skip
    t5 = t5_text()
    gpt = GPT2Config(
        n_embd=16,
        n_head=2,
        n_layer=1,
        vocab_size=64,
        n_ctx=160,
        n_positions=160,
        n_inner=32,
        max_new_tokens=8,
    )
    vocoder = seeded(
        SpeechT5HifiGan,
        SpeechT5HifiGanConfig(
            model_in_dim=8, sampling_rate=16000, upsample_initial_channel=16, upsample_rates=[4, 4, 5, 2],
            upsample_kernel_sizes=[8, 8, 10, 4], resblock_kernel_sizes=[3, 7], resblock_dilation_sizes=[[1, 3, 5], [1, 3, 5]],
            normalize_before=False,
        ),
    )  # fmt: skip
    torch.manual_seed(2)
    for module in vocoder.modules():
        if isinstance(module, torch.nn.Conv1d | torch.nn.ConvTranspose1d):
            torch.nn.init.kaiming_normal_(module.weight)  # as they are made they give silence
    AudioLDM2Pipeline(
        vae=vae,
        text_encoder=seeded(ClapModel, clap),
        text_encoder_2=t5,
        projection_model=seeded(AudioLDM2ProjectionModel, text_encoder_dim=16, text_encoder_1_dim=32, langauge_model_dim=16),
        language_model=seeded(GPT2LMHeadModel, gpt),
        tokenizer=_roberta(),
        tokenizer_2=t5_tokenizer(64),
        feature_extractor=ClapFeatureExtractor(feature_size=64, sampling_rate=16000),
        unet=unet,
        scheduler=DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False,
        ),
        vocoder=vocoder,
    ).save_pretrained(folder)  # fmt: skip
    index = folder / "model_index.json"
    said = json.loads(index.read_text())
    said["language_model"] = ["transformers", "GPT2Model"]
    index.write_text(json.dumps(said, indent=2))


def _roberta() -> Any:
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import RobertaTokenizer

    names = ["<s>", "<pad>", "</s>", "<unk>", *sorted(ByteLevel.alphabet())]
    return RobertaTokenizer(
        vocab={name: index for index, name in enumerate(names)}, merges=[], model_max_length=512
    )


def stable_audio(folder: Path) -> None:
    """Write a Stable Audio in stereo, 4 kHz, that makes 2.048 seconds at the most."""
    import torch
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
        StableAudioProjectionModel,
    )

    vae = seeded(
        AutoencoderOobleck,
        encoder_hidden_size=4, downsampling_ratios=[4, 8], decoder_channels=4, decoder_input_channels=8, audio_channels=2,
        channel_multiples=[1, 2], sampling_rate=4000,
    )  # fmt: skip
    transformer = seeded(
        StableAudioDiTModel,
        sample_size=256, in_channels=8, num_layers=1, attention_head_dim=8, num_key_value_attention_heads=2,
        out_channels=8, cross_attention_dim=16, time_proj_dim=8, global_states_input_dim=32, cross_attention_input_dim=16,
        num_attention_heads=2,
    )  # fmt: skip
    torch.manual_seed(0)
    StableAudioPipeline(
        vae=vae,
        text_encoder=t5_text(),
        projection_model=seeded(
            StableAudioProjectionModel, text_encoder_dim=32, conditioning_dim=16, min_value=0, max_value=64
        ),
        tokenizer=t5_tokenizer(64),
        transformer=transformer,
        scheduler=CosineDPMSolverMultistepScheduler(
            solver_order=2, prediction_type="v_prediction", sigma_data=1.0, sigma_schedule="exponential"
        ),
    ).save_pretrained(folder)
