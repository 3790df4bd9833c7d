"""Turn a storyboard's scene, cast and look into what each family of models reads: the one place where prompts are written."""

from __future__ import annotations

from collections.abc import Sequence

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Character, Scene, Storyboard
from kamishibai.models.base import Reads
from kamishibai.steps.prompts.figures import acting, bare, described, prop_phrase, prop_tag, tagged
from kamishibai.steps.prompts.grammar import article, listed
from kamishibai.steps.prompts.negative import motion_negative, picture_negative, portrait_negative
from kamishibai.steps.prompts.places import MOODS, TIMES, VIEWS, WEATHERS, light, stirring, where
from kamishibai.steps.prompts.plain import cleaned, own_words, plain

__all__ = ["Prompt", "motion_prompt", "picture_prompt", "portrait_prompt", "taken_out"]

MAX_CHARACTERS = 2000
"""Longer than any encoder reads; what an encoder cannot take in is told by the model, not cut here."""
_UNREAD = frozenset({"id", "line", "prompt", "negative", "sounds", "speaker"})
"""Fields of a scene that no prompt is composed from: above all the story's own line."""
_UNREAD_OF_CAST = frozenset({"id", "voice", "drawing", "picture", "portrait_prompt"})
_CAMERA = {
    "push": "the camera slowly moves closer", "pull": "the camera slowly moves back",
    "pan-left": "the camera slowly pans left", "pan-right": "the camera slowly pans right",
    "rise": "the camera slowly rises", "sink": "the camera slowly sinks", "still": "the camera does not move",
}  # fmt: skip
_CAMERA_TAGS = {
    "push": "slow push in", "pull": "slow pull out", "pan-left": "slow pan left", "pan-right": "slow pan right",
    "rise": "slow tilt up", "sink": "slow tilt down", "still": "static camera",
}  # fmt: skip
_QUALITY = "detailed illustration"


class Prompt(Frozen):
    """What a model is given to read."""

    positive: str
    negative: str = ""
    """What must not be seen; empty for models that take no such text."""


class _Shown(Frozen):
    """A scene with its cast and look, made plain."""

    scene: Scene
    cast: dict[str, Character]
    look: str


def _shown(scene: Scene, cast: Sequence[Character], look: str) -> _Shown:
    plain_cast = [cleaned(character, "", _UNREAD_OF_CAST)[0] for character in cast]
    clean = cleaned(scene, "", _UNREAD)[0]
    props = tuple(prop for prop in clean.props if prop.name)
    return _Shown(
        scene=clean.model_copy(update={"props": props}),
        cast={c.id: c for c in plain_cast if c.name or c.noun},
        look=plain(look),
    )


def picture_prompt(scene: Scene, cast: Sequence[Character], look: str, reads: Reads | None = None) -> Prompt:
    """Return what a picture model is told to draw.

    `cast` may hold more characters than the scene shows; those that `scene.actors` names are described, in the
    same words in every scene. `Scene.prompt` and `Scene.negative` replace the two texts. Nothing of the story's
    line itself is in them, so that no command hidden there reaches a model.
    """
    reads = reads or Reads()
    shown = _shown(scene, cast, look)
    if scene.prompt:
        positive = own_words(scene.prompt)
    else:
        positive = _picture_tags(shown) if reads.style == "tags" else _picture_sentences(shown)
    if not reads.negative:
        return Prompt(positive=positive)
    negative = picture_negative(shown.scene, shown.cast, shown.look, positive)
    return Prompt(positive=positive, negative=own_words(negative))


def _picture_sentences(shown: _Shown) -> str:
    """Who does what with what and where, in one sentence; then the light and the mood; then the style."""
    scene = shown.scene
    subject = _subject(shown)
    place = f"{subject} {where(scene)}" if subject else where(scene, alone=True)
    seen = f"{place} {TIMES[scene.time]}".strip()
    if VIEWS[scene.view]:
        seen = f"{VIEWS[scene.view]} of {seen}"
    weather = WEATHERS.get(scene.weather, "")
    return _sentences(
        f"{seen}, {weather}" if weather else seen,
        f"{light(scene)}, {MOODS[scene.mood]} mood",
        _in_style(shown.look),
    )


def _subject(shown: _Shown) -> str:
    """Return everybody and everything in the scene as one list, ready for the place to follow."""
    scene, cast = shown.scene, shown.cast
    met: set[str] = set()
    items, busy = [], False
    for actor in scene.actors:
        if actor.who in cast:
            who = described(cast[actor.who], actor.who in met)
            does = acting(actor, cast, scene)
            items.append(f"{who} {_joined(does)}" if does else who)
            met.add(actor.who)
            busy = busy or bool(does)
    held = {actor.holds for actor in scene.actors if actor.holds}
    items += [prop_phrase(prop, cast) for prop in scene.props if prop.name not in held]
    # "Nia, a girl, running in a meadow", but "Nia, a girl, in a meadow" and "a fox running, and an owl, in a forest".
    parted = len(items) > 1 and (busy or any("," in item for item in items))
    named_last = len(items) == 1 and items[0].endswith(",")
    return listed(items, apart=busy) + ("," if parted or named_last else "")


def _joined(does: Sequence[str]) -> str:
    """Return "sitting and holding a lantern beside the river": the last verb after *and*, places without."""
    verbs = [phrase for phrase in does if phrase.split(" ")[0].endswith("ing") or phrase == "asleep"]
    rest = [phrase for phrase in does if phrase not in verbs]
    return " ".join([listed(verbs), *rest]).strip()


