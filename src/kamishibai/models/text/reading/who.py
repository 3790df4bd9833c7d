"""Who is meant: from the phrases and pronouns of a line to the beings of the story."""

from __future__ import annotations

from collections.abc import Callable

from kamishibai.documents.storyboard import DayTime, Setting, Weather
from kamishibai.models.text.reading import verbs
from kamishibai.models.text.reading.beings import Being, Company, is_being
from kamishibai.models.text.reading.clauses import Event
from kamishibai.models.text.reading.nouns import kind_of
from kamishibai.models.text.reading.pages import Page, Thing
from kamishibai.models.text.reading.people import HUMAN_GROUPS, KIN
from kamishibai.models.text.reading.phrases import Phrase
from kamishibai.models.text.reading.setting import is_place

__all__ = ["WhoReader"]


class WhoReader:
    """What is known so far in the story, and who its words mean."""

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
        self.clock = 0
        """How many lines have told of anybody or anything so far."""
        self.spoken: dict[str, int] = {}
        """The clock when each thing was last spoken of."""
        self.held: dict[Being, str] = {}
        self.last_thing: str | None = None
        self.before: Page | None = None
        self.undrawn: dict[str, int] = {}
        self.me: Being | None = None
        """Who tells the story, once it says "I"."""
        self.alias: dict[int, Being] = {}
        """Phrases that name somebody known: the penguin of "Pip was a penguin who …"."""
        self.homes: dict[str, Setting] = {}
        """Where things that stay put were last seen."""
        self.visited: set[Setting] = set()
        self.doing: list[Being] = []
        """Who acts in the event being read."""
        self.pending: tuple[DayTime | None, Weather | None] = (None, None)

    def _who(self, page: Page, event: Event) -> list[Being]:
        """Return the beings that are the subject of `event`."""
        found: list[Being] = []
        if event.verb == "go" and event.form == "gone" and event.passive:
            return []  # "his family was gone"
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
                found = [self.company.meet(own, page.clock, True), *found]
            found = list(dict.fromkeys(found))
            self.company.group("twin", found)
        return list(dict.fromkeys(found))

    def _beings(self, page: Page, phrase: Phrase, event: Event | None, subject: bool) -> list[Being]:
        """Return who `phrase` means: none when it is no being."""
        company, number = self.company, page.clock
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
        lively = event is not None and event.verb in verbs.ANIMATE
        if "whole" in phrase.adjectives and is_place(phrase) and subject and lively:
            phrase = Phrase(
                head="person", count=4, plural=True, article="the"
            )  # "the whole station was dancing"
        if not is_being(phrase, company.alive):
            return []
        several = self._several(phrase, number)
        if several:
            return several
        if phrase.head in ("animal", "creature", "beast", "being") and not any(
            b.noun == phrase.head for b in company.beings
        ):
            known = company.find(phrase)
            return [known] if known is not None else []  # nobody can draw just an animal
        being = company.meet(phrase, number, subject, self._owner(phrase))
        for prep, more in phrase.says_more:
            if prep == "with":
                page.brought.append((being, more))
        return being.everyone()

    def _owner(self, phrase: Phrase) -> Being | None:
        """Return whose mother, brother … `phrase` is."""
        owner = phrase.owner
        if owner is None or phrase.head not in KIN:
            return None
        if owner.head in ("i", "we", "you", "they"):
            return None
        if owner.kind == "pronoun":
            return self.company.he_or_she(owner.head) if owner.head in ("he", "she") else self.company.it()
        return self.company.meet(owner, -99, False) if is_being(owner, self.company.alive) else None

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
            return [b for b in found if b is not owner]
        for being in found if len(found) > 1 else []:
            self.company.mention(being, number, True)
        return found if len(found) > 1 else []

    def _pronoun(self, head: str, event: Event | None, number: int, subject: bool) -> list[Being]:
        company = self.company
        if head in ("he", "she"):
            being = company.he_or_she(head, () if subject else self.doing)
            return [being] if being else []
        if head == "they":
            if not subject and self.last_thing and self.known[self.last_thing].count > 1:
                return []
            return company.they(number)
        if head in ("everyone", "everybody"):
            found = company.everybody(number)
            known = [b for b in found if b.person or b.name or len(b.seen) >= 3]
            return known if any(b.person for b in found) and known else found
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
                bool(self.last_thing) and event.verb not in verbs.ANIMATE and event.verb not in verbs.MOTION
            )
            return [being] if being and not thing_later else []
        if head in ("i", "we"):
            me = self.me or company.meet(Phrase(head="narrator", kind="name", name="Narrator"), number, True)
            self.me = me
            company.mention(me, number, True)
            if not me.noun:
                me.noun, me.kind = "child", "person"
                me.looks.age = "child"
            return [me] if head == "i" else list(dict.fromkeys([me, *company.they(number)]))
        return []

    def _present_owner(self, phrase: Phrase) -> bool:
        """Say whether ``Theo's hand`` puts Theo in the picture: a body, a voice or a feast does, a house does not."""
        return phrase.owner is not None and not phrase.negated and (
            kind_of(phrase.head) in ("body", "sound", "event")
            and phrase.head != "picture"
            and phrase.head not in HUMAN_GROUPS
        )  # fmt: skip
