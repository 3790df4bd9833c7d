"""One model on its own: from plain words or a file to its ask, and from its take to a file and a few facts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.languages import guess_language
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Mood, Move, Storyboard
from kamishibai.documents.takes import Music, Score, Shot, Sound, Speech, Still, Transcript, Word
from kamishibai.documents.time import Time, frame_at
from kamishibai.documents.yaml_storyboard import dump
from kamishibai.errors import MediaError, UsageError
from kamishibai.models.kinds import Act, Animate, Board, Compose, Cue, Draft, Draw, Foley, Listen, Look, Speak
from kamishibai.settings import Settings, frame_size
from kamishibai.steps.draw import draw_ask
from kamishibai.steps.sound import AMBIENCES
from kamishibai.work.store import Store, write_atomically

__all__ = ["SUFFIX", "WISHES", "Trial", "Wish", "ask_for", "check_name", "keep", "read_wish"]

SUFFIX = {
    "text": ".yaml",
    "picture": ".png",
    "motion": ".mp4",
    "voice": ".wav",
    "music": ".wav",
    "sound": ".wav",
    "ear": ".txt",
    "eye": ".txt",
}
"""How the file of each kind's result ends."""
WISHES = {
    "text": {"language", "seed"},
    "picture": {"aspect", "size", "seed"},
    "motion": {"aspect", "size", "fps", "seed", "seconds", "move"},
    "voice": {"language", "speaker", "seed"},
    "music": {"seconds", "seed"},
    "sound": {"seconds", "seed"},
    "ear": {"language"},
    "eye": set(),
}
"""What may be wished for with each kind of model."""

MAX_SOUND_BYTES = 500_000_000
Drawn = Callable[[Draw], Still]
Planned = Callable[[Draft], Board]


class Wish(Frozen):
    """What may be asked of a single model beside its words; None leaves it to a sensible default."""

    seconds: Time | None = Field(default=None, gt=0, le=600)
    move: Move | None = None
    language: str | None = None
    speaker: str | None = None
    """Which of the voice's own speakers."""

    def given(self) -> set[str]:
        """Return the names of what was wished for."""
        return {name for name in type(self).model_fields if getattr(self, name) is not None}


class Trial(Frozen):
    """What one model made."""

    id: str
    kind: str
    path: Path | None
    """Where it lies; None for text that was not asked to be kept."""
    bytes: int = 0
    text: str = ""
    """The storyboard, or what was heard."""
    facts: tuple[tuple[str, str], ...] = ()
    words: tuple[Word, ...] = ()
    reused: bool = False
    """It was there already."""
    took_s: float = 0.0
    """Wall time it took when it was made."""


