"""Numbers in words, against the whole range of what a story can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamishibai.documents import numerals


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (99, "ninety-nine"),
        (100, "one hundred"),
        (110, "one hundred and ten"),
        (1001, "one thousand and one"),
        (1200, "one thousand two hundred"),
        (1_000_012, "one million and twelve"),
        (2_345_678, "two million three hundred and forty-five thousand six hundred and seventy-eight"),
        (-7, "minus seven"),
    ],
)
def test_cardinals(number: int, words: str) -> None:
    assert numerals.cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (8, "eighth"),
        (12, "twelfth"),
        (20, "twentieth"),
        (42, "forty-second"),
        (1000, "one thousandth"),
    ],
)
def test_ordinals(number: int, words: str) -> None:
    assert numerals.ordinal(number) == words


@pytest.mark.parametrize(
    ("text", "value"), [("IV", 4), ("MCMXCIX", 1999), ("VIII", 8), ("IIII", None), ("", None), ("FOX", None)]
)
def test_roman_numerals(text: str, value: int | None) -> None:
    assert numerals.roman(text) == value


@given(st.integers(min_value=0, max_value=10**21 - 1), st.integers(min_value=0, max_value=10**21 - 1))
def test_different_numbers_have_different_words(one: int, other: int) -> None:
    assert (numerals.cardinal(one) == numerals.cardinal(other)) == (one == other)
