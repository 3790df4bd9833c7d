"""The form in which a language model must answer: bounded JSON schemas, and its words made safe and plain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, get_args

from kamishibai.documents.storyboard import DayTime, Mood, Move, Pose, Setting, View, Weather

__all__ = [
    "COLOURS", "FEELINGS", "LONGEST_LINE", "NARRATOR", "NOBODY", "NO_COLOUR", "SOUNDS", "cast_schema", "cleaned",
    "mend_schema", "scenes_schema", "tale_schema",
]  # fmt: skip

SOUNDS: Final = (
    "applause", "bees", "bell", "birds", "bubbles", "cat", "chime", "church bell", "clock", "crackle", "crickets",
    "crowd", "dog", "door close", "door creak", "door open", "drip", "drum", "fire", "flute", "frogs", "glass", "gulls",
    "heartbeat", "horn", "ice", "knock", "leaves", "magic", "music box", "owl", "page", "parrot", "pop", "rain", "river",
    "ship horn", "snow", "splash", "steps", "storm", "thunder", "traffic", "train ride", "train whistle", "violin",
    "waves", "whistle", "whoosh", "wind", "wings", "wolf",
)  # fmt: skip
"""Sounds a model may name: all of them are known to sound:foley, and are plain words for models that read words."""
COLOURS: Final = (
    "black", "white", "grey", "brown", "red", "orange", "yellow", "golden", "green", "teal", "blue", "purple", "pink",
    "silver", "ginger", "blond",
)  # fmt: skip
FEELINGS: Final = ("neutral", "happy", "sad", "afraid", "angry", "asleep", "surprised")
NO_COLOUR: Final = "not said"
NARRATOR: Final = "narrator"
NOBODY: Final = "not a person"
LONGEST_LINE: Final = 300
"""Characters of a line that a model writes."""
_TAG = re.compile(r"<[^<>]*>")
_KEPT = "'’ʼ-‐,.!?()&"
_JOINERS = "\u200c\u200d"


def _object(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }


def _list(items: Any, most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _text(most: int, least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most}


def _one_of(values: Sequence[str]) -> dict[str, Any]:
    return {"enum": list(values)}


def cast_schema() -> dict[str, Any]:
    """Return the form of a cast: at most eight characters, each with a name, a noun, looks and a description."""
    colour = _one_of((NO_COLOUR, *COLOURS))
    return _object(
        {
            "cast": _list(
                _object(
                    {
                        "name": _text(40),
                        "noun": _text(30),
                        "gender": _one_of((NOBODY, "woman", "man", "neutral")),
                        "age": _one_of(("baby", "child", "adult", "old")),
                        "colour": colour,
                        "hair": colour,
                        "clothes": colour,
                        "description": _text(160),
                    }
                ),
                8,
            )
        }
    )


def scenes_schema(scenes: Mapping[str, bool], cast: Collection[str]) -> dict[str, Any]:
    """Return the form of some scenes, one field each, in order.

    Parameters
    ----------
    scenes
        Scene ids, each with whether somebody may be named who says its line.
    cast
        Cast ids: nobody else can be named.
    """
    return _object({id_: _scene(cast, spoken) for id_, spoken in scenes.items()})


def _scene(cast: Collection[str], spoken: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "setting": _one_of(get_args(Setting)),
        "time": _one_of(get_args(DayTime)),
        "weather": _one_of(get_args(Weather)),
        "mood": _one_of(get_args(Mood)),
        "view": _one_of(get_args(View)),
        "camera": _one_of(get_args(Move)),
    }
    if cast:
        actor = {
            "who": _one_of(list(cast)),
            "action": _text(30),
            "pose": _one_of(get_args(Pose)),
            "feeling": _one_of(FEELINGS),
        }
        fields["actors"] = _list(_object(actor), 4)
    prop = {
        "name": _text(30),
        "count": {"type": "integer", "minimum": 1, "maximum": 12},
        "colour": _one_of((NO_COLOUR, *COLOURS)),
    }
    fields["props"] = _list(_object(prop), 4)
    fields["sounds"] = _list(_one_of(SOUNDS), 3)
    if spoken and cast:
        fields["speaker"] = _one_of((NARRATOR, *cast))
    return _object(fields)


def tale_schema(lines: int, shortest: int = 1) -> dict[str, Any]:
    """Return the form of a story: a title, and exactly so many lines of at least `shortest` characters.

    Small models like to stop after a word; the form does not let them.
    """
    return _object({"title": _text(80), "lines": _list(_text(LONGEST_LINE, shortest), lines, lines)})


def mend_schema(longest: int) -> dict[str, Any]:
    """Return the form of a prompt of at most `longest` characters."""
    return _object({"prompt": _text(longest)})


def cleaned(text: str, most: int) -> str:
    """Return a model's words as data that cannot mean anything else: letters, digits and plain punctuation.

    Tags such as ``<lora:x:9>``, control characters, half letters, slashes, colons, brackets and quotation marks go,
    so that no path, address, option or markup comes out of a model. At most `most` characters stay.
    """
    text = _TAG.sub(" ", unicodedata.normalize("NFC", text))
    kept = "".join(
        char if unicodedata.category(char)[0] in "LMN" or char in _KEPT or char in _JOINERS else " "
        for char in text
    )
    # Dots in a row lead out of a folder, hyphens in a row begin an option; neither is needed in a few words.
    kept = re.sub(r"\.{2,}", ".", re.sub(r"-{2,}", "-", " ".join(kept.split())))
    kept = kept.strip(" ,.-&")[:most].rstrip(" ,.-&" + _JOINERS)
    return kept if any(char.isalnum() for char in kept) else ""
