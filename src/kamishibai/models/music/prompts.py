"""Moods in the words that MusicGen was trained on: genre, instruments, tempo, and how full it sounds."""

from __future__ import annotations

from collections.abc import Mapping

from kamishibai.documents.storyboard import Mood
from kamishibai.models.kinds import Act

__all__ = ["MOODS", "STYLE", "prompt_for"]

# MusicGen's captions are a stock-music library's: a description, then tags for genre, mood, instruments and tempo
# (Copet et al. 2023, https://arxiv.org/abs/2306.05284, section 4.2).
MOODS: Mapping[Mood, str] = {
    "calm": "calm ambient lullaby, soft felt piano and warm strings, slow tempo, 70 bpm, peaceful",
    "happy": "happy cheerful folk tune, ukulele, glockenspiel and light percussion, upbeat, 112 bpm",
    "sad": "sad melancholic cinematic piece, solo piano and cello in a minor key, slow tempo, 64 bpm",
    "tense": "tense suspenseful film score, low pulsing strings and staccato cellos, minor key, 100 bpm",
    "mysterious": "mysterious ambient film score, celesta, harp and airy synth pads, slow tempo, 76 bpm",
    "triumphant": "triumphant orchestral film score, brass fanfare, full strings and timpani, major key, 108 bpm",
    "playful": "playful quirky orchestral tune, pizzicato strings, clarinet and xylophone, bouncy, 120 bpm",
    "tender": "tender romantic acoustic ballad, gentle nylon guitar and strings, slow tempo, 72 bpm, warm",
}
STYLE = "instrumental film music for a picture book, high quality recording"
FULLNESS: tuple[tuple[float, str], ...] = (
    (0.25, "sparse, very quiet, minimal"),
    (0.45, "soft, intimate"),
    (0.7, ""),
    (0.9, "full, building energy"),
    (1.01, "powerful, full orchestra, climax"),
)
"""Words for an intensity below each bound."""


def prompt_for(act: Act, wished: str = "", style: str = STYLE) -> str:
    """Return the text for one act: what the user wishes for first, as the first words weigh most."""
    fullness = next(words for bound, words in FULLNESS if act.intensity < bound)
    return ", ".join(
        part for part in (" ".join(wished.split()), MOODS[act.mood], fullness, style.strip()) if part
    )
