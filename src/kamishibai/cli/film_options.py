"""The options that say how a film is made, written once for every command that makes or plans one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from kamishibai.cli import options
from kamishibai.cli.options import (
    FILM,
    GATES,
    MODELS,
    RUNNING,
    Aspect,
    Captions,
    Quality,
    flag,
    model_option,
    option,
)

__all__ = ["film_options"]


def _film(
    aspect: Annotated[
        Aspect | None, option("--aspect", help="Shape of the frame. Default: the storyboard's.", panel=FILM)
    ] = None,
    size: Annotated[
        int | None,
        option(
            "--size",
            metavar="PX",
            help="Shorter side of the frame, 144 to 2160. Default: 1080.",
            panel=FILM,
            min=144,
            max=2160,
        ),
    ] = None,
    fps: Annotated[
        str | None,
        option(
            "--fps", metavar="N", help="Frames a second, such as 25 or 30000/1001. Default: 30.", panel=FILM
        ),
    ] = None,
    quality: Annotated[
        Quality | None,
        option("--quality", help="draft is quick, best is slow. Default: good.", panel=FILM),
    ] = None,
    captions: Annotated[
        Captions | None,
        option(
            "--captions",
            help="burn: in the picture; soft: a track to switch on. Default: both. SRT and VTT are always written.",
            panel=FILM,
        ),
    ] = None,
    titles: Annotated[
        bool | None,
        option(
            "--titles/--no-titles", help="Title card and credits. Default: with them.", metavar="", panel=FILM
        ),
    ] = None,
    seed: options.Seed = None,
    text: Annotated[str | None, model_option("text", "plans the storyboard")] = None,
    picture: Annotated[str | None, model_option("picture", "draws")] = None,
    motion: Annotated[str | None, model_option("motion", "moves the pictures")] = None,
    voice: Annotated[str | None, model_option("voice", "speaks", "narration")] = None,
    narration: Annotated[
        Path | None,
        option(
            "--narration",
            metavar="FILE",
            help="A recording of the story, in place of a voice. Without STORY it becomes the story too.",
            panel=MODELS,
        ),
    ] = None,
    music: Annotated[str | None, model_option("music", "composes", "music")] = None,
    sound: Annotated[str | None, model_option("sound", "makes the sounds", "sounds")] = None,
    ear: Annotated[str | None, model_option("ear", "checks the narration", "check")] = None,
    eye: Annotated[
        str | None, model_option("eye", "compares pictures with their lines", "comparison")
    ] = None,
    critic: Annotated[
        str | None, model_option("critic", "looks at pictures and says what is missing", "critic")
    ] = None,
    gates: options.Gates = None,
    threshold: options.Thresholds = None,
    retakes: Annotated[
        int | None,
        option(
            "--retakes",
            metavar="N",
            help="How often a scene's voice, picture or clip is made again at most. Default: 2.",
            panel=GATES,
            min=0,
            max=20,
        ),
    ] = None,
    retake_minutes: Annotated[
        float | None,
        option(
            "--retake-minutes",
            metavar="N",
            help="Model minutes that retakes of one kind may take in the whole film. Default: no limit.",
            panel=GATES,
            min=0,
        ),
    ] = None,
    best_of: Annotated[
        int | None,
        option(
            "--best-of",
            metavar="N",
            help="Pictures drawn of every scene for the eye to choose from. Default: 1.",
            panel=GATES,
            min=1,
            max=16,
        ),
    ] = None,
    motion_fallback: Annotated[
        bool | None,
        option(
            "--motion-fallback/--no-motion-fallback",
            help="Let the camera move the scenes where the motion model fails. Default: stop with the error.",
            metavar="",
            panel=MODELS,
        ),
    ] = None,
    options_: options.Options = None,
    commercial_safe: Annotated[
        bool | None,
        flag(
            "--commercial-safe",
            help="Refuse, before any work, models whose licence forbids commercial use or is not known.",
            panel=MODELS,
        ),
    ] = None,
    offline: Annotated[
        bool | None,
        flag("--offline", help="Never touch the network. Making a film never does.", panel=RUNNING),
    ] = None,
    workers: Annotated[
        int | None,
        option(
            "--workers",
            metavar="N",
            help="Processes to work in. Default: one a core.",
            panel=RUNNING,
            min=0,
            max=256,
        ),
    ] = None,
    cache: options.Cache = None,
) -> dict[str, Any]:
    """Return the settings that were given; None where nothing was."""
    return {
        "text": text, "picture": picture, "motion": motion, "voice": voice, "narration": narration, "music": music,
        "sound": sound, "ear": ear, "eye": eye, "critic": critic, "gates": options.gate_modes(gates) or None,
        "thresholds": options.thresholds(threshold) or None, "retakes": retakes, "retake_minutes": retake_minutes,
        "best_of": best_of, "options": options.model_options(options_) or None, "aspect": aspect and aspect.value,
        "size": size, "fps": fps, "quality": quality and quality.value, "motion_fallback": motion_fallback,
        "captions": captions and captions.value, "titles": titles, "workers": workers, "cache": cache, "seed": seed,
        "commercial_safe": commercial_safe, "offline": offline,
    }  # fmt: skip


_HINTS = get_type_hints(_film, include_extras=True)
_SHARED = {
    name: parameter.replace(annotation=_HINTS[name], kind=inspect.Parameter.KEYWORD_ONLY)
    for name, parameter in inspect.signature(_film).parameters.items()
}


def film_options(*without: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command all options of a film, in place of its parameter `settings`, which gets what was given.

    Parameters
    ----------
    without
        Names of options that the command does not have.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(command, include_extras=True)
        shared = {name: one for name, one in _SHARED.items() if name not in without}
        merged: list[inspect.Parameter] = []
        for name, parameter in inspect.signature(command).parameters.items():
            if name == "settings":
                merged += shared.values()
            else:
                merged.append(parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))

        @functools.wraps(command)
        def run(**given: Any) -> None:
            film = _film(**{name: given.pop(name) for name in shared})
            command(settings={name: value for name, value in film.items() if value is not None}, **given)

        run.__signature__ = inspect.Signature(merged)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in merged}
        return run

    return decorate
