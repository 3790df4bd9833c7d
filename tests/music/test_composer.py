"""The composer's craft: keys, cadences, lines without clashes, forms that turn with the film."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest

from kamishibai.models.kinds import Act
from kamishibai.models.music.composer import compose
from kamishibai.models.music.form import ring_seconds
from kamishibai.models.music.instruments import INSTRUMENTS
from kamishibai.models.music.score import Bar, Note, Score
from kamishibai.models.music.styles import STYLES

MOODS = tuple(STYLES)


def one_act(mood: str, seconds: float = 60.0, seed: int = 1, intensity: float = 0.6) -> Score:
    end = Fraction(str(seconds))
    return compose(seconds, [Act(start=Fraction(0), end=end, mood=mood, intensity=intensity)], "", seed)


def lead(score: Score) -> list[Note]:
    return [note for note in score.notes if note.part == "lead"]


def bar_at(bars: Sequence[Bar], second: float) -> Bar:
    return [bar for bar in bars if bar.start <= second + 0.04][-1]


@pytest.mark.parametrize("mood", MOODS)
def test_the_last_melody_note_is_the_tonic_and_the_last_chord_is_home(mood: str) -> None:
    for seed in range(4):
        score = one_act(mood, seed=seed)
        tonic = score.bars[-1].scale[0]
        assert lead(score)[-1].pitch % 12 == tonic
        assert score.bars[-1].chord[0] == tonic


@pytest.mark.parametrize("mood", MOODS)
def test_strong_notes_belong_to_the_chord(mood: str) -> None:
    for seed in range(4):
        score = one_act(mood, seed=seed)
        stop = score.bars[-1].start + score.bars[-1].seconds
        strong = [n for n in lead(score) if n.start < stop - 0.05]
        on_the_beat = [(n, bar_at(score.bars, n.start)) for n in strong]
        on_the_beat = [(n, b) for n, b in on_the_beat if abs(n.start - b.start) < 0.04]
        fitting = sum(n.pitch % 12 in b.chord[:3] for n, b in on_the_beat)
        assert fitting >= 0.9 * len(on_the_beat)
        clashing = [
            n for n, b in on_the_beat if n.pitch % 12 in {(c + 1) % 12 for c in b.chord[:3]} - {*b.chord}
        ]
        assert len(clashing) <= 0.05 * len(on_the_beat)


@pytest.mark.parametrize("mood", MOODS)
def test_melodies_sing_mostly_by_step_within_a_singable_range(mood: str) -> None:
    for seed in range(4):
        pitches = [n.pitch for n in lead(one_act(mood, seed=seed))]
        moves = [abs(b - a) for a, b in pairwise(pitches)]
        assert max(pitches) - min(pitches) <= 22
        assert sum(move <= 4 for move in moves) >= 0.7 * len(moves)
        assert sum(move > 12 for move in moves) == 0


def test_four_bars_are_not_looped() -> None:
    score = one_act("calm", seconds=90)
    bars: list[tuple[int, ...]] = []
    for bar in score.bars:
        inside = [n for n in score.notes if bar.start - 0.02 <= n.start < bar.start + bar.seconds - 0.02]
        bars.append(tuple(sorted(n.pitch for n in inside if n.part in ("lead", "figure"))))
    repeated = sum(bars[i] == bars[i - 4] for i in range(4, len(bars)))
    assert repeated < 0.2 * len(bars)


def test_the_theme_comes_back() -> None:
    score = one_act("playful", seconds=90)
    labels = [bar.phrase for bar in score.bars if bar.last_of_phrase]
    assert labels[0] == "intro"
    assert labels[-1] == "coda"
    assert {"A", "A'", "B"} <= set(labels)


def test_bar_lines_fall_on_the_turns_of_the_film() -> None:
    acts = [
        Act(start=Fraction(0), end=Fraction(17), mood="calm"),
        Act(start=Fraction(17), end=Fraction("36.4"), mood="tense"),
        Act(start=Fraction("36.4"), end=Fraction(60), mood="happy"),
    ]
    score = compose(60.0, acts, "", 3)
    starts = [bar.start for bar in score.bars]
    for turn in (17.0, 36.4):
        assert min(abs(start - turn) for start in starts) < 1e-6
    assert len({bar.section for bar in score.bars}) == 3


def test_bars_follow_each_other_without_gap_and_stretch_little() -> None:
    score = one_act("happy", seconds=71.3)
    for before, after in pairwise(score.bars):
        assert after.start == pytest.approx(before.start + before.seconds)
    usual = score.bars[0].seconds
    assert all(0.8 < bar.seconds / usual < 1.35 for bar in score.bars)


def test_the_music_is_fuller_at_its_height_than_at_its_opening() -> None:
    score = one_act("happy", seconds=90)

    def weight(first: float, last: float) -> float:
        return sum(n.velocity for n in score.notes if first <= n.start < last) / (last - first)

    assert weight(60, 78) > 2.0 * weight(0, 8)


def test_a_more_intense_act_has_more_to_play() -> None:
    assert len(one_act("happy", intensity=0.9).notes) > 1.4 * len(one_act("happy", intensity=0.2).notes)


def test_the_same_seed_gives_the_same_score_and_another_seed_another() -> None:
    assert one_act("calm", seed=3) == one_act("calm", seed=3)
    assert lead(one_act("calm", seed=3)) != lead(one_act("calm", seed=4))


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0, 7.7, 15.0, 31.0])
def test_short_films_have_a_beginning_and_an_end(seconds: float) -> None:
    score = one_act("tender", seconds=seconds)
    assert lead(score)
    assert all(0 <= note.start < seconds for note in score.notes)
    final = max(note.start for note in score.notes if note.part == "bass")
    assert final == pytest.approx(seconds - ring_seconds(seconds), abs=0.05)


def test_hasty_moods_do_not_tear_the_music_apart() -> None:
    acts = [
        Act(start=Fraction(2 * i), end=Fraction(2 * i + 2), mood=MOODS[i % len(MOODS)]) for i in range(20)
    ]
    score = compose(40.0, acts, "", 2)
    assert len({bar.section for bar in score.bars}) <= 6


def test_plain_words_of_the_prompt_choose_the_instrument() -> None:
    act = Act(start=Fraction(0), end=Fraction(30), mood="happy")
    score = compose(30.0, [act], "a lullaby on the piano", 1)
    assert lead(score)[0].voice == "felt piano"
    assert "3/4" in score.description


def test_every_voice_that_is_written_can_be_played() -> None:
    for mood in MOODS:
        assert {note.voice for note in one_act(mood, intensity=0.95).notes} <= set(INSTRUMENTS)


def test_an_hour_is_composed_in_seconds_and_keeps_changing() -> None:
    acts = [
        Act(start=Fraction(90 * i), end=Fraction(90 * i + 90), mood=MOODS[i % len(MOODS)], intensity=0.5)
        for i in range(40)
    ]
    score = compose(3600.0, acts, "", 1)
    assert score.bars[-1].start < 3600
    assert len({bar.section for bar in score.bars}) == 40
