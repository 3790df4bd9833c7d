"""same_ids: what was in the old storyboard keeps its id in the new one, and with it every seed that comes from the id."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from kamishibai.documents.storyboard import Actor, Character, Place, Prop, Scene, Storyboard

__all__ = ["same_ids", "scene_ids"]

LONGEST_ID = 64
MOST_COMPARED = 40_000
"""Pairs of lines whose words are compared; where more were replaced at once they are paired in order."""
_NUMBERED = re.compile(r"^(.*?)([0-9]+)$")


def same_ids(old: Storyboard, new: Storyboard) -> Storyboard:
    """Return `new` with the ids of `old` for every line and every character that both have.

    A line that was moved keeps its id where no other line reads the same; one that was edited keeps it too. An
    inserted line gets an id that no scene of either storyboard has. The old cast comes first, in its order: voices
    are given out by place.
    """
    named = scene_ids(old, new)
    scenes = tuple(scene.model_copy(update={"id": named[scene.id]}) for scene in new.scenes)
    called = _cast_ids(old, new.cast, scenes)
    place = {character.id: n for n, character in enumerate(old.cast)}
    cast = [one.model_copy(update={"id": called[one.id]}) for one in new.cast]
    cast.sort(key=lambda one: place.get(one.id, len(place)))
    return new.model_copy(
        update={"cast": tuple(cast), "scenes": tuple(_recast(scene, called) for scene in scenes)}
    )


# ------------------------------------------------------------------------------------------------- scenes
def scene_ids(old: Storyboard, new: Storyboard) -> dict[str, str]:
    """Return the id that each scene of `new` is to have, by the one it has."""
    before, after = [_plain(s.line) for s in old.scenes], [_plain(s.line) for s in new.scenes]
    pairs = _aligned(before, after)
    kept = {new.scenes[j].id: old.scenes[i].id for i, j in pairs}
    # An id of the old storyboard is given to no other line, even where its own is gone: whoever remembers it, or
    # finds it in a report, must not meet another scene under it.
    taken = {scene.id for scene in old.scenes}
    given: dict[str, str] = {}
    for scene in new.scenes:
        id_ = kept.get(scene.id) or _unused(scene.id, taken)
        taken.add(id_)
        given[scene.id] = id_
    return given


def _aligned(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return which line became which: the same lines, then lines moved, then lines replaced in their place."""
    # What begins and ends alike is taken off first: of a refrain, the matcher may take one line for another.
    most = min(len(before), len(after))
    head = next((n for n in range(most) if before[n] != after[n]), most)
    tail = next((n for n in range(most - head) if before[-1 - n] != after[-1 - n]), most - head)
    pairs = [(n, n) for n in range(head)]
    pairs += [(len(before) - n, len(after) - n) for n in range(1, tail + 1)]
    inner = SequenceMatcher(
        None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False
    )
    replaced: list[tuple[range, range]] = []
    for what, i1, i2, j1, j2 in inner.get_opcodes():
        olds, news = range(head + i1, head + i2), range(head + j1, head + j2)
        if what == "equal":
            pairs += zip(olds, news, strict=True)
        elif what == "replace":
            replaced.append((olds, news))
    pairs += _moved(before, after, pairs)
    gone, come = {i for i, _ in pairs}, {j for _, j in pairs}
    for olds, news in replaced:
        left, found = [i for i in olds if i not in gone], [j for j in news if j not in come]
        pairs += _in_place(left, found, before, after)
    return pairs


