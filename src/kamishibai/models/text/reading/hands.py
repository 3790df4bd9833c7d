"""Who holds what: picking up, playing, giving, dropping, and what hangs on a preposition."""

from __future__ import annotations

import re

from kamishibai.models.text.reading import verbs
from kamishibai.models.text.reading.beings import Being, is_being
from kamishibai.models.text.reading.clauses import Event
from kamishibai.models.text.reading.looks import looks_of
from kamishibai.models.text.reading.nouns import FLIERS, SWIMMERS, kind_of
from kamishibai.models.text.reading.pages import Page, Thing, thing_kind
from kamishibai.models.text.reading.phrases import Phrase
from kamishibai.models.text.reading.places import INDOORS
from kamishibai.models.text.reading.things import RELATIONS, ThingReader

__all__ = ["HandReader"]

_UNWIELDY = frozenset({"piano", "organ", "harp", "xylophone", "cello"})


def _draws_weapon(event: Event) -> bool:
    return event.verb in ("draw", "pull") and any(
        p.head in ("sword", "dagger", "wand") for p in event.objects
    )


class HandReader(ThingReader):
    """Follows things from hand to hand, and beings to their places."""

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
            if (
                prep == "on"
                and event.verb in ("put", "pull", "slip", "try")
                and kind_of(phrase.head) == "clothes"
            ):
                for being in actors:
                    being.looks.add(looks_of(Phrase(says_more=[("in", phrase)]), being.person))
                continue
            if prep == "of" and self._present_owner(phrase):
                for being in self._beings(page, phrase, None, subject=False):
                    page.part(being)
                continue
            relation = RELATIONS.get(prep)
            if prep == "by" and event.passive:
                continue  # by whom, not by what
            if prep == "from" and kind_of(phrase.head) not in ("vehicle", "furniture", "thing"):
                continue
            if (
                prep in ("over", "across")
                and phrase.head in ("bridge", "hill", "roof")
                and event.verb not in ("fly", "jump", "leap")
            ):
                relation = "on"
            if event.verb in ("look", "search", "peek", "peer") and relation in ("under", "in", "behind"):
                relation = "near"  # who looks under the bench stands by it
            if phrase.head == "lap":
                relation = "beside"
            if relation == "under" and phrase.head in ("blanket", "quilt", "sheet", "cover", "duvet"):
                relation = "behind"  # only the head peeps out
            if relation is None:
                if prep in ("for", "after", "with", "against", "across", "off"):
                    self._beings(page, phrase, None, subject=False)
                continue
            hangs_on_object = any(p is phrase for o in event.objects for _, p in o.says_more)
            movable = [t for t in things if t.relation is None]
            if (
                hangs_on_object
                and event.verb not in verbs.MOTION
                and (things or any(self._receiver(page, o) for o in event.objects))
            ):
                continue  # placed with its object already
            if (
                hangs_on_object
                and (event.verb in ("have", "be", "see") or kind_of(phrase.head) == "body")
                and not things
            ):
                continue  # "a green light on his belly"
            if prep == "on" and phrase.head in ("rope", "tightrope", "wire", "string"):
                continue  # it would lie there in a coil
            target = self._target(page, phrase, "")
            if target is None or (prep == "into" and isinstance(target, Being)):
                continue  # "turned the prince into a frog"
            outdoors = page.setting not in INDOORS and isinstance(target, str)
            closed = isinstance(target, str) and (
                target.split(" ")[-1] in ("bus", "train", "tram", "car", "taxi", "truck", "van")
            )
            housed = isinstance(target, str) and relation == "in" and thing_kind(target) == "building"
            big = housed or closed
            if (
                relation in ("in", "on")
                and outdoors
                and big
                and event.verb not in ("drive", "steer", "climb", "land")
            ):
                relation = "beside"  # whoever is inside would not be seen
            for being in actors:
                part = page.part(being)
                if event.verb == "ride" and relation == "on":
                    part.pose = "sit"
                if relation == "beside" and big and part.pose == "lie":
                    part.pose = "sit"
                if (
                    part.relation is None
                    and target is not being
                    and not (
                        event.verb in ("lift", "carry", "pull")
                        and any(
                            isinstance(target, Being) and target in self._receiver(page, o)
                            for o in event.objects
                        )
                    )
                    and not (isinstance(target, Being) and target in actors)
                ):
                    part.relation, part.target = relation, target
                    if (
                        part.pose == "fly"
                        and relation == "on"
                        and event.verb in ("land", "perch", "sit", "settle")
                    ):
                        part.pose = "stand"
            if target == "bed" and relation in ("in", "on"):
                for being in [*actors, *(b for p in event.objects for b in self._receiver(page, p))][-1:]:
                    part = page.part(being)
                    part.pose, part.relation, part.target = "lie", relation, target
            if not actors:
                for thing in movable:
                    if target != thing.name:
                        thing.relation, thing.target = relation, target

    def _with(self, page: Page, event: Event, actors: list[Being], phrase: Phrase) -> None:
        beings = self._beings(page, phrase, None, subject=False)
        vessel = next((t.name for t in page.things if t.age == 0 and thing_kind(t.name) == "vehicle"), None)
        for being in beings:
            part = page.part(being)
            if vessel and re.search(r"\b(on board|aboard)\b", page.narrated) and not part.active:
                part.relation, part.target = "in", vessel
        toy = event.verb == "play" and kind_of(phrase.head) != "instrument"
        comes_along = (
            not beings and not actors and event.verb in verbs.MOTION
        )  # "the circus came with wagons"
        if toy or comes_along:
            self._see_thing(page, phrase)
        elif not beings and actors:
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
        if thing is not None and thing_kind(thing.name) not in (
            "furniture",
            "building",
            "vehicle",
            "nature",
        ):
            self._hold(page, being, thing)

    def _hold(self, page: Page, being: Being, thing: Thing) -> None:
        if being.noun in SWIMMERS and being.kind == "animal" and being.noun not in FLIERS:
            return  # no hands
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
        if not thing.counted:
            thing.count = 1  # one in each hand

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
        elif event.verb in ("play", "fly") or event.verb in verbs.HOLD or _draws_weapon(event):
            hand = [
                t for t in named if thing_kind(t.name) not in ("furniture", "building", "vehicle", "nature")
            ]
            if event.verb in ("play", "fly"):
                hand = [t for t in hand if kind_of(t.name) in ("instrument", "thing")]
            if event.verb == "read" and not hand:
                return
            if hand and hand[0].name.split(" ")[-1] in _UNWIELDY:
                part = page.part(actor)
                if part.relation is None:
                    part.relation, part.target = "beside", hand[0].name
            elif hand and (hand[0].looks.size != "huge" or event.verb in ("hold", "carry")):
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
