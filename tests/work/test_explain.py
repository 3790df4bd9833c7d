from __future__ import annotations

import typing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Music, Speech, Still
from kamishibai.models.kinds import Animate, Compose, Draw, Speak
from kamishibai.work.call import Answer, Call, Keyed
from kamishibai.work.events import Event
from kamishibai.work.explain import CAUSES, CallKey, Explainer, Reason, explain, place
from kamishibai.work.key import content_hash
from kamishibai.work.records import Record
from kamishibai.work.store import Store
from rooms import make, studio

SPEAK = Speak(text="A fox ran.", seed=4)
SCENE = Scene(id="s003", line="A fox ran.")
DRAW = Draw(prompt="a fox", scene=SCENE, width=256, height=144, seed=1)
OLD, NEW = (Ref(sha256=str(n) * 64, media_type="image/png", size=1) for n in (1, 2))


def item(ask: Frozen = SPEAK, stage: str = "speak", scene: str = "s003", **changes: Any) -> Keyed:
    call = Call(stage, scene, changes.pop("maker", "voice:x"), ask, Frozen)
    known: dict[str, Any] = {"key": "k1" * 32, "version": "1", "weights": "w", "options": {"a": {"b": 1}}}
    return Keyed(call, **{**known, **changes})


def was(of: Keyed, **changes: Any) -> Record:
    """Return the record of the last time, with its differences."""
    known: dict[str, Any] = {
        "key": "k0" * 32, "maker": of.call.maker, "version": of.version, "weights": of.weights,
        "options": of.options, "take": {}, "seconds": 1.0, "asked": type(of.call.ask).__name__,
        "ask": of.call.ask.model_dump(mode="json", by_alias=True),
    }  # fmt: skip
    return Record(**{**known, **changes})


def asked_before(of: Keyed, **fields: Any) -> Record:
    return was(of, ask={**of.call.ask.model_dump(mode="json", by_alias=True), **fields})


def told(before: Record | None, now: Keyed, made_from: dict[str, str] | None = None, **more: Any) -> Reason:
    return explain(before, now, made_from or {}, **more)


# ---------------------------------------------------------------------- each cause, in words


def test_the_first_time() -> None:
    assert told(None, item(), first=True) == Reason(cause="new", text="first time")
    assert told(None, item()) == Reason(cause="new", text="s003 speech is new")
    assert told(None, item(stage="compose", scene="")).text == "music is new"


def test_a_result_that_is_lost() -> None:
    now = item()
    assert told(was(now, key=now.key), now) == Reason(
        cause="lost", text="its result is not in the cache any more"
    )


def test_another_model_version_or_weights() -> None:
    now = item()
    assert told(was(now, maker="voice:y"), now) == Reason(cause="model", text="voice:x in place of voice:y")
    assert told(was(now, version="0"), now) == Reason(cause="version", text="voice:x 1 ≠ 0")
    assert told(was(now, weights="v"), now) == Reason(cause="weights", text="other weights of voice:x")


def test_the_greatest_difference_is_told() -> None:
    now = item()
    everything: dict[str, Any] = {"version": "0", "weights": "v", "options": {}, "ask": {}}
    causes = []
    for name in ("maker", *everything):
        causes.append(
            told(was(now, maker="voice:y" if name == "maker" else "voice:x", **everything), now).cause
        )
        everything.pop(name, None)
    assert causes == ["model", "version", "weights", "options", "ask"]


@pytest.mark.parametrize(
    ("before", "text", "fields"),
    [
        ({"a": {"b": 2}}, "voice:x: a.b 1 ≠ 2", ("a.b",)),
        ({}, "voice:x: a.b 1 ≠ None", ("a",)),
        ({"a": {"b": 1}, "c": "z" * 60}, f"voice:x: c None ≠ {'z' * 39}…", ("c",)),
    ],
)
def test_other_options(before: dict[str, Any], text: str, fields: tuple[str, ...]) -> None:
    now = item()
    reason = told(was(now, options=before), now)
    if fields == ("a",):  # a whole group that was not there
        text = "voice:x: a {'b': 1} ≠ None"
    assert reason == Reason(cause="options", text=text, fields=fields)


def test_many_options_are_told_by_the_first_three() -> None:
    now = item(options=dict.fromkeys("abcde", 1))
    reason = told(was(now, options=dict.fromkeys("abcde", 2)), now)
    assert reason.text == "voice:x: a 1 ≠ 2, b 1 ≠ 2, c 1 ≠ 2"
    assert reason.fields == tuple("abcde")


