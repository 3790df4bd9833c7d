"""make and board: from a story to a storyboard and to a film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from kamishibai.studio import FilmFiles, StudioBoard

__all__ = ["board", "make"]


def make(
    story: options.StoryOrNone = None,
    out: options.Out = None,
    replan: options.Replan = False,
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
    update_lock: Annotated[
        bool,
        flag(
            "--update-lock",
            help="Accept other weights than those in the project's kamishibai.lock.",
            panel=MODELS,
        ),
    ] = False,
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
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make the film of a story.

    What is current is not made again: stop it at any time, edit a line, and run the same command.

    [dim]Example:[/]  kamishibai make story.md --aspect 9:16 --music none
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.summary import film_summary

    settings = {
        "text": text, "picture": picture, "motion": motion, "voice": voice, "music": music, "sound": sound,
        "narration": narration,
        "ear": ear, "eye": eye, "critic": critic, "gates": options.gate_modes(gates) or None,
        "thresholds": options.thresholds(threshold) or None, "retakes": retakes, "retake_minutes": retake_minutes,
        "best_of": best_of, "options": options.model_options(options_) or None, "aspect": aspect and aspect.value,
        "size": size, "fps": fps, "quality": quality and quality.value,
        "motion_fallback": motion_fallback, "captions": captions and captions.value, "titles": titles, "workers": workers, "cache": cache,
        "seed": seed, "commercial_safe": commercial_safe, "offline": offline,
    }  # fmt: skip
    data = options.standard_input(story)

    def work(listen: Any, stop: Any) -> FilmFiles:
        from kamishibai.studio import Studio

        studio = Studio(listen=listen, stop=stop, **settings)
        return studio.make(story, out, text=data, replan=replan, update_lock=update_lock)

    view = view_for(json=json, quiet=quiet)
    films = run(work, view)
    if isinstance(view, JsonLines):
        view.result(films.model_dump(mode="json"))
    elif quiet:
        screen().print(clean(str(films.film)), soft_wrap=True)
    else:
        film_summary(films, screen(), view.told)


def board(
    story: options.Story,
    out: options.Out = None,
    replan: options.Replan = False,
    text: Annotated[str | None, model_option("text", "plans the storyboard")] = None,
    options_: options.Options = None,
    cache: options.Cache = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Plan the storyboard of a story and stop there, so that you can edit it.

    [dim]Example:[/]  kamishibai board story.md --out film/story
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.summary import board_summary

    settings = {
        "text": text,
        "options": options.model_options(options_) or None,
        "cache": cache,
        "workers": 0,
    }
    data = options.standard_input(story)

    def work(listen: Any, stop: Any) -> StudioBoard:
        from kamishibai.studio import Studio

        return Studio(listen=listen, stop=stop, **settings).board(story, out, text=data, replan=replan)

    view = view_for(json=json, quiet=quiet)
    planned = run(work, view)
    path = planned.folder / "storyboard.yaml"
    if isinstance(view, JsonLines):
        view.result(
            {
                "storyboard": str(path),
                "edited": planned.edited,
                "notes": list(planned.notes),
                "board": planned.board.model_dump(mode="json", by_alias=True),
            }
        )
    elif quiet:
        screen().print(clean(str(path)), soft_wrap=True)
    else:
        board_summary(planned, screen())
