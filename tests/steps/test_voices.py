"""Who says which line: the narrator, a character's own voice, or another speaker of the narrator's model."""

from __future__ import annotations

from typing import Any

import pytest

from kamishibai.documents.storyboard import Character, Scene, Storyboard
from kamishibai.errors import UnknownModelError
from kamishibai.models.base import Model
from kamishibai.models.voice.fake import FakeVoice
from kamishibai.steps.models_chosen import Chosen, choose
from kamishibai.steps.voices import own_voices, speak_ask, voice_of


class Choir(FakeVoice):
    """A voice with four speakers of English."""

    def speakers(self, language: str) -> tuple[str, ...]:
        return ("anna", "ben", "cleo", "dan") if language == "en" else ()


def board(*cast: Character, language: str = "en", speakers: tuple[str | None, ...] = (None,)) -> Storyboard:
    scenes = tuple(Scene(id=f"s{i}", line=f"Line {i}.", speaker=who) for i, who in enumerate(speakers))
    return Storyboard(cast=cast, scenes=scenes, language=language)


def who_says(made: Storyboard, narrator: Chosen | None = None) -> list[tuple[str | None, str | None]]:
    narrator = narrator or choose("voice", "fake", {})
    models = {"voice": narrator, **own_voices(made, narrator, {})}
    makers: dict[str, Model[Any, Any]] = {"voice": Choir()}
    return [(c.id, speaker) for c, speaker in (voice_of(s, made, models, makers) for s in made.scenes)]


FOX, OWL = Character(id="fox", name="fox"), Character(id="owl", name="owl")


def test_the_narrator_has_the_first_voice_and_every_character_another() -> None:
    made = board(FOX, OWL, speakers=(None, "fox", "owl", "fox"))
    assert [speaker for _, speaker in who_says(made)] == [None, "ben", "cleo", "ben"]


def test_a_character_added_to_the_cast_changes_no_voice_before_it() -> None:
    more = board(FOX, OWL, Character(id="bear", name="bear"), speakers=("fox", "owl", "bear"))
    assert [speaker for _, speaker in who_says(more)] == ["ben", "cleo", "dan"]


def test_the_narrators_speaker_is_nobody_elses() -> None:
    narrator = choose("voice", "fake#ben", {})
    assert narrator.speaker == "ben"
    assert [s for _, s in who_says(board(FOX, speakers=(None, "fox")), narrator)] == ["ben", "anna"]


def test_a_model_without_speakers_of_the_language_keeps_one_voice() -> None:
    made = board(FOX, language="de", speakers=("fox",))
    assert who_says(made) == [("voice:fake", None)]


@pytest.mark.parametrize(
    ("named", "model", "speaker"),
    [
        ("hibari", "voice:hibari", None),
        ("voice:hibari#heart", "voice:hibari", "heart"),
        ("dan", "voice:fake", "dan"),
    ],
)
def test_a_character_can_name_a_model_or_a_speaker(named: str, model: str, speaker: str | None) -> None:
    made = board(FOX.model_copy(update={"voice": named}), speakers=("fox",))
    assert who_says(made) == [(model, speaker)]


def test_a_named_speaker_is_given_to_nobody_else() -> None:
    made = board(FOX.model_copy(update={"voice": "ben"}), OWL, speakers=("fox", "owl"))
    assert [speaker for _, speaker in who_says(made)] == ["ben", "cleo"]


def test_a_silent_film_stays_silent() -> None:
    made = board(FOX.model_copy(update={"voice": "hibari"}), speakers=("fox",))
    assert who_says(made, choose("voice", "none", {})) == [("voice:none", None)]


def test_a_voice_model_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UnknownModelError):
        choose("voice", "nobody#x", {})


def test_every_take_of_a_line_has_a_seed_of_its_own() -> None:
    made = board(speakers=(None, None))
    seeds = {speak_ask(scene, made, None, take).seed for scene in made.scenes for take in range(3)}
    assert len(seeds) == 6
