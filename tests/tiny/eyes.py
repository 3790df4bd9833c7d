"""Tiny checkpoints of models that look at pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.parts import clip_pictures, clip_tokenizer, seeded, t5_tokenizer

_TALK = (
    "{% for m in messages %}USER: {% for c in m['content'] %}{% if c['type'] == 'image' %}IMAGE{% else %}"
    "{{ c['text'] }}{% endif %}{% endfor %}{% endfor %} ASSISTANT:"
)


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


def siglip2(folder: Path) -> None:
    """Write a SigLIP 2 that takes pictures of any shape, in at most 16 patches of 8 pixels; texts of 16 pieces."""
    from transformers import Siglip2Config, Siglip2ImageProcessor, Siglip2Model

    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = Siglip2Config(
        text_config={**shape, "vocab_size": 98, "max_position_embeddings": 16, "projection_size": 32,
                     "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0},
        vision_config={**shape, "num_patches": 16, "patch_size": 8},
    )  # fmt: skip
    seeded(Siglip2Model, config).save_pretrained(folder)
    Siglip2ImageProcessor(patch_size=8, max_num_patches=16).save_pretrained(folder)
    t5_tokenizer(16).save_pretrained(folder)


def llava(folder: Path, *, old: bool = False, siglip: bool = False) -> None:
    """Write a LLaVA with a CLIP (or SigLIP) that sees 32 pixels.

    `old`: as its first folders were, without a chat template and with a processor that knows less.
    """
    import json

    from transformers import LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor

    tokenizer = talking_tokenizer()
    config = LlavaConfig(
        vision_config=_siglip_sight() if siglip else _clip_sight(), text_config=_llama(tokenizer),
        vision_feature_layer=-2, vision_feature_select_strategy="full" if siglip else "default",
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    model = seeded(LlavaForConditionalGeneration, config)
    model.save_pretrained(folder)
    processor = LlavaProcessor(
        image_processor=clip_pictures(32),
        tokenizer=tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=None if old else _TALK.replace("IMAGE", "<image>\n"),
    )
    processor.save_pretrained(folder)
    if old:
        path = folder / "processor_config.json"
        said = json.loads(path.read_text())
        for name in ("patch_size", "vision_feature_select_strategy", "num_additional_image_tokens"):
            said.pop(name, None)
        path.write_text(json.dumps(said))


def llava_next(folder: Path) -> None:
    """Write a LLaVA-NeXT, which sees a picture as a whole and in tiles."""
    from transformers import (
        LlavaNextConfig,
        LlavaNextForConditionalGeneration,
        LlavaNextImageProcessor,
        LlavaNextProcessor,
    )

    tokenizer, tiles = talking_tokenizer(), [[32, 64], [64, 32], [64, 64]]
    config = LlavaNextConfig(
        vision_config=_clip_sight(), text_config=_llama(tokenizer), image_grid_pinpoints=tiles,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    seeded(LlavaNextForConditionalGeneration, config).save_pretrained(folder)
    LlavaNextProcessor(
        image_processor=LlavaNextImageProcessor(
            size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, image_grid_pinpoints=tiles
        ),
        tokenizer=tokenizer, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=_TALK.replace("IMAGE", "<image>\n"),
    ).save_pretrained(folder)  # fmt: skip


def smolvlm(folder: Path, *, idefics: bool = False) -> None:
    """Write a SmolVLM, which splits pictures into tiles of 32 pixels; or an Idefics3, which it comes from."""
    import transformers

    name = "Idefics3" if idefics else "SmolVLM"
    marks = ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"]
    marks += [f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2)]
    tokenizer = talking_tokenizer(*marks)
    config = getattr(transformers, f"{name}Config")(
        vision_config={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
                       "image_size": 32, "patch_size": 8},
        text_config=_llama(tokenizer).to_dict(), scale_factor=2, pad_token_id=tokenizer.pad_token_id,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    seeded(getattr(transformers, f"{name}ForConditionalGeneration"), config).save_pretrained(folder)
    pictures = getattr(transformers, f"{name}ImageProcessor")(
        size={"longest_edge": 64}, max_image_size={"longest_edge": 32}
    )
    _in_parts(
        folder, pictures, tokenizer, f"{name}Processor", _TALK.replace("IMAGE", "<image>"), image_seq_len=4
    )


def qwen_vl(folder: Path, *, version: str = "2_5") -> None:
    """Write a Qwen2-VL, Qwen2.5-VL or Qwen3-VL, whose folder wants to read clips too."""
    import transformers

    name = {"2": "Qwen2VL", "2_5": "Qwen2_5_VL", "3": "Qwen3VL"}[version]
    marks = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tokenizer = talking_tokenizer(*marks)
    names = ("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id")
    rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}
    sight = {
        "depth": 2,
        "embed_dim": 32,
        "hidden_size": 32,
        "num_heads": 2,
        "patch_size": 8,
        "spatial_merge_size": 2,
    }
    if version != "2":
        sight |= {
            "intermediate_size": 64,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
            "window_size": 32,
        }
    if version == "3":
        sight |= {"deepstack_visual_indexes": [0], "num_position_embeddings": 16}
    config = getattr(transformers, f"{name}Config")(
        vision_config=sight,
        text_config={**_shape(tokenizer), "head_dim": 16, "rope_parameters": rope},
        **dict(zip(names, tokenizer.convert_tokens_to_ids(marks), strict=True)),
    )
    seeded(getattr(transformers, f"{name}ForConditionalGeneration"), config).save_pretrained(folder)
    pictures = transformers.Qwen2VLImageProcessor(
        patch_size=8, merge_size=2, min_pixels=16 * 16, max_pixels=32 * 32
    )
    _in_parts(folder, pictures, tokenizer, f"{name}Processor",
              _TALK.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>"))  # fmt: skip


def _in_parts(folder: Path, pictures: Any, tokenizer: Any, name: str, template: str, **said: Any) -> None:
    """Write what belongs to a processor as the hub's folders have it, without making one: it wants more packages."""
    import json

    pictures.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    path = folder / "preprocessor_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "processor_class": name}))
    (folder / "processor_config.json").write_text(json.dumps({**said, "processor_class": name}))
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": template}))


def _shape(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 2048,
        "pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id,
        "bos_token_id": tokenizer.bos_token_id,
    }  # fmt: skip


def _llama(tokenizer: Any) -> Any:
    from transformers import LlamaConfig

    return LlamaConfig(**_shape(tokenizer))


def _siglip_sight() -> Any:
    from transformers import SiglipVisionConfig

    return SiglipVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
    )


def _clip_sight() -> Any:
    from transformers import CLIPVisionConfig

    return CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2, image_size=32,
        patch_size=8, projection_dim=32,
    )  # fmt: skip


def talking_tokenizer(*marks: str) -> Any:
    """Return a tokenizer whose few merges come from sentences with a yes and a no in them; `marks`: of its own."""
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
    marks = marks or ("<image>",)
    special = ["<unk>", "<s>", "</s>", "<pad>", *marks]
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
        additional_special_tokens=list(marks),
    )  # fmt: skip
