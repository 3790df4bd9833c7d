"""The way through the house, in order, as plain code: storyboard → pictures and voices → one clock → film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from kamishibai.documents.film import Caption, Cut, Film
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Music, Shot, Sound, Speech, Still, Transcript
from kamishibai.engine.captions import cues
from kamishibai.engine.segments import plan as plan_segments
from kamishibai.errors import ModelError
from kamishibai.gates.verdict import Verdict
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Animate, Draw
from kamishibai.settings import Settings, frame_size
from kamishibai.steps.cards import card_asks
from kamishibai.steps.cast import portrait_asks
from kamishibai.steps.cast_checked import check_cast
from kamishibai.steps.clipped import watch
from kamishibai.steps.compose import compose_ask
from kamishibai.steps.cut import Slot, clock
from kamishibai.steps.gate_settings import gates_of
from kamishibai.steps.makers import CardAsk, EncodeAsk, MixAsk, Mixed, Placed, Segment
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.move import animate_ask, card_ask
from kamishibai.steps.narrated import Narration
from kamishibai.steps.picks import Picks
from kamishibai.steps.pictured import Pictures
from kamishibai.steps.sound import foley_ask
from kamishibai.steps.voices import speak_ask, voice_of
from kamishibai.work.call import Answer, Call
from kamishibai.work.events import Event
from kamishibai.work.records import Note
from kamishibai.work.runners.runner import Runner

__all__ = ["Made", "make"]

CAMERA = Chosen(kind="motion", id="motion:camera", why="embedded default")


@dataclass
class Made:
    """A film before it is joined: every take, in scene order, and every answer for the ledger."""

    board: Storyboard
    film: Film
    slots: list[Slot]
    stills: dict[str, Still]
    speeches: list[Speech]
    transcripts: list[Transcript] | None
    music: Music | None
    sounds: list[Sound]
    mixed: Mixed
    segments: list[Ref]
    asks: dict[str, Any]
    """The ask behind each scene's picture, by scene id: Draw, or Animate where clips are made from words alone."""
    portraits: dict[str, Ref] = field(default_factory=dict)
    """What the cast looks like, by cast id, for models that hold to it."""
    verdicts: list[Verdict] = field(default_factory=list)
    """What the gates say of the takes that were kept."""
    answers: list[Answer] = field(default_factory=list)


def _call(stage: str, scene: str, chosen: Chosen, ask: Frozen, takes: type[Frozen]) -> Call:
    assert chosen.id is not None
    return Call(stage, scene, chosen.id, ask, takes, chosen.options)


def _own(stage: str, scene: str, name: str, maker: str, ask: Frozen, takes: type[Frozen]) -> Call:
    return Call(stage, scene, name, ask, takes, path=f"kamishibai.steps.makers:{maker}")


