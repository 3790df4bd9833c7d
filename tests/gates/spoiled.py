"""Spoils real voice takes as bad models do: words dropped, added and swapped, silence, noise, another line.

The cuts lie at the exact word times that the voice gives, with short fades, as an editor would make them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Speech, Transcript, Word
from kamishibai.media.sound import RATE_HZ, decode_wav, encode_wav
from kamishibai.media.speech import active_span, fade_ends
from kamishibai.models import registry
from kamishibai.models.base import Desk
from kamishibai.models.kinds import Listen, Speak

__all__ = ["SENTENCES", "SPOILED", "Line", "hear", "say"]

Mono = npt.NDArray[np.float32]
FADE = round(0.006 * RATE_HZ)


@dataclass(frozen=True)
class Line:
    """One line as it was said: mono sound at 48 kHz, its words' times, and the text it should say."""

    spoken: str
    sound: Mono
    words: tuple[Word, ...]

    def part(self, first: int, last: int) -> Mono:
        """Return the sound of the words from `first` up to, without, `last`; pauses belong to the word before them."""
        start = 0 if first <= 0 else sample(self.words[first].start)
        end = len(self.sound) if last >= len(self.words) else sample(self.words[last].start)
        return fade_ends(
            self.sound[start:end], FADE if first > 0 else 0, FADE if last < len(self.words) else 0
        )


def sample(time: Fraction) -> int:
    return round(time * RATE_HZ)


def say(texts: Sequence[str], desk: Desk, voice: str = "voice:hibari") -> list[Line]:
    """Have the embedded voice say every text."""
    model = registry.make(voice)
    model.load()
    lines = []
    for take in model.run([Speak(text=text) for text in texts], desk):
        assert isinstance(take, Speech)
        samples, rate_hz = decode_wav(desk.open(take.sound))
        assert rate_hz == RATE_HZ
        lines.append(Line(take.spoken, np.ascontiguousarray(samples[0], np.float32), take.words))
    model.unload()
    return lines


def kept(sound: Mono, desk: Desk) -> Ref:
    return desk.save(encode_wav(sound[None, :], RATE_HZ), "audio/wav")


def hear(sounds: Sequence[Mono], desk: Desk, *, alone: bool) -> list[Transcript]:
    """Have the embedded ear listen; `alone`, each in a window of its own, where no good take lends it context."""
    model = registry.make("ear:whisper", {"share_windows": not alone})
    model.load()
    heard = model.run([Listen(sound=kept(sound, desk), language="en") for sound in sounds], desk)
    model.unload()
    return list(heard)


def dropped(line: Line, other: Line) -> Line:
    """Leave out the longest word that is neither the first nor the last."""
    middle = range(1, len(line.words) - 1)
    index = max(middle, key=lambda i: len(line.words[i].text))
    sound = np.concatenate([line.part(0, index), line.part(index + 1, len(line.words))])
    return replace(line, sound=sound)


def added(line: Line, other: Line) -> Line:
    """Add the longest word of another line at the end."""
    index = max(range(len(other.words) - 1), key=lambda i: len(other.words[i].text))
    gap = np.zeros(round(0.15 * RATE_HZ), np.float32)
    return replace(
        line, sound=np.concatenate([line.sound, gap, fade_ends(other.part(index, index + 1), FADE, FADE)])
    )


