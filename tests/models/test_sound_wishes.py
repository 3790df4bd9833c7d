"""What words mean to models of music and sound that are tried on their own."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kamishibai.errors import UsageError
from kamishibai.models import registry
from kamishibai.models.kinds import Compose, Foley
from kamishibai.settings import Settings
from kamishibai.wishes import Wish, ask_for
from kamishibai.work.store import Store


def wished(id_: str, words: str, tmp_path: Path) -> Any:
    def never(ask: Any) -> Any:
        raise AssertionError("nothing else is to be made")

    kind, honours = registry.kind_of(id_), registry.make(id_).honours()
    wish = Wish(seconds=Fraction(8))
    return ask_for(kind, words, wish, Settings(), Store(tmp_path), never, never, honours)


@pytest.mark.parametrize(
    ("words", "mood"),
    [("a calm lullaby", "calm"), ("sad, slow cello", "sad"), ("bagpipes in the rain", "calm")],
)
def test_a_composer_that_reads_words_gets_them_with_the_mood_that_they_name(
    tmp_path: Path, words: str, mood: str
) -> None:
    ask = wished("music:musicgen", words, tmp_path)
    assert isinstance(ask, Compose)
    assert ask.prompt == words
    assert [(act.start, act.end, act.mood) for act in ask.acts] == [(0, 8, mood)]


def test_moods_alone_are_acts_to_every_composer(tmp_path: Path) -> None:
    for id_ in ("music:musicgen", "music:musicbox"):
        ask = wished(id_, "calm, happy", tmp_path)
        assert (ask.prompt, [act.mood for act in ask.acts]) == ("", ["calm", "happy"])


@pytest.mark.parametrize("id_", ["music:musicbox", "music:file:song.mp3"])
def test_a_composer_of_moods_refuses_other_words_with_those_it_knows(tmp_path: Path, id_: str) -> None:
    with pytest.raises(UsageError, match="is not a mood") as caught:
        wished(id_, "a calm lullaby", tmp_path)
    assert "tender" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["audioldm2", "stable-audio"])
def test_descriptions_of_places_fill_the_scene_and_happenings_have_a_moment(
    tmp_path: Path, name: str
) -> None:
    ask = wished(f"sound:{name}", "rain on leaves, a dog barking in the rain, rain", tmp_path)
    assert isinstance(ask, Foley)
    assert [cue.kind for cue in ask.cues] == ["ambience", "effect", "ambience"]
    assert ask.cues[0].end == 8


def test_the_foley_artist_is_asked_as_before(tmp_path: Path) -> None:
    assert [cue.kind for cue in wished("sound:foley", "rain on leaves", tmp_path).cues] == ["effect"]
