"""Why a call is made again: what is different from the last time, told in the words of who changed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from kamishibai.documents.frozen import Frozen
from kamishibai.work.call import Answer, Keyed
from kamishibai.work.records import Record, refs_in
from kamishibai.work.store import Store

__all__ = ["CallKey", "Explainer", "Reason", "explain"]

CAUSES = Literal["new", "ask", "seed", "model", "version", "weights", "options", "cascade", "lost", "take"]


class CallKey(Frozen):
    """Which result stands in which place of a film."""

    stage: str
    scene: str
    key: str


class Reason(Frozen):
    """Why a call is made."""

    cause: CAUSES
    """``new``: there was none in its place; ``ask``, ``seed``, ``model``, ``version``, ``weights``, ``options``: that
    is different; ``cascade``: what it is made from is; ``lost``: its result is not in the cache any more; ``take``:
    one more take of the same."""
    text: str
    fields: tuple[str, ...] = ()
    """Of the ask or the options, those that differ: ``scene.weather``."""
    sources: tuple[str, ...] = ()
    """Of a cascade, the calls that it comes from: ``s003 speech``."""


NOUNS = {
    "speak": "speech", "listen": "transcript", "examine": "measures of the speech", "draw": "picture", "cast": "portrait",
    "inspect": "measures of the picture", "look": "scores", "judge": "critic's answers", "crop": "crops",
    "move": "shot", "watch": "measures of the clip", "sound": "sounds", "compose": "music", "mix": "mix",
    "render": "frames", "recording": "recording", "align": "alignment", "cut": "line of the recording",
    "mend": "prompt", "plan": "storyboard", "frame": "frame of the contact sheet", "thumbnail": "thumbnail",
}  # fmt: skip
"""What each stage makes, for people."""
WORDS = {
    "text": "line", "line": "line", "negative": "negative prompt", "look": "look", "width": "frame size",
    "height": "frame size", "fps": "frames a second", "quality": "quality", "language": "language", "voice": "speaker",
    "move": "camera", "amount": "camera", "texts": "lines compared with it",
    "questions": "questions", "references": "portraits", "lines": "credits", "title": "title", "author": "author",
    "words": "line", "captions": "captions", "blend": "transition", "spoken": "line",
}  # fmt: skip
"""Fields of asks, in the words of who writes storyboards and settings; others go by their own names."""
FOLLOWS = {
    "Animate": {"seconds"}, "Compose": {"seconds", "acts"}, "Foley": {"seconds", "cues"},
    "MixAsk": {"seconds"}, "ExamineSpeech": {"words"}, "TrimSpeech": {"start", "end"},
    "EncodeAsk": {"frames", "captions", "blend"},
}  # fmt: skip
"""Fields that nobody writes: they follow from how long the lines take to say, and from the scenes around."""
PARTS = {"render", "crop", "cut"}
"""Stages that make several things of one scene, which are no takes of each other."""


def explain(
    before: Record | None,
    item: Keyed,
    made_from: Mapping[str, str],
    moved: Sequence[str] = (),
    *,
    first: bool = False,
) -> Reason:
    """Return why a call has to be made.

    Parameters
    ----------
    before
        The record of what stood in its place when the film was made last; None: nothing did.
    made_from
        For every digest of this film's takes, what it is: ``s003 speech``.
    moved
        The speeches that are made anew: where the clock is different, they are why.
    first
        The film was never made before.
    """
    call = item.call
    name = place(call.stage, call.scene)
    if before is None:
        return Reason(cause="new", text="first time" if first else f"{name} is new")
    if before.key == item.key:
        return Reason(cause="lost", text="its result is not in the cache any more")
    if before.maker != call.maker:
        return Reason(cause="model", text=f"{call.maker} in place of {before.maker}")
    if before.version != item.version:
        return Reason(cause="version", text=f"{call.maker} {item.version} ≠ {before.version}")
    if before.weights != item.weights:
        return Reason(cause="weights", text=f"other weights of {call.maker}")
    options = _different(before.options, dict(item.options))
    if options:
        told = ", ".join(
            f"{field} {_short(_at(item.options, field))} ≠ {_short(_at(before.options, field))}"
            for field in options[:3]
        )
        return Reason(cause="options", text=f"{call.maker}: {told}", fields=tuple(options))
    return _of_ask(before, item, made_from, moved)


def _of_ask(before: Record, item: Keyed, made_from: Mapping[str, str], moved: Sequence[str]) -> Reason:
    ask = item.call.ask.model_dump(mode="json", by_alias=True)
    old, new, kind = before.ask, ask, type(item.call.ask).__name__
    if kind == "EncodeAsk":
        # What is one level deeper than in other asks.
        old, new = ({**side.pop("segment"), **side} for side in (dict(before.ask), dict(ask)))
    fields = _different(old, new)
    derived = FOLLOWS.get(kind, set())
    roots = {field: field.split(".")[0] for field in fields}
    made = {root for root in roots.values() if _has_refs(old.get(root)) or _has_refs(new.get(root))}
    own = [field for field, root in roots.items() if root not in derived and root not in made]
    scene = f" of {item.call.scene}" if item.call.scene else ""
    if own and all(field.endswith("seed") for field in own):
        return Reason(cause="seed", text=f"new seed{scene}", fields=tuple(own))
    if own:
        return Reason(cause="ask", text=f"{_told(own)}{scene} changed", fields=tuple(own))
    gone = [field for field in made if not _has_refs(new.get(field))]
    if gone:
        return Reason(cause="ask", text=f"{_told(sorted(gone))}{scene} left out", fields=tuple(sorted(gone)))
    known = {ref.sha256 for ref in refs_in(before.ask)}
    fresh = [ref.sha256 for ref in refs_in(ask) if ref.sha256 not in known]
    sources = list(dict.fromkeys(made_from[digest] for digest in fresh if digest in made_from)) or list(moved)
    if not sources:
        alone = [field for field in fields if roots[field] == "captions"]
        text = f"captions{scene} changed" if fields and alone == fields else "the scenes around it changed"
        return Reason(cause="cascade", text=text, fields=tuple(fields))
    rest = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    text = f"cascade from {', '.join(sources[:3])}{rest}"
    return Reason(cause="cascade", text=text, fields=tuple(fields), sources=tuple(sources))


def _told(fields: Sequence[str]) -> str:
    words = list(dict.fromkeys(_word(field) for field in fields))
    if len(words) > 3:
        return f"{', '.join(words[:3])} and more"
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _has_refs(value: Any) -> bool:
    return next(refs_in(value), None) is not None


def place(stage: str, scene: str) -> str:
    """Return what a call makes, for people: ``s003 speech``, or ``music``."""
    noun = NOUNS.get(stage, stage)
    return f"{scene} {noun}" if scene else noun


def _word(field: str) -> str:
    parts = [part for part in field.split(".") if not part.isdigit()]
    if parts[0] == "scene" and len(parts) > 1:
        return parts[1]
    if parts[0] == "cast":
        return f"the cast's {parts[-1]}" if len(parts) > 1 else "cast"
    return WORDS.get(parts[0], parts[0])


def _different(before: Any, after: Any, at: str = "") -> list[str]:
    """Return the paths at which two dumps differ, the deepest that tell it."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted({*before, *after})
        return [
            path
            for name in names
            for path in _different(before.get(name), after.get(name), f"{at}.{name}" if at else str(name))
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            path
            for i, (old, new) in enumerate(zip(before, after, strict=True))
            for path in _different(old, new, f"{at}.{i}")
        ]
    return [] if before == after else [at]


