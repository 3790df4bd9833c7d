"""The composer: a score for the whole film, from the moods of its acts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from kamishibai.models.kinds import Act
from kamishibai.models.music.arrange import drum_notes, figure_notes, rolled
from kamishibai.models.music.form import (
    Intensities,
    Phrase,
    intensity_at,
    lay_out,
    ring_seconds,
    sections_of,
)
from kamishibai.models.music.harmony import NAMES, Chord, bass_line, progression, scale_of, voicing
from kamishibai.models.music.melody import Motif, Tone, invent_motif, sing
from kamishibai.models.music.score import Bar, Note, Score
from kamishibai.models.music.styles import METRE_TICKS, Style, style_for

__all__ = ["compose"]

_SHAPE = {
    "intro": -0.35, "link": -0.15, "A": -0.14, "A'": -0.05, "B": 0.06, "B'": 0.06, "rest": -0.24, "C": -0.08,
    "climax": 0.22, "coda": -0.12,
}  # fmt: skip
"""How much fuller or thinner each phrase is than what its act asks for."""
_HOME_TONICS = (0, 2, 3, 5, 7, 9, 10)


@dataclass
class _Hand:
    """What carries over from phrase to phrase: the voices' last notes and how often each phrase has come."""

    pad: tuple[int, ...] | None = None
    bass: int | None = None
    lead: int | None = None
    degree: int | None = None
    turns: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Key:
    tonic: int
    style: Style
    centre: int
    motif: Motif


def _tonic_of(home: int, home_style: Style, style: Style, *, last: bool) -> int:
    """Return the tonic of a section: related to home by shared notes, and home itself at the end."""
    if style == home_style or last:
        return home
    if style.dark != home_style.dark:
        # The relative key shares every note with home; a tense scene takes the parallel key, which darkens it.
        if style.beat_bpm > 90 and style.dark:
            return home
        return (home - 3) % 12 if style.dark else (home + 3) % 12
    return (home + 5) % 12 if style.mode == home_style.mode else home


def _near(pitch_class: int, centre: int) -> int:
    return min(
        (p for p in range(centre - 6, centre + 7) if p % 12 == pitch_class), key=lambda p: abs(p - centre)
    )


def compose(seconds: float, acts: Sequence[Act], prompt: str = "", seed: int = 0) -> Score:
    """Return a score that lasts `seconds`: it opens sparsely, turns with the acts and ends on its home chord.

    The same arguments give the same score, note by note.
    """
    sections, intensities = sections_of(acts, seconds, shortest_s=min(7.0, seconds / 2))
    lengths: dict[str, float] = {}
    for section in sections:
        lengths[section.mood] = lengths.get(section.mood, 0.0) + section.end - section.start
    home_mood = max(sections, key=lambda s: (lengths[s.mood], -s.start)).mood
    home_style = style_for(home_mood, prompt, seed)
    rng = random.Random(f"musicbox/{seed}/{home_mood}")
    metre = home_style.metre
    ticks = METRE_TICKS[metre]
    home = rng.choice(_HOME_TONICS)
    # A lilt wants to move on.
    pace = rng.uniform(0.96, 1.04) * (1.2 if metre == "6/8" else 1.0)

    keys: list[_Key] = []
    bar_seconds: list[float] = []
    motifs: dict[int, Motif] = {}
    for number, section in enumerate(sections):
        style = style_for(section.mood, prompt, seed)
        tonic = _tonic_of(home, home_style, style, last=number == len(sections) - 1)
        # Three beats leave room for fewer notes than four.
        activity = max(1, style.activity - (1 if metre == "6/8" and style.activity > 2 else 0))
        if activity not in motifs:
            # One theme for the film; each level of activity has its own rhythm, the line stays.
            made = invent_motif(metre, activity, rng)
            line = next(iter(motifs.values())).contour if motifs else made.contour
            motifs[activity] = Motif(made.head, made.tail, line)
        keys.append(_Key(tonic, style, style.centre, motifs[activity]))
        beat_s = 60.0 / (
            home_style.beat_bpm * pace * min(1.15, max(0.87, style.beat_bpm / home_style.beat_bpm))
        )
        bar_seconds.append(beat_s * ticks / 2)

    phrases = lay_out(sections, seconds, bar_seconds)
    notes: list[Note] = []
    bars: list[Bar] = []
    hand = _Hand()
    for phrase in phrases:
        key = keys[phrase.section]
        turn = hand.turns.get(phrase.label, 0)
        hand.turns[phrase.label] = turn + 1
        # A phrase that comes back has its own harmony again: seeded by its label, not by its place.
        own = random.Random(
            f"{seed}/{home_mood}/{phrase.section}/{phrase.label}/{turn // 2}/{len(phrase.bars)}"
        )
        chords = progression(phrase, key.tonic, key.style.mode, own, before=hand.degree)
        hand.degree = (chords[-1][1] or chords[-1][0]).degree
        notes += _play(phrase, key, chords, turn, metre, ticks, intensities, seconds, hand, rng)
        bars += _bars(phrase, chords, ticks)
    last_key = keys[-1]
    notes += _last_chord(last_key, seconds, hand, rng)
    kept = sorted(n for n in notes if n.start < seconds - 0.05)
    return Score(
        seconds=seconds,
        notes=tuple(kept),
        bars=tuple(bars),
        key=_keys_in_words(keys),
        tempo_bpm=round(60.0 * (2 if metre == "6/8" else ticks / 2) / bar_seconds[0], 1),
        description=_in_words(keys, metre, kept),
    )


