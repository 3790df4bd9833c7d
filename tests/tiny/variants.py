"""What people have besides a tidy folder: one file, half precision alone, pickles; and adapters for tiny checkpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tiny.parts import clip_pictures, clip_vision
from tiny.pictures import sd15, sd15_parts, sdxl_unet


def half(folder: Path) -> None:
    """Write the tiny Stable Diffusion 1.5 with files of the ``fp16`` variant alone."""
    import torch
    from diffusers import StableDiffusionPipeline

    StableDiffusionPipeline(**sd15_parts()).to(torch.float16).save_pretrained(folder, variant="fp16")


def pickled(folder: Path) -> None:
    """Write the tiny Stable Diffusion 1.5 with its weights as pickles, which nobody should load."""
    import torch
    from safetensors.torch import load_file

    sd15(folder)
    for path in sorted(folder.rglob("*.safetensors")):
        name = "pytorch_model.bin" if path.stem == "model" else f"{path.stem}.bin"
        torch.save(load_file(path), path.with_name(name))
        path.unlink()


def _original(component: str, state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a component's weights under the names of the original Stable Diffusion 1.x release."""
    rules = {"unet": _unet_name, "vae": _vae_name, "text_encoder": _text_name}
    for name, weight in state.items():
        shape = weight[..., None, None] if _is_projection(component, name) else weight
        yield rules[component](name), shape.contiguous()


def _is_projection(component: str, name: str) -> bool:
    return (
        component == "vae" and ".attentions." in name and "group_norm" not in name and name.endswith("weight")
    )


def _text_name(name: str) -> str:
    return "cond_stage_model.transformer.text_model." + name.removeprefix("text_model.")


RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET = {
    r"^time_embedding\.linear_1": "time_embed.0",
    r"^time_embedding\.linear_2": "time_embed.2",
    r"^conv_in": "input_blocks.0.0",
    r"^conv_norm_out": "out.0",
    r"^conv_out": "out.2",
    r"^mid_block\.resnets\.0": "middle_block.0",
    r"^mid_block\.attentions\.0": "middle_block.1",
    r"^mid_block\.resnets\.1": "middle_block.2",
}


def _unet_name(name: str) -> str:
    """Return the original name of a weight of a U-Net with one layer a block and attention in its outer blocks."""
    for pattern, original in UNET.items():
        name = re.sub(pattern, original, name)
    for new, old in RESNET.items():
        name = re.sub(rf"(resnets\.\d+|middle_block\.\d+)\.{new}\b", rf"\1.{old}", name)
    parts = name.split(".")
    if parts[0] in ("down_blocks", "up_blocks"):
        side = "input_blocks" if parts[0] == "down_blocks" else "output_blocks"
        block, what, layer = int(parts[1]), parts[2], int(parts[3])
        if what.endswith("samplers"):
            layer = 1
        index = block * 2 + layer + (side == "input_blocks")
        place = {"resnets": "0", "attentions": "1", "downsamplers": "0", "upsamplers": "1"}[what]
        rest = parts[4:] if what != "downsamplers" else ["op", *parts[5:]]
        parts = [side, str(index), place, *rest]
    return "model.diffusion_model." + ".".join(parts)


VAE = {
    r"mid_block\.resnets\.0": "mid.block_1",
    r"mid_block\.resnets\.1": "mid.block_2",
    r"mid_block\.attentions\.0": "mid.attn_1",
    r"group_norm": "norm",
    r"to_([qkv])\b": r"\1",
    r"to_out\.0": "proj_out",
    r"conv_norm_out": "norm_out",
    r"conv_shortcut": "nin_shortcut",
    r"down_blocks\.(\d)\.resnets": r"down.\1.block",
    r"down_blocks\.(\d)\.downsamplers\.0": r"down.\1.downsample",
    r"up_blocks\.(\d)\.resnets": r"up.<\1>.block",
    r"up_blocks\.(\d)\.upsamplers\.0": r"up.<\1>.upsample",
}


def _vae_name(name: str) -> str:
    for pattern, original in VAE.items():
        name = re.sub(pattern, original, name)
    return "first_stage_model." + re.sub(r"<(\d)>", lambda found: str(3 - int(found[1])), name)


def single_file(path: Path) -> None:
    """Write the tiny Stable Diffusion 1.5 as one file, in the layout of the original release.

    It holds no configuration: load it with ``config=`` the folder of the tiny ``sd15``.
    """
    from safetensors.torch import save_file

    parts = sd15_parts()
    weights = {}
    for component in ("unet", "vae", "text_encoder"):
        weights.update(_original(component, parts[component].state_dict()))
    save_file(weights, path, metadata={"format": "pt"})


def lora(path: Path) -> None:
    """Write a LoRA for the U-Net of the tiny Stable Diffusion 1.5."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    weights = {}
    for name, module in sd15_parts()["unet"].named_modules():
        if re.search(r"attn\d\.(to_[qkv]|to_out\.0)$", name):
            weights[f"unet.{name}.lora_A.weight"] = torch.randn(4, module.in_features) * 0.3
            weights[f"unet.{name}.lora_B.weight"] = torch.randn(module.out_features, 4) * 0.3
    save_file(weights, path, metadata={"format": "pt"})


def _adapter(unet: Any, width: int) -> dict[str, Any]:
    """Return the weights of an IP-Adapter of four image tokens for `unet`, for pictures embedded in 32 numbers."""
    import torch

    torch.manual_seed(0)
    weights = {
        "image_proj.proj.weight": torch.randn(4 * width, 32) * 0.2,
        "image_proj.proj.bias": torch.zeros(4 * width),
        "image_proj.norm.weight": torch.ones(width),
        "image_proj.norm.bias": torch.zeros(width),
    }
    # The loader counts the attention processors in their own order, odd numbers for those that read words.
    for index, name in enumerate(unet.attn_processors):
        if name.endswith("attn2.processor"):
            inner = unet.get_submodule(name.removesuffix(".processor")).to_q.out_features
            for what in ("k", "v"):
                weights[f"ip_adapter.{index}.to_{what}_ip.weight"] = torch.randn(inner, width) * 0.3
    return weights


def _write_adapter(folder: Path, file: str, weights: Mapping[str, Any]) -> None:
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    save_file(dict(weights), folder / file, metadata={"format": "pt"})
    clip_vision(projection=32).save_pretrained(folder / "image_encoder")
    clip_pictures().save_pretrained(folder / "image_encoder")


def ip_adapter_sd15(folder: Path) -> None:
    """Write an IP-Adapter for the tiny Stable Diffusion 1.5: ``models/`` with its image encoder."""
    _write_adapter(folder / "models", "ip-adapter_sd15.safetensors", _adapter(sd15_parts()["unet"], 32))


def ip_adapter_sdxl(folder: Path) -> None:
    """Write an IP-Adapter for the tiny SDXL: ``sdxl_models/`` with its image encoder."""
    _write_adapter(folder / "sdxl_models", "ip-adapter_sdxl.safetensors", _adapter(sdxl_unet(), 64))
