"""Finds the IP-Adapter that holds faces with a checkpoint, and refuses one that does not fit it.

IP-Adapter: Ye et al. 2023, "IP-Adapter: Text Compatible Image Prompt Adapter for Text-to-Image Diffusion Models",
https://arxiv.org/abs/2308.06721. Its file holds ``image_proj.*`` and ``ip_adapter.*``; a CLIP image encoder goes
with it. Nothing here imports torch or opens a connection.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.models.base import Licence
from kamishibai.weights import layout
from kamishibai.weights.checkpoint import Checkpoint
from kamishibai.weights.digests import file_digest
from kamishibai.weights.licences import licence_named
from kamishibai.weights.places import hub_cache, snapshot
from kamishibai.weights.presets import IpAdapter, presets
from kamishibai.weights.safe import Header, read_header

__all__ = ["Adapter", "Hold", "Identity", "adapter_digest", "adapter_files", "find_adapter", "hold_of"]

Identity = Literal["auto", "ip-adapter", "reference-attention", "off"]
"""What a user may ask for; ``auto``: the adapter where it is on this machine, else reference attention, else off."""

_TEXT_WIDTHS: Mapping[str, int] = {"sd15": 768, "lcm": 768, "sd2": 1024, "sdxl": 2048, "flux": 4096}
"""How wide the text is that families attend to, for single files, which come without configs."""
_MADE_FOR: Mapping[int, str] = {
    768: "Stable Diffusion 1.5", 1024: "Stable Diffusion 2", 2048: "SDXL", 4096: "FLUX",
}  # fmt: skip
_OTHER_NAMES: Mapping[str, str] = {
    "ip_adapter_proj_model.": "image_proj.", "double_blocks.": "ip_adapter.", "processor.": "",
    "ip_adapter_double_stream_k_proj": "to_k_ip", "ip_adapter_double_stream_v_proj": "to_v_ip",
}  # fmt: skip
"""What XLabs' adapters for FLUX call the same tensors; diffusers' ``loaders/ip_adapter.py`` reads them so."""
_CLIP: Final = "openai/clip-vit-large-patch14"
"""The image encoder of XLabs' adapters, which come without one."""
_Shapes = Mapping[str, tuple[int, ...]]
_HUB_ID = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?::(?P<file>[^:]+\.safetensors))?")


class Adapter(Frozen):
    """An IP-Adapter that is on this machine, whole, safe and fit for a checkpoint."""

    name: str
    """For messages."""
    file: Path
    encoder: Path
    """Folder of its image encoder."""
    pooled: bool
    """It reads one vector for a picture (the plain kind), not one for each patch (``plus``, ``full-face``)."""
    licence: Licence


class Hold(Frozen):
    """How a checkpoint is held to faces."""

    way: Literal["ip-adapter", "reference-attention", "none"]
    adapter: Adapter | None = None
    note: str = ""
    """What the user should know of the choice; empty when it is what they asked for."""


def hold_of(checkpoint: Checkpoint, identity: Identity = "auto", ip_adapter: str = "") -> Hold:
    """Return how `checkpoint` is held to faces.

    Parameters
    ----------
    identity
        What the user asked for.
    ip_adapter
        The adapter's file, its folder, or ``owner/name[:path/in/it.safetensors]`` pulled before; empty: the one
        that goes with the checkpoint's preset or family.

    Raises
    ------
    UnsupportedError
        When the family has no such way, or the adapter was made for another family.
    UnknownModelError
        When an adapter was asked for and is not on this machine.
    ModelError
        When its files are damaged or incomplete.
    """
    family = checkpoint.family
    if identity == "off":
        if ip_adapter:
            raise UsageError("identity is off, and an ip_adapter is named", hint="leave one of them out")
        return Hold(way="none")
    wanted: Identity = "ip-adapter" if identity == "auto" and ip_adapter else identity
    if wanted not in ("auto", *family.identity):
        raise UnsupportedError(
            f"{family.name} cannot be held to faces by {wanted}",
            hint=f"use identity={' or '.join(family.identity)}"
            if family.identity
            else "leave out identity and ip_adapter: its faces are kept by fixed words and seeds alone",
        )
    if wanted == "reference-attention":
        if ip_adapter:
            raise UsageError(
                "identity is reference-attention, and an ip_adapter is named", hint="leave one of them out"
            )
        return Hold(way="reference-attention")
    if wanted == "ip-adapter":
        return Hold(way="ip-adapter", adapter=find_adapter(checkpoint, ip_adapter))
    return _best(checkpoint)


