"""try: any single model on its own, from plain words or a file; the result is saved and shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.options import FILM, Aspect, Move, Quality, ids_like, option

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from kamishibai.models.kinds import Notes
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
        list[str],
        typer.Argument(
            metavar="WORDS",
            help="A sentence (voice), a prompt (picture), a story (text), moods (music), sounds (sound), "
            "a picture or a prompt (motion), a sound file (ear), a picture and texts to compare it with (eye), "
            "a picture and questions about it (critic); - reads standard input.",
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
            "--like",
            metavar="PICTURE",
            help="What somebody looks like (picture), or what to compare with (eye); up to four.",
            panel=FILM,
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

    kamishibai try eye:clip picture.png "a fox" "a ship"

    kamishibai try critic:llava picture.png "What is happening?"
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for

    given = options.standard_input(words[0]) if len(words) == 1 else None
    text = words if given is None else [given.decode("utf-8", "replace")]
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
    if kind in ("text", "ear", "eye", "critic") or kind not in SUFFIX:
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

    if made.scores:
        console.print(scores_table(made, console.width))
        console.print()
    elif made.notes is not None:
        console.print(notes_table(made.notes))
        console.print()
    elif made.text:
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


BAR = 16
"""Columns of the bar for the best score."""


def scores_table(made: Trial, width: int) -> Table:
    """Return how well each text and picture fits, in the order given, within a terminal of `width` columns."""
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("rank", justify="right")
    table.add_column("cosine", justify="right", no_wrap=True)
    table.add_column("to the best", justify="right", no_wrap=True)
    if width >= 60:
        table.add_column("", no_wrap=True)
    table.add_column("compared with", overflow="fold", ratio=1)
    for picture in (False, True):
        some = [one for one in made.scores if one.picture == picture]
        if picture and some and len(some) < len(made.scores):
            table.add_row()
        best = max((one.score for one in some), default=0.0)
        for one in some:
            # Cosines are no shares of anything: the bar is the score itself, beside the best one's.
            bar = "█" * round(BAR * max(0.0, one.score) / best) if best > 0 else ""
            row = [str(one.rank), f"{one.score:.4f}", "best" if one.rank == 1 else f"{one.score - best:+.4f}"]
            row += [bar] if width >= 60 else []
            what = Text(clean(one.what), style="bold" if one.rank == 1 and len(some) > 1 else "")
            table.add_row(*row, what)
    return table


def notes_table(notes: Notes) -> Table:
    """Return what a critic saw, and its answers, each beside what was asked."""
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in (("caption", notes.caption), ("alt", notes.alt)):
        if text:
            table.add_row(name, Text(clean(text)))
    for one in notes.answers:
        table.add_row("asked", Text(clean(one.question), style="bold"))
        table.add_row("said", Text(clean(one.said or "nothing")))
        if one.yes is not None:
            table.add_row("verdict", f"{one.verdict}: yes {one.yes:.2f}, no {1 - one.yes:.2f}")
    if not table.rows:
        table.add_row("caption", "nothing was said")
    return table
