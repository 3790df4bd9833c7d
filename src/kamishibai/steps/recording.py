"""recording: a film is cut to a voice that somebody recorded: read, heard, aligned with the story, cut into lines.

Everything is a cached call. A recording is known by its content, so that moving it costs nothing and a rerun makes
nothing; what was heard of it stays when the story is edited, and only the lines that changed are cut anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Storyboard
from kamishibai.documents.takes import Speech, Transcript
from kamishibai.errors import (
    DocumentError,
    MediaError,
    ModelError,
    UnknownModelError,
    UnsupportedError,
    UsageError,
)
from kamishibai.models import registry
from kamishibai.models.kinds import Listen
from kamishibai.steps.align import Alignment, LineCut
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.recording_makers import AlignAsk, CutAsk, PauseAsk, ReadAsk, Recording
from kamishibai.weights.digests import file_digest
from kamishibai.work.call import Answer, Call
from kamishibai.work.runners.runner import Runner

__all__ = ["hear_recording", "lines_of", "recorded_speeches", "recording_digest"]

OTHER_STORY = 0.4
"""A recording in which less than this part of the story's words is heard is of another story."""
DOUBTFUL = 0.75
"""Below this it is asked whether another language is spoken: an ear that is told the wrong one half translates."""
PIECES_FOR_LANGUAGE = 3
NOTED = 5
"""So many asides are quoted; the others are counted."""


def recording_digest(path: Path) -> str:
    """Return the SHA-256 of a recording. Raises MediaError when it is not there or cannot be read."""
    if not path.is_file():
        raise MediaError(
            "this is a folder, not a recording" if path.is_dir() else "there is no such recording",
            where=str(path),
            hint="--narration takes a sound file, or a video with your voice",
        )
    if path.stat().st_size == 0:
        raise MediaError("the recording is an empty file", where=str(path), hint="record it again")
    try:
        return file_digest(path)
    except ModelError as error:
        raise MediaError(
            "the recording cannot be read", where=str(path), hint="check that you may read it"
        ) from error


def hear_recording(
    path: Path, ear: Chosen, runner: Runner, language: str | None
) -> tuple[Recording, Transcript, list[Answer]]:
    """Return a recording as it was read, and everything that is heard in it, on its own clock.

    With `language` None, it is the language of the piece with the most words among the first ones.

    Raises
    ------
    MediaError
        When it cannot be read, is silent, or no word is heard in it.
    UnknownModelError
        When there is no ear to listen with.
    """
    _need_ear(ear)
    ask = ReadAsk(sha256=recording_digest(path))
    answers = runner.run(
        [_own("recording", "engine:recording", "Reader", ask, Recording, path=str(path.absolute()))]
    )
    recording: Recording = answers[0].take
    if language is None:
        language, found = _language(recording, ear, runner)
        answers += found
    heard = runner.run([_hear(part.sound, ear, language) for part in recording.parts])
    answers += heard
    words = [
        word.model_copy(update={"start": word.start + part.start, "end": word.end + part.start})
        for part, answer in zip(recording.parts, heard, strict=True)
        for word in answer.take.words
    ]
    if not words:
        raise MediaError(
            "no word is heard in the recording",
            where=str(path),
            hint="check that it holds your voice; `kamishibai try ear FILE` writes down what is heard",
        )
    text = " ".join(answer.take.text for answer in heard if answer.take.text)
    return recording, Transcript(text=text, words=tuple(words), language=language), answers


def recorded_speeches(
    board: Storyboard, recording: Ref | Path, ear: Chosen, runner: Runner
) -> tuple[list[Speech], list[Answer], tuple[str, ...]]:
    """Return the lines of a storyboard as they were recorded, the answers behind them, and what there is to say.

    Speeches are in the order of the scenes, each with a time for every word of its line. The notes tell of asides
    that were left out, of words that were not heard, and of words that were added.

    Raises
    ------
    MediaError
        When the recording cannot be read, is silent, too long, or of another story.
    UnsupportedError
        When another language is spoken in it, or the ear does not know the story's.
    DocumentError
        When lines of the story are not spoken in it, or in another order; every one is named.
    UnknownModelError
        When there is no ear to listen with.
    """
    if isinstance(recording, Ref):
        raise UsageError("a recorded narration is named by its path", hint="--narration FILE")
    scenes = board.scenes
    read, heard, answers = hear_recording(recording, ear, runner, board.language)
    ask = AlignAsk(
        lines=tuple(scene.line for scene in scenes),
        language=board.language,
        heard=heard.words,
        levels=read.levels,
    )
    aligned = runner.run([_own("align", "engine:align", "Aligner", ask, Alignment)])
    answers += aligned
    found: Alignment = aligned[0].take
    if found.heard < DOUBTFUL:
        _refuse_other_language(board, read, ear, runner, recording, answers)
    if found.heard < OTHER_STORY:
        raise MediaError(
            f"the recording is not of this story: {round(100 * found.heard)} % of its words are heard in it. "
            f"What is heard begins “{_shortened(heard.text)}”",
            where=str(recording),
            hint="name the recording of this story; or make a film of the recording alone: "
            f"kamishibai make --narration {recording}",
        )
    _refuse_missing(board, found, recording)
    calls = [
        _cut_call(scene.id, cut, read) if cut is not None else _pause_call(scene.id, scene.line)
        for scene, cut in zip(scenes, found.cuts, strict=True)
    ]
    cuts = runner.run(calls)
    return [answer.take for answer in cuts], answers + cuts, _notes(board, found)


