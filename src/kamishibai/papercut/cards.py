"""The title card and the credits: the film's first set between curtains, and a paper board with the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import skia

from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Life, Still
from kamishibai.engine.fonts import font_for
from kamishibai.media.picture import Pixels
from kamishibai.models.base import Desk
from kamishibai.papercut.inscription import Text, inscribe, unlettered
from kamishibai.papercut.lighting import finish
from kamishibai.papercut.parts import Box, Rgb, StageSet
from kamishibai.papercut.proscenium import INK, draw_board, draw_curtain, draw_valance
from kamishibai.papercut.settings import build_set
from kamishibai.papercut.sheets import Cutout, crop, image_of, paint
from kamishibai.papercut.stage import Picture, canvas_size, mount, still_of

__all__ = ["credits_card", "title_card"]

_ACCENT: Rgb = (0.60, 0.17, 0.22)


def title_card(
    title: str, author: str | None, width: int, height: int, seed: int, scene: Scene | None, desk: Desk
) -> Still:
    """Return the title as a layered still for a film of `width` × `height`: curtains, the first set, a hanging board.

    `scene` lends its place and light. Characters that no font has are left out and named in the still's notes.
    """
    texts = [Text(title.strip() or "Untitled", 1.0, 0.0, INK)]
    if author:
        texts.append(Text(author.strip()[:80], 0.40, 0.75, _ACCENT, least=0.26))
    return _card(texts, width, height, seed, scene, desk, letters=0.115, tall=0.5)


def credits_card(
    lines: Sequence[str], width: int, height: int, seed: int, scene: Scene | None, desk: Desk
) -> Still:
    """Return the credits as a layered still: the first line larger, attributions small but readable."""
    texts = []
    for i, line in enumerate(text for text in (raw.strip() for raw in lines) if text):
        long = len(line) > 44
        size = 1.0 if i == 0 and not long else 0.50 if long else 0.62
        texts.append(Text(line, size, 0.0 if i == 0 else 0.7 if i == 1 else 0.42, _ACCENT if i == 0 else INK))
    return _card(
        texts or [Text("The end")], width, height, seed ^ 0x5EED, scene, desk, letters=0.072, tall=0.7
    )


def _card(
    texts: Sequence[Text], width: int, height: int, seed: int, scene: Scene | None, desk: Desk,
    *, letters: float, tall: float,
) -> Still:  # fmt: skip
    canvas_width, canvas_height = canvas_size(width, height)
    stage = _stage(scene, canvas_width, canvas_height, seed)
    board = _board(stage, texts, letters, tall)
    sheets = [*mount(stage, []), board]
    sheets += _frame(stage)
    for sheet in sheets[-3:]:
        finish(sheet, canvas_width, canvas_height)
    if not texts[0].words.strip(unlettered(texts[0].words) + " "):
        font_for(texts[0].words)  # nothing of it can be lettered: say which font is missing
    lost = unlettered("".join(text.words for text in texts))
    notes = (f"no font on this machine has the characters “{lost[:20]}” of the card",) if lost else ()
    picture = Picture(canvas_width, canvas_height, tuple(sheets), (0.5, 0.46), notes=notes)
    return still_of(picture, desk)


def _stage(scene: Scene | None, width: int, height: int, seed: int) -> StageSet:
    """Return the film's first set in fair weather, seen from afar: rain and fog belong to the story, not to its name."""
    if scene is None:
        return build_set("meadow", "dusk", "clear", "calm", "wide", width, height, seed)
    weather = scene.weather if scene.weather in ("clear", "snow", "cloudy") else "clear"
    return build_set(scene.setting, scene.time, weather, scene.mood, "wide", width, height, seed)


def _board(stage: StageSet, texts: Sequence[Text], letters: float, tall: float) -> Cutout:
    """Return the board with its words, hung from the top; it sways very slightly."""
    width, height = stage.width, stage.height
    unit = min(height, 1.25 * width)
    room_w = round((0.60 if width >= height else 0.70) * width - 0.1 * unit)
    words = inscribe(texts, room_w, round(tall * height - 0.1 * unit), round(letters * unit))
    box_h = max(0.26 * unit, words.tall + 0.15 * unit)
    used = _ink_width(words.pixels)
    box_w = min(room_w + 0.11 * unit, max(0.46 * width, used + 0.17 * unit))
    middle = 0.475 * height
    box = ((width - box_w) / 2, middle - box_h / 2, (width + box_w) / 2, middle + box_h / 2)
    palette = stage.palette

    def draw(canvas: skia.Canvas) -> None:
        draw_board(canvas, palette, box, unit, strings=True)
        canvas.drawImage(
            image_of(words.pixels), round((width - room_w) / 2), round(middle - words.pixels.shape[0] / 2)
        )

    pixels, x, y = paint((0.0, 0.0, float(width), float(height)), draw)
    life = Life(kind="sway", amplitude=0.35, period_s=6.5, pivot=(0.5, 0.0))
    sheet = Cutout("board", pixels, x, y, 0.72, "normal", life)
    return crop(sheet) or sheet


def _ink_width(pixels: Pixels) -> int:
    columns = pixels[..., 3].max(axis=0).nonzero()[0]
    return int(columns[-1] - columns[0] + 1) if columns.size else 0


def _frame(stage: StageSet) -> list[Cutout]:
    """Return the two curtains and the valance as sheets close to the eye."""
    width, height, palette = stage.width, stage.height, stage.palette
    wide = 0.23 * width if width >= height else 0.2 * width
    deep = 0.085 * min(height, 1.4 * width)
    left = _sheet(
        "curtain left", lambda c: draw_curtain(c, palette, wide, height), (0, 0, 1.15 * wide, height), 0.9
    )

    def mirrored(canvas: skia.Canvas) -> None:
        canvas.translate(width, 0)
        canvas.scale(-1, 1)
        draw_curtain(canvas, palette, wide, height)

    right = _sheet("curtain right", mirrored, (width - 1.15 * wide, 0, width, height), 0.9)
    top = _sheet("valance", lambda c: draw_valance(c, palette, width, deep), (0, 0, width, 1.6 * deep), 0.94)
    return [sheet for sheet in (left, right, top) if sheet is not None]


def _sheet(name: str, draw: Callable[[skia.Canvas], None], box: Box, depth: float) -> Cutout | None:
    pixels, x, y = paint(box, draw)
    return crop(Cutout(name, pixels, x, y, depth))
