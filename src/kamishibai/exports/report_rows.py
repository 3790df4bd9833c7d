"""What the report says of every scene and of the cast: pictures, prompts, seeds, models, and how they came about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kamishibai.documents.storyboard import Scene
from kamishibai.documents.time import timecode
from kamishibai.exports.measured import Measured
from kamishibai.exports.report import PortraitRow, SceneRow, data_address
from kamishibai.exports.small_pictures import SmallPictures
from kamishibai.pipeline import Made
from kamishibai.work.call import Answer

__all__ = ["portrait_rows", "scene_rows"]

_TOLD = ("cast", "draw", "move", "speak", "sound")
"""Stages whose notes stand in the report; the others are about the whole film."""


def scene_rows(made: Made, measured: Measured, small: SmallPictures) -> list[SceneRow]:
    """Return a row for every scene, in order."""
    pictures = small.thumbnails([made.stills[scene.id].image for scene in made.board.scenes])
    answers: dict[str, list[Answer]] = defaultdict(list)
    for answer in made.answers:
        if answer.call.scene:
            answers[answer.call.scene.split("+")[-1]].append(answer)
    slots = {slot.scene: slot for slot in made.slots}
    names = {character.id: character.name for character in made.board.cast}
    rows = []
    for index, scene in enumerate(made.board.scenes):
        ask, still, slot, mine = (
            made.asks[scene.id],
            made.stills[scene.id],
            slots[scene.id],
            answers[scene.id],
        )
        transcript = made.transcripts[index] if made.transcripts is not None else None
        listened = transcript is not None and bool(made.speeches[index].spoken)
        draw, move = _of(mine, "draw"), _of(mine, "move")
        makers = [answer.call.maker for answer in (draw, move) if answer is not None]
        rows.append(
            SceneRow(
                id=scene.id,
                line=scene.line,
                speaker=made.board.character(scene.speaker).name if scene.speaker else "",
                picture=data_address(pictures[index]),
                where=_where(scene),
                prompt=ask.prompt,
                read=bool(_read(draw) or _read(move)),
                negative=ask.negative if _read(draw or move) else "",
                movement=_read(move) if draw is not None else "",
                drawn_by=makers[0] if makers else "",
                moved_by=makers[1] if len(makers) > 1 else "",
                held_to=tuple(names.get(r.who, r.who) for r in getattr(ask, "references", ())),
                seed=ask.seed,
                start=timecode(slot.start)[3:8],
                end=timecode(slot.end)[3:8],
                heard=transcript.text if listened and transcript is not None else None,
                errors=measured.word_errors.get(scene.id, ()),
                sounds=scene.sounds if made.sounds else (),
                left_out=still.left_out,
                notes=_notes(mine),
                seconds=sum(answer.seconds for answer in mine),
                facts=measured.scene_figures.get(scene.id, ()),
                faults=tuple(
                    f"{one.gate}: {fault}"
                    for one in made.verdicts
                    if one.scene == scene.id and not one.passed
                    for fault in one.faults
                ),
            )
        )
    return rows


def portrait_rows(made: Made, small: SmallPictures) -> list[PortraitRow]:
    """Return a row for every cast member that pictures are held to, in the order of the cast."""
    pictures = dict(zip(made.portraits, small.thumbnails(list(made.portraits.values())), strict=True))
    drawn = {answer.call.scene: answer for answer in made.answers if answer.call.stage == "cast"}
    rows = []
    for character in made.board.cast:
        if character.id not in made.portraits:
            continue
        answer = drawn.get(character.id)
        rows.append(
            PortraitRow(
                name=character.name,
                picture=data_address(pictures[character.id]),
                prompt=_read(answer),
                seed=getattr(answer.call.ask, "seed", None) if answer else None,
                drawn_by=answer.call.maker if answer else "",
                notes=_notes([answer]) if answer else (),
            )
        )
    return rows


def _of(answers: Sequence[Answer], stage: str) -> Answer | None:
    return next((answer for answer in answers if answer.call.stage == stage), None)


def _read(answer: Answer | None) -> str:
    """Return the words that the maker was given; a maker that reads none has them taken out of its asks."""
    return str(getattr(answer.call.ask, "prompt", "")) if answer is not None else ""


def _notes(answers: Sequence[Answer]) -> tuple[str, ...]:
    told = [note.text for answer in answers if answer.call.stage in _TOLD for note in answer.notes]
    return tuple(dict.fromkeys(told))


def _where(scene: Scene) -> str:
    return f"{scene.setting}, {scene.time}, {scene.weather} · {scene.mood} · {scene.view} view, {scene.camera.move}"
