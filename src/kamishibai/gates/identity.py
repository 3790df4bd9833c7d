"""Does everybody look the same in every scene: crops of each character against its portrait, its other scenes, and others.

An eye's cosines between pictures have no fixed scale, so a character is judged by comparison: it must be nearer to
itself in other scenes (or to its portrait) than to anybody else, and about as near as is usual in this film.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Still
from kamishibai.gates.verdict import Verdict

__all__ = ["Crop", "IdentityLimits", "Sighting", "crops_of", "cut", "judge_cast", "same_pixels"]

Pixels = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the canvas."""
_FOCUS_SHARE = 0.6
"""Side of the square that is cut around a still's focus, as a share of the canvas's shorter side."""
_LEAST_CONTRAST = 0.02
"""Where same and other characters are no further apart than this, the eye cannot tell them apart."""


class IdentityLimits(Frozen):
    """How like itself a character must be. 1 is as like as is usual in the film, 0 as like as two different ones."""

    nearer: float = 0.0
    """Least lead of its likeness to itself over that to any other character."""
    floor: float = 0.35
    """Least likeness to itself, where the film has other characters to compare with."""
    outlier: float = 4.0
    """In a film with one character: most deviations that a scene may fall behind the likeness of the others."""
    copied: float = 0.995
    """Pixel correlation from which on one picture is a pasted copy of another."""


class Crop(Frozen):
    """Where a character is in a still, and how that is known."""

    box: Box
    found: Literal["layer", "focus"]
    """``layer``: the illustrator says so. ``focus``: a square around the still's focus, which may show anything."""


class Sighting(Frozen):
    """One character in one scene."""

    scene: str
    who: str
    found: Literal["layer", "focus"] = "layer"
    copy_of: str = ""
    """What its crop resembles most, pixel by pixel: ``its portrait`` or ``scene 3``."""
    copy_correlation: float = 0.0
    """`same_pixels` of the two."""


def crops_of(still: Still, scene: Scene) -> dict[str, Crop]:
    """Return where the scene's characters are, by cast id; who cannot be found is left out.

    An illustrator with layers names a character's layer by its cast id. One that rides on something shares its
    layer and has none of its own. A still without layers tells its focus alone: that serves where one character
    is in the scene, and not where there are several, of whom nobody knows which one is where.
    """
    who = list(dict.fromkeys(actor.who for actor in scene.actors))
    found: dict[str, Crop] = {}
    for name in who:
        layers = [layer for layer in still.layers if layer.name == name]
        if layers:
            box = (
                max(0, min(layer.x for layer in layers)),
                max(0, min(layer.y for layer in layers)),
                min(still.width, max(layer.x + layer.width for layer in layers)),
                min(still.height, max(layer.y + layer.height for layer in layers)),
            )
            if box[2] - box[0] > 1 and box[3] - box[1] > 1:
                found[name] = Crop(box=box, found="layer")
    if len(who) == 1 and who[0] not in found:
        found[who[0]] = Crop(box=_around(still), found="focus")
    return found


def _around(still: Still) -> Box:
    side = max(2, round(_FOCUS_SHARE * min(still.width, still.height)))
    left = min(max(0, round(still.focus[0] * still.width - side / 2)), still.width - side)
    top = min(max(0, round(still.focus[1] * still.height - side / 2)), still.height - side)
    return (left, top, left + side, top + side)


def cut(pixels: Pixels, box: Box) -> Pixels:
    """Return the part of an RGB picture (height, width, 3) inside `box`."""
    left, top, right, bottom = box
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def same_pixels(one: Pixels, other: Pixels) -> float:
    """Return the normalised correlation of two RGB pictures, -1 to 1, the second one brought to the first one's size."""
    if one.shape != other.shape:
        size = (one.shape[1], one.shape[0])
        resized = cv2.resize(np.ascontiguousarray(other), size, interpolation=cv2.INTER_AREA)
        other = np.asarray(resized, np.uint8)
    a, b = (picture.astype(np.float64) - picture.mean() for picture in (one, other))
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    if length < 1e-9:  # a plain colour correlates with nothing
        return 1.0 if np.array_equal(one, other) else 0.0
    return float((a * b).sum()) / length


