"""Read one line after another into pages, carrying place, time, weather, people and things along."""

from __future__ import annotations

import re

from kamishibai.documents.storyboard import Pose, Setting
from kamishibai.models.text.reading import verbs
from kamishibai.models.text.reading.atmosphere import time_of, weather_of
from kamishibai.models.text.reading.beings import Being, is_being
from kamishibai.models.text.reading.clauses import Event, events_of
from kamishibai.models.text.reading.hands import HandReader
from kamishibai.models.text.reading.nouns import FLIERS
from kamishibai.models.text.reading.pages import Page, Part, Thing, narrated, thing_kind
from kamishibai.models.text.reading.people import OUTFITS, gender_of_name
from kamishibai.models.text.reading.phrases import Phrase, chunks_of
from kamishibai.models.text.reading.places import SHELTERED
from kamishibai.models.text.reading.poses import feeling_of, pose_of
from kamishibai.models.text.reading.setting import place_in
from kamishibai.models.text.reading.tagging import tag
from kamishibai.models.text.reading.tokens import sentences_of

__all__ = ["Reader"]

_VIVID: tuple[Pose, ...] = ("stand", "walk", "sit", "run", "dance", "jump", "swim", "lie", "fly")


def _stays(part: Part) -> Part:
    """Return what somebody does in a scene who was in the one before and is not spoken of."""
    abed = part.pose == "lie" and part.target == "bed"
    stayed = Part(part.being, pose="sit" if part.pose in ("sit", "lie") else "stand", feeling=part.feeling)
    if abed:
        stayed.pose, stayed.relation, stayed.target = "lie", part.relation, part.target
    return stayed


