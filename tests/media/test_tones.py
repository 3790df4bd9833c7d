"""Words sung as tones are heard again, letter by letter."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.media.speech import join
from kamishibai.media.tones import hear_words, sing_word, sung


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.text("abcxyz019'-", min_size=1, max_size=8), min_size=1, max_size=4))
def test_words_are_heard_as_sung(words: list[str]) -> None:
    pieces, at = [], 500
    for word in words:
        tones = sing_word(word)
        pieces.append((at, tones))
        at += len(tones) + 2_880

    heard = hear_words(join(pieces, at))

    assert [text for text, _, _ in heard] == words
    assert all(abs(first - start) < 48 for (_, first, _), (start, _) in zip(heard, pieces, strict=True))


def test_accents_and_other_scripts_are_sung_as_what_can_be_sung() -> None:
    assert (sung("Zoë’s"), sung("你"), sung("…")) == ("zoe's", "x", "x")


def test_silence_holds_no_word() -> None:
    assert hear_words(np.zeros(1000, np.float32)) == []
