"""voice:fake: sings every word as tones that ear:fake can hear; an ordinary plug-in for tests and trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.spoken import read_aloud, spoken_text
from kamishibai.documents.takes import Word
from kamishibai.documents.time import samples_to_time
from kamishibai.media.sound import RATE_HZ, encode_wav
from kamishibai.media.speech import join
from kamishibai.media.tones import sing_word
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Speak, Speech

__all__ = ["FakeVoice"]

HEAD, GAP, TAIL = 2_880, 5_760, 6_720
"""Samples of silence before the first word, between words (five of them between sentences) and at the end."""


class FakeVoice(Model[Speak, Speech]):
    """Says nothing, but says it in time: 30 ms a letter, 120 ms between words."""

    id: ClassVar[str] = "voice:fake"
    version: ClassVar[str] = "2"
    varies: ClassVar[bool] = False
    asks: ClassVar[type[Frozen]] = Speak
    supports: ClassVar[frozenset[str]] = frozenset({"language", "voice"})
    batch = 8

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of a beep."""
        return (Licence(name="CC0-1.0", commercial=True, source="synthesised"),)

    def run(self, asks: Sequence[Speak], desk: Desk) -> list[Speech]:
        """Answer every ask, in order."""
        takes = []
        for index, ask in enumerate(asks):
            takes.append(_sing(ask, desk))
            desk.progress((index + 1) / len(asks))
        return takes


def _sing(ask: Speak, desk: Desk) -> Speech:
    spoken = read_aloud(ask.text, ask.language)
    at = HEAD
    words, pieces = [], []
    for word in spoken:
        start = at
        for part in word.spoken.split():
            tones = sing_word(part)
            pieces.append((at, tones))
            end = at + len(tones)
            at = end + GAP
        if not word.spoken:
            end = at = start + GAP
        words.append(
            Word(
                text=word.shown,
                start=samples_to_time(start, RATE_HZ),
                end=samples_to_time(end, RATE_HZ),
                first=word.first,
                last=word.last,
                spoken=word.spoken,
            )
        )
        if word.ends:
            at += 4 * GAP
    samples = at + TAIL
    return Speech(
        sound=desk.save(encode_wav(join(pieces, samples)[None, :]), "audio/wav"),
        seconds=samples_to_time(samples, RATE_HZ),
        words=tuple(words),
        spoken=spoken_text(spoken),
    )
