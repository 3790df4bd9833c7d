from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kamishibai import Studio
from kamishibai.documents.takes import Still
from kamishibai.errors import UnsupportedError, UsageError
from kamishibai.media.picture import encode_png
from kamishibai.models.kinds import Animate, Board, Draft, Draw, Judge, Look, Speak
from kamishibai.settings import Settings
from kamishibai.wishes import Wish, ask_for, read_wish
from kamishibai.work.store import Store


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(encode_png(np.full((90, 120, 3), 200, np.uint8)))
    return path


def plan(draft: Draft) -> Board:
    from kamishibai.models.text.planner import Planner

    class Nothing:
        def progress(self, done: float, note: str = "") -> None:
            return None

    return Planner().run([draft], Nothing())[0]  # type: ignore[arg-type]


def drawn(ask: Draw) -> Still:
    raise AssertionError("nothing is to be drawn")


def wished(kind: str, words: str, tmp_path: Path, honours: set[str], **wish: object) -> Draw | Animate:
    store = Store(tmp_path / "store")
    ask = ask_for(
        kind, words, read_wish(dict(wish)), Settings(size=144), store, plan, drawn, frozenset(honours)
    )
    assert isinstance(ask, (Draw, Animate))
    return ask


def test_a_picture_model_gets_the_very_words_and_every_wish(tmp_path: Path, photo: Path) -> None:
    ask = wished(
        "picture", "a fox under a tree", tmp_path, set(),
        negative="rain", source=photo, strength=0.3, mask=photo, like=(photo, photo),
    )  # fmt: skip
    assert isinstance(ask, Draw)
    assert ask.prompt == "a fox under a tree"
    assert (ask.negative, ask.strength, len(ask.references)) == ("rain", 0.3, 2)
    assert ask.source is not None
    assert ask.mask is not None


@pytest.mark.parametrize("wish", ["mask", "strength"])
def test_a_mask_or_a_strength_without_a_picture_to_start_from_is_refused(
    tmp_path: Path, photo: Path, wish: str
) -> None:
    with pytest.raises(UsageError, match=f"--{wish}"):
        wished("picture", "a fox", tmp_path, set(), **{wish: photo if wish == "mask" else 0.5})


def test_a_model_that_reads_words_alone_gets_no_picture(tmp_path: Path, photo: Path) -> None:
    ask = wished("motion", "a fox runs", tmp_path, {"prompt"}, seconds=Fraction(2))
    assert isinstance(ask, Animate)
    assert (ask.still, ask.prompt, ask.seconds) == (None, "a fox runs", 2)
    with pytest.raises(UsageError, match="words alone"):
        wished("motion", str(photo), tmp_path, {"prompt"})


def test_a_model_that_reads_no_words_refuses_a_prompt(tmp_path: Path, photo: Path) -> None:
    with pytest.raises(UsageError, match="does not read words"):
        wished("motion", str(photo), tmp_path, {"still"}, prompt="it runs")


def test_the_frame_takes_the_pictures_shape(tmp_path: Path) -> None:
    tall = tmp_path / "tall.png"
    tall.write_bytes(encode_png(np.full((160, 90, 3), 9, np.uint8)))
    ask = wished("motion", str(tall), tmp_path, {"still"})
    assert ask.height > ask.width


def test_a_wish_that_a_model_does_not_honour_is_an_error_and_not_ignored(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="has no use for negative"):
        Studio(cache=tmp_path / "store", size=144).try_one(
            "picture:fake", "a fox", tmp_path / "x.png", negative="rain"
        )
    assert not (tmp_path / "x.png").exists()


def test_a_wish_out_of_range_names_itself() -> None:
    with pytest.raises(UsageError, match="--strength"):
        read_wish({"strength": 7})
    assert Wish(negative="x").given() == {"negative"}


def looked(kind: str, words: str | list[str], tmp_path: Path, **wish: object) -> Look | Judge:
    ask = ask_for(kind, words, read_wish(dict(wish)), Settings(), Store(tmp_path / "store"), plan, drawn)
    assert isinstance(ask, (Look, Judge))
    return ask


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_picture_of_any_format_and_the_texts_after_it_are_each_compared_for_itself(
    tmp_path: Path, suffix: str
) -> None:
    from PIL import Image

    path = tmp_path / f"my photo.{suffix}"
    Image.new("RGB", (90, 80), (200, 30, 30)).save(path)
    ask = looked("eye", [str(path), "a fox", "a ship  at sea"], tmp_path)
    assert isinstance(ask, Look)
    assert ask.texts == ("a fox", "a ship at sea")
    together = looked("eye", f"{path} a fox under a tree", tmp_path)
    assert isinstance(together, Look)
    assert together.texts == ("a fox under a tree",)


def test_pictures_to_compare_with_need_no_words(tmp_path: Path, photo: Path) -> None:
    ask = looked("eye", str(photo), tmp_path, like=(photo, photo))
    assert isinstance(ask, Look)
    assert (ask.texts, len(ask.pictures)) == ((), 2)


def test_a_critic_that_is_asked_nothing_describes(tmp_path: Path, photo: Path) -> None:
    bare, asked = (
        looked("critic", words, tmp_path)
        for words in ([str(photo)], [str(photo), "Is it night?", "What is it?"])
    )
    assert isinstance(bare, Judge)
    assert isinstance(asked, Judge)
    assert (bare.questions, bare.describe) == ((), True)
    assert (asked.questions, asked.describe) == (("Is it night?", "What is it?"), False)


@pytest.mark.parametrize(
    ("kind", "words", "says"),
    [
        ("eye", ["PHOTO"], "nothing to compare"),
        ("eye", ["nothere.png", "a fox"], "no such picture"),
        ("eye", ["a fox"], "no such picture"),
        ("critic", ["nothere.webp what is it"], "no such picture"),
        ("critic", ["PHOTO", *(f"Is it {n}?" for n in range(17))], "17 questions"),
        ("critic", ["  "], "nothing to give"),
    ],
)
def test_words_that_mean_nothing_to_who_looks_are_refused(
    tmp_path: Path, photo: Path, kind: str, words: list[str], says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        looked(kind, [str(photo) if word == "PHOTO" else word for word in words], tmp_path)
    assert caught.value.hint


def test_several_words_are_one_text_to_who_does_not_look(tmp_path: Path) -> None:
    ask = ask_for(
        "voice", ["Once", "upon", "a time."], read_wish({}), Settings(), Store(tmp_path / "s"), plan, drawn
    )
    assert isinstance(ask, Speak)
    assert ask.text == "Once upon a time."
