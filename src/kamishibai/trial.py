"""What one model made on its own: from its take to a file and a few facts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kamishibai.disk import write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Music, Score, Shot, Sound, Speech, Still, Transcript, Word
from kamishibai.documents.time import frame_at
from kamishibai.documents.yaml_storyboard import dump
from kamishibai.errors import UsageError
from kamishibai.models.kinds import Animate, Board, Look, Notes
from kamishibai.work.store import Store

__all__ = ["SUFFIX", "Scored", "Trial", "check_name", "keep"]

SUFFIX = {
    "text": ".yaml",
    "picture": ".png",
    "motion": ".mp4",
    "voice": ".wav",
    "music": ".wav",
    "sound": ".wav",
    "ear": ".txt",
    "eye": ".txt",
    "critic": ".txt",
}
"""How the file of each kind's result ends."""


class Scored(Frozen):
    """How well one text or one other picture fits a picture."""

    what: str
    """The text, or the other picture's file."""
    score: float
    """Cosine of the embeddings; models differ in their scale."""
    rank: int
    """1 is the best among its own: texts among texts, pictures among pictures."""
    picture: bool = False


class Trial(Frozen):
    """What one model made."""

    id: str
    kind: str
    path: Path | None
    """Where it lies; None for text that was not asked to be kept."""
    bytes: int = 0
    text: str = ""
    """The storyboard, what was heard, or what was seen."""
    facts: tuple[tuple[str, str], ...] = ()
    words: tuple[Word, ...] = ()
    scores: tuple[Scored, ...] = ()
    notes: Notes | None = None
    """What a critic saw and answered."""
    reused: bool = False
    """It was there already."""
    took_s: float = 0.0
    """Wall time it took when it was made."""


def check_name(kind: str, out: Path | None) -> None:
    """Raise UsageError when `out` does not end as this kind's results do."""
    if out is not None and out.suffix.lower() != SUFFIX[kind]:
        raise UsageError(
            f"what a {kind} model makes is saved as {SUFFIX[kind]}",
            where=str(out),
            hint=f"-o {out.with_suffix(SUFFIX[kind])}",
        )


def keep(
    id_: str,
    kind: str,
    ask: Frozen,
    take: Any,
    out: Path | None,
    store: Store,
    quality: str,
    *,
    like: Sequence[Path] = (),
) -> Trial:
    """Write what a model gave back to `out`, and return it with what there is to tell.

    `like`: the files of the pictures that a picture was compared with.
    """
    if isinstance(take, (Board, Transcript)):
        return _text(id_, kind, take, out)
    if isinstance(take, Score):
        assert isinstance(ask, Look)
        return _scores(id_, ask, take, out, like)
    if isinstance(take, Notes):
        return _seen(id_, take, out)
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


def _scores(id_: str, ask: Look, take: Score, out: Path | None, like: Sequence[Path]) -> Trial:
    scores = [
        *_ranked(ask.texts, take.texts, False),
        *_ranked([str(path) for path in like], take.pictures, True),
    ]
    text = "\n".join(f"{one.score:.4f}  {one.what}" for one in scores)
    return _written(id_, "eye", text, out).model_copy(update={"scores": tuple(scores)})


def _ranked(names: Sequence[str], values: Sequence[float], picture: bool) -> list[Scored]:
    """Return what was compared, in the order in which it was given."""
    order = sorted(values, reverse=True)
    return [
        Scored(what=name, score=value, rank=1 + order.index(value), picture=picture)
        for name, value in zip(names, values, strict=True)
    ]


def _seen(id_: str, take: Notes, out: Path | None) -> Trial:
    lines = [take.caption] if take.caption else []
    lines += [f"alt: {take.alt}"] if take.alt else []
    for one in take.answers:
        likely = "" if one.yes is None else f" ({one.verdict}, {one.yes:.2f} for yes)"
        lines += [one.question, f"  {one.said or 'nothing was said'}{likely}"]
    text = "\n".join(lines) or "nothing was said"
    return _written(id_, "critic", text, out).model_copy(update={"notes": take})


def _written(id_: str, kind: str, text: str, out: Path | None) -> Trial:
    data = (text + "\n").encode("utf-8")
    if out is not None:
        write_atomically(out, data)
    return Trial(id=id_, kind=kind, path=out, bytes=len(data), text=text)


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
