"""Tiny checkpoints of models that look at pictures."""

from __future__ import annotations

from pathlib import Path

from tiny.parts import clip_pictures, clip_tokenizer, seeded


def clip(folder: Path) -> None:
    """Write a CLIP with text and vision, 32 pixels a side."""
    from transformers import CLIPConfig, CLIPModel, CLIPProcessor

    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={**shape, "vocab_size": 514, "max_position_embeddings": 77, "bos_token_id": 512,
                     "eos_token_id": 513, "pad_token_id": 513},
        vision_config={**shape, "image_size": 32, "patch_size": 8},
        projection_dim=32,
    )  # fmt: skip
    seeded(CLIPModel, config).save_pretrained(folder)
    CLIPProcessor(image_processor=clip_pictures(32), tokenizer=clip_tokenizer()).save_pretrained(folder)
