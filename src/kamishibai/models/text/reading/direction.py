"""The director: view, camera, transition, pause, mood and sounds for every page, varied from scene to scene.

A page is directed by what is seen and told in it, not by its number or by the pages around it: a line that is put into
the story or taken out of it must not have its neighbours drawn, moved and encoded again. So what is left to taste is
spread by a hash of what is seen (`_chance`), and two neighbours may now and then be alike; that costs less than a clip
of some minutes' work. Only how a page is entered looks back, because a talk that goes on is cut and not faded.
"""

from __future__ import annotations

import hashlib
import re
from fractions import Fraction

from kamishibai.documents.storyboard import Camera, Mood, Move, Transition, View
from kamishibai.models.text.reading.atmosphere import AMBIENCE, heard, mood_of
from kamishibai.models.text.reading.pages import Page

__all__ = ["cameras", "moods", "pauses", "sounds", "transitions", "views"]

_BEDS = frozenset(
    {bed for beds in AMBIENCE.values() for bed in beds}
    | {"rain", "crowd", "train ride", "fire", "bees", "gulls", "traffic", "leaves"}
)
_OUTSIDE = frozenset(
    {
        "wind",
        "birds",
        "crickets",
        "rain",
        "thunder",
        "city",
        "river",
        "gulls",
        "waves",
        "traffic",
        "owl",
        "leaves",
        "steps on snow",
        "bees",
    }
)
_UNHEARD: dict[str, frozenset[str]] = {
    "underwater": _OUTSIDE | {"steps", "flutter", "wings", "fire", "page"},
    "space": _OUTSIDE | {"steps", "door creak", "crowd", "flutter", "wings"},
    "cave": frozenset({"birds", "crickets", "wind"}),
    "library": frozenset({"birds", "crickets"}),
    "subway": frozenset({"birds", "crickets", "waves", "city", "train ride", "rain"}),
}
_MOVES: dict[View, tuple[Move, ...]] = {
    "wide": ("pull", "pan-left", "rise"),
    "medium": ("pull", "push", "pan-right"),
    "close": ("push", "pan-left", "sink"),
}
_SALT = "2192"
"""One of many that would do; with this one the examples vary well."""
_SUDDEN = re.compile(r"\b(suddenly|all at once|crash|bang|then,? |just then|at that moment)\b")


def views(pages: list[Page]) -> list[View]:
    """Return a view a page: wide to arrive and for many, close for feelings and small things, else as chance has it."""
    return [_view(page) for page in pages]


def _view(page: Page) -> View:
    told = [thing for thing in page.things if thing.age == 0]
    bodies = sum(part.being.count for part in page.parts if not part.seen_far) or len(page.parts)
    flying = any(part.pose == "fly" for part in page.parts)
    feeling = any(part.active and part.feeling not in ("neutral", "happy") for part in page.parts)
    small = [t for t in told if t.looks.size in ("tiny", "small") or t.held]
    tiny = bodies == 1 and not page.parts[0].being.person and page.parts[0].being.looks.size != "huge"
    if not page.parts:
        return "close" if told and not page.arrives else "wide"
    if bodies >= 4:
        return "wide"
    # One small animal standing about would be lost in a wide view.
    lost = tiny and len(told) <= 1 and page.parts[0].pose in ("stand", "sit", "lie")
    if page.arrives and page.time != "night":
        if feeling or bodies > 2:
            return "medium"
        spread: tuple[View, ...] = ("medium", "medium", "close") if lost else ("wide", "wide", "medium")
        return spread[_chance(page, "view", len(spread))]
    if flying and bodies <= 2 and page.setting in ("sky", "sea", "mountains", "city", "village"):
        return "wide"
    if feeling or page.speaker is not None:
        return ("close", "close", "medium")[_chance(page, "view", 3)] if bodies <= 2 else "medium"
    still = all(part.pose in ("stand", "sit", "lie") for part in page.parts)
    if small and bodies == 1 and still:
        return "close"
    if lost:
        spread = ("medium", "close")
    else:
        spread = ("medium", "close", "medium", "wide") if bodies <= 2 else ("medium", "wide")
    return spread[_chance(page, "view", len(spread))]


