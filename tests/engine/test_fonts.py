"""Fonts: chosen by the glyphs they really have; a missing script is an error that says what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamishibai.engine import fonts
from kamishibai.engine.fonts import FontFace, font_for, is_emoji, missing
from kamishibai.errors import DocumentError, MediaError


@pytest.mark.parametrize("text", ["A small fox", "Über naïve œuvres, señor", "“Quotes” — and … dashes"])
def test_latin_is_set_in_the_houses_own_face(text: str) -> None:
    face = font_for(text)

    assert "Fredoka" in face.name
    assert face.covers(text)


@pytest.mark.parametrize("text", ["Zażółć gęślą jaźń", "Маленькая лисица", "Μια μικρή αλεπού", "छोटी लोमड़ी"])
def test_scripts_it_lacks_are_set_in_the_packaged_noto(text: str) -> None:
    face = font_for(text)

    assert "Noto Sans" in face.name
    assert not missing(text, face)


def test_coverage_agrees_with_what_is_drawn() -> None:
    face = font_for("a")

    blank = bytes(face.at(40).getmask("\U000f0000"))
    for character in "aZß€шあعक":
        drawn = bytes(face.at(40).getmask(character))
        assert (drawn != blank) == face.covers(character)


def test_a_script_without_a_font_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    latin = font_for("a")
    monkeypatch.setattr(fonts, "_faces", lambda region: (latin,))
    fonts._font_for.cache_clear()

    with pytest.raises(DocumentError) as caught:
        font_for("ไทย", "th")
    fonts._font_for.cache_clear()

    assert "Thai" in caught.value.what
    assert caught.value.hint == "pip install fontpkg-noto-sans-thai"


def test_spaces_controls_marks_and_emoji_need_no_glyph() -> None:
    assert missing("a \n\u200f\u200d🦊", font_for("a")) == ""


@pytest.mark.parametrize(
    ("character", "expected"),
    [("🦊", True), ("☀", True), ("\ufe0f", True), ("a", False), ("中", False), ("…", False)],
)
def test_emoji_are_told_from_letters(character: str, expected: bool) -> None:
    assert is_emoji(character) is expected


def test_a_file_that_is_no_font_covers_nothing_and_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(b"\0\1\0\0\0\x09" + b"cmap" * 30)

    face = FontFace(path)

    assert not face.covers("a")
    with pytest.raises(MediaError):
        face.at(20)


def test_the_weight_is_semi_bold_where_it_can_be_chosen() -> None:
    from PIL import ImageFont

    face = font_for("a")
    light = ImageFont.truetype(str(face.path), 100)

    assert sum(bytes(face.at(100).getmask("lll"))) > 1.2 * sum(bytes(light.getmask("lll")))
