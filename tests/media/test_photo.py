"""Pictures that users bring: every kind of file arrives upright, opaque and in sRGB, or is refused in plain words."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from kamishibai.errors import MediaError
from kamishibai.media.photo import LONGEST_SIDE, MAX_BYTES, read_photo

RED, BLUE = (220, 20, 30), (10, 30, 200)


def halves(width: int = 100, height: int = 80) -> Image.Image:
    """Return a picture that is red on the left and blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def bomb(side: int) -> bytes:
    """Return a small PNG that unpacks to side × side pixels of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\0" * (side // 8)) * side, 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_kinds_of_file_are_read(tmp_path: Path, kind: str) -> None:
    halves().save(tmp_path / "mira", kind, quality=95)
    pixels = read_photo(tmp_path / "mira")
    assert pixels.shape == (80, 100, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[40, 10].astype(int) - RED).max() < 12
    assert np.abs(pixels[40, 90].astype(int) - BLUE).max() < 12


def test_a_photo_lying_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90° clockwise to view
    halves().save(tmp_path / "mira.jpg", exif=exif, quality=95)
    pixels = read_photo(tmp_path / "mira.jpg")
    assert pixels.shape == (100, 80, 3)
    assert np.abs(pixels[10, 40].astype(int) - RED).max() < 12


def test_transparent_pictures_are_laid_on_white(tmp_path: Path) -> None:
    image = halves().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    image.save(tmp_path / "mira.png")
    assert (read_photo(tmp_path / "mira.png") == 255).all()


def test_a_palette_with_a_transparent_colour_is_laid_on_white(tmp_path: Path) -> None:
    image = halves().quantize(4)
    image.save(tmp_path / "mira.png", transparency=image.getpixel((0, 0)))
    pixels = read_photo(tmp_path / "mira.png")
    assert (pixels[40, 10] == 255).all()
    assert np.abs(pixels[40, 90].astype(int) - BLUE).max() < 12


def test_greys_of_sixteen_bits_keep_their_shades(tmp_path: Path) -> None:
    values = np.full((80, 100), 32768, np.uint16)
    values[:, 50:] = 65535
    Image.fromarray(values).save(tmp_path / "mira.png")
    pixels = read_photo(tmp_path / "mira.png")
    assert abs(int(pixels[0, 0, 0]) - 127) <= 1
    assert pixels[0, 99, 0] == 255


def test_another_colour_profile_is_brought_to_srgb(tmp_path: Path) -> None:
    # A profile whose red and blue are exchanged: the tag table at the start of the file names the primaries.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"tmp_", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tmp_", b"bXYZ", 1)
    halves().save(tmp_path / "mira.png", icc_profile=swapped)
    red, _, blue = read_photo(tmp_path / "mira.png")[40, 10].astype(int)
    assert blue > 180
    assert red < 80


def test_a_broken_colour_profile_is_passed_over(tmp_path: Path) -> None:
    halves().save(tmp_path / "mira.png", icc_profile=b"no profile")
    assert (read_photo(tmp_path / "mira.png")[40, 10] == RED).all()


def test_large_photos_are_scaled_down(tmp_path: Path) -> None:
    halves(4000, 1000).save(tmp_path / "mira.jpg")
    assert read_photo(tmp_path / "mira.jpg").shape == (LONGEST_SIDE // 4, LONGEST_SIDE, 3)


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused_before_decoding(tmp_path: Path) -> None:
    data = bomb(12000)
    assert len(data) < 40_000
    (tmp_path / "mira.png").write_bytes(data)
    with pytest.raises(MediaError, match="12000×12000, over the limit") as caught:
        read_photo(tmp_path / "mira.png")
    assert "mira.png" in str(caught.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "mira.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(MediaError, match="over the limit of 50 MB"):
        read_photo(tmp_path / "mira.png")


def test_a_picture_that_is_too_small_is_refused(tmp_path: Path) -> None:
    halves(32, 200).save(tmp_path / "mira.png")
    with pytest.raises(MediaError, match="too small"):
        read_photo(tmp_path / "mira.png")


@pytest.mark.parametrize("data", [b"", b"hello", b"<html><body>404</body></html>", b"GIF89a" + b"\0" * 40])
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "mira.png").write_bytes(data)
    with pytest.raises(MediaError, match="neither PNG, JPEG nor WebP"):
        read_photo(tmp_path / "mira.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, kind: str) -> None:
    held = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(held, kind)
    (tmp_path / "mira").write_bytes(held.getvalue()[: len(held.getvalue()) // 2])
    with pytest.raises(MediaError, match="damaged"):
        read_photo(tmp_path / "mira")


def test_missing_files_folders_and_pipes_are_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such picture"):
        read_photo(tmp_path / "mira.png")
    with pytest.raises(MediaError, match="not a file"):
        read_photo(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(MediaError, match="not a file"):
            read_photo(tmp_path / "pipe.png")
