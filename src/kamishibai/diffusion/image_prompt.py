"""Holds a network to pictures through an IP-Adapter: loaded once, at the first need, and taken off between asks.

IP-Adapter: Ye et al. 2023, https://arxiv.org/abs/2308.06721. Several faces share one adapter; each is attended to
in its own part of the frame by diffusers' masks, with its own scale. FLUX knows neither masks nor several scales.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from kamishibai.diffusion.identity import Held, Likeness, squared
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.weights.ip_adapter import Adapter

__all__ = ["FluxImagePrompt", "ImagePrompt", "column_masks"]

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of CLIP's pictures (openai/CLIP, ``clip.py``)."""
_SEAM = 0.05
"""Part of the frame's width over which two faces' parts fade into one another."""


class ImagePrompt:
    """The IP-Adapter of one loaded pipeline with a U-Net.

    The adapter's layers and its image encoder are kept between asks, and hung into the network only while an ask
    with references is drawn: diffusers' own layers cannot be called without a picture, and what is drawn without
    one should not depend on whether one was drawn before.
    """

    def __init__(
        self, pipe: Any, adapter: Adapter, strength: float, replace: Callable[[], None] | None = None
    ) -> None:
        self._pipe = pipe
        self._network = pipe.unet if getattr(pipe, "unet", None) is not None else pipe.transformer
        self._adapter = adapter
        self._strength = strength
        self._replace = replace
        self._layers: dict[str, Any] = {}
        self._projection: Any = None
        self._encoder: Any = None
        self._seen: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def hold(self, faces: Sequence[Likeness], width: int, height: int, guided: bool) -> Held:
        """Hang the adapter in, and return the embeddings and masks that the call takes."""
        scales = [face.weight * self._strength for face in faces]
        if not any(scales):
            return Held()
        if not self._layers:
            self._load()
        return self._held(faces, scales, width, height, guided)

    def _held(
        self, faces: Sequence[Likeness], scales: list[float], width: int, height: int, guided: bool
    ) -> Held:
        # Where guidance is distilled into the network (LCM) a pipeline computes one half only, whatever its scale.
        halves = guided and self._network.config.get("time_cond_proj_dim") is None
        kwargs: dict[str, Any] = {"ip_adapter_image_embeds": [self._embedded(faces, halves)]}
        whole = len(faces) == 1 and faces[0].span == (0.0, 1.0)
        masks = None if whole else column_masks(self._pipe, [f.span for f in faces], width, height)
        note = ""
        if masks is None:
            scale: Any = sum(scales) / len(scales)
            if not whole:
                note = (
                    f"{width}×{height} cannot be divided among the faces: all of them count everywhere in the "
                    "frame; a width and height that are multiples of 64 can"
                )
        else:
            kwargs["cross_attention_kwargs"] = {"ip_adapter_masks": [masks]}
            scale = scales
        return Held(kwargs, self._hang_in(scale), note)

    def close(self) -> None:
        """Drop the adapter and its encoder."""
        self._layers, self._projection, self._encoder = {}, None, None
        self._seen.clear()

    # ------------------------------------------------------------------ loading
    def _load(self) -> None:
        pipe, network, file = self._pipe, self._network, self._adapter.file
        before = dict(network.attn_processors)
        hooked = any(hasattr(part, "_hf_hook") for part in pipe.components.values())
        if hooked:
            # Weights that an offloading hook keeps elsewhere cannot be added to.
            assert self._replace is not None, "an offloaded pipeline must be put in its place again"
            pipe.remove_all_hooks()
        try:
            from kamishibai.diffusion.pipe import quiet

            with quiet():
                self._read(file)
            self._layers = {
                name: layer for name, layer in network.attn_processors.items() if hasattr(layer, "to_k_ip")
            }
            self._projection = network.encoder_hid_proj
        except (OSError, KeyError, ValueError, RuntimeError, AttributeError, TypeError) as error:
            raise UnsupportedError(
                f"the IP-Adapter {self._adapter.name!r} does not fit this network: {_first_line(error)}",
                where=str(file),
                hint="take one that was trained on this family, or leave out ip_adapter",
            ) from error
        finally:
            self._take_off(before)
            if hooked and self._replace is not None:
                self._replace()

    def _read(self, file: Path) -> None:
        """Have diffusers read the adapter into the network."""
        from diffusers.models.attention_processor import AttnProcessor2_0

        # diffusers makes every other layer's processor anew, without the arguments that a sliced one needs.
        plain: Any = AttnProcessor2_0
        self._network.set_attn_processor(plain())
        self._pipe.load_ip_adapter(
            str(file.parent),
            subfolder="",
            weight_name=file.name,
            image_encoder_folder=None,
            local_files_only=True,
        )

    def _vision(self) -> Any:
        if self._encoder is None:
            from safetensors import SafetensorError
            from transformers import CLIPVisionModelWithProjection

            from kamishibai.diffusion.pipe import quiet

            folder = self._adapter.encoder
            try:
                with quiet():
                    self._encoder = CLIPVisionModelWithProjection.from_pretrained(
                        str(folder), local_files_only=True, use_safetensors=True, dtype=self._pipe.dtype
                    )
            except (OSError, ValueError, RuntimeError, SafetensorError) as error:
                raise ModelError(
                    f"the image encoder of {self._adapter.name!r} cannot be loaded: {_first_line(error)}",
                    where=str(folder),
                    hint="fetch it again: it belongs to the IP-Adapter's repo",
                ) from error
        return self._encoder

    # ------------------------------------------------------------------ pictures
    def _embedded(self, faces: Sequence[Likeness], guided: bool) -> torch.Tensor:
        """Return what the adapter reads of the faces: (1 or 2, faces, …), the one for "no picture" first."""
        pairs = [self._encoded(face) for face in faces]
        shown = torch.stack([pair[0] for pair in pairs])[None]
        blank = torch.stack([pair[1] for pair in pairs])[None]
        return torch.cat([blank, shown]) if guided else shown

    def _encoded(self, face: Likeness) -> tuple[torch.Tensor, torch.Tensor]:
        digest = face.digest
        if digest not in self._seen:
            encoder, device = self._vision(), self._pipe._execution_device
            pixels = squared(face.pixels, encoder.config.image_size)
            values = torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255
            values = (values - torch.tensor(_MEAN)[:, None, None]) / torch.tensor(_STD)[:, None, None]
            batch = values[None].to(device, encoder.dtype)
            encoder.to(device)
            with torch.no_grad():
                if self._adapter.pooled:
                    shown = encoder(batch).image_embeds
                    blank = torch.zeros_like(shown)
                else:
                    shown = encoder(batch, output_hidden_states=True).hidden_states[-2]
                    blank = encoder(torch.zeros_like(batch), output_hidden_states=True).hidden_states[-2]
            encoder.to("cpu")
            self._seen[digest] = (shown[0], blank[0])
        return self._seen[digest]

    # ------------------------------------------------------------------ the network
    def _hang_in(self, scale: float | list[float]) -> Callable[[], None]:
        network, device = self._network, self._pipe._execution_device
        before = dict(network.attn_processors)
        for layer in self._layers.values():
            layer.scale = [scale]
            layer.to(device)
        network.encoder_hid_proj = self._projection.to(device)
        # The projection may have attention layers of its own, which count among the network's while it hangs there.
        network.set_attn_processor(
            {name: self._layers.get(name, plain) for name, plain in network.attn_processors.items()}
        )
        self._mark("ip_image_proj")
        return lambda: self._take_off(before)

    def _take_off(self, before: dict[str, Any]) -> None:
        self._network.encoder_hid_proj = None
        self._network.set_attn_processor(dict(before))
        self._mark(None)

    def _mark(self, kind: str | None) -> None:
        """Write into the network's config which further input it gets: a U-Net goes by that."""
        self._network.register_to_config(encoder_hid_dim_type=kind)


