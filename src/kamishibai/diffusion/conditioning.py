"""From prompts to what a pipeline is called with: long prompts in chunks, weights, and nothing cut in silence.

Pipelines whose only text encoders are CLIP read 77 tokens at a time. What is longer, or carries weights, is encoded
in chunks by compel (https://github.com/damian0815/compel) and handed over as embeddings; what is short is handed
over as it is, so that it gives the very picture that the pipeline alone would give. SDXL's pooled embedding sums up
the first chunk, as everywhere. Pipelines with T5 or a language model get the longest input they allow; what is
longer still loses whole phrases, and the user is told which.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from kamishibai.diffusion.emphasis import HEAVIEST, LIGHTEST, Emphasis, read_emphasis
from kamishibai.diffusion.shortening import shorten
from kamishibai.errors import ModelError
from kamishibai.weights.families import Family

__all__ = ["Note", "condition", "shape_of"]

_LONGEST = {"sd3": 512, "qwenimage": 1024, "lumina2": 512, "ltx": 256}
"""Families whose pipelines take a longer ``max_sequence_length`` than they do by default, and how long."""
_PARTS = ("", "_2", "_3", "_4")
_NO_LIMIT = 100_000
"""A tokenizer without a limit of its own gives an astronomical one."""


class Note(Protocol):
    """`Desk.note`."""

    def __call__(self, text: str, *, warn: bool = False) -> None:
        """Tell the user."""


def _unheard(text: str, *, warn: bool = False) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class _Reader:
    """One text encoder of a pipeline and its tokenizer; `part` is the end of their names: "", "_2" …"""

    part: str
    tokenizer: Any
    encoder: Any

    @property
    def is_clip(self) -> bool:
        return type(self.tokenizer).__name__.startswith("CLIPTokenizer")

    def count(self, text: str) -> int:
        """Return how many tokens `text` is, marks of beginning and end included."""
        return len(self.tokenizer(text, truncation=False, verbose=False)["input_ids"])


def _readers(pipe: Any) -> list[_Reader]:
    found = []
    for part in _PARTS:
        tokenizer, encoder = (getattr(pipe, f"{name}{part}", None) for name in ("tokenizer", "text_encoder"))
        if tokenizer is not None and encoder is not None:
            found.append(_Reader(part, tokenizer, encoder))
    return found


def _takes(pipe: Any) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(type(pipe).__call__).parameters)


def _in_chunks(pipe: Any, readers: Sequence[_Reader]) -> bool:
    """Say whether the pipeline's prompts can be handed over as chunks of CLIP embeddings, to a U-Net's attention."""
    encoders = [type(reader.encoder).__name__ for reader in readers]
    return (
        bool(readers)
        and getattr(pipe, "unet", None) is not None
        and all(reader.is_clip for reader in readers)
        and all(name.startswith("CLIPText") for name in encoders)
        and "prompt_embeds" in _takes(pipe)
    )


# ------------------------------------------------------------------------------------------ the two questions
def shape_of(
    pipe: Any, family: Family, prompt: str, negative: str = "", longest: int | None = None
) -> tuple[object, ...]:
    """Return what prompts of one call must have in common, so that no picture depends on who else is in its batch.

    Text encoders pad what they read to one length a call, and the padding is seen in the picture: prompts of
    different lengths in chunks, or read at different limits, belong in different calls.
    """
    readers = _readers(pipe)
    if _in_chunks(pipe, readers):
        encoders = _encoders(pipe, readers)
        read = [read_emphasis(prompt), read_emphasis(negative)]
        chunks = max(encoder.chunks(each) for encoder in encoders for each in read)
        return bool(negative), chunks, any(each.weighted for each in read)
    return bool(negative), _sequence_length(pipe, family, readers, (prompt, negative), longest)


def condition(
    pipe: Any,
    family: Family,
    prompts: Sequence[str],
    negatives: Sequence[str] | None = None,
    note: Note = _unheard,
    *,
    longest: int | None = None,
) -> dict[str, Any]:
    """Return the keywords that hand `prompts` (and `negatives`, where there are any) to a call of `pipe`.

    Parameters
    ----------
    prompts, negatives
        One each a picture; ``(words:1.2)`` weighs words where the family can. Those of a call should have one
        `shape_of`; where they have not, the shorter ones are padded.
    note
        `Desk.note`: told of weights that cannot be kept, and with ``warn`` of words that had to be left out.
    longest
        The ``max_sequence_length`` that a preset wants (``prompt_tokens``) instead of the pipeline's own.

    Raises
    ------
    ModelError
        When the text encoder cannot encode a prompt with its weights.
    """
    against = list(negatives) if negatives is not None else [""] * len(prompts)
    readers = _readers(pipe)
    if _in_chunks(pipe, readers):
        return _embedded(pipe, readers, list(prompts), against, note)
    return _as_text(pipe, family, readers, list(prompts), against, note, longest)


# ------------------------------------------------------------------------------------------ CLIP, in chunks
class _Seen:
    """A text encoder as compel is shown it: where its results should lie, even while its weights are elsewhere."""

    def __init__(self, encoder: Any, device: Any) -> None:
        self._encoder = encoder
        # Under sequential offloading the weights are on `meta`, and results moved there would be lost.
        self.device = device
        self.dtype = encoder.dtype

    def __call__(self, *args: Any, **more: Any) -> Any:
        return self._encoder(*args, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)


class _Silent:
    """A tokenizer that does not remark on long texts, which are what it is wanted for."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __call__(self, *args: Any, **more: Any) -> Any:
        return self._tokenizer(*args, **more, verbose=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)


