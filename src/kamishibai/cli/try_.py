"""try: any single model on its own, from plain words or a file; the result is saved and shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.options import FILM, Aspect, Move, Quality, ids_like, option

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.trial import Trial

__all__ = ["try_"]


def try_(
    model: Annotated[
        str,
        typer.Argument(
            metavar="KIND:BACKEND",
            help="A model, such as voice:hibari, or a kind for its default.",
            autocompletion=ids_like(None),
        ),
    ],
    words: Annotated[
        str,
        typer.Argument(
            metavar="WORDS",
            help="A sentence (voice), a prompt (picture), a story (text), moods (music), sounds (sound), "
            "a picture or a prompt (motion), a sound file (ear), a PNG and words (eye); - reads standard input.",
        ),
    ],
    out: Annotated[
        Path | None,
        option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where the result goes. Default: KIND-BACKEND.png, .wav or .mp4.",
        ),
    ] = None,
    seconds: Annotated[
        str | None, option("--seconds", metavar="N", help="Length (motion, music, sound).", panel=FILM)
    ] = None,
    move: Annotated[Move | None, option("--move", help="Camera (motion). Default: push.", panel=FILM)] = None,
    language: Annotated[
        str | None,
        option(
            "--language", metavar="CODE", help="en, pt-BR … (voice, text, ear). Default: guessed.", panel=FILM
        ),
    ] = None,
    speaker: Annotated[
        str | None, option("--speaker", metavar="NAME", help="One of the voice's own (voice).", panel=FILM)
    ] = None,
    prompt: Annotated[
        str | None, option("--prompt", metavar="TEXT", help="What happens in the clip (motion).", panel=FILM)
    ] = None,
    negative: Annotated[
        str | None,
        option("--negative", metavar="TEXT", help="What must not be seen (picture, motion).", panel=FILM),
    ] = None,
    source: Annotated[
        Path | None,
        option("--from", metavar="PICTURE", help="A picture to start from (picture).", panel=FILM),
    ] = None,
    strength: Annotated[
        float | None,
        option(
            "--strength", metavar="N", help="How far from it, 0 to 1. Default: 0.6 (picture).", panel=FILM
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        option(
            "--mask", metavar="PICTURE", help="Only what is white in it is drawn anew (picture).", panel=FILM
        ),
    ] = None,
    like: Annotated[
        list[Path] | None,
        option(
            "--like", metavar="PICTURE", help="What somebody looks like; up to four (picture).", panel=FILM
        ),
    ] = None,
    aspect: Annotated[
        Aspect | None, option("--aspect", help="Shape of the frame (picture, motion).", panel=FILM)
    ] = None,
    size: Annotated[
        int | None,
        option(
            "--size",
            metavar="PX",
            help="Shorter side of the frame (picture, motion).",
            panel=FILM,
            min=144,
            max=2160,
        ),
    ] = None,
    fps: Annotated[
        str | None, option("--fps", metavar="N", help="Frames a second (motion).", panel=FILM)
    ] = None,
    quality: Annotated[
        Quality | None, option("--quality", help="How well a clip is encoded (motion).", panel=FILM)
    ] = None,
    seed: options.Seed = None,
    options_: options.Options = None,
    cache: options.Cache = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Try one model alone: say a sentence, draw a prompt, compose a mood, transcribe a file.

    [dim]Examples:[/]

    kamishibai try voice:hibari "Once upon a time." -o once.wav

    kamishibai try picture "a fox under a tree at night"

    kamishibai try music calm --seconds 20
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for

    given = options.standard_input(words)
    text = words if given is None else given.decode("utf-8", "replace")
    settings: dict[str, Any] = {
        "aspect": aspect and aspect.value, "size": size, "fps": fps, "quality": quality and quality.value,
        "seed": seed, "options": options.model_options(options_) or None, "cache": cache,
    }  # fmt: skip

    def work(listen: Any, stop: Any) -> Trial:
        from kamishibai.studio import Studio

        studio = Studio(listen=listen, stop=stop, **settings)
        return studio.try_one(
            model,
            text,
            out or free_name(model),
            seconds=seconds,
            move=move and move.value,
            language=language,
            speaker=speaker,
            prompt=prompt,
            negative=negative,
            source=source,
            strength=strength,
            mask=mask,
            like=like or (),
        )

    view = view_for(json=json, quiet=quiet)
    made = run(work, view)
    if isinstance(view, JsonLines):
        view.result(made.model_dump(mode="json"))
    elif quiet:
        screen().print(clean(str(made.path) if made.path else made.text.rstrip("\n")), soft_wrap=True)
    else:
        trial_summary(made, screen())


def free_name(model: str) -> Path | None:
    """Return a name in this folder that nothing has yet; None for kinds whose result is text to be shown."""
    from kamishibai.trial import SUFFIX

    kind, _, rest = model.partition(":")
    if kind in ("text", "ear", "eye") or kind not in SUFFIX:
        return None
    stem = "-".join(part for part in (kind, *rest.replace("/", ":").split(":")) if part)
    path, number = Path(stem + SUFFIX[kind]), 1
    while path.exists():
        number += 1
        path = Path(f"{stem}-{number}{SUFFIX[kind]}")
    return path


def trial_summary(made: Trial, console: Console) -> None:
    """Tell what one model made."""
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, minutes

    if made.text:
        console.print(Text(clean(made.text.rstrip("\n"))), soft_wrap=True)
        console.print()
    took = "kept from before" if made.reused else minutes(made.took_s)
    rows = [("model", made.id), *made.facts, ("took", took)]
    if made.path is not None:
        rows.insert(1, ("saved", f"{made.path} ({made.bytes / 1000:,.0f} kB)"))
    console.print(facts_table(rows))
    if made.words:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("word", "from", "to", "said as"):
            table.add_column(name, justify="right" if name in ("from", "to") else "left")
        for word in made.words:
            table.add_row(
                Text(clean(word.text)),
                f"{float(word.start):.2f}",
                f"{float(word.end):.2f}",
                Text(clean(word.spoken)),
            )
        console.print()
        console.print(table)
