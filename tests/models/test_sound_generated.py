"""sound:audioldm2 and sound:stable-audio on tiny checkpoints: each cue for itself, words, seeds, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desks import RecordingDesk
from kamishibai.errors import Cancelled, ModelError, UnknownModelError, UnsupportedError
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.models import registry
from kamishibai.models.kinds import Cue, Foley, Sound
from kamishibai.models.sound.generated import GeneratedSound
from kamishibai.weights.checkpoint import digest, licence_of, locate
from kamishibai.work.call import Call, keyed

pytestmark = [pytest.mark.slow]
Tiny = Callable[[str], Path]
NAMES = ("audioldm2", "stable-audio")
QUICK = {"steps": 3, "seconds_per_sound": 2}
SECONDS = Fraction(4)


def effect(name: str, start: str, **more: Any) -> Cue:
    return Cue(name=name, kind="effect", start=Fraction(start), end=SECONDS, **more)


def scene(*cues: Cue, seed: int = 3) -> Foley:
    return Foley(seconds=SECONDS, cues=cues, seed=seed)


def loaded(folder: Path, **options: Any) -> Iterator[GeneratedSound]:
    # A changed copy keeps the name of what it is a copy of.
    name = next(name for name in NAMES if name in folder.name)
    model = registry.make(f"sound:{name}:{folder}", {**QUICK, **options})
    assert isinstance(model, GeneratedSound)
    model.load()
    yield model
    model.unload()


@pytest.fixture(params=NAMES)
def artist(request: pytest.FixtureRequest, tiny: Tiny) -> Iterator[GeneratedSound]:
    yield from loaded(tiny(request.param))


def heard(model: GeneratedSound, *asks: Foley) -> list[np.ndarray]:
    desk = RecordingDesk()
    return [decode_wav(desk.open(take.sound))[0] for take in model.run(asks, desk)]


# ------------------------------------------------------------------------------------------ cues
def test_adding_a_cue_leaves_every_other_bit_for_bit(artist: GeneratedSound) -> None:
    # In 16 bits a sum is its parts, but for the rounding of each.
    owl, bell = effect("owl", "0.5"), effect("tin can", "2", pan=-0.5)
    one, other, both, turned = heard(artist, scene(owl), scene(bell), scene(owl, bell), scene(bell, owl))
    assert np.array_equal(both[:, : 2 * RATE_HZ], one[:, : 2 * RATE_HZ])
    assert np.abs(both - one - other).max() <= 1.6 / 32768
    assert np.array_equal(both, turned)


def test_a_name_that_comes_twice_is_made_once(artist: GeneratedSound) -> None:
    desk = RecordingDesk()
    artist.run([scene(effect("knock", "0.5"), effect("knock", "2"))], desk)
    assert sum(done < 1 for done, _ in desk.reported) == QUICK["steps"]


def test_effects_begin_at_their_moment(artist: GeneratedSound) -> None:
    (track,) = heard(artist, scene(effect("thud", "1.25")))
    onset = int(np.argmax(np.abs(track).max(axis=0) > 0.05 * np.abs(track).max())) / RATE_HZ
    assert onset == pytest.approx(1.25, abs=0.01)


def test_an_ambience_longer_than_the_model_makes_fills_its_span(artist: GeneratedSound) -> None:
    bed = Cue(name="rain", kind="ambience", start=Fraction(0), end=Fraction(9))
    (track,) = heard(artist, Foley(seconds=Fraction(9), cues=(bed,), seed=1))
    hops = track[:, RATE_HZ : 8 * RATE_HZ].reshape(2, -1, RATE_HZ // 4)
    assert (np.abs(hops).max(axis=(0, 2)) > 1e-3).all()


def test_more_seconds_than_stable_audio_reaches_are_its_longest(tiny: Tiny) -> None:
    for model in loaded(tiny("stable-audio"), seconds_per_sound=40):
        sound, rate_hz = model.make("rain", 1, lambda part: None)
        assert sound.shape == (2, 8192)
        assert rate_hz == 4000


# ------------------------------------------------------------------------------------------ words and seeds
def test_words_seed_negative_and_guidance_change_the_sound(tiny: Tiny) -> None:
    for name in NAMES:
        for model in loaded(tiny(name)):
            plain, same, other, seeded = (
                heard(model, scene(effect(word, "0"), seed=seed))[0]
                for word, seed in (("rattle", 3), ("rattle", 3), ("whirr", 3), ("rattle", 4))
            )
        assert np.array_equal(plain, same)
        assert not np.array_equal(plain, other)
        assert not np.array_equal(plain, seeded)
        for options in ({"negative": "thunder"}, {"negative": ""}, {"guidance": 12}, {"steps": 4}):
            for model in loaded(tiny(name), **options):
                assert not np.array_equal(heard(model, scene(effect("rattle", "0")))[0], plain)


def test_the_same_scene_is_the_same_alone_and_after_others(artist: GeneratedSound) -> None:
    one, other = scene(effect("owl", "0"), seed=1), scene(effect("owl", "0"), seed=2)
    (alone,) = heard(artist, other)
    _, after = heard(artist, one, other)
    assert np.array_equal(alone, after)


def test_where_it_runs_is_in_no_key_and_how_it_sounds_is(tiny: Tiny) -> None:
    def key(**options: Any) -> str:
        id_ = f"sound:audioldm2:{tiny('audioldm2')}"
        return keyed([Call("sound", "s1", id_, scene(), Sound, options)])[0].key

    assert key() == key(device="cpu")
    assert len({key(), key(steps=7), key(dtype="float16")}) == 3


def test_it_stops_at_the_next_step_when_asked_to(artist: GeneratedSound) -> None:
    desk = RecordingDesk(stop_after=2)
    with pytest.raises(Cancelled):
        artist.run([scene(effect("owl", "0"), effect("bell", "1"))], desk)
    assert [note for _, note in desk.reported] == ["owl", "owl"]


# ------------------------------------------------------------------------------------------ faults
def reweighted(source: Path, folder: Path, file: str, change: Callable[[str, Any], None]) -> Path:
    from safetensors.torch import load_file, save_file

    shutil.copytree(source, folder)
    weights = load_file(folder / file)
    for name, tensor in weights.items():
        change(name, tensor)
    save_file(weights, folder / file, metadata={"format": "pt"})
    return folder


def test_a_sound_that_stays_silent_is_left_out_and_said_so(tiny: Tiny, tmp_path: Path) -> None:
    folder = reweighted(
        tiny("audioldm2"), tmp_path / "audioldm2", "vocoder/model.safetensors", lambda name, t: t.zero_()
    )
    for model in loaded(folder, retakes=1):
        desk = RecordingDesk()
        (take,) = model.run([scene(effect("owl", "0"))], desk)
        assert take.left_out == ("owl",)
        assert desk.warnings == ["the sound 'owl' came out silent"] * 2 + ["the sound 'owl' is left out"]


def test_a_sound_of_no_numbers_is_left_out_and_said_so(tiny: Tiny, tmp_path: Path) -> None:
    def broken(name: str, tensor: Any) -> None:
        if name.startswith("decoder") and name.endswith("bias"):
            tensor.fill_(float("nan"))

    folder = reweighted(
        tiny("stable-audio"),
        tmp_path / "stable-audio",
        "vae/diffusion_pytorch_model.safetensors",
        broken,
    )
    for model in loaded(folder, retakes=0):
        desk = RecordingDesk()
        (take,) = model.run([scene(effect("owl", "0"))], desk)
        assert take.left_out == ("owl",)
        assert "broken" in desk.warnings[0]


# ------------------------------------------------------------------------------------------ weights
def test_the_language_model_that_the_hub_misnames_is_opened_as_what_it_is(tiny: Tiny) -> None:
    index = json.loads((tiny("audioldm2") / "model_index.json").read_text())
    assert index["language_model"] == ["transformers", "GPT2Model"]
    for model in loaded(tiny("audioldm2")):
        assert type(model._pipe.language_model).__name__ == "GPT2LMHeadModel"


@pytest.mark.parametrize("name", NAMES)
def test_checkpoints_that_make_sound_are_found_keyed_and_kept_from_other_jobs(
    tiny: Tiny, tmp_path: Path, name: str
) -> None:
    found = locate(str(tiny(name)), "sound")
    assert (found.family.name, found.family.kind) == (name, "sound")
    moved = shutil.copytree(tiny(name), tmp_path / "moved")
    assert digest(locate(str(moved), "sound")) == digest(found)
    assert not licence_of(found).commercial
    for kind in ("picture", "motion"):
        with pytest.raises(UnsupportedError, match="makes sounds") as caught:
            locate(str(tiny(name)), kind)
        assert f"--sound {name}:" in str(caught.value.hint)


def test_weights_of_another_kind_are_refused_with_the_option_that_takes_them(tiny: Tiny) -> None:
    with pytest.raises(UnsupportedError, match="draws pictures"):
        registry.make(f"sound:audioldm2:{tiny('sd15')}").weights()
    with pytest.raises(UnsupportedError) as caught:
        registry.make(f"sound:audioldm2:{tiny('stable-audio')}").weights()
    assert "--sound stable-audio:" in str(caught.value.hint)
    with pytest.raises((UnsupportedError, ModelError)):
        registry.make(f"sound:stable-audio:{tiny('musicgen')}").weights()


@pytest.mark.parametrize("name", NAMES)
def test_pickles_foreign_code_and_gaps_are_refused_before_any_work(
    tiny: Tiny, tmp_path: Path, name: str
) -> None:
    part = "text_encoder/model.safetensors"
    pickled = shutil.copytree(tiny(name), tmp_path / "pickled")
    (pickled / part).rename(pickled / "text_encoder/pytorch_model.bin")
    with pytest.raises(ModelError, match="pickle"):
        registry.make(f"sound:{name}:{pickled}").weights()

    foreign = shutil.copytree(tiny(name), tmp_path / "foreign")
    index = json.loads((foreign / "model_index.json").read_text())
    (foreign / "model_index.json").write_text(json.dumps({**index, "vae": ["mine", "Vae"]}))
    with pytest.raises(ModelError, match="neither diffusers nor transformers"):
        registry.make(f"sound:{name}:{foreign}").weights()

    gone = shutil.copytree(tiny(name), tmp_path / "gone")
    shutil.rmtree(gone / "vae")
    with pytest.raises(ModelError, match="vae"):
        registry.make(f"sound:{name}:{gone}").weights()


def test_weights_that_are_not_here_are_told_with_the_command_that_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    for name in NAMES:
        with pytest.raises(UnknownModelError, match="not on this machine") as caught:
            registry.make(f"sound:{name}").weights()
        assert "kamishibai models pull" in str(caught.value.hint)


def test_keys_and_terms_cost_no_import_of_torch(tiny: Tiny) -> None:
    code = (
        "import sys; from kamishibai.models import registry\n"
        f"for n, p in (('audioldm2', {str(tiny('audioldm2'))!r}), ('stable-audio', {str(tiny('stable-audio'))!r})):\n"
        "    m = registry.make(f'sound:{n}:{p}')\n"
        "    print(m.weights(), m.terms(), m.takes_up(), m.placement())\n"
        "assert not {'torch', 'diffusers', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
