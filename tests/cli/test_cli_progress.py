from __future__ import annotations

import io

import pytest
from rich.console import Console

from kamishibai.cli.console import clean, error_panel, minutes
from kamishibai.cli.progress import Bars, Book, Lines, Quiet, time_left
from kamishibai.errors import DocumentError
from kamishibai.work.events import Event


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _console() -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=100, force_terminal=False), file


def stage(name: str, total: int, reused: int = 0) -> Event:
    return Event(event="stage", stage=name, total=total, reused=reused)


def call(name: str, scene: str = "", seconds: float = 0.0) -> Event:
    return Event(event="call", stage=name, scene=scene, seconds=seconds)


def test_time_left_follows_the_pace_so_far(clock: Clock) -> None:
    book = Book(clock)
    book.take(stage("draw", 10))
    book.take(Event(event="progress", stage="draw", scene="s1", done=0.01))
    for n in range(2):
        clock.now += 4
        book.take(call("draw", f"s{n + 1}"))
    assert time_left(book.stages["draw"], clock.now) == pytest.approx(8 * 4)


def test_what_was_kept_from_before_does_not_count_as_pace(clock: Clock) -> None:
    book = Book(clock)
    book.take(stage("draw", 10, reused=8))
    clock.now += 4
    book.take(call("draw", "s9", seconds=4))
    assert time_left(book.stages["draw"], clock.now) == pytest.approx(4)


def test_waiting_for_another_stage_is_not_counted_as_work(clock: Clock) -> None:
    book = Book(clock)
    book.take(stage("mix", 1))
    book.take(stage("render", 4))
    clock.now += 60
    book.take(call("mix"))
    clock.now += 2
    book.take(call("render", "s1", seconds=2))
    assert time_left(book.stages["render"], clock.now) == pytest.approx(6)


def test_no_time_is_guessed_before_there_is_a_pace(clock: Clock) -> None:
    book = Book(clock)
    book.take(stage("draw", 10))
    clock.now += 5
    assert time_left(book.stages["draw"], clock.now) is None


def test_a_stage_whose_calls_were_shared_ends_when_the_next_is_announced(clock: Clock) -> None:
    book = Book(clock)
    book.take(stage("render", 3))
    book.take(call("render", "s1"))
    assert [ended.name for ended in book.take(stage("join", 1))] == ["render"]


def test_a_log_gets_one_line_a_finished_stage(clock: Clock) -> None:
    console, file = _console()
    with Lines(console, clock) as view:
        for event in (
            stage("draw", 2, 1),
            stage("speak", 2, 2),
            call("draw", "s2"),
            stage("join", 1),
            call("join"),
        ):
            view.event(event)
    assert file.getvalue().splitlines() == [
        "Speaking the lines: 2 kept from before",
        "Drawing the scenes: 2 in 0.0 s, 1 kept from before",
        "Joining and measuring: 1 in 0.0 s",
    ]


def test_bars_show_the_stage_the_count_and_notes_once(clock: Clock) -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=True, color_system=None)
    with Bars(console, clock) as view:
        view.event(stage("draw", 3))
        view.event(Event(event="note", text="hello [b]there[/b]"))
        view.event(call("draw", "s1"))
        view.event(call("draw", "s2"))
    shown = file.getvalue()
    assert "Drawing the scenes" in shown
    assert shown.count("hello [b]there[/b]") == 1
    assert view.told == {"hello [b]there[/b]"}


def test_an_interrupted_stage_is_not_shown_as_finished(clock: Clock) -> None:
    file = io.StringIO()
    view = Bars(Console(file=file, width=100, force_terminal=True, color_system=None), clock)
    view.__enter__()
    view.event(stage("draw", 7))
    view.event(call("draw", "s1"))
    view.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "1/7" in file.getvalue().split("Drawing the scenes")[-1]


def test_quiet_shows_warnings_alone() -> None:
    console, file = _console()
    with Quiet(console) as view:
        view.event(Event(event="note", text="a note"))
        view.event(Event(event="warning", text="a warning"))
    assert file.getvalue() == "warning: a warning\n"


def test_what_a_terminal_would_obey_is_made_visible() -> None:
    assert clean("a\x1b[2J\x07\x9b31m\u202eb\x7f\r") == "a␛[2J␇�31m�b␡␍"
    assert clean("line\nline\ttab سلام 🦊") == "line\nline tab سلام 🦊"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (59.97, "1 min 00 s"), (185, "3 min 05 s"), (3720, "1 h 02 min")],
)
def test_lengths_are_told_the_way_people_say_them(seconds: float, text: str) -> None:
    assert minutes(seconds) == text


def test_an_error_panel_has_what_where_kept_and_next_literally() -> None:
    console, file = _console()
    console.print(
        error_panel(DocumentError("[bold]odd[/]", where="a.md, line 3", kept="all", hint="mend it"))
    )
    shown = file.getvalue()
    for text in ("[bold]odd[/]", "a.md, line 3", "kept", "all", "next", "mend it"):
        assert text in shown
