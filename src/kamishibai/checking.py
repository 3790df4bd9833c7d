"""check: every gate on a finished film, whoever made it, as a scorecard."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from kamishibai import checked_takes
from kamishibai.checked_film import (
    Subtitles,
    find_captions,
    hear_film,
    judge_heard_captions,
    judge_pictures,
    judge_sampled_stills,
    lines_of_captions,
    stretches_of,
)  # fmt: skip
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.read_story import read_story
from kamishibai.documents.takes import Word
from kamishibai.errors import Cancelled, DocumentError, MediaError, UsageError
from kamishibai.gates.mix import judge_mix
from kamishibai.gates.told import judge_told
from kamishibai.gates.verdict import Gate, Verdict
from kamishibai.media.film import FilmFacts, probe
from kamishibai.media.loudness import Loudness, measure_file
from kamishibai.recipe import Recipe, read_recipe
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.models_chosen import Chosen
from kamishibai.work.events import Event
from kamishibai.work.runners.local import LocalRunner

__all__ = ["GATES", "NotJudged", "Scorecard", "check_film", "wanted_gates"]

GATES: tuple[Gate, ...] = get_args(Gate)


class NotJudged(Frozen):
    """What could not be judged, and why."""

    gate: Gate
    why: str


class Scorecard(Frozen):
    """What every gate says of a film."""

    film: Path
    seconds: float
    width: int
    height: int
    ours: bool
    """Kamishibai made it, and its recipe could be read."""
    passed: bool
    """Everything that was judged passed."""
    verdicts: tuple[Verdict, ...]
    not_judged: tuple[NotJudged, ...] = ()
    notes: tuple[str, ...] = ()
    """How it was looked at: what was sampled, what text it was held against."""


@dataclass
class _Check:
    """One film under examination."""

    path: Path
    facts: FilmFacts
    recipe: Recipe | None
    story: Path | None
    wanted: Sequence[Gate]
    gates: Gates
    models: Mapping[str, Chosen]
    """The ear, the eye and the critic; their ids are None where nobody listens or looks."""
    runner: LocalRunner
    stop: Callable[[], bool]
    verdicts: list[Verdict] = field(default_factory=list)
    skipped: list[NotJudged] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ear(self) -> Chosen:
        """Who listens."""
        return self.models["ear"]

    def skip(self, gate: Gate, why: str) -> None:
        """Write down that something of `gate` is not judged."""
        if gate in self.wanted:
            self.skipped.append(NotJudged(gate=gate, why=why))

    def wants(self, gate: Gate) -> bool:
        """Say whether `gate` is to judge, and tell that its turn has come."""
        if gate in self.wanted:
            self.runner.tell(Event(event="stage", stage=f"check {gate}", total=1))
        return gate in self.wanted

    def heed(self) -> None:
        """Raise Cancelled when the user asked to stop."""
        if self.stop():
            raise Cancelled("stopped", kept="the film is as it was")

    @property
    def language(self) -> str | None:
        """What is spoken in it, where that is known."""
        return self.recipe.board.language if self.recipe is not None else None


def wanted_gates(names: Sequence[str]) -> tuple[Gate, ...]:
    """Return the gates called `names`, each perhaps several between commas; all of them for none.

    Raises
    ------
    UsageError
        For a name that no gate has.
    """
    given = [name.strip() for text in names for name in text.split(",") if name.strip()]
    for name in given:
        if name not in GATES:
            raise UsageError(
                f"there is no gate {name!r}", where="--gates", hint=f"gates are {', '.join(GATES)}"
            )
    return tuple(gate for gate in GATES if gate in given) or GATES


def check_film(
    source: Path,
    story: Path | None,
    wanted: Sequence[Gate],
    gates: Gates,
    models: Mapping[str, Chosen],
    runner: LocalRunner,
    stop: Callable[[], bool] = lambda: False,
) -> Scorecard:
    """Judge a film file or the film of a project folder by the gates `wanted`.

    What cannot be judged is told and held against nobody: takes that are no longer in the store, words that nobody
    hears, music that cannot be told from speech in a finished mix.

    Raises
    ------
    MediaError, DocumentError, UsageError
        When there is no film to judge, or the story cannot be read.
    """
    path, facts, recipe = _opened(source)
    check = _Check(path, facts, recipe, story, wanted, gates, models, runner, stop)
    takes = _takes(check)
    loudness = measure_file(path) if check.facts.audio_codec is not None else None
    if check.wants("mix"):
        _mix(check, loudness)
    if check.wants("clip"):
        _clip(check, takes)
    if check.wants("picture"):
        _picture(check, takes)
    if check.wants("cast"):
        _cast(check, takes)
    _words(check, takes, loudness)
    runner.tell(Event(event="film", text=str(path), done=1.0))
    order = {gate: place for place, gate in enumerate(GATES)}
    return Scorecard(
        film=path,
        seconds=round(float(check.facts.seconds), 3),
        width=check.facts.width,
        height=check.facts.height,
        ours=recipe is not None,
        passed=all(verdict.passed for verdict in check.verdicts),
        verdicts=tuple(sorted(check.verdicts, key=lambda verdict: order[verdict.gate])),
        not_judged=tuple(sorted(check.skipped, key=lambda one: order[one.gate])),
        notes=tuple(check.notes),
    )


def _opened(source: Path) -> tuple[Path, FilmFacts, Recipe | None]:
    """Return the film file, what it says of itself, and its recipe when Kamishibai made it."""
    if source.is_dir():
        recipe = read_recipe(source)
        if recipe.film is None:
            raise UsageError(
                "the film of this project is not made yet",
                where=str(source),
                hint=f"`kamishibai make {source}`",
            )
        return recipe.film.path, probe(recipe.film.path), recipe
    if not source.is_file():
        raise MediaError(
            "there is no such film", where=str(source), hint="name a film file or a project folder"
        )
    if source.stat().st_size == 0:
        raise MediaError("the film is an empty file", where=str(source), hint="make or download it again")
    try:
        facts = probe(source)
    except MediaError as error:
        error.hint = "`check` takes a video file, such as .mp4 or .mkv, or a project folder"
        raise
    try:
        return source, facts, read_recipe(source)
    except DocumentError:
        return source, facts, None  # made elsewhere


def _takes(check: _Check) -> checked_takes.Kept | None:
    """Return the takes behind the film, where its ledger lies beside it."""
    if check.recipe is None or not check.recipe.entries:
        return None
    kept = checked_takes.kept_takes(check.recipe.entries, check.recipe.board.scenes, check.runner.store)
    gone = len(check.recipe.board.scenes) - len(kept.stills or kept.shots)
    if gone:
        check.notes.append(f"the pictures of {gone} scenes are no longer in the store")
    return kept


def _mix(check: _Check, loudness: Loudness | None) -> None:
    if loudness is None:
        check.skip("mix", "the film has no sound")
        return
    measured = check.recipe.measured if check.recipe is not None else {}
    over_music = measured.get("speech_to_music_db")
    quiet = bool(measured) and measured.get("loudness_lufs") is None
    check.verdicts.append(judge_mix(loudness, over_music, check.gates.limits("mix"), may_be_silent=quiet))
    if over_music is None and not measured:
        check.skip("mix", "speech over music: the finished mix does not tell the one from the other")


def _clip(check: _Check, takes: checked_takes.Kept | None) -> None:
    if takes is not None:
        check.verdicts += checked_takes.clip_verdicts(
            takes.shots, check.gates, check.runner.store, check.heed
        )
    stretches, note = stretches_of(check.facts)
    if note:
        check.notes.append(note)
    check.verdicts.append(judge_pictures(check.path, stretches, check.gates, check.heed))


def _picture(check: _Check, takes: checked_takes.Kept | None) -> None:
    looked = bool(check.models["eye"].id or check.models["critic"].id)
    if takes is not None and takes.stills and check.recipe is not None and looked:
        check.verdicts += checked_takes.looked_at(
            takes.stills, check.recipe.board, check.gates, check.models, check.runner
        )
        return
    if takes is not None and takes.stills and check.recipe is not None:
        check.verdicts += checked_takes.picture_verdicts(
            takes.stills, check.recipe.board.scenes, check.gates, check.runner.store, check.heed
        )
    else:
        verdict, note = judge_sampled_stills(check.path, check.facts, check.gates)
        check.verdicts.append(verdict)
        check.notes.append(note)
    why = (
        "its pictures are not known scene by scene"
        if looked
        else "nobody looks: name somebody with --eye or --critic"
    )
    check.skip("picture", f"what the pictures show: {why}")


def _cast(check: _Check, takes: checked_takes.Kept | None) -> None:
    if check.models["eye"].id is None:
        check.skip("cast", "nobody compares faces: name an eye with --eye")
    elif takes is None or not takes.stills or check.recipe is None:
        check.skip("cast", "its pictures are not known scene by scene")
    else:
        found = checked_takes.cast_verdicts(
            takes.stills, check.recipe.board, check.gates, check.models, check.runner
        )
        check.verdicts += found
        if not found:
            check.skip("cast", "nobody is seen in two scenes")


def _words(check: _Check, takes: checked_takes.Kept | None, loudness: Loudness | None) -> None:
    """Judge narration and captions, by one hearing of the film."""
    by_take = takes is not None and bool(takes.speeches) and check.story is None
    narrates, captioned = check.wants("narration"), check.wants("captions")
    if narrates and by_take:
        assert takes is not None
        assert check.language is not None
        store = check.runner.store
        check.verdicts += checked_takes.speech_verdicts(
            takes.speeches, check.language, check.gates, check.ear, check.runner, store
        )
        if check.ear.id is None:
            check.skip("narration", f"its words: {check.ear.why}")
    captions = find_captions(check.path)
    lines, whose = _lines(check, captions)
    to_hear = (narrates and not by_take and bool(lines)) or (captioned and captions is not None)
    heard = _heard(check, loudness) if to_hear else None
    if narrates and not by_take:
        if not lines:
            check.skip("narration", "there is no text to hold it against; name one with --story")
        elif isinstance(heard, str):
            check.skip("narration", heard)
        elif heard is not None:
            check.notes.append(f"the narration is held against {whose}")
            said = [word.text for word in heard]
            check.verdicts.append(judge_told(lines, said, check.language or "en"))
    if captioned:
        if captions is None:
            check.skip("captions", "the film has no captions")
        elif isinstance(heard, str):
            check.skip("captions", heard)
        elif heard is not None:
            check.notes.append(f"captions are read from {captions.source} and held against what is heard")
            check.verdicts.append(judge_heard_captions(captions, heard, check.gates))


def _lines(check: _Check, captions: Subtitles | None) -> tuple[list[str], str]:
    """Return the text that the narration is held against, and whose it is."""
    if check.story is not None:
        return [line.text for line in read_story(check.story).story.lines], str(check.story)
    if check.recipe is not None:
        return [scene.line for scene in check.recipe.board.scenes], "the film's own storyboard"
    if captions is not None:
        return lines_of_captions(captions), f"its captions ({captions.source})"
    return [], ""


def _heard(check: _Check, loudness: Loudness | None) -> Sequence[Word] | str:
    """Return every word of the film, or why none can be heard."""
    if loudness is None:
        return "the film has no sound"
    if loudness.lufs is None:
        return "the film is silent"
    if check.ear.id is None:
        return check.ear.why
    try:
        with tempfile.TemporaryDirectory(prefix="kamishibai-") as scratch:
            return hear_film(
                check.path, check.ear, check.language, Path(scratch), check.runner.tell, check.stop
            )
    except MediaError as error:
        return error.what
