"""Runs a Whisper of transformers: windows of at most 30 s, words timed by the heads that follow the sound."""

from __future__ import annotations

from typing import Any

from kamishibai.errors import ModelError
from kamishibai.models.ear.heard import RATE_HZ, Heard, Mono, Piece, grouped, not_in_silence
from kamishibai.pretrained.opening import Placed, Placing, open_model, open_part
from kamishibai.pretrained.runtime import free_memory, is_out_of_memory, quiet
from kamishibai.weights.pretrained import Pretrained

__all__ = ["TorchEngine"]

LONGEST_S = 28.0
"""Of the 30 s that the network takes; at the very end of its window Whisper likes to invent."""


class TorchEngine:
    """A Whisper in transformers' form (Radford et al. 2022, https://arxiv.org/abs/2212.04356).

    Words get their times from the cross-attention of the `alignment_heads` by dynamic time warping. Where a
    checkpoint names none, all heads of the last half of the decoder's layers are taken, which is OpenAI's own
    default and less exact; `guessed_heads` says so.
    """

    longest_s = LONGEST_S

    def __init__(self, found: Pretrained, where: Placing) -> None:
        self.placed: Placed | None = open_model("WhisperForConditionalGeneration", found, where)
        self._listen: Any = open_part("WhisperFeatureExtractor", found)
        self._tokenizer: Any = open_part("WhisperTokenizer", found)
        if self._listen.sampling_rate != RATE_HZ:
            raise ModelError(
                f"this Whisper listens at {self._listen.sampling_rate} Hz, not {RATE_HZ}",
                where=str(found.path),
                hint="choose another checkpoint",
            )
        self._model: Any = self.placed.model
        config = self._model.generation_config
        self._codes: dict[int, str] = {
            int(number): str(token).strip("<|>")
            for token, number in (getattr(config, "lang_to_id", None) or {}).items()
        }
        self.multilingual = bool(getattr(config, "is_multilingual", bool(self._codes)))
        self.languages = frozenset(self._codes.values()) if self.multilingual else frozenset({"en"})
        self.guessed_heads = not getattr(config, "alignment_heads", None)
        if self.guessed_heads:
            shape = self._model.config
            config.alignment_heads = [
                [layer, head]
                for layer in range(shape.decoder_layers // 2, shape.decoder_layers)
                for head in range(shape.decoder_attention_heads)
            ]
        self._times_from = int(config.no_timestamps_token_id) + 1

    def words(self, sound: Mono, language: str | None, beam: int) -> tuple[list[Heard], str]:
        """Return the words in at most 30 s of `sound`, and their language: the one asked for, else the one heard."""
        import torch

        assert self.placed is not None
        with quiet(), torch.inference_mode():
            inputs = self._listen(
                sound, sampling_rate=RATE_HZ, return_tensors="pt", return_attention_mask=True
            )
            features = inputs["input_features"].to(self.placed.device, self.placed.dtype)
            try:
                if language is None:
                    language = self._heard_language(features)
                said = {"language": language, "task": "transcribe"} if self.multilingual else {}
                out = self._model.generate(
                    features,
                    attention_mask=inputs["attention_mask"].to(self.placed.device),
                    num_beams=beam,
                    temperature=0.0,
                    condition_on_prev_tokens=False,
                    return_timestamps=True,
                    return_token_timestamps=True,
                    return_segments=True,
                    return_dict_in_generate=True,
                    output_scores=True,
                    **said,
                )
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                raise ModelError(
                    "the ear ran out of memory",
                    kept="everything that was finished before",
                    hint="choose a smaller Whisper, or the option beam=1",
                ) from error
        pieces = [piece for segment in out["segments"][0] for piece in self._pieces(segment, beam)]
        words = grouped(pieces, self._decode, language)
        return not_in_silence(words, sound), language

    def _heard_language(self, features: Any) -> str:
        if not self.multilingual:
            return "en"
        return self._codes[int(self._model.detect_language(features)[0])]

    def _decode(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _pieces(self, segment: Any, beam: int) -> list[Piece]:
        """Return the text tokens of a segment; a token's time is where it ends, and begins the one after it."""
        import torch

        result, first = segment["result"], int(segment["idxs"][0])
        scores = result["scores"]
        prompt = int(result["sequences"].shape[-1]) - len(scores)
        begins, ends = float(segment["start"]), [float(time) for time in segment["token_timestamps"]]
        special = int(self._tokenizer.eos_token_id)
        pieces = []
        for index, token in enumerate(int(token) for token in segment["tokens"]):
            if token >= special:
                continue
            start = ends[index - 1] if index else begins
            sure = 1.0
            at = first - prompt + index
            if beam == 1 and 0 <= at < len(scores):  # in a beam search scores are sums over whole readings
                sure = float(torch.softmax(scores[at].float(), dim=-1)[token])
            pieces.append(Piece(token, max(start, begins), max(ends[index], start, begins), sure))
        return pieces

    def close(self) -> None:
        """Let go of the model."""
        self._model = self.placed = self._listen = self._tokenizer = None
        free_memory()