def test_a_new_seed() -> None:
    now = item()
    assert told(asked_before(now, seed=9), now) == Reason(
        cause="seed", text="new seed of s003", fields=("seed",)
    )
    film = item(stage="compose", scene="")
    assert told(asked_before(film, seed=9), film).text == "new seed"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"text": "x"}, "line of s003 changed"),
        ({"text": "x", "seed": 9}, "seed and line of s003 changed"),
        ({"voice": "bob", "language": "de"}, "language and speaker of s003 changed"),
        ({"voice": "b", "language": "de", "text": "x"}, "language, line and speaker of s003 changed"),
        ({"voice": "b", "language": "de", "text": "x", "seed": 9}, "language, seed, line and more of s003 changed"),
    ],
)  # fmt: skip
def test_what_a_person_changed_in_the_line(fields: dict[str, Any], text: str) -> None:
    now = item()
    assert told(asked_before(now, **fields), now).text == text


def test_what_a_person_changed_in_the_scene_is_told_by_the_scenes_own_words() -> None:
    now = item(DRAW, "draw")
    before = DRAW.model_copy(update={"scene": SCENE.model_copy(update={"weather": "rain", "time": "night"})})
    reason = told(was(now, ask=before.model_dump(mode="json", by_alias=True)), now)
    assert reason.cause == "ask"
    assert reason.text == "time and weather of s003 changed"
    assert set(reason.fields) == {"scene.time", "scene.weather"}


def test_width_and_height_are_one_word() -> None:
    now = item(DRAW, "draw")
    assert told(asked_before(now, width=128, height=72), now).text == "frame size of s003 changed"


def _moving(still: Ref, seconds: int = 2, **more: Any) -> Animate:
    made = Still(image=still, width=256, height=144)
    return Animate(still=made, seconds=seconds, width=256, height=144, seed=3, **more)


def test_a_cascade_names_what_it_comes_from() -> None:
    now = item(_moving(NEW), "move")
    before = was(now, ask=_moving(OLD).model_dump(mode="json", by_alias=True))
    reason = told(before, now, {NEW.sha256: "s003 picture", OLD.sha256: "another"})
    assert (reason.cause, reason.text) == ("cascade", "cascade from s003 picture")
    assert reason.sources == ("s003 picture",)


def test_what_a_person_changed_goes_before_a_cascade() -> None:
    now = item(_moving(NEW, move="pull"), "move")
    before = was(now, ask=_moving(OLD).model_dump(mode="json", by_alias=True))
    assert told(before, now, {NEW.sha256: "s003 picture"}).text == "camera of s003 changed"


def test_where_only_the_clock_moved_the_lines_that_are_new_are_named() -> None:
    now = item(_moving(OLD, 3), "move")
    before = was(now, ask=_moving(OLD, 2).model_dump(mode="json", by_alias=True))
    moved = [f"s00{n} speech" for n in range(1, 6)]
    reason = told(before, now, {}, moved=moved)
    assert reason.text == "cascade from s001 speech, s002 speech, s003 speech and 2 more"
    assert reason.sources == tuple(moved)
    assert told(before, now).text == "the scenes around it changed"


def test_two_keys_of_one_ask_are_not_told_as_captions() -> None:
    now = item()
    assert told(was(now), now).text == "the scenes around it changed"


def test_places_are_called_as_people_do() -> None:
    assert place("speak", "s001") == "s001 speech"
    assert place("compose", "") == "music"
    assert place("something", "s001") == "s001 something"


# ---------------------------------------------------------------------- a run's explainer


def keyed(stage: str, scene: str, ask: Frozen = SPEAK) -> Keyed:
    return item(ask, stage, scene, key=content_hash(f"{stage} {scene} {ask!r}".encode()))


def kept(store: Store, of: Keyed) -> CallKey:
    store.keep(was(of, key=of.key))
    return CallKey(stage=of.call.stage, scene=of.call.scene, key=of.key)


def reason_of(explainer: Explainer, now: Keyed) -> Reason:
    return explainer.reasons([now], {now.key})[now.key]


def test_whole_scenes_and_whole_films_that_are_new(tmp_path: Path) -> None:
    store, now = Store(tmp_path), keyed("speak", "s001")
    assert reason_of(Explainer(store), now).text == "first time"
    before = [kept(store, keyed("speak", "s002"))]
    assert reason_of(Explainer(store, before), now).text == "scene s001 is new"
    assert reason_of(Explainer(store, before), keyed("draw", "s002")).text == "s002 picture is new"
    assert reason_of(Explainer(store, before), keyed("render", "s002+s003")).text == "s002+s003 frames is new"


def test_more_takes_of_the_same_are_counted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one, two = keyed("draw", "s001"), keyed("draw", "s001", Speak(text="again"))
    explainer = Explainer(store)
    assert reason_of(explainer, one).cause == "new"
    assert reason_of(explainer, two) == Reason(cause="take", text="take 2 of s001 picture")
    assert [call.key for call in explainer.asked] == [one.key, two.key]


