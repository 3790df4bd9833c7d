"""The two views of a run for people: live bars on a terminal, one plain line a finished stage anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from kamishibai.cli.console import clean, minutes
from kamishibai.work.events import Event

__all__ = ["Bars", "Lines", "Quiet", "Stage", "View", "time_left"]

STAGES = {
    "write": "Writing the story",
    "board": "Planning the storyboard",
    "speak": "Speaking the lines",
    "recording": "Reading the recording",
    "hear": "Listening to the recording",
    "align": "Finding the lines",
    "cut": "Cutting out the lines",
    "cast": "Drawing the cast",
    "draw": "Drawing the scenes",
    "move": "Moving the pictures",
    "sound": "Making sounds",
    "compose": "Composing the music",
    "mix": "Mixing",
    "listen": "Listening back",
    "examine": "Measuring the lines",
    "inspect": "Measuring the pictures",
    "watch": "Watching the clips",
    "look": "Comparing pictures",
    "judge": "Looking at pictures",
    "mend": "Changing prompts",
    "crop": "Cutting out the cast",
    "render": "Rendering",
    "pack": "Packing",
    "unpack": "Unpacking",
    "join": "Joining and measuring",
    "try": "Working",
    "pull": "Downloading",
    "convert": "Converting",
    "verify": "Checking",
}


class View(Protocol):
    """Someone who watches a run."""

    told: set[str]
    """Notes that were shown while it ran, so that a summary need not repeat them."""

    def __enter__(self) -> View:
        """Begin to watch."""

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""

    def event(self, event: Event) -> None:
        """See one event."""


FIRST = "first time"
MOST_WHY = 2


@dataclass
class Stage:
    """One step under way: how many of its calls are done, and what is being worked on."""

    name: str
    total: int
    reused: int
    began: float
    """When it was announced; from its first sign of life on, when its work began."""
    done: int = 0
    parts: dict[str, float] = field(default_factory=dict)
    """Part of each running call that is done, by scene."""
    why: list[str] = field(default_factory=list)
    """Why its calls were made, each reason once."""
    alive: bool = False
    finished: bool = False

    @property
    def reasons(self) -> str:
        """Why it had anything to do, in a few words; nothing where everything is new."""
        told = [text for text in self.why if text != FIRST]
        rest = f" and {len(told) - MOST_WHY} more" if len(told) > MOST_WHY else ""
        return ", ".join(told[:MOST_WHY]) + rest

    @property
    def title(self) -> str:
        """What is happening, in words."""
        return STAGES.get(self.name, self.name.capitalize())

    @property
    def amount(self) -> float:
        """Calls done, with the parts of those under way."""
        return min(self.total, self.reused + self.done + sum(self.parts.values()))


def time_left(stage: Stage, now: float) -> float | None:
    """Return the seconds a stage will still take at its pace so far, or None while that is a guess.

    Calls under way that do not tell how far they are count as half done.
    """
    made = stage.done + sum(part or 0.5 for part in stage.parts.values())
    elapsed = now - stage.began
    if (stage.done == 0 and sum(stage.parts.values()) < 0.3) or elapsed < 0.5:
        return None
    return elapsed / made * max(0.0, stage.total - stage.reused - made)


class Book:
    """Keeps the stages of a run by their events. Stages announced together run together."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.stages: dict[str, Stage] = {}
        self._announcing = False

    def take(self, event: Event) -> list[Stage]:
        """Enter an event; return the stages that it finished."""
        if event.event == "stage":
            ended = [] if self._announcing else self.end()
            self._announcing = True
            stage = Stage(event.stage, event.total, event.reused, self.clock())
            self.stages[event.stage] = stage
            if stage.total <= stage.reused:
                stage.finished = True
                ended.append(stage)
            return ended
        stage_ = self.stages.get(event.stage)
        if event.event in ("call", "progress"):
            self._announcing = False
        if stage_ is None or stage_.finished:
            return []
        if not stage_.alive:
            # Stages announced together wait for each other's workers: that wait is not their work.
            stage_.alive = True
            stage_.began = max(stage_.began, self.clock() - event.seconds)
        if event.event == "progress":
            stage_.parts[event.scene] = min(max(event.done, 0.0), 0.99)
        elif event.event == "call":
            stage_.parts.pop(event.scene, None)
            stage_.done += 1
            if event.why and event.why not in stage_.why:
                stage_.why.append(event.why)
            if stage_.reused + stage_.done >= stage_.total:
                stage_.finished = True
                return [stage_]
        return []

    def end(self) -> list[Stage]:
        """Finish what is still open: equal asks share one call, so a stage may end before its count."""
        open_ = [stage for stage in self.stages.values() if not stage.finished]
        for stage in open_:
            stage.finished = True
        return open_