def _bars(phrase: Phrase, chords: Sequence[tuple[Chord, Chord | None]], ticks: int) -> list[Bar]:
    return [
        Bar(
            start=measure.start,
            seconds=measure.seconds,
            ticks=ticks,
            chord=one.tones,
            second_chord=None if two is None else two.tones,
            scale=one.scale,
            phrase=phrase.label,
            last_of_phrase=i == len(chords) - 1,
            section=phrase.section,
        )
        for i, (measure, (one, two)) in enumerate(zip(phrase.bars, chords, strict=True))
    ]


def _intensity(phrase: Phrase, second: float, seconds: float, intensities: Intensities) -> float:
    """Return how full the music is: what the act asks for, shaped by the film's own arc."""
    asked = intensity_at(intensities, second)
    part = second / seconds
    arc = 0.10 * min(1.0, part / 0.75) - (0.25 * max(0.0, part - 0.85) / 0.15)
    return min(1.0, max(0.0, asked + arc + _SHAPE.get(phrase.label, 0.0)))


def _play(
    phrase: Phrase,
    key: _Key,
    chords: Sequence[tuple[Chord, Chord | None]],
    turn: int,
    metre: str,
    ticks: int,
    intensities: Intensities,
    seconds: float,
    hand: _Hand,
    rng: random.Random,
) -> list[Note]:
    """Return every note of one phrase, all parts."""
    style = key.style
    notes: list[Note] = []
    for i, (measure, (one, two)) in enumerate(zip(phrase.bars, chords, strict=True)):
        level = _intensity(phrase, measure.start, seconds, intensities)
        swell = 0.92 + 0.12 * (i / max(len(chords) - 1, 1)) * (1 if i < len(chords) - 1 else 0.4)
        tick_s = measure.seconds / ticks
        low, high = (55, 74) if style.centre >= 74 else (53, 71)
        voicings = []
        for harmony in (one, two):
            if harmony is None:
                continue
            hand.pad = voicing(harmony, hand.pad, low, high)
            voicings.append(hand.pad)
        velocity = (0.30 + 0.40 * level) * swell
        opening = phrase.label == "intro"
        figures = [
            _with_ninth(pitches, harmony) for pitches, harmony in zip(voicings, (one, two), strict=False)
        ]
        notes += figure_notes(
            style.pattern, metre, figures, measure.start, tick_s, ticks, style.figure, velocity,
            min(level, 0.27) if opening else level, rng,
        )  # fmt: skip
        # Under the title the strings come in from nothing, a bar after the theme.
        if style.pad and (i > 0 if opening else level > 0.22):
            notes += _pad(voicings, measure.start, measure.seconds, style.pad, 0.16 + 0.62 * level)
        if not opening or level > 0.4:
            notes += _bass(
                one, two, measure.start, tick_s, ticks, style, 0.4 + 0.35 * level, level, hand, rng
            )
        if style.drums and level > 0.5:
            notes += drum_notes(
                style.drums, metre, measure.start, tick_s, ticks, level, rng,
                first_of_phrase=i == 0, last_of_phrase=i == len(chords) - 1,
            )  # fmt: skip
    level = _intensity(phrase, phrase.bars[0].start, seconds, intensities)
    return _tuned(notes, chords, phrase) + _lead(phrase, key, chords, turn, metre, ticks, level, hand, rng)


