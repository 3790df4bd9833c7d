"""Captions: two lines at most, split where a reader breathes, every word's time and place kept."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamishibai.documents.takes import Word
from kamishibai.engine.captions import cues, line_length, plain_lines

F = Fraction
LONG = (
    "When the last bus had gone, the violin player stayed in the empty station, and played so softly that even "
    "the mice came out to listen; nobody else was there, or so she thought. Then someone clapped."
)


def characters(text: str) -> list[Word]:
    return [
        Word(text=c, start=F(n, 5), end=F(n + 1, 5), first=n, last=n + 1)
        for n, c in enumerate(text)
        if c.isalnum()
    ]


def test_a_long_line_is_split_at_the_ends_of_its_clauses(say) -> None:  # type: ignore[no-untyped-def]
    found = cues(say(LONG), text=LONG)

    assert [c.text for c in found] == [
        "When the last bus had gone, the violin player stayed in the empty station,",
        "and played so softly that even the mice came out to listen;",
        "nobody else was there, or so she thought. Then someone clapped.",
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(alphabet="abcdefgh,.;! –—“”'", min_size=1, max_size=300),
    size=st.sampled_from([(1920, 1080), (1080, 1920), (1080, 1080)]),
)
def test_nothing_is_lost_and_no_caption_needs_a_third_line(say, text: str, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    words = [w for w in say(text) if len(w.text) <= 24]
    if not words or len(words) < len(text.split()):
        return

    found = cues(words, text=text, width=size[0], height=size[1])

    assert "".join("".join(c.text for c in found).split()) == "".join(text.split())
    assert [w.text for c in found for w in c.words] == [w.text for w in words]
    for caption in found:
        lines = plain_lines(caption.text, *size)
        assert len(lines) <= 2
        assert all(len(line) <= line_length(*size) for line in lines)
        for word in caption.words:
            assert caption.text[word.first : word.last] == word.text


def test_captions_follow_each_other_on_the_films_clock(say) -> None:  # type: ignore[no-untyped-def]
    found = cues(say(LONG), text=LONG, offset=F(10), until=F(30))

    assert found[0].start == 10
    assert found[0].words[1].start == F(52, 5)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(c.start <= w.start < w.end <= c.end for c in found for w in c.words)
    assert found[-1].end <= 30


def test_a_caption_shows_numbers_and_signs_as_written() -> None:
    text = "It cost £5, he said."
    words = [
        Word(text="It", start=0, end=1, first=0, last=2),
        Word(text="cost", start=1, end=2, first=3, last=7),
        Word(text="£5", start=2, end=3, first=8, last=10, spoken="five pounds"),
        Word(text="he", start=3, end=4, first=12, last=14),
        Word(text="said", start=4, end=5, first=15, last=19),
    ]

    (caption,) = cues(words, text=text)

    assert caption.text == text
    assert caption.text[caption.words[2].first : caption.words[2].last] == "£5"


def test_words_without_places_are_found_in_the_line() -> None:
    words = [Word(text=t, start=n, end=n + 1) for n, t in enumerate(["the", "fox", "the"])]

    (caption,) = cues(words, text="the fox, the!")

    assert [(w.first, w.last) for w in caption.words] == [(0, 3), (4, 7), (9, 12)]


def test_without_its_line_the_words_themselves_are_shown(say) -> None:  # type: ignore[no-untyped-def]
    (caption,) = cues(say("a small fox"))

    assert caption.text == "a small fox"


def test_chinese_is_split_after_its_punctuation_and_never_before_it() -> None:
    text = "小狐狸在黑暗的森林里发现了一盏发光的灯笼，“真漂亮！”它轻轻地说，然后把灯笼带回了家。妈妈笑了。"

    found = cues(characters(text), text)

    assert "".join(c.text for c in found) == text
    assert all(c.text[-1] in "，。！”" for c in found)
    for caption in found:
        lines = plain_lines(caption.text)
        assert len(lines) <= 2
        assert not any(line[0] in "，。！”、" for line in lines)


def test_no_words_give_no_captions() -> None:
    assert cues([], text="") == ()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Short.", ["Short."]),
        ("The old clock in the tower struck thirteen times, and nobody knew why.",
         ["The old clock in the tower struck", "thirteen times, and nobody knew why."]),
        ("", []),
    ],
)  # fmt: skip
def test_lines_are_of_even_length(text: str, lines: list[str]) -> None:
    assert plain_lines(text) == lines
