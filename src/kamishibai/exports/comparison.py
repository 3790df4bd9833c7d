"""compare.html: what several models made of the same scenes, side by side, on one page that needs no other file."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene
from kamishibai.exports.report import thumbnail
from kamishibai.gates.picture import ClipFacts, PictureFacts
from kamishibai.models.base import Licence
from kamishibai.version import __version__

__all__ = ["Cell", "Comparison", "Entrant", "Sample", "comparison_html", "file_name", "said_again", "summary"]


class Sample(Frozen):
    """What one model made of one scene, once."""

    model: str
    scene: str
    take: int
    """0, 1, 2 …; the same take has the same seed for every model."""
    seed: int
    prompt: str = ""
    """What the model was given to read; empty for one that reads no words."""
    negative: str = ""
    image: Ref | None = None
    """PNG; of a clip, its first frame."""
    clip: Ref | None = None
    """MP4 as the film would show it."""
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    """Wall time of making it."""
    reused: bool = False
    """It was there already; its time and memory are from when it was made."""
    notes: tuple[str, ...] = ()
    picture: PictureFacts | None = None
    movement: ClipFacts | None = None
    fits_line: float | None = None
    """Score of the scene's line, where an eye looked."""
    fits_scene: float | None = None
    """Score of the scene in words, the same for every model and without a style."""
    like_cast: float | None = None
    """Mean likeness to the portraits it was held to."""


class Entrant(Frozen):
    """One model of the comparison, over all its samples."""

    id: str
    kind: Literal["picture", "motion"]
    version: str
    options: dict[str, Any]
    licences: tuple[Licence, ...] = ()
    load_s: float | None = None
    """Seconds until it was ready; None when nothing had to be made."""
    seconds: float | None = None
    """Mean wall time of one sample."""
    memory_mb: int = 0
    """The most memory that its process, or its accelerator, needed; 0: not known."""
    portraits: dict[str, Ref] = Field(default_factory=dict)
    """What the cast looks like to this model, by cast id; empty when it holds no faces."""
    samples: tuple[Sample, ...] = ()
    error: str = ""
    """Why it made nothing, or not everything."""

    def mean(self, name: str) -> float | None:
        """Return the mean of one score over the samples that have it."""
        values = [value for sample in self.samples if (value := getattr(sample, name)) is not None]
        return sum(values) / len(values) if values else None


class Comparison(Frozen):
    """Everything the page shows."""

    title: str
    language: str
    scenes: tuple[Scene, ...]
    described: dict[str, str]
    """Scene id → the scene in words, as the eye was asked about it."""
    entrants: tuple[Entrant, ...]
    eye: str = ""
    """Who scored; empty when nobody did."""
    width: int
    height: int
    page: Path | None = None


def comparison_html(comparison: Comparison, open_: Callable[[Ref], bytes], command: str) -> str:
    """Return the page; pictures and clips are in it, all text is escaped.

    Parameters
    ----------
    open_
        Returns the bytes behind a ref, e.g. ``Store.open``.
    command
        What made the page, to be shown on it.
    """
    environment = Environment(
        loader=PackageLoader("kamishibai.exports", "templates"), autoescape=True, undefined=StrictUndefined
    )
    pictures = [entrant for entrant in comparison.entrants if entrant.kind == "picture"]
    clips = [entrant for entrant in comparison.entrants if entrant.kind == "motion"]
    groups = [(name, them) for name, them in (("Pictures", pictures), ("Clips", clips)) if them]
    media = {
        ref.sha256: address
        for entrant in comparison.entrants
        for sample in entrant.samples
        for ref, address in _addresses(sample, open_)
    }
    faces = {
        ref.sha256: thumbnail(open_(ref))
        for entrant in comparison.entrants
        for ref in entrant.portraits.values()
    }
    return environment.get_template("compare.html").render(
        it=comparison,
        groups=groups,
        tables=[(name, _table(them)) for name, them in groups],
        media={**faces, **media},
        rows={scene.id: _rows(scene, comparison.entrants) for scene in comparison.scenes},
        command=command,
        version=__version__,
    )


def summary(comparison: Comparison) -> list[tuple[list[str], list[tuple[Entrant, list[Cell]]]]]:
    """Return, for pictures and for clips, the heads of the summary, and each model with its cells."""
    kinds = ("picture", "motion")
    groups = [[one for one in comparison.entrants if one.kind == kind] for kind in kinds]
    return [_table(them) for them in groups if them]


