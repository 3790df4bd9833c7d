"""motion:camera: moves an eased camera over a still, with parallax where it has layers."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from kamishibai.engine.camera import camera_path
from kamishibai.errors import UnsupportedError
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Animate, Shot

__all__ = ["CameraMotion"]


class CameraMotion(Model[Animate, Shot]):
    """A camera path for the engine to draw: nothing is rendered here, so it costs nothing to change."""

    id = "motion:camera"
    version = "1"
    asks = Animate
    supports = frozenset({"still"})
    batch = 64

    class Options(Model.Options):
        """How the camera sees depth."""

        parallax: float = Field(default=0.5, ge=0, le=1)
        """Part of the camera's travel by which the horizon lags behind the nearest sheet, 0 to 1."""

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: it is part of the program."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Animate], desk: Desk) -> list[Shot]:
        """Return one camera path an ask."""
        shots = []
        for done, ask in enumerate(asks, 1):
            shots.append(self._shot(ask))
            desk.progress(done / len(asks))
        return shots

    def _shot(self, ask: Animate) -> Shot:
        options = self.options
        assert isinstance(options, CameraMotion.Options)
        still = ask.still
        if still is None:
            raise UnsupportedError("a camera needs a picture to move over")
        keys = camera_path(
            ask.move,
            ask.amount,
            ask.seconds,
            still.focus,
            (still.width, still.height),
            (ask.width, ask.height),
        )
        depths = {layer.depth for layer in still.layers}
        return Shot(seconds=ask.seconds, keys=keys, parallax=options.parallax if len(depths) > 1 else 0.0)
