"""How shown words are spoken, and that every shown word keeps its place in the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.documents.spoken import is_english, read_aloud, shown_words, spoken_text

SAID = [
    # money
    ("It cost £5.", "It cost five pounds."),
    ("It cost £1.", "It cost one pound."),
    ("a £5 note", "a five pound note."),
    ("$3.50 each", "three dollars fifty each."),
    ("$1.01", "one dollar and one cent."),
    ("£0.99", "ninety-nine pence."),
    ("€10 and 5€", "ten euros and five euros."),
    ("€5,50", "five euros fifty."),
    ("¥500", "five hundred yen."),
    ("$1,250", "one thousand two hundred and fifty dollars."),
    ("$5k or £3m", "five thousand dollars or three million pounds."),
    ("£5 million", "five million pounds."),
    ("$5-10", "five to ten dollars."),
    ("99p", "ninety-nine pence."),
    # numbers
    ("She has 27 cats", "She has twenty-seven cats."),
    ("1,000,000 stars", "one million stars."),
    ("1,234 ants", "one thousand two hundred and thirty-four ants."),
    ("3.14", "three point one four."),
    ("-5 and +3", "minus five and plus three."),
    ("007", "zero zero seven."),
    ("101 dogs", "one hundred and one dogs."),
    ("2 + 2 = 4", "two plus two equals four."),
    ("4x4", "four by four."),
    ("3x faster", "three times faster."),
    ("24/7", "twenty-four seven."),
    # ordinals, years, dates
    ("the 1st of May", "the first of May."),
    ("her 2nd, 3rd and 11th cake", "her second, third and eleventh cake."),
    ("the 100th", "the one hundredth."),
    ("In 1999", "In nineteen ninety-nine."),
    ("In 1905", "In nineteen oh five."),
    ("In 2005", "In two thousand and five."),
    ("In 2024", "In twenty twenty-four."),
    ("in 1066", "in ten sixty-six."),
    ("the 1990s", "the nineteen nineties."),
    ("the '90s", "the nineties."),
    ("4 July 1776", "the fourth of July seventeen seventy-six."),
    ("March 5", "March fifth."),
    ("Dec. 25", "December twenty-fifth."),
    ("2024-03-05", "March fifth twenty twenty-four."),
    # times
    ("At 7:30", "At seven thirty."),
    ("At 7:05", "At seven oh five."),
    ("At 7:00", "At seven o'clock."),
    ("at 3 p.m.", "at three P M."),
    ("at 3pm", "at three P M."),
    ("7.30 a.m.", "seven thirty A M."),
    ("7:30 a.m.", "seven thirty A M."),
    ("3pm-5pm", "three P M to five P M."),
    # ranges, fractions, percentages, units
    ("pages 7–9", "pages seven to nine."),
    ("7 - 9 boats", "seven to nine boats."),
    ("1914–1918", "nineteen fourteen to nineteen eighteen."),
    ("½ a cup", "one half a cup."),
    ("1½ cups", "one and a half cups."),
    ("1 ½ cups", "one and a half cups."),
    ("3/4 full", "three quarters full."),
    ("50% off", "fifty percent off."),
    ("50–60%", "fifty to sixty percent."),
    ("5 km", "five kilometres."),
    ("1 km", "one kilometre."),
    ("10 °C", "ten degrees Celsius."),
    ("-3°C", "minus three degrees Celsius."),
    ("30 mph", "thirty miles per hour."),
    ("10m tall", "ten metres tall."),
    ("3 lbs", "three pounds."),
    ("6'2\" tall", "six foot two tall."),
    ("a 10-year-old", "a ten year-old."),
    # kings and chapters
    ("Henry VIII had", "Henry the eighth had."),
    ("Elizabeth II's crown", "Elizabeth the second's crown."),
    ("Louis XIV", "Louis the fourteenth."),
    ("Chapter IV", "Chapter four."),
    ("World War II", "World War two."),
    ("and I ran", "and I ran."),
    # abbreviations
    ("Mr. Fox", "Mister Fox."),
    ("Mrs Hen", "Missus Hen."),
    ("Dr. Who", "Doctor Who."),
    ("on Rodeo Dr. today", "on Rodeo Drive today."),
    ("in Baker St. today", "in Baker Street today."),
    ("near St. Paul's", "near Saint Paul's."),
    ("No. 7", "number seven."),
    ("cats, dogs, etc.", "cats, dogs, et cetera."),
    ("e.g. tea", "for example tea."),
    ("i.e. tea", "that is tea."),
    ("cats vs. dogs", "cats versus dogs."),
    ("rock 'n' roll", "rock and roll."),
    # letters
    ("NASA flew", "nasa flew."),
    ("the FBI came", "the F B I came."),
    ("the BBC's tower", "the B B C's tower."),
    ("the U.S. Army", "the U S Army."),
    ("the US", "the U S."),
    ("GIVE US A BREAK", "give us a break."),
    ("WATCH OUT!", "watch out!"),
    ("R2-D2", "R two D two."),
    ("TV", "T V."),
    ("OK", "okay."),
    ("AT&T", "A T and T."),
    ("C# and A+", "C sharp and A plus."),
    # symbols, addresses, markup
    ("salt & pepper", "salt and pepper."),
    ("and/or", "and or."),
    ("he/she", "he or she."),
    ("#5", "number five."),
    ("#cats", "hashtag cats."),
    ("@bob", "at bob."),
    ("https://www.example.com/a?b=1", "example dot com."),
    ("bob@mail.co.uk", "bob at mail dot co dot U K."),
    ("{\\an8}Hello", "Hello."),
    ("<b>bold</b>", "bold."),
    ("**bold** _it_", "bold it."),
    ("1" * 60, "a very long number."),
    # punctuation and melody
    ("“Stop!” said the fox.", "Stop! said the fox."),
    ("Wait…what?", "Wait… what?"),
    ("night—and day", "night— and day."),
    ("her horse (a lazy one) slept", "her horse, a lazy one, slept."),
    ("yes -- no", "yes— no."),
    ("Roses are red,\nviolets blue", "Roses are red, violets blue."),
    ("'Tis the dogs' bone; can’t", "Tis the dogs bone; can't."),
    ("ﬁne Ｈｅｌｌｏ", "fine Hello."),
    ("a\0b", "a b."),
    ("🦊 fox 🎉", "fox."),
]


@pytest.mark.parametrize(("shown", "said"), SAID, ids=[shown[:30] for shown, _ in SAID])
def test_a_line_is_said_as_a_reader_would(shown: str, said: str) -> None:
    assert spoken_text(read_aloud(shown)) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The fox—red—ran.", ["The", "fox—", "red—", "ran."]),
        ("“Hi,” (she) said…then", ["“Hi,”", "(she)", "said…", "then"]),
        ("他说：「你好」。", ["他", "说：", "「你", "好」。"]),
        ("我有iPhone手机", ["我", "有", "iPhone", "手", "机"]),
        ("مرحبا بالعالم!", ["مرحبا", "بالعالم!"]),
        ("🦊 🎉", ["🦊", "🎉"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        (" \0\t\n", []),
        ("see https://a.com/b--c...d now", ["see", "https://a.com/b--c...d", "now"]),
    ],
)
def test_text_is_cut_into_the_words_that_captions_show(text: str, shown: list[str]) -> None:
    assert [word.shown for word in shown_words(text)] == shown


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("He ran. She sat.", ["", "sentence", "", "paragraph"]),
        ("Mr. Fox sat.", ["", "", "paragraph"]),
        ("“Stop!” he said.", ["", "", "paragraph"]),
        ("At 3 p.m. The bell rang.", ["", "", "sentence", "", "", "paragraph"]),
        ("J. K. Rowling", ["", "", "paragraph"]),
        ("one\n\ntwo", ["paragraph", "paragraph"]),
        ("Well… maybe. Yes!", ["", "sentence", "paragraph"]),
    ],
)
def test_sentences_end_where_a_reader_breathes(text: str, ends: list[str]) -> None:
    assert [word.ends for word in read_aloud(text)] == ends


def test_a_word_of_several_spoken_words_stays_one_shown_word() -> None:
    word = read_aloud("He paid £5, then left.")[2]

    assert (word.shown, word.spoken, word.mark) == ("£5,", "five pounds", ",")
    assert "He paid £5, then left."[word.first : word.last] == "£5,"


def test_silent_words_keep_their_place_and_hand_on_their_punctuation() -> None:
    said, dash, emoji = read_aloud("Yes — 🎉")

    assert (said.mark, said.ends) == ("—", "paragraph")
    assert (dash.spoken, emoji.spoken) == ("", "")


def test_other_languages_are_said_as_written() -> None:
    assert spoken_text(read_aloud("Il a payé 5 €, hein ?", "fr")) == "Il a payé 5, hein?"


@pytest.mark.parametrize(
    ("tag", "english"), [("en", True), ("en-GB", True), ("EN_us", True), ("fr", False), ("enm", False)]
)
def test_english_is_known_by_its_tag(tag: str, english: bool) -> None:
    assert is_english(tag) is english


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_covered_by_its_words_in_order(text: str) -> None:
    words = read_aloud(text)

    at = 0
    for word in words:
        assert at <= word.first < word.last <= len(text)
        assert text[word.first : word.last] == word.shown
        at = word.last
    shown = "".join(word.shown for word in words)
    assert [c for c in text if c.isalnum()] == [c for c in shown if c.isalnum()]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from([shown for shown, _ in SAID if len(shown) < 50]), min_size=1, max_size=4))
def test_what_was_said_is_said_the_same_again(lines: list[str]) -> None:
    said = [w.spoken for w in read_aloud(". ".join(lines)) if w.spoken]

    again = [w.spoken for w in read_aloud(" ".join(said)) if w.spoken]

    assert " ".join(again).casefold() == " ".join(said).casefold()
