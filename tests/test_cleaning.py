from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from kamishibai import Studio
from kamishibai.cleaning import check_up, clean, keep_under, usage
from kamishibai.errors import BusyProjectError, Cancelled, StoreError
from kamishibai.project import HIDDEN, Calls, Project
from kamishibai.steps.picks import HandTake, Pick, Takes
from kamishibai.work.events import Event
from kamishibai.work.explain import CallKey
from kamishibai.work.presence import Presence
from kamishibai.work.records import Record
from kamishibai.work.roots import remember_root, roots
from kamishibai.work.sealed import sealed
from kamishibai.work.store import Store
from rooms import FAKES, STORY, age, as_a_person, keep, made, make, studio, tree

NOW = time.time()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    # Nothing is cut off here, and waiting for the disk is most of the time.
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    return Store(tmp_path / "store")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small film and its cache."""
    folder = tmp_path_factory.mktemp("once")
    make(folder)
    return folder


def project(folder: Path, store: Store, *records: Record) -> Project:
    """Return a project whose film was made from `records`."""
    (folder / HIDDEN).mkdir(parents=True, exist_ok=True)
    calls = tuple(CallKey(stage="speak", scene=f"s{n}", key=one.key) for n, one in enumerate(records))
    opened = Project(folder)
    opened.remember_calls(Calls(cache=str(store.root), calls=calls))
    remember_root(store.root, folder, opened.keys())
    return opened


def left(store: Store) -> set[str]:
    return set(store.result_keys())


def keys(records: Iterable[Record]) -> set[str]:
    return {record.key for record in records}


def has_files(store: Store, record: Record) -> bool:
    return all(store.blob(ref.sha256).is_file() for ref in (*record.refs(), *record.needs()))


# ---------------------------------------------------------------------- what stays


def test_what_a_film_is_made_from_stays_and_what_nobody_refers_to_goes(store: Store, tmp_path: Path) -> None:
    mine, idle = keep(store, "mine"), keep(store, "idle")
    project(tmp_path / "fox", store, mine)
    done = clean(store)
    assert (done.results, done.kept, done.seconds, done.done) == (1, 1, 1.5, True)
    assert left(store) == {mine.key}
    assert has_files(store, mine)
    assert not has_files(store, idle)
    assert clean(store).size == 0


def test_files_that_results_share_stay_as_long_as_one_of_them(store: Store, tmp_path: Path) -> None:
    mine = keep(store, "mine", b"the same bytes")
    keep(store, "idle", b"the same bytes")
    project(tmp_path / "fox", store, mine)
    assert clean(store).results == 1
    assert store.open(mine.refs()[0]) == b"the same bytes"


def test_what_a_result_was_made_from_stays_though_nobody_made_it(store: Store, tmp_path: Path) -> None:
    picture = store.save(b"the user's own picture", "image/png")
    project(tmp_path / "fox", store, keep(store, "mine", needs=(picture,)))
    clean(store)
    assert store.open(picture) == b"the user's own picture"


def test_takes_made_by_hand_stay_picked_or_not(store: Store, tmp_path: Path) -> None:
    films, second, third = (keep(store, name) for name in ("film", "second", "third"))
    opened = project(tmp_path / "fox", store, films)
    takes = tuple(
        HandTake(number=n, pick=Pick(seed=n), key=one.key, file=one.refs()[0])
        for n, one in ((2, second), (3, third))
    )
    opened.remember_takes(Takes().with_takes("picture s001", takes).with_pick("picture s001", 3))
    assert clean(store).results == 0
    assert left(store) == keys((films, second, third))


def test_what_another_project_shares_stays_when_one_of_them_is_gone(store: Store, tmp_path: Path) -> None:
    shared, only = keep(store, "shared"), keep(store, "only")
    project(tmp_path / "a", store, shared, only)
    project(tmp_path / "b", store, shared)
    shutil.rmtree(tmp_path / "a")
    done = clean(store)
    assert done.gone == (tmp_path / "a",)
    assert left(store) == {shared.key}
    assert [one.folder for one in roots(store.root)] == [tmp_path / "b"]
    assert clean(store).gone == ()


def test_a_project_whose_disk_is_away_keeps_its_results(store: Store, tmp_path: Path) -> None:
    mine = keep(store, "mine")
    project(tmp_path / "stick" / "films" / "fox", store, mine)
    (tmp_path / "stick").rename(tmp_path / "away")
    assert clean(store).results == 0
    (tmp_path / "stick").mkdir()  # the empty place where it is mounted
    assert clean(store).results == 0
    (tmp_path / "stick").rmdir()
    (tmp_path / "away").rename(tmp_path / "stick")
    assert clean(store).gone == ()
    assert left(store) == {mine.key}
    assert has_files(store, mine)


def test_a_project_whose_hidden_files_are_damaged_keeps_its_results(store: Store, tmp_path: Path) -> None:
    mine = keep(store, "mine")
    opened = project(tmp_path / "fox", store, mine)
    path = opened.folder / HIDDEN / "calls.json"
    path.write_bytes(path.read_bytes()[:-9])
    assert clean(store).results == 0
    assert left(store) == {mine.key}


def test_a_projects_damaged_note_stops_the_clean_up(store: Store, tmp_path: Path) -> None:
    mine = keep(store, "mine")
    project(tmp_path / "fox", store, mine)
    (note,) = (store.root / "roots").glob("*.json")
    note.write_bytes(note.read_bytes()[:-5])
    before = tree(store.root)
    for dry in (True, False):
        with pytest.raises(StoreError, match=note.name) as caught:
            clean(store, dry=dry)
        assert "kamishibai make" in (caught.value.hint or "")
    assert {name: facts for name, facts in tree(store.root).items() if name != "gc.lock"} == before


def test_what_a_newer_version_made_for_a_project_stays(store: Store, tmp_path: Path) -> None:
    mine, idle = keep(store, "mine"), keep(store, "idle")
    opened = project(tmp_path / "fox", store, mine)
    for record in (mine, idle):
        newer = sealed("kamishibai.result/9", {"shots": record.take, "key": record.key})
        store.result(record.key).write_bytes(newer)
    done = clean(store)
    assert done.results == 0
    assert left(store) == {mine.key}
    assert has_files(store, mine)
    assert not has_files(store, idle)
    assert opened.keys() == {mine.key}


def test_nothing_that_is_claimed_is_ever_lost(store: Store, tmp_path: Path) -> None:
    """Many caches by chance: shared files and results, projects there, gone and away, takes, journals."""
    for turn in range(10):
        chance = random.Random(turn)
        here = Store(tmp_path / f"store {turn}")
        bytes_ = [f"{turn} {n}".encode() for n in range(6)]
        records: list[Record] = []
        for n in range(10):
            needs = tuple(ref for one in chance.sample(records, min(2, len(records))) for ref in one.refs())
            records.append(keep(here, f"{turn} {n}", chance.choice(bytes_), needs))
            age(here, records[-1], chance.randrange(100), NOW)
        claimed: set[str] = set()
        for n in range(4):
            mine = chance.sample(records, 2)
            place = tmp_path / f"{turn}" / f"parent {n}"
            opened = project(place / "fox", here, mine[0])
            opened.note_keys([mine[1].key])
            state = chance.choice(["there", "gone", "away"])
            if state == "gone":
                shutil.rmtree(place / "fox")
            elif state == "away":
                shutil.rmtree(place)
            # A journal goes with its folder: what is not in the cache's own note is known no longer.
            claimed |= {"there": keys(mine), "gone": set(), "away": {mine[0].key}}[state]
        for n in range(3):
            here.save(f"orphan {turn} {n}".encode(), "a/b")
        limits = {"unused_days": chance.choice([0, 50]), "most_gb": chance.choice([None, 0, 4e-6])}
        would = clean(here, dry=True, **limits)  # type: ignore[arg-type]
        done = clean(here, **limits)  # type: ignore[arg-type]
        assert done == would.model_copy(update={"done": True})
        assert claimed <= left(here)
        staying = [record for record in records if record.key in left(here)]
        assert all(has_files(here, record) for record in staying)
        needed = {ref.sha256 for record in staying for ref in (*record.refs(), *record.needs())}
        assert {path.name for path in here.blobs()} == needed
        assert (done.results, done.kept) == (len(records) - len(staying), len(staying))
        if limits == {"unused_days": 0, "most_gb": None}:
            assert left(here) == claimed


@pytest.mark.parametrize("number", [1, 2, 5, 9, 14])
def test_a_clean_up_that_is_killed_leaves_a_cache_as_whole_as_it_was(
    store: Store, tmp_path: Path, number: int
) -> None:
    mine = [keep(store, f"mine {n}") for n in range(4)]
    idle = [keep(store, f"idle {n}", needs=tuple(mine[n].refs())) for n in range(4)]
    project(tmp_path / "fox", store, *mine)
    _leftovers(store)
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom kamishibai.cleaning import clean\n"
        "from kamishibai.work.store import Store\nunlink, count = Path.unlink, []\n"
        "def counted(self, missing_ok=False):\n"
        "    count.append(self)\n"
        "    if len(count) > int(sys.argv[2]):\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    unlink(self, missing_ok=missing_ok)\n"
        "Path.unlink = counted\nclean(Store(Path(sys.argv[1])))"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(store.root), str(number)])
    assert killed.returncode == -signal.SIGKILL
    assert all(store.find(record.key) == record and has_files(store, record) for record in mine)
    # What is half deleted is missing, and no damage.
    assert all(store.find(record.key) is None or has_files(store, record) for record in idle)
    clean(store)
    assert left(store) == keys(mine)
    assert {path.name for path in store.blobs()} == {ref.sha256 for one in mine for ref in one.refs()}


def test_a_torn_line_in_a_journal_costs_no_other_key(store: Store, tmp_path: Path) -> None:
    mine = keep(store, "mine")
    opened = project(tmp_path / "fox", store)
    (opened.folder / HIDDEN / "journal").write_text("0123")  # the disk was full
    opened.note_keys([mine.key])
    assert opened.keys() >= {mine.key}
    clean(store)
    assert left(store) == {mine.key}


# ---------------------------------------------------------------------- real films


def test_a_cleaned_cache_still_has_all_of_a_film(once: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(once, tmp_path / "work"))
    (folder / "out" / "out.mp4").unlink()
    film = studio(folder).make(folder / "out")  # here, where it was copied to
    shown = studio(folder).retake(folder / "out", "s001")
    assert [take.number for take in shown.takes if take.new] == [2]
    studio(folder).pick(folder / "out", "s001", 1)
    whole, there = film.film.read_bytes(), left(Store(folder / "store"))
    assert studio(folder).cache_clean().results == 0
    assert left(Store(folder / "store")) == there
    film.film.unlink()
    heard: list[Event] = []
    studio(folder, heard).make(folder / "out")
    assert made(heard) == []
    assert film.film.read_bytes() == whole
    studio(folder).pick(folder / "out", "s001", 2)
    heard.clear()
    studio(folder, heard).make(folder / "out")
    assert "draw" not in made(heard)


@pytest.mark.slow
def test_what_a_killed_run_finished_is_not_cleaned_away(tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text(STORY, encoding="utf-8")
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[2])\n"
        "from rooms import studio\nfolder, count = Path(sys.argv[1]), []\n"
        "def listen(event):\n"
        "    if event.event == 'call':\n"
        "        count.append(event.key)\n"
        "        if len(count) == 9:\n            os.kill(os.getpid(), signal.SIGKILL)\n"
        "studio(folder, type('Heard', (), {'append': staticmethod(listen)})()).make(folder / 'out.txt', folder / 'out')"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent)])
    assert killed.returncode == -signal.SIGKILL
    store = Store(tmp_path / "store")
    there = left(store)
    assert len(there) >= 9
    done = studio(tmp_path).cache_clean()
    assert done.results == 0
    assert left(store) == there
    heard: list[Event] = []
    make(tmp_path, heard=heard)
    finished = {event.key for event in heard if event.event == "call"}
    assert finished.isdisjoint(there)
    assert not (tmp_path / "out" / HIDDEN / "journal").exists()


@pytest.mark.slow
def test_what_a_stopped_run_only_found_is_not_cleaned_away(tmp_path: Path) -> None:
    """Its results are another project's, which is gone; nothing of them was made by this run."""
    make(tmp_path, "old")
    (tmp_path / "new.txt").write_text(STORY, encoding="utf-8")
    shutil.rmtree(tmp_path / "old")
    store = Store(tmp_path / "store")
    heard: list[Event] = []
    stopping = Studio(
        listen=heard.append,
        stop=lambda: any(event.stage == "mix" for event in heard),
        **{**FAKES, "cache": store.root, "music": "none"},
    )
    with pytest.raises(Cancelled):
        stopping.make(tmp_path / "new.txt", tmp_path / "new")
    assert not {"speak", "draw"} & set(made(heard))
    studio(tmp_path).cache_clean()
    heard.clear()
    studio(tmp_path, heard).make(tmp_path / "new.txt", tmp_path / "new")
    assert not {"speak", "draw"} & set(made(heard))


