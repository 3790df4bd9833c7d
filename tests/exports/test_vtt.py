"""WebVTT: escaped text, and a timestamp before each word but the first."""

from __future__ import annotations

from fractions import Fraction

from kamishibai.documents.film import Caption
from kamishibai.documents.takes import Word
from kamishibai.exports.vtt import vtt

F = Fraction


def spoken(text: str) -> tuple[Word, ...]:
    words, at = [], 0
    for n, piece in enumerate(text.split()):
        first = text.index(piece, at)
        at = first + len(piece)
        words.append(Word(text=piece, start=F(n), end=F(n) + F(1, 2), first=first, last=at))
    return tuple(words)


def cue(text: str, *, word_times: bool = True) -> str:
    caption = Caption(start=F(0), end=F(60), text=text, words=spoken(text))
    head, _, body = vtt([caption], word_times=word_times).partition("00:01:00.000\n")
    assert head == "WEBVTT\n\n1\n00:00:00.000 --> "
    return body.rstrip("\n")


def test_every_word_but_the_first_has_its_time() -> None:
    assert cue("a small fox") == "a <00:00:01.000>small <00:00:02.000>fox"


def test_words_keep_their_times_across_the_line_break() -> None:
    text = "The old clock in the tower struck thirteen times, twice."

    body = cue(text)

    assert body.count("\n") == 1
    assert body.count("<") == len(text.split()) - 1
    assert "<00:00:09.000>twice." in body


def test_markup_in_the_text_is_escaped() -> None:
    assert cue("a <b> & --> {\\an8}", word_times=False) == "a &lt;b&gt; &amp; --&gt; {\\an8}"


def test_words_that_start_together_share_one_timestamp() -> None:
    text = "one two three"
    words = tuple(w.model_copy(update={"start": min(w.start, F(1))}) for w in spoken(text))

    assert "one <00:00:01.000>two three" in vtt([Caption(start=F(0), end=F(9), text=text, words=words)])


def test_double_spaces_do_not_shift_the_words() -> None:
    assert cue("a  b   c") == "a <00:00:01.000>b <00:00:02.000>c"


def test_chinese_words_have_times_without_spaces() -> None:
    words = tuple(Word(text=c, start=F(n), end=F(n + 1), first=n, last=n + 1) for n, c in enumerate("小狐狸"))

    assert "小<00:00:01.000>狐<00:00:02.000>狸" in vtt(
        [Caption(start=F(0), end=F(9), text="小狐狸", words=words)]
    )