class Reader(HandReader):
    """Reads a story's lines in order."""

    def read(self, text: str, number: int, speaker: str | None, all_said: bool) -> Page:
        """Return the page for one line. `all_said`: the whole line is speech, as in a play."""
        page = Page(number, text, "" if all_said else narrated(text), clock=self.clock)
        for raw in sentences_of(text):
            page.events += events_of(chunks_of(tag(raw, self.names)))
        if all_said:
            for event in page.events:
                event.quoted = True
        self._where_and_when(page)
        for event in page.events:
            if not event.quoted:
                self._event(page, event)
        self.doing = []
        if speaker is not None:
            self._speaker(page, speaker, all_said)
        # A line that tells of nobody and nothing ("Nobody knew why.") shows what was there before it, and lets no time
        # pass: what comes after it is read as if it were not there.
        page.told = page.moved or bool(page.parts or page.things)
        self._carry_over(page)
        if page.told:
            self.before = page
            self.clock += 1
        return page

    def _where_and_when(self, page: Page) -> None:
        time, weather = self.pending
        self.time, self.weather = time or self.time, weather or self.weather
        told, _, after = page.narrated.partition(" until ")
        self.pending = (time_of(after), weather_of(after)) if after else (None, None)
        time, weather = time_of(told), weather_of(told)
        setting = place_in(page.events, self.setting, frozenset(self.visited)) or self._back_home(page)
        if setting is None and self.setting is None:
            setting = self.start or place_in(page.events, None, least=1.0)
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
        page.arrives = time is not None or place_in(page.events, None) is not None
        page.setting, page.time = self.setting, self.time
        self.visited.add(page.setting)
        page.weather = "clear" if page.setting in SHELTERED else self.weather

    def _back_home(self, page: Page) -> Setting | None:
        """Return the setting of something that stays put ("on the biggest wheel") when the line goes back to it."""
        for event in page.events:
            if event.quoted or event.unreal:
                continue
            handled = event.verb in (
                "light",
                "ring",
                "open",
                "close",
                "climb",
                "wind",
                "mend",
                "repair",
                "polish",
            )
            for prep, phrase in [*event.around, *(("on", p) for p in event.objects if handled)]:
                home = self.homes.get(phrase.head)
                if (
                    home is not None
                    and phrase.article == "the"
                    and prep in ("on", "in", "under", "between", "behind", "beside")
                ):
                    return home
        return None

    def _naming(self, event: Event) -> bool:
        """Take in "his name was Bolt" and "the robot was called Bolt"; say whether it was that."""
        names = [p for p in event.objects if p.name]
        if not names or not event.subjects:
            return False
        subject = event.subjects[0]
        owner = subject.owner if subject.head == "name" else None
        called = event.passive and event.verb in ("call", "name") and subject.kind != "name"
        if owner is None and not called:
            return False
        who = owner if owner is not None else subject
        being = self.company.he_or_she(who.head) if who.head in ("he", "she") else None
        if who.head == "it":
            being = self.company.it()
        if being is None and is_being(who, self.company.alive):
            being = self.company.meet(who, -1, True)
        if who.head == "i":
            being = self._pronoun("i", None, 0, True)[0]
            being.name = being.name.removeprefix("Narrator")
        if being is None or being.name:
            return False
        being.name = names[0].name
        if being.person and being.sex == "neutral":
            being.sex = gender_of_name(being.name)
        self.alias[id(names[0])] = being
        return True

    def _event(self, page: Page, event: Event) -> None:
        if self._naming(event):
            for phrase in event.objects[:1]:
                for being in self._beings(page, phrase, event, subject=True):
                    page.part(being).active = True
            return
        self.doing = []
        actors = self._who(page, event)
        self.doing = actors
        subject_things = self._subject_things(page, event)
        if not event.later:
            for being in actors:
                self._act(page, event, being)
        objects = self._objects(page, event, actors)
        if not event.later:
            self._around(page, event, actors, [*objects, *subject_things])
        for being, phrase in page.brought:
            fed = bool(actors) and event.verb in (
                "feed",
                "hit",
                "tickle",
                "cover",
                "surprise",
                "comfort",
                "chase",
            )
            self._brought(page, actors[0] if fed else being, phrase)
        page.brought.clear()
        self._change_hands(page, event, actors)
        page.brought.clear()

    def _act(self, page: Page, event: Event, being: Being) -> None:
        part = page.part(being)
        if event.unreal or event.negated:
            part.active = part.active or event.verb not in ("", "be")
            being.acts += 1
            return
        being.acts += 1
        part.active = True
        pose = pose_of(event, being, page.setting)
        pose = self._still_flying(page, event, being, pose)
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
        feeling = feeling_of(event, being)
        if feeling != "neutral":
            part.feeling = feeling
        if feeling == "asleep" and part.pose in ("stand", "walk"):
            part.pose = "lie"
        if event.verb == "be" and "bald" in event.adjectives and being.person:
            being.looks.hair = "bald"
        if event.verb == "be" and event.objects and event.objects[0].kind == "noun":
            self.company.describe(being, event.objects[0])
            self.alias[id(event.objects[0])] = being

    def _still_flying(self, page: Page, event: Event, being: Being, pose: Pose) -> Pose:
        """Keep a bird in the air that only looks or speaks there."""
        up = self.before is not None and any(p.being is being and p.pose == "fly" for p in self.before.parts)
        aloft = up and being.noun in FLIERS and page.setting in ("sky", "sea") and pose == "stand"
        return "fly" if aloft and event.verb in verbs.SEE | verbs.SAY | {"be"} else pose

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
            found = found or self._pronoun(low, None, page.clock, True)[:1]
        elif plain[:1].isupper() and name == plain:
            found = [
                self.company.meet(Phrase(head=low.split()[-1], kind="name", name=plain), page.clock, True)
            ]
        else:
            tokens = tag(sentences_of(name)[0], self.names) if sentences_of(name) else []
            phrases = [c.phrase for c in chunks_of(tokens) if c.phrase is not None]
            if phrases and (all_said or is_being(phrases[0], self.company.alive)):
                found = [self.company.meet(phrases[0], page.clock, True)]
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
        stayed_put = before is not None and before.setting == page.setting and not same_place
        if before is not None and stayed_put:
            for thing in before.things:
                if thing_kind(thing.name) == "building" and thing.age < 1 and page.thing(thing.name) is None:
                    page.things.append(Thing(thing.name, thing.count, thing.looks, age=thing.age + 1))
        if before is not None and same_place:
            if not page.parts and self.time == before.time:
                for part in before.parts[:3]:
                    page.parts.append(_stays(part))
            elif page.speaker is not None and len(list(page.parts)) == 1:
                others = [p for p in before.parts if p.being is not page.speaker]
                other = next((p for p in others if p.active), others[0] if others else None)
                if other is not None:
                    page.parts.append(_stays(other))
            for thing in before.things:
                stays_put = thing_kind(thing.name) in ("furniture", "building", "vehicle")
                fresh = (
                    thing.age < (2 if stays_put else 1) and not thing.held and page.thing(thing.name) is None
                )
                lasting = thing_kind(thing.name) in (
                    "furniture",
                    "building",
                    "vehicle",
                    "plant",
                    "thing",
                    "nature",
                    "food",
                )
                other_food = thing_kind(thing.name) == "food" and any(
                    thing_kind(t.name) == "food" and t.age == 0 for t in page.things
                )
                if (
                    fresh
                    and lasting
                    and not other_food
                    and len(page.things) < 5
                    and not self._is_gone(page, thing.name)
                ):
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
        self._at_sea(page)
        for part in page.parts:
            if part.holds is None and part.being in self.held and part.feeling != "asleep":
                name = self.held[part.being]
                played = part.being.count == 1 and thing_kind(name) == "instrument"
                if page.clock - self.spoken.get(name, -9) > 2 and not played:
                    del self.held[part.being]  # forgotten by the story
                    continue
                if page.thing(name) is None and name in self.known:
                    known = self.known[name]
                    page.things.append(
                        Thing(name, known.count if known.counted else 1, known.looks, held=True)
                    )
                carried = page.thing(name)
                if carried is not None and (carried.held or carried.relation is None):
                    part.holds, carried.held = name, True
        for being in [b for b, name in self.held.items() if thing_kind(name) == "food"]:
            del self.held[being]  # what is eaten does not last
        for thing in page.things:
            if not thing.held and thing_kind(thing.name) in (
                "furniture",
                "building",
                "vehicle",
                "thing",
                "plant",
            ):
                self.homes[thing.name] = page.setting
        for thing in page.things:
            natural = thing.name.split(" ")[-1] in (
                "kite",
                "balloon",
                "rocket",
                "plane",
                "airplane",
                "helicopter",
                "airship",
            )
            if (
                thing.aloft
                and page.parts
                and thing.relation is None
                and not natural
                and page.setting not in ("sky", "space")
            ):
                thing.relation, thing.target = "above", page.parts[0].being
        if before is not None and not same_place:
            # What was left behind stays behind; what is carried comes along.
            self.last_thing = self.last_thing if page.things else None

    def _at_sea(self, page: Page) -> None:
        """Keep people out on the sea in their boat."""
        people = [p for p in page.parts if p.being.person and p.relation is None]
        if page.setting != "sea" or not people or any(p.pose in ("swim", "fly") for p in people):
            return
        boats = ("boat", "sailboat", "ship", "raft", "rowboat", "canoe", "fishing boat", "pirate ship")
        boat = next((t for t in page.things if t.name in boats), None)
        if boat is None:
            name = next((n for n in boats if n in self.known and self.homes.get(n) == "sea"), None)
            if name is None:
                return
            boat = Thing(name, 1, self.known[name].looks, age=1)
            page.things.append(boat)
        for part in people:
            part.relation, part.target = "in", boat.name

    def _is_gone(self, page: Page, name: str) -> bool:
        for event in page.events:
            named = any(p.head == name for p in [*event.subjects, *event.objects])
            if named and event.verb in verbs.GONE and not event.unreal:
                return True
        return name.split(" ")[-1] in OUTFITS
