"""What the narration gate makes of misheard, missing and added words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kamishibai.gates.narration import NarrationFacts, NarrationLimits, judge_narration
from kamishibai.gates.verdict import Verdict, better
from kamishibai.gates.wer import word_errors

SOUND = NarrationFacts(
    seconds=3.0, words=8, leading_s=0.1, trailing_s=0.2, longest_pause_s=0.1, clipped_samples=0, head_cut=False,
    tail_cut=False, peak_dbfs=-3.0, lufs=-20.0, words_per_minute=160.0, snr_db=30.0,
)  # fmt: skip


def judged(said: str, heard: str, limits: NarrationLimits | None = None) -> Verdict:
    return judge_narration(SOUND, word_errors(said, heard), limits, "s01")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Mira smiled.", "Myra smiled."),
        ("By the time the stars faded, she slept.", "By the time the star is faded, she slept."),
        ("They were all ready.", "They were already."),
    ],
)
def test_one_thing_misheard_passes_even_in_a_short_line(said: str, heard: str) -> None:
    assert judged(said, heard).faults == ()


@pytest.mark.parametrize(
    ("heard", "fault"),
    [
        ("The fox ran home the rain.", "missing “through”"),
        ("The fox ran home through the rain yellow.", "added “yellow”"),
        ("Well the fox ran home through the rain.", "added “well”"),
        ("The fox home ran through the rain.", "“ran” heard as “home”, “home” heard as “ran”"),
        ("The rain ran home through the fox.", "“fox” heard as “rain”, “rain” heard as “fox”"),
        ("", "missing “the”, “fox”, “ran”, “home” and 3 more"),
    ],
)
def test_missing_added_and_swapped_words_are_quoted(heard: str, fault: str) -> None:
    assert "; ".join(judged("The fox ran home through the rain.", heard).faults) == fault


def test_every_kind_of_error_is_measured_apart() -> None:
    verdict = judged("The fox ran home through the rain.", "The box ran through the rain again.")

    assert {n: verdict.measured[n] for n in ("substitutions", "deletions", "insertions")} == {
        "substitutions": 1, "deletions": 1, "insertions": 1,
    }  # fmt: skip
    assert verdict.measured["wer"] == pytest.approx(3 / 7, abs=1e-4)


def test_limits_are_the_users() -> None:
    said, heard = "The fox ran home through the rain.", "The fox ran home the rain."

    assert judged(said, heard, NarrationLimits(missing=1)).passed


def test_takes_are_ordered_by_how_much_is_wrong() -> None:
    said = "The fox ran home through the rain."
    takes = [
        judged(said, heard) for heard in (said, "The fox ran home through the plain.", "The fox ran.", "")
    ]

    assert all(better(one, other) for one, other in pairwise(takes))


def test_without_an_ear_the_sound_alone_is_judged() -> None:
    verdict = judge_narration(SOUND.model_copy(update={"snr_db": 5.0}), None)

    assert verdict.faults == ("noise under the voice (5 dB)",)
    assert "wer" not in verdict.measured
