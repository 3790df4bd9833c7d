"""The IP-Adapter of FLUX on a tiny checkpoint: faces change the picture, and leave no trace."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from faces import BLUE, RED, apart, cast, draw, opened  # noqa: E402

from kamishibai.diffusion.identity import open_holder  # noqa: E402
from kamishibai.diffusion.image_prompt import FluxImagePrompt  # noqa: E402
from kamishibai.errors import UnsupportedError  # noqa: E402
from kamishibai.weights.checkpoint import locate  # noqa: E402
from kamishibai.weights.ip_adapter import hold_of  # noqa: E402

Tiny = Callable[[str], Path]


def adapter(folder: Path, tiny: Tiny) -> Path:
    """Write an adapter for the tiny FLUX under the names that XLabs' adapters have; return its file."""
    from safetensors.torch import save_file

    torch.manual_seed(0)
    width = 32
    weights = {
        "ip_adapter_proj_model.proj.weight": torch.randn(4 * width, 32) * 0.2,
        "ip_adapter_proj_model.proj.bias": torch.zeros(4 * width),
        "ip_adapter_proj_model.norm.weight": torch.ones(width),
        "ip_adapter_proj_model.norm.bias": torch.zeros(width),
    }
    for what in ("k", "v"):
        name = f"double_blocks.0.processor.ip_adapter_double_stream_{what}_proj"
        weights[f"{name}.weight"] = torch.randn(width, width) * 0.3
        weights[f"{name}.bias"] = torch.zeros(width)
    folder.mkdir()
    save_file(weights, folder / "ip_adapter.safetensors")
    shutil.copytree(tiny("ip-adapter-sd15") / "models" / "image_encoder", folder / "image_encoder")
    return folder / "ip_adapter.safetensors"


def way_of(pipe: Any, tiny: Tiny, file: Path) -> Any:
    hold = hold_of(locate(str(tiny("flux")), "picture"), "auto", str(file))
    assert hold.way == "ip-adapter"
    return open_holder(pipe, hold, strength=1.0).way


def test_faces_change_the_picture_and_leave_no_trace(tiny: Tiny, tmp_path: Path) -> None:
    pipe = opened(tiny("flux"))
    way = way_of(pipe, tiny, adapter(tmp_path / "adapter", tiny))
    assert isinstance(way, FluxImagePrompt)
    plain, processors = draw(pipe), dict(pipe.transformer.attn_processors)
    red, blue, both = (draw(pipe, way, cast(*colours)) for colours in ((RED,), (BLUE,), (RED, BLUE)))
    assert apart(plain, red) > 0.5
    assert apart(red, blue) > 0.2
    assert apart(red, both) > 0.2
    assert apart(red, draw(pipe, way, cast(RED))) == 0
    assert apart(plain, draw(pipe, way, cast(RED, weights=[0]))) == 0
    assert apart(plain, draw(pipe)) == 0
    assert pipe.transformer.attn_processors == processors


def test_neighbours_in_a_call_change_nobodys_picture(tiny: Tiny, tmp_path: Path) -> None:
    pipe = opened(tiny("flux"))
    way = way_of(pipe, tiny, adapter(tmp_path / "adapter", tiny))
    together = draw(pipe, way, cast(RED, BLUE), seeds=(1, 2))
    for i, seed in enumerate((1, 2)):
        assert apart(together[i : i + 1], draw(pipe, way, cast(RED, BLUE), seeds=(seed,))) <= 2


def test_a_negative_prompt_goes_with_a_face(tiny: Tiny, tmp_path: Path) -> None:
    pipe = opened(tiny("flux"))
    way = way_of(pipe, tiny, adapter(tmp_path / "adapter", tiny))
    more: dict[str, Any] = {"negative_prompt": ["fog"], "true_cfg_scale": 3.0}
    assert apart(draw(pipe, **more), draw(pipe, way, cast(RED), **more)) > 0.5


def test_several_faces_are_said_to_share_the_frame(tiny: Tiny, tmp_path: Path) -> None:
    pipe = opened(tiny("flux"))
    way = way_of(pipe, tiny, adapter(tmp_path / "adapter", tiny))
    with way.hold(cast(RED, BLUE), 96, 64, False) as held:
        assert "place in the frame" in held.note
    with way.hold(cast(RED), 96, 64, False) as held:
        assert held.note == ""


def test_an_adapter_for_another_network_is_refused(tiny: Tiny) -> None:
    pipe = opened(tiny("flux"))
    plain = draw(pipe)
    sd15 = next((tiny("ip-adapter-sd15") / "models").glob("*.safetensors"))
    # The tiny Stable Diffusion reads text as wide as the tiny FLUX does: only the network can tell them apart.
    with pytest.raises(UnsupportedError, match="does not fit this network"):
        draw(pipe, way_of(pipe, tiny, sd15), cast(RED))
    assert apart(plain, draw(pipe)) == 0


def test_without_an_adapter_it_is_left_to_the_words(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", "/nowhere")
    checkpoint = locate(str(tiny("flux")), "picture")
    hold = hold_of(checkpoint)
    assert hold.way == "none"
    assert "no IP-Adapter is known for flux" in hold.note
    with pytest.raises(UnsupportedError, match="no IP-Adapter is known") as caught:
        hold_of(checkpoint, "ip-adapter")
    assert "reference-attention" not in str(caught.value.hint)
