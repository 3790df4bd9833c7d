"""Which Whisper a name means: a preset, a folder or a hub id, in the form of transformers or of CTranslate2."""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import canonical_json
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.weights.digests import file_digest
from kamishibai.weights.layout import read_json, refuse_escapes
from kamishibai.weights.places import is_commit, snapshot
from kamishibai.weights.presets import preset
from kamishibai.weights.pretrained import Pretrained, digest_of, find

__all__ = ["CT2", "check", "digest", "find_whisper"]

CT2 = "whisper-ct2"
"""The `model_type` that is given to a Whisper for CTranslate2, whose config.json names none."""
_SMALL = ("config.json", "tokenizer.json", "vocabulary.json", "vocabulary.txt", "preprocessor_config.json")
_HUB_ID = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@(?P<revision>[A-Za-z0-9][\w./-]*))?"
)
_NEWEST_BINARY = 100
"""Versions of CTranslate2's file format are small numbers; anything else is another kind of file."""


def find_whisper(name: str) -> Pretrained:
    """Return the Whisper that `name` means, whole and safe; nothing is imported from torch and nothing is fetched.

    Raises
    ------
    UsageError, UnknownModelError, UnsupportedError, ModelError
        As `kamishibai.weights.pretrained.find`; what is missing, damaged or of another kind is named.
    """
    folder, repo = _folder(name)
    if folder is not None and (folder / "model.bin").is_file() and not _of_transformers(folder):
        return _ct2(name, folder, repo)
    found = find(name, "ear", {"whisper"})
    check(found)
    return found


def _folder(name: str) -> tuple[Path | None, str | None]:
    """Return the folder that a name leads to, when it is on this machine, and the hub's name for it."""
    known = preset(name)
    if known is not None and known.kind == "ear":
        return snapshot(known.repo, known.revision), known.repo
    try:
        path = Path(name).expanduser()
        if path.is_dir():
            return path.absolute(), None
    except (OSError, RuntimeError, ValueError):
        return None, None
    hub = _HUB_ID.fullmatch(name)
    if hub is None:
        return None, None
    return snapshot(hub["repo"], hub["revision"] or "main"), hub["repo"]


def _of_transformers(folder: Path) -> bool:
    config = read_json(folder / "config.json") if (folder / "config.json").is_file() else {}
    return bool(config.get("model_type"))


def _ct2(name: str, folder: Path, repo: str | None) -> Pretrained:
    refuse_escapes(folder)
    for wanted in ("config.json", "tokenizer.json"):
        if not (folder / wanted).is_file():
            raise ModelError(
                f"there is no {wanted} beside model.bin",
                where=str(folder),
                hint="copy it from the original checkpoint; CTranslate2's converter does with `--copy_files tokenizer.json`",
            )
        read_json(folder / wanted)
    if not any((folder / wanted).is_file() for wanted in ("vocabulary.json", "vocabulary.txt")):
        raise ModelError(
            "there is no vocabulary beside model.bin", where=str(folder), hint="convert it again"
        )
    spec = _spec_of(folder / "model.bin")
    if spec != "WhisperSpec":
        raise UnsupportedError(
            f"this is {spec} of CTranslate2, and not a Whisper" if spec else "this is no file of CTranslate2",
            where=str(folder / "model.bin"),
            hint="a Whisper of transformers is safe as model.safetensors; "
            "`ct2-transformers-converter --model FOLDER --output_dir NEW` converts one",
        )
    size = -(-(folder / "model.bin").stat().st_size // 1_000_000)
    return Pretrained(
        name=name,
        kind="ear",
        model_type=CT2,
        path=folder,
        repo=repo,
        revision=folder.name if is_commit(folder.name) else "",
        preset=preset(name),
        weights_mb=size,
        half_mb=size,
    )


def _spec_of(path: Path) -> str:
    """Return the name of the specification in a CTranslate2 file (version, length, name), or an empty text."""
    try:
        with path.open("rb") as file:
            head = file.read(6)
            if len(head) < 6:
                return ""
            version, length = struct.unpack("<IH", head)
            if not 1 <= version <= _NEWEST_BINARY or not 1 <= length <= 100:
                return ""
            return file.read(length).rstrip(b"\0").decode("ascii", "replace")
    except OSError as error:
        raise ModelError(
            f"the weights cannot be read: {error.strerror or error}",
            where=str(path),
            hint="check that the file is there and that you may read it",
        ) from error


def check(found: Pretrained) -> None:
    """Refuse a Whisper of transformers whose small files would leave it deaf. Raises ModelError naming the file."""
    again = (
        f"fetch it again: `kamishibai models pull {found.name}`"
        if found.repo
        else "copy it from the original"
    )
    if not any((found.path / name).is_file() for name in ("tokenizer.json", "vocab.json")):
        raise ModelError("there is no tokenizer.json in it", where=str(found.path), hint=again)
    if not any((found.path / n).is_file() for n in ("preprocessor_config.json", "processor_config.json")):
        raise ModelError("there is no preprocessor_config.json in it", where=str(found.path), hint=again)
    path = found.path / "generation_config.json"
    if not path.is_file():
        raise ModelError("there is no generation_config.json in it", where=str(found.path), hint=again)
    generation = read_json(path)
    if not isinstance(generation.get("no_timestamps_token_id"), int):
        raise ModelError("does not name the tokens of time", where=str(path), hint=again)
    if generation.get("is_multilingual", True) and not isinstance(generation.get("lang_to_id"), dict):
        raise ModelError("does not name the languages it hears", where=str(path), hint=again)
    heads = generation.get("alignment_heads")
    if heads is not None and not _are_heads(heads, read_json(found.path / "config.json")):
        raise ModelError("names alignment heads that the network does not have", where=str(path), hint=again)


def _are_heads(heads: Any, config: dict[str, Any]) -> bool:
    layers, width = config.get("decoder_layers", 0), config.get("decoder_attention_heads", 0)
    if not isinstance(heads, list) or not isinstance(layers, int) or not isinstance(width, int):
        return False
    return all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(n, int) for n in pair)
        and 0 <= pair[0] < layers
        and 0 <= pair[1] < width
        for pair in heads
    )


def digest(found: Pretrained) -> str:
    """Return SHA-256 over the names and digests of every file that is loaded, in hex."""
    if found.model_type != CT2:
        return digest_of(found)
    names = [name for name in ("model.bin", *_SMALL) if (found.path / name).is_file()]
    parts = sorted((name, file_digest(found.path / name)) for name in names)
    return hashlib.sha256(canonical_json(parts)).hexdigest()
