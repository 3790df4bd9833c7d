from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from kamishibai.cleaning import clean
from kamishibai.errors import BusyProjectError, StoreError
from kamishibai.work import presence
from kamishibai.work.presence import Presence, alone
from kamishibai.work.store import Store
from rooms import Other, as_a_person, keep

ENTER = (
    "from pathlib import Path\nfrom kamishibai.work.presence import Presence\n"
    "here = Presence(Path(sys.argv[1]))\nhere.enter()"
)
CLEAN_UP = (
    "from pathlib import Path\nfrom kamishibai.work.presence import alone\n"
    "gate = alone(Path(sys.argv[1]))\ngate.__enter__()"
)


def marks(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "runs").glob("*"))


def test_nothing_is_cleaned_while_a_run_lives_and_all_after_it_was_killed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = keep(store, "a")
    with Other(ENTER, str(tmp_path)) as run:
        for _ in range(2):
            with pytest.raises(BusyProjectError, match="films are being made with this cache"):
                clean(store)
        assert store.find(record.key) == record
        assert len(marks(tmp_path)) == 1
        assert clean(store, dry=True).results == 1  # looking waits for nobody
        run.kill()
        assert len(marks(tmp_path)) == 1  # nobody tidied up after it
        assert clean(store).results == 1
    assert marks(tmp_path) == []
    assert store.find(record.key) is None


def test_of_two_runs_the_one_that_lives_counts(tmp_path: Path) -> None:
    with Other(ENTER, str(tmp_path)) as dead, Other(ENTER, str(tmp_path)) as living:
        dead.kill()
        with pytest.raises(BusyProjectError), alone(tmp_path):
            pass
        living.kill()
        with alone(tmp_path):
            assert marks(tmp_path) == []


def test_a_run_that_ended_well_leaves_no_mark(tmp_path: Path) -> None:
    here = Presence(tmp_path)
    here.enter()
    here.enter()
    assert len(marks(tmp_path)) == 1
    with pytest.raises(BusyProjectError), alone(tmp_path):
        pass
    here.leave()
    here.leave()
    assert marks(tmp_path) == []
    with alone(tmp_path):
        pass
    here.enter()  # it may come back
    with pytest.raises(BusyProjectError), alone(tmp_path):
        pass
    here.leave()


def test_whoever_cleans_may_be_there_itself(tmp_path: Path) -> None:
    mine, other = Presence(tmp_path), Presence(tmp_path)
    mine.enter()
    with alone(tmp_path, mine):
        pass
    assert len(marks(tmp_path)) == 1
    other.enter()
    with pytest.raises(BusyProjectError), alone(tmp_path, mine):
        pass
    mine.leave()
    other.leave()


def test_a_run_waits_until_a_clean_up_is_done(tmp_path: Path) -> None:
    entered: list[float] = []
    here = Presence(tmp_path)
    with Other(CLEAN_UP, str(tmp_path)) as cleaner:

        def run() -> None:
            here.enter()
            entered.append(time.monotonic())

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(0.4)
        assert entered == []
        ends = time.monotonic()
        cleaner.kill()
        thread.join(30)
        assert entered
        assert entered[0] >= ends
    here.leave()


def test_a_clean_up_that_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "PATIENCE_S", 0.2)
    with Other(CLEAN_UP, str(tmp_path)):
        with pytest.raises(BusyProjectError, match="is being cleaned up") as caught:
            Presence(tmp_path).enter()
        assert caught.value.exit_code == 75
        with pytest.raises(BusyProjectError, match="cleaned up already"), alone(tmp_path):
            pass
    assert marks(tmp_path) == []


def test_what_goes_wrong_inside_is_passed_on_and_the_door_is_open_again(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone(tmp_path):
        raise ZeroDivisionError
    with pytest.raises(StoreError, match="disk"), alone(tmp_path):
        raise StoreError("the disk is gone")
    with alone(tmp_path):
        pass


def test_a_cache_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    with pytest.raises(StoreError) as caught:
        Presence(tmp_path / "cache").enter()
    assert "--cache" in (caught.value.hint or "")
    with pytest.raises(StoreError), alone(tmp_path / "cache"):
        pass


@as_a_person
def test_a_cache_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        Presence(tmp_path).enter()
    with pytest.raises(StoreError, match="Permission denied"), alone(tmp_path):
        pass