def test_a_storyboard_that_was_planned_when_the_run_was_cut_short_is_not_planned_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "out.txt").write_text(STORY, encoding="utf-8")

    def cut(event: Event) -> None:
        if event.event == "call" and event.stage == "board":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Studio(listen=cut, cache=tmp_path / "store", **FAKES).make(tmp_path / "out.txt", tmp_path / "out")
    assert studio(tmp_path).cache_clean().results == 0
    heard: list[Event] = []
    make(tmp_path, heard=heard)
    assert "board" not in made(heard)


def test_a_moved_project_keeps_its_results_once_it_was_made_there(tmp_path: Path) -> None:
    film = make(tmp_path)
    (tmp_path / "out").rename(tmp_path / "moved")
    assert studio(tmp_path).make(tmp_path / "moved").fresh
    done = studio(tmp_path).cache_clean()
    assert done.gone == (tmp_path / "out",)
    assert done.results == 0
    (tmp_path / "moved" / film.film.name).unlink()
    heard: list[Event] = []
    studio(tmp_path, heard).make(tmp_path / "moved")
    assert made(heard) == []


# ---------------------------------------------------------------------- what goes first


def test_what_was_used_longest_ago_goes_first(store: Store, tmp_path: Path) -> None:
    records = [keep(store, f"r{n}", bytes([n]) * 1000) for n in range(6)]
    for days, record in zip((3, 1, 5, 2, 4, 9), records, strict=True):
        age(store, record, days, NOW)
    project(tmp_path / "fox", store, records[5])  # a film's, however old
    each = 1000 + store.result(records[0].key).stat().st_size
    done = clean(store, most_gb=(3 * each + 500) / 1e9)
    assert done.results == 3
    assert left(store) == keys((records[1], records[3], records[5]))
    assert done.kept_size <= 3 * each + 500
    assert clean(store, most_gb=1.0).results == 0
    assert clean(store, most_gb=0).results == 2
    assert left(store) == {records[5].key}


