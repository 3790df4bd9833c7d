"""Turns a story into a storyboard: the planner's board, staged anew by a language model line by line.

The planner's board is the base, and the model lays its own over it. The planner reads words literally: it never
misses a lantern that a line names, places it, keeps ids, transitions and pauses in order, and it always answers; but
it does not understand. The model understands who is meant, what time it must be, what is felt, and it reads other
languages; but it may answer anything. So the model decides setting, time, weather, mood, view and camera, how each
actor acts, and who and what is there beside those whom the line itself names: these stay, whatever the model thinks.
What it says that cannot be used, and scenes that it leaves out, are the planner's, and the user is told. The words
of the story are nobody's to change: they are taken from the story.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from kamishibai.documents.story import Story
from kamishibai.documents.storyboard import Actor, Character, Place, Prop, Scene, Storyboard
from kamishibai.models.kinds import Board, Draft
from kamishibai.models.text.llm.casts import read_cast
from kamishibai.models.text.llm.interview import Interview, cut_off, whole_fields
from kamishibai.models.text.llm.prompts import scenes_prompt
from kamishibai.models.text.llm.schema import NARRATOR, NO_COLOUR, cleaned, scenes_schema
from kamishibai.models.text.reading.atmosphere import AMBIENCE

__all__ = ["draft"]

SCENE_TOKENS = 220
"""What the answer for one scene takes."""
STRETCH = 6
"""Scenes that are staged in one answer: enough to see how they hang together, few enough to be answered whole."""
_QUOTES = frozenset('"“”„«»「」『』')


def draft(ask: Draft, base: Board, interview: Interview) -> Board:
    """Return the storyboard of a story.

    Parameters
    ----------
    base
        The planner's board of the same story.
    """
    story, planned = ask.story, base.storyboard
    cast = read_cast(story, planned.cast, interview)
    staged: dict[str, Scene] = {}
    missed: dict[str, str] = {}
    scenes = [_spoken(scene, story, number, cast) for number, scene in enumerate(planned.scenes)]
    start = 0
    while start < len(scenes):
        before = staged.get(scenes[start - 1].id, scenes[start - 1]) if start else None
        some = _stretch(scenes[start:], story, cast, before, interview)
        if not some:
            missed[scenes[start].id] = f"with it the context of {interview.context:,} tokens is too short"
            start += 1
            continue
        done = 0.2 + 0.8 * start / len(scenes)
        answered, wrong = _staged(some, story, cast, before, interview, done)
        staged |= answered
        missed |= {scene.id: wrong for scene in some if scene.id not in answered}
        start += len(some)
    notes = _told(missed, interview)
    if missed:
        notes += base.notes
    final = tuple(staged.get(scene.id, scene) for scene in scenes)
    board = planned.model_copy(update={"cast": _seen(cast, story, final), "scenes": final})
    # Built anew, so that every field and every id is checked once more.
    return Board(storyboard=Storyboard.model_validate(board.model_dump(by_alias=True)), notes=notes)


def _told(missed: Mapping[str, str], interview: Interview) -> tuple[str, ...]:
    """Tell, and return, which scenes are the planner's and why."""
    notes = []
    for why in dict.fromkeys(missed.values()):
        ids = [id_ for id_, reason in missed.items() if reason == why]
        named = f"scene {ids[0]} is" if len(ids) == 1 else f"scenes {', '.join(ids)} are"
        notes.append(f"{named} staged by text:planner and not by {interview.name}: {why}")
    for note in notes:
        interview.tell(note)
    return tuple(notes)


def _spoken(scene: Scene, story: Story, number: int, cast: Sequence[Character]) -> Scene:
    """Return a scene with the speaker that the story itself names, where the planner could not tell."""
    said = story.lines[number].speaker
    if scene.speaker is not None or said is None:
        return scene
    known = (one.id for one in cast if one.name.casefold() == said.casefold())
    return scene.model_copy(update={"speaker": next(known, None)})


