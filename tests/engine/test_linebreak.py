"""Line breaks and the order of words, in scripts with and without spaces, from left and from right."""

from __future__ import annotations

import pytest

from kamishibai.engine.bidi import is_rtl, visual
from kamishibai.engine.linebreak import balanced, tokens


def pieces(text: str, **more: object) -> list[str]:
    return [t.text for t in tokens(text, **more)]


def seen(text: str) -> list[str]:
    return [t.text for t in visual(tokens(text), is_rtl(text))]


def test_latin_breaks_at_spaces_alone() -> None:
    found = tokens("  Well-known  “fox”,\nno!")

    assert [(t.text, t.spaced) for t in found] == [("Well-known", False), ("“fox”,", True), ("no!", True)]
    assert [(t.first, t.last) for t in found] == [(2, 12), (14, 20), (21, 24)]


def test_a_long_dash_may_be_followed_by_a_break() -> None:
    assert pieces("Mira—and then") == ["Mira—", "and", "then"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他说：“好。”", ["他", "说：", "“好。”"]),
        ("「光る」森", ["「光", "る」", "森"]),
        ("ランタンー！", ["ラ", "ン", "タ", "ンー！"]),
        ("ちょっと", ["ちょっ", "と"]),
        ("用Python写", ["用", "Python", "写"]),
        ("（注）文", ["（注）", "文"]),
    ],
)
def test_chinese_and_japanese_keep_their_rules_for_line_ends(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_chinese_keeps_its_words_together_where_they_are_known() -> None:
    text = "小狐狸发现了发光的灯笼。"
    starts = [text.index(w) for w in ("小狐狸", "发现了", "发光的", "灯笼")]

    assert pieces(text, word_starts=starts) == ["小狐狸", "发现了", "发光的", "灯笼。"]


def test_thai_breaks_between_the_words_that_were_spoken() -> None:
    text = "สุนัขจิ้งจอกตัวเล็ก"
    starts = [text.index(w) for w in ("สุนัข", "จิ้งจอก", "ตัว", "เล็ก")]

    assert pieces(text, word_starts=starts) == ["สุนัข", "จิ้งจอก", "ตัว", "เล็ก"]


def test_thai_without_words_never_parts_a_letter_from_its_marks() -> None:
    for piece in pieces("สุนัขจิ้งจอกตัวเล็กเดินไป"):
        assert piece[0] not in "ุัิ้ะา็"
        assert piece[-1] not in "เแโใไ"


def test_a_joined_emoji_is_one_piece() -> None:
    assert pieces("a 👩‍🚀 b") == ["a", "👩‍🚀", "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two three", ["one", "two", "three"]),
        ("אחד שניים שלוש", ["שלוש", "שניים", "אחד"]),
        ("ביער 12 פעמים", ["פעמים", "12", "ביער"]),
        ("في Mira Fox هناك.", ["هناك.", "Mira", "Fox", "في"]),
        ("Mira said שלום עולם twice", ["Mira", "said", "עולם", "שלום", "twice"]),
        ("סוף – Fox 7 בא", ["בא", "Fox", "7", "–", "סוף"]),
        ("12 34 שלום", ["שלום", "34", "12"]),
    ],
)
def test_words_stand_in_the_order_a_reader_sees(text: str, expected: list[str]) -> None:
    assert seen(text) == expected


def test_two_lines_are_even_and_end_with_a_clause_where_that_costs_little() -> None:
    found = tokens("she waited all night, but the lantern never came back")

    lines = balanced(found, lambda line: sum(len(t.text) + 1 for t in line), 36)

    assert [" ".join(t.text for t in line) for line in lines] == [
        "she waited all night,",
        "but the lantern never came back",
    ]
