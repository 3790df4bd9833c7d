"""voice:hibari: an English reader's voice on one CPU core, with word times out of the network itself.

Hibari (Apache-2.0) predicts, for every phoneme, how many 25 ms frames it lasts, and then the sound. The
published graph keeps the durations to itself; `expose` declares that inner tensor an output by appending
a few bytes to the model, so that each word's time is known exactly and no aligner is needed.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.abbreviations import SYMBOLS
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.reading_time import reading_words
from kamishibai.documents.spoken import SpokenWord, is_english, read_aloud, shown_words, spoken_text
from kamishibai.documents.time import sample_at, samples_to_time
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.media.sound import RATE_HZ, encode_wav, resample
from kamishibai.media.speech import active_span, audible, fade_ends, join, level, soften_hiss
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Speak, Speech
from kamishibai.models.voice.onnx_outputs import expose
from kamishibai.models.voice.phonemes import PhonemeReader
from kamishibai.models.voice.spoken_pieces import timed

__all__ = ["Hibari"]

MODEL_SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
DURATIONS = "/Cast_32_output_0"
"""The graph's own name for the frames of each phoneme id: int64, (ids,)."""
MODEL_RATE_HZ = 24_000
FRAME = 600
"""Samples a duration frame: 25 ms."""
LONGEST = 380
"""Phonemes in one pass; the network was trained on single sentences."""
HEAD_S, TAIL_S = 0.06, 0.14
EDGE_S = 0.03
"""Kept before the first and after the last audible frame of a sentence, and faded."""
ONSET_LEAD = 960
"""The network's frames lag the sound: 40 ms in the median over 85 onsets after silence."""
SNAP_S = (-0.12, 0.08)
"""How far from its frame a word after a pause may begin; there the sound itself says when."""

Mono = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Sentence:
    """One pass of the network: cut to what is audible, with each word's (start, end) in samples."""

    sound: Mono
    times: tuple[tuple[int, int], ...]