class _LeftColumn(ProgressColumn):
    """How long a stage took, or how long it still takes."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """Return the text for one bar."""
        if task.finished:
            took = task.fields.get("took")
            return Text("kept" if took is None else minutes(took), style="dim")
        ends = task.fields.get("ends")
        if ends is None:
            return Text("")
        left = max(1.0, ends - time.monotonic())
        return Text(f"about {minutes(round(left)).replace('.0 s', ' s')} left", style="cyan")


class Bars:
    """Live bars, one a stage, with the scene in hand and the time left."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._book = Book(clock)
        self.told: set[str] = set()
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24, complete_style="cyan", finished_style="green"),
            TextColumn("{task.fields[count]}", style="dim", markup=False),
            _LeftColumn(),
            TextColumn("{task.fields[scene]}", style="dim", markup=False),
            console=console,
            refresh_per_second=8,
        )

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, kind: object = None, *_: object) -> None:
        if kind is None:
            for stage in self._book.end():
                self._show(stage)
        self._progress.stop()

    def event(self, event: Event) -> None:
        """Move the bars; notes are written above them."""
        if event.event in ("note", "warning") and event.text:
            self.told.add(event.text)
            style = "yellow" if event.event == "warning" else "dim"
            self._progress.console.print(
                Text.assemble((f"{event.event}  ", style), clean(event.text)), soft_wrap=True
            )
        for stage in self._book.take(event):
            self._show(stage)
        current = self._book.stages.get(event.stage)
        if current is not None and not current.finished:
            step = event.text if event.event == "progress" else ""
            self._show(current, " · ".join(part for part in (event.scene, step) if part))

    def _show(self, stage: Stage, scene: str = "") -> None:
        if stage.name not in self._tasks:
            self._tasks[stage.name] = self._progress.add_task(
                stage.title, total=max(stage.total, 1), count="", scene="", ends=None, took=None
            )
        task = self._tasks[stage.name]
        if stage.finished:
            took = self._book.clock() - stage.began if stage.done else None
            self._progress.update(
                task,
                completed=max(stage.total, 1),
                count=_count(stage),
                scene=clean(stage.reasons)[:60],
                ends=None,
                took=took,
            )
            return
        left = time_left(stage, self._book.clock())
        self._progress.update(
            task,
            completed=stage.amount,
            count=_count(stage),
            ends=None if left is None else time.monotonic() + left,
            scene=clean(scene)[:40],
        )


def _count(stage: Stage) -> str:
    if stage.finished:
        return f"{stage.total}" if stage.total > 1 else ""
    return f"{stage.reused + stage.done}/{stage.total}"


class Lines:
    """One plain line a finished stage, for logs and pipes."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._book = Book(clock)
        self.told: set[str] = set()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, kind: object = None, *_: object) -> None:
        if kind is None:
            self._tell(self._book.end())

    def event(self, event: Event) -> None:
        """Write what is finished."""
        if event.event in ("note", "warning") and event.text:
            self.told.add(event.text)
            self._console.print(f"{event.event}: {clean(event.text)}", soft_wrap=True)
        self._tell(self._book.take(event))

    def _tell(self, stages: list[Stage]) -> None:
        for stage in stages:
            made = stage.total - stage.reused
            kept = f", {stage.reused} kept from before" if stage.reused and made else ""
            took = f"in {minutes(self._book.clock() - stage.began)}" if made else "kept from before"
            why = f" ({clean(stage.reasons)})" if stage.reasons else ""
            self._console.print(
                f"{stage.title}: {stage.total} {took}{kept}{why}",
                soft_wrap=True,
                markup=False,
                highlight=False,
            )


class Quiet:
    """Warnings alone."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.told: set[str] = set()

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def event(self, event: Event) -> None:
        """Write warnings, and nothing else."""
        if event.event == "warning":
            self._console.print(f"warning: {clean(event.text)}", soft_wrap=True)
