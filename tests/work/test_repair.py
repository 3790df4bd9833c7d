from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kamishibai.documents.ref import Ref
from kamishibai.errors import Cancelled
from kamishibai.models.voice.fake import FakeVoice
from kamishibai.work.records import Record
from kamishibai.work.repair import check_results, rebuild, verify
from kamishibai.work.store import Store
from rooms import STORY, keep, made, make, studio


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small film and its cache."""
    folder = tmp_path_factory.mktemp("once")
    make(folder)
    return folder


@pytest.fixture
def store(once: Path, tmp_path: Path) -> Store:
    """An own copy of the film's cache."""
    return Store(Path(shutil.copytree(once / "store", tmp_path / "store")))


def blobs(store: Store) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.blobs()}


def of(store: Store, asked: str) -> list[Record]:
    """Return the records of one kind of ask."""
    found = [store.look_up(key) for key in store.result_keys()]
    return [record for record in found if record is not None and record.asked == asked]


def spoil(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def test_a_whole_store_is_found_whole(store: Store) -> None:
    before = blobs(store)
    heard: list[float] = []
    found = verify(store, heard.append)
    assert found.damaged == ()
    assert (found.results, found.blobs) == (len(list(store.result_keys())), len(before))
    records = sum(store.result(key).stat().st_size for key in store.result_keys())
    assert found.size == sum(map(len, before.values())) + records
    assert heard[0] == 0.0
    assert heard[-1] == 1.0
    assert heard == sorted(heard)
    assert rebuild(store) == []


def test_an_empty_store_and_none_at_all_are_whole(tmp_path: Path) -> None:
    assert verify(Store(tmp_path / "nowhere")).damaged == ()
    assert rebuild(Store(tmp_path / "nowhere")) == []
    assert not (tmp_path / "nowhere").exists()


def test_every_file_flipped_or_deleted_is_told_and_made_again_with_the_very_bytes(store: Store) -> None:
    before = blobs(store)
    chance = random.Random(7)
    for turn, path in enumerate(list(store.blobs())):
        if turn % 2:
            spoil(path, chance)
        else:
            path.unlink()
    fresh = Store(store.root)  # a process that has seen nothing yet
    found = verify(fresh)
    assert {damage.path.name for damage in found.damaged} == before.keys()
    assert {damage.why for damage in found.damaged} == {"missing", "its digest is another"}
    mended = rebuild(fresh)
    assert all(one.mended and one.same for one in mended), mended
    assert blobs(store) == before
    assert verify(Store(store.root)).damaged == ()
    assert not list((store.root / "scratch").glob("*"))


def test_results_are_rebuilt_in_the_order_in_which_they_need_each_other(store: Store) -> None:
    """A picture, the shot made of it, the film's segment of it, the still of that segment, its thumbnail."""
    chain = [*of(store, "Draw"), *of(store, "EncodeAsk"), *of(store, "FrameAsk"), *of(store, "ShrinkAsk")]
    assert len({record.asked for record in chain}) == 4
    before = blobs(store)
    for ref in {ref for record in chain for ref in record.refs()}:
        store.blob(ref.sha256).unlink()
    mended = rebuild(Store(store.root))
    assert all(one.mended and one.same for one in mended)
    assert blobs(store) == before
    at = {one.key: number for number, one in enumerate(mended)}
    assert at.keys() == {record.key for record in chain}
    makers = {ref.sha256: record.key for record in chain for ref in record.refs()}
    links = 0
    for record in chain:
        for ref in record.needs():
            if ref.sha256 in makers:
                assert at[makers[ref.sha256]] < at[record.key]
                links += 1
    assert links >= 4


def test_a_maker_is_loaded_once_for_all_that_it_makes_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(FakeVoice, "load", lambda self: done.append("load"))
    monkeypatch.setattr(FakeVoice, "unload", lambda self: done.append("unload"))
    for path in list(store.blobs()):
        path.unlink()
    mended = rebuild(Store(store.root))
    assert all(one.same for one in mended)
    assert sum(one.maker == "voice:fake" for one in mended) == 2
    assert done == ["load", "unload"]


def test_what_another_version_made_is_told_and_left(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    record = of(store, "Speak")[0]
    (ref,) = record.refs()
    store.blob(ref.sha256).unlink()
    monkeypatch.setattr(FakeVoice, "version", "99")
    (told,) = rebuild(Store(store.root))
    assert (told.key, told.mended, told.same) == (record.key, False, False)
    assert told.why == f"it was made by voice:fake {record.version}; here is another"
    assert store.look_up(record.key) == record  # with the other version at hand it can still be made


def test_whatever_needs_what_cannot_be_made_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    speech = of(store, "Speak")[0]
    mix = of(store, "MixAsk")[0]
    for record in (speech, mix):
        for ref in record.refs():
            store.blob(ref.sha256).unlink()
    monkeypatch.setattr(FakeVoice, "version", "99")
    told = {one.key: one for one in rebuild(Store(store.root))}
    assert told.keys() == {speech.key, mix.key}
    assert told[mix.key].why == "what it was made from is missing too"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"maker": "voice:nobody"}, "nobody"),
        ({"asked": "Sing"}, "voice:fake is not asked to sing any more"),
        ({"ask": {"nothing": 1}}, "validation error"),
        ({"options": {"speed": 9}}, "speed"),
    ],
)
def test_a_call_that_nobody_can_make_any_more_is_told(
    store: Store, change: dict[str, object], why: str
) -> None:
    record = of(store, "Speak")[0].model_copy(update=change)
    store.keep(record)
    store.blob(record.refs()[0].sha256).unlink()
    (told,) = rebuild(Store(store.root))
    assert not told.mended
    assert why in told.why
    assert "\n" not in told.why


