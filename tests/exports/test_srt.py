"""SubRip: numbered, timed, and whatever the text contains is shown, not obeyed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kamishibai.documents.film import Caption
from kamishibai.exports.srt import srt

F = Fraction


def test_captions_are_numbered_and_timed_to_the_millisecond() -> None:
    captions = [
        Caption(start=F(0), end=F(3, 2), text="One."),
        Caption(
            start=F(3, 2),
            end=F(3723) + F(4567, 10000),
            text="The old clock in the tower struck thirteen times, twice.",
        ),
    ]

    assert srt(captions) == (
        "1\n00:00:00,000 --> 00:00:01,500\nOne.\n\n"
        "2\n00:00:01,500 --> 01:02:03,457\nThe old clock in the tower\nstruck thirteen times, twice.\n"
    )


@pytest.mark.parametrize(
    "text", ["<b>bold</b>", "{\\an8}top", "a --> b", "1\n\n2\n00:00 --> 00:01", "<font color=red>"]
)
def test_markup_is_shown_and_never_obeyed(text: str) -> None:
    body = srt([Caption(start=F(0), end=F(1), text=text)]).split("\n", 2)[2]

    assert "<b" not in body
    assert "<f" not in body
    assert "</" not in body
    assert "{\\" not in body
    assert "-->" not in body
    assert "\n\n" not in body.rstrip("\n")
    assert body.replace("\u2060", "").split() == text.split()


def test_controls_are_left_out_and_scripts_kept() -> None:
    body = srt([Caption(start=F(0), end=F(1), text="a\x00b\x1b[31m سلام 你好")])

    assert "ab[31m سلام 你好" in body


def test_empty_captions_are_skipped() -> None:
    assert srt([Caption(start=F(0), end=F(1), text="  ")]) == ""
