"""What models give back: pictures, shots, speech, music, sounds, transcripts. Facts, referring to bytes by content."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.time import Time

__all__ = [
    "CameraKey",
    "Layer",
    "Life",
    "Music",
    "Score",
    "Shot",
    "Sound",
    "Speech",
    "Still",
    "Transcript",
    "Word",
]


class Life(Frozen):
    """A small endless movement of one layer, in canvas pixels and seconds.

    ``drift`` and ``fall`` move by `velocity_px_s` and wrap (the layer tiles seamlessly with its own size);
    ``sway`` rotates by `amplitude` degrees about (`pivot_x`, `pivot_y`, fractions of the layer);
    ``bob``, ``hop``, ``glide``, ``breathe`` move by `amplitude` pixels (hop: upward arcs, glide: along x
    with a gentle wave, breathe: scales by amplitude/100); ``twinkle`` and ``flicker`` modulate opacity by
    `amplitude` (0 to 1).
    """

    kind: Literal["drift", "fall", "sway", "bob", "hop", "glide", "breathe", "twinkle", "flicker"]
    amplitude: float = 0.0
    period_s: float = Field(default=3.0, gt=0)
    phase: float = Field(default=0.0, ge=0, le=1)
    velocity_px_s: tuple[float, float] = (0.0, 0.0)
    pivot: tuple[float, float] = (0.5, 1.0)


class Layer(Frozen):
    """One sheet of paper: a cropped RGBA PNG at (`x`, `y`) of the still's canvas, and how far away it is."""

    name: str
    ref: Ref
    x: int
    y: int
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    depth: float = Field(ge=0, le=1)
    """0 lies at the horizon and never shifts with the camera, 1 touches the lens."""
    blend: Literal["normal", "add"] = "normal"
    life: Life | None = None


class Still(Frozen):
    """A picture: the flat image, and its layers from back to front when the illustrator has them."""

    image: Ref
    """Flattened RGB PNG of the canvas."""
    width: int = Field(ge=1)
    """Canvas size in pixels; at least the film's size, usually a little more, so that a zoom stays sharp."""
    height: int = Field(ge=1)
    layers: tuple[Layer, ...] = ()
    focus: tuple[float, float] = (0.5, 0.5)
    """Where the subject is, as fractions of the canvas."""
    left_out: tuple[str, ...] = ()
    """Words of the scene that have no drawing."""
    credits: tuple[str, ...] = ()
    """Attribution that the pictures' licences ask for."""
    notes: tuple[str, ...] = ()


class CameraKey(Frozen):
    """The camera at one moment: which part of the canvas fills the frame."""

    time: Time
    x: float
    y: float
    """Centre of the view, fractions of the canvas."""
    scale: float = Field(gt=0)
    """Width of the view, as a fraction of the canvas width that has the film's aspect (1 = the largest that fits)."""


class Shot(Frozen):
    """A moving picture: a camera path over a still, or a generated clip."""

    seconds: Time
    keys: tuple[CameraKey, ...] = ()
    """Camera path, eased between keys; empty for a clip."""
    parallax: float = 0.0
    """How strongly near layers outrun far ones, 0 (flat) to 1."""
    clip: Ref | None = None
    """MP4 without sound, for models that generate frames; at least as long as was asked for."""
    first: Still | None = None
    """The clip's first frame, from models that need no picture; it stands for the scene where a still is shown."""


class Word(Frozen):
    """A word as shown, when it is heard, and how sure that is."""

    text: str
    start: Time
    end: Time
    first: int = 0
    """Index of the word's first character in the line; `last` is one past its end."""
    last: int = 0
    spoken: str = ""
    """How the voice says it, when that differs from how it is written."""
    probability: float = 1.0


class Speech(Frozen):
    """A voice take: mono WAV (48 kHz float or 16 bit) and the time of every word of the line."""

    sound: Ref
    seconds: Time
    words: tuple[Word, ...]
    spoken: str = ""
    """The text as it was given to the voice, for comparing with what is heard."""
    estimated: bool = False
    """The model has no word times of its own, and these are guessed from the sound; an ear's are better."""


class Music(Frozen):
    """A stereo 48 kHz score of exactly the seconds asked for."""

    sound: Ref
    seconds: Time
    key: str = ""
    tempo_bpm: float = 0.0
    notes: str = ""


class Sound(Frozen):
    """A stereo 48 kHz effects track of exactly the seconds asked for."""

    sound: Ref
    seconds: Time
    left_out: tuple[str, ...] = ()


class Score(Frozen):
    """How a picture fits words and other pictures: cosine similarities of a model's embeddings, -1 to 1."""

    texts: tuple[float, ...] = ()
    """One for each text asked about. Models differ in their scale: compare scores of one model only."""
    pictures: tuple[float, ...] = ()
    """One for each other picture."""


class Transcript(Frozen):
    """What was heard."""

    text: str
    words: tuple[Word, ...] = ()
    language: str = "en"