def test_shared_files_are_free_to_keep(store: Store) -> None:
    one, two = keep(store, "one", b"x" * 5000), keep(store, "two", b"x" * 5000)
    three = keep(store, "three", b"y" * 5000)
    for days, record in ((9, one), (1, two), (5, three)):
        age(store, record, days, NOW)
    size = usage(store).size
    # Without `one` nothing but its record is won; the next is `three`.
    assert clean(store, most_gb=(size - 4000) / 1e9).results == 2
    assert left(store) == {two.key}


def test_only_what_was_not_used_for_some_days_goes(store: Store) -> None:
    old, fresh = keep(store, "old"), keep(store, "fresh")
    age(store, old, 8, NOW)
    age(store, fresh, 6, NOW)
    assert clean(store, unused_days=7).results == 1
    assert left(store) == {fresh.key}
    assert clean(store, unused_days=7, most_gb=0).results == 0


def test_using_a_result_counts(store: Store) -> None:
    used, idle = keep(store, "used"), keep(store, "idle")
    for record in (used, idle):
        age(store, record, 8, NOW)
    assert store.find(used.key) == used
    clean(store, unused_days=7)
    assert left(store) == {used.key}


# ---------------------------------------------------------------------- leftovers


def _leftovers(store: Store) -> dict[Path, int]:
    """Leave behind what killed runs do; return every file and its size."""
    root = store.root
    orphan = store.blob(store.save(b"an orphan", "a/b").sha256)
    files = {
        orphan: 9,
        root / "scratch" / "kamishibai-abc" / "part.mp4": 5,
        root / "previews" / "kamishibai-draw-s001.png": 7,
        root / "damaged" / ("ab" * 32): 3,
        root / "results" / "ab" / ".part-x": 2,
        root / "blobs" / "cd" / ".part-y": 4,
        root / ".part-z": 1,
    }
    for path, size in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if path != orphan:
            path.write_bytes(b"x" * size)
    return files


