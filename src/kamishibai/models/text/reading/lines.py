"""Read one line after another into scenes: who is there, doing and holding what, where, with which things."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from kamishibai.documents.storyboard import DayTime, Pose, Relation, Setting, Weather
from kamishibai.models.text.reading import verbs
from kamishibai.models.text.reading.adjectives import FEELINGS, Feeling
from kamishibai.models.text.reading.atmosphere import time_of, weather_of
from kamishibai.models.text.reading.beings import Being, Company, is_being
from kamishibai.models.text.reading.clauses import Event, events_of
from kamishibai.models.text.reading.looks import Looks, looks_of
from kamishibai.models.text.reading.nouns import FLIERS, SWIMMERS, kind_of
from kamishibai.models.text.reading.people import OUTFITS
from kamishibai.models.text.reading.phrases import Phrase, chunks_of
from kamishibai.models.text.reading.places import PARTS, SHELTERED
from kamishibai.models.text.reading.setting import is_place, place_in
from kamishibai.models.text.reading.tokens import sentences_of, tag

__all__ = ["Page", "Part", "Reader", "Thing"]

_RELATIONS: dict[str, Relation] = {
    "on": "on", "onto": "on", "upon": "on", "on top of": "on", "atop": "on", "against": "beside", "at the top of": "on",
    "to the top of": "on", "on the back of": "on", "under": "under", "underneath": "under", "beneath": "under",
    "below": "under", "from under": "under", "in the shade of": "under", "in": "in", "inside": "in", "into": "in",
    "within": "in", "inside of": "in", "out of": "in", "beside": "beside", "next to": "beside", "by": "beside",
    "near": "near", "at": "near", "close to": "near", "around": "near", "round": "near", "outside": "near",
    "at the foot of": "near", "behind": "behind", "from behind": "behind", "in front of": "before", "before": "before",
    "opposite": "before", "above": "above", "over": "above", "between": "between", "among": "between",
    "amongst": "between", "through": "near", "by the side of": "beside", "at the side of": "beside", "past": "near",
    "along": "near", "down": "on", "up": "on", "aboard": "in", "to": "near", "up to": "near", "towards": "near",
    "toward": "near", "from": "near",
}  # fmt: skip
_PART_OF = {
    "branch": "tree", "bough": "tree", "trunk": "tree", "twig": "tree", "treetop": "tree", "windowsill": "window",
    "doorstep": "door", "doorway": "door", "sill": "window", "bookshelf": "shelf", "bookcase": "shelf", "roofs": "roof",
    "rooftop": "roof", "cloud": "cloud", "stair": "stairs", "steps": "stairs",
}  # fmt: skip
_GROUND = frozenset(
    [
        "ground",
        "floor",
        "grass",
        "air",
        "sky",
        "world",
        "water",
        "snow",
        "earth",
        "sand",
        "middle",
        "edge",
        "side",
        "way",
        "home",
        "room",
        "ice",
        "surface",
    ]
)
_VIVID: tuple[Pose, ...] = ("stand", "walk", "sit", "run", "dance", "jump", "swim", "lie", "fly")
_TRINKETS = frozenset(["tear", "string", "step", "way", "shadow", "drop", "hole", "crack", "smoke", "steam"])
_SINGLE = frozenset(["moon", "sun", "sky", "rainbow"])
_HOVERS = frozenset(
    "bee butterfly bumblebee moth dragonfly firefly ladybug ladybird hummingbird wasp fairy".split(" ")
)
_PLAYED = "instrument"
_NEVER = frozenset(
    [
        "thing",
        "way",
        "place",
        "world",
        "time",
        "end",
        "side",
        "name",
        "word",
        "voice",
        "story",
        "hundred",
        "magic",
        "light",
        "sound",
        "bit",
        "piece",
        "color",
        "colour",
        "nothing",
        "everything",
        "something",
        "anything",
        "none",
        "one",
        "other",
        "string",
        "glimmer",
    ]
)


@dataclass(eq=False)
class Part:
    """What one being does in one scene."""

    being: Being
    action: str = ""
    pose: Pose = "stand"
    holds: str | None = None
    feeling: Feeling = "neutral"
    relation: Relation | None = None
    target: Being | str | None = None
    active: bool = False
    seen_far: bool = False
    """Only seen or spoken to by another, so less important."""


@dataclass(eq=False)
class Thing:
    """A thing in one scene."""

    name: str
    count: int = 1
    looks: Looks = field(default_factory=Looks)
    relation: Relation | None = None
    target: Being | str | None = None
    held: bool = False
    age: int = 0
    """How many scenes ago the story last spoke of it."""
    counted: bool = False


@dataclass(eq=False)
class Page:
    """One line as read, before it is staged."""

    number: int
    text: str
    narrated: str
    """The line in small letters without what is only said, compared or wished."""
    setting: Setting = "meadow"
    time: DayTime = "day"
    weather: Weather = "clear"
    moved: bool = False
    speaker: Being | None = None
    parts: list[Part] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def part(self, being: Being) -> Part:
        """Return the part of `being`, new if it had none."""
        for part in self.parts:
            if part.being is being:
                return part
        self.parts.append(Part(being))
        return self.parts[-1]

    def thing(self, name: str) -> Thing | None:
        """Return the thing of that name, if it is there."""
        return next((t for t in self.things if t.name == name), None)


class Reader:
    """Reads a story's lines in order, carrying place, time, weather, people and things from one to the next."""

    def __init__(
        self, company: Company, names: frozenset[str], start: Setting | None, can_draw: Callable[[str], bool]
    ) -> None:
        self.company = company
        self.names = names
        self.can_draw = can_draw
        self.setting: Setting | None = None
        self.start = start
        self.time: DayTime = "day"
        self.weather: Weather = "clear"
        self.known: dict[str, Thing] = {}
        self.held: dict[Being, str] = {}
        self.last_thing: str | None = None
        self.before: Page | None = None
        self.undrawn: dict[str, int] = {}
        self.alias: dict[int, Being] = {}
        """Phrases that name somebody known: the penguin of "Pip was a penguin who …"."""
        self.homes: dict[str, Setting] = {}
        """Where things that stay put were last seen."""
        self.visited: set[Setting] = set()
        self.pending: tuple[DayTime | None, Weather | None] = (None, None)

    # ---------------------------------------------------------------------------------------- one line
    def read(self, text: str, number: int, speaker: str | None, all_said: bool) -> Page:
        """Return the page for one line. `all_said`: the whole line is speech, as in a play."""
        page = Page(number, text, "" if all_said else _narrated(text))
        for raw in sentences_of(text):
            page.events += events_of(chunks_of(tag(raw, self.names)))
        if all_said:
            for event in page.events:
                event.quoted = True
        self._where_and_when(page)
        for event in page.events:
            if not event.quoted:
                self._event(page, event)
        if speaker is not None:
            self._speaker(page, speaker, all_said)
        self._carry_over(page)
        self.before = page
        return page

    def _where_and_when(self, page: Page) -> None:
        time, weather = self.pending
        self.time, self.weather = time or self.time, weather or self.weather
        told, _, after = page.narrated.partition(" until ")
        self.pending = (time_of(after), weather_of(after)) if after else (None, None)
        time, weather = time_of(told), weather_of(told)
        setting = place_in(page.events, self.setting, frozenset(self.visited)) or self._back_home(page)
        page.moved = setting is not None and setting != self.setting
        first = self.setting is None
        self.setting = setting or self.setting or self.start or "meadow"
        if time is not None and time != self.time:
            if weather is None and self.weather in ("rain", "wind", "fog", "storm", "snow"):
                self.weather = "clear"  # another hour, another sky
            self.time = time
            page.moved = True
        self.weather = weather or self.weather
        page.moved = page.moved or first
        page.setting, page.time = self.setting, self.time
        self.visited.add(page.setting)
        page.weather = "clear" if page.setting in SHELTERED else self.weather

    def _back_home(self, page: Page) -> Setting | None:
        """Return the setting of something that stays put ("on the biggest wheel") when the line goes back to it."""
        for event in page.events:
            if event.quoted or event.unreal:
                continue
            for prep, phrase in event.around:
                home = self.homes.get(phrase.head)
                if (
                    home is not None
                    and phrase.article == "the"
                    and prep in ("on", "in", "under", "between", "behind", "beside")
                ):
                    return home
        return None

    # ------------------------------------------------------------------------------------------ events
    def _event(self, page: Page, event: Event) -> None:
        actors = self._who(page, event)
        subject_things = self._subject_things(page, event)
        if not event.later:
            for being in actors:
                self._act(page, event, being)
        objects = self._objects(page, event, actors)
        if not event.later:
            self._around(page, event, actors, [*objects, *subject_things])
        self._change_hands(page, event, actors)

    def _who(self, page: Page, event: Event) -> list[Being]:
        """Return the beings that are the subject of `event`."""
        found: list[Being] = []
        named = [p for p in event.subjects if p.kind == "name" or p.name]
        for phrase in event.subjects:
            if phrase.negated or phrase.quoted:
                continue
            twins = phrase.kind == "noun" and phrase.head in ("twin", "twins", "triplet") and len(named) > 1
            if twins:
                continue  # "the twins Nia and Theo": the names follow
            found += self._beings(page, phrase, event, subject=True)
        heads = [p.head for p in event.subjects if p.kind == "noun"]
        if len(named) > 1 and any(h in ("twin", "twins", "triplet") for h in heads):
            first = next(p for p in event.subjects if p.head in ("twin", "twins", "triplet"))
            if first.name:
                own = Phrase(head=first.name.lower(), kind="name", name=first.name)
                found = [self.company.meet(own, page.number, True), *found]
            found = list(dict.fromkeys(found))
            self.company.group("twin", found)
        return list(dict.fromkeys(found))

    def _beings(self, page: Page, phrase: Phrase, event: Event | None, subject: bool) -> list[Being]:
        """Return who `phrase` means: none when it is no being."""
        company, number = self.company, page.number
        if id(phrase) in self.alias:
            being = self.alias[id(phrase)]
            company.mention(being, number, subject)
            return [being]
        if phrase.kind == "pronoun":
            found = self._pronoun(phrase.head, event, number, subject)
            for being in found:
                company.mention(being, number, subject)
            return found
        if self._present_owner(phrase) and phrase.owner is not None:
            return self._beings(page, phrase.owner, event, subject)
        if "whole" in phrase.adjectives and is_place(phrase) and subject:
            phrase = Phrase(head="people", plural=True, article="the")  # "the whole station was dancing"
        if not is_being(phrase, company.alive):
            return []
        several = self._several(phrase, number)
        if several:
            return several
        being = company.meet(phrase, number, subject)
        for prep, more in phrase.says_more:
            if prep == "with":
                self._brought(page, being, more)
        return being.everyone()

    def _several(self, phrase: Phrase, number: int) -> list[Being]:
        """Return who "the musicians" or "his friends" are when they were met one by one."""
        collective = ("musician", "friend", "player", "animal", "creature", "companion", "traveller", "hero")
        if (
            not phrase.plural
            or phrase.head not in collective
            or phrase.article not in ("the", "all", "his", "her", "their", "these")
        ):
            return []
        if any(b.noun == phrase.head and b.count > 1 for b in self.company.beings):
            return []
        found = self.company.everybody(number)
        if phrase.head in ("musician", "player"):
            found = [b for b in found if kind_of(self.held.get(b, "")) == "instrument"] or found
        elif phrase.head in ("animal", "creature"):
            found = [b for b in found if not b.person]
        if phrase.owner is not None and phrase.article in ("his", "her"):
            owner = self.company.he_or_she(phrase.owner.head)
            found = [b for b in found if b is not owner]
            return found
        for being in found if len(found) > 1 else []:
            self.company.mention(being, number, True)
        return found if len(found) > 1 else []

    def _pronoun(self, head: str, event: Event | None, number: int, subject: bool) -> list[Being]:
        company = self.company
        if head in ("he", "she"):
            being = company.he_or_she(head)
            return [being] if being else []
        if head == "they":
            if not subject and self.last_thing and self.known[self.last_thing].count > 1:
                return []
            return company.they(number)
        if head in ("everyone", "everybody"):
            return company.everybody(number)
        if head == "it" and event is not None and subject:
            weathery = event.verb in (
                "rain",
                "snow",
                "be",
                "seem",
                "thunder",
                "become",
                "get",
                "grow",
                "pour",
                "drizzle",
            )
            if weathery or (event.verb == "begin" and self.last_thing):
                return []
            being = company.it()
            if being is not None and being.kind == "thing":
                return [being]
            thing_later = (
                self.last_thing is not None
                and event.verb not in verbs.ANIMATE
                and event.verb not in verbs.MOTION
            )
            return [being] if being and not thing_later else []
        if head in ("i", "we"):
            me = company.meet(Phrase(head="narrator", kind="name", name="I"), number, True)
            if not me.noun:
                me.noun, me.kind = "child", "person"
                me.looks.age = "child"
            return [me] if head == "i" else list(dict.fromkeys([me, *company.they(number)]))
        return []

    def _present_owner(self, phrase: Phrase) -> bool:
        """Say whether ``Theo's hand`` puts Theo in the picture: a body, a voice or a feast does, a house does not."""
        return phrase.owner is not None and not phrase.negated and (
            kind_of(phrase.head) in ("body", "sound", "event") and phrase.head not in ("picture",)
        )  # fmt: skip

    def _act(self, page: Page, event: Event, being: Being) -> None:
        part = page.part(being)
        if event.unreal or event.negated:
            if not event.unreal and event.verb not in ("", "be"):
                part.active = True
            return
        being.acts += 1
        part.active = True
        pose = self._pose(event, being, page)
        vivid = _VIVID.index(pose) >= _VIVID.index(part.pose)
        landed = event.verb in ("land", "perch", "settle", "fall", "stop", "sit") and part.pose in (
            "fly",
            "run",
            "walk",
            "jump",
        )
        if event.verb and (not part.action or (vivid and pose != part.pose)):
            part.action = event.form
        if vivid or landed:
            part.pose = pose
        feeling = self._feeling(event)
        if feeling != "neutral":
            part.feeling = feeling
        if feeling == "asleep" and part.pose in ("stand", "walk"):
            part.pose = "lie"
        if event.verb == "be" and event.objects and event.objects[0].kind == "noun":
            self.company.describe(being, event.objects[0])
            self.alias[id(event.objects[0])] = being
        if event.verb in verbs.WEARS:
            for thing in event.objects:
                fake = Phrase(says_more=[("in", thing)])
                being.looks.add(looks_of(fake, being.person))

    def _pose(self, event: Event, being: Being, page: Page) -> Pose:
        pose = verbs.POSES.get(event.verb, "stand")
        if event.verb == "fly" and event.objects:
            return "stand"  # a kite, a plane
        if event.verb == "go" and event.form == "go":
            pose = "stand" if any(prep == "of" for prep, _ in event.around) else pose  # "let go of"
        if event.verb == "wait" and being.noun in _HOVERS:
            return "fly"
        prepositions = {prep for prep, _ in event.around}
        flier, swimmer = being.noun in FLIERS, being.noun in SWIMMERS
        if event.verb == "play" and event.objects:
            pose = "stand"
        if event.verb in (
            "sing",
            "cheer",
            "celebrate",
            "perform",
            "bring",
            "carry",
            "push",
            "pull",
            "drag",
            "paint",
            "write",
        ):
            pose = "stand" if event.verb not in ("bring", "carry") else pose
        if event.verb == "fall":
            asleep = "asleep" in event.adjectives or "asleep" in event.adverbs
            pose = "lie" if asleep or "down" in event.adverbs else "jump"
        if (
            event.verb in ("rise", "climb", "float", "drift", "sail", "circle", "glide", "descend", "ascend")
            and pose == "fly"
        ):
            airborne = (
                flier
                or being.kind == "thing"
                or being.noun in ("ghost", "balloon")
                or "air" in str(event.around)
            )
            pose = "fly" if airborne else "swim" if page.setting == "underwater" else "stand"
        if event.verb == "glide" and page.setting == "underwater":
            return "swim"
        if event.verb == "lay" or (event.verb == "lie" and event.objects):
            pose = "stand"
        if (
            swimmer
            and pose in ("walk", "run", "fly", "stand", "jump")
            and page.setting in ("sea", "underwater", "river", "ship", "beach")
        ):
            pose = "jump" if pose == "jump" and page.setting != "underwater" else "swim"
        if (
            flier
            and pose in ("walk", "run")
            and event.verb not in ("walk", "hop", "waddle", "march", "tiptoe", "crawl", "strut")
        ):
            pose = "fly"
        if event.verb in ("wait", "rest", "settle", "perch") and (
            flier or ("in" not in prepositions and "on" not in prepositions)
        ):
            pose = "stand" if event.verb in ("wait", "perch") or flier else pose
        if page.setting == "underwater" and pose in ("walk", "run", "fly"):
            pose = "swim"
        return pose

    def _feeling(self, event: Event) -> Feeling:
        for word in [*event.adjectives, *event.adverbs]:
            if word in FEELINGS:
                return FEELINGS[word]
            if word.removesuffix("ly") in FEELINGS:
                return FEELINGS[word.removesuffix("ly")]
        if event.verb == "feel" or event.verb == "be":
            return "neutral"
        if event.verb in ("shake", "dance", "hide") and event.objects:
            return "neutral"
        return verbs.FEELS.get(event.verb, "neutral")

    # ------------------------------------------------------------------------------------------ things
    def _subject_things(self, page: Page, event: Event) -> list[Thing]:
        things: list[Thing] = []
        for phrase in event.subjects:
            if not phrase.quoted and not phrase.negated and not event.unreal and not event.later:
                if phrase.kind == "pronoun" and phrase.head in ("it", "they") and self.last_thing:
                    idle = event.verb not in verbs.ANIMATE and event.verb not in (
                        "be",
                        "rain",
                        "snow",
                        "begin",
                        "seem",
                        "become",
                        "get",
                    )
                    if idle and not any(p.active for p in page.parts[-1:]):
                        thing = self._see_thing(page, Phrase(head=self.last_thing))
                        things += [thing] if thing else []
                    continue
                thing = self._see_thing(page, phrase)
                if thing is not None:
                    things.append(thing)
                    if event.verb in (
                        "glow",
                        "shine",
                        "flicker",
                        "burn",
                        "gleam",
                        "blaze",
                        "twinkle",
                        "glimmer",
                    ):
                        thing.looks.glows = True
                        self.known[thing.name].looks.glows = True
                    if event.verb in verbs.MOTION:
                        for being in [b for b, name in self.held.items() if name == thing.name]:
                            del self.held[being]
                    if event.verb == "go" and "out" in event.adverbs:
                        thing.looks.glows = False
        return things

    def _objects(self, page: Page, event: Event, actors: list[Being]) -> list[Thing]:
        things: list[Thing] = []
        if event.unreal or event.later:
            return things
        # "wanted a kite": what is wished for is not there; "loved the sea" says nothing of where they are.
        absent = event.verb in verbs.MENTAL and event.verb not in ("learn", "mean")
        for phrase in event.objects:
            if phrase.negated or phrase.quoted or absent or (event.verb == "be" and actors):
                continue
            for being in self._beings(page, phrase, event, subject=False):
                part = page.part(being)
                part.seen_far = part.seen_far or not part.active
                self._place_from(page, part, phrase)
                if (
                    being.noun in FLIERS
                    and not part.active
                    and any(p.head in ("sky", "air") for _, p in phrase.says_more)
                ):
                    part.pose = "fly"
            thing = self._see_thing(page, phrase)
            if thing is not None:
                things.append(thing)
                for prep, more in phrase.says_more:
                    self._put(page, thing, prep, more)
        return things

    def _see_thing(self, page: Page, phrase: Phrase) -> Thing | None:
        """Put what `phrase` names among the things of the page, if it is a thing that can be drawn."""
        if phrase.negated or phrase.quoted:
            return None
        if phrase.kind == "pronoun":
            if phrase.head in ("it", "they") and self.last_thing:
                return self._see_thing(page, Phrase(head=self.last_thing))
            return None
        if phrase.kind != "noun" or is_being(phrase, self.company.alive):
            return None
        name = self._drawable(phrase, page.number)
        if name is None:
            return None
        looks = looks_of(phrase, False)
        remembered = self.known.get(name)
        count = 1 if name in _SINGLE else max(1, min(24, phrase.count))
        if remembered is None or (
            phrase.article in ("another", "a", "an") and (looks.colour or remembered.count != count)
        ):
            remembered = Thing(name, count, looks, counted=phrase.counted)
            self.known[name] = remembered
        else:
            remembered.looks.add(looks)
            if phrase.counted or (count > 1 and remembered.count == 1 and not phrase.article):
                remembered.count = count
        self.last_thing = name
        thing = page.thing(name)
        if thing is None or (looks.colour and thing.looks.colour and looks.colour != thing.looks.colour):
            copy = Looks()
            copy.add(remembered.looks)
            thing = Thing(name, remembered.count, copy)
            page.things.append(thing)
        thing.looks.add(looks)
        return thing

    def _drawable(self, phrase: Phrase, number: int) -> str | None:
        """Return the name under which `phrase` can be drawn, or None for what cannot be seen."""
        head = phrase.head
        kind = kind_of(head)
        if (
            head in _NEVER
            or head in _TRINKETS
            or kind in ("time", "weather", "abstract", "event", "sound", "part", "matter", "body")
        ):
            return None
        if phrase.of is not None and not phrase.of.article and self.can_draw(f"{head} of {phrase.of.head}"):
            return f"{head} of {phrase.of.head}"
        if kind == "scenery" or (kind == "unknown" and is_place(phrase)):
            return head if False else None
        both = phrase.words()
        if phrase.modifiers and self.can_draw(both) and kind != "building":
            return both
        if self.can_draw(head):
            return head
        if kind != "unknown" or not phrase.owner:
            self.undrawn.setdefault(both, number)
        return None

    def _put(self, page: Page, thing: Thing, prep: str, phrase: Phrase) -> None:
        """Note that `thing` is *prep* whatever `phrase` names."""
        relation = _RELATIONS.get(prep)
        if relation is None or thing.relation is not None:
            return
        target = self._target(page, phrase, thing.name)
        if target is not None:
            thing.relation, thing.target = relation, target

    def _place_from(self, page: Page, part: Part, phrase: Phrase) -> None:
        for prep, more in phrase.says_more:
            if prep in ("with", "of") or part.relation is not None:
                continue
            relation = _RELATIONS.get(prep)
            target = self._target(page, more, "") if relation else None
            if relation and target is not None and target is not part.being:
                part.relation, part.target = relation, target

    def _target(self, page: Page, phrase: Phrase, own: str) -> Being | str | None:
        """Return what `phrase` names as a place for others: a being, a thing, or a part of the scenery."""
        if phrase.quoted or phrase.negated:
            return None
        if phrase.kind == "pronoun" and phrase.head == "it" and self.last_thing and self.last_thing != own:
            thing = self._see_thing(page, Phrase(head=self.last_thing))
            return thing.name if thing else None
        if phrase.owner is not None and kind_of(phrase.head) == "body":
            found = self._beings(page, phrase.owner, None, subject=False)
            for being in found:
                page.part(being)
            return found[0] if found else None
        beings = self._beings(page, phrase, None, subject=False)
        if beings:
            part = page.part(beings[0])
            part.seen_far = part.seen_far or not part.active
            return beings[0]
        name = _PART_OF.get(phrase.head, phrase.head)
        if name in _GROUND or phrase.kind != "noun":
            return None
        if name in PARTS[page.setting]:
            return name
        place = is_place(phrase)
        if place is not None and (
            (kind_of(phrase.head) == "scenery" and name == phrase.head) or place.setting == page.setting
        ):
            return None
        shown = self._see_thing(page, Phrase(head=name, adjectives=phrase.adjectives, modifiers=phrase.modifiers, count=phrase.count,
                                             article=phrase.article, plural=phrase.plural, of=phrase.of))  # fmt: skip
        return shown.name if shown else None

    # ------------------------------------------------------------------------------------ prepositions
    def _around(self, page: Page, event: Event, actors: list[Being], things: list[Thing]) -> None:
        if event.unreal:
            return
        for prep, phrase in event.around:
            if (
                phrase.negated
                or (prep == "for" and event.verb in verbs.REACH_FOR)
                or prep in ("about", "instead of")
            ):
                continue
            if prep in ("at", "for", "during") and kind_of(phrase.head) == "time":
                continue
            if prep == "with":
                self._with(page, event, actors, phrase)
                continue
            if prep == "of" and self._present_owner(phrase):
                for being in self._beings(page, phrase, None, subject=False):
                    page.part(being)
                continue
            relation = _RELATIONS.get(prep)
            if (
                prep in ("over", "across")
                and phrase.head in ("bridge", "hill", "roof")
                and event.verb not in ("fly", "jump", "leap")
            ):
                relation = "on"
            if relation is None:
                if prep in ("for", "after", "with", "against", "across", "off"):
                    self._beings(page, phrase, None, subject=False)
                continue
            hangs_on_object = any(p is phrase for o in event.objects for _, p in o.says_more)
            movable = [t for t in things if t.relation is None]
            if hangs_on_object and event.verb not in verbs.MOTION:
                continue  # placed with its object already
            target = self._target(page, phrase, "")
            if target is None:
                continue
            for being in actors:
                part = page.part(being)
                if (
                    part.relation is None
                    and target is not being
                    and not (isinstance(target, Being) and target in actors)
                ):
                    part.relation, part.target = relation, target
                    if (
                        part.pose == "fly"
                        and relation == "on"
                        and event.verb in ("land", "perch", "sit", "settle")
                    ):
                        part.pose = "stand"
            if not actors:
                for thing in movable:
                    if target != thing.name:
                        thing.relation, thing.target = relation, target

    def _with(self, page: Page, event: Event, actors: list[Being], phrase: Phrase) -> None:
        beings = self._beings(page, phrase, None, subject=False)
        for being in beings:
            page.part(being)
        if not beings and actors:
            self._brought(page, actors[0], phrase)

    def _brought(self, page: Page, being: Being, phrase: Phrase) -> None:
        """``with a candle``: what is not worn or part of the body is in the hand."""
        if kind_of(phrase.head) in ("body", "clothes") or phrase.negated:
            return
        if is_being(phrase, self.company.alive):
            for other in self._beings(page, phrase, None, subject=False):
                part = page.part(other)
                if part.relation is None and not part.active:
                    part.relation, part.target = "beside", being
            return
        if any(phrase.head in worn for worn in being.looks.wears):
            return
        thing = self._see_thing(page, phrase)
        if thing is not None and kind_of(thing.name.split(" ")[-1]) not in (
            "furniture",
            "building",
            "vehicle",
            "nature",
        ):
            self._hold(page, being, thing)

    def _hold(self, page: Page, being: Being, thing: Thing) -> None:
        for other, name in list(self.held.items()):
            if name == thing.name and other is not being and thing.count == 1:
                del self.held[other]
                for part in page.parts:
                    if part.being is other and part.holds == name:
                        part.holds = None
        self.held[being] = thing.name
        part = page.part(being)
        part.holds = thing.name
        thing.held = True
        thing.relation = thing.target = None

    def _change_hands(self, page: Page, event: Event, actors: list[Being]) -> None:
        """Follow who picks up, plays, gives and drops what."""
        if event.unreal or event.negated or event.later or not actors:
            return
        named = [t for p in event.objects if (t := self._thing_of(page, p)) is not None]
        receivers = [b for p in event.objects for b in self._receiver(page, p)]
        receivers += [b for prep, p in event.around if prep in ("to", "for") for b in self._receiver(page, p)]
        actor = actors[0]
        if event.verb in ("give", "hand", "offer", "lend", "pass", "bring", "throw") and receivers and named:
            self._hold(page, receivers[0], named[-1])
        elif event.verb in ("play", "fly") or event.verb in verbs.HOLD:
            hand = [
                t
                for t in named
                if kind_of(t.name.split(" ")[-1]) not in ("furniture", "building", "vehicle", "nature")
            ]
            if event.verb in ("play", "fly"):
                hand = [t for t in hand if kind_of(t.name) in (_PLAYED, "thing")]
            if event.verb == "read" and not hand:
                return
            if (hand and hand[0].looks.size != "huge") or (hand and event.verb in ("hold", "carry")):
                self._hold(page, actor, hand[0])
        elif event.verb in verbs.DROP:
            dropped = [t.name for t in named]
            for being in actors:
                if self.held.get(being) in dropped:
                    del self.held[being]
                    page.part(being).holds = None
                    for thing in named:
                        thing.held = False
        elif event.verb == "let" and self.held.get(actor):
            del self.held[actor]

    def _thing_of(self, page: Page, phrase: Phrase) -> Thing | None:
        if phrase.negated or phrase.quoted:
            return None
        if phrase.kind == "pronoun":
            return page.thing(self.last_thing) if phrase.head in ("it", "they") and self.last_thing else None
        for name in (phrase.words(), phrase.head, f"{phrase.head} of {phrase.of.head}" if phrase.of else ""):
            thing = page.thing(name)
            if thing is not None:
                return thing
        return None

    def _receiver(self, page: Page, phrase: Phrase) -> list[Being]:
        if phrase.kind == "pronoun" and phrase.head == "it":
            return []
        if phrase.kind == "pronoun" or is_being(phrase, self.company.alive):
            return self._beings(page, phrase, None, subject=False)
        return []

    # --------------------------------------------------------------------------------------- continuity
    def _speaker(self, page: Page, name: str, all_said: bool) -> None:
        """Find who says the line, and put him or her in the picture."""
        plain = re.sub(r"^(?:the|a|an)\s+", "", name.strip(), flags=re.I)
        low = plain.lower()
        found: list[Being] = []
        if low in ("he", "she", "they", "i", "it"):
            saying = next(
                (e for e in page.events if e.verb in verbs.SAY and not e.quoted and e.subjects), None
            )
            if saying is not None:
                active = [p.being for p in page.parts if p.active]
                found = active[:1]
            found = found or self._pronoun(low, None, page.number, True)[:1]
        elif plain[:1].isupper() and name == plain:
            found = [
                self.company.meet(Phrase(head=low.split()[-1], kind="name", name=plain), page.number, True)
            ]
        else:
            tokens = tag(sentences_of(name)[0], self.names) if sentences_of(name) else []
            phrases = [c.phrase for c in chunks_of(tokens) if c.phrase is not None]
            if phrases and (all_said or is_being(phrases[0], self.company.alive)):
                found = [self.company.meet(phrases[0], page.number, True)]
        if found:
            page.speaker = found[0]
            found[0].acts += 1
            part = page.part(found[0])
            part.active = True
            part.action = part.action or "says"

    def _carry_over(self, page: Page) -> None:
        """Keep in the picture what a reader still sees there though the line does not say it again."""
        before = self.before
        same_place = (
            before is not None
            and before.setting == page.setting
            and not (page.moved and before.time != page.time)
        )
        spoken_only = not page.narrated.strip(" .,!?;:'-")
        if before is not None and same_place:
            if not page.parts and self.time == before.time:
                for part in before.parts[:3]:
                    page.parts.append(
                        Part(
                            part.being,
                            pose="sit" if part.pose in ("sit", "lie") else "stand",
                            feeling=part.feeling,
                        )
                    )
            elif page.speaker is not None and len(list(page.parts)) == 1:
                other = next((p for p in before.parts if p.being is not page.speaker and p.active), None)
                if other is not None:
                    page.parts.append(
                        Part(
                            other.being,
                            pose="sit" if other.pose in ("sit", "lie") else "stand",
                            feeling=other.feeling,
                        )
                    )
            for thing in before.things:
                fresh = thing.age < 2 and not thing.held and page.thing(thing.name) is None
                lasting = kind_of(thing.name.split(" ")[-1]) in (
                    "furniture",
                    "building",
                    "vehicle",
                    "plant",
                    "thing",
                    "nature",
                    "food",
                )
                if fresh and lasting and len(page.things) < 5 and not self._is_gone(page, thing.name):
                    target = thing.target if isinstance(thing.target, str) else None
                    page.things.append(
                        Thing(
                            thing.name,
                            thing.count,
                            thing.looks,
                            thing.relation if target else None,
                            target,
                            age=thing.age + 1,
                        )
                    )
        for part in page.parts:
            if part.holds is None and part.being in self.held and part.feeling != "asleep":
                name = self.held[part.being]
                if page.thing(name) is None and name in self.known:
                    known = self.known[name]
                    page.things.append(Thing(name, known.count, known.looks, held=True))
                carried = page.thing(name)
                if carried is not None and (carried.held or carried.relation is None):
                    part.holds, carried.held = name, True
        for being in [b for b, name in self.held.items() if kind_of(name.split(" ")[-1]) == "food"]:
            del self.held[being]  # what is eaten does not last
        for thing in page.things:
            if not thing.held and kind_of(thing.name.split(" ")[-1]) in (
                "furniture",
                "building",
                "thing",
                "plant",
            ):
                self.homes[thing.name] = page.setting
        if before is not None and not same_place:
            # What was left behind stays behind; what is carried comes along.
            self.last_thing = self.last_thing if page.things else None

    def _is_gone(self, page: Page, name: str) -> bool:
        for event in page.events:
            if event.verb in verbs.GONE and not event.unreal:
                if any(p.head == name for p in [*event.subjects, *event.objects]):
                    return True
        return name.split(" ")[-1] in OUTFITS


def _narrated(text: str) -> str:
    """Return `text` in small letters without quoted words and similes."""
    text = re.sub(r"[“\"«„][^“”\"«»„]*[”\"»“]?", " ", text)
    text = re.sub(r"\b(?:like|as \w+ as|than) (?:a|an|the|one)(?: \w+){1,2}", " ", text)
    text = re.sub(
        r"\b(?:dream(?:ed|t|s|ing)?|thought|think|thinking|sang|song|told|stor(?:y|ies)|wish(?:ed)?|long(?:ed)?) (?:of|about|for) [^.,;!?]*",
        " ",
        text,
        flags=re.I,
    )
    text = re.sub(r"\bgood ?night\b", " ", text, flags=re.I)
    return " ".join(text.lower().split())
