"""Read a picture that a user brings (PNG, JPEG, WebP): limits before decoding, upright, in sRGB, without alpha."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from kamishibai.errors import MediaError
from kamishibai.media.picture import MAX_PIXELS, Pixels

__all__ = ["LONGEST_SIDE", "MAX_BYTES", "SHORTEST_SIDE", "read_photo"]

MAX_BYTES: Final = 50_000_000
"""Larger files are refused before they are read."""
SHORTEST_SIDE: Final = 64
"""Smaller pictures show too little to recognise anybody by."""
LONGEST_SIDE: Final = 1536
"""Larger pictures are scaled down to this; no image encoder takes in more."""
_FORMATS: Final = ("PNG", "JPEG", "WEBP")


def read_photo(path: Path) -> Pixels:
    """Return the pixels of the picture at `path`: RGB uint8, shape (height, width, 3), its longer side ≤ 1536.

    It is turned upright by its EXIF orientation, brought to sRGB by its colour profile, laid on white where it
    is transparent; of an animation the first frame counts.

    Raises
    ------
    MediaError
        When it is missing, no file, too large, too small, damaged, or neither PNG, JPEG nor WebP.
    """
    data = _bytes(path)
    try:
        # The bomb check below is stricter than the library's warning, and says what to do.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(image.width, image.height, path)
                return np.asarray(_scaled(_flat(_srgb(ImageOps.exif_transpose(image)))), dtype=np.uint8)
    except MediaError:
        raise
    except UnidentifiedImageError as error:
        raise MediaError(
            "this is not a picture: it is neither PNG, JPEG nor WebP",
            where=str(path),
            hint="save it as PNG or JPEG",
        ) from error
    except Image.DecompressionBombError as error:
        raise MediaError(
            f"the picture unpacks to far over the limit of {MAX_PIXELS} pixels",
            where=str(path),
            hint="save it smaller; 1536 pixels a side are plenty",
        ) from error
    # A damaged file can trip any part of a decoder; none of it is the program's fault.
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise MediaError(
            f"the picture is damaged: {error}", where=str(path), hint="open it and save it anew"
        ) from error


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise MediaError("there is no such picture", where=str(path))
    if not path.is_file():
        raise MediaError("this is not a file", where=str(path))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MediaError(
                f"the picture's file is over the limit of {MAX_BYTES // 1_000_000} MB",
                where=str(path),
                hint="save it smaller",
            )
        return path.read_bytes()
    except MediaError:
        raise
    except OSError as error:
        raise MediaError(f"the picture cannot be read: {error.strerror}", where=str(path)) from error


def _check_size(width: int, height: int, path: Path) -> None:
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"the picture unpacks to {width}×{height}, over the limit of {MAX_PIXELS} pixels",
            where=str(path),
            hint="save it smaller; 1536 pixels a side are plenty",
        )
    if min(width, height) < SHORTEST_SIDE:
        raise MediaError(
            f"the picture is {width}×{height}, too small to recognise anybody by",
            where=str(path),
            hint=f"both sides should have at least {SHORTEST_SIDE} pixels, better 512",
        )


def _srgb(image: Image.Image) -> Image.Image:
    """Convert by the embedded colour profile; without one, or with a broken one, the numbers are taken as sRGB."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        return (
            ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGBA" if image.mode == "RGBA" else "RGB",
            )
            or image
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _flat(image: Image.Image) -> Image.Image:
    """Return `image` as RGB, laid on white where it is transparent."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit greys: Pillow's own conversion clips at 255 instead of scaling.
        values = np.asarray(image, dtype=np.float64)
        peak = 65535.0 if values.max() > 255 else 255.0
        image = Image.fromarray(np.clip(values / peak * 255, 0, 255).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    paper = Image.new("RGBA", clear.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, clear).convert("RGB")


def _scaled(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    if longest <= LONGEST_SIDE:
        return image
    size = tuple(max(1, round(side * LONGEST_SIDE / longest)) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