def file_name(comparison: Comparison) -> str:
    """Return the name of the page's file: the scenes are in it, so that pages of others stay."""
    return f"compare-{'+'.join(scene.id for scene in comparison.scenes)[:80]}.html"


def said_again(source: str, comparison: Comparison, count: int) -> str:
    """Return the command that makes the page."""
    words = ["kamishibai", "compare", source]
    words += [part for scene in comparison.scenes for part in ("--scene", scene.id)]
    words += [part for one in comparison.entrants for part in (f"--{one.kind}", one.id.split(":", 1)[1])]
    for one in comparison.entrants:
        words += [
            part for field, value in one.options.items() for part in ("--option", f"{one.id}.{field}={value}")
        ]
    if count > 1:
        words += ["--count", str(count)]
    if comparison.eye:
        words += ["--eye", comparison.eye.split(":", 1)[1]]
    return shlex.join(words)


def _addresses(sample: Sample, open_: Callable[[Ref], bytes]) -> list[tuple[Ref, str]]:
    found = []
    if sample.image is not None:
        found.append((sample.image, thumbnail(open_(sample.image))))
    if sample.clip is not None:
        data = base64.b64encode(open_(sample.clip)).decode("ascii")
        found.append((sample.clip, f"data:video/mp4;base64,{data}"))
    return found


def _rows(scene: Scene, entrants: Sequence[Entrant]) -> dict[str, list[int]]:
    """Return the numbers of the takes that there are of a scene, by kind."""
    takes: dict[str, set[int]] = {"picture": set(), "motion": set()}
    for entrant in entrants:
        takes[entrant.kind] |= {sample.take for sample in entrant.samples if sample.scene == scene.id}
    return {kind: sorted(numbers) for kind, numbers in takes.items()}


class Cell(Frozen):
    """A value of the summary; `best` where it is the highest score of the column."""

    text: str
    best: bool = False


def _table(entrants: Sequence[Entrant]) -> tuple[list[str], list[tuple[Entrant, list[Cell]]]]:
    """Return the summary's heads, and each model with its cells; columns that nobody has a value for are left out."""
    columns: list[tuple[str, list[str], list[float | None]]] = []

    def column(head: str, texts: Sequence[str], scores: Sequence[float | None] | None = None) -> None:
        if any(texts):
            columns.append((head, list(texts), list(scores) if scores else [None] * len(texts)))

    for name, head in (
        ("fits_line", "Fits the line"),
        ("fits_scene", "Fits the scene"),
        ("like_cast", "Like the cast"),
    ):
        means = [entrant.mean(name) for entrant in entrants]
        column(head, ["" if mean is None else f"{mean:.3f}" for mean in means], means)
    column("A take", ["" if e.seconds is None else _seconds(e.seconds) for e in entrants])
    column("Loading", ["" if e.load_s is None else _seconds(e.load_s) for e in entrants])
    column("Memory", [f"{e.memory_mb:,} MB" if e.memory_mb else "" for e in entrants])
    for name, head in (("sharpness", "Sharpness"), ("contrast", "Contrast"), ("colourfulness", "Colour")):
        column(head, [_fact(e, "picture", name) for e in entrants])
    for name, head in (("movement", "Movement"), ("unsteadiness", "Flicker"), ("drift", "Drift")):
        column(head, [_fact(e, "movement", name) for e in entrants])
    best = [max((score for score in scores if score is not None), default=None) for _, _, scores in columns]
    rows = [
        (entrant, [
            Cell(text=texts[i] or "–", best=len(entrants) > 1 and scores[i] is not None and scores[i] == best[k])
            for k, (_, texts, scores) in enumerate(columns)
        ])
        for i, entrant in enumerate(entrants)
    ]  # fmt: skip
    return [head for head, _, _ in columns], rows


def _fact(entrant: Entrant, group: str, name: str) -> str:
    values = [
        getattr(facts, name) for sample in entrant.samples if (facts := getattr(sample, group)) is not None
    ]
    return f"{sum(values) / len(values):.1f}" if values else ""


def _seconds(seconds: float) -> str:
    return (
        f"{seconds:.2f} s"
        if seconds < 10
        else f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.1f} min"
    )