def read_wish(given: dict[str, Any]) -> Wish:
    """Return the wish that `given` spells. Raises UsageError when a value cannot be right."""
    try:
        return Wish(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{first['loc'][0]}: {first['msg']} (it is {first['input']!r})") from error


def ask_for(
    kind: str, words: str, wish: Wish, settings: Settings, store: Store, plan: Planned, draw: Drawn
) -> Frozen:
    """Return the ask that `words` mean to a model of this kind: a sentence, a prompt, moods, sounds or a file.

    Raises
    ------
    UsageError
        When they mean nothing to it, or a wish does not apply.
    """
    foreign = sorted(wish.given() - WISHES[kind])
    if foreign:
        raise UsageError(
            f"a {kind} model has no use for --{foreign[0]}",
            hint=f"it takes {', '.join('--' + name for name in sorted(WISHES[kind]))}",
        )
    if not words.strip():
        raise UsageError(
            f"there is nothing to give to a {kind} model", hint=f"for example `{EXAMPLES[kind]}`"
        )
    seed = settings.seed if settings.seed is not None else 7
    if kind == "text":
        return _draft(words, wish, seed)
    if kind == "picture":
        return _draw(words, settings, seed, plan)
    if kind == "motion":
        return _animate(words, wish, settings, seed, store, plan, draw)
    if kind == "voice":
        language = wish.language or guess_language(words)
        return Speak(text=words, language=language, voice=wish.speaker, seed=seed)
    if kind == "music":
        return _compose(words, wish.seconds or Fraction(20), seed)
    if kind == "sound":
        return _foley(words, wish.seconds or Fraction(8), seed)
    if kind == "eye":
        return _look(words, store)
    return Listen(sound=_sound_file(words, store), language=wish.language)


EXAMPLES = {
    "text": 'kamishibai try text:planner "A fox found a lantern."',
    "picture": 'kamishibai try picture:papercut "a fox under a tree at night"',
    "motion": "kamishibai try motion:camera picture.png --move push --seconds 4",
    "voice": 'kamishibai try voice:hibari "Once upon a time."',
    "music": "kamishibai try music:musicbox calm --seconds 20",
    "sound": 'kamishibai try sound:foley "rain, owl" --seconds 8',
    "ear": "kamishibai try ear:whisper talk.wav",
    "eye": 'kamishibai try eye:clip "picture.png a fox under a tree"',
}
"""One command a kind, to show what it takes."""


def _draft(words: str, wish: Wish, seed: int) -> Draft:
    story = parse_story(words, source="the words given").story
    if wish.language:
        story = story.model_copy(update={"language": wish.language})
    return Draft(story=story, seed=seed)


def _board(prompt: str, seed: int, plan: Planned) -> Storyboard:
    """Return a storyboard of one scene: the prompt as a planner understands it."""
    story = parse_story(" ".join(prompt.split()), source="the prompt").story
    line = story.lines[0].model_copy(update={"text": " ".join(prompt.split())[:2000]})
    board = plan(Draft(story=story.model_copy(update={"lines": (line,)}), seed=seed)).storyboard
    # A model that reads words gets the very words; one that reads scenes gets the plan.
    scene = board.scenes[0].model_copy(update={"prompt": line.text})
    return board.model_copy(update={"scenes": (scene,), "seed": seed})


def _draw(prompt: str, settings: Settings, seed: int, plan: Planned) -> Draw:
    board = _board(prompt, seed, plan)
    width, height = frame_size(settings.aspect or board.aspect, settings.size)
    return draw_ask(board, board.scenes[0], None, width, height)


def _animate(
    words: str, wish: Wish, settings: Settings, seed: int, store: Store, plan: Planned, draw: Drawn
) -> Animate:
    if _is_file(words):
        still = _picture_file(Path(words), store)
    elif re.search(r"\.(png|jpe?g|webp|gif)$", words, re.IGNORECASE):
        raise UsageError("there is no such picture", where=words, hint=f"for example `{EXAMPLES['motion']}`")
    else:
        still = draw(_draw(words, settings, seed, plan))
    aspect = settings.aspect or _nearest_aspect(still.width / still.height)
    width, height = frame_size(aspect, settings.size)
    return Animate(
        still=still,
        seconds=wish.seconds or Fraction(4),
        move=wish.move or "push",
        width=width,
        height=height,
        fps=settings.fps,
        seed=seed,
    )


def _nearest_aspect(ratio: float) -> str:
    from kamishibai.settings import ASPECTS

    return min(ASPECTS, key=lambda name: abs(ASPECTS[name][0] / ASPECTS[name][1] - ratio))


def _is_file(words: str) -> bool:
    try:
        return Path(words).is_file()
    except (OSError, ValueError):
        return False  # longer than any file name, or with a NUL


def _picture_file(path: Path, store: Store) -> Still:
    from kamishibai.media.picture import decode_png, encode_png

    try:
        pixels = decode_png(path.read_bytes())
    except OSError as error:
        if isinstance(error, MediaError):
            error.where, error.hint = str(path), "give a PNG file"
            raise
        raise MediaError(f"the picture cannot be read: {error.strerror}", where=str(path)) from error
    image = store.save(encode_png(pixels[..., :3].copy()), "image/png")
    return Still(image=image, width=pixels.shape[1], height=pixels.shape[0])


def _compose(words: str, seconds: Fraction, seed: int) -> Compose:
    moods = [mood for mood in re.split(r"[,\s]+", words.lower()) if mood]
    for mood in moods:
        if mood not in get_args(Mood):
            near = difflib.get_close_matches(mood, get_args(Mood), 1)
            raise UsageError(
                f"{mood!r} is not a mood",
                hint=(f"did you mean {near[0]}? " if near else "") + f"Moods are {', '.join(get_args(Mood))}",
            )
    each = seconds / len(moods)
    acts = tuple(
        Act.model_validate({"start": each * i, "end": each * (i + 1), "mood": mood})
        for i, mood in enumerate(moods)
    )
    return Compose(seconds=seconds, acts=acts, seed=seed)


def _foley(words: str, seconds: Fraction, seed: int) -> Foley:
    names = [" ".join(name.split()) for name in words.lower().split(",") if name.strip()]
    effects = [name for name in names if name not in AMBIENCES]
    cues = []
    for name in names:
        if name in AMBIENCES:
            cues.append(Cue(name=name, kind="ambience", start=Fraction(0), end=seconds))
            continue
        start = seconds * effects.index(name) / (len(effects) + 1) + min(Fraction(1, 2), seconds / 4)
        cues.append(Cue(name=name, kind="effect", start=start, end=seconds))
    return Foley(seconds=seconds, cues=tuple(cues), seed=seed)


def _sound_file(words: str, store: Store) -> Ref:
    if not _is_file(words):
        raise UsageError("there is no such sound file", where=words, hint=f"for example `{EXAMPLES['ear']}`")
    import numpy as np

    from kamishibai.media.loudness import decode_sound
    from kamishibai.media.sound import RATE_HZ, encode_wav

    path = Path(words)
    if path.stat().st_size > MAX_SOUND_BYTES:
        raise MediaError("the file is larger than half a gigabyte", where=words, hint="give a shorter one")
    pieces = list(decode_sound(path))
    samples = np.concatenate(pieces, axis=1).mean(axis=0, keepdims=True)
    return store.save(encode_wav(samples.astype(np.float32), RATE_HZ), "audio/wav")


def _look(words: str, store: Store) -> Look:
    """Return the ask for a picture and the words after its name."""
    found = re.match(r"(.*?\.png)(?:\s+(.*))?$", words, re.IGNORECASE | re.DOTALL)
    if found is None or not _is_file(found[1]):
        raise UsageError(
            "there is no such picture",
            where=found[1] if found else words[:80],
            hint=f"for example `{EXAMPLES['eye']}`",
        )
    image = _picture_file(Path(found[1]), store).image
    return Look(image=image, texts=(found[2].strip(),) if found[2] else ())


# ---------------------------------------------------------------------------------------------- keeping
def check_name(kind: str, out: Path | None) -> None:
    """Raise UsageError when `out` does not end as this kind's results do."""
    if out is not None and out.suffix.lower() != SUFFIX[kind]:
        raise UsageError(
            f"what a {kind} model makes is saved as {SUFFIX[kind]}",
            where=str(out),
            hint=f"-o {out.with_suffix(SUFFIX[kind])}",
        )


def keep(id_: str, kind: str, ask: Frozen, take: Any, out: Path | None, store: Store, quality: str) -> Trial:
    """Write what a model gave back to `out`, and return it with what there is to tell."""
    if isinstance(take, (Board, Transcript)):
        return _text(id_, kind, take, out)
    if isinstance(take, Score):
        assert isinstance(ask, Look)
        return _scores(id_, ask, take, out)
    if isinstance(take, Still):
        data, facts = store.open(take.image), _still_facts(take)
    elif isinstance(take, Shot):
        assert isinstance(ask, Animate)
        return _clip(id_, ask, take, out, store, quality)
    else:
        data, facts = store.open(take.sound), _sound_facts(take, store)
    if out is not None:
        write_atomically(out, data)
    words = take.words if isinstance(take, Speech) else ()
    return Trial(id=id_, kind=kind, path=out, bytes=len(data), facts=facts, words=words)


def _text(id_: str, kind: str, take: Board | Transcript, out: Path | None) -> Trial:
    words: tuple[Word, ...] = ()
    if isinstance(take, Board):
        text = dump(take.storyboard)
        facts = [("scenes", str(len(take.storyboard.scenes)))] + [("note", note) for note in take.notes]
    else:
        text, words = take.text, take.words
        facts = [("language", take.language), ("words", str(len(words)))]
    data = (text if text.endswith("\n") else text + "\n").encode("utf-8")
    if out is not None:
        write_atomically(out, data)
    return Trial(id=id_, kind=kind, path=out, bytes=len(data), text=text, facts=tuple(facts), words=words)


def _scores(id_: str, ask: Look, take: Score, out: Path | None) -> Trial:
    lines = [f"{score:.4f}  {text}" for score, text in zip(take.texts, ask.texts, strict=True)]
    text = "\n".join(lines) or "no words to compare it with"
    data = (text + "\n").encode("utf-8")
    if out is not None:
        write_atomically(out, data)
    return Trial(id=id_, kind="eye", path=out, bytes=len(data), text=text)


def _still_facts(take: Still) -> tuple[tuple[str, str], ...]:
    facts = [("size", f"{take.width}×{take.height} px")]
    if take.layers:
        facts.append(("layers", str(len(take.layers))))
    if take.left_out:
        facts.append(("left out", ", ".join(take.left_out)))
    return tuple(facts)


def _sound_facts(take: Speech | Music | Sound, store: Store) -> tuple[tuple[str, str], ...]:
    from kamishibai.media.loudness import measure
    from kamishibai.media.sound import decode_wav

    samples, rate_hz = decode_wav(store.open(take.sound))
    facts = [
        ("length", f"{float(take.seconds):.2f} s"),
        ("rate", f"{rate_hz} Hz, {samples.shape[0]} channel(s)"),
    ]
    measured = measure(samples, rate_hz)
    if measured.true_peak_dbtp is None:
        facts.append(("loudness", "silence"))
    else:
        lufs = "too short to say" if measured.lufs is None else f"{measured.lufs:.1f} LUFS"
        facts.append(("loudness", f"{lufs}, true peak {measured.true_peak_dbtp:.1f} dBTP"))
    if isinstance(take, Music):
        facts += [(name, text) for name, text in (("key", take.key), ("notes", take.notes)) if text]
        if take.tempo_bpm:
            facts.append(("tempo", f"{take.tempo_bpm:.0f} beats a minute"))
    if isinstance(take, Sound) and take.left_out:
        facts.append(("left out", ", ".join(take.left_out)))
    return tuple(facts)


def _clip(id_: str, ask: Animate, take: Shot, out: Path | None, store: Store, quality: str) -> Trial:
    from kamishibai.engine.encode import encode_segment
    from kamishibai.engine.mux import join
    from kamishibai.engine.segments import Part, SegmentAsk

    frames = max(1, frame_at(take.seconds, ask.fps))
    still = ask.still or take.first
    assert still is not None
    segment = SegmentAsk(
        width=ask.width,
        height=ask.height,
        fps=ask.fps,
        frames=frames,
        parts=(Part(still=still, shot=take, first=0),),
    )
    data = encode_segment(segment, store.open, quality)  # type: ignore[arg-type]
    if out is not None:
        join([data], None, None, {"title": id_}, out, fps=ask.fps)
    facts = (
        ("length", f"{float(take.seconds):.2f} s, {frames} frames"),
        ("size", f"{ask.width}×{ask.height} px, {float(ask.fps):.4g} a second"),
        (
            "camera",
            "a generated clip" if take.clip else f"{len(take.keys)} keys, parallax {take.parallax:.2f}",
        ),
    )
    return Trial(id=id_, kind="motion", path=out, bytes=out.stat().st_size if out else len(data), facts=facts)
