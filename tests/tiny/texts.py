"""Tiny checkpoints of language models: two layers of Qwen2 that read bytes."""

from __future__ import annotations

from pathlib import Path

from tiny.parts import qwen_tokenizer, seeded


def llm(folder: Path, *, template: bool = True) -> None:
    """Write a causal language model; its vocabulary is padded beyond its tokenizer's, as real ones are."""
    from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=288,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=16384,
        bos_token_id=256,
        eos_token_id=258,
        pad_token_id=256,
    )
    model = seeded(Qwen2ForCausalLM, config)
    model.generation_config = GenerationConfig(eos_token_id=[258, 256], pad_token_id=256)
    model.save_pretrained(folder)
    tokenizer = qwen_tokenizer()
    tokenizer.model_max_length = 16384
    if not template:
        tokenizer.chat_template = None
    tokenizer.save_pretrained(folder)