def _chance(page: Page, what: str, count: int) -> int:
    """Return a number below `count` by what is told on the page and can be seen.

    A word that changes no picture changes nothing here, nor does what is only still there from the page before.
    """
    told = [
        page.setting,
        page.time,
        *(f"{p.being.noun or p.being.name} {p.action} {p.pose} {p.feeling}" for p in page.parts if p.active),
        *sorted(thing.name for thing in page.things if thing.age == 0 and not thing.held),
    ]
    digest = hashlib.sha256("/".join([_SALT, what, *told]).encode()).digest()
    return int.from_bytes(digest[:4], "big") % count


def cameras(pages: list[Page], seen: list[View]) -> list[Camera]:
    """Return a slow move a page that suits the view and what happens."""
    chosen: list[Camera] = []
    for page, view in zip(pages, seen, strict=True):
        options = _moves(page, view)
        move = options[_chance(page, "camera", len(options))]
        amount = {"close": 0.06, "medium": 0.07, "wide": 0.09}[view]
        if move.startswith("pan"):
            amount = 0.08 if view == "close" else 0.1
        chosen.append(Camera(move=move, amount=amount))
    return chosen


def _moves(page: Page, view: View) -> tuple[Move, ...]:
    poses = [part.pose for part in page.parts]
    actions = {event.verb for event in page.events if not (event.unreal or event.negated or event.quoted)}
    if actions & {"rise", "climb", "soar", "grow"} or ("fly" in poses and view == "wide"):
        return ("rise", "rise", "pan-right")
    if actions & {"fall", "sink", "dive", "descend", "land"}:
        return ("sink", "sink", "pan-left")
    if "run" in poses or "walk" in poses or "swim" in poses:
        return ("pan-right", "pan-left", "push", "pan-right")
    # The views share few moves, so that neighbours seldom move alike though neither knows of the other.
    return _MOVES[view]


def transitions(pages: list[Page], feelings: list[Mood]) -> list[Transition]:
    """Return how each page is entered: a fade, or a cut where something happens suddenly or a talk goes on."""
    chosen: list[Transition] = []
    for i, page in enumerate(pages):
        before = pages[i - 1] if i else None
        same = before is not None and before.setting == page.setting and before.time == page.time
        talk = same and page.speaker is not None and before is not None and before.speaker is not None
        sudden = same and feelings[i] == "tense" and _SUDDEN.search(page.narrated) is not None
        chosen.append("cut" if talk or sudden else "fade")
    return chosen


def pauses(pages: list[Page], feelings: list[Mood]) -> list[Fraction]:
    """Return the silence after each line: longer after a feeling, after an arrival, and where a line trails off."""
    chosen: list[Fraction] = []
    for page, mood in zip(pages, feelings, strict=True):
        if mood in ("sad", "tender", "mysterious") or page.text.rstrip().endswith("…"):
            chosen.append(Fraction(3, 5))
        elif page.arrives and page.speaker is None:
            chosen.append(Fraction(1, 2))
        else:
            chosen.append(Fraction(2, 5))
    return chosen


def moods(pages: list[Page]) -> list[Mood]:
    """Return the mood of each page."""
    chosen: list[Mood] = []
    for page in pages:
        text = page.narrated if len(page.narrated) > 20 else page.text.lower()
        chosen.append(mood_of(text, page.setting, page.time, page.weather))
    return chosen


def sounds(page: Page) -> tuple[str, ...]:
    """Return what is to be heard: the bed of weather and place first, then what the line names."""
    named = heard(page.narrated)
    night = page.time == "night"
    wet = page.weather in ("rain", "storm")
    beds: list[str] = ["rain"] if wet else []
    if page.weather in ("wind", "storm"):
        beds.append("wind")
    if page.weather == "storm" and "thunder" not in named:
        named.append("thunder")
    beds += AMBIENCE.get((page.setting, night), ())
    if page.setting == "forest" and night and "owl" not in named and _chance(page, "owl", 3) == 0:
        named.append("owl")
    if page.setting not in ("sea", "beach", "ship") and "waves" in named:
        named.remove("waves")  # the sea is spoken of from afar
    if wet or night:
        beds = [bed for bed in beds if bed != "birds"]
    if wet:
        beds = [bed for bed in beds if bed not in ("crickets", "night", "forest")]
    unheard = _UNHEARD.get(page.setting, frozenset())
    if "church bell" in named and "bell" in named:
        named.remove("bell")
    ambient = dict.fromkeys([*beds, *(s for s in named if s in _BEDS)])
    effects = dict.fromkeys(s for s in named if s not in _BEDS)
    heard_there = [s for s in ambient if s not in unheard][:3] + [s for s in effects if s not in unheard][:3]
    return tuple(heard_there)