def _with_ninth(pitches: Sequence[int], harmony: Chord | None) -> tuple[int, ...]:
    """Return a voicing with the chord's colour on top, where it has one."""
    if harmony is None or len(harmony.tones) < 4:
        return tuple(pitches)
    top = max(pitches)
    return (*pitches, next(p for p in range(top + 1, top + 13) if p % 12 == harmony.tones[3]))


def _tuned(notes: list[Note], chords: Sequence[tuple[Chord, Chord | None]], phrase: Phrase) -> list[Note]:
    """Return `notes` with the timpani on the root of the bar they sound in."""
    out = []
    for note in notes:
        if note.voice == "timpani":
            bar = max(i for i, m in enumerate(phrase.bars) if m.start <= note.start + 0.05 or i == 0)
            note = note._replace(pitch=_near(chords[bar][0].tones[0], 43))
        out.append(note)
    return out


def _pad(
    voicings: Sequence[Sequence[int]], start: float, seconds: float, voice: str, loud: float
) -> list[Note]:
    each = seconds / len(voicings)
    # Held a little over the bar line, so that one chord melts into the next.
    return [
        Note(
            start + i * each,
            each * 1.06 + 0.12,
            pitch - (12 if voice == "low strings" else 0),
            loud,
            voice,
            "pad",
        )
        for i, pitches in enumerate(voicings)
        for pitch in pitches
    ]


