"""Edits that people make to storyboards, for property tests: each takes a storyboard and gives another."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from kamishibai.documents.storyboard import Scene, Storyboard

__all__ = ["Edit", "edits"]

Edit = tuple[str, Callable[[Storyboard], Storyboard]]
WORDS = ["fox", "lantern", "home", "rain", "moon", "boat", "sang", "slept", "ran", "quietly", "far", "away"]


def _scene(number: int, **update: object) -> Callable[[Storyboard], Storyboard]:
    def change(board: Storyboard) -> Storyboard:
        scenes = list(board.scenes)
        scenes[number % len(scenes)] = scenes[number % len(scenes)].model_copy(update=update)
        return board.model_copy(update={"scenes": tuple(scenes)})

    return change


def _insert(number: int, line: str) -> Callable[[Storyboard], Storyboard]:
    def change(board: Storyboard) -> Storyboard:
        if len(board.scenes) > 5:
            return board
        scenes, used = list(board.scenes), {scene.id for scene in board.scenes}
        fresh = next(f"n{i}" for i in range(100) if f"n{i}" not in used)
        scenes.insert(number % (len(scenes) + 1), Scene(id=fresh, line=line))
        return board.model_copy(update={"scenes": tuple(scenes)})

    return change


def _remove(number: int) -> Callable[[Storyboard], Storyboard]:
    def change(board: Storyboard) -> Storyboard:
        scenes = list(board.scenes)
        if len(scenes) > 1:
            del scenes[number % len(scenes)]
        return board.model_copy(update={"scenes": tuple(scenes)})

    return change


def _swap(one: int, other: int) -> Callable[[Storyboard], Storyboard]:
    def change(board: Storyboard) -> Storyboard:
        scenes = list(board.scenes)
        i, j = one % len(scenes), other % len(scenes)
        scenes[i], scenes[j] = scenes[j], scenes[i]
        return board.model_copy(update={"scenes": tuple(scenes)})

    return change


def _board(**update: object) -> Callable[[Storyboard], Storyboard]:
    return lambda board: board.model_copy(update=update)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Draw one edit, with words for what it does."""
    number = draw(st.integers(0, 5))
    line = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))).capitalize() + "."
    what = draw(
        st.sampled_from(
            [
                "line",
                "weather",
                "mood",
                "seed",
                "pause",
                "transition",
                "sounds",
                "insert",
                "remove",
                "swap",
                "film",
            ]
        )
    )
    if what == "line":
        return f"line {number} is {line!r}", _scene(number, line=line)
    if what == "weather":
        weather = draw(st.sampled_from(["clear", "rain", "snow"]))
        return f"weather {number} is {weather}", _scene(number, weather=weather)
    if what == "mood":
        mood = draw(st.sampled_from(["calm", "tense", "happy"]))
        return f"mood {number} is {mood}", _scene(number, mood=mood)
    if what == "seed":
        seed = draw(st.integers(0, 3))
        return f"seed {number} is {seed}", _scene(number, seed=seed)
    if what == "pause":
        pause = draw(st.sampled_from(["0", "2/5", "3"]))
        return f"pause {number} is {pause}", lambda b: Storyboard.model_validate(
            _scene(number, pause=pause)(b).model_dump(by_alias=True)
        )
    if what == "transition":
        how = draw(st.sampled_from(["cut", "fade"]))
        return f"transition {number} is {how}", _scene(number, transition=how)
    if what == "sounds":
        sounds = draw(st.sampled_from([(), ("rain",), ("bell", "owl")]))
        return f"sounds {number} are {sounds}", _scene(number, sounds=sounds)
    if what == "insert":
        return f"insert {line!r} at {number}", _insert(number, line)
    if what == "remove":
        return f"remove {number}", _remove(number)
    if what == "swap":
        other = draw(st.integers(0, 5))
        return f"swap {number} and {other}", _swap(number, other)
    seed = draw(st.integers(6, 8))
    return f"the film's seed is {seed}", _board(seed=seed)
