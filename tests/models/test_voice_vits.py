"""voice:vits and voice:speecht5 on tiny checkpoints: languages, speakers, lost letters, and what must not be loaded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.documents.spoken import shown_words
from kamishibai.errors import Cancelled, ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Speak, Speech
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

pytestmark = [pytest.mark.slow]

LINE = "A small fox found a lantern."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


def made(folder: Path, **options: Any) -> Model[Any, Any]:
    if folder.name.startswith("speecht5"):
        own = {"speaker": f"{folder}/speakers", "vocoder": f"{folder}/vocoder"}
        return registry.make(f"voice:speecht5:{folder}", {"device": "cpu", **own, **options})
    return registry.make(f"voice:vits:{folder}", {"device": "cpu", **options})


def loaded(folder: Path, **options: Any) -> Model[Any, Any]:
    model = made(folder, **options)
    model.load()
    return model


def say(model: Model[Any, Any], desk: StoreDesk, text: str = LINE, **fields: Any) -> Speech:
    take: Speech = model.run([Speak(text=text, **fields)], desk)[0]
    return take


@pytest.fixture
def copy(tiny: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a tiny checkpoint that a test may spoil."""
    return lambda name: Path(shutil.copytree(tiny(name), tmp_path / name))


def reword(path: Path, **said: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **said}))


# ------------------------------------------------------------------------------------------ both
@pytest.mark.parametrize("name", ["vits", "vits-multi", "speecht5"])
def test_another_seed_is_another_take_and_the_same_seed_the_same(
    tiny: Callable[[str], Path], desk: StoreDesk, name: str
) -> None:
    model = loaded(tiny(name))

    takes = [say(model, desk, "Yes.", seed=seed).sound.sha256 for seed in (1, 2, 1)]

    assert takes[0] == takes[2] != takes[1]


@pytest.mark.parametrize("name", ["vits-multi", "speecht5"])
def test_every_speaker_sounds_different_and_none_is_the_first(
    tiny: Callable[[str], Path], desk: StoreDesk, name: str
) -> None:
    model = loaded(tiny(name))

    speakers = model.speakers("en-GB")
    sounds = [say(model, desk, "Yes.", voice=speaker).sound for speaker in speakers]

    assert speakers == (("0", "1", "2") if name == "vits-multi" else ("ada", "bela"))
    assert len({sound.sha256 for sound in sounds}) == len(speakers)
    assert say(model, desk, "Yes.").sound == sounds[0]
    assert model.speakers("de") == ()


@pytest.mark.parametrize("name", ["vits", "vits-multi", "speecht5"])
def test_a_language_or_a_speaker_that_it_does_not_have_is_refused_before_any_work(
    tiny: Callable[[str], Path], name: str
) -> None:
    model = made(tiny(name))

    with pytest.raises(UnsupportedError, match="not 'de'"):
        model.settle(Speak(text="Hallo", language="de"))
    with pytest.raises(UnsupportedError, match="carla"):
        model.settle(Speak(text=LINE, voice="carla"))


@pytest.mark.parametrize("name", ["vits", "speecht5"])
def test_a_line_in_an_unknown_script_is_refused_and_never_silent(
    tiny: Callable[[str], Path], desk: StoreDesk, name: str
) -> None:
    with pytest.raises(UnsupportedError, match="none of the letters"):
        say(loaded(tiny(name)), desk, "你好，世界")


@pytest.mark.parametrize("name", ["vits", "speecht5"])
def test_letters_that_are_lost_in_a_line_are_told_of(
    tiny: Callable[[str], Path], desk: StoreDesk, name: str
) -> None:
    take = say(loaded(tiny(name)), desk, "He said. 世! So.")

    assert [w.text for w in take.words] == ["He", "said.", "世!", "So."]
    assert take.words[2].end <= take.words[3].start
    assert any("世" in note.text and note.warn for note in desk.notes)


@pytest.mark.parametrize("name", ["vits", "speecht5"])
def test_a_long_sentence_is_said_whole(tiny: Callable[[str], Path], desk: StoreDesk, name: str) -> None:
    text = ("the fox ran over the hill and then " * 12).strip()

    take = say(loaded(tiny(name)), desk, text)

    assert [w.text for w in take.words] == [w.shown for w in shown_words(text)]
    assert take.estimated
    assert take.words[-1].end <= take.seconds


