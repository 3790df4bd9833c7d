"""text:planner reads a story without any model: the same story gives the same storyboard, everywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.story import Story
from kamishibai.documents.storyboard import (
    Actor,
    Character,
    Person,
    Place,
    Prop,
    Scene,
    Setting,
    Storyboard,
)
from kamishibai.errors import UnsupportedError
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Board, Draft
from kamishibai.models.text.reading import direction
from kamishibai.models.text.reading.beings import Being, Company
from kamishibai.models.text.reading.clauses import Event, events_of
from kamishibai.models.text.reading.lines import Reader
from kamishibai.models.text.reading.nouns import kind_of, plural
from kamishibai.models.text.reading.pages import Page, Part, Thing
from kamishibai.models.text.reading.people import OUTFITS
from kamishibai.models.text.reading.phrases import chunks_of
from kamishibai.models.text.reading.pictographs import read_pictographs
from kamishibai.models.text.reading.setting import HOMES, place_in
from kamishibai.models.text.reading.tagging import tag
from kamishibai.models.text.reading.tokens import names_in, sentences_of
from kamishibai.models.text.reading.verbs import MENTAL, SAY
from kamishibai.papercut.figures import can_draw

__all__ = ["Planner"]

MAX_CAST = 64
_COMES_ALIVE = (
    SAY
    | MENTAL
    | {"smile", "laugh", "cough", "giggle", "yawn", "listen", "decide", "blink", "shiver", "weep"}
)
_WILD = frozenset({kind for homes in HOMES.values() for kind in homes}) - HOMES["room"]
_ONLY_MOVED = frozenset(
    {"call", "cry", "roar", "whisper", "sigh", "sing", "need", "mean", "seem", "like", "howl", "cheer", "add"}
)
_LIFELESS = frozenset(
    {
        "scenery",
        "time",
        "weather",
        "abstract",
        "event",
        "sound",
        "part",
        "matter",
        "body",
        "nature",
        "building",
    }
)


class Planner(Model[Draft, Board]):
    """Reads English; of other languages it takes known nouns and emoji, and leaves the rest to be edited by hand."""

    id = "text:planner"
    version = "3"
    asks = Draft

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the project's own terms: every word list is its own."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Draft], desk: Desk) -> list[Board]:
        """Return a storyboard for every story. Raises UnsupportedError for any other ask."""
        for ask in asks:
            refuse_other(ask)
        boards = []
        for i, ask in enumerate(asks):
            desk.progress(i / len(asks), ask.story.title)
            boards.append(plan(ask.story, ask.seed))
        return boards


def refuse_other(ask: Frozen) -> None:
    """Raise UnsupportedError for an ask that only a language model can answer."""
    if not isinstance(ask, Draft):
        raise UnsupportedError(
            "text:planner plans storyboards and writes no stories",
            hint="name a language model: --text transformers:NAME",
        )


def plan(story: Story, seed: int) -> Board:
    """Return the storyboard for `story`, and notes on what could not be read or drawn."""
    notes: list[str] = []
    english = story.language.split("-")[0] == "en"
    if english:
        pages, company, undrawn = _read(story)
        missing = [f"{word[:40]!r} (scene {number + 1})" for word, number in undrawn.items()]
        if missing:
            notes.append("left out, because there is no drawing for it: " + ", ".join(missing))
    else:
        company = Company(story.cast, frozenset())
        pages = [Page(i, line.text, "") for i, line in enumerate(story.lines)]
        notes.append(
            f"the planner reads English only so far: of this story in {story.language!r} it knows some nouns and the "
            "emoji; edit setting, actors and props in storyboard.yaml"
        )
    read_pictographs(pages, company, story.language)
    _settle_cast(pages, company)
    board = _board(story, seed, pages, company)
    if len(board.cast) == MAX_CAST:
        notes.append(f"a cast has {MAX_CAST} members at most; whoever comes later is left out")
    return Board(storyboard=board, notes=tuple(notes))


# ------------------------------------------------------------------------------------------------ reading
def _read(story: Story) -> tuple[list[Page], Company, dict[str, int]]:
    texts = [line.text for line in story.lines]
    names = names_in([*texts, *(f"x {c.name}" for c in story.cast if c.name[:1].isupper())])
    events = [_events(text, names) for text in texts]
    company = Company(story.cast, _alive(events, [line.speaker for line in story.lines]))
    _describe_given(company, names)
    reader = Reader(company, names, _start(story, events, names), can_draw)
    pages = []
    for i, line in enumerate(story.lines):
        said = line.speaker is not None and not re.search(r"[\"“”«»„]", line.text)
        pages.append(reader.read(line.text, i, line.speaker, said))
    return pages, company, reader.undrawn


def _events(text: str, names: frozenset[str]) -> list[Event]:
    return [event for raw in sentences_of(text) for event in events_of(chunks_of(tag(raw, names)))]


def _alive(story: list[list[Event]], speakers: list[str | None]) -> frozenset[str]:
    """Return the things that speak, think or feel in this story, as the old clock of a fairy tale does."""
    alive: set[str] = set()
    for events in story:
        for event in events:
            if event.quoted or event.verb not in _COMES_ALIVE - _ONLY_MOVED:
                continue
            for phrase in event.subjects:
                if phrase.kind == "noun" and not phrase.quoted and kind_of(phrase.head) not in _LIFELESS:
                    alive.add(phrase.head)
    for speaker in speakers:
        word = (speaker or "").lower().split()[-1:] or [""]
        if kind_of(word[0]) not in (*_LIFELESS, "unknown"):
            alive.add(word[0])
    return frozenset(alive)


def _describe_given(company: Company, names: frozenset[str]) -> None:
    """Read the descriptions that the front matter gives the cast ("a girl with red hair")."""
    for being in company.beings:
        if being.given is None or not being.given.description:
            continue
        for raw in sentences_of(being.given.description)[:2]:
            for chunk_event in events_of(chunks_of(tag(raw, names))):
                for phrase in [*chunk_event.subjects, *chunk_event.objects][:1]:
                    company.describe(being, phrase)
                    for _, more in chunk_event.around:
                        phrase.says_more.append(("with", more))
                    company.describe(being, phrase)


def _start(story: Story, events: list[list[Event]], names: frozenset[str]) -> Setting | None:
    """Guess where a story begins that does not say so at once: its title, its next lines, who is in it."""
    for near in (_events(f"{story.title}.", names), *events[:3]):
        setting = place_in(near, None) or _home_of(near)
        if setting is not None:
            return setting
    return None


def _home_of(events: list[Event]) -> Setting | None:
    """Return where the beings and things of `events` are likely to be."""
    real = [e for e in events if not e.unreal]
    by = ("in", "on", "under", "behind", "beside", "at", "from")
    who = [p for e in real for p in [*e.subjects, *e.objects, *(p for prep, p in e.around if prep in by)]]
    heads = [head for p in who for head in (p.owner.head if p.owner else "", p.head)]
    if any(e.verb == "sleep" for e in real) and not set(heads) & _WILD:
        return "room"
    return next((setting for head in heads for setting, homes in HOMES.items() if head in homes), None)


# --------------------------------------------------------------------------------------------------- cast
def _settle_cast(pages: list[Page], company: Company) -> None:
    """Keep as cast who acts, recurs, has a name or is human; whoever is only seen once becomes a prop."""
    for being in list(company.beings):
        scenes = sum(page.told and any(part.being is being for part in page.parts) for page in pages)
        stays = being.given is not None or being.acts > 0 or being.name or being.person or scenes >= 2
        if stays:
            continue
        for page in pages:
            for part in [p for p in page.parts if p.being is being]:
                page.parts.remove(part)
                if page.thing(being.noun) is None:
                    page.things.append(
                        Thing(being.noun, being.count, being.looks, part.relation, part.target)
                    )
            _point_to_name(page, being)
    taken: set[str] = {being.id for being in company.beings if being.id}
    for being in company.beings:
        if not being.id:
            being.id = _id(being, taken)
            taken.add(being.id)


def _point_to_name(page: Page, being: Being) -> None:
    for part in page.parts:
        part.target = being.noun if part.target is being else part.target
    for thing in page.things:
        thing.target = being.noun if thing.target is being else thing.target


def _id(being: Being, taken: set[str]) -> str:
    text = _name(being) or "someone"
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:50] or "someone"
    id_, n = base, 1
    while id_ in taken:
        n += 1
        id_ = f"{base}-{n}"
    return id_


def _name(being: Being) -> str:
    """Return what the story calls somebody: a name, ``fox``, or ``butterflies`` for several."""
    if being.name or being.label:
        return being.name or being.label
    return plural(being.noun) if being.count > 1 and being.noun else being.noun


def _character(being: Being) -> Character:
    looks = being.looks
    noun = being.noun or ("person" if being.person else being.name.lower())
    person = None
    if being.person:
        age = looks.age or "adult"
        named_noun = {
            ("man", "child"): "boy",
            ("woman", "child"): "girl",
            ("man", "adult"): "man",
            ("woman", "adult"): "woman",
        }
        if noun in ("person", "child", "friend", "twin"):
            noun = named_noun.get((being.sex, age), "child" if age == "child" else noun)
        if (noun, age) == ("captain", "child"):
            noun = "girl" if being.sex == "woman" else "boy"  # the captain of a team, not of a ship
        outfit = OUTFITS.get(noun)
        person = Person(
            gender=being.sex, age=age, hair=looks.hair, skin=looks.skin, clothes=looks.clothes, outfit=outfit
        )
    described: dict[str, Any] = {
        "noun": noun,
        "person": person,
        "colour": looks.colour if not being.person else None,
        "size": looks.size,
        "adjectives": tuple(looks.adjectives[:6]),
        "count": being.count,
        "wears": tuple(looks.wears[:4]),
    }
    given = being.given
    if given is not None:
        # What the front matter says outright stands; the description and the story fill the rest.
        default = Character(id="x", name="x")
        blanks = {k: v for k, v in described.items() if getattr(given, k) == getattr(default, k)}
        return given.model_copy(update=blanks)
    name = _name(being)
    return Character(id=being.id, name=name[:80], **described)


# -------------------------------------------------------------------------------------------------- board
def _board(story: Story, seed: int, pages: list[Page], company: Company) -> Storyboard:
    cast_order = [
        b
        for b in company.beings
        if not b.members and (b.given or any(p.being is b for page in pages for p in page.parts))
    ]
    cast_order = cast_order[:MAX_CAST]
    in_cast = set(map(id, cast_order))
    feelings = direction.moods(pages)
    seen = direction.views(pages)
    moves = direction.cameras(pages, seen)
    entries = direction.transitions(pages, feelings)
    silences = direction.pauses(pages, feelings)
    scenes = []
    for i, page in enumerate(pages):
        parts = [part for part in page.parts if id(part.being) in in_cast]
        speaker = page.speaker if page.speaker is not None and id(page.speaker) in in_cast else None
        scenes.append(
            Scene(
                id=f"s{i + 1:0{max(2, len(str(len(pages))))}d}",
                line=page.text,
                speaker=speaker.id if speaker else None,
                setting=page.setting,
                time=page.time,
                weather=page.weather,
                mood=feelings[i],
                view=seen[i],
                actors=tuple(_actor(part, page, in_cast) for part in _by_weight(parts)[:12]),
                props=tuple(_prop(thing, page, in_cast) for thing in page.things[:12]),
                sounds=direction.sounds(page),
                camera=moves[i],
                transition=entries[i],
                pause=silences[i],
            )
        )
    fields: dict[str, Any] = {
        "title": story.title[:300] or None,
        "language": story.language
        if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", story.language)
        else None,
        "seed": story.seed if story.seed is not None else seed,
        "look": story.look and story.look[:200],
        "aspect": story.aspect,
        "voice": story.voice,
        "author": story.author and story.author[:200],
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return Storyboard(cast=tuple(_character(being) for being in cast_order), scenes=tuple(scenes), **given)


def _by_weight(parts: list[Part]) -> list[Part]:
    """Put who acts before who is only seen, each in the order of the line."""
    return [p for p in parts if p.active] + [p for p in parts if not p.active]


def _place(placed: Part | Thing, page: Page, in_cast: set[int]) -> Place | None:
    target = placed.target
    if placed.relation is None or target is None:
        return None
    if isinstance(target, Being):
        here = id(target) in in_cast and any(part.being is target for part in page.parts)
        return Place(relation=placed.relation, of=target.id) if here else None
    return Place(relation=placed.relation, of=_shown(target, page)[:80])


def _shown(name: str, page: Page) -> str:
    """Return what a thing is called for the illustrator: the wheels of a clock tower are gears."""
    return "gear" if name == "wheel" and page.setting == "tower" else name


def _actor(part: Part, page: Page, in_cast: set[int]) -> Actor:
    return Actor(
        who=part.being.id,
        action=part.action[:80],
        pose=part.pose,
        holds=part.holds,
        feeling=part.feeling,
        place=_place(part, page, in_cast),
    )


def _prop(thing: Thing, page: Page, in_cast: set[int]) -> Prop:
    return Prop(
        name=_shown(thing.name, page)[:80],
        count=max(1, min(24, thing.count)),
        colour=thing.looks.colour,
        size=thing.looks.size,
        adjectives=tuple(thing.looks.adjectives[:6]),
        glows=thing.looks.glows,
        place=None if thing.held else _place(thing, page, in_cast),
    )
