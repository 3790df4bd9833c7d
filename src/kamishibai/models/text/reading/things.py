"""Which things are in the picture, and where: on, under, in, beside what."""

from __future__ import annotations

from kamishibai.documents.storyboard import Relation
from kamishibai.models.text.reading import verbs
from kamishibai.models.text.reading.beings import Being, is_being
from kamishibai.models.text.reading.clauses import Event
from kamishibai.models.text.reading.grammar import words
from kamishibai.models.text.reading.looks import Looks, looks_of
from kamishibai.models.text.reading.nouns import FLIERS, kind_of
from kamishibai.models.text.reading.pages import Page, Part, Thing, thing_kind
from kamishibai.models.text.reading.phrases import Phrase
from kamishibai.models.text.reading.places import INDOORS, PARTS, SHELTERED
from kamishibai.models.text.reading.poses import HOVERS
from kamishibai.models.text.reading.setting import is_place
from kamishibai.models.text.reading.who import WhoReader

__all__ = ["RELATIONS", "ThingReader"]

RELATIONS: dict[str, Relation] = {
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
_GROUND = words(
    "wave waves sea lake ground floor grass air sky world water snow earth sand middle edge side way home room ice surface"
)
_STUFFS = {
    "straw": "yellow", "hay": "yellow", "stick": "brown", "wood": "brown", "twig": "brown", "brick": "red", "stone": "grey",
    "gold": "golden", "gingerbread": "brown", "leaf": "green",
}  # fmt: skip
"""What houses are built of, and the colour it gives them."""
_TRINKETS = words("tear string step way shadow drop hole crack smoke steam")
_FIXTURES = words("window door wall floor ceiling stairs stair shelf windowsill")
_SINGLE = words("moon sun sky rainbow")
# Every open-air setting hangs up its own.
_SKY = frozenset({"moon", "sun", "star", "cloud", "full moon"})
_NEVER = words(
    "thing way place world time end side name word voice story hundred magic light sound bit piece "
    "color colour nothing everything something anything none one other string glimmer"
)


class ThingReader(WhoReader):
    """Finds the things that a line names, remembers how they look, and puts them in their places."""

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
                    thing.aloft = event.verb in ("float", "fly", "hover", "rise", "soar", "drift", "glide")
                    if event.verb in verbs.MOTION:
                        for being in [b for b, name in self.held.items() if name == thing.name]:
                            del self.held[being]
                    if event.verb == "go" and "out" in event.adverbs:
                        page.things.remove(
                            thing
                        )  # a candle without its flame cannot be told from a burning one
                        things.remove(thing)
        return things

    def _objects(self, page: Page, event: Event, actors: list[Being]) -> list[Thing]:
        things: list[Thing] = []
        if event.unreal or event.later:
            return things
        # "wanted a kite": what is wished for is not there; "loved the sea" says nothing of where they are.
        absent = event.verb in verbs.MENTAL and event.verb not in ("learn", "mean")
        if event.verb in verbs.WEARS or (event.verb in ("put", "pull") and "on" in event.adverbs):
            for being in actors:
                for phrase in event.objects:
                    being.looks.add(looks_of(Phrase(says_more=[("in", phrase)]), being.person))
            return things
        if event.verb == "have":
            for phrase in event.objects:
                if (
                    phrase.head in ("beard", "moustache", "hair", "curls", "braids", "skin")
                    and not phrase.negated
                ):
                    for being in actors:
                        being.looks.add(looks_of(Phrase(says_more=[("with", phrase)]), being.person))
        for phrase in event.objects:
            if event.verb in ("blow", "spout") and phrase.head in ("fountain", "kiss", "bubble"):
                continue
            if phrase.negated or phrase.quoted or absent or (event.verb == "be" and actors):
                continue
            for being in self._beings(page, phrase, event, subject=False):
                part = page.part(being)
                part.seen_far = part.seen_far or not part.active
                if event.verb in verbs.SEE and "asleep" in event.adjectives and being not in actors:
                    part.feeling, part.pose = "asleep", "lie"
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
                if event.verb == "light":
                    thing.looks.glows = self.known[thing.name].looks.glows = True
                if event.verb in ("climb", "ride", "drive", "steer", "row"):
                    self._aboard(page, event, actors, thing.name)
        if event.verb in ("ride", "mount") and event.objects:
            for being in self._beings(page, event.objects[0], event, subject=False):
                self._aboard(page, event, actors, being)
        return things

    def _aboard(self, page: Page, event: Event, actors: list[Being], mount: Being | str) -> None:
        """Set the rider on the horse, the driver into the tractor, the climber on the tree."""
        for being in actors:
            part = page.part(being)
            if part.relation is None and mount is not being:
                vehicle = isinstance(mount, str) and thing_kind(mount) == "vehicle"
                saddled = isinstance(mount, str) and mount.split(" ")[-1] in (
                    "bicycle",
                    "bike",
                    "scooter",
                    "tricycle",
                    "sled",
                )
                part.relation, part.target = ("in" if vehicle and not saddled else "on"), mount
                part.pose = "stand" if event.verb == "climb" else "sit"

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
        if name is None and kind_of(phrase.head) in (
            "thing",
            "plant",
            "food",
            "clothes",
            "instrument",
            "unknown",
        ):
            self.last_thing = ""  # "it" is what cannot be shown
        if name == "castle" and page.setting == "beach":
            name = "sandcastle" if self.can_draw("sandcastle") else None
        if phrase.head in ("trunk", "horn", "tail", "shell") and phrase.article in ("his", "her", "its"):
            return None  # its own
        place = is_place(phrase)
        aboard = place is not None and place.setting == page.setting and phrase.article == "the"
        if (
            aboard
            and kind_of(phrase.head) in ("vehicle", "building")
            and page.setting not in ("village", "street", "city", "farm")
        ):
            return None  # the ship they are on
        if name is None or (name in _SKY and page.setting not in SHELTERED | {"sky"}):
            return None
        looks = looks_of(phrase, False)
        if thing_kind(name) == "building":
            if page.setting in INDOORS:
                return None  # the cottage they are in
            made_of = [*phrase.modifiers, *phrase.adjectives, *([phrase.of.head] if phrase.of else [])]
            stuff = next((word for word in made_of if word in _STUFFS), None)
            if stuff is not None:
                name, looks.colour = phrase.head, _STUFFS[stuff]
                looks.adjectives = [word for word in looks.adjectives if word != stuff]
        if name == "reed" and page.setting == "river":
            return None  # they grow there already
        self.spoken[name] = page.clock
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
            thing = Thing(name, remembered.count, copy, counted=remembered.counted)
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
            return None
        both = phrase.words()
        if phrase.modifiers and self.can_draw(both) and kind != "building":
            return both
        if self.can_draw(head):
            return head
        words_ = both.split(" ")
        if (
            words_[-1] in ("match", "game", "race", "team", "lesson")
            and len(words_) > 1
            and self.can_draw(words_[-2])
        ):
            return words_[-2]  # a football match shows its football
        if kind != "unknown" or not phrase.owner:
            self.undrawn.setdefault(both, number)
        return None

    def _put(self, page: Page, thing: Thing, prep: str, phrase: Phrase) -> None:
        """Note that `thing` is *prep* whatever `phrase` names."""
        relation = RELATIONS.get(prep)
        if prep == "with" and thing_kind(thing.name) in ("food", "furniture", "vehicle", "building"):
            topping = self._see_thing(page, phrase)
            if topping is not None and topping.relation is None and topping is not thing:
                topping.relation, topping.target = "on", thing.name
        if relation is None or thing.relation is not None or prep == "out of":
            return
        target = self._target(page, phrase, thing.name)
        hovers = isinstance(target, Being) and target.noun in HOVERS
        if target is not None and not hovers:  # a lantern beside a firefly stands on the ground
            thing.relation, thing.target = relation, target

    def _place_from(self, page: Page, part: Part, phrase: Phrase) -> None:
        for prep, more in phrase.says_more:
            if prep in ("with", "of") or part.relation is not None:
                continue
            relation = RELATIONS.get(prep)
            target = self._target(page, more, "") if relation else None
            if prep == "into" and isinstance(target, Being):
                continue  # "turned the prince into a frog"
            if relation and target is not None and target is not part.being:
                part.relation, part.target = relation, target
                if target == "bed" and not part.active:
                    part.pose = "lie"

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
            for being in beings:
                part = page.part(being)
                part.seen_far = part.seen_far or not part.active
            return next((b for b in beings if b.noun not in FLIERS), beings[0])
        name = _PART_OF.get(phrase.head, phrase.head)
        if name in _FIXTURES and page.setting not in INDOORS:
            return None  # a window without its house would stand in the street
        if name in _GROUND or phrase.kind != "noun":
            return None
        if name in PARTS[page.setting]:
            return name
        place = is_place(phrase)
        kind = kind_of(phrase.head)
        here = (
            place is not None and place.setting == page.setting and kind in ("building", "vehicle", "unknown")
        )
        if name == "lighthouse":
            here = False
        if place is not None and ((kind == "scenery" and name == phrase.head) or here):
            return None
        spoken_of = self.last_thing
        shown = self._see_thing(page, Phrase(head=name, adjectives=phrase.adjectives, modifiers=phrase.modifiers, count=phrase.count,
                                             article=phrase.article, plural=phrase.plural, of=phrase.of))  # fmt: skip
        self.last_thing = self.last_thing if spoken_of is None else spoken_of
        return shown.name if shown else None
