"""A key says all that can change a result, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kamishibai import Studio
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Character, Scene
from kamishibai.documents.takes import Still
from kamishibai.models import registry
from kamishibai.models.base import Model, NoOptions
from kamishibai.models.kinds import Animate, Compose, Cue, Draw, Foley, Speak
from kamishibai.models.picture.papercut import Papercut
from kamishibai.work.call import Call, keyed
from kamishibai.work.key import call_key
from kamishibai.work.repair import call_of
from kamishibai.work.store import Store
from rooms import STORY, make, studio

NAMES = st.text("abcdef", min_size=1, max_size=4)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=5)
    | st.lists(st.integers(0, 9), max_size=3)
)
OPTIONS = st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=2), max_size=4)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
REFS = st.builds(Ref, sha256=DIGESTS, media_type=st.just("image/png"), size=st.integers(1, 9))
SPEAKS = st.builds(
    Speak,
    text=st.text(min_size=1, max_size=12),
    language=st.sampled_from(["en", "de"]),
    voice=st.none() | NAMES,
    seed=st.integers(0, 2**32 - 1),
)
SCENES = st.builds(
    Scene, id=st.sampled_from(["s001", "s002"]), line=st.text("abc ", min_size=1).map(lambda x: f"x{x}")
)
DRAWS = st.builds(
    Draw, prompt=st.text(max_size=9), scene=SCENES, source=st.none() | REFS, width=st.integers(64, 99),
    height=st.integers(64, 99), seed=st.integers(0, 9), look=st.text(max_size=3),
)  # fmt: skip
PARTS = st.fixed_dictionaries(
    {
        "maker": NAMES,
        "version": NAMES,
        "weights": st.text(max_size=4),
        "options": OPTIONS,
        "ask": SPEAKS | DRAWS,
    }
)


def dumped(parts: dict[str, Any]) -> bytes:
    """Return all that a call is, spelt another way than keys spell it."""
    ask = parts["ask"]
    return canonical_json([*(parts[n] for n in ("maker", "version", "weights", "options")), repr(ask)])


# ---------------------------------------------------------------------- everything that it says


@settings(max_examples=60, deadline=None)
@given(PARTS, PARTS)
def test_different_calls_have_different_keys(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert (call_key(**one) == call_key(**two)) == (dumped(one) == dumped(two))


@settings(max_examples=60, deadline=None)
@given(PARTS, PARTS, st.sampled_from(["maker", "version", "weights", "options", "ask"]))
def test_any_one_difference_makes_another_key(one: dict[str, Any], two: dict[str, Any], name: str) -> None:
    assume(one[name] != two[name])
    assert call_key(**one) != call_key(**{**one, name: two[name]})


@settings(max_examples=40, deadline=None)
@given(DRAWS, REFS, REFS)
def test_another_content_behind_a_ref_makes_another_key(ask: Draw, old: Ref, new: Ref) -> None:
    assume(old.sha256 != new.sha256)
    before, after = (ask.model_copy(update={"source": ref}) for ref in (old, new))
    assert call_key("m", "1", "", {}, before) != call_key("m", "1", "", {}, after)


@settings(max_examples=40, deadline=None)
@given(SPEAKS, st.integers(0, 2**32 - 1))
def test_another_seed_makes_another_key(ask: Speak, seed: int) -> None:
    assume(seed != ask.seed)
    assert call_key("m", "1", "", {}, ask) != call_key(
        "m", "1", "", {}, ask.model_copy(update={"seed": seed})
    )


def test_equal_fields_of_another_kind_of_ask_make_another_key() -> None:
    class Speak(Frozen):
        text: str

    class Shout(Frozen):
        text: str

    assert call_key("m", "1", "", {}, Speak(text="a")) != call_key("m", "1", "", {}, Shout(text="a"))


# ---------------------------------------------------------------------- nothing else


def turned(value: Any) -> Any:
    """Return a value with the fields of every group in reverse order."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}
    return [turned(one) for one in value] if isinstance(value, list) else value


@settings(max_examples=50, deadline=None)
@given(PARTS)
def test_the_order_of_fields_is_in_no_key(parts: dict[str, Any]) -> None:
    ask = parts["ask"]
    again = type(ask).model_validate(turned(ask.model_dump(mode="json", by_alias=True)))
    assert call_key(**parts) == call_key(**{**parts, "options": turned(parts["options"]), "ask": again})


def test_options_that_change_nothing_are_in_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tuned(Model[Speak, Still]):
        id: ClassVar[str] = "voice:tuned"
        version: ClassVar[str] = "1"
        asks = Speak

        class Options(NoOptions):
            unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})
            steps: int = 1
            device: str = "cpu"

    monkeypatch.setattr(sys.modules[__name__], "Tuned", Tuned, raising=False)

    def key(**options: Any) -> tuple[str, dict[str, Any]]:
        call = Call("speak", "s1", "voice:tuned", Speak(text="a"), Still, options, f"{__name__}:Tuned")
        (item,) = keyed([call])
        return item.key, dict(item.options)

    assert key() == key(device="cuda:1") == key(steps=1)
    assert key()[1] == {"steps": 1}
    assert key(steps=2)[0] != key()[0]


def test_the_place_in_the_film_is_in_no_key() -> None:
    calls = [
        Call(stage, scene, "voice:fake", Speak(text="a"), Still)
        for stage, scene in (("speak", "s1"), ("x", ""))
    ]
    one, two = keyed(calls)
    assert one.key == two.key


