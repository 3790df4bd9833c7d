"""What a person sees when a film or a storyboard is ready: where it lies, what was measured, what to do next."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kamishibai.cli.console import clean, facts_table, minutes, next_lines, notes_lines

if TYPE_CHECKING:
    from kamishibai.studio import FilmFiles, StudioBoard

__all__ = ["board_summary", "film_summary", "measured_rows"]


def measured_rows(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the numbers measured in the finished film as rows; what nobody measured is said to be so."""
    if not measured:
        return []
    rows = []
    loudness, peak = measured.get("loudness_lufs"), measured.get("true_peak_dbtp")
    if loudness is None or peak is None:
        rows.append(("loudness", "silent"))
    else:
        rows.append(("loudness", f"{loudness:.1f} LUFS, true peak {peak:.1f} dBTP"))
    wer = measured.get("narration_wer")
    if wer is None:
        rows.append(("narration", "not checked: nobody listened"))
    else:
        rows.append(
            ("narration", f"{100 * wer:.1f} % of {measured.get('narration_words')} words heard differently")
        )
    onset, late = measured.get("caption_onset_median_s"), measured.get("caption_onset_p95_s")
    if onset is not None and late is not None:
        rows.append(("captions", f"{1000 * onset:.0f} ms from the voice (95 % within {1000 * late:.0f} ms)"))
    return rows


def film_summary(film: FilmFiles, console: Console, told: set[str]) -> None:
    """Tell about a finished film; notes that were `told` already are not repeated."""
    head = "Nothing had changed: " if film.fresh else ""
    console.print(Text.assemble((head, "dim"), (clean(film.title), "bold"), f", {film.scenes} scenes"))
    rows = [("film", str(film.film)), ("length", minutes(film.seconds))]
    rows += measured_rows(film.measured)
    if not film.fresh:
        share = film.took_s / film.seconds if film.seconds else 0.0
        rows.append(("made in", f"{minutes(film.took_s)} ({share:.1f} × its length)"))
    rows.append(("beside it", ", ".join(name for name in film.files if name != film.film.name)))
    console.print(facts_table(rows))
    for line in notes_lines([note for note in film.notes if note not in told]):
        console.print(line)
    console.print()
    folder = shlex.quote(str(film.folder))
    console.print(
        next_lines(
            [
                (f"kamishibai show {folder}", "scenes, models, licences, measured values"),
                (f"kamishibai make {folder}", "again, after editing its storyboard.yaml"),
            ]
        )
    )


def board_summary(planned: StudioBoard, console: Console) -> None:
    """Tell about a storyboard."""
    board = planned.board
    edited = " (yours, as you edited it)" if planned.edited else ""
    console.print(Text.assemble((clean(board.title), "bold"), f", {len(board.scenes)} scenes{edited}"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("scene", "line", "where", "who and what"):
        table.add_column(name, overflow="fold")
    for scene in board.scenes:
        who = [actor.who for actor in scene.actors] + [prop.name for prop in scene.props]
        where = f"{scene.setting}, {scene.time}" + ("" if scene.weather == "clear" else f", {scene.weather}")
        table.add_row(*(Text(clean(text)) for text in (scene.id, scene.line, where, ", ".join(who))))
    console.print(table)
    for line in notes_lines(planned.notes):
        console.print(line)
    console.print()
    path: Path = planned.folder / "storyboard.yaml"
    console.print(facts_table([("storyboard", str(path))]))
    console.print(
        next_lines(
            [
                (
                    f"kamishibai make {shlex.quote(str(planned.folder))}",
                    "makes the film; edit the storyboard first, if you like",
                )
            ]
        )
    )
