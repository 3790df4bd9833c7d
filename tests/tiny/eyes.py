"""Tiny checkpoints of models that look at pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.parts import clip_pictures, clip_tokenizer, seeded, t5_tokenizer


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


def siglip(folder: Path) -> None:
    """Write a SigLIP with text and vision, 32 pixels a side, texts of 16 pieces."""
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel

    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = SiglipConfig(
        text_config={**shape, "vocab_size": 98, "max_position_embeddings": 16, "projection_size": 32,
                     "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0},
        vision_config={**shape, "image_size": 32, "patch_size": 8},
    )  # fmt: skip
    seeded(SiglipModel, config).save_pretrained(folder)
    SiglipImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    t5_tokenizer(16).save_pretrained(folder)


def llava(folder: Path, *, old: bool = False) -> None:
    """Write a LLaVA with a CLIP that sees 32 pixels; `old` as its first folders were, with a processor that knows less."""
    import json

    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokenizer = talking_tokenizer()
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2, image_size=32,
            patch_size=8, projection_dim=32,
        ),
        text_config=LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
            num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=512,
            pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
            bos_token_id=tokenizer.bos_token_id,
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
    )  # fmt: skip
    model = seeded(LlavaForConditionalGeneration, config)
    model.save_pretrained(folder)
    processor = LlavaProcessor(
        image_processor=clip_pictures(32),
        tokenizer=tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=None
        if old
        else "{% for m in messages %}USER: {% for c in m['content'] %}{% if c['type'] == 'image' %}<image>\n"
        "{% else %}{{ c['text'] }}{% endif %}{% endfor %}{% endfor %} ASSISTANT:",
    )
    processor.save_pretrained(folder)
    if old:
        path = folder / "processor_config.json"
        said = json.loads(path.read_text())
        for name in ("patch_size", "vision_feature_select_strategy", "num_additional_image_tokens"):
            said.pop(name, None)
        path.write_text(json.dumps(said))


def talking_tokenizer() -> Any:
    """Return a Llama tokenizer whose few merges come from sentences with a yes and a no in them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    text = [
        "yes",
        "no",
        "Yes",
        "No",
        "Yes yes no No",
        "a small fox found a lantern",
        "is it night",
        "USER ASSISTANT",
    ]
    inner = Tokenizer(models.BPE(unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    special = ["<unk>", "<s>", "</s>", "<pad>", "<image>"]
    inner.train_from_iterator(
        text * 4,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>",
        additional_special_tokens=["<image>"],
    )  # fmt: skip
