"""voices: who says which line: the narrator's voice, a character's own, or one of the narrator model's other speakers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamishibai.documents.storyboard import Character, Scene, Storyboard
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Speak
from kamishibai.steps.models_chosen import Chosen, choose
from kamishibai.work.key import seed_for

__all__ = ["OF", "own_voices", "speak_ask", "voice_of"]

OF = "voice/"
"""Chosen voices of single characters stand beside the narrator's under this and the cast id."""


def own_voices(board: Storyboard, narrator: Chosen, options: dict[str, dict[str, Any]]) -> dict[str, Chosen]:
    """Return the voice of every character who speaks and whose `voice` names a model of its own, under ``voice/ID``.

    A `voice` that names no voice back-end is a speaker of the narrator's model; with the narrator silent, all are.

    Raises
    ------
    UnknownModelError
        When a named model lacks its packages.
    """
    if narrator.id == "voice:none":
        return {}
    speaking = dict.fromkeys(scene.speaker for scene in board.scenes if scene.speaker)
    found = {}
    for who in speaking:
        wanted = board.character(who).voice
        if wanted and _names_a_model(wanted):
            chosen = choose("voice", wanted, options)
            found[OF + who] = chosen.model_copy(update={"why": f"the voice of {board.character(who).name}"})
    return found


def _names_a_model(wanted: str) -> bool:
    name = wanted.partition("#")[0]
    backend = ":".join(registry.normal_id("voice", name).split(":")[:2])
    return backend in registry.ids("voice")


def voice_of(
    scene: Scene, board: Storyboard, models: Mapping[str, Chosen], makers: Mapping[str, Model[Any, Any]]
) -> tuple[Chosen, str | None]:
    """Return the voice model and the speaker for a scene's line.

    Characters without a voice of their own each get another speaker of the narrator's model, by their place in the
    cast, where that model has several for the language.
    """
    narrator = models["voice"]
    if scene.speaker is None:
        return narrator, narrator.speaker
    own = models.get(OF + scene.speaker)
    if own is not None:
        return own, own.speaker
    named = board.character(scene.speaker).voice
    if narrator.id == "voice:none":
        return narrator, None
    return narrator, named or _given(scene.speaker, board, narrator, makers["voice"])


def _given(who: str, board: Storyboard, narrator: Chosen, model: Model[Any, Any]) -> str | None:
    all_ = model.speakers(board.language)
    taken = {narrator.speaker or (all_[0] if all_ else None), *(c.voice for c in board.cast if c.voice)}
    free = [speaker for speaker in all_ if speaker not in taken]
    if not free:
        return narrator.speaker
    waiting: list[Character] = [character for character in board.cast if not character.voice]
    place = next(i for i, character in enumerate(waiting) if character.id == who)
    return free[place % len(free)]


def speak_ask(scene: Scene, board: Storyboard, speaker: str | None, take: int = 0) -> Speak:
    """Return the ask for a scene's line, `take` counted from 0."""
    return Speak(
        text=scene.line,
        language=board.language,
        voice=speaker,
        seed=seed_for(board.seed, scene.id, "voice", take),
    )