def _best(checkpoint: Checkpoint) -> Hold:
    """Return the surest way that this machine has the files for."""
    family = checkpoint.family
    why = ""
    if "ip-adapter" in family.identity:
        try:
            return Hold(way="ip-adapter", adapter=find_adapter(checkpoint, ""))
        except (UnknownModelError, UnsupportedError) as error:
            why = f" ({error.what}; {error.hint})"
    if "reference-attention" in family.identity:
        note = f"faces are held by reference attention, for want of an IP-Adapter{why}" if why else ""
        return Hold(way="reference-attention", note=note)
    return Hold(
        way="none",
        note=f"{family.name} is shown no pictures{why}: faces are kept by fixed words and seeds alone",
    )


def find_adapter(checkpoint: Checkpoint, name: str = "") -> Adapter:
    """Return the adapter called `name`, or the one that goes with the checkpoint. See `hold_of` for what it raises."""
    file, encoders, licence = _named(name) if name else _of_family(checkpoint)
    shown = name or file.name
    shapes = _shapes(read_header(file))
    _refuse_strangers(shapes, shown, file)
    _refuse_misfit(shapes, checkpoint, shown)
    width, pooled = _picture_width(shapes, shown, file)
    if checkpoint.family.name == "flux" and not pooled:
        raise UnsupportedError(
            f"the IP-Adapter {shown!r} is not of the plain kind, the only one that FLUX takes",
            where=str(file),
            hint="take XLabs-AI/flux-ip-adapter",
        )
    return Adapter(
        name=shown,
        file=file,
        encoder=_fitting_encoder(encoders, width, pooled, shown),
        pooled=pooled,
        licence=licence,
    )


# ------------------------------------------------------------------------------------------ where it lies
def _of_family(checkpoint: Checkpoint) -> tuple[Path, list[Path], Licence]:
    own = checkpoint.preset.ip_adapter if checkpoint.preset else None
    same = [one for one in presets("picture") if one.family == checkpoint.family.name and one.ip_adapter]
    known: IpAdapter | None = own or (same[0].ip_adapter if same else None)
    if known is None:
        raise UnsupportedError(
            f"no IP-Adapter is known for {checkpoint.family.name}",
            hint="name one in the option ip_adapter"
            + (
                ", or use identity=reference-attention"
                if "reference-attention" in checkpoint.family.identity
                else ""
            ),
        )
    pulled = checkpoint.preset.name if own and checkpoint.preset else same[0].name
    folder = snapshot(known.repo, known.revision)
    file = folder / known.subfolder / known.file if folder else None
    if folder is None or file is None or not file.is_file():
        raise UnknownModelError(
            f"the IP-Adapter {known.repo} is not on this machine",
            hint=f"`kamishibai models pull {pulled} --with-identity` fetches it",
        )
    return file, [folder / known.image_encoder], known.licence


