"""From plain words, a file and wishes to the ask of one model, for trying it on its own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.languages import guess_language
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Mood, Move, Storyboard
from kamishibai.documents.takes import Still
from kamishibai.documents.time import Time
from kamishibai.errors import MediaError, UsageError
from kamishibai.models.kinds import (
    Act,
    Animate,
    Board,
    Compose,
    Cue,
    Draft,
    Draw,
    Foley,
    Judge,
    Listen,
    Look,
    Reference,
    Speak,
)
from kamishibai.settings import Settings, frame_size
from kamishibai.steps.draw import draw_ask
from kamishibai.steps.sound import AMBIENCES
from kamishibai.work.store import Store

__all__ = ["WISHES", "Wish", "ask_for", "read_wish"]

WISHES = {
    "text": {"language", "seed"},
    "picture": {"aspect", "size", "seed", "negative", "source", "strength", "mask", "like"},
    "motion": {"aspect", "size", "fps", "seed", "seconds", "move", "prompt", "negative"},
    "voice": {"language", "speaker", "seed"},
    "music": {"seconds", "seed"},
    "sound": {"seconds", "seed"},
    "ear": {"language"},
    "eye": {"like"},
    "critic": {"seed"},
}
"""What may be wished for with each kind of model."""

MAX_SOUND_BYTES = 500_000_000
MAX_QUESTIONS = 16
"""As many as `Judge` holds."""
Drawn = Callable[[Draw], Still]
Planned = Callable[[Draft], Board]


class Wish(Frozen):
    """What may be asked of a single model beside its words; None leaves it to a sensible default."""

    seconds: Time | None = Field(default=None, gt=0, le=600)
    move: Move | None = None
    language: str | None = None
    speaker: str | None = None
    """Which of the voice's own speakers."""
    prompt: str | None = Field(default=None, max_length=2000)
    """What should happen in a clip."""
    negative: str | None = Field(default=None, max_length=1000)
    """What must not be seen."""
    source: Path | None = None
    """A picture to start from."""
    strength: float | None = Field(default=None, gt=0, le=1)
    """How far to move away from `source`."""
    mask: Path | None = None
    """A picture whose white parts are drawn anew in `source`."""
    like: tuple[Path, ...] | None = Field(default=None, min_length=1, max_length=4)
    """Pictures of who is seen, or pictures to compare one with."""

    def given(self) -> set[str]:
        """Return the names of what was wished for."""
        return {name for name in type(self).model_fields if getattr(self, name) is not None}