def test_the_parts_of_one_scene_are_no_takes_of_each_other(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one, two = keyed("render", "s001"), keyed("render", "s001", Speak(text="its fade"))
    explainer = Explainer(store)
    assert [reason_of(explainer, now).text for now in (one, two)] == ["first time"] * 2
    explainer = Explainer(store, [kept(store, one)])
    assert explainer.reasons([one, two], {two.key})[two.key].text == "s001 frames is new"


def test_what_is_not_in_the_cache_any_more(tmp_path: Path) -> None:
    store, now = Store(tmp_path), keyed("speak", "s001")
    here = CallKey(stage="speak", scene="s001", key=now.key)
    gone = CallKey(stage="speak", scene="s001", key="ab" * 32)
    assert reason_of(Explainer(store, [here]), now) == Reason(
        cause="lost", text="its result is not in the cache any more"
    )
    assert reason_of(Explainer(store, [gone]), now).text == "what stood here is not in the cache any more"


def test_only_what_is_missing_gets_a_reason_and_equal_calls_share_it(tmp_path: Path) -> None:
    explainer = Explainer(Store(tmp_path))
    one, two = keyed("speak", "s001"), keyed("speak", "s002")
    twin = replace(one, call=replace(one.call, scene="s003"))
    found = explainer.reasons([one, two, twin], {one.key})
    assert found.keys() == {one.key}
    assert [call.scene for call in explainer.asked] == ["s001", "s002", "s003"]


def test_a_cascade_is_traced_through_what_was_learnt(tmp_path: Path) -> None:
    store = Store(tmp_path)
    shot = keyed("move", "s003", _moving(NEW))
    before = [kept(store, replace(shot, key="00" * 32))]
    record = store.look_up("00" * 32)
    assert record is not None
    store.keep(record.model_copy(update={"ask": _moving(OLD).model_dump(mode="json", by_alias=True)}))
    drawn = keyed("draw", "s003", DRAW)
    explainer = Explainer(store, before)
    explainer.reasons([drawn], {drawn.key})
    take = Still(image=NEW, width=256, height=144)
    explainer.learn([Answer(drawn.call, drawn.key, take, False, 1.0)])
    assert reason_of(explainer, shot).text == "cascade from s003 picture"


def test_a_line_said_anew_is_why_the_music_is_longer(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ask = Compose(seconds=5, acts=({"start": 0, "end": 5, "mood": "calm"},), seed=1)
    music = keyed("compose", "", ask)
    before = [kept(store, replace(music, key="00" * 32))]
    record = store.look_up("00" * 32)
    assert record is not None
    shorter = ask.model_copy(update={"seconds": ask.seconds - 1})
    store.keep(record.model_copy(update={"ask": shorter.model_dump(mode="json", by_alias=True)}))
    said = keyed("speak", "s002")
    explainer = Explainer(store, before)
    explainer.reasons([said], {said.key})
    sound = Speech(sound=OLD, seconds=1, words=(), spoken="x")
    explainer.learn([Answer(said.call, said.key, sound, False, 1.0)])
    assert reason_of(explainer, music).text == "cascade from s002 speech"
    explainer.learn([Answer(music.call, music.key, Music(sound=NEW, seconds=5), False, 1.0)])


# ---------------------------------------------------------------------- a whole film


def whys(folder: Path, **settings: Any) -> dict[str, str]:
    """Make the film again; return why its calls were made, by place."""
    heard: list[Event] = []
    studio(folder, heard, **settings).make(folder / "out", folder / "out")
    return {place(e.stage, e.scene): e.why for e in heard if e.event == "call" and e.key}


def test_a_film_tells_why_each_of_its_calls_is_made(tmp_path: Path) -> None:
    heard: list[Event] = []
    folder = tmp_path / "x"
    folder.mkdir()
    make(folder, heard=heard)
    assert {event.why for event in heard if event.event == "call" and event.key} == {"first time"}
    assert whys(folder) == {}

    board = folder / "out" / "storyboard.yaml"
    board.write_text(
        board.read_text(encoding="utf-8").replace("He slept.", "He slept well."), encoding="utf-8"
    )
    assert whys(folder) == {
        "s002 speech": "line of s002 changed",
        **dict.fromkeys(
            ("s002 transcript", "s002 measures of the speech", "mix", "s002 frames"),
            "cascade from s002 speech",
        ),
    }

    seeded = whys(folder, seed=77)
    assert seeded["s001 speech"] == seeded["s001 shot"] == "new seed of s001"
    assert seeded["music"] == "new seed"
    assert seeded["s002 frames"] == "cascade from s002 picture"
    assert seeded["s001+s002 frames"] == "cascade from s001 picture, s002 picture"

    larger = whys(folder, seed=77, size=160)
    assert larger["s002 picture"] == larger["s002 frames"] == "frame size of s002 changed"
    assert larger["s002 measures of the picture"] == "cascade from s002 picture"
    assert "s001 speech" not in larger
    assert "music" not in larger


def test_every_cause_that_there_is_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{cause}"' in text for cause in typing.get_args(CAUSES))
