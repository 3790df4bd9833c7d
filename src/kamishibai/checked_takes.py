"""The takes behind a finished film, out of its ledger and the store: judged again, one by one, by their gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Shot, Speech, Still, Transcript
from kamishibai.engine.clip import PreparedClip
from kamishibai.gates.clip import clip_series, judge_clip
from kamishibai.gates.narration import examine_narration, judge_narration
from kamishibai.gates.still import judge_still, letters_wanted, still_facts
from kamishibai.gates.verdict import Verdict
from kamishibai.gates.wer import normal_words, word_errors
from kamishibai.media.picture import decode_png
from kamishibai.media.sound import decode_wav
from kamishibai.models import registry
from kamishibai.steps.cast_checked import check_cast
from kamishibai.steps.examiners import ExamineStill
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.hearing import listen_asks
from kamishibai.steps.ledger import Entry
from kamishibai.steps.looking import Looking
from kamishibai.steps.models_chosen import Chosen
from kamishibai.work.call import Answer, Call
from kamishibai.work.runners.runner import Runner
from kamishibai.work.store import Store

__all__ = [
    "Kept", "cast_verdicts", "clip_verdicts", "kept_takes", "looked_at", "picture_verdicts", "speech_verdicts",
]  # fmt: skip

T = TypeVar("T", bound=Frozen)


@dataclass(frozen=True)
class Kept:
    """The takes of a film that are still in the store, by scene."""

    speeches: dict[str, Speech]
    stills: dict[str, Still]
    shots: dict[str, Shot]


def kept_takes(entries: Iterable[Entry], scenes: Iterable[Scene], store: Store) -> Kept:
    """Return the takes that the film was made from; one that is no longer in the store is left out."""
    ids = {scene.id for scene in scenes}
    mine = [entry for entry in entries if entry.scene in ids]
    return Kept(
        speeches=_found(mine, ("speak", "cut"), Speech, store),
        stills=_found(mine, ("draw",), Still, store),
        shots=_found(mine, ("move",), Shot, store),
    )


def _found(entries: Iterable[Entry], stages: tuple[str, ...], takes: type[T], store: Store) -> dict[str, T]:
    found: dict[str, T] = {}
    seen: set[str] = set()
    for entry in entries:
        # The kept take of a scene stands before those that were not used.
        if entry.stage not in stages or entry.scene in seen:
            continue
        seen.add(entry.scene)
        record = store.find(entry.key)
        if record is not None:
            found[entry.scene] = takes.model_validate(record.take)
    return found


def speech_verdicts(
    speeches: Mapping[str, Speech], language: str, gates: Gates, ear: Chosen, runner: Runner, store: Store
) -> list[Verdict]:
    """Judge every line's take by its sound, and by what the ear hears where there is one."""
    spoken = {scene: speech for scene, speech in speeches.items() if speech.spoken}
    heard: dict[str, Transcript] = {}
    if ear.id is not None:
        honours = registry.make(ear.id, ear.options).honours()
        asks = listen_asks(list(spoken.items()), language, honours)
        calls = [
            Call("listen", scene, ear.id, ask, Transcript, dict(ear.options))
            for scene, ask in zip(spoken, asks, strict=True)
        ]
        heard = {answer.call.scene: answer.take for answer in runner.run(calls)}
    verdicts = []
    for scene, speech in spoken.items():
        samples, rate_hz = decode_wav(store.open(speech.sound))
        facts = examine_narration(samples, rate_hz, len(normal_words(speech.spoken, language)))
        errors = word_errors(speech.spoken, heard[scene].text, language) if scene in heard else None
        verdicts.append(judge_narration(facts, errors, gates.limits("narration"), scene))
    return verdicts


def picture_verdicts(
    stills: Mapping[str, Still], scenes: Iterable[Scene], gates: Gates, store: Store, stop: Callable[[], None]
) -> list[Verdict]:
    """Judge every scene's picture by what is measured in it; what it shows is not looked at."""
    verdicts = []
    for scene in scenes:
        still = stills.get(scene.id)
        if still is None:
            continue
        stop()
        facts = still_facts(decode_png(store.open(still.image)))
        verdicts.append(judge_still(facts, gates.limits("picture"), scene.id, letters=letters_wanted(scene)))
    return verdicts


def looked_at(
    stills: Mapping[str, Still], board: Storyboard, gates: Gates, models: Mapping[str, Chosen], runner: Runner
) -> list[Verdict]:
    """Judge every scene's picture by what is measured in it, what an eye compares, and what a critic answers."""
    looking = Looking(board, gates, models, runner)
    return [take.verdict for take in looking.examine(_drawn(stills, board))]


def cast_verdicts(
    stills: Mapping[str, Still], board: Storyboard, gates: Gates, models: Mapping[str, Chosen], runner: Runner
) -> list[Verdict]:
    """Judge whether everybody looks the same in every scene; nothing where nobody is seen twice."""
    only_told = replace(gates, modes={**gates.modes, "cast": "warn"})

    def never(scene: Scene, take: int) -> Call:
        raise AssertionError("a finished film is not drawn again")

    return check_cast(_drawn(stills, board), board, {}, only_told, models, runner, never).verdicts


def _drawn(stills: Mapping[str, Still], board: Storyboard) -> list[Answer]:
    """Return the pictures as answers to whoever examines them, in the order of the scenes."""
    return [
        Answer(
            call=Call("draw", scene.id, "picture", ExamineStill(image=stills[scene.id].image), Still),
            key="",
            take=stills[scene.id],
            reused=True,
            seconds=0.0,
        )
        for scene in board.scenes
        if scene.id in stills
    ]


def clip_verdicts(
    shots: Mapping[str, Shot], gates: Gates, store: Store, stop: Callable[[], None]
) -> list[Verdict]:
    """Judge every generated clip; camera moves over a still are none."""
    verdicts = []
    for scene, shot in shots.items():
        if shot.clip is None:
            continue
        stop()
        series = clip_series(PreparedClip(store.open(shot.clip), (16, 16)).pictures())
        verdicts.append(judge_clip(series, gates.limits("clip"), scene))
    return verdicts
