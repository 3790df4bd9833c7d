"""critic:llava: LLaVA and other models of transformers that look at a picture and answer in words."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from kamishibai.devices.plan import Dtype, Quantise
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.critic.answers import alt_text, is_yes_or_no, plain, verdict_of
from kamishibai.models.kinds import Answered, Judge, Notes
from kamishibai.pretrained.opening import Placed, Placing, close_model, open_model, open_part, placing
from kamishibai.pretrained.runtime import is_out_of_memory, quiet
from kamishibai.weights.pretrained import Pretrained, digest_of, find, terms_of

__all__ = ["Llava"]

DEFAULT = "llava-1.5-7b"
TYPES = (
    "gemma3", "idefics2", "idefics3", "internvl", "llava", "llava_next", "llava_onevision", "mistral3", "pixtral",
    "qwen2_5_vl", "qwen2_vl", "qwen3_vl", "smolvlm",
)  # fmt: skip
"""Types of model that transformers opens as image-text-to-text and talks to by a chat template."""
CAPTION = "Describe what is seen in this picture in one or two sentences. Name who and what is there and what happens."
BRIEF = "Answer with yes or no."


class Llava(Model[Judge, Notes]):
    """Describes a picture, and answers questions about it one at a time.

    A question that yes or no answers is decided by which of the two the model holds for likelier as its first word,
    not by what it goes on to say: models that like to agree are more honest there.
    Liu et al. 2023, https://arxiv.org/abs/2304.08485.
    """

    id: ClassVar[str] = "critic:llava"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Judge
    default: ClassVar[str] = DEFAULT
    lane: ClassVar[Literal["pool", "device"]] = "device"
    batch = 4

    class Options(Model.Options):
        """How it answers, and where its weights lie."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        max_new_tokens: int = Field(default=96, ge=4, le=2048)
        """How long one answer may be."""
        temperature: float = Field(default=0.0, ge=0, le=2)
        """0 takes the likeliest word every time."""
        quantise: Quantise = "none"
        """`int8` or `int4`: smaller weights, on a card with the package bitsandbytes."""
        dtype: Dtype | Literal["auto"] = "auto"
        """Numbers of the weights; `auto` fits the machine."""
        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._known: Pretrained | None = None
        self._placed: Placed | None = None
        self._processor: Any = None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return that the terms are those of the weights; `terms` has them."""
        return (Licence(name="of the weights in use", commercial=False),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what LLaVA 1.5 of 7 billion numbers takes in half precision."""
        return Needs(memory_mb=18000, download_mb=14100, extra="models")

    def _found(self) -> Pretrained:
        if self._known is None:
            self._known = find(self.variant or DEFAULT, "critic", TYPES)
        return self._known

    def _placing(self, *, with_torch: bool = False) -> Placing:
        own = self.options
        return placing(self._found(), own.device, own.dtype, own.quantise, with_torch=with_torch)

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights in use."""
        return (terms_of(self._found()),)

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        found = self._found()
        return Needs(memory_mb=self._placing().estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory, without torch."""
        return self._placing().why

    def weights(self) -> str:
        """Return a hash of the weights. Raises as `find` for what is missing, of another kind, damaged or unsafe."""
        return hashlib.sha256(canonical_json({"weights": digest_of(self._found())})).hexdigest()

    def settle(self, ask: Judge) -> Judge:
        """Return `ask` without what is not told to the model: the line, and the seed where nothing is left to chance."""
        return ask.model_copy(update={"line": "", **({} if self.options.temperature else {"seed": 0})})

    def load(self) -> None:
        """Bring the model into memory. Raises ModelError when its files are damaged."""
        found = self._found()
        self._placed = open_model("AutoModelForImageTextToText", found, self._placing(with_torch=True))
        self._processor = open_part("AutoProcessor", found)
        if found.model_type.startswith("llava"):
            _complete(self._processor, self._placed.model.config)
        if not _template(self._processor) and found.model_type != "llava":
            raise UnsupportedError(
                f"{found.name} has no chat template, so it is not known how to speak to it",
                where=str(found.path),
                hint="choose another, such as critic:llava:llava-1.5-7b",
            )

    def run(self, asks: Sequence[Judge], desk: Desk) -> list[Notes]:
        """Answer every ask, in order. Raises Cancelled within one word of being asked to stop."""
        from PIL import Image

        steps = sum(len(ask.questions) + ask.describe for ask in asks) or 1
        done = 0
        notes = []
        for ask in asks:
            with Image.open(io.BytesIO(desk.open(ask.image))) as opened:
                image = opened.convert("RGB")
            answers = []
            for question in ask.questions:
                answers.append(self._answer(image, question, ask.seed, desk, done / steps))
                done += 1
            caption = ""
            if ask.describe:
                caption = self._say(image, CAPTION, ask.seed, desk, done / steps)[0]
                done += 1
            notes.append(Notes(caption=caption, alt=alt_text(caption), answers=tuple(answers)))
        desk.progress(1.0)
        return notes

    def _answer(self, image: Any, question: str, seed: int, desk: Desk, at: float) -> Answered:
        """Return the answer to one question, asked for itself so that no answer leans on another."""
        if not is_yes_or_no(question):
            said, _ = self._say(image, question, seed, desk, at)
            return Answered(question=question, said=said, verdict=verdict_of(None, said))
        said, first = self._say(image, f"{question} {BRIEF}", seed, desk, at)
        yes = self._likely_yes(first)
        return Answered(question=question, said=said, yes=yes, verdict=verdict_of(yes, said))

    def _say(self, image: Any, words: str, seed: int, desk: Desk, at: float) -> tuple[str, Any]:
        """Return what the model says to `words`, and the scores of its first word."""
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        placed = self._placed
        assert placed is not None

        class Watch(StoppingCriteria):
            def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
                desk.progress(at)
                return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

        given = self._inputs(image, words).to(placed.device)
        for name in ("pixel_values",):
            if name in given:
                given[name] = given[name].to(placed.dtype)
        how = (
            {"do_sample": True, "temperature": self.options.temperature}
            if self.options.temperature
            else {"do_sample": False}
        )
        devices = [torch.device(placed.device)] if placed.device.startswith("cuda") else []
        try:
            with quiet(), torch.random.fork_rng(devices=devices), torch.no_grad():
                torch.manual_seed(seed)
                out = placed.model.generate(
                    **given,
                    **how,
                    max_new_tokens=self.options.max_new_tokens,
                    return_dict_in_generate=True,
                    output_logits=True,
                    stopping_criteria=StoppingCriteriaList([Watch()]),
                )
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                f"memory ran out on {placed.device} while looking at a picture",
                kept="everything that was finished before",
                hint="a smaller model, or the option quantise=int4 on a card",
            ) from error
        fresh = out.sequences[0, given["input_ids"].shape[1] :]
        said = self._processor.tokenizer.decode(fresh, skip_special_tokens=True)
        return plain(said), out.logits[0][0].float().cpu()

    def _inputs(self, image: Any, words: str) -> Any:
        """Return the tensors of a fresh conversation of one turn."""
        with quiet():
            if _template(self._processor):
                turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": words}]}
                prompt = self._processor.apply_chat_template([turn], add_generation_prompt=True)
            else:
                # How LLaVA 1.5 was trained to be spoken to, before folders carried templates.
                prompt = f"USER: <image>\n{words} ASSISTANT:"
            return self._processor(images=[image], text=[prompt], return_tensors="pt")

    def _likely_yes(self, scores: Any) -> float | None:
        """Return how likely a yes is, of yes and no, from the scores of the first word; None without such words."""
        import torch

        yes, no = (self._tokens_of(word) for word in ("yes", "no"))
        if not yes or not no:
            return None
        chances = torch.softmax(scores, dim=-1)
        for_yes, for_no = float(chances[sorted(yes)].sum()), float(chances[sorted(no)].sum())
        return round(for_yes / (for_yes + for_no), 4) if for_yes + for_no > 0 else None

    def _tokens_of(self, word: str) -> set[int]:
        """Return the tokens that a reply may begin `word` with, in any case, with and without a space before it."""
        tokenizer = self._processor.tokenizer
        found = set()
        for spelled in (word, word.capitalize(), word.upper()):
            for text in (spelled, f" {spelled}"):
                ids = tokenizer(text, add_special_tokens=False)["input_ids"]
                ids = [i for i in ids if tokenizer.decode([i]).strip()]
                if ids:
                    found.add(int(ids[0]))
        return found

    def unload(self) -> None:
        """Give the memory back."""
        placed, self._placed = self._placed, None
        self._processor = None
        close_model(placed)


def _template(processor: Any) -> bool:
    return bool(getattr(processor, "chat_template", None))


def _complete(processor: Any, config: Any) -> None:
    """Fill in what older folders of LLaVA leave out: how many marks of the text stand for one picture."""
    vision = getattr(config, "vision_config", None)
    wanted = {
        "patch_size": getattr(vision, "patch_size", None),
        "vision_feature_select_strategy": getattr(config, "vision_feature_select_strategy", "default"),
    }
    for name, value in wanted.items():
        if getattr(processor, name, None) is None and value is not None:
            setattr(processor, name, value)
    # CLIP's encoder puts one mark for the whole picture before those of its parts.
    if not getattr(processor, "num_additional_image_tokens", 0) and re.search(
        "clip", str(getattr(vision, "model_type", ""))
    ):
        processor.num_additional_image_tokens = 1