def swapped(line: Line, other: Line) -> Line:
    """Swap the first and the third of four words in the middle: real words in a wrong order."""
    n = len(line.words)
    at = max(1, n // 2 - 1)
    first, second = at, min(at + 2, n - 1)
    parts = [
        line.part(0, first), line.part(second, second + 1), line.part(first + 1, second),
        line.part(first, first + 1), line.part(second + 1, n) if second + 1 < n else np.zeros(0, np.float32),
    ]  # fmt: skip
    return replace(line, sound=np.concatenate(parts))


def leading(line: Line, other: Line) -> Line:
    """Begin with four seconds of silence."""
    return replace(line, sound=np.concatenate([np.zeros(4 * RATE_HZ, np.float32), line.sound]))


def noisy(line: Line, other: Line) -> Line:
    """Mix half voice and half white noise of the voice's own RMS: a signal-to-noise ratio of 0 dB."""
    first, last = active_span(line.sound, RATE_HZ)
    rms = float(np.sqrt(np.mean(np.square(line.sound[first:last], dtype=np.float64))))
    noise = np.random.default_rng(len(line.sound)).standard_normal(len(line.sound)) * rms
    return replace(line, sound=(0.5 * line.sound + 0.5 * noise).astype(np.float32))


def another(line: Line, other: Line) -> Line:
    """Say another line."""
    return replace(line, sound=other.sound)


SPOILED: dict[str, Callable[[Line, Line], Line]] = {
    "a word dropped": dropped,
    "a word added at the end": added,
    "two words swapped": swapped,
    "4 s of silence first": leading,
    "50 % noise": noisy,
    "another line": another,
}

SENTENCES = (
    "Mira lived in a small house at the edge of the forest.",
    "Every evening she lit the old lantern and waited.",
    "One night the wind was so strong that the lantern went out.",
    "A fox came out of the bushes and looked at her.",
    "The fox ran home through the rain.",
    "Everybody danced until the sun came up.",
    "Tom found a red kite in the attic.",
    "He carried it up the hill and let it fly.",
    "The string broke, and the kite sailed over the sea.",
    "Far away, a penguin saw something red in the sky.",
    "The penguin had never seen such a strange bird before.",
    "She followed it across the ice for three days and three nights.",
    "What is that sound, asked the little owl.",
    "It is only the river, said her mother.",
    "Close your eyes and listen to the water.",
    "The captain had a parrot who told nothing but lies.",
    "There is gold on this island, screamed the parrot.",
    "So they dug a hole as deep as a church tower.",
    "They found two spoons, one boot and a very angry crab.",
    "Snow fell on the roofs of the silent village.",
    "An old clockmaker sat by the window and counted the flakes.",
    "At midnight all his clocks began to sing.",
    "Nobody in the village slept that night.",
    "The bear woke up because he was hungry.",
    "He followed the smell of honey to a hollow tree.",
    "The bees were friendly and gave him a spoonful.",
    "Under the bridge lived a troll with green hair.",
    "He collected umbrellas that the storm had carried away.",
    "A girl with a yellow coat came to ask for hers.",
    "They drank tea together and became friends.",
    "The lighthouse keeper had not spoken for seven years.",
    "His only friend was a grey seagull called Otto.",
    "One morning a letter lay on the stairs.",
    "It was written in blue ink and smelled of oranges.",
    "Dear friend, it said, come and visit us in spring.",
    "The train left the station at half past nine.",
    "Inside sat a mouse with a suitcase full of cheese.",
    "The conductor laughed and did not ask for a ticket.",
    "In the desert there was a well that nobody could find.",
    "Only the moon knew the way to it.",
    "A camel listened to the moon and began to walk.",
    "By the time the stars faded, she could smell the water.",
    "The queen lost her crown in the garden.",
    "A snail wore it on its shell and felt very grand.",
    "Keep it, said the queen, it suits you better.",
    "Grandfather told the story of the great flood again.",
    "The children knew every word, but they loved his voice.",
    "When he fell asleep, they finished the story themselves.",
    "A tiny dragon hatched in the bakery oven.",
    "He baked the bread so well that people came from far away.",
    "The baker gave him a white hat and a warm bed.",
    "Leaves covered the path, golden and brown.",
    "A hedgehog rolled through them until he looked like a bush.",
    "Good night, little bush, said the passing hare.",
    "The robot watered the flowers every morning.",
    "It did not know why the flowers made it happy.",
    "On Sunday it picked one and gave it to the gardener.",
    "The whale sang a song for the sailors.",
    "They heard it in their dreams and sailed towards home.",
    "Once there was a boy who was afraid of the dark.",
    "His sister gave him a jar with twelve fireflies.",
    "Now the dark is full of friends, he said.",
    "The mountain was so high that clouds rested on it.",
    "A goat climbed up to ask them where they were going.",
    "Everywhere, said the clouds, and nowhere in particular.",
    "The wizard could not remember the magic word.",
    "He tried potato, butterfly and cucumber.",
    "With a loud bang the tower turned into a tree.",
    "That will do nicely, said the wizard.",
    "And so the long winter came to an end.",
)
