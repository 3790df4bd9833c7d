"""What every critic back-end owes: one caption and one alternative text, and an answer to every question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.documents.ref import Ref
from kamishibai.errors import Cancelled
from kamishibai.media.picture import encode_png
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Judge, Notes
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

needs_torch = pytest.mark.skipif(
    find_spec("transformers") is None, reason="the [models] extra is not installed"
)
REAL = ("llava", "llava-next", "smolvlm", "idefics3", "qwen2-vl", "qwen2-5-vl", "qwen3-vl")
CRITICS = ["critic:fake", *(pytest.param(name, marks=[needs_torch, pytest.mark.slow]) for name in REAL)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


@pytest.fixture(params=CRITICS)
def critic(request: pytest.FixtureRequest, tiny: Callable[[str], Path]) -> Iterator[Model[Any, Any]]:
    if request.param == "critic:fake":
        model = registry.make("critic:fake")
    else:
        options = {"max_new_tokens": 16, "either": 0}
        model = registry.make(f"critic:llava:{tiny(request.param)}", options)
    model.load()
    yield model
    model.unload()


def picture(desk: StoreDesk, seed: int, colour: tuple[int, int, int] = (128, 128, 128)) -> Ref:
    rng = np.random.default_rng(seed)
    pixels = np.clip(rng.normal(colour, 40, (48 + 16 * (seed % 3), 64, 3)), 0, 255).astype(np.uint8)
    return desk.save(encode_png(pixels), "image/png")


def test_every_question_is_answered_in_its_order(critic: Model[Any, Any], desk: StoreDesk) -> None:
    asked = ("Is a red ball seen?", "What is happening?", "Is it night?")
    (notes,) = critic.run([Judge(image=picture(desk, 1), questions=asked, describe=False)], desk)
    assert isinstance(notes, Notes)
    assert tuple(one.question for one in notes.answers) == asked
    assert notes.caption == notes.alt == ""
    assert all(one.yes is None or 0 <= one.yes <= 1 for one in notes.answers)


def test_a_picture_is_described_in_clean_words_of_bounded_length(
    critic: Model[Any, Any], desk: StoreDesk
) -> None:
    (notes,) = critic.run([Judge(image=picture(desk, 2))], desk)
    assert notes.answers == ()
    assert notes.caption
    assert 0 < len(notes.alt) <= 200
    assert all(char.isprintable() for char in notes.caption + notes.alt)


def test_an_ask_alone_and_in_a_batch_gets_the_same_notes(critic: Model[Any, Any], desk: StoreDesk) -> None:
    asks = [Judge(image=picture(desk, seed), questions=("Is it night?",)) for seed in (1, 2, 3)]
    together = critic.run(asks, desk)
    assert [critic.run([ask], desk)[0] for ask in asks] == together


def test_an_answer_does_not_lean_on_the_questions_before_it(critic: Model[Any, Any], desk: StoreDesk) -> None:
    image = picture(desk, 1)
    (alone,) = critic.run([Judge(image=image, questions=("Is it night?",), describe=False)], desk)
    asked = ("What is happening?", "Is a red fox seen?", "Is it night?")
    (after,) = critic.run([Judge(image=image, questions=asked, describe=False)], desk)
    assert after.answers[-1] == alone.answers[0]


def test_what_the_line_says_does_not_change_what_is_seen(critic: Model[Any, Any], desk: StoreDesk) -> None:
    ask = Judge(image=picture(desk, 1), questions=("Is it night?",))
    told = ask.model_copy(update={"line": "It was the darkest night of all."})
    assert critic.run([told], desk) == critic.run([ask], desk)


def test_it_stops_when_it_is_asked_to(critic: Model[Any, Any], tmp_path: Path) -> None:
    told: list[float] = []
    with StoreDesk(
        Store(tmp_path / "other"), lambda done, note: told.append(done), lambda: len(told) >= 3
    ) as desk:
        asks = [Judge(image=picture(desk, seed), questions=("Is it night?",)) for seed in range(8)]
        with pytest.raises(Cancelled):
            critic.run(asks, desk)
    assert len(told) < 8


@pytest.mark.parametrize(
    ("colour", "question", "verdict"),
    [
        ((230, 20, 20), "Is a red balloon seen?", "yes"),
        ((230, 20, 20), "Is the blue sea seen?", "no"),
        ((20, 30, 230), "Is the blue sea seen?", "yes"),
        ((20, 30, 230), "Is a fox seen?", "unsure"),
    ],
)
def test_the_fake_critic_sees_colours(
    desk: StoreDesk, colour: tuple[int, int, int], question: str, verdict: str
) -> None:
    ask = Judge(image=picture(desk, 1, colour), questions=(question,))
    (notes,) = registry.make("critic:fake").run([ask], desk)
    assert notes.answers[0].verdict == verdict