def _stretch(
    scenes: Sequence[Scene],
    story: Story,
    cast: Sequence[Character],
    before: Scene | None,
    interview: Interview,
) -> list[Scene]:
    """Return as many of the next scenes as one answer and the context have room for; maybe none."""
    size = min(STRETCH, len(scenes), max(1, interview.most // SCENE_TOKENS))
    while size:
        some = list(scenes[:size])
        prompt = scenes_prompt(story.title, _lines(some), cast, before, "it was cut off after 9999 tokens.")
        if interview.fits(prompt, min(SCENE_TOKENS * size, interview.most)):
            return some
        size -= 1
    return []


def _lines(scenes: Sequence[Scene]) -> dict[str, str]:
    return {scene.id: scene.line for scene in scenes}


def _staged(
    scenes: Sequence[Scene],
    story: Story,
    cast: Sequence[Character],
    before: Scene | None,
    interview: Interview,
    done: float,
) -> tuple[dict[str, Scene], str]:
    """Return the scenes that the model staged, in two rounds at the most, and what was wrong with the rest."""
    staged: dict[str, Scene] = {}
    wrong = ""
    for turn in ("", " again"):
        left = [scene for scene in scenes if scene.id not in staged]
        if not left:
            break
        open_to_speak = {
            scene.id: scene.speaker is None and bool(_QUOTES & set(scene.line)) for scene in left
        }
        answer = interview.ask(
            scenes_prompt(story.title, _lines(left), cast, before, wrong),
            scenes_schema(open_to_speak, [one.id for one in cast]),
            f"scenes {left[0].id}{turn}",
            done,
            f"scene {left[0].id}",
        )
        told = whole_fields(answer.text)
        wrong = "" if answer.whole else cut_off(answer)
        for scene in left:
            if not isinstance(told.get(scene.id), dict):
                wrong = wrong or f"{scene.id} is missing."
                continue
            try:
                staged[scene.id] = _laid_over(scene, told[scene.id], cast)
            except ValidationError as error:
                first = error.errors()[0]
                wrong = f"{scene.id}, {'.'.join(map(str, first['loc']))}: {first['msg']}."
    return staged, wrong.rstrip(".")


def _laid_over(scene: Scene, told: Mapping[str, Any], cast: Sequence[Character]) -> Scene:
    """Return the planner's `scene` with what the model said. Raises ValidationError for what no scene can hold."""
    actors = _actors(scene, told.get("actors") or (), cast)
    props = _props(scene, told.get("props") or (), cast)
    here = {one.who for one in actors} | {one.name for one in props}
    gone = ({one.id for one in cast} | {one.name for one in scene.props}) - here
    fields: dict[str, Any] = {
        **scene.model_dump(),
        **{name: told.get(name) for name in ("setting", "time", "weather", "mood", "view")},
        "camera": {"move": told.get("camera"), "amount": scene.camera.amount},
        "actors": [{**one.model_dump(), "place": _place(one.place, gone)} for one in actors],
        "props": [{**one.model_dump(), "place": _place(one.place, gone)} for one in props],
    }
    named = [sound for sound in scene.sounds if sound not in _beds(scene.setting, scene.time, scene.weather)]
    beds = _beds(fields["setting"], fields["time"], fields["weather"])
    # The place sounds like the place that the model chose; what the words of the line sound like is heard too.
    fields["sounds"] = list(dict.fromkeys([*beds, *named, *told.get("sounds", ())]))[:6]
    speaker = told.get("speaker", NARRATOR)
    if scene.speaker is None and speaker != NARRATOR:
        fields["speaker"] = speaker
    return Scene.model_validate(fields)


def _beds(setting: Any, time: Any, weather: Any) -> list[str]:
    """Return what a place and its weather sound like."""
    wet, night = weather in ("rain", "storm"), time == "night"
    beds = ["rain"] * wet + ["wind"] * (weather in ("wind", "storm")) + ["thunder"] * (weather == "storm")
    quiet = {"birds"} if wet or night else set()
    quiet |= {"crickets", "night", "forest"} if wet else set()
    return beds + [bed for bed in AMBIENCE.get((setting, night), ()) if bed not in quiet]


def _actors(scene: Scene, told: Sequence[Mapping[str, Any]], cast: Sequence[Character]) -> list[Actor]:
    """Return who is seen, each once; what the planner knows beside (what they hold, where they are) stays."""
    called = {one.id: {one.name.casefold(), one.noun.casefold()} - {""} for one in cast}
    line = scene.line.casefold()
    planned = {actor.who: actor for actor in scene.actors}
    found: dict[str, Actor] = {}
    for one in told:
        who = str(one.get("who"))
        if who in found:
            continue
        known = planned.get(who)
        action = cleaned(str(one.get("action", "")), 30)
        if set(re.findall(r"\w+", action.casefold())) <= {*called.get(who, ()), who}:
            action = ""  # a small model repeats who they are
        found[who] = Actor.model_validate(
            {
                **(known.model_dump() if known else {}),
                "who": who,
                "action": action or (known.action if known else ""),
                "pose": one.get("pose"),
                "feeling": one.get("feeling"),
            }
        )
    for who, actor in planned.items():
        if who not in found and any(
            re.search(rf"\b{re.escape(word)}\b", line) for word in called.get(who, ())
        ):
            found[who] = actor
    return list(found.values())[:12]


def _props(scene: Scene, told: Sequence[Mapping[str, Any]], cast: Sequence[Character]) -> list[Prop]:
    """Return what is seen: the things of the line, and what the model sees beside them; nobody of the cast."""
    people = {word.casefold() for one in cast for word in (one.id, one.name, one.noun)}
    planned = {prop.name.casefold(): prop for prop in scene.props}
    found: dict[str, Prop] = dict(planned)
    for one in told:
        name = cleaned(str(one.get("name", "")), 30).lower()
        if not name or name in people:
            continue
        colour = one.get("colour") if one.get("colour") != NO_COLOUR else None
        known = planned.get(name)
        if known is not None:
            found[name] = known if known.colour or not colour else known.model_copy(update={"colour": colour})
        else:
            found[name] = Prop.model_validate({"name": name, "count": one.get("count", 1), "colour": colour})
    return list(found.values())[:24]


def _place(place: Place | None, gone: set[str]) -> dict[str, Any] | None:
    """Return where something is, unless that is told by somebody or something that is not there any more."""
    return None if place is None or place.of in gone else place.model_dump()


def _seen(cast: Sequence[Character], story: Story, scenes: Sequence[Scene]) -> tuple[Character, ...]:
    """Return those of the cast who are seen or heard, and those whom the front matter describes."""
    given = {one.id for one in story.cast}
    named = {actor.who for scene in scenes for actor in scene.actors} | {scene.speaker for scene in scenes}
    return tuple(one for one in cast if one.id in named or one.id in given)
