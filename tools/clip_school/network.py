"""A small CLIP of transformers, with a tokenizer that knows the words of its lessons whole and any other in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["build", "save", "tokenizer_of"]

SIDE, PATCH = 96, 12
START, END = "<|startoftext|>", "<|endoftext|>"


def tokenizer_of(texts: Sequence[str]) -> Any:
    """Return CLIP's own kind of tokenizer, byte pairs of whole words, learnt from `texts`; 77 tokens at the most."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel
    from tokenizers.trainers import BpeTrainer
    from transformers import CLIPTokenizer

    letters = sorted(ByteLevel.alphabet())
    usual = CLIPTokenizer().backend_tokenizer
    learner = Tokenizer(BPE(end_of_word_suffix="</w>"))
    learner.normalizer, learner.pre_tokenizer = usual.normalizer, usual.pre_tokenizer
    trainer = BpeTrainer(
        vocab_size=4000,
        min_frequency=1,
        initial_alphabet=letters,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learner.train_from_iterator(sorted(texts), trainer)
    names = list(learner.get_vocab())
    names.sort(key=learner.token_to_id)
    # A letter that ends no word of the lessons would otherwise be read as the end of the text.
    names += [f"{letter}</w>" for letter in letters if f"{letter}</w>" not in set(names)]
    names += [START, END]
    merges = [tuple(pair) for pair in _merges(learner)]
    return CLIPTokenizer(vocab={name: i for i, name in enumerate(names)}, merges=merges, model_max_length=77)


def _merges(learner: Any) -> list[list[str]]:
    import json

    found = json.loads(learner.to_str())["model"]["merges"]
    return [pair.split(" ") if isinstance(pair, str) else pair for pair in found]


def build(tokenizer: Any, width: int = 96, layers: int = 3, seed: int = 0) -> Any:
    """Return a CLIP with fresh weights: pictures of 96 × 96 in 64 patches, a text side half as large."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(seed)
    text = {
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2,
        "vocab_size": len(tokenizer), "max_position_embeddings": 77, "hidden_act": "gelu",
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip
    vision = {
        "hidden_size": width, "intermediate_size": 2 * width, "num_hidden_layers": layers,
        "num_attention_heads": width // 32, "image_size": SIDE, "patch_size": PATCH, "hidden_act": "gelu",
    }  # fmt: skip
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=64))


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write the folder that ``eye:clip:FOLDER`` and `transformers` load."""
    from transformers import CLIPImageProcessor, CLIPProcessor

    # The whole picture, squeezed square: a centre crop would leave out whoever stands at the side.
    square = {"height": SIDE, "width": SIDE}
    pictures = CLIPImageProcessor(size=square, do_center_crop=False, crop_size=square)
    model.eval().save_pretrained(folder)
    CLIPProcessor(image_processor=pictures, tokenizer=tokenizer).save_pretrained(folder)
