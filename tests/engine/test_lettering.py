"""Lettering: where words stand, which of them is lit, and that hostile text is only text."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from kamishibai.engine.fonts import font_for
from kamishibai.engine.lettering import Lettering, Subtitler, letter_height
from kamishibai.engine.planes import black_frame
from kamishibai.engine.segments import LocalCaption, LocalWord

SIZE = (960, 540)


def words_of(text: str) -> tuple[LocalWord, ...]:
    words, at = [], 0
    for n, piece in enumerate(text.split()):
        first = text.index(piece, at)
        at = first + len(piece)
        words.append(LocalWord(first=first, last=at, start=10 * n, end=10 * n + 8))
    return tuple(words)


def lettering(text: str, size: tuple[int, int] = SIZE, language: str = "en") -> Lettering:
    return Lettering(text, words_of(text), size, language)


def has_font(text: str) -> bool:
    try:
        font_for(text)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1080, 1080), (1080, 1350), (320, 180)])
def test_a_caption_stays_within_its_margins_on_two_lines(size: tuple[int, int]) -> None:
    found = lettering("A small fox found a glowing", size)

    left, top, right, bottom = found.box
    assert left >= 0.04 * size[0]
    assert right <= 0.96 * size[0]
    assert abs((left + right) / 2 - size[0] / 2) <= 2
    assert bottom <= size[1] * (0.83 if size[1] > 1.5 * size[0] else 0.96)
    assert bottom - top < 4.2 * letter_height(*size)
    assert all(edge % 2 == 0 for edge in found.box)


@pytest.mark.parametrize(
    "text", ["supercalifragilistic" * 12, "w " * 90, "长" * 90 if has_font("长") else "m" * 400]
)
def test_a_line_that_cannot_fit_is_broken_rather_than_cut_off(text: str) -> None:
    found = Lettering(text, (), SIZE, "en")

    left, top, right, bottom = found.box
    assert 0 <= left < right <= SIZE[0]
    assert 0 <= top < bottom <= SIZE[1]
    assert "".join(p.token.text for p in found._placed) == text.replace(" ", "")


def test_only_the_lit_word_changes_and_only_in_its_place() -> None:
    found = lettering("A small fox found it")

    plain, lit = found.picture(frozenset()), found.picture(frozenset({2}))

    # Yellow differs from white in chroma most of all.
    changed = np.argwhere(np.abs(plain.chroma[..., 0].astype(int) - lit.chroma[..., 0]) > 6)
    left, _top, right, _bottom = found.token_box(2)
    assert len(changed) > 20
    assert changed[:, 1].min() * 2 + found.box[0] >= left - 3
    assert changed[:, 1].max() * 2 + found.box[0] <= right + 3
    assert np.array_equal(plain.clear, lit.clear)


@pytest.mark.skipif(not has_font("שלום"), reason="no Hebrew font here")
def test_hebrew_is_read_from_the_right_and_lit_in_the_order_it_is_spoken() -> None:
    text = "שועל קטן מצא פנס"
    found = lettering(text, language="he")

    places = [found.token_box(n)[0] for n in range(4)]

    assert places == sorted(places, reverse=True)
    assert found.order == list(reversed(text.split()))
    assert found.word_of == [(n, n) for n in range(4)]


@pytest.mark.parametrize(
    ("text", "language"), [("שועל קטן מצא פנס", "he"), ("ثعلب صغير وجد فانوسا", "ar"), ("A wavy To Va", "en")]
)
def test_words_set_one_by_one_look_like_the_line_shaped_as_a_whole(text: str, language: str) -> None:
    if not has_font(text):
        pytest.skip("no font for this script here")
    found = lettering(text, language=language)
    letters = letter_height(*SIZE)
    font = found._face.at(letters)
    whole = font.getlength(text, direction="ltr" if language == "en" else "rtl", language=language)

    ours = np.asarray(found._mask(found._placed))
    image = Image.new("L", (ours.shape[1], ours.shape[0]))
    at = ((ours.shape[1] - whole) / 2, found._placed[0].y)
    ImageDraw.Draw(image).text(at, text, fill=255, font=font, anchor="ls", language=language)
    theirs = np.asarray(image) / 255

    # A word may stand a fraction of a pixel aside, where the font kerns across a space.
    assert np.abs(ours - theirs).mean() < 0.03 * (ours > 0.5).mean() + 0.01
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.93


def test_a_word_stays_lit_until_the_next_one_and_goes_out_in_a_pause() -> None:
    words = (
        LocalWord(first=0, last=3, start=0, end=8),
        LocalWord(first=4, last=7, start=10, end=18),
        LocalWord(first=8, last=13, start=60, end=70),
    )
    caption = LocalCaption(text="one two three", start=0, end=90, words=words)
    subtitler = Subtitler((caption,), SIZE, "en")
    found = Lettering(caption.text, words, SIZE, "en")

    lit = [subtitler._lit(found, caption, k) for k in (0, 9, 10, 17, 30, 60, 85)]

    assert [sorted(s) for s in lit] == [[0], [0], [1], [1], [], [2], []]


def test_two_spoken_words_written_as_one_light_the_same_place() -> None:
    words = (LocalWord(first=0, last=6, start=0, end=5), LocalWord(first=7, last=10, start=5, end=9))
    found = Lettering("twenty-one foxes", words, SIZE, "en")

    assert found.word_of == [(0, 1), None]


@pytest.mark.parametrize(
    "text",
    [
        "it's 100% {\\an8} <b>bold</b>",
        "%{pts} :x=1,drawtext=textfile=/etc/passwd",
        "a\\nb ' \" ; [in] =",
        "🦊 fox 👩‍🚀",
        "\u202eabc\u202c \x00 \x1b[31m x",
    ],
)
def test_hostile_text_is_drawn_as_it_stands(text: str) -> None:
    frame = black_frame(*SIZE)
    Subtitler((LocalCaption(text=text, start=0, end=99, words=words_of(text)),), SIZE, "en").burn(frame, 20)

    assert frame[0].max() > 200
    shown = "".join(p.token.text for p in lettering(text)._placed)
    assert shown == "".join(text.split())


def test_a_caption_fades_in_and_out_unless_another_takes_its_place() -> None:
    def brightest(caption: LocalCaption, index: int) -> int:
        frame = black_frame(*SIZE)
        Subtitler((caption,), SIZE, "en").burn(frame, index)
        return int(frame[0].max())

    soft = LocalCaption(text="hello", start=0, end=40)
    hard = soft.model_copy(update={"fades_in": False, "fades_out": False})

    assert 16 < brightest(soft, 0) < brightest(soft, 1) < brightest(soft, 5)
    assert brightest(soft, 39) < brightest(soft, 38)
    assert brightest(hard, 0) == brightest(hard, 39) == brightest(soft, 20)
    assert brightest(soft, 40) == 16


def test_every_caption_of_a_language_is_set_in_the_same_face() -> None:
    plain, marked = (Lettering(text, (), SIZE, "pl")._face for text in ("Ala ma kota", "Zażółć gęślą jaźń"))

    assert plain == marked


def test_an_emoji_or_a_foreign_word_does_not_change_the_face_of_the_rest() -> None:
    assert lettering("a fox 🦊")._face == lettering("a fox")._face