def judge_cast(
    sightings: Sequence[Sighting],
    between: Sequence[Sequence[float]],
    *,
    portraits: Mapping[str, Sequence[float]] | None = None,
    pictures: Mapping[tuple[str, str], float] | None = None,
    drawn: bool = False,
    limits: IdentityLimits | None = None,
) -> list[Verdict]:
    """Return a verdict for each scene that shows somebody, in order.

    Parameters
    ----------
    sightings, between
        Who was seen where, and the eye's cosine of every crop with every other: n rows of n.
    portraits
        The cosine of every sighting with a portrait, by cast id: n numbers each.
    pictures
        `same_pixels` of whole pictures, by pairs of scene ids; the later scene of a pasted pair fails.
    drawn
        The illustrator draws the same puppet on purpose, from vectors: then a crop that repeats is no fault, and only
        a whole picture that repeats is.

    Blind spots: of two sightings that differ, with no portrait, the wrong one is known only where it looks like
    somebody else of the film. A character that is wrong in most of its scenes is the usual one, unless it has a
    portrait. Crops by focus hold the surroundings too. Clothes and colours count for more than faces.
    """
    limits = limits or IdentityLimits()
    film = _Film(sightings, between, portraits or {})
    _set_wrong_aside(film, limits)
    pasted = _pasted(sightings, pictures or {}, limits)
    out = []
    for scene in dict.fromkeys(sighting.scene for sighting in sightings):
        here = [i for i, sighting in enumerate(sightings) if sighting.scene == scene]
        faults, measured, worst = [], {}, 0.0
        for i in here:
            told, figures, badness = _judged(i, film, drawn, limits)
            faults += told
            measured.update(figures)
            worst = max(worst, badness)
        if scene in pasted:
            faults.append(pasted[scene])
            worst = 1.0
        out.append(
            Verdict(
                gate="cast", scene=scene, passed=not faults, faults=tuple(faults), badness=round(worst, 6),
                measured=measured,
            )
        )  # fmt: skip
    return out


class _Film:
    """All likenesses of a film's sightings."""

    def __init__(
        self,
        sightings: Sequence[Sighting],
        between: Sequence[Sequence[float]],
        portraits: Mapping[str, Sequence[float]],
    ) -> None:
        self.sightings, self.between, self.portraits = sightings, between, portraits
        self.wrong: set[int] = set()
        """Sightings that were found wrong: the others are not measured by them."""

    def pairs(self, *, same: bool, but: int) -> list[float]:
        """Return the cosines of sightings in different scenes, of the same character or of different ones."""
        seen = self.sightings
        return _finite(
            self.between[i][j]
            for i in range(len(seen)) for j in range(i)
            if not {i, j} & (self.wrong | {but}) and seen[i].scene != seen[j].scene and (seen[i].who == seen[j].who) == same
        )  # fmt: skip

    def likeness(self, i: int, who: str) -> float | None:
        """Return how like `who` in the other scenes sighting `i` is: the median, so that one wrong scene does not count."""
        here = self.sightings[i].scene
        values = _finite(
            self.between[i][j]
            for j, s in enumerate(self.sightings)
            if s.who == who and s.scene != here and j not in self.wrong
        )
        return statistics.median(values) if values else None

    def to_portrait(self, i: int, who: str) -> float | None:
        """Return how like its portrait, or another's, sighting `i` is."""
        values = _finite([self.portraits[who][i]]) if who in self.portraits else []
        return values[0] if values else None

    def others(self, who: str) -> list[str]:
        """Return everybody else."""
        return [
            name for name in dict.fromkeys([*(s.who for s in self.sightings), *self.portraits]) if name != who
        ]


