"""Draws captions into frames: a dark plate, even lines of shaped text, the word being spoken in colour."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from kamishibai.engine.bidi import is_rtl, visual
from kamishibai.engine.fonts import FontFace, emoji_face, font_for, is_emoji, missing
from kamishibai.engine.linebreak import Token, balanced, tokens
from kamishibai.engine.planes import Frame, Plane, Sheet, sheet_from_rgba
from kamishibai.engine.segments import LocalCaption, LocalWord

__all__ = ["Lettering", "Subtitler", "letter_height"]

TEXT = (255, 250, 240)
ACTIVE = (255, 208, 84)
PLATE = (20, 16, 30)
PLATE_ALPHA = 0.66
FADE = 4
"""Frames in which a caption comes and goes when no other takes its place."""
_LETTERS = {
    "cs": "čďěňřšťůž", "et": "õäöü", "hr": "čćđšž", "hu": "őű", "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž",
    "pl": "ąćęłńśźż", "ro": "ăâîșț", "sk": "čďĺľňŕšťž", "sl": "čšž", "tr": "çğıİöşü", "vi": "ăâđêôơưạếộ",
}  # fmt: skip
"""Letters of languages that are written in Latin script with more than the commonest marks."""
Mask = npt.NDArray[np.float32]


def letter_height(width: int, height: int) -> int:
    """Return the size of caption letters in pixels: 4.6 % of the height, less where the frame is narrow."""
    return max(8, round(min(0.046 * height, 0.058 * width)))


def _bottom_margin(width: int, height: int) -> float:
    """Return the part of the height kept free below captions; an upright phone's own buttons need more."""
    shape = height / width
    return 0.18 if shape > 1.5 else 0.11 if shape > 1.1 else 0.045


@dataclass(frozen=True)
class _Run:
    """A stretch of one token in one face, and how far right of the token's left edge it begins."""

    text: str
    face: FontFace
    x: float


@dataclass(frozen=True)
class _Placed:
    """A token where it stands: left edge and baseline within the plate's box."""

    token: Token
    runs: tuple[_Run, ...]
    x: float
    y: float


