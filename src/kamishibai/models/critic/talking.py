"""Talks about pictures with a loaded model of transformers: how each type wants its picture and its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.models.critic.answers import opening_tokens
from kamishibai.pretrained.opening import Placed, open_part
from kamishibai.pretrained.runtime import is_out_of_memory, quiet
from kamishibai.weights.layout import read_json
from kamishibai.weights.pretrained import Pretrained

__all__ = ["PROCESSORS", "Talk", "chat_template"]

PROCESSORS = {
    "llava": "LlavaProcessor", "llava_next": "LlavaNextProcessor",
    "idefics3": "Idefics3Processor", "smolvlm": "Idefics3Processor",
    "qwen2_vl": "Qwen2VLProcessor", "qwen2_5_vl": "Qwen2_5_VLProcessor", "qwen3_vl": "Qwen3VLProcessor",
}  # fmt: skip
"""Types of model, and what lays a picture among the words for each.

SmolVLM lays pictures as Idefics3 does; its own class wants packages that only its clips need.
"""
PLAIN_LLAVA = "USER: <image>\n{} ASSISTANT:"
"""How LLaVA 1.5 was trained to be spoken to, before folders carried templates."""


class Talk:
    """A model that sees, with its tokenizer and its way of taking pictures.

    Raises, when it is made, ModelError for damaged files.
    """

    def __init__(self, found: Pretrained, placed: Placed) -> None:
        self._name = found.name if found.repo or found.preset else found.path.name
        self._where = str(found.path)
        self._placed = placed
        self._tokenizer = open_part("AutoTokenizer", found)
        self._template = chat_template(found)
        self._processor = _processor(found, placed.model.config, self._tokenizer)
        self._marks = _marks(self._tokenizer)
        self.yes, self.no = self._openings()

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks of its chat, longest first, which are nobody's words."""
        return self._marks

    def say(
        self, image: Any, words: str, *, seed: int, most: int, temperature: float, tick: Callable[[], None]
    ) -> tuple[str, npt.NDArray[np.float32]]:
        """Return what the model says to `words` about an RGB PIL image, and the logits of its first token.

        Parameters
        ----------
        most
            Tokens of the answer at the most.
        temperature
            0 takes the likeliest token every time; else tokens are drawn, by `seed` alone.
        tick
            Called before every token; what it raises ends the talk.

        Raises
        ------
        ModelError
            When memory runs out, its files do not go together, or it answers with no numbers.
        """
        import torch
        from transformers import LogitsProcessor, LogitsProcessorList

        first: list[npt.NDArray[np.float32]] = []

        class Watch(LogitsProcessor):
            def __call__(self, input_ids: Any, scores: Any) -> Any:
                tick()
                if not first:
                    first.append(scores[0].float().cpu().numpy())
                    if not np.isfinite(first[0]).any() or np.isnan(first[0]).any():
                        raise FloatingPointError
                return scores

        placed = self._placed
        how = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
        devices = [torch.device(placed.device)] if placed.device.startswith("cuda") else []
        try:
            with quiet(), torch.random.fork_rng(devices=devices), torch.inference_mode():
                given = self._inputs(image, words)
                torch.manual_seed(seed)
                out = placed.model.generate(
                    **given, **how, max_new_tokens=most, logits_processor=LogitsProcessorList([Watch()])
                )
        except FloatingPointError as error:
            raise ModelError(
                f"{self._name} gave no numbers, as half precision does when it overflows",
                where=self._where,
                hint="--option critic:llava.dtype=float32 (or bfloat16), or fetch its files again",
            ) from error
        except (RuntimeError, MemoryError, ValueError, IndexError, TypeError) as error:
            raise self._trouble(error) from error
        fresh = out[0, given["input_ids"].shape[1] :]
        return str(self._tokenizer.decode(fresh, skip_special_tokens=True)), first[0]

    def _inputs(self, image: Any, words: str) -> Any:
        """Return the tensors of a fresh conversation of one turn, where the model is."""
        import torch

        for mark in self._marks:
            words = words.replace(mark, " ")
        prompt, begin = self._prompt(words), self._tokenizer.bos_token
        # Where the template has set a mark of beginning, none is added: twice it confuses models.
        begun = {"add_special_tokens": False} if begin and prompt.startswith(begin) else {}
        given = self._processor(images=[image], text=[prompt], **begun, return_tensors="pt")
        placed = self._placed
        return {
            name: value.to(placed.device, placed.dtype if torch.is_floating_point(value) else value.dtype)
            for name, value in given.items()
            if isinstance(value, torch.Tensor)
        }

    def _prompt(self, words: str) -> str:
        if not self._template:
            return PLAIN_LLAVA.format(words)
        import jinja2

        turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": words}]}
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    [turn], chat_template=self._template, add_generation_prompt=True, tokenize=False
                )
            )
        except (jinja2.TemplateError, TypeError, ValueError) as error:
            raise ModelError(
                f"the chat template of {self._name} fails: {str(error)[:200]}",
                where=self._where,
                hint="fetch its newest files, or choose another model",
            ) from error

    def _openings(self) -> tuple[set[int], set[int]]:
        """Return the tokens that a yes and a no may begin with, in any case, with and without a space before them."""

        def first(word: str) -> list[tuple[int, str]]:
            spelled = [word, word.capitalize(), word.upper()]
            found = []
            for text in [*spelled, *(f" {one}" for one in spelled)]:
                ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
                found += [(int(token), str(self._tokenizer.decode([token]))) for token in ids[:1]]
            return found

        return opening_tokens(first("yes"), first("no"))

    def _trouble(self, error: Exception) -> ModelError:
        if is_out_of_memory(error):
            return ModelError(
                f"memory ran out on {self._placed.device} while {self._name} looked at a picture",
                kept="everything that was finished before",
                hint="a smaller model, or the option quantise=int4 on a card",
            )
        return ModelError(
            f"{self._name} cannot look at the picture: {str(error).strip().splitlines()[0][:300]}",
            where=self._where,
            hint="its processor and its weights do not go together: fetch its files again",
        )


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


def _processor(found: Pretrained, config: Any, tokenizer: Any) -> Any:
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


def _marks(tokenizer: Any) -> tuple[str, ...]:
    """Return the marks that only a template may use: a question that holds one would end its turn, or be a picture."""
    added = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    named = [str(token) for token in tokenizer.all_special_tokens]
    found = {mark for mark in (*added, *named, "<image>", "<|image_pad|>") if mark.strip()}
    return tuple(sorted(found, key=len, reverse=True))
