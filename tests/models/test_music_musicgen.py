"""music:musicgen on tiny checkpoints: lengths, tokens that go on exactly, acts, seeds, and what is refused."""

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
from kamishibai.errors import Cancelled, ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.media.joining import likeness
from kamishibai.media.loudness import measure
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.models import registry
from kamishibai.models.kinds import Act, Compose, Music
from kamishibai.models.music.continuing import Seams, Window
from kamishibai.models.music.musicgen import MusicGen
from kamishibai.work.call import Call, keyed

pytestmark = [pytest.mark.slow]
Tiny = Callable[[str], Path]
SHORT = {"window_s": 4, "overlap_s": 1}


def ask(seconds: str = "3", *moods: str, seed: int = 5, prompt: str = "") -> Compose:
    length = Fraction(seconds)
    moods = moods or ("calm",)
    each = length / len(moods)
    acts = [
        Act.model_validate({"start": each * n, "end": each * (n + 1), "mood": m}) for n, m in enumerate(moods)
    ]
    return Compose(seconds=length, acts=tuple(acts), seed=seed, prompt=prompt)


@pytest.fixture
def composer(tiny: Tiny) -> Iterator[MusicGen]:
    yield from loaded(tiny("musicgen"))


def loaded(folder: Path, **options: Any) -> Iterator[MusicGen]:
    model = registry.make(f"music:musicgen:{folder}", options)
    assert isinstance(model, MusicGen)
    model.load()
    yield model
    model.unload()


def heard(take: Music, desk: RecordingDesk) -> np.ndarray:
    samples, rate_hz = decode_wav(desk.open(take.sound))
    assert rate_hz == RATE_HZ
    return samples


def compose(model: MusicGen, *asks: Compose) -> list[np.ndarray]:
    desk = RecordingDesk()
    return [heard(take, desk) for take in model.run(asks, desk)]


