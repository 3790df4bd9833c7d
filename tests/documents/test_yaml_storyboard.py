"""storyboard.yaml: what is written is read back exactly, and every mistake has its line and field."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.documents.storyboard import (
    Actor,
    Camera,
    Character,
    Person,
    Place,
    Prop,
    Scene,
    Storyboard,
)
from kamishibai.documents.yaml_storyboard import MAX_BYTES, dump, load
from kamishibai.errors import DocumentError

text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\x85\u2028\u2029"), max_size=30
)
ids = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
times = st.fractions(0, 30, max_denominator=1000)
places = st.none() | st.builds(Place, relation=st.sampled_from(["on", "under", "near"]), of=text)
people = st.none() | st.builds(
    Person,
    gender=st.sampled_from(["woman", "neutral"]),
    age=st.sampled_from(["old", "adult"]),
    hair=st.none() | text,
)


@st.composite
def boards(draw: st.DrawFn) -> Storyboard:
    cast = [
        Character(
            id=id_,
            name=draw(text),
            person=draw(people),
            adjectives=tuple(draw(st.lists(text, max_size=2))),
            count=draw(st.integers(1, 12)),
            drawing=draw(st.none() | st.just("1F98A")),
        )
        for id_ in draw(st.lists(ids, max_size=3, unique=True))
    ]
    who = st.sampled_from([c.id for c in cast]) if cast else st.nothing()
    actors = st.lists(
        st.builds(Actor, who=who, action=text, holds=st.none() | text, place=places), max_size=2
    )
    scenes = [
        Scene(
            id=id_,
            line=draw(text),
            speaker=draw(st.none() | who) if cast else None,
            actors=tuple(draw(actors)) if cast else (),
            props=tuple(
                draw(st.lists(st.builds(Prop, name=text, glows=st.booleans(), place=places), max_size=2))
            ),
            sounds=tuple(draw(st.lists(text, max_size=2))),
            camera=draw(st.builds(Camera, amount=st.floats(0, 0.3))),
            pause=draw(times),
            seed=draw(st.none() | st.integers(0, 2**32 - 1)),
        )
        for id_ in draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    ]
    return Storyboard(title=draw(text), cast=tuple(cast), scenes=tuple(scenes), author=draw(st.none() | text))


@settings(max_examples=60, deadline=None)
@given(boards())
def test_what_is_dumped_is_loaded_exactly(board: Storyboard) -> None:
    assert load(dump(board)) == board


@pytest.fixture
def board() -> Storyboard:
    return Storyboard(
        title="The Lantern",
        cast=(Character(id="fox", name="fox", size="small"),),
        scenes=(
            Scene(id="s1", line="A fox.", actors=(Actor(who="fox", place=Place(relation="on", of="tree")),)),
            Scene(id="s2", line="Yes: no.", pause=Fraction(1, 3)),
        ),
    )


def test_the_file_tells_the_editor_what_may_be_written(board: Storyboard) -> None:
    written = dump(board)

    head = written.split("schema:")[0]
    assert all(line.startswith("#") for line in head.splitlines() if line)
    for word in ("underwater", "mysterious", "pan-left", "beside", "dance", "storm"):
        assert word in head


def test_defaults_that_nobody_edits_are_left_out_and_the_others_kept(board: Storyboard) -> None:
    written = dump(board)
    assert "transition" not in written.split("schema:")[1]
    assert "    mood: calm\n" in written


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("mood: calm", "mood: hapy", "mood: hapy", "did you mean 'happy'?"),
        ("pose: stand", "poze: stand", "poze: stand", "no field 'poze' here; did you mean 'pose'?"),
        ("id: s2", "id: s1", "- id: s1", "'s1' is used twice"),
        ("who: fox", "who: fix", "who: fix", "'fix' is not in the cast; did you mean 'fox'?"),
        ("pause: 1/3", "pause: -1", "pause: -1", "greater than or equal to 0"),
        ("pause: 1/3", "pause: 1/0", "pause: 1/0", "a fraction such as 7/2"),
        ("seed: 7", "seed: [1]", "seed: [1]", "integer"),
        ("id: fox", "id: Fox!", "id: Fox!", "not well formed"),
        ("view: medium", "view: medium\n    view: wide", "view: wide", "written twice"),
        ("size: small", "size: 3", "size: 3", "one of: tiny, small"),
        ("    line: A fox.\n", "", "id: s1", "'line' is missing"),
        ("props: []", "props: lamp", "props: lamp", "should be a list"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    board: Storyboard, old: str, new: str, line: str, message: str
) -> None:
    written = dump(board).replace(old, new, 1 if "mood" in old or "view" in old or "props" in old else -1)
    numbers = [n for n, row in enumerate(written.splitlines(), 1) if line in row]

    with pytest.raises(DocumentError) as caught:
        load(written, "my.yaml")

    shown = str(caught.value)
    assert "my.yaml" in shown
    assert message in shown
    assert any(f"line {number}" in shown for number in numbers)


def test_all_mistakes_are_told_at_once(board: Storyboard) -> None:
    written = dump(board).replace("mood: calm", "mood: hapy").replace("who: fox", "who: fix")

    with pytest.raises(DocumentError) as caught:
        load(written)

    assert "3 mistakes" in str(caught.value)
    assert str(caught.value).count("line ") >= 3


def test_words_that_look_like_something_else_stay_words() -> None:
    board = load("title: 1984\nscenes:\n- {id: s1, line: no, props: [{name: 'on'}, {name: true}]}")
    assert board.title == "1984"
    assert board.scenes[0].line == "no"
    assert [p.name for p in board.scenes[0].props] == ["on", "true"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "not a storyboard"),
        ("- a\n- b", "not a storyboard"),
        ("a: &x 1\nb: *x", "anchors and aliases"),
        ("title: !!python/object:os.system x", "tag"),
        ("title: [", "not valid YAML"),
        ("title: a\n b: c: d", "not valid YAML"),
        ("a: " + "[" * 2000, "YAML|deep"),
        ("title: x\nscenes: []", "at least 1"),
        ("schema: kamishibai.storyboard/9\nscenes: []", "update kamishibai"),
        ("title: " + "x" * MAX_BYTES, "MB"),
    ],
)
def test_what_is_no_storyboard_is_refused_with_a_reason(written: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        load(written)


def test_a_scene_in_short_form_is_enough() -> None:
    board = load("scenes:\n- {id: a, line: Hello., pause: 1.5, camera: {move: still}}")
    assert board.scenes[0].pause == Fraction(3, 2)
    assert board.scenes[0].camera == Camera(move="still")
