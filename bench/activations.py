"""Counts what each family's networks hold at their height, at real sizes, without weights and without a card.

The networks are built as fake tensors (shapes and types, no bytes), run once, and every storage that is alive is
added up. What a kernel takes for itself while it runs, and what an allocator loses, is not seen: `footprints` adds
a margin. Run: ``python bench/activations.py [family …]``
"""

from __future__ import annotations

import sys
import time
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

MB = 1e6


class Living(TorchDispatchMode):
    """Adds up the storages that operations make, as long as they live."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.now = self.most = 0
        # Views of the weights come out of operations too.
        self._seen = {t.untyped_storage()._cdata for t in (*network.parameters(), *network.buffers())}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(out):
            if isinstance(leaf, torch.Tensor):
                self._count(leaf.untyped_storage())
        return out

    def _count(self, storage: Any) -> None:
        if storage._cdata in self._seen:
            return
        size = storage.nbytes()
        self._seen.add(storage._cdata)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._gone, storage._cdata, size)

    def _gone(self, name: int, size: int) -> None:
        self._seen.discard(name)
        self.now -= size


def half(*shape: int) -> torch.Tensor:
    return torch.empty(shape, dtype=torch.float16)


def height(make: Callable[[], Any], run: Callable[[Any], Any]) -> tuple[int, int]:
    """Return (parameters, bytes of activations at their height)."""
    torch.set_default_dtype(torch.float16)
    try:
        with FakeTensorMode(), torch.no_grad():
            network = make().eval()
            with Living(network) as living:
                run(network)
    finally:
        torch.set_default_dtype(torch.float32)
    return sum(p.numel() for p in network.parameters()), living.most


def _kl(**more: Any) -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(128, 256, 512, 512),
        layers_per_block=2,
        **more,
    )


def _unet(**more: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(**more)


def _class(name: str, **more: Any) -> Any:
    import diffusers

    return getattr(diffusers, name)(**more)


SDXL = {
    "sample_size": 128,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (320, 640, 1280),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}

# family: (megapixels × frames, {part: (make, run)})
PARTS: dict[str, tuple[float, dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]]]] = {
    "sd15": (
        512 * 512 / 1e6,
        {
            "step": (
                lambda: _unet(cross_attention_dim=768),
                lambda n: n(half(2, 4, 64, 64), torch.tensor(10), half(2, 77, 768)),
            ),
            "decode": (_kl, lambda n: n.decode(half(1, 4, 64, 64))),
        },
    ),
    "sdxl": (
        1024 * 1024 / 1e6,
        {
            "step": (
                lambda: _unet(**SDXL),
                lambda n: n(
                    half(2, 4, 128, 128),
                    torch.tensor(10),
                    half(2, 77, 2048),
                    added_cond_kwargs={"text_embeds": half(2, 1280), "time_ids": half(2, 6)},
                ),
            ),
            "decode": (_kl, lambda n: n.decode(half(1, 4, 128, 128))),
            "decode, tile of 512": (_kl, lambda n: n.decode(half(1, 4, 64, 64))),
        },
    ),
    "sd3": (
        1024 * 1024 / 1e6,
        {
            "step": (
                lambda: _class(
                    "SD3Transformer2DModel",
                    num_layers=24,
                    num_attention_heads=24,
                    caption_projection_dim=1536,
                    pos_embed_max_size=192,
                ),
                lambda n: n(half(2, 16, 128, 128), half(2, 333, 4096), half(2, 2048), torch.ones(2)),
            ),
            "decode": (lambda: _kl(latent_channels=16), lambda n: n.decode(half(1, 16, 128, 128))),
        },
    ),
    "flux": (
        1024 * 1024 / 1e6,
        {
            "step": (
                lambda: _class("FluxTransformer2DModel", guidance_embeds=True),
                lambda n: n(
                    hidden_states=half(1, 4096, 64),
                    encoder_hidden_states=half(1, 512, 4096),
                    pooled_projections=half(1, 768),
                    timestep=half(1),
                    img_ids=half(4096, 3),
                    txt_ids=half(512, 3),
                    guidance=half(1),
                ),
            ),
            "decode": (lambda: _kl(latent_channels=16), lambda n: n.decode(half(1, 16, 128, 128))),
        },
    ),
    "zimage": (
        1024 * 1024 / 1e6,
        {
            "step": (
                lambda: _class("ZImageTransformer2DModel"),
                lambda n: n([half(16, 1, 128, 128)], half(1), [half(128, 2560)]),
            ),
            "decode": (lambda: _kl(latent_channels=16), lambda n: n.decode(half(1, 16, 128, 128))),
        },
    ),
    "qwenimage": (
        1328 * 1328 / 1e6,
        {
            "step": (
                lambda: _class("QwenImageTransformer2DModel"),
                lambda n: n(
                    hidden_states=half(1, 83 * 83, 64),
                    encoder_hidden_states=half(1, 512, 3584),
                    encoder_hidden_states_mask=None,
                    timestep=half(1),
                    img_shapes=[[(1, 83, 83)]],
                ),
            ),
            "decode": (
                lambda: _class("AutoencoderKLQwenImage"),
                lambda n: n.decode(half(1, 16, 1, 166, 166)),
            ),
        },
    ),
    "svd": (
        1024 * 576 * 14 / 1e6,
        {
            "step": (
                lambda: _class("UNetSpatioTemporalConditionModel"),
                lambda n: n(half(2, 14, 8, 72, 128), torch.tensor(10), half(2, 1, 1024), half(2, 3)),
            ),
            "decode, per frame": (
                lambda: _class(
                    "AutoencoderKLTemporalDecoder",
                    down_block_types=("DownEncoderBlock2D",) * 4,
                    block_out_channels=(128, 256, 512, 512),
                    layers_per_block=2,
                ),
                lambda n: n.decode(half(14, 4, 72, 128), num_frames=14),
            ),
        },
    ),
    "modelscope": (
        256 * 256 * 16 / 1e6,
        {
            "step": (
                lambda: _class("UNet3DConditionModel"),
                lambda n: n(half(2, 4, 16, 32, 32), torch.tensor(10), half(2, 77, 1024)),
            ),
            "decode, all frames": (_kl, lambda n: n.decode(half(16, 4, 32, 32))),
        },
    ),
    "ltx": (
        704 * 512 * 161 / 1e6,
        {
            "step": (
                lambda: _class("LTXVideoTransformer3DModel"),
                lambda n: n(
                    half(2, 21 * 16 * 22, 128),
                    half(2, 128, 4096),
                    half(2),
                    torch.ones(2, 128),
                    num_frames=21,
                    height=16,
                    width=22,
                ),
            ),
            "decode": (
                lambda: _class("AutoencoderKLLTXVideo"),
                lambda n: n.decode(half(1, 128, 21, 16, 22), half(1)),
            ),
        },
    ),
    "wan": (
        832 * 480 * 81 / 1e6,
        {
            "step": (
                lambda: _class("WanTransformer3DModel", num_attention_heads=12, ffn_dim=8960, num_layers=30),
                lambda n: n(half(1, 16, 21, 60, 104), half(1), half(1, 512, 4096)),
            ),
            "decode": (lambda: _class("AutoencoderKLWan"), lambda n: n.decode(half(1, 16, 21, 60, 104))),
        },
    ),
}


def main() -> None:
    for family in sys.argv[1:] or PARTS:
        size, parts = PARTS[family]
        for part, (make, run) in parts.items():
            began = time.perf_counter()
            try:
                parameters, most = height(make, run)
            except Exception as error:
                print(f"{family:11} {part:20} {type(error).__name__}: {str(error)[:300]}")
                continue
            seconds = time.perf_counter() - began
            print(
                f"{family:11} {part:20} {parameters / 1e6:8.0f} M parameters {most / MB:9.0f} MB"
                f" {most / MB / size:8.1f} MB a megapixel (and frame)  [{seconds:.0f} s]"
            )


if __name__ == "__main__":
    main()
