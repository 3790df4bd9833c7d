from __future__ import annotations

import numpy as np
import pytest

from kamishibai.models.critic.answers import (
    ALT,
    alt_text,
    is_yes_or_no,
    likely_yes,
    opening_tokens,
    plain,
    sentences,
    verdict_of,
)


@pytest.mark.parametrize(
    "question",
    [
        "Is a lantern seen?",
        "Are two foxes seen?",
        "does it rain?",
        "“Has she a hat?”",
        "Isn’t it night?",
        "Can you see",
    ],
)
def test_a_question_that_yes_or_no_answers_is_known_by_its_first_word(question: str) -> None:
    assert is_yes_or_no(question)


@pytest.mark.parametrize(
    "question", ["What is happening?", "Who is there?", "", "?!", "Island or lake?", "Describe it."]
)
def test_other_questions_are_open(question: str) -> None:
    assert not is_yes_or_no(question)


def scores(**logits: float) -> np.ndarray:
    """A vocabulary of six: yes, Yes, no, No, and two other words."""
    order = ("yes", "Yes", "no", "No", "a", "b")
    return np.array([logits.get(name, -50.0) for name in order], np.float32)


YES, NO = {0, 1}, {2, 3}


def test_all_spellings_of_yes_count_together_against_all_of_no() -> None:
    both = scores(yes=np.log(0.2), Yes=np.log(0.4), No=np.log(0.4))
    assert likely_yes(both, YES, NO, 0.05) == pytest.approx(0.6)


def test_the_rest_of_the_vocabulary_has_no_say_in_how_likely_a_yes_is() -> None:
    mixed = scores(Yes=np.log(0.3), no=np.log(0.1), a=np.log(0.6))
    assert likely_yes(mixed, YES, NO, 0.05) == pytest.approx(0.75)


def test_a_model_that_would_say_something_else_said_neither() -> None:
    babbling = scores(Yes=np.log(0.02), a=np.log(0.98))
    assert likely_yes(babbling, YES, NO, 0.05) is None
    assert likely_yes(babbling, YES, NO, 0.01) == pytest.approx(1.0)


def test_a_vocabulary_without_a_yes_knows_nothing() -> None:
    assert likely_yes(scores(a=1.0), set(), NO, 0.0) is None


def test_logits_of_any_size_do_not_overflow() -> None:
    assert likely_yes(scores(Yes=3e4, no=-3e4), YES, NO, 0.05) == 1.0
    assert likely_yes(np.array([-np.inf, 2, 2, -np.inf, -np.inf, -np.inf], np.float32), YES, NO, 0.05) == 0.5


@pytest.mark.parametrize(
    ("yes", "verdict"),
    [(0.0, "no"), (0.35, "no"), (0.36, "unsure"), (0.5, "unsure"), (0.64, "unsure"), (0.65, "yes"), (1.0, "yes"),
     (None, "unsure")],
)  # fmt: skip
def test_between_yes_and_no_a_verdict_is_unsure(yes: float | None, verdict: str) -> None:
    assert verdict_of(yes, 0.35, 0.65) == verdict


def test_a_token_that_opens_both_or_says_nothing_decides_nothing() -> None:
    # A space before the word is a token of its own in some vocabularies: it would make every yes as likely as every no.
    yes = [(1, "yes"), (2, "Yes"), (9, " "), (7, "▁")]
    no = [(3, "no"), (4, "N"), (9, " "), (7, "▁")]
    assert opening_tokens(yes, no) == ({1, 2}, {3, 4})


def test_a_token_that_is_the_beginning_of_another_word_is_no_yes() -> None:
    assert opening_tokens([(1, "Y"), (2, "yesterday")], [(3, "not")]) == ({1}, set())


def test_what_a_model_says_is_cleaned_of_marks_and_control_characters() -> None:
    said = "A fox\x1b[31m<|im_end|>\n\u202e in </s> the <image> snow\x00 👩\u200d🚀 <end_of_utterance>"
    assert plain(said, ("[31m",)) == "A fox in the snow 👩\u200d🚀"


def test_what_a_model_says_is_of_bounded_length() -> None:
    assert len(plain("word " * 10_000)) <= 1200


def test_a_caption_ends_with_its_last_whole_sentence() -> None:
    assert (
        sentences("A fox sits. It holds a lantern! The tree behind it is")
        == "A fox sits. It holds a lantern!"
    )
    assert sentences("One. Two. Three. Four.") == "One. Two. Three."
    assert sentences("a fox in the") == "a fox in the"
    assert sentences("") == ""


def test_an_alternative_text_is_one_plain_sentence() -> None:
    caption = "The image shows a small fox. It holds a lantern."
    assert alt_text(caption) == "A small fox."


@pytest.mark.parametrize(
    "caption", ["a fox and " * 60, "x" * 500, "狐狸" * 200, "A sentence that ends here. " + "and more " * 40]
)
def test_an_alternative_text_is_never_longer_than_it_may_be_nor_cut_within_a_word(caption: str) -> None:
    alt = alt_text(caption)
    assert 0 < len(alt) <= ALT
    whole = set(caption.lower().rstrip().split())
    assert all(word.rstrip("…") in whole for word in alt.lower().split()) or " " not in caption.strip()


def test_the_last_word_that_just_fits_stays() -> None:
    exact = "word " * 39 + "last"  # 199 characters
    assert alt_text(exact + " and more of it") == "W" + exact[1:] + "…"
