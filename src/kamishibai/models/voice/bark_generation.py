"""Runs Bark's models one after the other for one piece of text, keeping what each made: that is a voice to go on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from kamishibai.models.voice.sampling import Watch, seeded
from kamishibai.models.voice.spoken_pieces import Mono

__all__ = ["Generator", "Said"]


@dataclass(frozen=True)
class Said:
    """One piece as Bark said it."""

    sound: Mono
    seconds: float
    stopped: bool
    """It did not come to an end by itself."""
    history: dict[str, Any] | None
    """Its tokens in the form of a preset; None when there are too few to go by."""


class Generator:
    """Bark's semantic, coarse and fine models and its codec, called as `BarkModel.generate` calls them.

    That method keeps the tokens to itself and says nothing about whether a text was finished, hence this one. The
    codec works in float32 throughout: it is small, and its recurrent layers have no bfloat16 kernels everywhere.
    """

    def __init__(
        self,
        model: Any,
        device: str,
        home: str,
        steering: Mapping[str, Any],
        *,
        semantic: float | None,
        coarse: float | None,
        fine: float | None,
        min_eos_p: float | None,
    ) -> None:
        from transformers.models.bark.generation_configuration_bark import (
            BarkCoarseGenerationConfig,
            BarkFineGenerationConfig,
            BarkSemanticGenerationConfig,
        )

        self._model, self._device, self._home = model, device, home
        model.codec_model.float()
        self._semantic: Any = BarkSemanticGenerationConfig(  # type: ignore[no-untyped-call]
            **{**steering["semantic_config"], **_warmth(semantic), "do_sample": True}
        )
        self._coarse: Any = BarkCoarseGenerationConfig(
            **{**steering["coarse_acoustics_config"], **_warmth(coarse), "do_sample": True}
        )
        self._fine: Any = BarkFineGenerationConfig(  # type: ignore[no-untyped-call]
            **{**steering["fine_acoustics_config"], **_warmth(fine)}
        )
        self._codes = int(steering.get("codebook_size", 1024))
        self._min_eos_p = min_eos_p
        self.rate_hz = int(steering.get("sample_rate", 24_000))
        self.most_text_tokens = int(self._semantic.max_input_semantic_length)
        self._token_rate = float(self._semantic.semantic_rate_hz)
        self._most_tokens = int(self._semantic.max_new_tokens)
        self.longest_s = self._most_tokens / self._token_rate
        """Of one pass, in seconds."""

    def history(self, preset: Mapping[str, Any]) -> dict[str, Any]:
        """Return a preset's arrays as Bark's history prompt."""
        import torch

        return {
            part: torch.from_numpy(np.ascontiguousarray(array)).to(self._device)
            for part, array in preset.items()
        }

    def say(
        self,
        tokens: Sequence[int],
        history: dict[str, Any] | None,
        seed: int,
        most_s: float,
        watch: Watch,
        share: tuple[float, float],
    ) -> Said:
        """Return what Bark says for text tokens (at most `most_text_tokens`), of `most_s` seconds at the most."""
        most = max(1, min(self._most_tokens, ceil(most_s * self._token_rate)))
        begin, part = share
        with seeded(self._device, seed):
            watch.stage(begin, begin + 0.3 * part, most * self._model.config.semantic_config.num_layers)
            semantic = self._semantics(tokens, history, most)
            heard = semantic[semantic != self._semantic.semantic_pad_token]
            stopped = len(heard) == len(semantic)
            seconds = len(heard) / self._token_rate
            if len(heard) < 2:
                return Said(np.zeros(0, np.float32), 0.0, stopped, None)
            steps = ceil(seconds * self._coarse.coarse_rate_hz * self._coarse.n_coarse_codebooks)
            layers = self._model.config.coarse_acoustics_config.num_layers
            watch.stage(begin + 0.3 * part, begin + 0.9 * part, steps * layers)
            codes = self._fine_codes(self._coarse_codes(heard, history), history)
            if codes.shape[-1] == 0:
                return Said(np.zeros(0, np.float32), seconds, stopped, None)
            with self._lent(self._model.codec_model):
                sound = self._model.codec_decode(codes)
        spoken: Mono = sound[0].float().cpu().numpy().astype(np.float32)
        return Said(spoken, seconds, stopped, self._as_history(heard, codes[0]))

    def _semantics(self, tokens: Sequence[int], history: dict[str, Any] | None, most: int) -> Any:
        """Return (n,) semantic tokens; the end, when there is one, is the pad token."""
        import torch

        room = self.most_text_tokens
        if not 0 < len(tokens) <= room:
            raise ValueError(f"{len(tokens)} tokens do not fit into Bark's window of {room}")
        ids = torch.zeros((1, room), dtype=torch.long, device=self._device)
        ids[0, : len(tokens)] = torch.tensor(tokens, device=self._device)
        mask = torch.zeros_like(ids)
        mask[0, : len(tokens)] = 1
        with self._lent(self._model.semantic):
            found = self._model.semantic.generate(
                ids,
                semantic_generation_config=self._semantic,
                history_prompt=history,
                attention_mask=mask,
                max_new_tokens=most,
                min_eos_p=self._min_eos_p,
            )
        return found[0]

    def _coarse_codes(self, semantic: Any, history: dict[str, Any] | None) -> Any:
        with self._lent(self._model.coarse_acoustics):
            return self._model.coarse_acoustics.generate(
                # It writes into what it is given.
                semantic[None].clone(),
                history_prompt=history,
                semantic_generation_config=self._semantic,
                coarse_generation_config=self._coarse,
                codebook_size=self._codes,
            )

    def _fine_codes(self, coarse: Any, history: dict[str, Any] | None) -> Any:
        """Return (1, 8, n) codes of EnCodec."""
        with self._lent(self._model.fine_acoustics):
            return self._model.fine_acoustics.generate(
                coarse,
                history_prompt=history,
                semantic_generation_config=self._semantic,
                coarse_generation_config=self._coarse,
                fine_generation_config=self._fine,
                codebook_size=self._codes,
            )

    def _as_history(self, semantic: Any, codes: Any) -> dict[str, Any] | None:
        """Return what was made as a preset; less than a second would be read wrongly, and says little."""
        if len(semantic) < self._token_rate:
            return None
        coarse = codes[: int(self._coarse.n_coarse_codebooks)]
        return {
            "semantic_prompt": semantic.long().clone(),
            "coarse_prompt": coarse.long().clone(),
            "fine_prompt": codes.long().clone(),
        }

    @contextmanager
    def _lent(self, part: Any) -> Iterator[None]:
        """Keep one of the models on the working device while the context lasts, when not all fit there at once."""
        if self._home != self._device:
            part.to(self._device)
        try:
            yield
        finally:
            if self._home != self._device:
                part.to(self._home)


def _warmth(temperature: float | None) -> dict[str, float]:
    return {} if temperature is None else {"temperature": temperature}
