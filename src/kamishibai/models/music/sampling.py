"""One window of MusicGen: tokens sampled after those of the window before, and the sound they stand for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kamishibai.errors import ModelError
from kamishibai.media.sound import Samples
from kamishibai.models.music.continuing import Window
from kamishibai.pretrained.opening import Placed
from kamishibai.pretrained.runtime import is_out_of_memory, quiet

__all__ = ["Codec"]


class Codec:
    """A loaded MusicGen as this house uses it.

    Its music is tokens of a codec (EnCodec): `rate_hz` / `hop` of them a second, each in several codebooks, of which
    every one runs a step behind the one before (the delay pattern). ``generate`` takes the tokens of what came before
    as ``decoder_input_ids``, keeps them as they are, and gives sound alone: its tokens are read on the way, from what
    is shown to its stopping criteria.
    """

    def __init__(self, placed: Placed, tokenizer: Any, options: Any) -> None:
        self._placed, self._tokenizer, self._options = placed, tokenizer, options
        config = placed.model.config
        self.hop = math.prod(config.audio_encoder.upsampling_ratios)
        """Samples a token."""
        self.rate_hz = int(config.audio_encoder.sampling_rate)
        self.channels = int(config.decoder.audio_channels)
        self.books = int(config.decoder.num_codebooks)
        self.delay = self.books // self.channels
        """Steps beyond the last token that ``generate`` needs for the books that lag behind, plus one."""
        self.least = 2 * self.delay
        """Shorter than this the delay pattern is not laid out at all."""
        self.most = int(config.decoder.max_position_embeddings) - self.delay - 1

    def compose(
        self, prompt: str, before: Any, window: Window, seed: int, told: Callable[[int], None]
    ) -> tuple[Any, Samples]:
        """Return all tokens of a window, (books, heard + fresh), and its sound, (channels, (heard + fresh) · hop).

        Raises
        ------
        Cancelled
            From `told`, which is called at every step.
        ModelError
            When memory runs out.
        """
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        model, device = self._placed.model, self._placed.device
        seen: list[Any] = []

        class Watch(StoppingCriteria):
            def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
                told(input_ids.shape[-1] - window.heard - 1)
                seen[:] = [input_ids]
                return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

        given: dict[str, Any] = dict(self._tokenizer([prompt], return_tensors="pt").to(device))
        heard = None if window.heard == 0 else before[:, before.shape[1] - window.heard :]
        if heard is not None:
            given["decoder_input_ids"] = heard.to(device)
        options = self._options
        devices = [torch.device(device)] if device.startswith("cuda") else []
        try:
            with quiet(), torch.random.fork_rng(devices=devices), torch.no_grad():
                torch.manual_seed(seed)
                sound = model.generate(
                    **given,
                    do_sample=True,
                    guidance_scale=options.guidance,
                    temperature=options.temperature,
                    top_k=options.top_k,
                    max_new_tokens=window.fresh + self.delay - 1,
                    stopping_criteria=StoppingCriteriaList([Watch()]),
                )
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                f"memory ran out on {device} while composing",
                kept="everything that was finished before",
                hint="options window_s=15 and overlap_s=4 take less; so does a smaller checkpoint",
            ) from error
        tokens = self._in_step(seen[0].cpu(), window)
        if heard is not None:
            tokens[:, : window.heard] = heard
        return tokens, np.ascontiguousarray(sound[0].float().cpu().numpy())

    def _in_step(self, delayed: Any, window: Window) -> Any:
        """Return the tokens of every codebook at their own times, (books, heard + fresh), from the delay pattern."""
        import torch

        count = window.heard + window.fresh
        rows = [
            delayed[book, 1 + book // self.channels : 1 + book // self.channels + count]
            for book in range(self.books)
        ]
        return torch.stack(rows)