class _Encoder:
    """Encodes weighted prompts of any length with one CLIP text encoder, by compel."""

    def __init__(self, reader: _Reader, device: Any, *, penultimate: bool) -> None:
        from compel.embeddings_provider import EmbeddingsProvider, ReturnedEmbeddingsType, SplitLongTextMode

        kinds = ReturnedEmbeddingsType
        self._provider = EmbeddingsProvider(
            tokenizer=_Silent(reader.tokenizer),
            text_encoder=_Seen(reader.encoder, device),
            truncate=False,
            returned_embeddings_type=kinds.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
            if penultimate
            else kinds.LAST_HIDDEN_STATES_NORMALIZED,
            split_long_text_mode=SplitLongTextMode.PHRASES,
            device=device,
        )
        self._device = device
        self.pools = "Projection" in type(reader.encoder).__name__

    def chunks(self, words: Emphasis) -> int:
        """Return into how many stretches of 77 tokens `words` are parted."""
        ids, _, _ = self._provider.get_token_ids_and_expand_weights(
            list(words.texts), list(words.weights), device="cpu"
        )
        return int(ids.shape[0]) // int(self._provider.max_token_count)

    def encode(self, words: Emphasis, chunks: int) -> torch.Tensor:
        """Return (1, chunks × 77, width) embeddings, padded with those of the empty text."""
        try:
            found: torch.Tensor = self._provider.get_embeddings_for_weighted_prompt_fragments(
                text_batch=[list(words.texts)],
                fragment_weights_batch=[list(words.weights)],
                device=self._device,
            )
        except (RuntimeError, IndexError) as error:
            if isinstance(error, torch.OutOfMemoryError) or not words.weighted:
                raise
            raise ModelError(
                f"the weights in the prompt {words.plain[:80]!r} cannot be applied: {error}",
                hint="leave out weights below 1, or set them around whole words",
            ) from error
        empty = self._provider.empty_z.to(found.device, found.dtype)
        missing = chunks - found.shape[1] // empty.shape[1]
        return torch.cat([found, *[empty] * missing], dim=1) if missing > 0 else found

    def pooled(self, words: Emphasis) -> torch.Tensor:
        """Return the (1, width) embedding that sums the first chunk up."""
        found: torch.Tensor = self._provider.get_pooled_embeddings([words.plain], device=self._device)
        return found


def _encoders(pipe: Any, readers: Sequence[_Reader]) -> list[_Encoder]:
    # SDXL reads both its encoders one layer before the last; so does its refiner, which has the second alone.
    penultimate = "pooled_prompt_embeds" in _takes(pipe)
    device = pipe._execution_device
    return [_Encoder(reader, device, penultimate=penultimate) for reader in readers]


@torch.no_grad()
def _embedded(
    pipe: Any, readers: Sequence[_Reader], prompts: list[str], negatives: list[str], note: Note
) -> dict[str, Any]:
    encoders = _encoders(pipe, readers)
    wanted, unwanted = [read_emphasis(text) for text in prompts], [read_emphasis(text) for text in negatives]
    for each in (*wanted, *unwanted):
        for weight in each.limited:
            note(f"the weight {weight:g} in the prompt is read as {HEAVIEST if weight > 1 else LIGHTEST:g}")
    takes = _takes(pipe)
    every = [*wanted, *unwanted]
    chunks = max(encoder.chunks(each) for encoder in encoders for each in every)
    if chunks == 1 and not any(each.weighted for each in every):
        plain: dict[str, Any] = {"prompt": [each.plain for each in wanted]}
        if any(negatives) and "negative_prompt" in takes:
            plain["negative_prompt"] = [each.plain for each in unwanted]
        return plain
    given = {"prompt_embeds": _stack(encoders, wanted, chunks)}
    pooling = next((encoder for encoder in encoders if encoder.pools), None)
    pools = "pooled_prompt_embeds" in takes
    if pooling is not None and pools:
        given["pooled_prompt_embeds"] = torch.cat([pooling.pooled(each) for each in wanted])
    if "negative_prompt_embeds" in takes:
        given["negative_prompt_embeds"] = _stack(encoders, unwanted, chunks)
        if pooling is not None and pools:
            given["negative_pooled_prompt_embeds"] = torch.cat([pooling.pooled(each) for each in unwanted])
        _zero_the_empty(pipe, given, negatives)
    return given


def _stack(encoders: Sequence[_Encoder], texts: Sequence[Emphasis], chunks: int) -> torch.Tensor:
    """Return (texts, chunks × 77, widths of all encoders together)."""
    rows = [torch.cat([encoder.encode(text, chunks) for encoder in encoders], dim=-1) for text in texts]
    return torch.cat(rows)


