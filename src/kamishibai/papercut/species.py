"""The kinds of animal puppet: which face, which colours, how stout, what tail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kamishibai.papercut.palette import hex_rgb
from kamishibai.papercut.parts import Rgb

__all__ = ["SPECIES", "Species"]

Tail = Literal[
    "bushy", "stub", "tuft", "striped", "scut", "cat", "dog", "thin", "curl", "long", "dragon", "none"
]


@dataclass(frozen=True)
class Species:
    """One kind of puppet. Colours are those of the face's own drawing where it has them."""

    face: str
    eyes: tuple[int, int]
    """Which shapes of the face are its left and right eye; they are drawn anew to show feelings."""
    coat: Rgb
    belly: Rgb
    paw: Rgb
    tail: Tail
    stout: float = 1.0
    """Width of the trunk against a fox's."""
    head: float = 1.0
    """Size of the head against a fox's."""
    chin: float = 0.0
    """How far the chin hangs below the neck, in units of the face's drawing."""
    eye: float = 2.6
    tip: Rgb | None = None
    iris: Rgb | None = None
    change: tuple[tuple[str, str], ...] = field(default=())
    """Colours of the face's drawing that are exchanged, as hex pairs."""
    coats: tuple[str, ...] = field(default=())
    """Other natural colours, one of which is chosen for each character."""
    dragon: bool = False
    """Whether it has wings, horns and fins."""
    mitts: bool = False
    """Whether arms and legs wear the paw's colour all the way, like a panda's."""


def _s(
    face: str, eyes: tuple[int, int], coat: str, belly: str, paw: str, tail: Tail, **more: object
) -> Species:
    tip = more.pop("tip", None)
    iris = more.pop("iris", None)
    return Species(
        face, eyes, hex_rgb(coat), hex_rgb(belly), hex_rgb(paw), tail,
        tip=hex_rgb(tip) if isinstance(tip, str) else None,
        iris=hex_rgb(iris) if isinstance(iris, str) else None,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


_CREAM, _SLATE = "FFF6E8", "62656E"
_BEAR = ("1F43B", (5, 9))
_CAT = ("1F431", (3, 2))

SPECIES: dict[str, Species] = {
    "fox": _s("1F98A", (5, 9), "E27022", "FFF6E8", "5A3326", "bushy", tip=_CREAM, chin=3.0),
    "bear": _s(*_BEAR, "6A462F", "A57939", "57392A", "stub", stout=1.4, head=0.92),
    "bearcub": _s(*_BEAR, "8A5E3C", "C79A5B", "744C32", "stub", stout=1.2, head=1.12, change=(("6A462F", "8A5E3C"), ("A57939", "C79A5B"))),
    "polar": _s(*_BEAR, "F3F1EC", "FFFFFF", "DEDDDC", "stub", stout=1.4, head=0.92, change=(("6A462F", "F3F1EC"), ("A57939", "DCD9D6"))),
    "wolf": _s("1F43A", (6, 7), _SLATE, "B4B5B8", "4A4D55", "bushy", tip="B4B5B8", chin=2.5, change=(("3F3F3F", _SLATE), ("9B9B9A", "B4B5B8"))),
    "lion": _s("1F981", (7, 8), "F4AA41", "FBD793", "E2942F", "tuft", tip="A57939", stout=1.15, chin=4.0, head=1.06),
    "tiger": _s("1F42F", (7, 6), "E27022", "FFF6E8", "C95C17", "striped", stout=1.1, chin=1.5),
    "panda": _s("1F43C", (6, 11), "FFFFFF", "FFFFFF", "45444B", "stub", stout=1.35, change=(("3F3F3F", "45444B"),), mitts=True, eye=2.3),
    "frog": _s("1F438", (3, 4), "B1CC33", "E9F0A8", "9AB528", "none", stout=1.2, head=0.92, eye=3.0),
    "dragon": _s(
        "1F438", (3, 4), "63A95B", "EFE3A6", "4E8F52", "dragon", stout=1.2, eye=3.0, tip="4E8F52", dragon=True,
        change=(("B1CC33", "63A95B"),),
    ),
    "hamster": _s("1F439", (3, 4), "F4AA41", "FFF6E8", "E9A0A0", "stub", stout=1.35, head=1.0, eye=3.0),
    "rabbit": _s("1F430", (11, 7), "8C6F5A", "FFF6E8", "7A5F4C", "scut", head=1.18, eye=2.6, change=(("3F3F3F", "8C6F5A"),), coats=("9B938C", "C49A6C", "8C6F5A")),
    "cat": _s(*_CAT, "F4AA41", "FFF6E8", "FFF6E8", "cat", coats=("F4AA41", "A9A39D", "B98A5E")),
    "blackcat": _s(*_CAT, "4A4852", "FFF6E8", "FFF6E8", "cat", change=(("F4AA41", "4A4852"),), iris="F2D44E"),
    "dog": _s("1F436", (3, 7), "F4AA41", "FFE9C4", "FFE9C4", "dog", stout=1.08, eye=2.4, coats=("F4AA41", "C98B4E", "E3C08E")),
    "mouse": _s("1F42D", (3, 7), "D0CFCE", "F4F0EC", "FFC0D0", "thin", tip="FFA7C0", head=1.06, eye=3.0, coats=("D0CFCE", "C9B8A6")),
    "rat": _s("1F42D", (3, 7), "9B9B9A", "CFCBC6", "F0A9B8", "thin", tip="E88FA5", eye=2.8, change=(("D0CFCE", "9B9B9A"),)),
    "pig": _s("1F437", (7, 8), "FFA7C0", "FFC9D8", "E67A94", "curl", stout=1.35, eye=2.3),
    "monkey": _s("1F435", (4, 11), "6A4A38", "F4AA41", "F4AA41", "long", change=(("3F3F3F", "6A4A38"),), eye=2.3),
    "cow": _s("1F42E", (4, 10), "A57939", "FFF6E8", "5A3B2A", "tuft", tip="5A3B2A", stout=1.3, eye=2.5),
}  # fmt: skip