def test_keys_are_the_same_in_another_place_at_another_time_for_another_user(tmp_path: Path) -> None:
    """Another process, time zone, locale, hash seed, user, home, folder: the very keys."""
    asks = [
        Speak(text="Füchse", seed=3),
        Draw(prompt="a", scene=Scene(id="s1", line="x"), width=64, height=64, seed=1),
    ]
    here = [call_key("m", "1", "w", {"b": 1, "a": {"d": 2.5, "c": None}}, ask) for ask in asks]
    code = (
        "import json\nfrom kamishibai.documents.storyboard import Scene\nfrom kamishibai.models.kinds import Draw, Speak\n"
        "from kamishibai.work.key import call_key\n"
        "asks = [Speak(seed=3, text='Füchse'), Draw(seed=1, scene=Scene(line='x', id='s1'), height=64, width=64, prompt='a')]\n"
        "print(json.dumps([call_key('m', '1', 'w', {'a': {'c': None, 'd': 2.5}, 'b': 1}, ask) for ask in asks]))"
    )
    elsewhere = {
        **os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "99", "HOME": str(tmp_path), "USER": "nobody",
    }  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        env=elsewhere,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(said.stdout) == here


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_a_film_has_the_same_keys_in_another_cache_with_other_workers(tmp_path: Path, workers: int) -> None:
    make(tmp_path / "a")
    there = tmp_path / "far" / "away"
    there.mkdir(parents=True)
    (there / "out.txt").write_text(STORY, encoding="utf-8")
    studio(there, cache=tmp_path / "deep" / "er", workers=workers).make(there / "out.txt", there / "film")
    one, two = Store(tmp_path / "a" / "store"), Store(tmp_path / "deep" / "er")
    assert set(one.result_keys()) == set(two.result_keys())
    for key in one.result_keys():
        first, second = one.look_up(key), two.look_up(key)
        assert first is not None
        assert second is not None
        assert first.take == second.take


# ---------------------------------------------------------------------- settled asks

PERSON = Character(id="fox", name="Fox", description="a small fox")
ASKS: list[Frozen] = [
    Speak(text="A fox ran.", language="en"),
    Draw(
        prompt="a fox", cast=(PERSON,), look="ink", seed=3, width=96, height=64,
        scene=Scene(id="s001", line="A fox ran."),
    ),
    Animate(
        still=Still(image=Ref(sha256="1" * 64, media_type="image/png", size=1), width=96, height=64),
        seconds=2, width=96, height=64, seed=3,
    ),
    Compose(seconds=5, acts=({"start": 0, "end": 5, "mood": "tender"},), seed=3),
    Foley(seconds=2, cues=(Cue(name="rain", kind="ambience", start=0, end=2),), seed=3),
]  # fmt: skip
EMBEDDED = ["voice:hibari", "voice:fake", "voice:none", "picture:papercut", "picture:fake", "motion:camera",
            "motion:fake", "music:musicbox", "music:fake", "sound:foley", "sound:fake", "text:planner", "text:fake"]  # fmt: skip


@pytest.mark.parametrize("id_", EMBEDDED)
def test_settling_twice_is_settling_once(id_: str) -> None:
    model = registry.make(id_, {})
    asks = [ask for ask in ASKS if isinstance(ask, model.verbs())]
    assert asks or id_.startswith("text:")
    for ask in asks:
        once = model.settle(ask)
        assert model.settle(once) == once
        assert type(once) is type(ask)


def test_every_model_that_comes_with_the_house_and_needs_no_weights_is_settled_here() -> None:
    from importlib.metadata import entry_points

    ours = {
        point.name
        for point in entry_points(group="kamishibai.models")
        if point.value.startswith("kamishibai.")
    }
    assert set(EMBEDDED) <= ours
    kinds = ("voice", "picture", "motion", "music", "sound", "text")
    light = set()
    for name in ours:
        cls = registry.class_of(name)
        if name.split(":")[0] in kinds and cls.lane == "pool" and cls.weights is Model.weights:
            light.add(name)
    assert light <= set(EMBEDDED)


@settings(max_examples=60, deadline=None)
@given(DRAWS)
def test_papercut_settles_any_ask_once(ask: Draw) -> None:
    model = Papercut()
    once = model.settle(ask)
    assert model.settle(once) == once


# ---------------------------------------------------------------------- a record says all of its key


def rebuilt(store: Store) -> dict[str, str]:
    """Return the maker of every result whose record leads to another key than its own; and see that there are some."""
    wrong, makers = {}, set()
    for key in store.result_keys():
        record = store.look_up(key)
        assert record is not None
        makers.add(record.maker)
        (item,) = keyed([call_of(record)[0]])
        if (item.key, item.version, item.weights) != (key, record.version, record.weights):
            wrong[record.maker] = key
    assert len(makers) > 8
    return wrong


def test_every_record_of_a_film_leads_to_its_own_key(tmp_path: Path) -> None:
    make(tmp_path)
    assert rebuilt(Store(tmp_path / "store")) == {}


@pytest.mark.slow
def test_every_record_of_a_film_of_the_embedded_models_leads_to_its_own_key(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(
        '# The Fox\n\nA fox named Rua ran in the rain.\n\n"Hello!" said Rua.\n'
    )
    Studio(cache=tmp_path / "store", size=144, fps=5, quality="draft", workers=0).make(
        tmp_path / "story.txt", tmp_path / "out"
    )
    store = Store(tmp_path / "store")
    assert rebuilt(store) == {}
    # And every one of them can be made again, to the very bytes.
    shutil.rmtree(store.root / "blobs")
    found = Studio(cache=store.root).cache_verify(repair=True)
    assert [one for one in found.mended if not (one.mended and one.same)] == []
    assert len(found.mended) > 8