def _zero_the_empty(pipe: Any, given: dict[str, Any], negatives: Sequence[str]) -> None:
    """SDXL stands for "no negative prompt" by zeros and not by the empty text, where its configuration says so."""
    if not getattr(pipe.config, "force_zeros_for_empty_prompt", False) or any(negatives):
        return
    for name in ("negative_prompt_embeds", "negative_pooled_prompt_embeds"):
        if name in given:
            given[name] = torch.zeros_like(given[name])


# ------------------------------------------------------------------------------------------ T5 and language models
def _as_text(
    pipe: Any,
    family: Family,
    readers: Sequence[_Reader],
    prompts: list[str],
    negatives: list[str],
    note: Note,
    cap: int | None,
) -> dict[str, Any]:
    takes = _takes(pipe)
    wanted = [_unweighted(text, family, note) for text in prompts]
    unwanted = [_unweighted(text, family, note) for text in negatives]
    longest = _sequence_length(pipe, family, readers, [*wanted, *unwanted], cap)
    given: dict[str, Any] = {}
    if longest is not None and "max_sequence_length" in takes:
        given["max_sequence_length"] = longest
    given |= _texts(pipe, family, readers, "prompt", wanted, longest, note)
    if "true_cfg_scale" in takes and family.negative:
        # Without a negative prompt these pipelines leave their second pass out, and guidance with it.
        unwanted = [text or " " for text in unwanted]
    if any(unwanted) and "negative_prompt" in takes:
        given |= _texts(pipe, family, readers, "negative_prompt", unwanted, longest, note)
    return given


def _unweighted(text: str, family: Family, note: Note) -> str:
    read = read_emphasis(text)
    if read.weighted:
        note(f"{family.name} knows no weights: {text[:80]!r} is read as {read.plain[:80]!r}", warn=True)
    return read.plain


def _sequence_length(
    pipe: Any, family: Family, readers: Sequence[_Reader], texts: Sequence[str], cap: int | None
) -> int | None:
    """Return the ``max_sequence_length`` these texts need: the pipeline's usual one, or the longest it allows."""
    if cap is not None:
        return cap
    usual = _takes(pipe).get("max_sequence_length")
    if usual is None or not isinstance(usual.default, int):
        return family.tokens
    if family.name == "flux" and not getattr(pipe.transformer.config, "guidance_embeds", True):
        return min(usual.default, 256)  # FLUX.1 [schnell] was distilled at 256
    long = [reader for reader in readers if not reader.is_clip]
    needed = max((_length(pipe, reader, text) for reader in long for text in texts), default=0)
    return _LONGEST.get(family.name, usual.default) if needed > usual.default else usual.default


def _length(pipe: Any, reader: _Reader, text: str) -> int:
    """Return how many tokens of the reader's input `text` takes up, with the chat it is wrapped in."""
    template = getattr(pipe, "prompt_template_encode", None)
    if isinstance(template, str):
        return reader.count(template.format(text)) - int(getattr(pipe, "prompt_template_encode_start_idx", 0))
    if type(pipe).__name__.startswith("ZImage"):
        said = [{"role": "user", "content": text}]
        return reader.count(
            reader.tokenizer.apply_chat_template(
                said, tokenize=False, add_generation_prompt=True, enable_thinking=True
            )
        )
    return reader.count(text)


def _texts(
    pipe: Any,
    family: Family,
    readers: Sequence[_Reader],
    name: str,
    texts: Sequence[str],
    longest: int | None,
    note: Note,
) -> dict[str, Any]:
    """Return a text for every encoder that has one of its own; what none of them can read in full is told."""
    takes = _takes(pipe)
    long = [reader for reader in readers if not reader.is_clip]
    full = list(texts)
    if long and longest is not None:
        full = [_cut(pipe, long[0], text, longest, family, note) for text in texts]
    given: dict[str, Any] = {name: full}
    for reader in readers:
        own = f"{name}{reader.part}"
        limit = getattr(reader.tokenizer, "model_max_length", _NO_LIMIT)
        if not reader.is_clip or own not in takes or limit >= _NO_LIMIT:
            continue
        if all(reader.count(text) <= limit for text in full):
            continue
        # A CLIP beside a longer reader gets the subject and the style; the other reads everything.
        tell = _unheard if long else note
        given[own] = [_cut(pipe, reader, text, limit, family, tell) for text in full]
    for reader in long:
        own = f"{name}{reader.part}"
        if reader.part and own in takes and given[name] != full:
            given[own] = full
    return given


def _cut(pipe: Any, reader: _Reader, text: str, limit: int, family: Family, note: Note) -> str:
    fits: Callable[[str], bool] = lambda words: _length(pipe, reader, words) <= limit  # noqa: E731
    kept, left = shorten(text, fits)
    if left:
        note(
            f"the prompt is longer than the {limit} tokens that {family.name} reads; left out: {left}",
            warn=True,
        )
    return kept