def _bass(
    one: Chord, two: Chord | None, start: float, tick_s: float, ticks: int, style: Style, loud: float,
    level: float, hand: _Hand, rng: random.Random,
) -> list[Note]:  # fmt: skip
    notes = []
    parts = [(0, one)] if two is None else [(0, one), (ticks // 2, two)]
    for tick, harmony in parts:
        hand.bass = bass_line(harmony, hand.bass)
        length = ticks * tick_s / len(parts)
        when = max(0.0, start + tick * tick_s + rng.gauss(0, 0.004))
        notes.append(Note(when, length * 0.95, hand.bass, loud, style.bass, "bass"))
        if two is None and ticks == 8 and level > 0.45 and style.bass == "pizzicato":
            fifth = hand.bass + 7 if (harmony.tones[2] - harmony.tones[0]) % 12 == 7 else hand.bass
            notes.append(Note(when + 4 * tick_s, length * 0.4, fifth, loud * 0.75, style.bass, "bass"))
    return notes


def _lead(
    phrase: Phrase,
    key: _Key,
    chords: Sequence[tuple[Chord, Chord | None]],
    turn: int,
    metre: str,
    ticks: int,
    level: float,
    hand: _Hand,
    rng: random.Random,
) -> list[Note]:
    """Return the melody of a phrase, and its doubling where the music is full."""
    style = key.style
    if phrase.label in ("rest", "link"):
        hand.lead = None
        return []
    tones = sing(
        key.motif,
        phrase.label,
        turn,
        chords,
        metre,
        ticks,
        key.centre,
        closes=phrase.closes,
        before=hand.lead,
    )
    if phrase.label == "intro":
        # Under the title only the head of the theme is heard, as if remembered.
        tones = [t for t in tones if t.bar < max(1, len(phrase.bars) // 2)]
    hand.lead = tones[-1].pitch if tones else hand.lead
    voice = style.answer if phrase.label in ("B", "B'", "C") and level > 0.3 else style.lead
    out = []
    for number, tone in enumerate(tones):
        out.append(_sung(phrase, tone, ticks, voice, 0.44 + 0.36 * level, number / max(len(tones), 1), rng))
    if phrase.label in ("climax", "A''") and level > 0.6 and style.answer != voice:
        lift = 12 if style.answer in ("glockenspiel", "music box") and key.centre < 78 else 0
        out += [n._replace(voice=style.answer, pitch=n.pitch + lift, velocity=n.velocity * 0.6, part="answer")
                for n in out]  # fmt: skip
    return out


def _sung(
    phrase: Phrase, tone: Tone, ticks: int, voice: str, loud: float, part: float, rng: random.Random
) -> Note:
    measure = phrase.bars[tone.bar]
    tick_s = measure.seconds / ticks
    accent = 1.06 if tone.tick == 0 else 0.96
    arch = 0.94 + 0.12 * min(part / 0.6, (1 - part) / 0.4 + 0.2)
    start = max(0.005, measure.start + tone.tick * tick_s + rng.gauss(0.004, 0.006))
    length = tone.ticks * tick_s * (0.92 if tone.ticks < ticks else 0.85)
    return Note(start, length, tone.pitch, loud * accent * arch * rng.uniform(0.95, 1.04), voice, "lead")


def _last_chord(key: _Key, seconds: float, hand: _Hand, rng: random.Random) -> list[Note]:
    """Return the home chord that rings out to the film's end."""
    ring = ring_seconds(seconds)
    at = seconds - ring
    style = key.style
    tonic = Chord(
        0, tuple(scale_of(key.tonic, style.mode)[d] for d in (0, 2, 4)), scale_of(key.tonic, style.mode)
    )
    pitches = voicing(tonic, hand.pad, 55, 74)
    notes = rolled(pitches, at + 0.03, ring, 0.45, style.figure if style.pattern != "pulse" else "harp", rng)
    notes.append(Note(at, ring, bass_line(tonic, hand.bass), 0.5, style.bass, "bass"))
    if style.pad:
        notes += [n._replace(seconds=ring * 0.75) for n in _pad([pitches], at, ring, style.pad, 0.35)]
    top = _near(key.tonic, hand.lead if hand.lead is not None else key.centre)
    notes.append(Note(at + 0.14, ring, top, 0.5, style.lead, "lead"))
    if style.lead in ("music box", "celesta", "felt piano"):
        notes.append(Note(at + 0.30, ring, top + 12 if top < 84 else top, 0.28, "music box", "answer"))
    return notes


def _keys_in_words(keys: Sequence[_Key]) -> str:
    words: list[str] = []
    for key in keys:
        name = f"{NAMES[key.tonic]} {_MODE_WORDS.get(key.style.mode, key.style.mode)}"
        if not words or words[-1] != name:
            words.append(name)
    return " → ".join(words) if len(words) <= 4 else f"{words[0]} … {words[-1]} ({len(words)} turns)"


_MODE_WORDS = {"ionian": "major", "aeolian": "minor"}


def _in_words(keys: Sequence[_Key], metre: str, notes: Sequence[Note]) -> str:
    """Return key, metre and the instruments heard, the most used first."""
    counts: dict[str, int] = {}
    for note in notes:
        counts[note.voice] = counts.get(note.voice, 0) + 1
    voices = sorted(counts, key=lambda v: (-counts[v], v))
    mode = keys[0].style.mode
    return f"{NAMES[keys[0].tonic]} {_MODE_WORDS.get(mode, mode)}, {metre}, {', '.join(voices[:6])}"