def test_leftovers_go_and_empty_folders_with_them(store: Store, tmp_path: Path) -> None:
    mine = keep(store, "mine")
    project(tmp_path / "fox", store, mine)
    (tmp_path / "fox" / ".part-film").write_bytes(b"half a film")
    files = _leftovers(store)
    assert usage(store).rest == sum(files.values())
    done = clean(store)
    assert done.size == sum(files.values())
    assert done.rest == sum(files.values()) - 9  # an orphan counts among the files of results
    assert not any(path.exists() for path in files)
    assert not (tmp_path / "fox" / ".part-film").exists()
    assert {path.name for path in store.root.iterdir()} == {
        "blobs", "results", "roots", "runs", "gc.lock", "CACHEDIR.TAG",
    } - ({"runs"} if not (store.root / "runs").exists() else set())  # fmt: skip
    assert len(list((store.root / "blobs").iterdir())) == 1
    assert store.find(mine.key) == mine


def test_a_project_at_work_is_not_swept(store: Store, tmp_path: Path) -> None:
    opened = project(tmp_path / "fox", store)
    with opened:
        (tmp_path / "fox" / ".part-film").write_bytes(b"half a film")
        clean(store)
        assert (tmp_path / "fox" / ".part-film").exists()
    clean(store)
    assert not (tmp_path / "fox" / ".part-film").exists()