class Hibari(Model[Speak, Speech]):
    """Reads English aloud in the voice that ships with the package (``heart``, American, female)."""

    id: ClassVar[str] = "voice:hibari"
    version: ClassVar[str] = "2"
    varies: ClassVar[bool] = False
    asks: ClassVar[type[Frozen]] = Speak
    supports: ClassVar[frozenset[str]] = frozenset({"seed"})
    batch = 16

    class Options(Frozen):
        """How the lines are read."""

        speed: float = Field(default=0.82, ge=0.5, le=2.0)
        """1 is the voice's own pace, about 205 words a minute; a storyteller takes her time."""
        sentence_pause_s: float = Field(default=0.42, ge=0.0, le=5.0)
        """Silence between two sentences of a line, in seconds."""
        paragraph_pause_s: float = Field(default=0.80, ge=0.0, le=10.0)
        """Silence between two paragraphs of a line, in seconds."""
        loudness_lufs: float = Field(default=-20.0, ge=-40.0, le=-10.0)
        """How loud every line is made."""
        peak_dbtp: float = Field(default=-3.0, ge=-20.0, le=-0.1)
        """No peak rises above this."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._session: Any = None
        self._reader: Any = None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of the voice."""
        return (
            Licence(
                name="Apache-2.0",
                commercial=True,
                attribution="Voice: Hibari (voice “heart”, after Kokoro-82M)",
                source="hibari-tts 0.2.1",
            ),
        )

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine."""
        return Needs(memory_mb=180, disk_mb=16)

    def weights(self) -> str:
        """Return the content hash of the network."""
        return MODEL_SHA256

    def load(self) -> None:
        """Bring network and dictionaries into memory. Raises ModelError when the file is not the pinned one."""
        if self.variant not in {"", "heart"}:
            raise ModelError(
                f"voice:hibari has one voice, heart, not {self.variant!r}", hint="use voice:hibari"
            )
        import onnxruntime
        from hibari.g2p import G2P

        data = (files("hibari") / "assets" / "hibari.onnx").read_bytes()
        found = hashlib.sha256(data).hexdigest()
        if found != MODEL_SHA256:
            raise ModelError(
                "the voice's network is not the one that word times are known for",
                where=f"hibari.onnx (sha256 {found[:12]}…, expected {MODEL_SHA256[:12]}…)",
                hint="pip install --force-reinstall hibari-tts==0.2.1",
            )
        options = onnxruntime.SessionOptions()
        # One thread: on a few busy cores this small network is many times slower with two.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            expose(data, DURATIONS), options, providers=["CPUExecutionProvider"]
        )
        self._reader = PhonemeReader(G2P())

    def unload(self) -> None:
        """Give the memory back."""
        self._session = self._reader = None

    def run(self, asks: Sequence[Speak], desk: Desk) -> list[Speech]:
        """Answer every ask, in order.

        Raises
        ------
        UnsupportedError
            When a line is in a language or script that this voice cannot speak.
        """
        for ask in asks:
            _refuse_what_it_cannot_say(ask)
        takes = []
        for index, ask in enumerate(asks):
            takes.append(self._speak(ask, desk))
            desk.progress((index + 1) / len(asks))
        return takes

    def _speak(self, ask: Speak, desk: Desk) -> Speech:
        words = read_aloud(ask.text, ask.language)
        if not any(word.spoken for word in words):
            times, seconds = reading_words(ask.text)
            silence = np.zeros((1, sample_at(seconds, RATE_HZ)), np.float32)
            return Speech(
                sound=desk.save(encode_wav(silence), "audio/wav"),
                seconds=samples_to_time(silence.shape[1], RATE_HZ),
                words=times,
                spoken="",
            )
        spans: dict[int, tuple[int, int]] = {}
        last_pause = 0
        pieces: list[tuple[int, Mono]] = []
        at = round(HEAD_S * MODEL_RATE_HZ)
        noise = np.random.Generator(np.random.PCG64(ask.seed))
        for chunk, pause_s in self._chunks(words):
            said = self._say([words[i] for i in chunk], noise)
            if said is None:
                continue
            edge = round(EDGE_S * MODEL_RATE_HZ)
            pieces.append((at - edge, said.sound))
            for i, (start, end) in zip(chunk, said.times, strict=True):
                spans[i] = (at - edge + start, at - edge + end)
            at += len(said.sound) - 2 * edge + round(pause_s * MODEL_RATE_HZ)
            last_pause = round(pause_s * MODEL_RATE_HZ)
        samples = at - last_pause + round(TAIL_S * MODEL_RATE_HZ)
        sound = resample(join(pieces, samples)[None, :], MODEL_RATE_HZ, RATE_HZ)[0]
        sound = level(sound, self.options.loudness_lufs, self.options.peak_dbtp)
        return Speech(
            sound=desk.save(encode_wav(sound[None, :]), "audio/wav"),
            seconds=samples_to_time(len(sound), RATE_HZ),
            words=timed(words, spans, samples, MODEL_RATE_HZ),
            spoken=spoken_text(words),
        )

    def _chunks(self, words: Sequence[SpokenWord]) -> Iterator[tuple[list[int], float]]:
        """Yield the spoken words of each pass of the network and the pause after it, in seconds."""
        pauses = {"sentence": self.options.sentence_pause_s, "paragraph": self.options.paragraph_pause_s}
        chunk: list[int] = []
        for index, word in enumerate(words):
            if word.spoken:
                chunk.append(index)
            if chunk and word.ends:
                yield from self._fitting(words, chunk, pauses[word.ends])
                chunk = []
        if chunk:
            yield from self._fitting(words, chunk, 0.0)

    def _fitting(
        self, words: Sequence[SpokenWord], chunk: list[int], pause_s: float
    ) -> Iterator[tuple[list[int], float]]:
        """Split what is too long for one pass at its best comma."""
        lengths = [len(p) + 1 for p in self._reader.phonemes([words[i] for i in chunk])]
        if sum(lengths) <= LONGEST or len(chunk) < 2:
            yield chunk, pause_s
            return
        middle = sum(lengths) / 2
        best, at, so_far = None, len(chunk) // 2, 0
        for position, length in enumerate(lengths[:-1]):
            so_far += length
            cost = abs(so_far - middle) / middle + (0.0 if words[chunk[position]].mark else 0.6)
            if best is None or cost < best:
                best, at = cost, position + 1
        comma = 0.25 if words[chunk[at - 1]].mark else 0.08
        yield from self._fitting(words, chunk[:at], comma * self.options.sentence_pause_s / 0.42)
        yield from self._fitting(words, chunk[at:], pause_s)

    def _say(self, words: Sequence[SpokenWord], noise: np.random.Generator) -> _Sentence | None:
        from hibari import dsp

        ids, owner = self._reader.ids(words)
        if len(ids) < 3:
            return None
        outputs = self._session.run(
            None, {"ids": np.asarray([ids], np.int64), "speed": np.asarray([self.options.speed], np.float32)}
        )
        *spectrum, durations = outputs
        sound: Mono = dsp.synth(*(part[0] for part in spectrum), noise)
        edges = np.concatenate([[0], np.cumsum(np.asarray(durations).ravel())]) * FRAME
        if len(edges) != len(ids) + 1:
            raise ModelError("the voice's network gave times for other phonemes than it was asked for")
        sound = soften_hiss(sound, MODEL_RATE_HZ)
        first, last = active_span(sound, MODEL_RATE_HZ)
        if last <= first:
            return None
        edge = round(EDGE_S * MODEL_RATE_HZ)
        cut = np.zeros(last - first + 2 * edge, np.float32)
        begin, end = max(0, first - edge), min(len(sound), last + edge)
        cut[begin - (first - edge) : end - (first - edge)] = sound[begin:end]
        cut = fade_ends(cut, edge // 2, edge)
        times: list[tuple[int, int]] = []
        for index in range(len(words)):
            mine = np.flatnonzero(owner == index)
            if len(mine):
                start, stop = int(edges[mine[0]]), int(edges[mine[-1] + 1])
            else:
                start = stop = times[-1][1] + ONSET_LEAD if times else first
            times.append((max(first, start - ONSET_LEAD), min(last, stop - ONSET_LEAD)))
        pauses = [bool(word.mark) for word in words]
        times = _snapped(times, pauses, *audible(sound, MODEL_RATE_HZ))
        return _Sentence(cut, tuple((a - first + edge, b - first + edge) for a, b in times))


def _snapped(
    times: Sequence[tuple[int, int]], pauses: Sequence[bool], loud: npt.NDArray[np.bool_], step: int
) -> list[tuple[int, int]]:
    """Let words beside a pause begin and end where the sound does; keep all in order, none without length."""
    early, late = (round(s * MODEL_RATE_HZ) // step for s in SNAP_S)
    quiet_frames = 12
    out: list[tuple[int, int]] = []
    for index, (start, stop) in enumerate(times):
        frame = start // step
        if index == 0:
            start = int(np.flatnonzero(loud)[0]) * step
        elif pauses[index - 1]:
            for k in range(max(quiet_frames, frame + early), min(len(loud), frame + late)):
                if loud[k] and not loud[k - quiet_frames : k].any():
                    start = k * step
                    break
        if pauses[index] or index == len(times) - 1:
            heard = np.flatnonzero(loud[start // step : -(-stop // step)])
            if len(heard):
                stop = min(stop, (start // step + int(heard[-1]) + 1) * step)
        if out:
            start = max(start, out[-1][0] + step)
            out[-1] = (out[-1][0], min(out[-1][1], start))
        out.append((start, max(stop, start + step)))
    return out


def _refuse_what_it_cannot_say(ask: Speak) -> None:
    excerpt = " ".join(ask.text.split())[:60]
    hint = "use --voice none for a silent film with captions, or a voice back-end that speaks it"
    if ask.voice not in {None, "heart", "hibari", "voice:hibari", "voice:hibari:heart"}:
        raise UnsupportedError(
            f"voice:hibari has one voice, heart, not {ask.voice!r}",
            where=f"“{excerpt}”",
            hint="remove `voice`",
        )
    if not is_english(ask.language):
        raise UnsupportedError(
            f"voice:hibari speaks English, not {ask.language!r}", where=f"“{excerpt}”", hint=hint
        )
    for word in shown_words(ask.text):
        stranger = next((c for c in word.shown if _foreign(c)), None)
        if stranger is None or (
            stranger in SYMBOLS and not any(c.isalpha() for c in word.shown if c != stranger)
        ):
            continue
        name = unicodedata.name(stranger, "an unknown").split(" ")[0]
        script = {"CJK": "Chinese or Japanese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese"}.get(
            name, name.capitalize()
        )
        raise UnsupportedError(
            f"voice:hibari speaks English, and cannot read {script} script ({stranger})",
            where=f"“{excerpt}”",
            hint=hint,
        )


def _foreign(character: str) -> bool:
    """Say whether a character is a letter of another script than Latin."""
    if not character.isalpha():
        return False
    plain = unicodedata.normalize("NFKC", character)[0]
    return not unicodedata.name(plain, "").startswith(("LATIN", "MODIFIER", "FEMININE", "MASCULINE"))
