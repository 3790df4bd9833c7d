"""The parts that several tiny checkpoints share: tokenizers without training data, text encoders, autoencoders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def seeded(make: Callable[..., Any], *args: Any, **config: Any) -> Any:
    """Return the module that `make` builds, with the same weights every time, ready to be run."""
    import torch

    torch.manual_seed(0)
    return make(*args, **config).eval()


def loud(module: Any, *layers: str, factor: float) -> Any:
    """Return `module` with the weights of some layers multiplied: random ones alone paint everything grey."""
    import torch

    with torch.no_grad():
        for name in layers:
            module.get_parameter(name).mul_(factor)
    return module


def _bytes() -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def clip_tokenizer() -> Any:
    """Return a CLIP tokenizer that reads bytes, one token each, 77 at the most."""
    from transformers import CLIPTokenizer

    letters = _bytes()
    names = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={name: index for index, name in enumerate(names)}, merges=[], model_max_length=77
    )


def t5_tokenizer(length: int = 512) -> Any:
    """Return a T5 tokenizer whose pieces are single characters."""
    from transformers import T5Tokenizer

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(chr(code), -3.0) for code in range(33, 127)]
    return T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=length)


def qwen_tokenizer() -> Any:
    """Return a Qwen tokenizer that reads bytes and knows how a chat is written down."""
    from transformers import Qwen2Tokenizer

    names = [*_bytes(), "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Qwen2Tokenizer(
        vocab={name: index for index, name in enumerate(names)}, merges=[], model_max_length=4096
    )
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = CHAT
    return tokenizer


def clip_text(width: int = 32, *, projection: int | None = None, act: str = "quick_gelu") -> Any:
    """Return a CLIP text encoder of two layers; with `projection`, one that also gives a pooled vector."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=514,
        hidden_size=width,
        intermediate_size=width * 2,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=projection or width,
        hidden_act=act,
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
    )
    return seeded(CLIPTextModelWithProjection if projection else CLIPTextModel, config)


def clip_vision(width: int = 32, *, side: int = 224, projection: int | None = None) -> Any:
    """Return a CLIP image encoder; with `projection`, one that gives an embedding of that width."""
    from transformers import CLIPVisionConfig, CLIPVisionModel, CLIPVisionModelWithProjection

    config = CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=width * 2,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=side,
        patch_size=side // 4,
        projection_dim=projection or width,
    )
    return seeded(CLIPVisionModelWithProjection if projection else CLIPVisionModel, config)


def clip_pictures(side: int = 224) -> Any:
    """Return the preparation of pictures for `clip_vision`."""
    from transformers import CLIPImageProcessor

    return CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side})


def t5_text(width: int = 32, *, multilingual: bool = False) -> Any:
    """Return a T5 encoder of one layer, or a UMT5 one."""
    from transformers import T5Config, T5EncoderModel, UMT5Config, UMT5EncoderModel

    shape = {
        "vocab_size": 98,
        "d_model": width,
        "d_kv": 16,
        "d_ff": width,
        "num_layers": 1,
        "num_heads": 2,
        "feed_forward_proj": "gated-gelu",
        "is_encoder_decoder": False,
        "use_cache": False,
    }
    if multilingual:
        return seeded(UMT5EncoderModel, UMT5Config(**shape))
    return seeded(T5EncoderModel, T5Config(**shape))


def autoencoder(channels: int = 4, **more: Any) -> Any:
    """Return an image autoencoder that shrinks by eight, as all the real ones do."""
    from diffusers import AutoencoderKL

    model = seeded(
        AutoencoderKL,
        **{
            "down_block_types": ("DownEncoderBlock2D",) * 4,
            "up_block_types": ("UpDecoderBlock2D",) * 4,
            "block_out_channels": (4, 8, 8, 8),
            "layers_per_block": 1,
            "norm_num_groups": 4,
            "latent_channels": channels,
            "sample_size": 64,
            **more,
        },
    )
    return loud(model, "decoder.conv_out.weight", factor=1.5)