@pytest.mark.parametrize("name", ["vits", "speecht5"])
def test_it_stops_when_asked_to(tiny: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    model = loaded(tiny(name))
    polls: list[int] = []

    def stop() -> bool:
        polls.append(1)
        return len(polls) > 3

    with StoreDesk(Store(tmp_path / "store"), stop=stop) as desk, pytest.raises(Cancelled):
        say(model, desk, "One. Two. Three. Four. Five. Six.")

    assert not model._placed.model._forward_pre_hooks  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "key"),
    [("vits", "decoder.conv_post.weight"), ("speecht5", "speech_decoder_postnet.feat_out.weight")],
)
def test_weights_that_are_no_numbers_are_an_error(
    copy: Callable[[str], Path], desk: StoreDesk, name: str, key: str
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = copy(name)
    weights = load_file(folder / "model.safetensors")
    weights[key][:] = np.nan
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    with pytest.raises(ModelError, match="not a number"):
        say(loaded(folder), desk, "Yes.")


@pytest.mark.parametrize("name", ["vits", "speecht5"])
def test_pickled_or_short_weights_are_refused(copy: Callable[[str], Path], name: str) -> None:
    folder = copy(name)
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        made(folder).weights()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickle"):
        made(folder).weights()


# ------------------------------------------------------------------------------------------ vits
@pytest.mark.parametrize(
    "option", [{"speaking_rate": 2.0}, {"noise_scale": 0.0}, {"noise_scale_duration": 0.1}]
)
def test_each_option_of_vits_changes_the_take(
    tiny: Callable[[str], Path], desk: StoreDesk, option: dict[str, float]
) -> None:
    plain, changed = say(loaded(tiny("vits")), desk), say(loaded(tiny("vits"), **option), desk)

    assert changed.sound != plain.sound
    if "speaking_rate" in option:
        assert changed.seconds < plain.seconds


@pytest.mark.parametrize(
    ("said", "missing"),
    [({"is_uroman": True}, "pip install uroman"), ({"phonemize": True}, "pip install phonemizer")],
)
def test_a_checkpoint_that_needs_another_package_says_which(
    copy: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, said: dict[str, bool], missing: str
) -> None:
    folder = copy("vits")
    reword(folder / "tokenizer_config.json", **said)
    monkeypatch.setattr("kamishibai.models.voice.vits.find_spec", lambda _: None)

    with pytest.raises(UnknownModelError, match=missing):
        made(folder).weights()


def test_a_checkpoint_that_does_not_say_its_language_is_told_it(copy: Callable[[str], Path]) -> None:
    folder = copy("vits")
    reword(folder / "tokenizer_config.json", language=None)

    with pytest.raises(UsageError, match="language=en"):
        made(folder).weights()
    assert made(folder, language="fr").settle(Speak(text="Bonjour", language="fr")).text == "Bonjour"


# ------------------------------------------------------------------------------------------ speecht5
def test_speecht5_needs_a_speaker_and_takes_zeros_only_when_told(
    tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    with pytest.raises(UsageError, match="needs a speaker"):
        made(tiny("speecht5"), speaker="").weights()

    zero = loaded(tiny("speecht5"), speaker="zero")
    assert say(zero, desk, "Yes.").sound != say(loaded(tiny("speecht5")), desk, "Yes.").sound


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(16, np.float32), "no direction"),
        (np.full(16, np.nan, np.float32), "no direction"),
        (np.ones(15, np.float32), r"\(16,\) floats"),
        (np.ones(16, np.int64), r"\(16,\) floats"),
        (np.array([{"a": 1}], dtype=object), "plain array"),
    ],
)
def test_a_speaker_that_is_no_vector_of_its_size_is_refused(
    tiny: Callable[[str], Path], tmp_path: Path, array: Any, said: str
) -> None:
    np.save(tmp_path / "who.npy", array, allow_pickle=True)

    with pytest.raises(ModelError, match=said):
        made(tiny("speecht5"), speaker=str(tmp_path / "who.npy")).weights()


def test_a_speaker_that_is_not_there_is_refused(tiny: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        made(tiny("speecht5"), speaker=str(tmp_path / "nobody.npy")).weights()
    with pytest.raises(UsageError, match=r"no \.npy files"):
        made(tiny("speecht5"), speaker=str(tmp_path)).weights()


def test_speaker_and_vocoder_count_by_what_is_in_them(copy: Callable[[str], Path]) -> None:
    folder = copy("speecht5")
    before = made(folder).weights()
    moved = Path(shutil.copytree(folder / "speakers", folder.parent / "elsewhere"))

    assert made(folder, speaker=str(moved)).weights() == before
    np.save(moved / "ada.npy", np.ones(16, np.float32), allow_pickle=False)
    assert made(folder, speaker=str(moved)).weights() != before


def test_a_vocoder_of_the_hubs_own_type_is_taken_and_another_model_is_not(
    copy: Callable[[str], Path],
) -> None:
    folder = copy("speecht5")
    reword(folder / "vocoder" / "config.json", model_type="hifigan")
    made(folder).load()

    with pytest.raises(UnsupportedError, match="speecht5"):
        made(folder, vocoder=str(folder)).weights()


def test_a_vocoder_for_other_bands_is_refused(copy: Callable[[str], Path]) -> None:
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    folder = copy("speecht5")
    config = SpeechT5HifiGanConfig.from_pretrained(folder / "vocoder")
    config.model_in_dim = 12
    SpeechT5HifiGan(config).save_pretrained(folder / "vocoder")

    with pytest.raises(ModelError, match="takes 12 bands"):
        made(folder).load()


def test_a_sentence_that_never_ends_is_stopped_and_told_of(
    tiny: Callable[[str], Path], desk: StoreDesk
) -> None:
    say(loaded(tiny("speecht5"), threshold=1.9), desk, "Yes.")
    stopped = [note for note in desk.notes if "was stopped there" in note.text and note.warn]
    desk.notes.clear()
    say(loaded(tiny("speecht5"), threshold=0.3), desk, "Yes.")

    assert stopped
    assert not desk.notes
