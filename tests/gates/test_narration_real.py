"""The narration gate on real speech: the embedded voice passes, and each way of spoiling its takes is caught.

`bench/gates.py` runs the same over every sentence.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from spoiled import SENTENCES, SPOILED, Line, hear, say

from desks import RecordingDesk
from kamishibai.documents.takes import Transcript
from kamishibai.gates.narration import examine_narration, judge_narration, trim_span
from kamishibai.gates.verdict import Verdict
from kamishibai.gates.wer import word_errors
from kamishibai.media.sound import RATE_HZ

pytestmark = [pytest.mark.slow]

COUNT = 22
SPOILT = 8
"""The sentence that is spoiled; a name in it might be misheard for reasons of its own."""


def judged(line: Line, heard: Transcript) -> Verdict:
    errors = word_errors(line.spoken, heard.text)
    return judge_narration(examine_narration(line.sound[None, :], RATE_HZ, errors.words), errors)


@pytest.fixture(scope="module")
def desk() -> RecordingDesk:
    return RecordingDesk()


@pytest.fixture(scope="module")
def lines(desk: RecordingDesk) -> list[Line]:
    return say(SENTENCES[:COUNT], desk)


@pytest.fixture(scope="module")
def spoiled(lines: list[Line], desk: RecordingDesk) -> dict[str, tuple[Line, Transcript]]:
    # Each is listened to alone: in a shared window a bad take is mended by what was said well.
    takes = {name: spoil(lines[SPOILT], lines[3]) for name, spoil in SPOILED.items()}
    heard = hear([take.sound for take in takes.values()], desk, alone=True)
    return {name: (take, said) for (name, take), said in zip(takes.items(), heard, strict=True)}


def test_the_embedded_voice_passes_with_a_word_error_rate_under_three_percent(
    lines: list[Line], desk: RecordingDesk
) -> None:
    heard = hear([line.sound for line in lines], desk, alone=False)

    verdicts = [judged(line, said) for line, said in zip(lines, heard, strict=True)]

    found = [word_errors(line.spoken, said.text) for line, said in zip(lines, heard, strict=True)]
    assert len(found) >= 20
    assert sum(e.errors for e in found) / sum(e.words for e in found) < 0.03
    assert [v.faults for v in verdicts if not v.passed] == []


@pytest.mark.parametrize("name", list(SPOILED))
def test_a_spoiled_take_is_caught(spoiled: dict[str, tuple[Line, Transcript]], name: str) -> None:
    verdict = judged(*spoiled[name])

    assert not verdict.passed
    if name == "4 s of silence first":
        assert any("silence before the first word" in fault for fault in verdict.faults)
    elif name == "50 % noise":
        assert any("noise under the voice" in fault for fault in verdict.faults)
    else:
        assert verdict.measured["wer"]


def test_an_added_word_is_cut_off_at_its_exact_place(spoiled: dict[str, tuple[Line, Transcript]]) -> None:
    take, heard = spoiled["a word added at the end"]
    honest = take.words[-1].end

    span = trim_span(heard.words, take.spoken, Fraction(len(take.sound), RATE_HZ))

    assert span is not None
    assert float(span[0]) == 0
    assert float(honest) - 0.15 < float(span[1]) < float(honest) + 0.45


def test_silence_at_the_head_is_cut_off(spoiled: dict[str, tuple[Line, Transcript]]) -> None:
    take, heard = spoiled["4 s of silence first"]

    span = trim_span(heard.words, take.spoken, Fraction(len(take.sound), RATE_HZ))

    assert span is not None
    assert 3.3 < float(span[0]) < 4.1
