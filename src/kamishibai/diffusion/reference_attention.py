"""Holds a U-Net to pictures without any adapter: its self-attention looks at the references' features as well.

At every denoising step the references, brought to the same noise level, go through the U-Net first; then, in each
self-attention layer, the keys and values of the picture are extended by theirs. After

- Zhang 2023, "reference-only" control, https://github.com/Mikubill/sd-webui-controlnet/discussions/1236
- Cao et al. 2023, MasaCtrl (mutual self-attention), https://arxiv.org/abs/2304.08465
- Tewel et al. 2024, ConsiStory (shared attention in the decoder), https://arxiv.org/abs/2402.03286
- Zhou et al. 2024, StoryDiffusion (consistent self-attention), https://arxiv.org/abs/2405.01434

Unlike the last two, which draw all scenes in one batch, every scene looks at the portraits alone: then no picture
depends on its neighbours, and one scene can be drawn anew. The references are read with the empty prompt and with
noise that depends on nothing but the picture, so that the same face gives the same features in every scene.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from kamishibai.diffusion.identity import Held, Likeness, squared
from kamishibai.errors import UnsupportedError, UsageError

__all__ = ["LAYERS", "ReferenceAttention"]

LAYERS: Mapping[str, tuple[str, ...]] = {
    "up": ("up_blocks",),
    "mid-up": ("mid_block", "up_blocks"),
    "all": ("down_blocks", "mid_block", "up_blocks"),
}
"""Which blocks look at references. The decoder's alone carry the looks; the others also copy the pose."""


