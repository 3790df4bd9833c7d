"""Words as tones and back: each letter a pitch, so that a fake voice can really be heard by a fake ear."""

from __future__ import annotations

import unicodedata

import numpy as np

from kamishibai.media.sound import RATE_HZ
from kamishibai.media.speech import Mono, fade_ends

__all__ = ["LETTER", "hear_words", "sing_word", "sung"]

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789'-"
LETTER = 1440
"""Samples a letter: 30 ms at 48 kHz."""
LOWEST_HZ, STEP_HZ = 500.0, 66.0
AMPLITUDE = 0.2
REST = 960
"""Samples of silence that end a word: 20 ms."""
QUIET = 0.01


def sung(word: str) -> str:
    """Return what of `word` can be sung: small letters without accents, digits, apostrophes and hyphens."""
    plain = unicodedata.normalize("NFKD", word.replace("’", "'")).casefold()
    kept = "".join(c if c in ALPHABET else "x" for c in plain if c in ALPHABET or c.isalnum())
    return kept or "x"


def sing_word(word: str) -> Mono:
    """Return the tones of `word` at 48 kHz: LETTER samples for each letter of ``sung(word)``."""
    time = np.arange(LETTER) / RATE_HZ
    tones = []
    for letter in sung(word):
        hertz = LOWEST_HZ + STEP_HZ * ALPHABET.index(letter)
        tone = (AMPLITUDE * np.sin(2 * np.pi * hertz * time)).astype(np.float32)
        tones.append(fade_ends(tone, LETTER // 10, LETTER // 10))
    return np.concatenate(tones)


def hear_words(sound: Mono) -> list[tuple[str, int, int]]:
    """Return every word in `sound` (48 kHz, as `sing_word` makes it) with its first and one past its last sample."""
    loud = np.flatnonzero(np.abs(sound) > QUIET)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > REST)
    firsts = [int(loud[0]), *(int(loud[b + 1]) for b in breaks)]
    lasts = [*(int(loud[b]) for b in breaks), int(loud[-1])]
    heard = []
    for first, last in zip(firsts, lasts, strict=True):
        count = max(1, round((last - first) / LETTER))
        length = (last - first) / count
        letters = "".join(
            _letter(sound[round(first + k * length) : round(first + (k + 1) * length)]) for k in range(count)
        )
        heard.append((letters, first, last + 1))
    return heard


def _letter(tone: Mono) -> str:
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 16 * LETTER))
    hertz = float(np.argmax(spectrum)) * RATE_HZ / (16 * LETTER)
    index = round((hertz - LOWEST_HZ) / STEP_HZ)
    return ALPHABET[min(max(index, 0), len(ALPHABET) - 1)]