def read_wish(given: dict[str, Any]) -> Wish:
    """Return the wish that `given` spells. Raises UsageError when a value cannot be right."""
    try:
        return Wish(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{first['loc'][0]}: {first['msg']} (it is {first['input']!r})") from error


def ask_for(
    kind: str,
    words: str | Sequence[str],
    wish: Wish,
    settings: Settings,
    store: Store,
    plan: Planned,
    draw: Drawn,
    honours: frozenset[str] = frozenset(),
) -> Frozen:
    """Return the ask that `words` mean to a model of this kind: a sentence, a prompt, moods, sounds or a file.

    To a model that looks, several of them are a picture and the texts or questions about it, each for itself; to any
    other they are one text. `honours` names the optional fields of asks that the model takes.

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
    parts = (words,) if isinstance(words, str) else tuple(words)
    words = " ".join(parts)
    if not words.strip():
        raise UsageError(
            f"there is nothing to give to a {kind} model", hint=f"for example `{EXAMPLES[kind]}`"
        )
    seed = settings.seed if settings.seed is not None else 7
    if kind == "text":
        return _draft(words, wish, seed)
    if kind == "picture":
        return _wished(_draw(words, settings, seed, plan), wish, store)
    if kind == "motion":
        return _animate(words, wish, settings, seed, store, plan, draw, honours)
    if kind == "voice":
        language = wish.language or guess_language(words)
        return Speak(text=words, language=language, voice=wish.speaker, seed=seed)
    if kind == "music":
        return _compose(words, wish.seconds or Fraction(20), seed, honours)
    if kind == "sound":
        return _foley(words, wish.seconds or Fraction(8), seed, honours)
    if kind == "eye":
        return _look(parts, wish, store)
    if kind == "critic":
        return _judge(parts, seed, store)
    return Listen(sound=_sound_file(words, store), language=wish.language)


EXAMPLES = {
    "text": 'kamishibai try text:planner "A fox found a lantern."',
    "picture": 'kamishibai try picture:papercut "a fox under a tree at night"',
    "motion": "kamishibai try motion:camera picture.png --move push --seconds 4",
    "voice": 'kamishibai try voice:hibari "Once upon a time."',
    "music": "kamishibai try music:musicbox calm --seconds 20",
    "sound": 'kamishibai try sound:foley "rain, owl" --seconds 8',
    "ear": "kamishibai try ear:whisper talk.wav",
    "eye": 'kamishibai try eye:clip picture.png "a fox" "a ship"',
    "critic": 'kamishibai try critic:llava picture.png "Is there a lantern in the picture?"',
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
    return draw_ask(board, board.scenes[0], width, height)


def _wished(ask: Draw, wish: Wish, store: Store) -> Draw:
    """Return `ask` with what was wished for beside its words."""
    if wish.mask is not None and wish.source is None:
        raise UsageError("--mask says which part of a picture is drawn anew", hint="add --from PICTURE")
    if wish.strength is not None and wish.source is None:
        raise UsageError("--strength says how far to move away from a picture", hint="add --from PICTURE")
    changes: dict[str, Any] = {}
    if wish.negative is not None:
        changes["negative"] = wish.negative
    if wish.source is not None:
        changes["source"] = _photo(wish.source, store).image
    if wish.strength is not None:
        changes["strength"] = wish.strength
    if wish.mask is not None:
        changes["mask"] = _photo(wish.mask, store).image
    if wish.like is not None:
        changes["references"] = tuple(
            Reference(who=f"like{n}", image=_photo(path, store).image) for n, path in enumerate(wish.like, 1)
        )
    return ask.model_copy(update=changes)


def _animate(
    words: str,
    wish: Wish,
    settings: Settings,
    seed: int,
    store: Store,
    plan: Planned,
    draw: Drawn,
    honours: frozenset[str],
) -> Animate:
    still, prompt = None, wish.prompt or ""
    if _is_file(words):
        if "still" not in honours:
            raise UsageError(
                "this model makes clips from words alone; it has no use for a picture",
                where=words,
                hint='for example `kamishibai try motion:modelscope "a fox runs through the rain"`',
            )
        still = _photo(Path(words), store)
    elif re.search(r"\.(png|jpe?g|webp|gif)$", words, re.IGNORECASE):
        raise UsageError("there is no such picture", where=words, hint=f"for example `{EXAMPLES['motion']}`")
    else:
        prompt = prompt or words
        if "still" in honours:
            still = draw(_draw(words, settings, seed, plan))
    if wish.prompt is not None and "prompt" not in honours:
        raise UsageError("this model does not read words", hint="leave --prompt out")
    aspect = settings.aspect or (_nearest_aspect(still.width / still.height) if still else "16:9")
    width, height = frame_size(aspect, settings.size)
    return Animate(
        still=still,
        seconds=wish.seconds or Fraction(4),
        move=wish.move or "push",
        width=width,
        height=height,
        fps=settings.fps,
        prompt=prompt if "prompt" in honours else "",
        negative=wish.negative or "",
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


def _photo(path: Path, store: Store) -> Still:
    """Return a picture file, kept as PNG."""
    from kamishibai.media.photo import read_photo
    from kamishibai.media.picture import encode_png

    pixels = read_photo(path)
    image = store.save(encode_png(pixels, level=6), "image/png")
    return Still(image=image, width=pixels.shape[1], height=pixels.shape[0])


def _compose(words: str, seconds: Fraction, seed: int, honours: frozenset[str]) -> Compose:
    moods = [mood for mood in re.split(r"[,\s]+", words.lower()) if mood]
    if "words" in honours and not set(moods) <= set(get_args(Mood)):
        mood = next((word.strip(".;:!?") for word in moods if word.strip(".;:!?") in get_args(Mood)), "calm")
        act = Act.model_validate({"start": Fraction(0), "end": seconds, "mood": mood})
        return Compose(seconds=seconds, acts=(act,), prompt=" ".join(words.split()), seed=seed)
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


def _foley(words: str, seconds: Fraction, seed: int, honours: frozenset[str]) -> Foley:
    names = [" ".join(name.split()) for name in words.lower().split(",") if name.strip()]
    beds = {name for name in names if name in AMBIENCES or ("words" in honours and _is_bed(name))}
    effects = [name for name in names if name not in beds]
    cues = []
    for name in names:
        if name in beds:
            cues.append(Cue(name=name, kind="ambience", start=Fraction(0), end=seconds))
            continue
        start = seconds * effects.index(name) / (len(effects) + 1) + min(Fraction(1, 2), seconds / 4)
        cues.append(Cue(name=name, kind="effect", start=start, end=seconds))
    return Foley(seconds=seconds, cues=tuple(cues), seed=seed)


def _is_bed(name: str) -> bool:
    """Say whether a description is of a place and of nothing that happens: ``rain on leaves``, and not ``a dog in rain``."""
    from kamishibai.models.sound.names import resolve

    known = {resolve(word) for word in name.split()} - {None}
    return bool(known) and known <= AMBIENCES


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


_PICTURE = re.compile(r"(.*?\.(?:png|jpe?g|webp))(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)


def _look(parts: Sequence[str], wish: Wish, store: Store) -> Look:
    """Return the ask for a picture and the texts and pictures that it is compared with."""
    path, texts = _picture_and_words(parts, "eye")
    if not texts and not wish.like:
        raise UsageError(
            "there is nothing to compare the picture with",
            where=str(path),
            hint=f"add words, as in `{EXAMPLES['eye']}`, or --like PICTURE",
        )
    pictures = tuple(_photo(other, store).image for other in wish.like or ())
    return Look(image=_photo(path, store).image, texts=texts, pictures=pictures)


def _judge(parts: Sequence[str], seed: int, store: Store) -> Judge:
    """Return the ask for a picture and the questions about it; without questions it is described."""
    path, questions = _picture_and_words(parts, "critic")
    if len(questions) > MAX_QUESTIONS:
        raise UsageError(
            f"these are {len(questions)} questions; {MAX_QUESTIONS} are the most", hint="ask in several goes"
        )
    image = _photo(path, store).image
    return Judge(image=image, questions=questions, describe=not questions, seed=seed)


def _picture_and_words(parts: Sequence[str], kind: str) -> tuple[Path, tuple[str, ...]]:
    """Return the picture file and the texts after it, given one by one or all in one: ``picture.png a fox``."""
    first, rest = parts[0], tuple(parts[1:])
    if not rest and not _is_file(first):
        found = _PICTURE.fullmatch(first.strip())
        if found is not None:
            first, rest = found[1], (found[2] or "",)
    if not _is_file(first):
        raise UsageError(
            "there is no such picture", where=first[:200], hint=f"for example `{EXAMPLES[kind]}`"
        )
    texts = (" ".join(text.split()) for text in rest)
    return Path(first), tuple(dict.fromkeys(text for text in texts if text))
