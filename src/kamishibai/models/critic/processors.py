"""Puts together what lays a picture among words, for each type of model, from the parts that folders have of it."""

from __future__ import annotations

from typing import Any

from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.pretrained.opening import open_part
from kamishibai.pretrained.runtime import quiet
from kamishibai.weights.layout import read_json
from kamishibai.weights.pretrained import Pretrained

__all__ = ["PROCESSORS", "chat_template", "marks_of", "processor_of"]

PROCESSORS = {
    "llava": "LlavaProcessor", "llava_next": "LlavaNextProcessor",
    "idefics3": "Idefics3Processor", "smolvlm": "Idefics3Processor",
    "qwen2_vl": "Qwen2VLProcessor", "qwen2_5_vl": "Qwen2_5_VLProcessor", "qwen3_vl": "Qwen3VLProcessor",
}  # fmt: skip
"""Types of model, and what lays a picture among the words for each.

SmolVLM lays pictures as Idefics3 does; its own class wants packages that only its clips need.
"""


def chat_template(found: Pretrained) -> str:
    """Return the chat template, from where folders have had it over the years; empty for an old LLaVA.

    Raises UnsupportedError for any other folder without one. Nothing is loaded.
    """
    path = found.path / "chat_template.jinja"
    if path.is_file():
        return path.read_text(encoding="utf-8", errors="replace")
    for name in ("chat_template.json", "processor_config.json", "tokenizer_config.json"):
        said = _read(found, name).get("chat_template")
        if isinstance(said, list):  # several by name
            named = {str(one.get("name")): one.get("template") for one in said if isinstance(one, dict)}
            said = named.get("default")
        if isinstance(said, str) and said:
            return said
    if found.model_type == "llava":
        return ""
    raise UnsupportedError(
        f"{found.name} has no chat template, so it is not known how to speak to it",
        where=str(found.path),
        hint="fetch its newest files, or choose another, such as critic:llava:llava-1.5-7b",
    )


def _read(found: Pretrained, name: str) -> dict[str, Any]:
    path = found.path / name
    return dict(read_json(path)) if path.is_file() else {}


def processor_of(found: Pretrained, config: Any, tokenizer: Any) -> Any:
    """Return what lays a picture among the words, put together from its parts.

    Not by AutoProcessor: that brings a reader of clips too, which wants torchvision, and takes pictures in by
    torchvision where it is installed, so that answers would depend on it.
    """
    with quiet():
        import transformers

        base = getattr(transformers, PROCESSORS[found.model_type])

    class Pictures(base):  # type: ignore[misc,valid-type]
        @classmethod
        def get_attributes(cls) -> list[str]:
            return ["image_processor", "tokenizer"]

    pictures = open_part("AutoImageProcessor", found, backend="pil")
    try:
        return Pictures(image_processor=pictures, tokenizer=tokenizer, **_laid(found, config))
    except (TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"its {base.__name__} cannot be put together: {str(error)[:200]}",
            where=str(found.path),
            hint="fetch its files again",
        ) from error


def _laid(found: Pretrained, config: Any) -> dict[str, Any]:
    """Return how many marks of the text stand for one picture; what older folders leave out is the weights' own."""
    said, vision = _read(found, "processor_config.json"), config.vision_config
    if found.model_type.startswith("llava"):
        # CLIP's encoder puts one mark for the whole picture before those of its parts.
        whole = 1 if str(vision.model_type).startswith("clip") else 0
        wanted = {
            "patch_size": vision.patch_size,
            "num_additional_image_tokens": whole,
            "vision_feature_select_strategy": config.vision_feature_select_strategy,
        }
        return {name: own if said.get(name) is None else said[name] for name, own in wanted.items()}
    if PROCESSORS[found.model_type] == "Idefics3Processor":
        own = (vision.image_size // vision.patch_size) ** 2 // config.scale_factor**2
        return {"image_seq_len": said.get("image_seq_len") or own}
    return {}


def marks_of(tokenizer: Any) -> tuple[str, ...]:
    """Return the marks that only a template may use: a question that holds one would end its turn, or be a picture."""
    added = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    named = [str(token) for token in tokenizer.all_special_tokens]
    found = {mark for mark in (*added, *named, "<image>", "<|image_pad|>") if mark.strip()}
    return tuple(sorted(found, key=len, reverse=True))