def _named(name: str) -> tuple[Path, list[Path], Licence]:
    path = Path(name).expanduser()
    if path.is_file():
        return _safe(path), list(_encoders_near(path)), licence_named("", str(path))
    if path.is_dir():
        file = _only_file(path, name)
        return file, list(_encoders_near(file)), licence_named("", str(path))
    hub = _HUB_ID.fullmatch(name)
    if hub is None or name.startswith((".", "/", "~")):
        raise UnknownModelError(
            f"there is no IP-Adapter {name!r}",
            hint="name its .safetensors file, its folder, or owner/name:path/in/it.safetensors of the hub's cache",
        )
    folder = snapshot(hub["repo"])
    if folder is None:
        raise UnknownModelError(
            f"the IP-Adapter {hub['repo']} is not on this machine (looked in {hub_cache()})",
            hint=f"`kamishibai models pull PRESET --with-identity` or `hf download {hub['repo']}` fetches it",
        )
    if hub["file"] is None:
        file = _only_file(folder, name)
    else:
        file = folder / hub["file"]
        if ".." in Path(hub["file"]).parts or not file.is_file():
            raise UnknownModelError(f"{hub['repo']} has no file {hub['file']!r}", hint=_choices(folder))
    licence = next(
        (p.ip_adapter.licence for p in presets() if p.ip_adapter and p.ip_adapter.repo == hub["repo"]),
        licence_named("", f"https://huggingface.co/{hub['repo']}"),
    )
    return file, list(_encoders_near(file)), licence


def _safe(path: Path) -> Path:
    if path.suffix == ".safetensors":
        return path
    raise ModelError(
        "this adapter is not a safetensors file; pickled weights can run code when they are read",
        where=str(path),
        hint="take the .safetensors file of the same adapter, which its repo has too",
    )


def _only_file(folder: Path, name: str) -> Path:
    """Return the one adapter in a folder or right below it."""
    found = _adapters_in(folder)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} holds several IP-Adapters", hint=_choices(folder))
    pickles = [path for path in (*folder.glob("*.bin"), *folder.glob("*/*.bin")) if "adapter" in path.name]
    if pickles:
        _safe(pickles[0])
    raise UnknownModelError(f"there is no IP-Adapter in {name!r}", hint="name its .safetensors file")


def _adapters_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in (*folder.glob("*.safetensors"), *folder.glob("*/*.safetensors"))
        if not path.name.startswith(("model", "diffusion_pytorch_model"))
    )


def _choices(folder: Path) -> str:
    names = [path.relative_to(folder).as_posix() for path in _adapters_in(folder)]
    return f"name one: {', '.join(names[:12]) or 'it has no .safetensors file'}"


def _encoders_near(file: Path) -> Iterator[Path]:
    """Yield where an image encoder may lie: beside the file or its folder, in h94/IP-Adapter's ``models``, in the cache."""
    yield file.parent / "image_encoder"
    yield file.parent.parent / "image_encoder"
    yield file.parent.parent / "models" / "image_encoder"
    yield file.parent.parent / "sdxl_models" / "image_encoder"
    shared = snapshot(_CLIP)
    if shared is not None:
        yield shared


# ------------------------------------------------------------------------------------------ whether it fits
def _shapes(header: Header) -> _Shapes:
    """Return the tensors' shapes under the names of h94/IP-Adapter."""
    found = {}
    for name, tensor in header.tensors.items():
        for theirs, ours in _OTHER_NAMES.items():
            name = name.replace(theirs, ours)
        found[name] = tensor.shape
    return found


def _refuse_strangers(shapes: _Shapes, name: str, file: Path) -> None:
    """Refuse what is no adapter, and adapters that read something else than CLIP's view of a picture."""
    parts = {tensor.split(".", 1)[0] for tensor in shapes}
    if not {"image_proj", "ip_adapter"} <= parts:
        raise UnsupportedError(
            f"{name!r} is no IP-Adapter that can be used here (no image_proj and ip_adapter in it)",
            where=str(file),
            hint="take one of h94/IP-Adapter",
        )
    face_id = "image_proj.perceiver_resampler.proj_in.weight" in shapes or (
        "image_proj.norm.weight" in shapes and "image_proj.proj.weight" not in shapes
        and "image_proj.proj.3.weight" not in shapes and "image_proj.latents" not in shapes
    )  # fmt: skip
    if face_id or any("lora" in tensor for tensor in shapes):
        raise UnsupportedError(
            f"{name!r} is a FaceID adapter, which reads the output of a face recogniser (InsightFace, "
            "non-commercial weights) that Kamishibai does not bring",
            where=str(file),
            hint="take ip-adapter-plus-face or ip-adapter-plus of h94/IP-Adapter",
        )


