"""Writes the README's picture: the contact sheet of the example film, as a small JPEG.

Run ``make film`` first, then ``python tools/readme_image.py``.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent.parent
SHEET = HERE / "film" / "lantern" / "contact-sheet.png"
IMAGE = HERE / "docs" / "images" / "lantern.jpg"
WIDTH_PX = 1200
MOST_BYTES = 195_000


def main() -> None:
    """Scale the sheet, and lower the JPEG's quality until it is small enough."""
    with Image.open(SHEET) as sheet:
        picture = sheet.convert("RGB")
    picture = picture.resize(
        (WIDTH_PX, round(picture.height * WIDTH_PX / picture.width)), Image.Resampling.LANCZOS
    )
    IMAGE.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(88, 40, -4):
        picture.save(IMAGE, "JPEG", quality=quality, optimize=True, progressive=True)
        if IMAGE.stat().st_size <= MOST_BYTES:
            break
    print(f"{IMAGE.relative_to(HERE)}: {IMAGE.stat().st_size // 1000} KB, quality {quality}")


if __name__ == "__main__":
    main()