def _picture_tags(shown: _Shown) -> str:
    """Short phrases, the weightiest first: who, doing what, with what, where, when, the light, the style."""
    scene, cast = shown.scene, shown.cast
    tags: list[str] = []
    for actor in scene.actors:
        if actor.who in cast:
            who, does = tagged(cast[actor.who]), _joined(acting(actor, cast, scene))
            # "girl with a yellow coat waving" would have the coat wave.
            tags += [who, does] if " with " in who else [f"{who} {does}"]
    held = {actor.holds for actor in scene.actors if actor.holds}
    tags += [prop_tag(prop, cast) for prop in scene.props if prop.name not in held]
    tags.append(VIEWS[scene.view])
    tags.append(bare(where(scene, alone=True)))
    lit = light(scene)
    tags += ["night" if scene.time == "night" and "night" not in lit else "", lit]
    tags.append(
        WEATHERS.get(scene.weather, "").removeprefix("in the ").removeprefix("in a ").removeprefix("in ")
    )
    tags += [f"{MOODS[scene.mood]} mood", shown.look, _QUALITY if _drawn(shown.look) else "detailed"]
    return _tags(tags)


def portrait_prompt(character: Character, look: str, reads: Reads | None = None) -> Prompt:
    """Return what a picture model is told to draw a cast member's portrait by: alone, whole, on a plain ground.

    `Character.portrait_prompt` replaces the positive text.
    """
    reads = reads or Reads()
    who = cleaned(character, "", _UNREAD_OF_CAST)[0]
    if not (who.name or who.noun):
        who = who.model_copy(update={"name": "figure"})
    look = plain(look)
    if character.portrait_prompt:
        positive = own_words(character.portrait_prompt)
    elif reads.style == "tags":
        tags = [f"portrait of {tagged(who)}", "full body", "facing the viewer", "plain light background",
                "soft even light", look, _QUALITY if _drawn(look) else "detailed"]  # fmt: skip
        positive = _tags(tags)
    else:
        positive = _sentences(
            f"full-body portrait of {described(who).rstrip(',')}, facing the viewer, on a plain light background",
            "soft even light",
            _in_style(look),
        )
    if not reads.negative:
        return Prompt(positive=positive)
    return Prompt(positive=positive, negative=portrait_negative(who, look, positive))


def motion_prompt(scene: Scene, cast: Sequence[Character], look: str, reads: Reads | None = None) -> Prompt:
    """Return what a model that makes clips is told: who is there, what moves, and how the camera does.

    `Scene.prompt` replaces the description of what is seen; movement and camera are added to it.
    """
    reads = reads or Reads()
    shown = _shown(scene, cast, look)
    scene = shown.scene
    moves = [] if scene.prompt else stirring(scene)
    if reads.style == "tags":
        seen = own_words(scene.prompt) if scene.prompt else _picture_tags(shown).removesuffix(f", {_QUALITY}")
        positive = _tags([seen, *moves, _CAMERA_TAGS[scene.camera.move]])
    else:
        seen = own_words(scene.prompt).rstrip(".") if scene.prompt else _picture_sentences(shown).rstrip(".")
        # What is seen and what moves first: where a prompt is too long, the light goes before the movement.
        first, *rest = [seen] if scene.prompt else seen.split(". ")
        camera = f"smooth, natural movement; {_CAMERA[scene.camera.move]}"
        positive = _sentences(first, *moves, camera, *rest)
    if not reads.negative:
        return Prompt(positive=positive)
    negative = motion_negative(scene, shown.cast, shown.look, positive)
    return Prompt(positive=positive, negative=own_words(negative))


def taken_out(board: Storyboard) -> tuple[str, ...]:
    """Return a note for everything in the storyboard that models are not given as it stands: one line each."""
    notes: list[str] = []
    for character in board.cast:
        notes += cleaned(character, f"cast {character.id}", _UNREAD_OF_CAST)[1]
    for scene in board.scenes:
        notes += cleaned(scene, f"scene {scene.id}", _UNREAD)[1]
        for name, text in (("prompt", scene.prompt), ("negative", scene.negative)):
            if text and own_words(text) != " ".join(text.split()):
                notes.append(f"scene {scene.id}: {name} is given to the models as {own_words(text)!r}")
    if plain(board.look) != " ".join(board.look.split()).strip(" ,;:"):
        notes.append(f"look {board.look!r} is given to the models as {plain(board.look)!r}")
    return tuple(notes)


def _drawn(look: str) -> bool:
    return not any(word in look.lower() for word in ("photo", "film", "cinematic", "realistic", "render"))


def _in_style(look: str) -> str:
    if not look:
        return ""
    named = any(word in look.lower() for word in ("style", "illustration", "photo", "render"))
    return (
        look
        if named
        else f"in the style of {article(look)}"
        if look.split()[-1] in _NOUNS
        else f"{look} style"
    )


_NOUNS = frozenset(
    ["book", "painting", "drawing", "comic", "cartoon", "poster", "woodcut", "collage", "film", "sketch"]
)


def _sentences(*parts: str) -> str:
    """Join sentences, each with a capital and a full stop."""
    out = []
    for part in parts:
        text = " ".join(part.split()).strip(" ,;.")
        if text:
            out.append(text[:1].upper() + text[1:] + ".")
    return " ".join(out)[:MAX_CHARACTERS]


def _tags(tags: Sequence[str]) -> str:
    """Join phrases, each once."""
    return ", ".join(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))[:MAX_CHARACTERS]
