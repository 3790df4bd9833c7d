"""Weights in a prompt."""

from __future__ import annotations

import pytest

from kamishibai.diffusion.emphasis import read_emphasis
from kamishibai.diffusion.shortening import shorten


@pytest.mark.parametrize(
    ("prompt", "texts", "weights"),
    [
        ("a red fox", ("a red fox",), (1.0,)),
        ("a (red:1.3) fox", ("a ", "red", " fox"), (1.0, 1.3, 1.0)),
        ("(a (red:1.2) fox:1.5) runs", ("a ", "red", " fox", " runs"), (1.5, 1.8, 1.5, 1.0)),
        ("(red: 0.5)", ("red",), (0.5,)),
        ("", ("",), (1.0,)),
        ("a (quiet) fox++ [at] 10:30", ("a (quiet) fox++ [at] 10:30",), (1.0,)),
        (r"a \(red:1.3\) fox", ("a (red:1.3) fox",), (1.0,)),
        ("a (red:1.3 fox", ("a (red:1.3 fox",), (1.0,)),
        ("fox) (x:2", ("fox) (x:2",), (1.0,)),
    ],
)
def test_weights_are_read_and_everything_else_is_text(
    prompt: str, texts: tuple[str, ...], weights: tuple[float, ...]
) -> None:
    read = read_emphasis(prompt)
    assert (read.texts, read.weights) == (texts, weights)


def test_a_weight_out_of_range_is_limited_and_remembered() -> None:
    read = read_emphasis("(fox:9) in (snow:0)")
    assert read.weights == (2.0, 1.0, 0.1)
    assert read.limited == (9.0, 0.0)


def test_the_plain_words_have_no_syntax_left() -> None:
    assert read_emphasis("(a (red:1.2)   fox:1.5) runs").plain == "a red fox runs"


# ------------------------------------------------------------------------------------- shortening
def test_a_text_that_fits_is_left_alone() -> None:
    assert shorten("A fox. Ink style.", lambda text: len(text) < 100) == ("A fox. Ink style.", "")


def test_phrases_go_from_the_last_but_one_backwards() -> None:
    text = "A fox on a hill, in the rain. Moonlight, calm mood. Ink style."
    assert shorten(text, lambda text: len(text) <= 45) == (
        "A fox on a hill, in the rain. Ink style.",
        "Moonlight, calm mood.",
    )


def test_the_style_goes_before_the_subject() -> None:
    assert shorten("A fox on a hill, ink style", lambda text: len(text) <= 15) == (
        "A fox on a hill",
        "ink style",
    )


def test_words_go_when_a_phrase_is_too_long_by_itself() -> None:
    assert shorten("one two three four", lambda text: len(text) <= 8) == ("one two", "three four")