def _judged(
    i: int, film: _Film, drawn: bool, limits: IdentityLimits
) -> tuple[list[str], dict[str, float | int | str | None], float]:
    """Return the faults, the figures and the badness of one sighting."""
    seen = film.sightings[i]
    figures: dict[str, float | int | str | None] = {f"{seen.who}_crop": seen.found}
    faults: list[str] = []
    badness = 0.0
    if not drawn and seen.copy_correlation > limits.copied:
        faults.append(f"{seen.who} is a pasted copy of {seen.copy_of or 'another picture'}")
        badness = 1.0
    if not math.isfinite(film.between[i][i]):
        return [*faults, f"the eye gave no score of {seen.who}"], figures, 1.0
    leads = _leads(i, film)
    share = _share(i, film)
    if leads:
        lead, nearest = min(leads)
        figures |= {f"{seen.who}_lead": round(lead, 3), f"{seen.who}_nearest": nearest}
        badness = max(badness, 1 / (1 + math.exp(min(60.0, max(-60.0, 4 * lead)))))
        if lead < limits.nearer:
            faults.append(f"{seen.who} looks more like {nearest} than like itself")
    if share is not None:
        figures[f"{seen.who}_likeness"] = round(share, 3)
        badness = max(badness, min(1.0, max(0.0, 1 - share)))
        if share < limits.floor and not faults:
            faults.append(f"{seen.who} does not look as in the other scenes")
    if not leads and share is None:
        fall = _fall(i, film)
        if fall is not None:
            figures[f"{seen.who}_deviations"] = round(fall, 2)
            badness = max(badness, 1 - math.exp(-max(0.0, fall) / limits.outlier))
            if fall > limits.outlier:
                faults.append(f"{seen.who} does not look as in the other scenes")
    return faults, figures, badness


def _set_wrong_aside(film: _Film, limits: IdentityLimits) -> None:
    """Find the sightings that are wrong, the worst first, each time measuring the others without those found before.

    One wrong scene makes the right ones look doubtful, the more so in a short film.
    """
    while True:
        doubtful = [
            (_doubt(i, film, limits), i)
            for i in range(len(film.sightings))
            if i not in film.wrong and _judged(i, film, True, limits)[0]
        ]
        if not doubtful:
            return
        film.wrong.add(min(doubtful)[1])


def _doubt(i: int, film: _Film, limits: IdentityLimits) -> tuple[int, float]:
    """Return what orders faulty sightings, the surest fault first: like somebody else, then unlike itself."""
    leads = _leads(i, film)
    lead = min(leads)[0] if leads else limits.nearer
    if lead < limits.nearer:
        return (0, lead)
    return (1, _share(i, film) or 0.0)


def _leads(i: int, film: _Film) -> list[tuple[float, str]]:
    """Return the lead of its likeness to itself over that to each other character, in the film's contrast."""
    who = film.sightings[i].who
    contrast = _contrast(i, film)
    own, own_portrait = film.likeness(i, who), film.to_portrait(i, who)
    found = []
    for name in film.others(who):
        gaps = [
            mine - other
            for mine, other in (
                (own, film.likeness(i, name)),
                (own_portrait, film.to_portrait(i, name)),
            )
            if mine is not None and other is not None
        ]
        if gaps:
            found.append((statistics.fmean(gaps) / contrast, name))
    return found


def _contrast(i: int, film: _Film) -> float:
    """Return how much more alike one character's sightings are than different characters', `i` left out."""
    same, other = film.pairs(same=True, but=i), film.pairs(same=False, but=i)
    if not (same and other):
        return 1.0
    return max(_LEAST_CONTRAST, statistics.median(same) - statistics.median(other))


def _share(i: int, film: _Film) -> float | None:
    """Return its likeness to itself: 1 as is usual in the film, 0 as between different ones; None if unknown."""
    own = film.likeness(i, film.sightings[i].who)
    same, other = film.pairs(same=True, but=i), film.pairs(same=False, but=i)
    if own is None or not (same and other):
        return None
    return (own - statistics.median(other)) / _contrast(i, film)


def _fall(i: int, film: _Film) -> float | None:
    """Return by how many deviations a lone character's scene is less like the others than those are; None if unknown."""
    own = film.likeness(i, film.sightings[i].who)
    rest = film.pairs(same=True, but=i)
    if own is None or len(rest) < 3:
        return None
    return (statistics.median(rest) - own) / max(_LEAST_CONTRAST, statistics.stdev(rest))


def _pasted(
    sightings: Sequence[Sighting], pictures: Mapping[tuple[str, str], float], limits: IdentityLimits
) -> dict[str, str]:
    order = {scene: n for n, scene in enumerate(dict.fromkeys(s.scene for s in sightings))}
    found = {}
    for (one, other), correlation in pictures.items():
        if correlation > limits.copied and one in order and other in order and one != other:
            first, later = sorted((one, other), key=lambda scene: order[scene])
            found[later] = f"the whole picture is a copy of scene {first}'s"
    return found


def _finite(values: Iterable[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]