def make(
    board: Storyboard,
    settings: Settings,
    models: Mapping[str, Chosen],
    runner: Runner,
    own: Mapping[str, Ref] = MappingProxyType({}),
    recorded: Sequence[Answer] = (),
    picks: Picks | None = None,
) -> Made:
    """Make everything a film is joined from; whatever the store has costs nothing.

    Narration comes before motion, because it sets the clock. `own` holds the user's own pictures of the cast, by
    cast id; `recorded` the lines out of the user's own recording, one a scene, in place of a voice; `picks` the takes
    that a person chose: their gates tell what they find and make nothing again.
    """
    picks = picks or Picks()
    size = width, height = frame_size(settings.aspect or board.aspect, settings.size)
    scenes = board.scenes
    gates = gates_of(settings)
    answers: list[Answer] = []
    verdicts: list[Verdict] = []
    makers = {kind: registry.make(c.id, c.options) for kind, c in models.items() if c.id is not None}
    narration = Narration(board, gates, models["ear"], picks)

    def say(scene: Scene, take: int = 0) -> Call:
        voice, speaker = voice_of(scene, board, models, makers)
        ask = picks.asked("voice", scene.id, speak_ask(scene, board, speaker, take))
        return _call("speak", scene.id, voice, ask, Speech)

    # A model that makes clips from words alone draws its own scenes.
    drawn = "still" in makers["motion"].honours()
    cards = [
        _own("draw", name, "card:papercut", "CardMaker", ask, Still)
        for name, ask in (_cards(board, models, makers, size) if settings.titles else {}).items()
    ]
    # A model that holds faces looks at everybody first; it stays loaded for the scenes.
    sitters = (
        _portraits(picks.drawn(board), models["picture"], makers["picture"], own, picks) if drawn else []
    )
    begun = runner.run([*([] if recorded else map(say, scenes)), *sitters])
    said = list(recorded) or [a for a in begun if a.call.stage == "speak"]
    sat = [a for a in begun if a.call.stage == "cast"]
    answers += sat
    portraits: dict[str, Ref] = {**own, **{a.call.scene: a.take.image for a in sat}} if drawn else {}

    pictures = Pictures(picks.drawn(board), size, models["picture"], makers["picture"], portraits, picks)
    draws = {id_: pictures.ask(scene) for id_, scene in pictures.scenes.items()} if drawn else {}
    # Listening and drawing do not wait for each other.
    heard = narration.questions(said)
    first = runner.run([*heard, *cards, *(pictures.call(id_, ask) for id_, ask in draws.items())])
    listened, seen = first[: len(heard)], first[len(heard) :]
    narrated = narration.settle(narration.judged(said, listened), None if recorded else say, runner)
    answers += narrated.answers
    verdicts += narrated.verdicts
    speeches = narrated.speeches
    answers += seen[: len(cards)]
    stills: dict[str, Still] = {a.call.scene: a.take for a in seen[: len(cards)]}
    looked = pictures.settle(seen[len(cards) :], gates, models, runner)
    answers += looked.answers
    verdicts += looked.verdicts
    cast = check_cast(looked.kept, pictures.board, portraits, gates, models, runner, pictures.again)
    # What the cast gate had drawn anew comes first, so that it is what the report shows.
    answers = [*cast.answers, *answers]
    verdicts += cast.verdicts
    for answer in (*looked.kept, *cast.changed):
        stills[answer.call.scene] = answer.take
        if isinstance(answer.call.ask, Draw):
            draws[answer.call.scene] = answer.call.ask

    slots = clock(scenes, speeches, settings.fps, titles=settings.titles)
    by_scene = {slot.scene: slot for slot in slots}

    # The clock is known: motion, effects and the score.
    moves = _moves(board, slots, stills, settings, models["motion"], makers["motion"], size, picks)
    wanted: list[Call] = []
    if models["sound"].id:
        wanted += [
            _call(
                "sound",
                s.id,
                models["sound"],
                picks.asked("sound", s.id, foley_ask(s, by_scene[s.id], speech, board.seed)),
                Sound,
            )
            for s, speech in zip(scenes, speeches, strict=True)
        ]
    if models["music"].id:
        score = picks.asked("music", "", compose_ask(board, slots), makers["music"].honours())
        wanted.append(_call("compose", "", models["music"], score, Music))
    moved_and_scored = _moved(moves, wanted, settings, runner)
    watched = watch([a for a in moved_and_scored if a.call.stage == "move"], gates, board.seed, runner, picks)
    answers += [*watched.answers, *(a for a in moved_and_scored if a.call.stage != "move")]
    verdicts += watched.verdicts
    shots: dict[str, Shot] = {
        a.call.scene: a.take for a in reversed(watched.answers) if a.call.stage == "move"
    }
    sounds: list[Sound] = [a.take for a in moved_and_scored if a.call.stage == "sound"]
    music: Music | None = next((a.take for a in moved_and_scored if a.call.stage == "compose"), None)
    for id_, shot in shots.items():
        if shot.first is not None:
            stills.setdefault(id_, shot.first)

    film = Film(
        title=board.title,
        language=board.language,
        width=width,
        height=height,
        fps=settings.fps,
        seconds=slots[-1].end,
        cuts=tuple(
            Cut(
                scene=s.scene,
                start=s.start,
                end=s.end,
                fade=s.fade,
                still=stills[s.scene],
                shot=shots[s.scene],
            )
            for s in slots
        ),
        captions=tuple(_captions(board, speeches, by_scene, width, height)),
        caption_mode=settings.captions,
    )

    # Mixing and encoding need nothing more from each other.
    segments = plan_segments(film)
    last = [
        _own(
            "mix", "", "engine:mix", "MixMaker", _mix(scenes, speeches, sounds, music, by_scene, film), Mixed
        )
    ]
    last += [
        _own(
            "render",
            "+".join(s.scenes),
            "engine:segment",
            "SegmentMaker",
            EncodeAsk(segment=s, quality=settings.quality),
            Segment,
        )
        for s in segments
    ]
    finished = runner.run(last)
    answers += finished
    mixed: Mixed = finished[0].take
    return Made(
        board=board,
        film=film.model_copy(update={"sound": mixed.sound}),
        slots=slots,
        stills=stills,
        speeches=speeches,
        transcripts=narrated.transcripts,
        music=music,
        sounds=sounds,
        mixed=mixed,
        segments=[a.take.video for a in finished if a.call.stage == "render"],
        asks={**draws} if drawn else {a.call.scene: a.call.ask for a in answers if a.call.stage == "move"},
        portraits=portraits,
        verdicts=verdicts,
        answers=answers,
    )


