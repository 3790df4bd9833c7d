"""The house's own makers, cached like any model's: cards, segments, the mix, and what is measured in the finished file."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Still
from kamishibai.documents.time import Time, sample_at
from kamishibai.engine import encode
from kamishibai.engine.quality import Quality
from kamishibai.engine.segments import SegmentAsk
from kamishibai.media.mix import MixFacts, WavStem, mix
from kamishibai.media.sound import RATE_HZ, decode_wav, encode_wav
from kamishibai.models.base import Desk, Model, Needs
from kamishibai.papercut.cards import credits_card, title_card

__all__ = [
    "CardAsk", "CardMaker", "EncodeAsk", "Mixed", "MixAsk", "MixMaker", "Placed", "Segment", "SegmentMaker",
]  # fmt: skip


class CardAsk(Frozen):
    """A title card (no `lines`) or a credits card."""

    title: str
    author: str | None = None
    lines: tuple[str, ...] = ()
    scene: Scene | None = None
    """The scene whose place and light the card takes up."""
    width: int
    height: int
    seed: int


class CardMaker(Model[CardAsk, Still]):
    """Draws the title and the credits."""

    id = "card:papercut"
    version = "1"
    asks = CardAsk

    @classmethod
    def needs(cls) -> Needs:
        """Return about what drawing at 1080p takes."""
        return Needs(memory_mb=200)

    def run(self, asks: Sequence[CardAsk], desk: Desk) -> list[Still]:
        """Return a layered still for each card."""
        return [
            credits_card(ask.lines, ask.width, ask.height, ask.seed, ask.scene, desk)
            if ask.lines
            else title_card(ask.title, ask.author, ask.width, ask.height, ask.seed, ask.scene, desk)
            for ask in asks
        ]


class EncodeAsk(Frozen):
    """One segment and how well it is to be encoded."""

    segment: SegmentAsk
    quality: Quality


class Segment(Frozen):
    """An encoded, closed stretch of the film without sound."""

    video: Ref


class SegmentMaker(Model[EncodeAsk, Segment]):
    """Renders and encodes segments."""

    id = "engine:segment"
    version = encode.VERSION
    asks = EncodeAsk
    row = 4  # a cut's body and the fades around it are made from the same prepared stills

    def run(self, asks: Sequence[EncodeAsk], desk: Desk) -> list[Segment]:
        """Return each segment's video."""
        out = []
        for number, ask in enumerate(asks):

            def go_on(done: float, before: int = number) -> None:
                desk.progress((before + done) / len(asks))

            go_on(0.0)
            data = encode.encode_segment(ask.segment, desk.open, ask.quality, go_on)
            out.append(Segment(video=desk.save(data, "video/mp4")))
        return out


class Placed(Frozen):
    """A sound and when it begins on the film's clock."""

    sound: Ref
    start: Time


class MixAsk(Frozen):
    """All stems of the film."""

    seconds: Time
    speech: tuple[Placed, ...] = ()
    effects: tuple[Placed, ...] = ()
    music: Ref | None = None


class Mixed(Frozen):
    """The master, and what was measured while it was mixed."""

    sound: Ref
    facts: MixFacts


class MixMaker(Model[MixAsk, Mixed]):
    """Mixes speech, effects and music to one master."""

    id = "engine:mix"
    version = "1"
    asks = MixAsk

    @classmethod
    def needs(cls) -> Needs:
        """Return about what the stems of a short film take."""
        return Needs(memory_mb=200)

    def run(self, asks: Sequence[MixAsk], desk: Desk) -> list[Mixed]:
        """Return the 48 kHz stereo master of each film."""
        return [self._mix(ask, desk) for ask in asks]

    def _mix(self, ask: MixAsk, desk: Desk) -> Mixed:
        def start(time: Fraction) -> int:
            return sample_at(time, RATE_HZ)

        speech = [(start(s.start), decode_wav(desk.open(s.sound))[0][0]) for s in ask.speech]
        effects = [(start(e.start), decode_wav(desk.open(e.sound))[0]) for e in ask.effects]
        music = None if ask.music is None else WavStem(desk.path(ask.music))
        master, facts = mix(speech, music, effects, ask.seconds)
        return Mixed(sound=desk.save(encode_wav(master), "audio/wav"), facts=facts)
