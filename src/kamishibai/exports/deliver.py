"""Everything that lies beside a finished film, and the film itself: MP4, captions, contact sheet, report, ledger."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kamishibai.disk import write_atomically
from kamishibai.engine.mux import join
from kamishibai.exports.contact_sheet import TILE_PX, contact_sheet
from kamishibai.exports.files import FilmFiles
from kamishibai.exports.gate_rows import gate_rows
from kamishibai.exports.measured import measure_film
from kamishibai.exports.report import ModelRow, data_address, report_html
from kamishibai.exports.report_rows import portrait_rows, scene_rows
from kamishibai.exports.small_pictures import Moment, SmallPictures, middle_of
from kamishibai.exports.srt import srt
from kamishibai.exports.vtt import vtt
from kamishibai.pipeline import Made
from kamishibai.recipe import recipe_of
from kamishibai.settings import Settings
from kamishibai.steps.gate_settings import gates_of
from kamishibai.steps.ledger import Ledger, entries_of
from kamishibai.steps.makers import EncodeAsk
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.prompt import taken_out
from kamishibai.version import __version__
from kamishibai.work.explain import CallKey
from kamishibai.work.key import file_hash
from kamishibai.work.store import Store

__all__ = ["deliver"]

WHAT = {
    ".mp4": "the film",
    ".srt": "captions (SubRip)",
    ".vtt": "captions for the web (WebVTT)",
    "contact-sheet.png": "frames pulled out of the film",
    "report.html": "this page",
    "ledger.json": "who made what: models, seeds, prompts, licences, hashes",
    "storyboard.yaml": "the storyboard: edit it and run again",
}


def deliver(
    made: Made,
    folder: Path,
    name: str,
    settings: Settings,
    models: Mapping[str, Chosen],
    store: Store,
    *,
    picks: Mapping[str, Any] = MappingProxyType({}),
    go_on: Callable[[], None] = lambda: None,
    note: Callable[[Sequence[CallKey]], None] = lambda calls: None,
) -> FilmFiles:
    """Join the film in `folder` as ``name.mp4``, measure it, and write everything that lies beside it.

    Parameters
    ----------
    picks
        The takes that a person chose, for the film's recipe.
    go_on
        Called between the steps; it may raise Cancelled.
    note
        Called with the small pictures that are kept in the store for the next time.

    Raises
    ------
    KamishibaiError
        When the disk is full or a stored file is damaged; finished takes are kept.
    """
    board, film = made.board, made.film
    small = SmallPictures(store, go_on, note)
    path = folder / f"{name}.mp4"
    recipe = recipe_of(made, settings, models, picks)
    tags = {"title": board.title, "comment": json.dumps(recipe, ensure_ascii=False, separators=(",", ":"))}
    if board.author:
        tags["artist"] = board.author
    soft = film.captions if settings.captions in ("soft", "both") else None
    assert film.sound is not None
    join(
        (store.open(ref) for ref in made.segments),
        store.path(film.sound),
        soft,
        tags,
        path,
        fps=film.fps,
        language=board.language,
    )
    go_on()
    write_atomically(folder / f"{name}.srt", srt(film.captions).encode("utf-8"))
    write_atomically(folder / f"{name}.vtt", vtt(film.captions).encode("utf-8"))
    write_atomically(folder / "contact-sheet.png", _sheet(made, small))

    go_on()
    measured = measure_film(made, path, gates_of(settings))
    go_on()
    verdicts = [*made.verdicts, *measured.verdicts]
    entries, licences = entries_of(made.answers)
    ledger = Ledger(
        title=board.title,
        film_sha256=file_hash(path),
        entries=tuple(entries),
        licences=licences,
        models={kind: f"{chosen.id or 'none'} ({chosen.why})" for kind, chosen in models.items()},
        measured=measured.as_dict(),
        verdicts=tuple(verdicts),
    )
    text = json.dumps(ledger.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False)
    write_atomically(folder / "ledger.json", text.encode("utf-8"))
    notes = _notes(made)
    files = (path.name, f"{name}.srt", f"{name}.vtt", "contact-sheet.png", "report.html", "ledger.json")
    page = report_html(
        title=board.title,
        author=board.author,
        language=board.language,
        film=path.name,
        poster=data_address(small.thumbnails([film.cuts[0].still.image])[0]),
        facts=measured.figures,
        scenes=scene_rows(made, measured, small),
        portraits=portrait_rows(made, small),
        gates=gate_rows(verdicts),
        models=_model_rows(made, models, ledger),
        notes=notes,
        files=[(file, WHAT.get(file) or WHAT[Path(file).suffix]) for file in (*files, "storyboard.yaml")],
        command=f'kamishibai make "{folder.name}"',  # no path of this machine
        music=_music(made),
        version=__version__,
    )
    write_atomically(folder / "report.html", page.encode("utf-8"))
    return FilmFiles(
        folder=folder,
        film=path,
        title=board.title,
        scenes=len(board.scenes),
        seconds=float(film.seconds),
        measured=measured.as_dict(),
        files=files,
        notes=notes,
    )


def _sheet(made: Made, small: SmallPictures) -> bytes:
    """Return the contact sheet: one frame of every scene and card, with the line under way."""
    labels = {scene.id: scene.line for scene in made.board.scenes}
    shots = [
        # Soon after the fade: a body begins with a key frame, so little has to be decoded to get there.
        (
            min(slot.start + slot.fade + Fraction(5, 4), (slot.start + slot.end) / 2),
            slot.scene,
            labels.get(slot.scene, ""),
        )
        for slot in made.slots
    ]
    tiles = small.frames(_shown(made, [time for time, _, _ in shots]), TILE_PX)
    return contact_sheet(tiles, shots, language=made.board.language)


def _shown(made: Made, times: Sequence[Fraction]) -> list[Moment]:
    """Return in which segment, and when in it, stands what the film shows at `times`."""
    fps = made.film.fps
    rendered = [
        (answer.call.ask.segment.frames, answer.take.video)
        for answer in made.answers
        if isinstance(answer.call.ask, EncodeAsk)
    ]
    ends = list(accumulate(frames for frames, _ in rendered))
    shown = []
    for time in times:
        frame = int(time * fps)
        frames, video = rendered[bisect_right(ends, frame)]
        first = ends[bisect_right(ends, frame)] - frames
        shown.append(Moment(video=video, at=middle_of(frame - first, fps)))
    return shown


def _notes(made: Made) -> tuple[str, ...]:
    notes = []
    for scene in made.board.scenes:
        still = made.stills[scene.id]
        if still.left_out:
            notes.append(f"{scene.id}: there is no drawing for {', '.join(still.left_out)}; left out")
    for scene, sound in zip(made.board.scenes, made.sounds, strict=False):
        if sound.left_out:
            notes.append(f"{scene.id}: there is no sound for {', '.join(sound.left_out)}; left out")
    if any(getattr(answer.call.ask, "prompt", "") for answer in made.answers):
        notes += taken_out(made.board)
    return tuple(notes)


def _music(made: Made) -> str:
    if made.music is None:
        return ""
    music = made.music
    return ", ".join(p for p in (music.notes or music.key, f"{music.tempo_bpm:.0f} beats a minute") if p)


def _model_rows(made: Made, models: Mapping[str, Chosen], ledger: Ledger) -> list[ModelRow]:
    calls: dict[str, list[float]] = defaultdict(list)
    versions: dict[str, str] = {}
    for answer in made.answers:
        calls[answer.call.maker].append(answer.seconds)
        versions[answer.call.maker] = answer.version
    rows = []
    for kind, chosen in models.items():
        id_ = chosen.id or "none"
        spent = calls.pop(id_, [])
        rows.append(
            ModelRow(
                kind=kind,
                id=id_,
                version=versions.get(id_, ""),
                why=chosen.why,
                calls=len(spent),
                seconds=sum(spent),
                licences=ledger.licences.get(id_, ()),
            )
        )
    for id_, spent in calls.items():
        rows.append(
            ModelRow(
                kind=id_.split(":")[0],
                id=id_,
                version=versions[id_],
                why="part of the house",
                calls=len(spent),
                seconds=sum(spent),
            )
        )
    return rows