def _cards(
    board: Storyboard,
    models: Mapping[str, Chosen],
    makers: Mapping[str, Model[Any, Any]],
    size: tuple[int, int],
) -> dict[str, CardAsk]:
    seen_or_heard = [name for name, chosen in models.items() if chosen.kind not in ("ear", "eye", "critic")]
    terms = [licence for name in seen_or_heard if name in makers for licence in makers[name].terms()]
    return card_asks(board, terms, *size)


def _portraits(
    board: Storyboard, chosen: Chosen, model: Model[Any, Any], own: Mapping[str, Ref], picks: Picks
) -> list[Call]:
    asks = portrait_asks(board, model.honours(), model.reads(), own)
    return [_call("cast", who, chosen, picks.asked("portrait", who, ask), Still) for who, ask in asks.items()]


def _moves(
    board: Storyboard,
    slots: Sequence[Slot],
    stills: Mapping[str, Still],
    settings: Settings,
    chosen: Chosen,
    model: Model[Any, Any],
    size: tuple[int, int],
    picks: Picks,
) -> list[Call]:
    """Return the asks for every shot; the cards are always the camera's, as no model may redraw their letters."""
    camera = CAMERA if chosen.id != CAMERA.id else chosen
    scenes = {scene.id: scene for scene in board.scenes}
    honours, reads = model.honours(), model.reads()
    calls = []
    for slot in slots:
        scene, still = scenes.get(slot.scene), stills.get(slot.scene)
        if scene is None:
            assert still is not None
            calls.append(
                _call("move", slot.scene, camera, card_ask(board, slot, still, size, settings.fps), Shot)
            )
            continue
        ask = animate_ask(board, scene, slot, still, size, settings.fps, reads, honours)
        ask = picks.asked("motion", scene.id, ask, honours)
        calls.append(_call("move", slot.scene, chosen, ask, Shot))
    return calls


def _moved(moves: Sequence[Call], others: Sequence[Call], settings: Settings, runner: Runner) -> list[Answer]:
    """Run `moves` and `others`; where the user allowed it, the camera moves what the motion model cannot."""
    if not settings.motion_fallback:
        return runner.run([*moves, *others])
    try:
        return runner.run([*moves, *others])
    except ModelError:
        # Scene by scene, so that only those that fail are the camera's; what was finished is found again.
        return [answer for move in moves for answer in _moved_alone(move, runner)] + runner.run(others)


def _moved_alone(move: Call, runner: Runner) -> list[Answer]:
    try:
        return runner.run([move])
    except ModelError as error:
        if move.maker == CAMERA.id or not isinstance(move.ask, Animate) or move.ask.still is None:
            raise
        runner.tell(
            Event(
                event="warning",
                stage="move",
                scene=move.scene,
                text=f"scene {move.scene}: the camera moves it, because {error.what}",
            )
        )
        assert CAMERA.id is not None
        ask = move.ask.model_copy(update={"prompt": "", "negative": ""})
        (answer,) = runner.run([Call("move", move.scene, CAMERA.id, ask, Shot, CAMERA.options)])
        note = Note(text=f"moved by the camera in place of {move.maker}, because {error.what}", warn=True)
        return [replace(answer, notes=(*answer.notes, note))]


def _captions(
    board: Storyboard, speeches: Sequence[Speech], slots: Mapping[str, Slot], width: int, height: int
) -> list[Caption]:
    """Return the captions of the film: every line split where it can be read, its words on the film's clock."""
    captions: list[Caption] = []
    for scene, speech in zip(board.scenes, speeches, strict=True):
        slot = slots[scene.id]
        assert slot.speech is not None
        captions += cues(
            speech.words,
            scene.line,
            width=width,
            height=height,
            offset=slot.speech,
            until=slot.end,
            speaker=board.character(scene.speaker).name if scene.speaker else "",
        )
    return captions


def _mix(
    scenes: Sequence[Scene],
    speeches: Sequence[Speech],
    sounds: Sequence[Sound],
    music: Music | None,
    slots: Mapping[str, Slot],
    film: Film,
) -> MixAsk:
    return MixAsk(
        seconds=film.seconds,
        speech=tuple(
            Placed(sound=speech.sound, start=slots[scene.id].speech or slots[scene.id].start)
            for scene, speech in zip(scenes, speeches, strict=True)
            if speech.spoken
        ),
        effects=tuple(
            Placed(sound=sound.sound, start=slots[scene.id].start)
            for scene, sound in zip(scenes, sounds, strict=False)
        ),
        music=None if music is None else music.sound,
    )
