"""Makers for the tests of the two lanes; importable in worker processes. They write down what they do."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import ModelError
from kamishibai.models.base import Desk, Model, NoOptions


class Shout(Frozen):
    text: str
    volume: int = 0


class Echo(Frozen):
    text: str


class Logged(NoOptions):
    log: str = ""


class Logging(Model[Shout, Echo]):
    version = "1"
    asks = Shout
    Options = Logged

    def log(self, text: str) -> None:
        assert isinstance(self.options, Logged)
        with Path(self.options.log).open("a") as file:
            file.write(f"{text} {self.id} {os.getpid()} {time.monotonic_ns()}\n")


class Heavy(Logging):
    """Takes the device."""

    id = "test:heavy"
    lane = "device"

    def load(self) -> None:
        self.batch = 2  # what fits is known when it is loaded
        self.log("load")

    def unload(self) -> None:
        self.log("unload")

    def settle(self, ask: Shout) -> Shout:
        return ask.model_copy(update={"volume": 0})

    def run(self, asks: Sequence[Shout], desk: Desk) -> list[Echo]:
        self.log(f"run{len(asks)}")
        desk.preview(b"\x89PNG")
        for ask in asks:
            if ask.text == "boom":
                os._exit(9)
            if ask.text == "fail":
                raise ModelError("it would not")
        desk.note("made with care")
        return [Echo(text=f"{ask.text}{ask.volume}") for ask in asks]


class Other(Heavy):
    """Takes the device too."""

    id = "test:other"


class Light(Logging):
    """Works in the pool."""

    id = "test:light"

    def run(self, asks: Sequence[Shout], desk: Desk) -> list[Echo]:
        self.log(f"run{len(asks)}")
        return [Echo(text=ask.text) for ask in asks]
