"""stand_ins: takes in place of those that are still to be made, so that a plan can go on past them.

A stand-in has the shape of a take and passes its gate; its files have digests that nothing has. Two sets of them differ
in everything that a real take could differ in: what comes out the same with both does not depend on the real one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import CameraKey, Music, Score, Shot, Sound, Speech, Still, Transcript, Word
from kamishibai.gates.clip import ClipSeries
from kamishibai.gates.narration import NarrationFacts
from kamishibai.gates.still import StillFacts
from kamishibai.media.mix import MixFacts
from kamishibai.models.kinds import (
    Animate,
    Answered,
    Compose,
    Draw,
    Foley,
    Judge,
    Look,
    Mend,
    Mended,
    Notes,
    Speak,
)
from kamishibai.steps.examiners import (
    CropAsk,
    Cropped,
    ExamineClip,
    ExamineSpeech,
    ExamineStill,
    Thumbnail,
    TrimSpeech,
)
from kamishibai.steps.makers import CardAsk, EncodeAsk, MixAsk, Mixed, Segment
from kamishibai.work.call import Keyed, maker_of

__all__ = ["StandIns"]

WORD_S = Fraction(2, 5)
"""A narrator says about 150 words a minute."""
OTHER_S = Fraction(73, 10)
"""By how much lines of the other set last longer: more than any rounding or shortest length could hide."""


class StandIns:
    """One set of stand-ins.

    Parameters
    ----------
    other
        False for the likely ones, True for those that differ from them.
    """

    def __init__(self, other: bool = False) -> None:
        self._other = other
        self._said: dict[str, str] = {}
        """What is spoken, by the digest of the sound: a transcript that passes says the same."""
        self._by_ask: Mapping[str, Callable[[Keyed], Frozen]] = {
            Draw.__name__: self._still,
            CardAsk.__name__: self._still,
            Animate.__name__: self._shot,
            Speak.__name__: self._speech,
            TrimSpeech.__name__: self._trimmed,
            Compose.__name__: self._music,
            Foley.__name__: self._sound,
            Look.__name__: self._score,
            Judge.__name__: self._notes,
            Mend.__name__: self._mended,
            MixAsk.__name__: self._mixed,
            EncodeAsk.__name__: self._segment,
            CropAsk.__name__: self._cropped,
            ExamineSpeech.__name__: self._speech_facts,
            ExamineStill.__name__: self._still_facts,
            ExamineClip.__name__: self._clip_series,
            "Listen": self._transcript,
        }

    def learn(self, take: Any) -> None:
        """Take note of a speech that is there, for the transcript of it that may not be."""
        if isinstance(take, Speech):
            self._said[take.sound.sha256] = take.spoken

    def take(self, item: Keyed) -> Frozen | None:
        """Return a take for a call; None for calls of which nothing can be foreseen."""
        make = self._by_ask.get(type(item.call.ask).__name__)
        return None if make is None else make(item)

    def _ref(self, item: Keyed, media_type: str, name: str = "") -> Ref:
        digest = hashlib.sha256(f"stand-in {self._other} {item.key} {name}".encode()).hexdigest()
        return Ref(sha256=digest, media_type=media_type, size=1)

    def _still(self, item: Keyed) -> Still:
        ask: Any = item.call.ask
        return Still(image=self._ref(item, "image/png"), width=ask.width, height=ask.height)

    def _shot(self, item: Keyed) -> Shot:
        ask: Any = item.call.ask
        first = None
        if ask.still is None:
            image = self._ref(item, "image/png", "first")
            first = Still(image=image, width=ask.width, height=ask.height)
        maker = maker_of(item.call)
        if maker.lane == "device" or getattr(maker.options, "clip", False):
            return Shot(seconds=ask.seconds, clip=self._ref(item, "video/mp4"), first=first)
        key = CameraKey(time=Fraction(0), x=0.5, y=0.75 if self._other else 0.25, scale=1.0)
        return Shot(seconds=ask.seconds, keys=(key,), first=first)

    def _speech(self, item: Keyed) -> Speech:
        ask: Any = item.call.ask
        words, at, place = [], Fraction(1, 10), 0
        for text in ask.text.split():
            first = ask.text.index(text, place)
            place = first + len(text)
            words.append(Word(text=text, start=at, end=at + WORD_S, first=first, last=place))
            at += WORD_S
        seconds = at + Fraction(1, 10) + (OTHER_S if self._other else 0)
        sound = self._ref(item, "audio/wav")
        # Silence is not listened to.
        spoken = "" if item.call.maker == "voice:none" else ask.text
        self._said[sound.sha256] = spoken
        return Speech(sound=sound, seconds=seconds, words=tuple(words), spoken=spoken)

    def _trimmed(self, item: Keyed) -> Speech:
        ask: Any = item.call.ask
        sound = self._ref(item, "audio/wav")
        self._said[sound.sha256] = ask.speech.spoken
        return ask.speech.model_copy(update={"sound": sound, "seconds": ask.end - ask.start})  # type: ignore[no-any-return]

    def _transcript(self, item: Keyed) -> Transcript:
        ask: Any = item.call.ask
        return Transcript(text=self._said.get(ask.sound.sha256, ""), language=ask.language or "en")

    def _music(self, item: Keyed) -> Music:
        ask: Any = item.call.ask
        return Music(sound=self._ref(item, "audio/wav"), seconds=ask.seconds)

    def _sound(self, item: Keyed) -> Sound:
        ask: Any = item.call.ask
        return Sound(sound=self._ref(item, "audio/wav"), seconds=ask.seconds)

    def _score(self, item: Keyed) -> Score:
        ask: Any = item.call.ask
        return Score(texts=(0.25,) * len(ask.texts), pictures=(0.9,) * len(ask.pictures))

    def _notes(self, item: Keyed) -> Notes:
        ask: Any = item.call.ask
        return Notes(answers=tuple(Answered(question=q, said="Yes.", verdict="yes") for q in ask.questions))

    def _mended(self, item: Keyed) -> Mended:
        ask: Any = item.call.ask
        return Mended(prompt=f"{ask.prompt} {item.key[:8]} {self._other}")

    def _mixed(self, item: Keyed) -> Mixed:
        facts = MixFacts(
            lufs=-14.0, true_peak_dbtp=-1.5, silent=False, speech_to_music_db=None, speech_to_effects_db=None,
            speaking_part=0.5, music_gain_db=0.0, master_gain_db=0.0, most_reduction_db=0.0, limited_part=0.0,
        )  # fmt: skip
        return Mixed(sound=self._ref(item, "audio/wav"), facts=facts)

    def _segment(self, item: Keyed) -> Segment:
        return Segment(video=self._ref(item, "video/mp4"))

    def _cropped(self, item: Keyed) -> Cropped:
        # No two pictures are alike: a copy would be a fault.
        pixels = hashlib.sha256(f"{self._other} {item.key}".encode()).hexdigest()[:48]
        return Cropped(image=self._ref(item, "image/png"), thumbnail=Thumbnail(width=4, height=2, rgb=pixels))

    def _speech_facts(self, item: Keyed) -> NarrationFacts:
        ask: Any = item.call.ask
        return NarrationFacts(
            seconds=1.0, words=ask.words, leading_s=0.1, trailing_s=0.1, longest_pause_s=0.1, clipped_samples=0,
            head_cut=False, tail_cut=False, peak_dbfs=-3.0, lufs=-20.0, words_per_minute=150.0, snr_db=40.0,
        )  # fmt: skip

    def _still_facts(self, item: Keyed) -> StillFacts:
        return StillFacts(
            brightest=200.0, darkest=20.0, deviation=40.0, detail=0.1, noise=0.1, tiled=0.1, text=0.0
        )

    def _clip_series(self, item: Keyed) -> ClipSeries:
        return ClipSeries(
            frames=2, movement=(1.0,), light=(100.0, 100.0), brightest=(200.0, 200.0), kept=(1.0,)
        )
