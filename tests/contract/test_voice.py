"""What every voice back-end owes: a sound, a time for every shown word, the same bytes for the same ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.documents.spoken import shown_words
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.media.sound import RATE_HZ, Samples, decode_wav
from kamishibai.media.speech import active_span, loudness_lufs
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Speak, Speech
from kamishibai.models.voice.hibari import Hibari
from kamishibai.models.voice.onnx_outputs import expose
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

LINES = [
    "A small fox found a glowing lantern in the dark forest.",
    "“Stop!” said Mr. O'Brien — and paid £5, at 7:30 p.m., to the FBI…",
    "Yes",
    "One. Two? Three!\n\nFour; five: six.",
    "{\\an8}'quoted' %{x} a:b \0 <b>bold</b> ,drawtext=text=no",
    "🦊 hello 🎉",
]
WORDLESS = ["", "…", "🎉 🎉", "— !? —", "\0\x07"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


ON_TORCH = ("voice:bark", "voice:vits", "voice:speecht5")
"""They take their weights from a tiny checkpoint of their name."""


def voices() -> list[Any]:
    """Return every voice; those on torch run with the slow tests."""
    return [
        pytest.param(id_, marks=pytest.mark.slow if id_ in ON_TORCH else ()) for id_ in registry.ids("voice")
    ]


@pytest.fixture(scope="module", params=voices())
def voice(request: pytest.FixtureRequest) -> Iterator[Model[Any, Any]]:
    if request.param in ON_TORCH:
        tiny: Callable[[str], Path] = request.getfixturevalue("tiny")
        folder = tiny(request.param.partition(":")[2])
        own = (
            {"speaker": f"{folder}/speakers", "vocoder": f"{folder}/vocoder"}
            if folder.name == "speecht5"
            else {}
        )
        model = registry.make(f"{request.param}:{folder}", {"device": "cpu", **own})
    else:
        model = registry.make(request.param)
    model.load()
    yield model
    model.unload()


@pytest.fixture(scope="module")
def hibari() -> Iterator[Hibari]:
    model = Hibari()
    model.load()
    yield model
    model.unload()


def say(model: Model[Any, Any], desk: StoreDesk, text: str, **fields: Any) -> tuple[Speech, Samples]:
    (take,) = model.run([Speak(text=text, **fields)], desk)
    samples, rate_hz = decode_wav(desk.open(take.sound))
    assert rate_hz == RATE_HZ
    return take, samples


@pytest.mark.parametrize("text", LINES + WORDLESS)
def test_every_shown_word_has_a_time_within_the_sound(
    voice: Model[Any, Any], desk: StoreDesk, text: str
) -> None:
    take, samples = say(voice, desk, text)

    assert samples.shape == (1, take.seconds * RATE_HZ)
    assert take.seconds > 0
    assert [(w.text, w.first, w.last) for w in take.words] == [
        (w.shown, w.first, w.last) for w in shown_words(text)
    ]
    at = Fraction(0)
    for word in take.words:
        assert at <= word.start < word.end <= take.seconds
        at = word.start


@pytest.mark.parametrize("text", WORDLESS)
def test_what_has_no_word_is_shown_in_silence(voice: Model[Any, Any], desk: StoreDesk, text: str) -> None:
    take, samples = say(voice, desk, text)

    assert take.spoken == ""
    assert not samples.any()


def test_the_same_ask_gives_the_same_take(voice: Model[Any, Any], desk: StoreDesk) -> None:
    asks = [Speak(text=line, seed=5) for line in LINES[:2]]

    together = voice.run(asks, desk)

    assert [voice.run([ask], desk)[0] for ask in asks] == together


def test_takes_come_in_the_order_of_the_asks(voice: Model[Any, Any], desk: StoreDesk) -> None:
    takes = voice.run([Speak(text=text) for text in ("one", "two words", "now three words")], desk)

    assert [len(take.words) for take in takes] == [1, 2, 3]


def test_samples_neither_clip_nor_click(voice: Model[Any, Any], desk: StoreDesk) -> None:
    _, samples = say(voice, desk, LINES[1])

    assert np.abs(samples).max() < 0.99
    assert np.abs(samples[0, :48]).max() < 0.01
    assert np.abs(samples[0, -48:]).max() < 0.01
    assert abs(float(samples.mean())) < 1e-3


def test_terms_and_id_are_stated(voice: Model[Any, Any]) -> None:
    assert registry.kind_of(voice.id) == "voice"
    assert voice.version
    assert all(licence.name for licence in voice.licence())


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        ("Bonjour le monde", "fr", "'fr'"),
        ("你好，世界", "en", "Chinese"),
        ("She said привет to me", "en-GB", "Cyrillic"),
        ("مرحبا", "ar", "'ar'"),
    ],
)
def test_hibari_names_what_it_cannot_speak_and_the_way_out(
    hibari: Hibari, desk: StoreDesk, text: str, language: str, named: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        hibari.run([Speak(text="fine"), Speak(text=text, language=language)], desk)

    assert text in str(caught.value)
    assert named in str(caught.value)
    assert "--voice none" in str(caught.value)


def test_hibari_reads_at_speech_level(hibari: Hibari, desk: StoreDesk) -> None:
    for text in ("Yes!", LINES[0], " ".join(LINES[:2])):
        _, samples = say(hibari, desk, text)
        lufs = loudness_lufs(samples[0])
        assert lufs is not None
        assert lufs == pytest.approx(-20.0, abs=0.6)
        assert np.abs(samples).max() <= 10 ** (-3 / 20) + 1e-3


def test_hibari_begins_and_ends_with_a_short_silence(hibari: Hibari, desk: StoreDesk) -> None:
    take, samples = say(hibari, desk, LINES[0])

    first, last = active_span(samples[0], RATE_HZ)

    assert first / RATE_HZ == pytest.approx(0.06, abs=0.012)
    assert float(take.seconds) - last / RATE_HZ == pytest.approx(0.14, abs=0.012)
    assert float(take.words[0].start) == pytest.approx(first / RATE_HZ, abs=0.012)
    assert float(take.words[-1].end) == pytest.approx(last / RATE_HZ, abs=0.012)


def test_hibari_pauses_between_sentences_and_longer_between_paragraphs(
    hibari: Hibari, desk: StoreDesk
) -> None:
    def pause(text: str) -> float:
        take, _ = say(hibari, desk, text)
        return float(take.words[2].start - take.words[1].end)

    assert pause("He ran. She sat.") == pytest.approx(0.42, abs=0.05)
    assert pause("He ran.\n\nShe sat.") == pytest.approx(0.80, abs=0.05)


def test_hibari_shows_figures_and_speaks_words(hibari: Hibari, desk: StoreDesk) -> None:
    take, _ = say(hibari, desk, "He paid £5 for it.")

    assert take.spoken == "He paid five pounds for it."
    assert [(w.text, w.spoken) for w in take.words if w.spoken] == [("£5", "five pounds")]


def test_hibari_reads_two_thousand_characters_in_one_breathless_sentence(
    hibari: Hibari, desk: StoreDesk
) -> None:
    text = ("the fox ran over the hill and then " * 60)[:2000]

    take, _ = say(hibari, desk, text)

    assert len(take.words) == len(text.split())
    assert 80 < take.seconds < 200


def test_hibari_refuses_a_network_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kamishibai.models.voice.hibari.MODEL_SHA256", "0" * 64)

    with pytest.raises(ModelError, match=r"hibari\.onnx"):
        Hibari().load()


def test_an_output_is_declared_by_appending_to_the_model() -> None:
    assert expose(b"model", "x") == b"model" + bytes(
        [0x3A, 11, 0x62, 9, 0x0A, 1, ord("x"), 0x12, 4, 0x0A, 2, 0x08, 7]
    )


@pytest.mark.parametrize("text", ["你好，世界。", "مرحبا بالعالم", "สวัสดี", "Привет, мир!", "Bonjour à tous"])
def test_silence_is_timed_for_any_script(desk: StoreDesk, text: str) -> None:
    take, samples = say(registry.make("voice:none"), desk, text, language="und")

    assert not samples.any()
    assert Fraction(13, 10) <= take.seconds < 4
    assert take.words[-1].end == take.seconds


def test_longer_lines_stand_longer_in_silence(desk: StoreDesk) -> None:
    model = registry.make("voice:none")

    short, _ = say(model, desk, LINES[0])
    long, _ = say(model, desk, " ".join([LINES[0]] * 4))

    assert long.seconds > 3 * short.seconds
