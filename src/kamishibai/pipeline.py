"""The way through the house, in order, as plain code: storyboard → pictures and voices → one clock → film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kamishibai.documents.film import Caption, Cut, Film
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Music, Shot, Sound, Speech, Still, Transcript
from kamishibai.engine.captions import cues
from kamishibai.engine.segments import plan as plan_segments
from kamishibai.models import registry
from kamishibai.models.kinds import Animate, Listen, Speak
from kamishibai.settings import Settings, frame_size
from kamishibai.steps.compose import compose_ask
from kamishibai.steps.cut import CREDITS, TITLE, Slot, clock
from kamishibai.steps.draw import draw_ask
from kamishibai.steps.makers import CardAsk, EncodeAsk, MixAsk, Mixed, Placed, Segment
from kamishibai.steps.models_chosen import FILM_KINDS, Chosen
from kamishibai.steps.sound import foley_ask
from kamishibai.work.call import Answer, Call
from kamishibai.work.key import seed_for
from kamishibai.work.runners.local import LocalRunner

__all__ = ["Made", "make"]


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
    """The picture ask of each scene, by scene id."""
    answers: list[Answer] = field(default_factory=list)


def _call(stage: str, scene: str, chosen: Chosen, ask: Frozen, takes: type[Frozen]) -> Call:
    assert chosen.id is not None
    return Call(stage, scene, chosen.id, ask, takes, chosen.options)


def _own(stage: str, scene: str, name: str, maker: str, ask: Frozen, takes: type[Frozen]) -> Call:
    return Call(stage, scene, name, ask, takes, path=f"kamishibai.steps.makers:{maker}")


def make(board: Storyboard, settings: Settings, models: Mapping[str, Chosen], runner: LocalRunner) -> Made:
    """Make everything a film is joined from; whatever the store has costs nothing.

    Narration comes before motion, because it sets the clock.
    """
    width, height = frame_size(settings.aspect or board.aspect, settings.size)
    scenes = board.scenes
    answers: list[Answer] = []

    # Pictures and voices do not wait for each other.
    draws = [
        draw_ask(board, scene, before, width, height)
        for scene, before in zip(scenes, (None, *scenes), strict=False)
    ]
    drawn_and_said = runner.run(
        [
            *(_call("speak", s.id, models["voice"], _speak(board, s), Speech) for s in scenes),
            *(
                _call("draw", s.id, models["picture"], ask, Still)
                for s, ask in zip(scenes, draws, strict=True)
            ),
            *(_cards(board, scenes, models, width, height) if settings.titles else ()),
        ]
    )
    answers += drawn_and_said
    speeches: list[Speech] = [a.take for a in drawn_and_said[: len(scenes)]]
    stills: dict[str, Still] = {a.call.scene: a.take for a in drawn_and_said[len(scenes) :]}

    slots = clock(scenes, speeches, settings.fps, titles=settings.titles)
    by_scene = {slot.scene: slot for slot in slots}

    # The clock is known: motion, effects and the score.
    wanted = [
        _call(
            "move", slot.scene, models["motion"], _animate(board, slot, stills, settings, width, height), Shot
        )
        for slot in slots
    ]
    if models["sound"].id:
        wanted += [
            _call("sound", s.id, models["sound"], foley_ask(s, by_scene[s.id], speech, board.seed), Sound)
            for s, speech in zip(scenes, speeches, strict=True)
        ]
    if models["music"].id:
        wanted.append(_call("compose", "", models["music"], compose_ask(board, slots), Music))
    moved_and_scored = runner.run(wanted)
    answers += moved_and_scored
    shots: dict[str, Shot] = {a.call.scene: a.take for a in moved_and_scored if a.call.stage == "move"}
    sounds: list[Sound] = [a.take for a in moved_and_scored if a.call.stage == "sound"]
    music: Music | None = next((a.take for a in moved_and_scored if a.call.stage == "compose"), None)

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

    # Mixing, listening and encoding need nothing more from each other.
    segments = plan_segments(film)
    last = [
        _own(
            "mix", "", "engine:mix", "MixMaker", _mix(scenes, speeches, sounds, music, by_scene, film), Mixed
        )
    ]
    if models["ear"].id:
        last += [
            _call(
                "listen", s.id, models["ear"], Listen(sound=speech.sound, language=board.language), Transcript
            )
            for s, speech in zip(scenes, speeches, strict=True)
            if speech.spoken
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
    heard = {a.call.scene: a.take for a in finished if a.call.stage == "listen"}
    return Made(
        board=board,
        film=film.model_copy(update={"sound": mixed.sound}),
        slots=slots,
        stills=stills,
        speeches=speeches,
        transcripts=[heard.get(s.id, Transcript(text="")) for s in scenes] if models["ear"].id else None,
        music=music,
        sounds=sounds,
        mixed=mixed,
        segments=[a.take.video for a in finished if a.call.stage == "render"],
        asks={s.id: ask for s, ask in zip(scenes, draws, strict=True)},
        answers=answers,
    )


def _speak(board: Storyboard, scene: Scene) -> Speak:
    voice = board.character(scene.speaker).voice if scene.speaker else None
    return Speak(text=scene.line, language=board.language, voice=voice)


def _cards(
    board: Storyboard, scenes: Sequence[Scene], models: Mapping[str, Chosen], width: int, height: int
) -> list[Call]:
    """Return the asks for the title and the credits, which name every model and the art's attribution."""
    due = ["Made with Kamishibai"]
    for kind in FILM_KINDS:
        id_ = models[kind].id
        if id_ is not None:
            due += [
                licence.attribution for licence in registry.class_of(id_).licence() if licence.attribution
            ]
    lines = tuple(dict.fromkeys(due))

    def card(name: str, scene: Scene, credits: tuple[str, ...]) -> Call:
        place = scene.model_copy(
            update={"id": "scene", "line": "", "actors": (), "props": (), "sounds": (), "speaker": None}
        )
        ask = CardAsk(
            title=board.title,
            author=board.author,
            lines=credits,
            scene=place,
            width=width,
            height=height,
            seed=seed_for(board.seed, name, "picture"),
        )
        return _own("draw", name, "card:papercut", "CardMaker", ask, Still)

    return [card(TITLE, scenes[0], ()), card(CREDITS, scenes[-1], lines)]


def _animate(
    board: Storyboard, slot: Slot, stills: Mapping[str, Still], settings: Settings, width: int, height: int
) -> Animate:
    scene = next((s for s in board.scenes if s.id == slot.scene), None)
    return Animate(
        still=stills[slot.scene],
        seconds=slot.seconds,
        move=scene.camera.move if scene else "push",
        amount=scene.camera.amount if scene else 0.04,
        width=width,
        height=height,
        fps=settings.fps,
        prompt=scene.prompt or "" if scene else "",
        seed=seed_for(board.seed, slot.scene, "motion"),
    )


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