def reweighted(tiny: Tiny, folder: Path, change: Callable[[str, Any], None]) -> Path:
    """Return a copy of the tiny MusicGen whose tensors were changed."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(tiny("musicgen"), folder)
    path = folder / "model.safetensors"
    weights = load_file(path)
    for name, tensor in weights.items():
        change(name, tensor)
    save_file(weights, path, metadata={"format": "pt"})
    return folder


# ------------------------------------------------------------------------------------------ length and level
@pytest.mark.parametrize("name", ["musicgen", "musicgen-stereo"])
@pytest.mark.parametrize("seconds", ["0.02", "0.5", "7.3", "65"])
def test_music_is_exactly_as_long_as_the_film(tiny: Tiny, name: str, seconds: str) -> None:
    if (name, seconds) in (("musicgen", "65"), ("musicgen-stereo", "7.3")):
        pytest.skip("once is enough")
    for model in loaded(tiny(name)):
        (samples,) = compose(model, ask(seconds))
        assert samples.shape == (2, round(float(seconds) * RATE_HZ))
        if float(seconds) > 1:
            assert measure(samples).lufs == pytest.approx(-20, abs=1)
            # Nothing is missing in the middle of it.
            hops = samples[:, : samples.shape[1] // 4800 * 4800].reshape(2, -1, 4800)[:, 1:-35]
            assert (np.abs(hops).max(axis=(0, 2)) > 0.005).all()


def test_a_mono_checkpoint_sounds_from_both_sides_and_a_stereo_one_from_either(tiny: Tiny) -> None:
    for name, same in (("musicgen", True), ("musicgen-stereo", False)):
        for model in loaded(tiny(name)):
            (samples,) = compose(model, ask())
            assert np.array_equal(samples[0], samples[1]) == same


# ------------------------------------------------------------------------------------------ going on
@pytest.mark.parametrize("name", ["musicgen", "musicgen-stereo"])
def test_a_window_goes_on_from_the_very_tokens_of_the_one_before(tiny: Tiny, name: str) -> None:
    import torch

    from kamishibai.models.music.sampling import Codec

    for model in loaded(tiny(name)):
        codec = Codec(model._placed, model._tokenizer, model.options)
        first, second = Window(0, 0, 150), Window(0, 60, 90)
        before, one = codec.compose("calm", None, first, 1, lambda step: None)
        after, other = codec.compose("happy", before, second, 2, lambda step: None)

        assert one.shape == (codec.channels, 150 * codec.hop)
        assert other.shape == (codec.channels, 150 * codec.hop)
        assert torch.equal(after[:, :60], before[:, 90:])
        assert not torch.equal(after[:, 60:120], before[:, 90:])

        # The tokens that were read on the way are those of the sound.
        audio = model._placed.model.audio_encoder
        with torch.no_grad():
            sides = [
                audio.decode(after[None, None, side :: codec.channels], [None]).audio_values[0, 0]
                for side in range(codec.channels)
            ]
        assert np.allclose(torch.stack(sides).numpy(), other, atol=1e-5)

        # Where the seam lies the same tokens decode to the same wave, within a thousandth.
        hop = codec.hop
        ends, begins = one[:, 130 * hop : 140 * hop], other[:, 40 * hop : 50 * hop]
        assert np.sqrt(np.mean((ends - begins) ** 2)) < 1e-3 * np.sqrt(np.mean(ends**2))
        assert likeness(ends, begins) > 0.99999


def test_joined_windows_are_the_sound_of_all_their_tokens_at_once(composer: MusicGen) -> None:
    import torch

    from kamishibai.models.music.sampling import Codec

    codec = Codec(composer._placed, composer._tokenizer, composer.options)
    seams, tokens, before, pieces = Seams(codec.hop), [], None, []
    for number, window in enumerate([Window(0, 0, 150), Window(0, 50, 120), Window(0, 60, 110)]):
        before, sound = codec.compose("calm", before, window, number, lambda step: None)
        tokens.append(before[:, window.heard :])
        pieces.append(seams.add(window, sound))
    pieces.append(seams.end())
    joined = np.concatenate(pieces, axis=1)
    with torch.no_grad():
        whole = composer._placed.model.audio_encoder.decode(torch.cat(tokens, 1)[None, None], [None])
    whole = whole.audio_values[0].numpy()
    assert joined.shape == whole.shape == (1, 380 * codec.hop)
    assert np.abs(joined - whole).max() < 2e-3 * np.abs(whole).max()


def test_no_seam_jumps_more_than_the_music_itself(tiny: Tiny) -> None:
    for model in loaded(tiny("musicgen"), **SHORT):
        (samples,) = compose(model, ask("13"))
        steps = np.abs(np.diff(samples[0]))
        seams = [round(n * RATE_HZ) for n in (3.9, 6.9, 9.9)]
        near = max(steps[at - RATE_HZ // 2 : at + RATE_HZ // 2].max() for at in seams)
        usual = max(steps[round(n * RATE_HZ) : round((n + 0.9) * RATE_HZ)].max() for n in (1, 2.4, 5, 8))
        assert near < 1.3 * usual


# ------------------------------------------------------------------------------------------ words and seeds
def test_every_act_has_its_own_words_and_the_ones_before_stay_as_they_are(tiny: Tiny) -> None:
    for model in loaded(tiny("musicgen")):
        desk = RecordingDesk()
        one, other = model.run([ask("8", "calm", "happy"), ask("8", "calm", "sad")], desk)
        assert [word in one.notes for word in ("lullaby", "cheerful", "melancholic")] == [True, True, False]
        assert [word in other.notes for word in ("lullaby", "cheerful", "melancholic")] == [True, False, True]
        a, b = heard(one, desk), heard(other, desk)
        start, turn = slice(RATE_HZ // 2, round(3.6 * RATE_HZ)), slice(round(4.2 * RATE_HZ), 6 * RATE_HZ)
        assert likeness(a[:, start], b[:, start]) > 0.999  # but for the level of the whole
        assert likeness(a[:, turn], b[:, turn]) < 0.9


def test_what_the_user_wishes_for_and_the_options_change_the_music(tiny: Tiny, composer: MusicGen) -> None:
    desk = RecordingDesk()
    plain, wished = composer.run([ask("2"), ask("2", prompt="bagpipes")], desk)
    assert plain.sound != wished.sound
    assert wished.notes.startswith("bagpipes, ")
    for options in ({"guidance": 9}, {"temperature": 0.2}, {"top_k": 2}, {"style": "techno"}):
        for model in loaded(tiny("musicgen"), **options):
            assert model.run([ask("2")], desk)[0].sound != plain.sound


def test_the_same_ask_gives_the_same_music_alone_and_after_others(composer: MusicGen) -> None:
    import torch

    desk = RecordingDesk()
    state = torch.get_rng_state()
    (alone,) = composer.run([ask("3", seed=2)], desk)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(3)
    first, second = composer.run([ask("3", seed=1), ask("3", seed=2)], desk)
    assert second == alone
    assert first != alone


def test_where_it_runs_is_in_no_key_and_what_it_plays_is(tiny: Tiny) -> None:
    def key(**options: Any) -> str:
        return keyed([Call("compose", "", f"music:musicgen:{tiny('musicgen')}", ask(), Music, options)])[
            0
        ].key

    assert key() == key(device="cpu")
    assert len({key(), key(temperature=0.5), key(dtype="float16")}) == 3


def test_it_stops_within_a_window_when_asked_to(composer: MusicGen) -> None:
    desk = RecordingDesk(stop_after=3)
    with pytest.raises(Cancelled):
        composer.run([ask("20")], desk)
    assert desk.reported[-1][0] < 0.1
    assert desk.reported[-1][1] == "window 1 of 1"


# ------------------------------------------------------------------------------------------ faults
def test_silent_music_is_made_anew_a_few_times_and_then_refused(tiny: Tiny, tmp_path: Path) -> None:
    def silenced(name: str, tensor: Any) -> None:
        if name.startswith("audio_encoder.decoder") and name.endswith(("original0", "weight_g", "bias")):
            tensor.zero_()

    for model in loaded(reweighted(tiny, tmp_path / "silent", silenced), retakes=1):
        desk = RecordingDesk()
        with pytest.raises(ModelError, match="silent music 2 times"):
            model.run([ask("1")], desk)
        assert len(desk.warnings) == 2


def test_music_of_no_numbers_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    def broken(name: str, tensor: Any) -> None:
        if name.startswith("audio_encoder.decoder") and name.endswith("bias"):
            tensor.fill_(float("nan"))

    for model in loaded(reweighted(tiny, tmp_path / "nan", broken), retakes=0):
        with pytest.raises(ModelError, match="broken music 1 times"):
            model.run([ask("1")], RecordingDesk())


def test_a_retake_is_another_take(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    from kamishibai.models.music import musicgen

    judged: list[bytes] = []

    def once(sound: np.ndarray) -> str:
        judged.append(sound.tobytes())
        return "silent" if len(judged) == 1 else ""

    monkeypatch.setattr(musicgen, "_fault", once)
    for model in loaded(tiny("musicgen")):
        model.run([ask("1")], RecordingDesk())
    assert len(set(judged)) == 2


# ------------------------------------------------------------------------------------------ weights
@pytest.mark.parametrize(
    ("name", "hint"), [("clip", "eye:clip"), ("sd15", "config.json"), ("audioldm2", "config.json")]
)
def test_weights_of_another_kind_are_refused(tiny: Tiny, name: str, hint: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        registry.make(f"music:musicgen:{tiny(name)}").weights()
    assert hint in str(caught.value)


def test_weights_that_are_not_here_are_told_with_the_command_that_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    with pytest.raises(UnknownModelError, match="not on this machine") as caught:
        registry.make("music:musicgen").weights()
    assert "models pull musicgen-small" in str(caught.value.hint)


def test_pickles_foreign_code_and_damage_are_refused_before_any_work(tiny: Tiny, tmp_path: Path) -> None:
    pickled = shutil.copytree(tiny("musicgen"), tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickle"):
        registry.make(f"music:musicgen:{pickled}").weights()

    foreign = shutil.copytree(tiny("musicgen"), tmp_path / "foreign")
    config = json.loads((foreign / "config.json").read_text())
    (foreign / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "x.Y"}}))
    with pytest.raises(UnsupportedError, match="code"):
        registry.make(f"music:musicgen:{foreign}").weights()

    damaged = shutil.copytree(tiny("musicgen"), tmp_path / "damaged")
    data = (damaged / "model.safetensors").read_bytes()
    (damaged / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError):
        registry.make(f"music:musicgen:{damaged}").weights()


def test_an_overlap_that_leaves_no_window_is_refused() -> None:
    with pytest.raises(UsageError, match="half of window_s"):
        registry.make("music:musicgen", {"window_s": 4, "overlap_s": 3})


def test_its_key_and_terms_cost_no_import_of_torch(tiny: Tiny) -> None:
    code = (
        "import sys; from kamishibai.models import registry\n"
        f"m = registry.make('music:musicgen:{tiny('musicgen')}')\n"
        "print(m.weights(), m.terms(), m.takes_up(), m.placement())\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
