"""What must not be seen: the text that models with classifier-free guidance are steered away from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kamishibai.documents.storyboard import Character, Scene
from kamishibai.steps.prompts.figures import has_people

__all__ = ["motion_negative", "picture_negative", "portrait_negative"]

_ALWAYS = ("watermark", "signature", "logo", "blurry", "low quality", "jpeg artifacts", "deformed", "ugly")
_WRITING = ("text", "letters", "caption", "speech bubble")
_PEOPLE = (
    "extra limbs",
    "extra fingers",
    "missing fingers",
    "deformed hands",
    "bad anatomy",
    "disfigured face",
)
_CREATURES = ("extra limbs", "extra heads", "bad anatomy")
_PHOTOGRAPHIC = (
    "photo",
    "photograph",
    "photorealistic",
    "cinematic",
    "film still",
    "realistic",
    "dslr",
    "polaroid",
)
_SIGNS = re.compile(
    r"\b(signs?|signposts?|letters?|notes?|posters?|books?|newspapers?|maps?|labels?|banners?|billboards?|pages?|scrolls?"
    r"|alphabet|words?|text|writing|inscriptions?|blackboards?|chalkboards?|menus?|tickets?|stamps?|calendars?|comics?)\b",
    re.IGNORECASE,
)
"""Things with writing on them, which a ban of text would spoil."""
_LETTERED = re.compile(r"comic|poster|lettering|typograph|calligraph|text|graffiti", re.IGNORECASE)
_MOTION = ("jittery", "flickering", "warping", "distorted", "inconsistent motion", "frozen")


def picture_negative(scene: Scene, cast: Mapping[str, Character], look: str, positive: str) -> str:
    """Return the default negative prompt of a scene's picture, `Scene.negative` where the user gave one.

    It never forbids what the positive prompt asks for: no ban of text with a sign in the picture, none of
    photographs where the look is one; anatomy is mentioned only where there is somebody.
    """
    if scene.negative is not None:
        return scene.negative
    words = [*_ALWAYS]
    shown = " ".join([*(prop.name for prop in scene.props), scene.prompt or ""])
    if not _SIGNS.search(shown) and not _LETTERED.search(look):
        words = [*_WRITING, *words]
    if has_people(scene, cast):
        words += _PEOPLE
    elif scene.actors:
        words += _CREATURES
    if scene.view != "close":
        words.append("cropped")
    return _agreed(words + _other_styles(look), positive)


def portrait_negative(character: Character, look: str, positive: str) -> str:
    """Return the default negative prompt of a portrait: somebody alone, whole, on nothing."""
    several = () if character.count > 1 else ("several people", "duplicate")
    words = [
        *_WRITING,
        *_ALWAYS,
        *(_PEOPLE if character.person else _CREATURES),
        "cropped",
        "busy background",
    ]
    return _agreed([*several, *words, *_other_styles(look)], positive)


def motion_negative(scene: Scene, cast: Mapping[str, Character], look: str, positive: str) -> str:
    """Return the default negative prompt of a clip, `Scene.negative` where the user gave one."""
    if scene.negative is not None:
        return scene.negative
    return _agreed([*_MOTION, *picture_negative(scene, cast, look, positive).split(", ")], positive)


def _other_styles(look: str) -> list[str]:
    """Drawn looks are kept from turning into photographs."""
    if not look or any(word in look.lower() for word in _PHOTOGRAPHIC):
        return []
    return ["photograph", "photorealistic"]


def _agreed(words: list[str], positive: str) -> str:
    """Join what the positive prompt does not itself ask for."""
    wanted = positive.lower()
    return ", ".join(
        dict.fromkeys(word for word in words if not re.search(rf"\b{re.escape(word)}\b", wanted))
    )
