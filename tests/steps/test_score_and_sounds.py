from __future__ import annotations

from fractions import Fraction

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Speech, Word
from kamishibai.models.sound.names import AMBIENCES as PLAYED
from kamishibai.steps.compose import compose_ask
from kamishibai.steps.cut import Slot, clock
from kamishibai.steps.sound import AMBIENCES, foley_ask

SILENT = Ref(sha256="0" * 64, media_type="audio/wav", size=1)


def speech(text: str, seconds: int = 4) -> Speech:
    words = text.split()
    each = Fraction(seconds, len(words))
    return Speech(
        sound=SILENT,
        seconds=Fraction(seconds),
        words=tuple(Word(text=w, start=each * i, end=each * (i + 1)) for i, w in enumerate(words)),
    )


def film(*moods: str) -> tuple[Storyboard, list[Slot]]:
    board = Storyboard(scenes=tuple(Scene(id=f"s{i}", line="x", mood=m) for i, m in enumerate(moods, 1)))
    return board, clock(board.scenes, [speech("x", 9)] * len(moods), Fraction(30), titles=True)


def test_acts_cover_the_film_without_a_gap() -> None:
    board, slots = film("calm", "tense", "tense", "happy")
    ask = compose_ask(board, slots)
    assert ask.acts[0].start == 0
    assert ask.acts[-1].end == ask.seconds == slots[-1].end
    for act, after in zip(ask.acts, ask.acts[1:], strict=False):
        assert act.end == after.start


def test_neighbouring_scenes_of_one_mood_are_one_act() -> None:
    board, slots = film("calm", "calm", "tense", "tense")
    assert [act.mood for act in compose_ask(board, slots).acts] == ["calm", "tense"]


def test_the_score_ends_warm_rather_than_on_a_riddle() -> None:
    board, slots = film("tense", "calm", "mysterious")
    assert [act.mood for act in compose_ask(board, slots).acts] == ["tense", "calm", "tender"]


def test_an_ambience_fills_the_scene_and_an_effect_stands_at_its_word() -> None:
    scene = Scene(id="s1", line="The old owl called once", sounds=("rain", "owl"))
    slot = Slot(scene="s1", start=Fraction(10), end=Fraction(16), fade=Fraction(1, 2), speech=Fraction(11))
    said = speech("The old owl called once", 5)

    rain, owl = foley_ask(scene, slot, said, 7).cues

    assert (rain.kind, rain.start, rain.end) == ("ambience", 0, 6)
    assert (owl.kind, owl.start) == ("effect", 1 + said.words[2].end)


def test_an_effect_that_no_word_names_is_kept_inside_its_scene() -> None:
    scene = Scene(id="s1", line="Nothing", sounds=("bell", "owl", "door", "steps", "knock", "thunder"))
    slot = Slot(scene="s1", start=Fraction(0), end=Fraction(3), fade=Fraction(0), speech=Fraction(1, 4))
    for cue in foley_ask(scene, slot, speech("Nothing", 1), 7).cues:
        assert 0 <= cue.start <= 2


def test_a_scenes_sounds_are_as_long_whatever_comes_after_it() -> None:
    for transition in ("fade", "cut"):
        scenes = [Scene(id="s1", line="x", sounds=("rain",)), Scene(id="s2", line="y", transition=transition)]
        slots = clock(scenes, [speech("x", 3), speech("y", 3)], Fraction(30), titles=True)
        assert foley_ask(scenes[0], slots[1], speech("x", 3), 7).seconds == Fraction(47, 10)


def test_the_sounds_that_fill_a_scene_are_the_embedded_artists_ambiences() -> None:
    assert frozenset(PLAYED) == AMBIENCES