def lines_of(answers: Sequence[Answer]) -> list[Answer]:
    """Return, of the answers of `recorded_speeches`, those that are a scene's line, in order of the scenes."""
    return [answer for answer in answers if answer.call.stage == "cut"]


def _need_ear(ear: Chosen) -> None:
    if ear.id is None:
        raise UnknownModelError(
            "--narration needs an ear that finds the story's lines in the recording",
            hint="leave out --ear none"
            if ear.why == "switched off"
            else "pip install 'kamishibai[ear]', or name one with --ear",
        )


def _own(stage: str, name: str, maker: str, ask: Frozen, takes: type[Frozen], **options: str) -> Call:
    return Call(stage, "", name, ask, takes, options, path=f"kamishibai.steps.recording_makers:{maker}")


def _hear(sound: Ref, ear: Chosen, language: str | None) -> Call:
    assert ear.id is not None
    options = dict(ear.options)
    if "share_windows" in registry.class_of(ear.id).Options.model_fields:
        # A piece fills its window; alone in its batch it is kept as soon as it is heard, so that stopping costs little.
        options["share_windows"] = False
    return Call("hear", "", ear.id, Listen(sound=sound, language=language), Transcript, options)


# ------------------------------------------------------------------------------------------ what does not fit
def _language(recording: Recording, ear: Chosen, runner: Runner) -> tuple[str, list[Answer]]:
    """Return the language that most of the first pieces with words are in."""
    answers = runner.run([_hear(part.sound, ear, None) for part in recording.parts[:PIECES_FOR_LANGUAGE]])
    count = Counter[str]()
    for answer in answers:
        count[answer.take.language] += len(answer.take.words)
    return (count.most_common(1)[0][0] if count else "en"), answers


def _refuse_other_language(
    board: Storyboard, read: Recording, ear: Chosen, runner: Runner, path: Path, answers: list[Answer]
) -> None:
    spoken, found = _language(read, ear, runner)
    answers += found
    if _primary(spoken) != _primary(board.language):
        raise UnsupportedError(
            f"the story is in {board.language!r}, and what is spoken in the recording is {spoken!r}: "
            f"“{_shortened(' '.join(a.take.text for a in found))}”",
            where=str(path),
            hint=f"record it in {board.language!r}, or give the story as it is spoken, with `language: {spoken}`",
        )


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _refuse_missing(board: Storyboard, found: Alignment, path: Path) -> None:
    if not found.missing:
        return
    lines = []
    for one in found.missing:
        line = f"line {one.line + 1}, “{_shortened(board.scenes[one.line].line)}”"
        lines.append(line if one.start is None else f"{line} (it is said at {_clock(one.start)} instead)")
    order = any(one.start is not None for one in found.missing)
    raise DocumentError(
        f"{len(lines)} of {len(board.scenes)} lines are not spoken in the recording"
        + (", or not in the story's order: " if order else ": ")
        + "; ".join(lines[:10])
        + (f"; and {len(lines) - 10} more" if len(lines) > 10 else ""),
        where=str(path),
        hint="record them, or take them out of the story"
        + ("; lines must be in the order in which they are spoken" if order else ""),
    )


# ------------------------------------------------------------------------------------------ cutting
def _cut_call(scene: str, cut: LineCut, read: Recording) -> Call:
    parts = tuple(
        part for part in read.parts if part.start < cut.end and part.start + part.seconds > cut.start
    )
    ask = CutAsk(
        parts=parts, start=cut.start, end=cut.end, words=cut.words, spoken=cut.spoken, lufs=read.lufs
    )
    return Call("cut", scene, "engine:cut", ask, Speech, path="kamishibai.steps.recording_makers:Cutter")


def _pause_call(scene: str, line: str) -> Call:
    return Call(
        "cut",
        scene,
        "engine:pause",
        PauseAsk(line=line),
        Speech,
        path="kamishibai.steps.recording_makers:Pauser",
    )


# ------------------------------------------------------------------------------------------ telling
def _notes(board: Storyboard, found: Alignment) -> tuple[str, ...]:
    notes = []
    for scene, cut in zip(board.scenes, found.cuts, strict=True):
        if cut is not None and cut.missed:
            notes.append(f"scene {scene.id}: not heard in the recording: {_quoted(cut.missed)}")
        if cut is not None and cut.inside:
            notes.append(f"scene {scene.id}: said in the recording as well: {_quoted(cut.inside)}")
    for extra in found.extras[:NOTED]:
        notes.append(f"left out of the recording at {_clock(extra.start)}: “{_shortened(extra.text)}”")
    if len(found.extras) > NOTED:
        notes.append(f"and {len(found.extras) - NOTED} more asides were left out of the recording")
    return tuple(notes)


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words[:8]) + (" …" if len(words) > 8 else "")


def _shortened(text: str, length: int = 80) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"


def _clock(time: Fraction) -> str:
    minutes, seconds = divmod(int(time), 60)
    return f"{minutes}:{seconds:02d}"
