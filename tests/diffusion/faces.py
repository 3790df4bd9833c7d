"""Faces and scenes for the tests of holding a pipeline to the cast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.diffusion.identity import Likeness, is_guided
from kamishibai.media.picture import Pixels

RED, GREEN, BLUE = (230, 20, 30), (10, 200, 60), (20, 30, 220)
Images = npt.NDArray[np.float32]


def face(colour: tuple[int, int, int], height: int = 80, width: int = 60) -> Pixels:
    """Return a picture of one colour with a white square in it."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour
    pixels[height // 4 : height // 2, width // 3 : 2 * width // 3] = 255
    return pixels


def cast(*colours: tuple[int, int, int], weights: Sequence[float] = ()) -> list[Likeness]:
    """Return one likeness for each colour, side by side in the frame."""
    count = len(colours)
    return [
        Likeness(f"c{i}", face(colour), weights[i] if weights else 1.0, (i / count, (i + 1) / count))
        for i, colour in enumerate(colours)
    ]


def opened(folder: Path) -> Any:
    """Return the pipeline in a folder, ready to be called."""
    import diffusers

    from kamishibai.diffusion.pipe import quiet

    with quiet():
        pipe = diffusers.DiffusionPipeline.from_pretrained(str(folder), local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    if getattr(pipe, "safety_checker", None) is not None:
        pipe.safety_checker = None
    return pipe


def draw(
    pipe: Any, way: Any = None, faces: Sequence[Likeness] = (), seeds: Sequence[int] = (1,), **more: Any
) -> Images:
    """Return the pictures of one call, (count, 64, 96, 3), held to `faces` by `way`."""
    import torch

    kwargs: dict[str, Any] = {
        "prompt": ["a fox in the snow"] * len(seeds),
        "num_inference_steps": 2,
        "width": 96,
        "height": 64,
        "guidance_scale": 5.0,
        "output_type": "np",
        "generator": [torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        **more,
    }
    if way is None:
        return np.asarray(pipe(**kwargs).images, np.float32)
    with way.hold(faces, kwargs["width"], kwargs["height"], is_guided(pipe, kwargs)) as held:
        return np.asarray(pipe(**held.with_(kwargs)).images, np.float32)


def apart(one: Images, other: Images) -> float:
    """Return the largest difference between two pictures, in levels of 255."""
    return float(np.abs(one - other).max() * 255)
