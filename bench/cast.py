"""Measures what holding a face costs: seconds a picture with and without, for an IP-Adapter and reference attention.

Run it with ``python bench/cast.py [CHECKPOINT] [--adapter FILE] [--steps 20] [--side 512]`` from the project's folder.
CHECKPOINT is a preset, a folder or a hub id that was pulled. Without one, a tiny Stable Diffusion with random weights
is built: that measures cost alone, and cost at a tiny size, where the text encoders and Python itself weigh far more
than they do in a real model. Whether a face is the same one cannot be measured on random weights at all; look at the
pictures of a real checkpoint, or score them with ``eye:clip``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kamishibai.devices.device import probe
from kamishibai.devices.memory import plan_memory
from kamishibai.diffusion.identity import Likeness, open_holder
from kamishibai.diffusion.pipe import open_pipeline, put
from kamishibai.errors import KamishibaiError
from kamishibai.weights.checkpoint import locate
from kamishibai.weights.ip_adapter import hold_of

ROUNDS = 5


def tiny(folder: Path) -> tuple[str, str]:
    """Build a tiny checkpoint and its adapter; return their names."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    take = import_module("tiny.shelf").take
    return str(take("sd15", folder)), str(take("ip-adapter-sd15", folder))


def faces(count: int) -> list[Likeness]:
    """Return `count` faces of noise, side by side."""
    return [
        Likeness(
            f"c{i}",
            np.random.default_rng(i).integers(0, 256, (512, 512, 3), dtype=np.uint8),
            1.0,
            (i / count, (i + 1) / count),
        )
        for i in range(count)
    ]


def seconds(pipe: Any, way: Any, held: Sequence[Likeness], steps: int, side: int) -> tuple[float, float]:
    """Return the seconds of the first picture, and the smallest of a few after it."""
    times = []
    for _ in range(ROUNDS + 1):
        kwargs = {
            "prompt": "a fox in the snow", "num_inference_steps": steps, "width": side, "height": side,
            "output_type": "np", "guidance_scale": 5.0, "generator": torch.Generator("cpu").manual_seed(1),
        }  # fmt: skip
        began = time.perf_counter()
        if way is None:
            pipe(**kwargs)
        else:
            with way.hold(held, side, side, True) as hold:
                pipe(**hold.with_(kwargs))
        times.append(time.perf_counter() - began)
    return times[0], min(times[1:])


def measure(name: str, adapter: str, steps: int, side: int) -> None:
    """Print a table: each way, with one, two and three faces."""
    found = locate(name, "picture")
    device = probe("auto")
    plan = plan_memory(device, found.family, found.weights_mb, side, side)
    pipe = open_pipeline(found, None, plan, device, safety=False)
    put(pipe, plan, device, "auto")
    _, plain = seconds(pipe, None, [], steps, side)
    print(f"{found.name}: {found.family.name} on {device.name or device.kind}, {side}×{side}, {steps} steps")
    print(f"{'':36}  first    then   times a picture without")
    print(f"{'no face':36}      -  {plain:6.3f}   1.00")
    ways: tuple[tuple[str, Any, str, str], ...] = (
        ("ip-adapter", "ip-adapter", adapter, "up"),
        ("reference attention, up", "reference-attention", "", "up"),
        ("reference attention, all", "reference-attention", "", "all"),
    )
    for shown, identity, its_adapter, layers in ways:
        try:
            hold = hold_of(found, identity, its_adapter)
        except KamishibaiError as error:
            print(f"{shown:36}  left out: {error.what}")
            continue
        holder = open_holder(pipe, hold, layers=layers, replace=lambda: put(pipe, plan, device, "auto"))
        for count in (1, 2, 3):
            first, then = seconds(pipe, holder.way, faces(count), steps, side)
            print(f"{f'{shown}, {count} face(s)':36} {first:6.3f}  {then:6.3f}   {then / plain:.2f}")
        holder.close()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "checkpoint", nargs="?", default="", help="a preset, a folder or a hub id; left out: tiny"
    )
    parser.add_argument("--adapter", default="", help="the IP-Adapter; left out: the checkpoint's own")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--side", type=int, default=0, help="pixels")
    given = parser.parse_args()
    if given.checkpoint:
        measure(given.checkpoint, given.adapter, given.steps or 20, given.side or 512)
        return
    torch.set_num_threads(1)
    print("A tiny checkpoint with random weights: cost at a tiny size, and nothing about faces.\n")
    with tempfile.TemporaryDirectory() as folder:
        name, adapter = tiny(Path(folder))
        measure(name, adapter, given.steps or 4, given.side or 128)


if __name__ == "__main__":
    main()
