import os
from pathlib import Path

import numpy as np
import pytest

from kamishibai.papercut import lexicon, meaning
from kamishibai.papercut.costumes import COSTUMES
from kamishibai.papercut.drawings import hexcodes
from kamishibai.papercut.finder import can_draw, drawable, find
from kamishibai.papercut.handmade import HANDMADE
from kamishibai.papercut.species import SPECIES


@pytest.mark.parametrize(
    ("noun", "drawing"),
    [
        ("fox", "puppet:fox"),
        ("foxes", "puppet:fox"),
        ("the old rusty keys", "1F5DD"),
        ("children", "person:"),
        ("wolves", "puppet:wolf"),
        ("a cup of tea", "2615"),
        ("bunch of keys", "1F511"),
        ("pirate ship", "own:ship"),
        ("silver lantern", "own:lantern"),
        ("fishermen", "person:fisher"),
        ("Boomerang", "1FA83"),
    ],
)
def test_a_story_noun_finds_its_drawing(noun: str, drawing: str) -> None:
    found = find(noun)

    assert found is not None
    assert found.drawing == drawing


@pytest.mark.parametrize(
    "noun",
    [
        "hope",
        "idea",
        "silence",
        "seahorse",
        "Tuesday",
        "violin bow",
        "carriage",
        "sea horse",
        "",
        "   ",
        "of",
        "!?",
    ],
)
def test_a_word_without_a_fitting_drawing_finds_nothing(noun: str) -> None:
    assert not can_draw(noun)


def test_an_adjective_chooses_between_drawings() -> None:
    found = find("cat", ("black",))

    assert found is not None
    assert found.drawing == "puppet:blackcat"


def test_every_line_of_the_table_names_something_that_can_be_drawn() -> None:
    known = hexcodes() | {f"own:{n}" for n in HANDMADE} | {f"puppet:{n}" for n in SPECIES}
    known |= {f"person:{n}" for n in COSTUMES} | {"person:"}

    assert {entry.drawing for entry in lexicon.entries()} <= known


def test_the_table_knows_each_word_once() -> None:
    words = [word for entry in lexicon.entries() for word in entry.words]

    assert len(words) == len(set(words))
    assert len(words) > 1500


def test_no_flag_keycap_arrow_face_or_hand_can_stand_in_a_picture() -> None:
    names = " | ".join(drawable().values())

    for word in ("flag: ", "keycap", "arrow up", "button", "zodiac", "thumbs", "grinning", "o'clock"):
        assert word not in names


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("names")


def test_a_word_close_in_meaning_finds_a_drawing_of_the_same_sort(cache: Path) -> None:
    found = find("bracelet", cache=cache)

    assert found is not None
    assert found.how == "meaning"
    assert found.name == "necklace"


@pytest.mark.parametrize(
    "noun", ["brooch", "crocus", "foxglove", "plum", "democracy", "homework", "algorithm"]
)
def test_words_that_only_look_alike_are_not_taken_for_each_other(noun: str, cache: Path) -> None:
    assert find(noun, cache=cache) is None


def test_a_damaged_cache_of_names_is_made_again(tmp_path: Path) -> None:
    first = meaning.name_matrix(("fox", "lamp"), tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"x" + kept.read_bytes()[1:])

    again = meaning.name_matrix(("fox", "lamp"), tmp_path)

    assert np.array_equal(first, again)
    assert meaning.name_matrix(("fox", "lamp"), tmp_path).tobytes() == first.tobytes()
    assert [p.name for p in tmp_path.iterdir()] == [kept.name]


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else False, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert meaning.name_matrix(("fox",), tmp_path / "cache").shape == (1, 384)


def test_embeddings_put_like_things_close_together() -> None:
    kitten, cat, hammer = meaning.embed(["kitten", "cat", "hammer"])

    assert kitten @ cat > 0.7 > kitten @ hammer
    assert np.allclose(np.linalg.norm([kitten, cat, hammer], axis=1), 1, atol=1e-5)
