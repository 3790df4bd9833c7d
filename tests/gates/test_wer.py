"""The ordered word error rate: what counts as heard, what as an error, and of which kind."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kamishibai.documents.takes import Word
from kamishibai.gates.wer import heard_words, normal_words, word_errors

LINE = "A small fox found a glowing lantern in the dark forest."


@pytest.mark.parametrize(
    ("expected", "heard"),
    [
        ("It cost £5.", "it cost five pounds"),
        ("They walked 5 km.", "They walked 5 kilometers"),
        ("In 1999 she had 27 cats.", "In nineteen ninety nine, she had twenty seven cats"),
        ("105 dogs", "one hundred five dogs"),
        ("a hundred fireflies", "100 fireflies"),
        ("at 4 a.m.", "at 4am"),
        ("She couldn't've known", "she could not have known"),
        ("at 6:45 a.m.", "at 6.45 am"),
        ("The third of May", "the 3rd of May"),
        ("the colour grey", "The color gray."),
        ("two kilometres of travelling", "2 kilometers of traveling"),
        ("They realised the theatre was analysed", "They realized the theater was analyzed"),
        ("It's bedtime and he can't sleep", "it is bed time and he cannot sleep"),
        ("the FBI and the B&B", "the f b i and the b and b"),
        ("The fox and the hare", "the fox and the hair"),
        ("read one chapter aloud", "read one chapter, allowed"),
        ("Grandmother's teapot", "Grandmothers' teapot"),
        ("“Stop!” said Mr. Fox—twice.", "stop said mister fox twice"),
        ("Henry VIII", "Henry the Eighth"),
        ("a well-known sun-flower", "a well known sunflower"),
        ("It's OK.", "It's okay."),
        ("", ""),
    ],
)
def test_the_same_said_otherwise_is_no_error(expected: str, heard: str) -> None:
    errors = word_errors(expected, heard)

    assert errors.rate == 0, errors.summary()


@pytest.mark.parametrize(
    ("heard", "counts"),
    [
        ("A small fox found a lantern in the dark forest.", (0, 1, 0)),
        ("A small small fox found a glowing lantern in the dark forest.", (0, 0, 1)),
        ("A small ox found a glowing lantern in the dark forest.", (1, 0, 0)),
        ("", (0, 11, 0)),
        (f"{LINE} Thank you.", (0, 0, 2)),
        ("A fox small found a glowing lantern in the dark forest.", (2, 0, 0)),
    ],
)
def test_every_kind_of_error_is_counted_apart(heard: str, counts: tuple[int, int, int]) -> None:
    errors = word_errors(LINE, heard)

    assert errors.words == 11
    found = (errors.substitutions, errors.deletions, errors.insertions)
    assert sum(found) == sum(counts) or counts == (2, 0, 0)
    if counts == (2, 0, 0):
        # Swapped words may be told as two substitutions or as one missing and one added: both are two errors.
        assert errors.errors == 2
    else:
        assert found == counts
    assert errors.rate == pytest.approx(sum(counts) / 11)


def test_the_alignment_names_the_words() -> None:
    errors = word_errors("The cat sat down", "the hat sat there down")

    assert errors.summary() == "“cat” heard as “hat”, added “there”"
    assert [pair.kind for pair in errors.pairs] == ["match", "substitution", "match", "insertion", "match"]


def test_order_counts() -> None:
    assert word_errors("one two three four", "four three two one").rate >= 0.75


def test_more_said_than_asked_for_passes_one() -> None:
    assert word_errors("Yes", "no no no").rate == 3.0


def test_words_are_compared_without_case_points_or_figures() -> None:
    assert normal_words("Mr. Fox's £5!") == ["mister", "foxs", "five", "pounds"]


def test_shown_words_find_the_words_that_answer_them() -> None:
    def words(*texts: str) -> list[Word]:
        return [Word(text=t, start=Fraction(i), end=Fraction(i + 1)) for i, t in enumerate(texts)]

    shown = words("He", "paid", "£5", "—", "for", "bedtime", "tea.")
    shown[2] = shown[2].model_copy(update={"spoken": "five pounds"})
    heard = words("He", "paid", "five", "pounds,", "for", "bed", "time", "peas.")

    pairs = {(pair.expected, pair.heard) for pair in heard_words(shown, heard)}

    assert pairs == {(0, 0), (1, 1), (2, 2), (4, 4), (5, 5)}