def test_a_dry_run_and_a_look_change_nothing(store: Store, tmp_path: Path) -> None:
    mine, idle, broken, newer = (keep(store, name) for name in ("mine", "idle", "broken", "newer"))
    project(tmp_path / "fox", store, mine)
    project(tmp_path / "gone", store, idle)
    shutil.rmtree(tmp_path / "gone")
    store.result(broken.key).write_bytes(store.result(broken.key).read_bytes()[:-7])
    store.result(newer.key).write_bytes(sealed("kamishibai.result/9", {}))
    _leftovers(store)
    before = tree(tmp_path)
    found = clean(store, dry=True)
    usage(store)
    assert tree(tmp_path) == before
    assert not found.done
    done = clean(store)
    assert done == found.model_copy(update={"done": True})
    assert left(store) == {mine.key}
    sizes = {name: facts for name, facts in before.items() if name.startswith("store/")}
    assert found.size > 0
    assert len(sizes) > len(tree(store.root))


def test_what_is_deleted_is_what_was_told(store: Store, tmp_path: Path) -> None:
    project(tmp_path / "fox", store, keep(store, "mine", b"x" * 3000))
    keep(store, "idle", b"y" * 5000)
    _leftovers(store)

    def held() -> int:
        files = [path for path in store.root.rglob("*") if path.is_file() and path.name != "gc.lock"]
        return sum(path.stat().st_size for path in files)

    before = held()
    done = clean(store)
    assert before - held() == done.size


def test_a_cache_that_is_not_there_is_empty(tmp_path: Path) -> None:
    store = Store(tmp_path / "nowhere")
    assert usage(store).size == 0
    assert clean(store, dry=True).size == 0
    assert not store.root.exists()


def test_a_file_in_place_of_the_cache_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"a letter")
    store = Store(tmp_path / "store")
    for action in (usage, clean, check_up, lambda store: clean(store, dry=True)):
        with pytest.raises(StoreError) as caught:
            action(store)
        assert "--cache" in (caught.value.hint or "") or "permissions" in (caught.value.hint or "")
    assert (tmp_path / "store").read_bytes() == b"a letter"


@as_a_person
def test_what_cannot_be_deleted_is_told_and_the_rest_stays_usable(store: Store, tmp_path: Path) -> None:
    mine = keep(store, "mine")
    project(tmp_path / "fox", store, mine)
    idle = keep(store, "idle")
    folder = store.result(idle.key).parent
    folder.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be deleted: Permission denied"):
        clean(store)
    folder.chmod(0o700)
    assert has_files(store, mine)
    assert clean(store).results == 1


# ---------------------------------------------------------------------- use


