from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lane_makers import Echo, Shout

from kamishibai.errors import ModelError
from kamishibai.work.call import Call
from kamishibai.work.events import Event
from kamishibai.work.runners.local import LocalRunner
from kamishibai.work.store import Store
from kamishibai.work.timings import Cost, Timings

LOG = ""


def calls(maker: str, *texts: str, volume: int = 0) -> list[Call]:
    path = f"lane_makers:{maker}"
    return [
        Call(
            "shout",
            f"s{i}",
            f"test:{maker.lower()}",
            Shout(text=text, volume=volume),
            Echo,
            {"log": LOG},
            path,
        )
        for i, text in enumerate(texts, 1)
    ]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("test_lanes.LOG", str(tmp_path / "log"))
    return tmp_path / "log"


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()]


@pytest.fixture(params=[0, 2])
def workers(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_one_heavy_model_is_resident_at_a_time(log: Path, tmp_path: Path, workers: int) -> None:
    with LocalRunner(Store(tmp_path / "store"), workers) as runner:
        runner.run([*calls("Heavy", "a", "b", "c"), *calls("Light", "x", "y"), *calls("Other", "d", "e")])
        runner.run([*calls("Other", "f"), *calls("Heavy", "g")])
    resident = most = 0
    for what, _, *_ in sorted(
        (line for line in lines(log) if "run" not in line[0]), key=lambda it: int(it[3])
    ):
        resident += 1 if what == "load" else -1
        most = max(most, resident)
    assert most == 1
    assert resident == 0


def test_heavy_models_share_one_process_and_light_ones_do_not_work_there(log: Path, tmp_path: Path) -> None:
    with LocalRunner(Store(tmp_path / "store"), 2) as runner:
        runner.run([*calls("Heavy", "a"), *calls("Light", "x", "y"), *calls("Other", "d")])
    at = {maker: {pid for what, name, pid, _ in lines(log) if name == maker} for maker in
          ("test:heavy", "test:other", "test:light")}  # fmt: skip
    assert len(at["test:heavy"] | at["test:other"]) == 1
    assert not at["test:light"] & at["test:heavy"]


def test_whoever_is_resident_goes_first_and_is_not_loaded_again(
    log: Path, tmp_path: Path, workers: int
) -> None:
    with LocalRunner(Store(tmp_path / "store"), workers) as runner:
        runner.run(calls("Heavy", "a"))
        runner.run([*calls("Other", "b"), *calls("Heavy", "c")])
    loads = Counter(name for what, name, *_ in lines(log) if what == "load")
    if workers:
        assert loads == {"test:heavy": 1, "test:other": 1}
    else:
        assert loads["test:heavy"] <= 2


def test_a_model_that_nobody_needs_any_more_leaves_memory_before_the_round_ends(
    log: Path, tmp_path: Path, workers: int
) -> None:
    with LocalRunner(Store(tmp_path / "store"), workers) as runner:
        runner.run(calls("Heavy", "a"))
        runner.run(calls("Light", "x"))
        assert [what for what, name, *_ in lines(log) if name == "test:heavy"][-1] == "unload"


def test_a_model_settles_its_batch_when_it_is_loaded(log: Path, tmp_path: Path, workers: int) -> None:
    with LocalRunner(Store(tmp_path / "store"), workers) as runner:
        runner.run(calls("Heavy", *"abcde"))
    assert [what for what, *_ in lines(log) if what.startswith("run")] == ["run2", "run2", "run1"]


def test_what_a_model_would_not_notice_is_in_no_key(log: Path, tmp_path: Path) -> None:
    with LocalRunner(Store(tmp_path / "store")) as runner:
        (first,) = runner.run(calls("Heavy", "a", volume=3))
        (second,) = runner.run(calls("Heavy", "a", volume=9))
    assert first.take.text == "a0"
    assert second.reused


def test_notes_are_told_once_and_kept_for_the_ledger(log: Path, tmp_path: Path, workers: int) -> None:
    told: list[Event] = []
    store = Store(tmp_path / "store")
    with LocalRunner(store, workers, told.append) as runner:
        runner.run(calls("Heavy", "a"))
    with LocalRunner(store, workers, told.append) as runner:
        (again,) = runner.run(calls("Heavy", "a"))
    assert [event.text for event in told if event.event == "note"] == ["scene s1: made with care"]
    assert [note.text for note in again.notes] == ["made with care"]


def test_loads_frees_previews_and_ends_of_calls_are_told(log: Path, tmp_path: Path, workers: int) -> None:
    told: list[Event] = []
    with LocalRunner(Store(tmp_path / "store"), workers, told.append) as runner:
        runner.run(calls("Heavy", "a", "b", "c"))
    count = Counter(event.event for event in told)
    assert (count["load"], count["free"], count["call"], count["preview"]) == (1, 1, 3, 2)
    shown = next(event for event in told if event.event == "preview")
    assert Path(shown.text).read_bytes() == b"\x89PNG"


def test_the_end_of_the_devices_process_is_an_error_and_the_next_run_goes_on(
    log: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    with LocalRunner(store, 2) as runner:
        with pytest.raises(ModelError, match="test:heavy died"):
            runner.run(calls("Heavy", "a", "b", "boom"))
        answers = runner.run(calls("Heavy", "a", "b"))
    assert [answer.reused for answer in answers] == [True, True]


def test_paces_are_remembered_by_stage_and_maker(log: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with LocalRunner(store) as runner:
        runner.run(calls("Light", "x", "y"))
        runner.run(calls("Light", "x", "y", "z"))
    pace = Timings(store.root).read()["shout test:light"]
    assert pace.calls == 3
    assert 0 <= pace.seconds < 5


def test_damaged_timings_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "timings.json").write_text("[1, 2")
    timings = Timings(tmp_path)
    assert timings.read() == {}
    timings.add(
        [Cost(stage="draw", maker="picture:x", seconds=s, size=int(s), memory_mb=5) for s in (2.0, 4.0)]
    )
    assert timings.read()["draw picture:x"].seconds == 3.0
