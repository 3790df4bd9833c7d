"""Who is in the story: beings found by noun, by name and by pronoun, with what is known of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from kamishibai.documents.storyboard import Character
from kamishibai.models.text.reading.adjectives import COLOURS
from kamishibai.models.text.reading.grammar import words
from kamishibai.models.text.reading.looks import Looks, looks_of
from kamishibai.models.text.reading.nouns import kind_of
from kamishibai.models.text.reading.people import (
    GROUPS,
    HUMAN_GROUPS,
    KIN,
    ROLES,
    SAME_KIN,
    TITLES,
    gender_of_name,
)
from kamishibai.models.text.reading.phrases import Phrase

__all__ = ["Being", "Company", "is_being"]

Sex = Literal["woman", "man", "neutral"]
_HYPERNYMS: dict[str, str] = {
    "bird": "crow owl parrot penguin robin sparrow eagle duck swan hen rooster pigeon dove seagull gull raven flamingo "
    "nightingale woodpecker kingfisher goose chick canary lark magpie peacock puffin duckling bluebird",
    "animal": "*", "creature": "*", "beast": "*", "friend": "*",
    "insect": "bee butterfly ant beetle ladybug ladybird firefly dragonfly moth cricket grasshopper",
    "pup": "puppy dog", "cub": "bear lion tiger fox wolf", "dog": "puppy", "cat": "kitten", "kitty": "kitten cat",
    "boy": "prince son brother child twin", "girl": "princess daughter sister child twin", "man": "king farmer fisherman captain",
    "child": "girl boy", "kid": "girl boy child", "woman": "queen grandmother mother witch", "bug": "beetle ladybug ladybird",
    "lady": "woman", "fellow": "*", "traveller": "man woman", "musician": "*", "bunny": "rabbit", "sheep": "lamb",
    "old man": "man grandfather", "duck": "duckling", "swan": "cygnet", "hero": "*",
}  # fmt: skip
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "last", "youngest", "oldest", "eldest")
_PLAIN = words("man woman boy girl child person lady fellow kid gentleman guy teenager")
"""Words that say no more of somebody than gender and age."""
_UNDER = {name: frozenset(words.split()) for name, words in _HYPERNYMS.items()}


@dataclass(eq=False)
class Being:
    """Somebody. `seen` holds the numbers of the scenes it is in, `acts` how often it does something."""

    noun: str
    kind: Literal["person", "animal", "creature", "toy", "thing"]
    name: str = ""
    sex: Sex = "neutral"
    count: int = 1
    looks: Looks = field(default_factory=Looks)
    seen: set[int] = field(default_factory=set)
    acts: int = 0
    given: Character | None = None
    members: list[Being] = field(default_factory=list)
    last: float = -1.0
    """When it was last mentioned: larger is later; a subject counts a little more."""
    id: str = ""
    topic: int = -2
    """The number of the scene in which it last was what a sentence is about."""
    order: str = ""
    """Which of several it is: first, second, youngest …"""
    label: str = ""
    """What the story calls it when that is not its noun: ``twins``."""

    @property
    def person(self) -> bool:
        """Whether it is human."""
        return self.kind == "person"

    def everyone(self) -> list[Being]:
        """Return the named members of a group, or the being itself."""
        return self.members or [self]


def is_being(phrase: Phrase, alive: frozenset[str]) -> bool:
    """Say whether `phrase` names somebody; `alive` holds things that this story lets speak and think."""
    if phrase.kind == "pronoun":
        return False
    if phrase.name and (phrase.kind == "name" or phrase.title):
        return True
    head = phrase.head
    return (
        head in ROLES
        or head in HUMAN_GROUPS
        or head in alive
        or kind_of(head) in ("animal", "creature", "toy")
        or (head in GROUPS and head in ("twin", "triplet"))
    )


def _settle_sex(being: Being, looks: Looks) -> None:
    if being.person and being.sex == "neutral" and looks.gender != "neutral":
        being.sex = looks.gender  # a beard


def _order(phrase: Phrase) -> str:
    return next((word for word in phrase.adjectives if word in _ORDINALS), "") if not phrase.plural else ""


class Company:
    """All beings of a story, and who is meant by a phrase or a pronoun at this point of it."""

    def __init__(self, given: tuple[Character, ...], alive: frozenset[str]) -> None:
        self.beings: list[Being] = []
        self.alive = alive
        self.clock = 0.0
        self.scene = -1
        for character in given:
            self.beings.append(_from_given(character))

    # ------------------------------------------------------------------------------------------ phrases
    def meet(self, phrase: Phrase, scene: int, subject: bool, kin_of: Being | None = None) -> Being:
        """Return who `phrase` names, new or known, and take note of what it says of the looks.

        `kin_of` is whose mother, brother … it is: an animal's relatives are of its own kind.
        """
        being = self._known(phrase)
        if being is None:
            being = self._new(phrase)
            if kin_of is not None and not kin_of.person and phrase.head in KIN:
                being.label, being.noun, being.kind = phrase.head, kin_of.noun, kin_of.kind
                elder = being.looks.age in ("adult", "old")
                being.looks = Looks(
                    size="big" if elder and kin_of.looks.size != "big" else "usual",
                    colour=kin_of.looks.colour,
                )
        self._learn(being, phrase)
        self.mention(being, scene, subject)
        return being

    def mention(self, being: Being, scene: int, subject: bool) -> None:
        """Note that `being` was just spoken of."""
        if scene < 0:
            return
        self.scene = scene
        being.topic = scene if subject else being.topic
        if subject or scene not in being.seen:
            self.clock += 1
            being.last = max(being.last, self.clock + (2.5 if subject else 0.0))
        being.seen.add(scene)
        for member in being.members:
            member.last = being.last
            member.seen.add(scene)

    def find(self, phrase: Phrase) -> Being | None:
        """Return who `phrase` names if that one is known already."""
        return self._known(phrase)

    def _known(self, phrase: Phrase) -> Being | None:
        if phrase.name:
            return self._named(phrase)
        head = phrase.head
        new = (
            phrase.article in ("another", "other")
            or "another" in phrase.adjectives
            or "second" in phrase.adjectives
        )
        which = _order(phrase)
        if new and not which:
            return None
        kin = SAME_KIN.get(head, head)
        same = [
            b
            for b in self.beings
            if SAME_KIN.get(b.noun, b.noun) == kin or b.name.lower() == head or b.label in (head, f"{head}s")
        ]
        if which:
            same = [b for b in same if b.order == which]
            return max(same, key=lambda b: b.last) if same else None
        same = [b for b in same if self._agrees(b, phrase)]
        if same:
            return max(same, key=lambda b: b.last)
        if phrase.article in ("the", "this", "that", "her", "his", "their", "both", "'s"):
            under = _UNDER.get(head, frozenset())
            fits = [
                b
                for b in self.beings
                if b.last >= 0 and (b.noun in under or ("*" in under and not b.members))
            ]
            if head in ROLES and not fits:
                gender, age = ROLES[head]
                if head in ("boy", "girl", "man", "woman", "child", "lady"):
                    fits = [b for b in self.beings if b.person and b.name and b.last >= 0 and b.count == 1 and b.sex in (gender, "neutral")
                            and (b.looks.age in (age, None) or head == "child")]  # fmt: skip
            fits = [b for b in fits if (b.count > 1) == phrase.plural or (b.count == 1 and not phrase.plural)]
            owner_known = phrase.article in ("her", "his", "their", "'s") and head not in ("friend",)
            if fits and not owner_known:
                return max(fits, key=lambda b: b.last)
        return None

    def _agrees(self, being: Being, phrase: Phrase) -> bool:
        """Say whether the adjectives and number of `phrase` could be said of `being`."""
        indefinite = phrase.article in ("a", "an", "one", "two", "three", "four", "five", "some", "")
        looks = looks_of(phrase, being.person)
        if being.looks.colour and looks.colour and being.looks.colour != looks.colour:
            return False
        if looks.size != "usual" and being.looks.size != "usual" and looks.size != being.looks.size:
            return False
        if indefinite and being.name and not phrase.name:
            return False  # "a boy" is not Tom
        if (being.count > 1) != (phrase.count > 1 or phrase.plural):
            return False
        if phrase.owner is not None and phrase.owner.kind == "name" and being.name:
            return False
        old = "old" in looks.adjectives or looks.age == "old"
        young = being.person and being.looks.age in ("child", "baby")
        return not (old and young)

    def _kin_named(self, phrase: Phrase) -> Being | None:
        """Return the grandmother that "Grandma" is, where the story has one without a name."""
        kin = SAME_KIN.get(phrase.head, phrase.head) if phrase.kind == "name" and phrase.head in KIN else ""
        found = [b for b in self.beings if kin and b.count == 1 and SAME_KIN.get(b.noun, b.noun) == kin]
        return found[0] if len(found) == 1 else None

    def _named(self, phrase: Phrase) -> Being | None:
        words = phrase.name.lower().split()
        for being in self.beings:
            known = being.name.lower().split()
            if known and (known == words or words[-1] in known or known[-1] in words):
                return being
        relative = self._kin_named(phrase)
        if relative is not None:
            return relative
        # "The penguin … Pip": a name tied to a noun that is known without one.
        noun = phrase.head if phrase.kind == "noun" else phrase.apposition.head if phrase.apposition else ""
        if noun and phrase.article in ("the", "his", "her", "their"):
            for being in self.beings:
                if being.noun == noun and not being.name and being.count == 1:
                    return being
        return None

    def _new(self, phrase: Phrase) -> Being:
        noun, count, label = phrase.head, phrase.count, ""
        sex: Sex = "neutral"
        if phrase.kind == "name":
            described = phrase.apposition
            if described is not None and is_being(described, self.alive):
                noun = described.head
            elif phrase.title in TITLES:
                noun, sex, _ = TITLES[phrase.title]
                if noun in ("man", "woman") and phrase.head in ROLES:
                    noun = phrase.head  # Mr Baker
            else:
                noun = ""
        if noun in HUMAN_GROUPS or (noun == "person" and phrase.plural):
            noun, usual = HUMAN_GROUPS.get(noun, ("person", 4))
            count = count if phrase.counted else max(usual, count)
        if noun in ("twin", "twins"):
            count = 2 if phrase.plural or noun == "twins" else 1
            noun, label = "child", "twins" if count == 2 else ""
        if noun == "triplet":
            noun, count, label = "child", 3, "triplets"
        kind = kind_of(noun)
        being = Being(noun, "thing", name=phrase.name, count=min(count, 12), label=label)
        being.order = _order(phrase)
        if noun in ROLES or noun == "" or phrase.title in TITLES:
            being.kind = "person"
        elif kind == "animal" or kind == "creature" or kind == "toy":
            being.kind = kind
        if being.person:
            if phrase.title in TITLES and sex == "neutral":
                sex = TITLES[phrase.title][1]  # "their neighbour Mrs Hansen"
            role_sex, role_age = ROLES.get(noun, ("neutral", "adult"))
            by_name = gender_of_name(phrase.name.split()[-1]) if phrase.name else "neutral"
            being.sex = role_sex if role_sex != "neutral" else sex if sex != "neutral" else by_name
            being.looks.age = (
                TITLES[phrase.title][2]
                if noun == "" and phrase.title in TITLES
                else role_age
                if noun
                else None
            )
            if not noun and not phrase.title:
                # A first name alone: in a story for the picture book, most likely a child.
                being.looks.age = "child"
        worn = [word for word in phrase.name.lower().split() if word in ("hood", "cap", "hat", "cape")]
        if worn and being.person:  # Little Red Riding Hood
            dye = next((word for word in phrase.name.lower().split() if word in COLOURS), None)
            being.looks.wears.append(f"{dye} {worn[-1]}" if dye else worn[-1])
            being.looks.clothes = dye
        self.beings.append(being)
        return being

    def _learn(self, being: Being, phrase: Phrase) -> None:
        if phrase.name and not being.name:
            being.name = phrase.name
        described = phrase.apposition
        if described is not None:
            self.describe(being, described)
        looks = looks_of(phrase, being.person)
        nameless = being.looks.age == "child" and not being.noun
        if being.person and looks.age == "old" and (being.looks.age == "adult" or nameless):
            being.looks.age = "old"
        being.looks.add(looks)
        _settle_sex(being, looks)
        if phrase.counted and phrase.count > 1 and being.count > 1:
            being.count = min(12, phrase.count)

    def describe(self, being: Being, phrase: Phrase) -> None:
        """Take over what "Coco was a green parrot" or an apposition says somebody is."""
        head = phrase.head
        kind = kind_of(head)
        if not being.given or not being.given.noun:
            if head in ROLES and (being.noun in ("", "person") or being.person):
                unknown = being.noun in ("", "person")
                if unknown or head not in _PLAIN:
                    being.noun, being.kind = head, "person"
                sex, age = ROLES[head]
                being.sex = sex if sex != "neutral" else being.sex
                if being.looks.age in (None, "adult") or unknown:
                    being.looks.age = age
            elif kind in ("animal", "creature", "toy") and (
                being.noun in ("", "person", head) or (being.person and not being.name)
            ):
                being.label = being.noun if being.person and being.noun != "person" else being.label
                being.sex = "neutral" if being.label else being.sex
                being.noun, being.kind = head, kind
                being.looks.age = None
        looks = looks_of(phrase, being.person)
        if being.person and looks.age == "old":
            being.looks.age = "old"
        being.looks.add(looks)
        _settle_sex(being, looks)

    # ----------------------------------------------------------------------------------------- pronouns
    def he_or_she(self, pronoun: str, but: Collection[Being] = ()) -> Being | None:
        """Return the last single being that `pronoun` (he, she) can mean; it gets that gender if it had none.

        `but`: who it cannot mean, for nobody shows *him* the way to himself.
        """
        sex: Sex = "man" if pronoun == "he" else "woman"
        best, best_score = None, -1e9
        for being in self.beings:
            if being.last < 0 or being.count > 1 or being.members or being in but:
                continue
            if being.sex not in (sex, "neutral"):
                continue
            exact = 3.0 if being.sex == sex else 0.0
            thing = -4.0 if being.kind == "thing" else 0.0
            # "A huge bear was sleeping, and he snored": who acts in this line goes on acting.
            here = 2.5 if not being.person and being.topic == self.scene else 0.0
            score = being.last + exact + thing + here
            if score > best_score:
                best, best_score = being, score
        if best is not None and best.sex == "neutral":
            best.sex = sex
        return best

    def it(self) -> Being | None:
        """Return the last single being that is not human, if there is one."""
        found = [
            b for b in self.beings if b.last >= 0 and not b.person and b.count == 1 and b.sex == "neutral"
        ]
        found = found or [b for b in self.beings if b.last >= 0 and not b.person and b.count == 1]
        return max(found, key=lambda b: b.last, default=None)

    def they(self, scene: int) -> list[Being]:
        """Return who "they" are: the last group, or everybody of this and the last scene."""
        groups = [b for b in self.beings if b.last >= 0 and (b.count > 1 or b.members)]
        latest = max(groups, key=lambda b: b.last, default=None)
        for back in (0, 1, 2, 3):
            present = [
                b
                for b in self.beings
                if b.last >= 0 and any(s >= scene - back for s in b.seen) and not b.members
            ]
            here = latest is not None and any(s >= scene - back for s in latest.seen)
            if latest is not None and here and all(_behind(b, latest) for b in present):
                return latest.everyone()
            if len(present) >= 2:
                return sorted(present, key=lambda b: -b.last)[:4]
        return latest.everyone() if latest is not None else [b for b in self.beings if b.last >= 0][-1:]

    def everybody(self, scene: int) -> list[Being]:
        """Return all that were there in the last scenes, the latest first, six at most."""
        found = [
            b for b in self.beings if b.last >= 0 and not b.members and any(s >= scene - 5 for s in b.seen)
        ]
        return sorted(found, key=lambda b: -b.last)[:6]

    def group(self, noun: str, names: list[Being]) -> Being:
        """Return the group `noun` ("twins") whose members are `names`."""
        for being in self.beings:
            if being.members and being.noun == noun:
                return being
        being = Being(noun, "person", count=len(names), members=names)
        self.beings.append(being)
        return being


def _behind(being: Being, group: Being) -> bool:
    """Say whether `being` belongs to `group` or was spoken of before it."""
    return being is group or being in group.members or being.last < group.last - 1.6


def _from_given(character: Character) -> Being:
    noun = character.noun.lower()
    kind = kind_of(noun)
    being = Being(
        noun, "person", name=character.name, given=character, count=character.count, id=character.id
    )
    if character.person is None and kind in ("animal", "creature", "toy"):
        being.kind = kind
    elif character.person is None and noun and noun not in ROLES:
        being.kind = "thing"
    if character.person is not None:
        being.sex = character.person.gender
        being.looks.age = character.person.age
    else:
        being.sex = gender_of_name(character.name) if being.person else "neutral"
    return being