def test_a_maker_of_the_house_that_is_gone_is_told(store: Store) -> None:
    for path in ("kamishibai.steps.makers:Nobody", "kamishibai.nowhere:Nobody"):
        record = of(store, "MixAsk")[0].model_copy(update={"path": path})
        store.keep(record)
        store.blob(record.refs()[0].sha256).unlink(missing_ok=True)
        (told,) = rebuild(Store(store.root))
        assert not told.mended
        assert told.why == f"there is no maker {path} any more"


def test_a_circle_of_records_ends(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ghosts = [Ref(sha256=str(n) * 64, media_type="a/b", size=1) for n in (1, 2)]
    for here, there in (ghosts, ghosts[::-1]):
        record = keep(store, here.sha256, None, (there,))
        store.keep(record.model_copy(update={"take": {"file": here.model_dump(mode="json")}}))
    assert [one.why for one in rebuild(store)] == ["what it was made from is missing too"] * 2


def test_a_damaged_record_is_gone_and_the_next_make_makes_its_result(once: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(once, tmp_path / "copy"))
    store = Store(folder / "store")
    record = of(store, "Speak")[0]
    path = store.result(record.key)
    whole, film = path.read_bytes(), (folder / "out" / "out.mp4").read_bytes()
    spoil(path, random.Random(1))
    found = verify(store)
    assert [damage.path for damage in found.damaged] == [path]
    assert found.damaged[0].key == record.key
    assert not path.exists()
    assert rebuild(Store(store.root)) == []
    assert verify(store).damaged == ()
    (folder / "out" / "out.mp4").unlink()
    heard: list = []
    studio(folder, heard).make(folder / "out", folder / "out")
    assert made(heard) == ["speak"]
    assert store.look_up(record.key) is not None
    assert (folder / "out" / "out.mp4").read_bytes() == film
    assert len(path.read_bytes()) > len(whole) * 0.9


def test_a_look_at_one_films_results_sets_aside_what_is_damaged_there(store: Store) -> None:
    one, two = of(store, "Speak")[:2]
    for record in (one, two):
        spoil(store.blob(record.refs()[0].sha256), random.Random(2))
    (damage,) = check_results(store, [one.key, one.key, "ab" * 32])
    assert (damage.key, damage.path.name) == (one.key, one.refs()[0].sha256)
    assert (store.root / "damaged" / one.refs()[0].sha256).is_file()
    assert store.blob(two.refs()[0].sha256).exists()


def test_files_that_go_away_during_the_look_are_no_fault(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = store.blobs

    def taken_away() -> Iterator[Path]:
        """Another process cleans up just after the list was made."""
        paths = list(listed())
        for path in paths:
            path.unlink()
        yield from paths

    monkeypatch.setattr(store, "blobs", taken_away)
    assert {damage.why for damage in verify(store).damaged} == {"missing"}


def test_repair_stops_when_asked(store: Store) -> None:
    for path in list(store.blobs()):
        path.unlink()
    with pytest.raises(Cancelled):
        rebuild(Store(store.root), stop=lambda: True)
    assert all(one.mended for one in rebuild(Store(store.root)))  # and goes on later


def test_the_story_has_more_than_one_of_each(store: Store) -> None:
    assert len(of(store, "Draw")) == len(of(store, "Speak")) == len(STORY.splitlines())
