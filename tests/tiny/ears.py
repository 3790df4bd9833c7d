"""Tiny checkpoints of models that listen: Whisper for transformers, and the same converted for CTranslate2."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tiny.parts import seeded

SENTENCES = (
    "A small fox found a glowing lantern in the dark forest.",
    "The hare ran over the hill and the moon came up behind it.",
    "Once upon a time there was a river that could sing.",
    "Good night, said the owl, and closed both of its eyes.",
    "The old lighthouse keeper saw two whales and three boats.",
    "Ein kleiner Fuchs fand im Wald eine Laterne.",
)
LANGUAGES = ("en", "de", "fr")
TASKS = ("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>")
"""Between the languages and <|notimestamps|>, in Whisper's own order."""


def _tokenizer(languages: tuple[str, ...]) -> Any:
    """Return a tokenizer of bytes and a few merges, with Whisper's special tokens and 1501 of time."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import WhisperTokenizer

    base = Tokenizer(models.BPE())
    base.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    base.decoder = decoders.ByteLevel()
    base.train_from_iterator(
        SENTENCES,
        trainers.BpeTrainer(
            vocab_size=400, show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())
        ),
    )
    state = json.loads(base.to_str())["model"]
    special = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{language}|>" for language in languages),
        *TASKS,
        "<|notimestamps|>",
    ]
    tokenizer = WhisperTokenizer(
        vocab=state["vocab"], merges=[tuple(pair) for pair in state["merges"]], pad_token="<|endoftext|>"
    )
    tokenizer.add_special_tokens({"additional_special_tokens": special[1:]})
    tokenizer.add_tokens([f"<|{step * 0.02:.2f}|>" for step in range(1501)])
    return tokenizer


def whisper(folder: Path, *, heads: bool = True, english: bool = False) -> None:
    """Write a Whisper of two layers; without `heads` nothing says which of them follow the sound.

    Its logits are drawn apart, so that equal sounds give equal words whatever the kernel adds up first.
    """
    import torch
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
    )

    languages = () if english else LANGUAGES
    tokenizer = _tokenizer(languages)

    def number(token: str) -> int:
        return int(tokenizer.convert_tokens_to_ids(token))

    end, start = number("<|endoftext|>"), number("<|startoftranscript|>")
    # As the real ones, it never says what cannot be part of a transcript: here all but letters and spaces.
    plain = [tokenizer.decode([token]).strip() for token in range(end)]
    never = [token for token, text in enumerate(plain) if not (text.isascii() and text.isalpha())]
    never += range(start, number("<|notimestamps|>"))
    model = seeded(
        WhisperForConditionalGeneration,
        WhisperConfig(
            vocab_size=len(tokenizer), num_mel_bins=80, d_model=32, encoder_layers=1, decoder_layers=2,
            encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
            max_source_positions=1500, max_target_positions=448, pad_token_id=end, bos_token_id=end,
            eos_token_id=end, decoder_start_token_id=start, suppress_tokens=never, begin_suppress_tokens=[end],
            median_filter_width=3,
        ),
    )  # fmt: skip
    with torch.no_grad():
        model.model.decoder.embed_tokens.weight.mul_(20)
        model.model.decoder.embed_positions.weight.mul_(40)
        # Sound that stands out in the encoder is sound that changes the words.
        model.model.encoder.conv1.weight.mul_(30)
        for layer in model.model.decoder.layers:
            for part in (
                layer.encoder_attn.q_proj,
                layer.encoder_attn.k_proj,
                layer.encoder_attn.v_proj,
                layer.encoder_attn.out_proj,
            ):
                part.weight.mul_(20)
    config = GenerationConfig(
        bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=start, max_length=64,
        no_timestamps_token_id=number("<|notimestamps|>"), max_initial_timestamp_index=50,
        suppress_tokens=never, begin_suppress_tokens=[end], is_multilingual=not english,
        prev_sot_token_id=number("<|startofprev|>"),
    )  # fmt: skip
    if not english:
        config.lang_to_id = {f"<|{language}|>": number(f"<|{language}|>") for language in languages}
        config.task_to_id = {"transcribe": number("<|transcribe|>"), "translate": number("<|translate|>")}
    if heads:
        config.alignment_heads = [[1, 0], [1, 1]]
    model.generation_config = config
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(feature_size=80), tokenizer).save_pretrained(folder)


def whisper_ct2(folder: Path) -> None:
    """Write the same Whisper as CTranslate2 reads it."""
    from ctranslate2.converters import TransformersConverter

    with TemporaryDirectory() as beside:
        source = Path(beside) / "whisper"
        whisper(source)
        TransformersConverter(str(source)).convert(str(folder))
        for name in ("tokenizer.json", "preprocessor_config.json", "processor_config.json"):
            if (source / name).is_file():
                shutil.copyfile(source / name, folder / name)