class ReferenceAttention:
    """Reference attention on one loaded pipeline with a U-Net (Stable Diffusion 1.x, 2.x, SDXL).

    Parameters
    ----------
    strength
        How much a reference of weight 1 counts beside the picture's own features; 1 is as much, token for token.
    layers
        One of `LAYERS`.
    span
        Part of the denoising, 0 (all noise) to 1, in which references are looked at.
    """

    def __init__(self, pipe: Any, strength: float, layers: str, span: tuple[float, float]) -> None:
        if layers not in LAYERS:
            raise UsageError(f"reference layers {layers!r} are not known", hint=f"use {', '.join(LAYERS)}")
        self._pipe = pipe
        self._strength = strength
        self._blocks = LAYERS[layers]
        self._span = span
        self._latents: dict[tuple[str, int], torch.Tensor] = {}
        self._empty: dict[str, torch.Tensor] = {}

    def hold(self, faces: Sequence[Likeness], width: int, height: int, guided: bool) -> Held:
        """Hang the processors in; guided and unguided halves of a batch both look at the references."""
        faces = [face for face in faces if face.weight * self._strength > 0]
        if not faces:
            return Held()
        unet = self._pipe.unet
        if getattr(self._pipe.scheduler, "alphas_cumprod", None) is None:
            raise UnsupportedError(
                f"reference attention does not know the noise levels of {type(self._pipe.scheduler).__name__}",
                hint="use another scheduler (dpm++, euler, ddim, unipc …), or an IP-Adapter",
            )
        # A face needs no more pixels than the picture is high; and features at the same scale are the most alike.
        side = max(64, min(width, height) // 64 * 64)
        pass_ = _Pass(self._pipe, self._span, self._prompt(), side)
        pass_.references = torch.cat([self._latent(face, side) for face in faces])
        pass_.noise = torch.cat([_noise(face, pass_.references.shape[1:]) for face in faces])
        pass_.weights = [face.weight * self._strength for face in faces]
        pass_.spans = [face.span for face in faces]

        before = dict(unet.attn_processors)
        unet.set_attn_processor(
            {
                name: _Shared(plain, name, pass_) if self._is_shared(name) else plain
                for name, plain in before.items()
            }
        )
        hook = unet.register_forward_pre_hook(pass_, with_kwargs=True)

        def let_go() -> None:
            hook.remove()
            unet.set_attn_processor(dict(before))
            pass_.features.clear()

        return Held({}, let_go)

    def close(self) -> None:
        """Drop the encoded references."""
        self._latents.clear()
        self._empty.clear()

    def _is_shared(self, name: str) -> bool:
        return name.endswith("attn1.processor") and name.startswith(self._blocks)

    def _latent(self, face: Likeness, side: int) -> torch.Tensor:
        """Return a reference as the autoencoder's latents, shape (1, channels, rows, columns), scaled for the U-Net."""
        key = (face.digest, side)
        if key not in self._latents:
            vae, device = self._pipe.vae, self._pipe._execution_device
            pixels = torch.from_numpy(squared(face.pixels, side).copy()).permute(2, 0, 1)[None].float()
            kept = vae.dtype
            # SDXL's autoencoder overflows in half precision, as its config says.
            lifted = kept == torch.float16 and vae.config.get("force_upcast", False)
            if lifted:
                vae.to(torch.float32)
            with torch.no_grad():
                code = vae.encode((pixels / 127.5 - 1).to(device, vae.dtype)).latent_dist.mode()
            if lifted:
                vae.to(kept)
            self._latents[key] = (code * vae.config.scaling_factor).to(device, self._pipe.unet.dtype)
        return self._latents[key]

    def _prompt(self) -> dict[str, torch.Tensor]:
        """Return the embeddings of the empty prompt, as the model was trained without a text."""
        if not self._empty:
            with torch.no_grad():
                found = self._pipe.encode_prompt(
                    prompt="",
                    device=self._pipe._execution_device,
                    num_images_per_prompt=1,
                    do_classifier_free_guidance=False,
                )
            self._empty["text"] = found[0]
            if len(found) == 4:
                self._empty["pooled"] = found[2]
            if self._pipe.config.get("force_zeros_for_empty_prompt", False):
                self._empty = {name: torch.zeros_like(value) for name, value in self._empty.items()}
        return self._empty


def _noise(face: Likeness, shape: torch.Size) -> torch.Tensor:
    """Return noise for one reference that depends on its picture alone, shape (1, …)."""
    generator = torch.Generator("cpu").manual_seed(int(face.digest[:8], 16))
    return torch.randn((1, *shape), generator=generator, dtype=torch.float32)


class _Pass:
    """Runs before every forward pass of the U-Net: sends the references through it and keeps what its layers saw."""

    def __init__(
        self, pipe: Any, span: tuple[float, float], empty: dict[str, torch.Tensor], side: int
    ) -> None:
        self.features: dict[str, torch.Tensor] = {}
        """Of each layer: (references, tokens, channels)."""
        self.mode = "off"
        self.references: torch.Tensor
        self.noise: torch.Tensor
        self.weights: list[float] = []
        self.spans: list[tuple[float, float]] = []
        self._sizes: dict[int, tuple[int, int]] = {}
        self._alphas = pipe.scheduler.alphas_cumprod.double().cpu()
        self._span = span
        self._empty = empty
        self._side = side

    # What is kept from pass to pass cannot be part of a compiled graph; everything around it can.
    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def __call__(self, unet: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.mode == "write":
            return  # this is the references' own pass
        sample = args[0] if args else kwargs["sample"]
        timestep = args[1] if len(args) > 1 else kwargs["timestep"]
        self._sizes = _sizes(*sample.shape[-2:])
        level = float(timestep.flatten()[0]) if isinstance(timestep, torch.Tensor) else float(timestep)
        done = 1 - level / len(self._alphas)
        if not self._span[0] <= done <= self._span[1]:
            self.mode = "off"
            return
        self.mode = "write"
        try:
            self._send(unet, timestep, level, kwargs, sample)
        except BaseException:
            self.mode = "off"
            raise
        self.mode = "read"

    def _send(
        self, unet: Any, timestep: Any, level: float, kwargs: Mapping[str, Any], sample: torch.Tensor
    ) -> None:
        """Send the references through `unet` at noise `level`."""
        clean = self.references.to(sample.device, sample.dtype)
        count = len(clean)
        kept = self._kept(level)
        # Every scheduler hands the U-Net of an epsilon or v model this mixture, whatever its own scale of noise.
        noisy = math.sqrt(kept) * clean + math.sqrt(1 - kept) * self.noise.to(clean)
        extra = unet.config.in_channels - noisy.shape[1]
        if extra:
            # A U-Net for repairs: an empty mask, and the picture itself beside it.
            blank = torch.zeros_like(noisy[:, : extra - clean.shape[1]])
            noisy = torch.cat([noisy, blank, clean], 1)
        mine: dict[str, Any] = {
            "encoder_hidden_states": self._empty["text"].to(sample).expand(count, -1, -1),
            "return_dict": False,
        }
        if "pooled" in self._empty:
            ids = kwargs["added_cond_kwargs"]["time_ids"][:1].clone()
            if ids.shape[1] == 6:  # original size, crop, target size
                ids[:] = torch.tensor([self._side, self._side, 0, 0, self._side, self._side]).to(ids)
            mine["added_cond_kwargs"] = {
                "text_embeds": self._empty["pooled"].to(sample).expand(count, -1),
                "time_ids": ids.expand(count, -1),
            }
        if kwargs.get("timestep_cond") is not None:
            mine["timestep_cond"] = kwargs["timestep_cond"][:1].expand(count, -1)
        if isinstance(timestep, torch.Tensor) and timestep.ndim:
            timestep = timestep.flatten()[0]
        with torch.no_grad():
            unet(noisy, timestep, **mine)

    def _kept(self, level: float) -> float:
        """Return the part of the signal's power that is left at a timestep, which may lie between two of training."""
        below = min(max(math.floor(level), 0), len(self._alphas) - 1)
        above = min(below + 1, len(self._alphas) - 1)
        part = level - math.floor(level)
        return float(self._alphas[below] * (1 - part) + self._alphas[above] * part)

    def columns(self, tokens: int) -> list[torch.Tensor] | None:
        """Return the indexes of the tokens in each reference's span; None when one reference has the whole frame."""
        if self.spans == [(0.0, 1.0)] or tokens not in self._sizes:
            return None
        rows, columns = self._sizes[tokens]
        centre = (torch.arange(columns) + 0.5) / columns
        place = centre.repeat(rows)
        return [((place >= left) & (place < right)).nonzero()[:, 0] for left, right in self.spans]


def _sizes(rows: int, columns: int) -> dict[int, tuple[int, int]]:
    """Return (rows, columns) of each level of a U-Net by its number of tokens; halves are rounded up."""
    found: dict[int, tuple[int, int]] = {}
    while rows * columns not in found:
        found[rows * columns] = (rows, columns)
        rows, columns = -(-rows // 2), -(-columns // 2)
    return found


class _Shared:
    """The attention processor of one self-attention layer, around the one it had before."""

    def __init__(self, plain: Callable[..., torch.Tensor], name: str, pass_: _Pass) -> None:
        self._plain = plain
        self._name = name
        self._pass = pass_

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the layer's output for `hidden_states`, shape (batch, tokens, channels)."""
        pass_ = self._pass
        if pass_.mode == "write":
            pass_.features[self._name] = hidden_states
        if pass_.mode != "read" or encoder_hidden_states is not None or attention_mask is not None:
            return self._plain(attn, hidden_states, encoder_hidden_states, attention_mask)
        features = pass_.features[self._name].to(hidden_states)
        parts = pass_.columns(hidden_states.shape[1])
        if parts is None:
            return self._extended(attn, hidden_states, hidden_states, features, pass_.weights)
        rest = torch.ones(hidden_states.shape[1], dtype=torch.bool)
        output = torch.empty_like(hidden_states)
        for index, tokens in enumerate(parts):
            if len(tokens):
                tokens = tokens.to(hidden_states.device)
                output[:, tokens] = self._extended(
                    attn, hidden_states[:, tokens], hidden_states, features[index : index + 1],
                    pass_.weights[index : index + 1],
                )  # fmt: skip
                rest[tokens.cpu()] = False
        left = rest.nonzero()[:, 0].to(hidden_states.device)
        if len(left):
            output[:, left] = self._plain(attn, hidden_states[:, left], hidden_states)
        return output

    def _extended(
        self,
        attn: Any,
        queries: torch.Tensor,
        own: torch.Tensor,
        features: torch.Tensor,
        weights: Sequence[float],
    ) -> torch.Tensor:
        """Attend from `queries` to the picture's own tokens and to those of the references, each by its weight."""
        batch, length = own.shape[:2]
        seen = features.reshape(1, -1, features.shape[-1]).expand(batch, -1, -1)
        keys = torch.cat([own, seen], 1)
        bias = None
        if any(weight != 1 for weight in weights):
            # The logarithm of a weight, added before the softmax, multiplies the share that falls to a token.
            each = torch.tensor([math.log(weight) for weight in weights]).repeat_interleave(features.shape[1])
            line = torch.cat([torch.zeros(length), each]).to(own)
            bias = line[None, None].expand(batch, 1, -1)
        return self._plain(attn, queries, keys, bias)