def _moved(
    before: Sequence[str], after: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the pairs of equal lines that stand elsewhere now, where there is but one of either."""
    there, here = {i for i, _ in pairs}, {j for _, j in pairs}
    left = [i for i in range(len(before)) if i not in there and before[i]]
    found = [j for j in range(len(after)) if j not in here and after[j]]
    once_before, once_after = Counter(before[i] for i in left), Counter(after[j] for j in found)
    origin = {before[i]: i for i in left if once_before[before[i]] == 1}
    return [(origin[after[j]], j) for j in found if once_after[after[j]] == 1 and after[j] in origin]


def _in_place(
    olds: Sequence[int], news: Sequence[int], before: Sequence[str], after: Sequence[str]
) -> list[tuple[int, int]]:
    """Return which of `olds` was replaced by which of `news`, in order, with the most words in common.

    As many as can be are paired: a line that shares no word with the one it replaces is still in its place.
    """
    if not olds or not news:
        return []
    if len(olds) * len(news) > MOST_COMPARED:
        return list(zip(olds, news, strict=False))
    words_before = [Counter(before[i].split()) for i in olds]
    words_after = [Counter(after[j].split()) for j in news]
    # best[i][j]: of the first i old and j new lines, (pairs + words in common, …), the usual alignment by steps.
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    worth = [[0.001 + _likeness(a, b) for b in words_after] for a in words_before]
    for i in range(1, len(olds) + 1):
        for j in range(1, len(news) + 1):
            best[i][j] = max(best[i - 1][j - 1] + worth[i - 1][j - 1], best[i - 1][j], best[i][j - 1])
    pairs: list[tuple[int, int]] = []
    i, j = len(olds), len(news)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            pairs.append((olds[i - 1], news[j - 1]))
            i, j = i - 1, j - 1
    return pairs[::-1]


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    """Return the part of the words that two lines share, 0 to 1."""
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0


def _plain(line: str) -> str:
    """Return the words of a line alone: another comma or capital makes no other line."""
    folded = unicodedata.normalize("NFKC", line).casefold()
    words = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in folded).split()
    return " ".join(words) or folded.strip()


def _unused(wished: str, taken: set[str]) -> str:
    """Return `wished` where it is free, else the number after the highest of its kind."""
    if wished not in taken:
        return wished
    numbered = _NUMBERED.match(wished)
    head, digits = (numbered[1], numbered[2]) if numbered else (f"{wished}-", "1")
    kin = re.compile(rf"{re.escape(head)}([0-9]{{1,18}})")
    highest = max((int(match[1]) for id_ in taken if (match := kin.fullmatch(id_))), default=1)
    tail = f"{highest + 1:0{len(digits)}d}"
    while (free := head[: LONGEST_ID - len(tail)] + tail) in taken:
        highest += 1
        tail = f"{highest + 1:0{len(digits)}d}"
    return free


# --------------------------------------------------------------------------------------------------- cast
def _cast_ids(old: Storyboard, cast: Sequence[Character], scenes: Sequence[Scene]) -> dict[str, str]:
    """Return the id that each of `cast` is to have, by the one it has; `scenes` have their old ids already.

    Who does in a scene what somebody of the same name or noun did there is the same character, so that two foxes
    keep apart though a third is told of before them, and a girl stays herself when she is given a name.
    """
    votes = _votes(old, scenes)
    scored = []
    for i, was in enumerate(old.cast):
        for j, now in enumerate(cast):
            named = _plain(was.name) == _plain(now.name)
            vote = votes[was.id, now.id]
            if named or (_kind(was) == _kind(now) and vote):
                scored.append((-(vote + named + 0.5 * (was.id == now.id)), i, j))
    known: dict[int, int] = {}
    for _, i, j in sorted(scored):
        if j not in known and i not in known.values():
            known[j] = i
    taken = {character.id for character in old.cast}
    called: dict[str, str] = {}
    for j, now in enumerate(cast):
        called[now.id] = old.cast[known[j]].id if j in known else _unused(now.id, taken)
        taken.add(called[now.id])
    return called


def _votes(old: Storyboard, scenes: Sequence[Scene]) -> Counter[tuple[str, str]]:
    """Count the scenes in which an old and a new character do the same."""
    before = {scene.id: scene for scene in old.scenes}
    votes: Counter[tuple[str, str]] = Counter()
    for scene in scenes:
        was = before.get(scene.id)
        if was is None or _plain(was.line) != _plain(scene.line):
            continue
        votes.update(
            (a.who, b.who)
            for a in was.actors
            for b in scene.actors
            if (a.action, a.pose) == (b.action, b.pose)
        )
        if was.speaker is not None and scene.speaker is not None:
            votes[was.speaker, scene.speaker] += 1
    return votes


def _kind(character: Character) -> str:
    return _plain(character.noun or character.name)


def _recast(scene: Scene, called: dict[str, str]) -> Scene:
    """Return `scene` with its cast under the ids of `called`."""
    if all(was == now for was, now in called.items()):
        return scene
    things = {prop.name for prop in scene.props}

    def placed(place: Place | None) -> Place | None:
        # A place is told by a cast id or by the name of a thing; where both are there, the thing is meant.
        if place is None or place.of in things:
            return place
        return place.model_copy(update={"of": called.get(place.of, place.of)})

    actors: Iterable[Actor] = (
        actor.model_copy(update={"who": called[actor.who], "place": placed(actor.place)})
        for actor in scene.actors
    )
    props: Iterable[Prop] = (prop.model_copy(update={"place": placed(prop.place)}) for prop in scene.props)
    speaker = None if scene.speaker is None else called[scene.speaker]
    return scene.model_copy(update={"actors": tuple(actors), "props": tuple(props), "speaker": speaker})
