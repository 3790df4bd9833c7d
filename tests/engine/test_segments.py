"""Segments: they tile the film's frames, and each one's ask depends on nothing but its own cuts."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamishibai.documents.film import Caption
from kamishibai.documents.frozen import canonical_json
from kamishibai.documents.takes import Word
from kamishibai.documents.time import frame_at
from kamishibai.engine.encode import frames_of
from kamishibai.engine.segments import plan
from kamishibai.errors import DocumentError

F = Fraction


def test_there_is_one_body_for_a_cut_and_one_fade_between_two(shelf) -> None:  # type: ignore[no-untyped-def]
    asks = plan(shelf.film([F(2), F(3), F(2)]))

    assert [(ask.frames, ask.blend, len(ask.parts)) for ask in asks] == [
        (50, "none", 1), (5, "cross", 2), (70, "none", 1), (5, "cross", 2), (45, "none", 1),
    ]  # fmt: skip
    assert [ask.scenes for ask in asks[:3]] == [("s0",), ("s0", "s1"), ("s1",)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seconds=st.lists(st.fractions(F(3, 2), 9, max_denominator=60), min_size=1, max_size=6),
    fps=st.sampled_from([F(24), F(25), F(30), F(30000, 1001), F(24000, 1001), F(60), F(25, 2)]),
    fade=st.fractions(0, 1, max_denominator=30),
)
def test_the_segments_tile_the_films_frames_at_any_rate(shelf, seconds, fps, fade) -> None:  # type: ignore[no-untyped-def]
    film = shelf.film(seconds, fps=fps, fade=fade)

    asks = plan(film)

    assert sum(ask.frames for ask in asks) == frame_at(film.seconds, fps)
    assert all(ask.frames >= 1 for ask in asks)


def test_an_inserted_scene_leaves_every_other_segment_as_it_was(shelf) -> None:  # type: ignore[no-untyped-def]
    before = shelf.film([F(2)] * 4, seeds=[0, 3, 6, 9])
    after = shelf.film([F(2)] * 5, seeds=[0, 3, 1, 6, 9])
    # The move goes by place in the list; a scene's own must stay, as it does in a storyboard.
    moves = {cut.scene: cut.shot for cut in before.cuts}
    after = after.model_copy(
        update={"cuts": tuple(c.model_copy(update={"shot": moves.get(c.scene, c.shot)}) for c in after.cuts)}
    )

    old, new = ({canonical_json(ask) for ask in plan(film)} for film in (before, after))

    assert len(old - new) <= 2  # the fade that was split, and a last cut that is no longer
    assert len(new - old) == 3  # the new body and its two fades


def test_a_caption_reaches_every_segment_it_is_seen_in_by_local_frames(shelf) -> None:  # type: ignore[no-untyped-def]
    film = shelf.film([F(2), F(2)])
    words = (
        Word(text="one", start=F(9, 5), end=F(19, 10), first=0, last=3),
        Word(text="two", start=F(21, 10), end=F(5, 2), first=4, last=7),
    )
    film = film.model_copy(
        update={"captions": (Caption(start=F(9, 5), end=F(13, 5), text="one two", words=words),)}
    )

    body, fade, last = plan(film)

    assert (body.captions[0].start, body.captions[0].end) == (45, 65)
    assert (fade.captions[0].start, fade.captions[0].words[1].start) == (-5, 3)
    assert (last.captions[0].start, last.captions[0].end) == (-10, 10)


@pytest.mark.parametrize(
    ("mode", "burned"), [("burn", True), ("both", True), ("soft", False), ("none", False)]
)
def test_captions_are_burned_in_only_where_that_is_asked_for(shelf, mode: str, burned: bool) -> None:  # type: ignore[no-untyped-def]
    film = shelf.film([F(2)]).model_copy(
        update={"captions": (Caption(start=F(0), end=F(1), text="one"),), "caption_mode": mode}
    )

    assert bool(plan(film)[0].captions) is burned


def test_of_two_captions_that_overlap_the_later_takes_over(shelf) -> None:  # type: ignore[no-untyped-def]
    captions = (Caption(start=F(0), end=F(1), text="one"), Caption(start=F(4, 5), end=F(2), text="two"))

    (ask,) = plan(shelf.film([F(2)]).model_copy(update={"captions": captions}))

    assert (ask.captions[0].end, ask.captions[1].start) == (20, 20)
    assert not ask.captions[0].fades_out
    assert not ask.captions[1].fades_in


def test_a_body_drawn_in_two_pieces_equals_the_same_body_in_one(shelf) -> None:  # type: ignore[no-untyped-def]
    (whole,) = plan(shelf.film([F(2)]))
    part = whole.parts[0]
    first = whole.model_copy(update={"frames": 23})
    second = whole.model_copy(update={"frames": 27, "parts": (part.model_copy(update={"first": 23}),)})

    def drawn(ask) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
        return [plane.copy() for frame in frames_of(ask, shelf.open) for plane in frame]

    for a, b in zip(drawn(whole), drawn(first) + drawn(second), strict=True):
        assert cv2.absdiff(a, b).max() <= 1


def test_a_fade_begins_next_to_one_cut_and_ends_next_to_the_other(shelf) -> None:  # type: ignore[no-untyped-def]
    before, fade, after = (
        [frame[0].astype(float) for frame in frames_of(ask, shelf.open)]
        for ask in plan(shelf.film([F(1), F(1)]))
    )

    steps = [np.abs(b - a).mean() for a, b in zip([before[-1], *fade], [*fade, after[0]], strict=True)]

    assert max(steps) < 1.6 * min(steps)


def test_a_first_cut_with_a_fade_comes_out_of_black(shelf) -> None:  # type: ignore[no-untyped-def]
    film = shelf.film([F(1)])
    film = film.model_copy(update={"cuts": (film.cuts[0].model_copy(update={"fade": F(2, 5)}),)})

    fade, body = plan(film)
    means = [float(frame[0].mean()) for frame in frames_of(fade, shelf.open)]

    assert (fade.blend, fade.frames, body.parts[0].first) == ("from-black", 10, 10)
    assert means == sorted(means)
    assert means[0] < 16 + 0.2 * (means[-1] - 16)


def test_a_film_that_cannot_be_tiled_is_refused_with_the_scene_named(shelf) -> None:  # type: ignore[no-untyped-def]
    film = shelf.film([F(2), F(2)])
    gap = film.cuts[0].model_copy(update={"end": F(1)})

    with pytest.raises(DocumentError, match="gap") as caught:
        plan(film.model_copy(update={"cuts": (gap, film.cuts[1])}))
    assert caught.value.where == "s1"
    with pytest.raises(DocumentError, match="even"):
        plan(film.model_copy(update={"width": 321}))
    with pytest.raises(DocumentError, match="goes on"):
        plan(film.model_copy(update={"seconds": F(10)}))