class FluxImagePrompt(ImagePrompt):
    """The IP-Adapter of a loaded FLUX: several faces are attended to as one, in the whole frame, at one scale."""

    def _held(
        self, faces: Sequence[Likeness], scales: list[float], width: int, height: int, guided: bool
    ) -> Held:
        pairs = [self._encoded(face) for face in faces]
        shown, blank = (torch.stack([pair[i] for pair in pairs])[None] for i in (0, 1))
        # Left without the second, the pipeline would encode a black picture by an encoder that it has not got.
        kwargs = {"ip_adapter_image_embeds": [shown], "negative_ip_adapter_image_embeds": [blank]}
        note = "" if len(faces) == 1 else "FLUX does not tell faces apart by their place in the frame"
        return Held(kwargs, self._hang_in(sum(scales) / len(scales)), note)

    def _read(self, file: Path) -> None:
        self._pipe.load_ip_adapter(
            str(file.parent),
            weight_name=file.name,
            subfolder="",
            image_encoder_pretrained_model_name_or_path=None,
            local_files_only=True,
        )

    def _mark(self, kind: str | None) -> None:
        return None


def column_masks(
    pipe: Any, spans: Sequence[tuple[float, float]], width: int, height: int
) -> torch.Tensor | None:
    """Return one mask for each span of the frame's width, shape (1, spans, rows, columns), values 0 to 1.

    Neighbouring parts fade into one another. diffusers works out every layer's size from the mask's shape alone,
    by a rounded square root, and shears the mask where that comes out wrong: the shape is chosen so that it does
    not. None when there is no such shape.
    """
    levels = len(pipe.unet.config.block_out_channels)
    rows, columns = height // pipe.vae_scale_factor, width // pipe.vae_scale_factor
    sizes = [(-(-rows // 2**k), -(-columns // 2**k)) for k in range(levels)]
    shape = _mask_shape(sizes)
    if shape is None:
        return None
    x = (torch.arange(shape[1], dtype=torch.float32) + 0.5) / shape[1]
    lines = []
    for left, right in spans:
        rise = torch.ones_like(x) if left <= 0 else ((x - left) / _SEAM + 0.5).clamp(0, 1)
        fall = torch.ones_like(x) if right >= 1 else ((right - x) / _SEAM + 0.5).clamp(0, 1)
        lines.append(rise * fall)
    return torch.stack(lines)[None, :, None, :].expand(1, len(spans), *shape).contiguous()


def _mask_shape(sizes: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return (rows, columns) from which ``IPAdapterMaskProcessor.downsample`` gets every size right."""
    rows, columns = sizes[0]
    for more in range(4 * rows + 1):
        for wanted in {4 * rows + more, 4 * rows - more}:
            if wanted > 0 and all(_read_as(wanted, 4 * columns, h * w) == (h, w) for h, w in sizes):
                return wanted, 4 * columns
    return None


def _read_as(rows: int, columns: int, queries: int) -> tuple[int, int]:
    height = max(1, int(math.sqrt(queries / (columns / rows))))
    height += int(queries % height != 0)
    return height, queries // height


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[
        :200
    ]