class Lettering:
    """One caption set for one frame size: where every token stands, and its pictures with any of them lit."""

    def __init__(self, text: str, words: Sequence[LocalWord], size: tuple[int, int], language: str) -> None:
        self._language = language
        self._rtl = is_rtl(text)
        self._face = _main_face(text, language)
        pieces = tokens(text, [word.first for word in words])
        self._letters = letter_height(*size)
        # No wider than an eye takes in at once, and never into the frame's side margins.
        limit = min(0.86 * size[0], 23 * self._letters)
        while True:
            lines = balanced(self._split(pieces, limit), self._width, limit)
            if len(lines) <= 2 or self._letters <= 0.6 * letter_height(*size):
                break
            self._letters -= 1
        self._place(lines, size)
        self.word_of = [_word_of(placed.token, words) for placed in self._placed]
        """For each token, the first and last of the words it shows, or None."""

    @property
    def order(self) -> list[str]:
        """The tokens of each line from left to right, as they are seen."""
        by_line = sorted(self._placed, key=lambda p: (p.y, p.x))
        return [p.token.text for p in by_line]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the plate with its padding in the frame; even numbers."""
        return self._box

    def token_box(self, index: int) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of a token in the frame."""
        placed = self._placed[index]
        left, top = self._box[0] + placed.x, self._box[1] + placed.y
        ascent, descent = self._face.at(self._letters).getmetrics()
        return (
            round(left),
            round(top - ascent),
            round(left + self._width([placed.token])),
            round(top + descent),
        )

    def picture(self, lit: frozenset[int]) -> Sheet:
        """Return the plate and its text with the tokens of `lit` in colour."""
        base, every, emoji = self._base()
        out = base * (1 - every[..., None])
        bright = np.zeros_like(every)
        for index in sorted(lit):
            bright = np.maximum(bright, self._mask([self._placed[index]]))
        bright = np.minimum(bright, every)
        for mask, colour in ((every - bright, TEXT), (bright, ACTIVE)):
            out += mask[..., None] * np.array([*colour, 255], np.float32)
        out = emoji + out * (1 - emoji[..., 3:] / 255)
        rgba = np.clip(out + 0.5, 0, 255).astype(np.uint8)
        return sheet_from_rgba(rgba, premultiplied=True)

    def _base(self) -> tuple[Mask, Mask, Mask]:
        """Return the plate with the text's shadow (premultiplied RGBA), the mask of all text, and emoji in colour."""
        if not hasattr(self, "_kept"):
            every = self._mask(self._placed)
            plate = self._plate() * PLATE_ALPHA
            out = plate[..., None] * np.array([*PLATE, 255], np.float32)
            blur = self._letters / 14
            shadow = cv2.GaussianBlur(every, (0, 0), blur)
            shadow = np.minimum(1.0, 1.1 * np.roll(shadow, round(blur / 2), axis=0))[..., None]
            out = out * (1 - shadow) + shadow * np.array([8, 6, 14, 255], np.float32)
            self._kept = out, every, self._emoji()
        return self._kept

    def _plate(self) -> Mask:
        """Return the mask of a rounded rectangle that leaves a margin of two pixels."""
        scale = 4
        width, height = self._size
        image = Image.new("L", (width * scale, height * scale))
        box = (2 * scale, 2 * scale, (width - 2) * scale - 1, (height - 2) * scale - 1)
        ImageDraw.Draw(image).rounded_rectangle(box, radius=0.42 * self._letters * scale, fill=255)
        return _unit(image.resize((width, height), Image.Resampling.BOX))

    def _mask(self, placed: Sequence[_Placed]) -> Mask:
        image = Image.new("L", self._size)
        draw = ImageDraw.Draw(image)
        for item in placed:
            for run in item.runs:
                if not is_emoji(run.text[0]):
                    self._text(draw, item, run, 255, False)
        return _unit(image)

    def _emoji(self) -> Mask:
        image = Image.new("RGBA", self._size)
        draw = ImageDraw.Draw(image)
        for item in self._placed:
            for run in item.runs:
                if is_emoji(run.text[0]):
                    self._text(draw, item, run, (255, 255, 255, 255), True)
        rgba = np.array(image, np.float32)
        rgba[..., :3] *= rgba[..., 3:] / 255
        return rgba

    def _text(
        self, draw: ImageDraw.ImageDraw, item: _Placed, run: _Run, fill: int | tuple[int, ...], colour: bool
    ) -> None:
        draw.text(
            (item.x + run.x, item.y),
            run.text,
            fill=fill,
            font=run.face.at(self._letters),
            anchor="ls",
            direction="rtl" if is_rtl(run.text) else "ltr",
            language=self._language,
            embedded_color=colour,
        )

    def _place(self, lines: Sequence[Sequence[Token]], size: tuple[int, int]) -> None:
        pad_x, pad_y = 0.62 * self._letters, 0.34 * self._letters
        step = 1.30 * self._letters
        ascent, descent = (0.80 * self._letters, 0.26 * self._letters)
        widest = max((self._width(line) for line in lines), default=0)
        width = _even(widest + 2 * pad_x + 4)
        height = _even(ascent + descent + step * (len(lines) - 1) + 2 * pad_y + 4)
        left = (size[0] - width) // 4 * 2
        bottom = int(size[1] * (1 - _bottom_margin(*size))) // 2 * 2
        top = max(0, bottom - height)
        self._size = (width, height)
        self._box = (left, top, left + width, top + height)
        self._placed: list[_Placed] = []
        for n, line in enumerate(lines):
            baseline = round(2 + pad_y + ascent + n * step)
            x = (width - self._width(line)) / 2
            seen = visual(line, self._rtl)
            for k, token in enumerate(seen):
                if self._rtl:
                    # Of two neighbours the later one, which says whether a space parts them, stands on the left.
                    x += self._space() if k and (seen[k - 1].spaced or token.spaced) else 0.0
                    at = x
                    x += self._width([token])
                else:
                    at = x + self._width(seen[: k + 1]) - self._width([token])
                self._placed.append(_Placed(token, self._runs(token.text), at, baseline))
        self._placed.sort(key=lambda p: p.token.first)

    def _split(self, pieces: Sequence[Token], limit: float) -> list[Token]:
        """Return the pieces with those that are wider than a line broken wherever they must be."""
        out: list[Token] = []
        for piece in pieces:
            while self._width([piece]) > limit and len(piece.text) > 1:
                end = len(piece.text) - 1
                while end > 1 and self._width([_part(piece, 0, end)]) > limit:
                    end -= max(1, end // 8)
                out.append(_part(piece, 0, end))
                piece = _part(piece, end, len(piece.text))
            out.append(piece)
        return out

    def _width(self, pieces: Sequence[Token]) -> float:
        runs = [self._runs(piece.text) for piece in pieces]
        if all(len(r) == 1 and r[0].face == self._face and not is_rtl(r[0].text) for r in runs):
            # In one face and direction, as a whole: fonts kern across spaces too.
            joined = "".join((" " if p.spaced and k else "") + p.text for k, p in enumerate(pieces))
            return self._run_width(joined, self._face)
        total = 0.0
        for k, (piece, inside) in enumerate(zip(pieces, runs, strict=True)):
            if inside:
                total += inside[-1].x + self._run_width(inside[-1].text, inside[-1].face)
            if k and piece.spaced:
                total += self._space()
        return total

    def _space(self) -> float:
        return self._run_width(" ", self._face)

    def _run_width(self, text: str, face: FontFace) -> float:
        return _length(text, face, self._letters, self._language)

    def _runs(self, text: str) -> tuple[_Run, ...]:
        runs, x = [], 0.0
        stretches = _stretches(text, self._face, self._language)
        for stretch, face in reversed(stretches) if is_rtl(text) else stretches:
            runs.append(_Run(stretch, face, x))
            x += self._run_width(stretch, face)
        return tuple(runs)


def _unit(image: Image.Image) -> Mask:
    """Return a grey picture as numbers from 0 to 1."""
    mask: Mask = np.asarray(image, np.float32) / np.float32(255)
    return mask


@lru_cache(maxsize=4096)
def _length(text: str, face: FontFace, letters: int, language: str) -> float:
    direction = "rtl" if is_rtl(text) else "ltr"
    return float(face.at(letters).getlength(text, direction=direction, language=language))


def _part(piece: Token, start: int, end: int) -> Token:
    return Token(piece.text[start:end], piece.first + start, piece.first + end, piece.spaced and start == 0)


def _even(value: float) -> int:
    return 2 * int(-(-value // 2))


def _main_face(text: str, language: str) -> FontFace:
    """Return the face for most of the text: one that has all of it, or else all that the first one lacks.

    It must have the language's own letters too, or captions with and without them would be set in two faces.
    """
    alphabet = _LETTERS.get(language.split("-")[0].lower(), "")
    face = font_for(alphabet, language)
    lacking = missing(text, face)
    return font_for(lacking, language) if lacking else face


def _stretches(text: str, main: FontFace, language: str) -> list[tuple[str, FontFace]]:
    """Return `text` in stretches of one face each; emoji in the colour font, or left out when there is none."""
    if not missing(text, main) and not any(is_emoji(c) for c in text):
        return [(text, main)]
    out: list[tuple[str, FontFace]] = []
    for character in text:
        if is_emoji(character):
            face = emoji_face()
            if face is None:
                continue
        elif not missing(character, main):
            face = main
        else:
            face = font_for(character, language)
        if out and (out[-1][1] == face or unicodedata.category(character) in ("Mn", "Mc")):
            out[-1] = out[-1][0] + character, out[-1][1]
        else:
            out.append((character, face))
    return out


def _word_of(token: Token, words: Sequence[LocalWord]) -> tuple[int, int] | None:
    inside = [n for n, word in enumerate(words) if word.first < token.last and word.last > token.first]
    return (inside[0], inside[-1]) if inside else None


class Subtitler:
    """The captions of one segment, burned into its frames as they come."""

    def __init__(self, captions: Sequence[LocalCaption], size: tuple[int, int], language: str) -> None:
        self._captions, self._size, self._language = captions, size, language
        self._lettering: dict[int, Lettering] = {}
        self._picture: tuple[tuple[int, frozenset[int]], Sheet] | None = None

    def burn(self, frame: Frame, index: int) -> None:
        """Draw into `frame`, the segment's frame number `index`, what is being said."""
        for n, caption in enumerate(self._captions):
            if caption.start <= index < caption.end:
                if n not in self._lettering:
                    self._lettering[n] = Lettering(caption.text, caption.words, self._size, self._language)
                lettering = self._lettering[n]
                lit = self._lit(lettering, caption, index)
                if self._picture is None or self._picture[0] != (n, lit):
                    self._picture = (n, lit), lettering.picture(lit)
                _lay(frame, self._picture[1], lettering.box, _strength(caption, index))

    def _lit(self, lettering: Lettering, caption: LocalCaption, index: int) -> frozenset[int]:
        spoken = [n for n, word in enumerate(caption.words) if word.start <= index]
        if not spoken:
            return frozenset()
        word = spoken[-1]
        # Between words the last one stays lit, so that nothing flickers; a real pause puts it out.
        following = caption.words[word + 1].start if word + 1 < len(caption.words) else caption.end
        if index >= caption.words[word].end and following - caption.words[word].end > 2 * FADE:
            return frozenset()
        return frozenset(
            n for n, span in enumerate(lettering.word_of) if span is not None and span[0] <= word <= span[1]
        )


def _strength(caption: LocalCaption, index: int) -> float:
    strength = 1.0
    if caption.fades_in:
        strength = min(strength, (index - caption.start + 1) / FADE)
    if caption.fades_out:
        strength = min(strength, (caption.end - index) / FADE)
    return strength


def _lay(frame: Frame, sheet: Sheet, box: tuple[int, int, int, int], strength: float) -> None:
    """Blend a sheet into its box of the frame."""
    left, top, right, bottom = box
    luma = frame[0][top:bottom, left:right]
    height, width = luma.shape
    assert sheet.clear is not None
    _over(luma, sheet.luma[:height, :width], sheet.clear[:height, :width], strength)
    for channel in (0, 1):
        plane = frame[1 + channel][top // 2 : bottom // 2, left // 2 : right // 2]
        packed = sheet.chroma[: plane.shape[0], : plane.shape[1]]
        _over(plane, cv2.extractChannel(packed, channel), cv2.extractChannel(packed, 2), strength)


def _over(under: Plane, over: Any, clear: Any, strength: float) -> None:
    if strength < 1:
        over = cv2.convertScaleAbs(over, alpha=strength)
        clear = cv2.convertScaleAbs(clear, alpha=strength, beta=255 * (1 - strength))
    cv2.multiply(under, clear, under, 1 / 255)
    cv2.add(under, over, under)