def _at(options: Mapping[str, Any], field: str) -> Any:
    value: Any = options
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


class Explainer:
    """Tells of every call of a run why it is made, beside what the film's last run left.

    Parameters
    ----------
    before
        The calls of the film as it was made last, in order; empty: it never was.
    asked
        Calls that were made for the film already.
    """

    def __init__(self, store: Store, before: Iterable[CallKey] = (), asked: Iterable[CallKey] = ()) -> None:
        self._store = store
        self._before: dict[tuple[str, str], list[str]] = {}
        for call in before:
            self._before.setdefault((call.stage, call.scene), []).append(call.key)
        self._given: dict[tuple[str, str], int] = {}
        self._asked: list[CallKey] = list(asked)
        self._made_from: dict[str, str] = {}
        self._moved: list[str] = []

    @property
    def asked(self) -> tuple[CallKey, ...]:
        """Every call so far, in order."""
        return tuple(self._asked)

    def note(self, calls: Iterable[CallKey]) -> None:
        """Count calls among those that were asked for, which were made or found by somebody else."""
        self._asked += calls

    def reasons(self, items: Sequence[Keyed], missing: set[str]) -> dict[str, Reason]:
        """Return why the calls with the keys `missing` are made, by key; `items` is all that is asked for now."""
        found: dict[str, Reason] = {}
        for item in items:
            at = (item.call.stage, item.call.scene)
            number = self._given.get(at, 0)
            self._given[at] = number + 1
            self._asked.append(CallKey(stage=at[0], scene=at[1], key=item.key))
            if item.key not in missing or item.key in found:
                continue
            reason = self._reason(item, at, number)
            found[item.key] = reason
            if item.call.stage == "speak":
                self._moved.append(place(*at))
        return found

    def _reason(self, item: Keyed, at: tuple[str, str], number: int) -> Reason:
        there = self._before.get(at, [])
        if not there and self._before:
            scenes = {scene for _, scene in self._before}
            if at[1] and at[1] not in scenes and "+" not in at[1]:
                return Reason(cause="new", text=f"scene {at[1]} is new")
        if number >= len(there) and number > 0 and at[0] not in PARTS:
            return Reason(cause="take", text=f"take {number + 1} of {place(*at)}")
        found = self._store.peek(there[number]) if number < len(there) else None
        before = found if isinstance(found, Record) else None
        if before is None and number < len(there):
            if there[number] == item.key:
                return Reason(cause="lost", text="its result is not in the cache any more")
            return Reason(cause="new", text="what stood here is not in the cache any more")
        return explain(before, item, self._made_from, self._moved, first=not self._before)

    def learn(self, answers: Iterable[Answer]) -> None:
        """Take note of what came of calls that are new in their places, so that a cascade can be traced to them."""
        for answer in answers:
            at = (answer.call.stage, answer.call.scene)
            if answer.reused and answer.key in self._before.get(at, ()):
                continue
            for ref in refs_in(answer.take.model_dump(mode="json")):
                self._made_from.setdefault(ref.sha256, place(*at))
