"""The director: view, camera, transition, pause, mood and sounds for every page, varied from scene to scene."""

from __future__ import annotations

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
_SUDDEN = re.compile(r"\b(suddenly|all at once|crash|bang|then,? |just then|at that moment)\b")


def views(pages: list[Page]) -> list[View]:
    """Return a view a page: wide to open and to arrive, close for feelings and small things, never three alike."""
    chosen: list[View] = []
    for i, page in enumerate(pages):
        view = _wanted(page, i, len(pages))
        if len(chosen) >= 2 and chosen[-1] == chosen[-2] == view:
            view = _other(view, page)
        elif chosen and chosen[-1] == view and view != "medium" and not page.moved:
            view = "medium"
        chosen.append(view)
    return chosen


def _wanted(page: Page, i: int, total: int) -> View:
    bodies = sum(part.being.count for part in page.parts if not part.seen_far) or len(page.parts)
    flying = any(part.pose == "fly" for part in page.parts)
    feeling = any(part.active and part.feeling not in ("neutral", "happy") for part in page.parts)
    small = [t for t in page.things if t.age == 0 and (t.looks.size in ("tiny", "small") or t.held)]
    tiny = (
        bodies == 1
        and page.parts
        and not page.parts[0].being.person
        and page.parts[0].being.looks.size != "huge"
    )
    if i == 0 and tiny and len(page.things) <= 1 and page.parts[0].pose != "fly":
        return "medium"  # one small animal would be lost in a wide view
    if i == 0:
        return "wide" if page.setting not in ("room", "library") or not page.parts else "medium"
    if not page.parts:
        return "close" if page.things and page.things[0].age == 0 and not page.moved else "wide"
    if i == total - 1 and total > 3:
        return "wide"
    if bodies >= 4:
        return "wide"
    if page.moved and page.time != "night":
        return "wide" if bodies <= 2 and not feeling else "medium"
    if flying and bodies <= 2 and page.setting in ("sky", "sea", "mountains", "city", "village"):
        return "wide"
    if feeling or page.speaker is not None:
        return "close" if bodies <= 2 else "medium"
    still = all(part.pose in ("stand", "sit", "lie") for part in page.parts)
    if small and bodies == 1 and still:
        return "close"
    return "medium"


def _other(view: View, page: Page) -> View:
    bodies = sum(part.being.count for part in page.parts)
    if view == "medium":
        return "close" if 0 < bodies <= 2 else "wide"
    return "medium"


def cameras(pages: list[Page], seen: list[View]) -> list[Camera]:
    """Return a slow move a page that suits the view and what happens, and differs from the one before."""
    chosen: list[Camera] = []
    for i, (page, view) in enumerate(zip(pages, seen, strict=True)):
        options = _moves(page, view, i, len(pages))
        before = chosen[-1].move if chosen else None
        move = next((m for m in options if m != before), options[0])
        amount = {"close": 0.06, "medium": 0.07, "wide": 0.09}[view]
        if move.startswith("pan"):
            amount = 0.08 if view == "close" else 0.1
        chosen.append(Camera(move=move, amount=0.0 if move == "still" else amount))
    return chosen


def _moves(page: Page, view: View, i: int, total: int) -> tuple[Move, ...]:
    poses = [part.pose for part in page.parts]
    actions = {event.verb for event in page.events if not (event.unreal or event.negated or event.quoted)}
    if i == total - 1:
        return ("pull", "rise")
    if i == 0:
        return ("push", "pan-right")
    if actions & {"rise", "climb", "soar", "grow"} or ("fly" in poses and view == "wide"):
        return ("rise", "pan-right", "pull")
    if actions & {"fall", "sink", "dive", "descend", "land"}:
        return ("sink", "push", "pan-left")
    if "run" in poses or "walk" in poses or "swim" in poses:
        return ("pan-right", "pan-left", "push") if i % 2 else ("pan-left", "pan-right", "push")
    if view == "wide":
        return ("pull", "pan-right", "push") if i % 2 else ("pan-left", "push", "pull")
    return ("push", "pull", "pan-right") if view == "close" or i % 2 else ("pull", "push", "pan-left")


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
    """Return the silence after each line: longer at the end, before a change of place, and after a feeling."""
    chosen: list[Fraction] = []
    for i, page in enumerate(pages):
        pause = Fraction(2, 5)
        following = pages[i + 1] if i + 1 < len(pages) else None
        if following is None:
            pause = Fraction(6, 5)
        elif following.setting != page.setting or following.time != page.time:
            pause = Fraction(7, 10)
        elif feelings[i] in ("sad", "tender", "mysterious") or page.text.rstrip().endswith("…"):
            pause = Fraction(3, 5)
        elif feelings[i] == "tense" or following.speaker is not None:
            pause = Fraction(3, 10)
        chosen.append(pause)
    return chosen


def moods(pages: list[Page]) -> list[Mood]:
    """Return the mood of each page."""
    chosen: list[Mood] = []
    for i, page in enumerate(pages):
        text = page.narrated if len(page.narrated) > 20 else page.text.lower()
        before = chosen[-1] if chosen else None
        chosen.append(
            mood_of(text, before, page.setting, page.time, page.weather, i == len(pages) - 1 and i > 0)
        )
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
    if page.setting == "forest" and night and "owl" not in named and page.number % 3 == 0:
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
