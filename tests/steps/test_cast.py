"""The cast: who gets a portrait, whose own picture is read from where, and what each scene is held to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Actor, Character, Scene, Storyboard
from kamishibai.errors import MediaError
from kamishibai.media.picture import decode_png
from kamishibai.models.base import Reads
from kamishibai.steps.cast import as_drawn, cast_notes, own_pictures, portrait_asks, references_for, seen
from kamishibai.steps.draw import draw_ask
from kamishibai.work.store import Store

HELD = frozenset({"references", "negative"})
BOTH = Reads(style="sentence", negative=True)


def character(id_: str, **fields: object) -> Character:
    return Character.model_validate({"id": id_, "name": id_.title(), "noun": "girl", **fields})


def board(*cast: Character, seed: int = 7) -> Storyboard:
    """Return a storyboard where everyone but `nobody` is seen, the fox twice in one scene."""
    acting = [Actor(who=c.id) for c in cast if c.id != "nobody"]
    return Storyboard(
        seed=seed,
        cast=cast,
        scenes=(
            Scene(id="s01", line="One.", actors=tuple(reversed(acting))),
            Scene(id="s02", line="Two.", actors=(*acting[:1], *acting[:1])),
        ),
    )


def reference(name: str) -> Ref:
    return Ref(sha256=name[:1] * 64, media_type="image/png", size=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_only_who_acts_in_a_scene_is_seen() -> None:
    assert [c.id for c in seen(board(character("a"), character("nobody"), character("b")))] == ["a", "b"]


def test_everyone_who_is_seen_gets_a_portrait_groups_too() -> None:
    asks = portrait_asks(board(character("a"), character("nobody"), character("b", count=3)), HELD, BOTH)
    assert list(asks) == ["a", "b"]
    assert asks["b"].cast[0].count == 3
    assert asks["a"].width == asks["a"].height
    assert asks["a"].references == ()
    assert asks["a"].negative


def test_a_model_that_is_shown_no_picture_draws_no_portrait() -> None:
    assert portrait_asks(board(character("a")), frozenset({"negative"}), BOTH) == {}


def test_portraits_have_seeds_of_their_own() -> None:
    first = portrait_asks(board(character("a"), character("b")), HELD, BOTH)
    later = portrait_asks(board(character("b"), character("a"), character("c")), HELD, BOTH)
    other = portrait_asks(board(character("a"), seed=8), HELD, BOTH)
    assert first["a"].seed != first["b"].seed
    assert first["a"] == later["a"]
    assert first["a"].seed != other["a"].seed


def test_an_own_picture_or_no_weight_needs_no_portrait() -> None:
    asks = portrait_asks(board(character("a"), character("b", identity_weight=0)), HELD, BOTH, own={"a"})
    assert asks == {}


def test_the_users_own_words_for_a_portrait_replace_the_written_ones() -> None:
    own = "a girl like a <lora:x:9> porcelain doll"
    asks = portrait_asks(board(character("a", portrait_prompt=own)), HELD, BOTH)
    assert asks["a"].prompt == "a girl like a porcelain doll"


def test_a_model_without_negative_prompts_gets_none() -> None:
    assert portrait_asks(board(character("a")), frozenset({"references"}), BOTH)["a"].negative == ""


def test_references_follow_the_order_of_the_actors_each_once() -> None:
    made = board(character("a", identity_weight=0.5), character("b"))
    portraits = {"a": reference("a"), "b": reference("b")}
    first = references_for(made.scenes[0], made.cast, portraits)
    assert [(r.who, r.weight) for r in first] == [("b", 1.0), ("a", 0.5)]
    assert [r.who for r in references_for(made.scenes[1], made.cast, portraits)] == ["a"]


def test_who_has_no_likeness_or_no_weight_is_left_to_the_words() -> None:
    made = board(character("a", identity_weight=0), character("b"), character("c"))
    portraits = {"a": reference("a"), "c": reference("c")}
    assert [r.who for r in references_for(made.scenes[0], made.cast, portraits)] == ["c"]


def test_a_renamed_picture_changes_nothing_that_is_drawn() -> None:
    given = character("a", picture="a.jpg", portrait_prompt="a doll", identity_weight=0.4)
    assert as_drawn(given) == character("a")


def test_an_own_picture_is_kept_as_png(tmp_path: Path, store: Store) -> None:
    Image.new("RGB", (100, 140), (200, 30, 40)).save(tmp_path / "mira.png")
    made = board(character("mira", picture="mira.png"))
    kept = own_pictures(made, [tmp_path], store.save, "storyboard.yaml")
    assert kept["mira"].media_type == "image/png"
    assert np.array_equal(decode_png(store.open(kept["mira"]))[0, 0], (200, 30, 40))
    assert decode_png(store.open(kept["mira"])).shape == (140, 100, 3)


def test_the_storyboards_folder_is_looked_into_before_the_storys(tmp_path: Path, store: Store) -> None:
    for name, colour in (("film", (255, 0, 0)), ("story", (0, 0, 255))):
        (tmp_path / name / "faces").mkdir(parents=True)
        Image.new("RGB", (64, 64), colour).save(tmp_path / name / "faces" / "a.png")
    Image.new("RGB", (64, 64), (0, 255, 0)).save(tmp_path / "story" / "b.png")
    made = board(character("a", picture="faces/a.png"), character("b", picture="b.png"))
    kept = own_pictures(made, [tmp_path / "film", tmp_path / "story"], store.save, "storyboard.yaml")
    assert tuple(decode_png(store.open(kept["a"]))[0, 0]) == (255, 0, 0)
    assert tuple(decode_png(store.open(kept["b"]))[0, 0]) == (0, 255, 0)


def test_pictures_of_those_who_are_never_seen_are_not_opened(tmp_path: Path, store: Store) -> None:
    made = board(character("a"), character("nobody", picture="gone.png"))
    assert own_pictures(made, [tmp_path], store.save, "storyboard.yaml") == {}


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        ("gone.png", "there is no 'gone.png'"),
        ("../secret.png", "does not lie beside"),
        ("link.png", "does not lie beside"),
        ("/etc/passwd", "does not lie beside"),
        ("https://example.org/mira.png", "is an address"),
        ("notes.txt", "neither PNG, JPEG nor WebP"),
        ("faces", "not a file"),
        ("a" * 400, "cannot be opened"),
        ("a\0b", "does not lie beside"),
    ],
)
def test_what_cannot_be_shown_is_told_with_file_character_and_field(
    tmp_path: Path, store: Store, picture: str, said: str
) -> None:
    folder = tmp_path / "film"
    (folder / "faces").mkdir(parents=True)
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    Image.new("RGB", (64, 64)).save(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(MediaError) as caught:
        own_pictures(board(character("mira", picture=picture)), [folder], store.save, "my/storyboard.yaml")
    assert said in caught.value.what
    assert caught.value.hint
    assert "my/storyboard.yaml, cast 'mira', picture" in str(caught.value.where)


def test_an_unused_picture_is_spoken_of() -> None:
    made = board(character("mira", picture="mira.png"), character("b"))
    (note,) = cast_notes(made, frozenset(), "picture:papercut")
    assert "Mira" in note
    assert "picture:papercut" in note
    assert cast_notes(made, HELD, "picture:diffusers") == ()
    assert cast_notes(board(character("b")), frozenset(), "picture:papercut") == ()


def test_a_scenes_ask_does_not_say_where_a_likeness_lies() -> None:
    given = character("a", picture="a.jpg", identity_weight=0.4)
    made = board(given)
    assert draw_ask(made, made.scenes[0], 64, 64).cast == (character("a"),)