def _refuse_misfit(shapes: _Shapes, checkpoint: Checkpoint, name: str) -> None:
    """Compare the width of what the adapter's attention reads with the checkpoint's own."""
    key = next((t for t in shapes if t.startswith("ip_adapter.") and t.endswith("to_k_ip.weight")), None)
    given = shapes[key][-1] if key else 0
    wanted = _text_width(checkpoint)
    if key is None or (wanted and given != wanted):
        raise UnsupportedError(
            f"the IP-Adapter {name!r} was made for {_MADE_FOR.get(given, 'another kind of model')}, "
            f"not for {checkpoint.family.name}: its attention reads {given} features where {checkpoint.name!r} "
            f"has {wanted}",
            hint=f"take one that was trained on {checkpoint.family.name}, or leave out ip_adapter",
        )


def _text_width(checkpoint: Checkpoint) -> int:
    for part, field in (("unet", "cross_attention_dim"), ("transformer", "joint_attention_dim")):
        config = checkpoint.path / part / "config.json"
        if not checkpoint.single_file and config.is_file():
            width = layout.read_json(config).get(field)
            return width if isinstance(width, int) else 0
    return _TEXT_WIDTHS.get(checkpoint.family.name, 0)


def _picture_width(shapes: _Shapes, name: str, file: Path) -> tuple[int, bool]:
    """Return how wide the encoder's view of a picture must be, and whether it is the pooled one.

    The marks are those of diffusers' ``loaders/unet.py``.
    """
    for tensor, pooled in (
        ("image_proj.proj.weight", True),
        ("image_proj.proj.0.weight", False),
        ("image_proj.proj_in.weight", False),
    ):
        if tensor in shapes:
            return shapes[tensor][-1], pooled
    raise UnsupportedError(
        f"{name!r} is an IP-Adapter of a kind that is not known here",
        where=str(file),
        hint="take one of h94/IP-Adapter",
    )


def _fitting_encoder(encoders: list[Path], width: int, pooled: bool, name: str) -> Path:
    """Return the first image encoder that is whole and gives what the adapter reads."""
    seen: list[str] = []
    for folder in encoders:
        if not (folder / "config.json").is_file():
            continue
        config = layout.read_json(folder / "config.json")
        gives = config.get("projection_dim" if pooled else "hidden_size")
        if gives == width:
            layout.check_headers([path for path in layout.weights_of(folder) if path.suffix != ".json"])
            return folder
        seen.append(f"{folder} gives {gives}")
    if not seen:
        raise UnknownModelError(
            f"the IP-Adapter {name!r} comes without its image encoder",
            where=str(encoders[0]),
            hint="put the folder image_encoder of the same repo (config.json, model.safetensors) there; adapters "
            f"for FLUX go with {_CLIP}",
        )
    raise UnsupportedError(
        f"the IP-Adapter {name!r} reads pictures as {width} numbers, and its image encoder does not give so many",
        where="; ".join(seen),
        hint="use the image encoder that it was trained with (for *_vit-h and *plus*: models/image_encoder)",
    )


# ------------------------------------------------------------------------------------------ identity
def adapter_files(adapter: Adapter) -> list[Path]:
    """Return every file that would be loaded."""
    weights = layout.weights_of(adapter.encoder)
    return [adapter.file, adapter.encoder / "config.json", *weights]


def adapter_digest(adapter: Adapter) -> str:
    """Return SHA-256 over what every file holds, in hex: part of the key of all that is drawn with it."""
    parts = [(path.name, file_digest(path)) for path in adapter_files(adapter)]
    parts[0] = ("", parts[0][1])  # a renamed adapter is the same one
    return hashlib.sha256(canonical_json(sorted(parts))).hexdigest()