def test_use_is_told_by_project_and_by_maker(store: Store, tmp_path: Path) -> None:
    shared, mine, idle = keep(store, "shared", b"x" * 100), keep(store, "mine"), keep(store, "idle")
    store.keep(idle.model_copy(update={"maker": "voice:other", "seconds": 9.0}))
    project(tmp_path / "a", store, shared, mine)
    project(tmp_path / "b", store, shared)
    project(tmp_path / "c", store, mine)
    shutil.rmtree(tmp_path / "c")
    found = usage(store)
    by_name = {one.folder.name: one for one in found.projects}
    assert {name: (one.results, one.there, one.seconds) for name, one in by_name.items()} == {
        "a": (2, True, 3.0), "b": (1, True, 1.5), "c": (1, False, 1.5),
    }  # fmt: skip
    assert (found.results, found.seconds, found.rest) == (3, 12.0, 0)
    assert (found.unused.results, found.unused.seconds) == (1, 9.0)
    assert {one.maker: one.results for one in found.makers} == {"voice:fake": 2, "voice:other": 1}
    files = [*store.blobs(), *(store.root / "results").rglob("*.json")]
    assert found.size == sum(path.stat().st_size for path in files)
    assert sum(one.size for one in found.makers) == found.size


# ---------------------------------------------------------------------- the cap


def test_a_cache_under_its_cap_is_left_alone(store: Store) -> None:
    record = keep(store, "idle", b"x" * 1000)
    assert keep_under(store, 1.0) == []
    assert left(store) == {record.key}


def test_a_cache_over_its_cap_loses_what_no_project_needs_and_says_so(store: Store, tmp_path: Path) -> None:
    mine, idle = keep(store, "mine", b"x" * 2000), keep(store, "idle", b"y" * 2000)
    project(tmp_path / "fox", store, mine)
    here = Presence(store.root)
    here.enter()
    (told,) = keep_under(store, 3.5e-6, here)
    assert told == "1 results that no project refers to were deleted to keep the cache under 3.5e-06 GB"
    assert left(store) == {mine.key}
    (told,) = keep_under(store, 1e-6, here)
    assert "projects refer to, more than its 1e-06 GB" in told
    assert left(store) == {mine.key}
    keep(store, "idle", b"y" * 2000)
    other = Presence(store.root)
    other.enter()
    (told,) = keep_under(store, 1e-6, here)
    assert "could not be cleaned: films are being made" in told
    assert idle.key in left(store)
    here.leave()
    other.leave()


# ---------------------------------------------------------------------- check-ups


def test_a_finished_film_that_changed_by_itself_is_found_and_made_anew(tmp_path: Path) -> None:
    film = make(tmp_path).film
    whole, facts = film.read_bytes(), film.stat()
    film.write_bytes(whole[:50] + bytes([whole[50] ^ 1]) + whole[51:])
    os.utime(film, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    found = studio(tmp_path).cache_verify()
    assert (found.films, found.damaged, found.whole) == ((film,), (), False)
    assert film.exists()
    found = studio(tmp_path).cache_verify(repair=True)
    assert found.films == (film,)
    assert not film.exists()
    assert film.with_name("out.mp4.damaged").exists()
    studio(tmp_path).make(tmp_path / "out")
    assert film.read_bytes() == whole
    assert studio(tmp_path).cache_verify().whole
    film.write_bytes(b"cut by hand")  # what a person writes to is theirs
    assert studio(tmp_path).cache_verify().whole


def test_a_check_up_stops_when_asked_and_repairs_only_where_nobody_cleans(once: Path, tmp_path: Path) -> None:
    store = Store(Path(shutil.copytree(once / "store", tmp_path / "store")))
    with pytest.raises(Cancelled):
        check_up(store, stop=lambda: True)
    path = next(store.blobs())
    path.unlink()
    found = check_up(store, repair=True)
    assert [one.same for one in found.mended] == [True]
    assert list((store.root / "runs").glob("*.lock")) == []
    here = Presence(store.root)
    here.enter()
    with pytest.raises(BusyProjectError):
        clean(store)
    assert check_up(store).whole  # a look is fine while films are made
    here.leave()


def test_a_clean_up_of_somebodys_own_folder_deletes_nothing_of_his(tmp_path: Path) -> None:
    """Whoever names his home as the cache has folders there that are called as the cache's."""
    own = {
        tmp_path / "scratch" / "thesis.txt", tmp_path / "previews" / "holiday.png", tmp_path / "damaged" / "letter.txt",
        tmp_path / "results" / "ab" / "exam.json", tmp_path / "blobs" / "cd" / "photo", tmp_path / "deep" / "er" / ".part-1",
    }  # fmt: skip
    for path in own:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"his own")
    keep(Store(tmp_path), "mine")
    clean(Store(tmp_path))
    assert all(path.read_bytes() == b"his own" for path in own)
    assert not list(Store(tmp_path).result_keys())
