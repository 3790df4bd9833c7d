from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from kamishibai.catalogue import preset_cards
from kamishibai.errors import DamagedError, ModelError, UnsupportedError
from kamishibai.weights import pretrained, pull
from kamishibai.weights.ct2 import CT2
from kamishibai.weights.places import repo_folder
from kamishibai.weights.shelf import removal, remove, shelf
from kamishibai.weights.soundness import verify
from local_hub import LocalHub, safetensors
from local_hub import pretrained as model

pytestmark = pytest.mark.slow

REPO = "studio/listener"
LOADED = {
    "config.json", "README.md", "LICENSE", "tokenizer.json", "tokenizer_config.json", "generation_config.json",
    "chat_template.jinja", "spiece.model", "merges.txt", "model.safetensors", "speaker_embeddings/v2/en_speaker_6.npy",
}  # fmt: skip


def pulled(name: str = REPO) -> Path:
    return pull.pull(pull.offer(name), lambda *_: None).path


def names(offered: pull.Offer, part: int = 0) -> set[str]:
    return {file.name for file in offered.parts[part].files}


def without(files: dict[str, bytes], *gone: str) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name not in gone}


def test_only_what_is_loaded_is_offered_and_its_weights_once(hub: LocalHub) -> None:
    hub.add(REPO, model(), card={"license": "mit"})
    offered = pull.offer(REPO)
    assert names(offered) == LOADED
    assert (offered.kind, offered.backend, offered.pipeline) == ("ear", "ear:whisper", "whisper")
    assert offered.to_convert == ()
    assert not repo_folder(REPO).exists()


def test_what_was_pulled_is_found_keyed_listed_checked_and_removed(hub: LocalHub) -> None:
    commit = hub.add(REPO, model(), card={"license": "mit"})
    path = pulled()

    found = pretrained.find(REPO, "ear", {"whisper"})
    (listed,) = shelf().models
    checked = verify(REPO)
    remove(removal(REPO))

    assert (found.path, found.repo, found.revision) == (path, REPO, commit)
    assert (listed.kind, listed.pipeline, listed.licence.name, listed.problem) == (
        "ear",
        "whisper",
        "MIT",
        "",
    )
    assert {one.file for one in checked} == LOADED
    assert {one.state for one in checked} == {"sound"}
    assert shelf().models == ()


def test_the_digest_is_of_what_is_loaded_and_of_nothing_else(hub: LocalHub, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    for name, data in without(model(), "handler.py").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    hub.add(REPO, model())
    pulled()
    everything = pretrained.find(str(folder), "ear", {"whisper"})
    assert pretrained.digest_of(everything) == pretrained.digest_of(pretrained.find(REPO, "ear", {"whisper"}))
    (folder / "generation_config.json").write_bytes(b'{"max_length": 3}')
    assert pretrained.digest_of(everything) != pretrained.digest_of(pretrained.find(REPO, "ear", {"whisper"}))


def test_shards_come_with_their_list_and_lists_of_other_weights_do_not(hub: LocalHub) -> None:
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    listing = json.dumps({"weight_map": {"a": shards[0], "b": shards[1]}}).encode()
    files = without(model(), "model.safetensors") | {
        name: safetensors(300, n) for n, name in enumerate(shards)
    }
    hub.add(REPO, {**files, "model.safetensors.index.json": listing})
    weights = {name for name in names(pull.offer(REPO)) if "model-" in name or "index" in name}
    assert weights == {*shards, "model.safetensors.index.json"}
    assert pulled().is_dir()


def test_a_preset_is_asked_for_by_its_kind_and_its_back_end(hub: LocalHub) -> None:
    hub.add("openai/whisper-small", model())
    pulled("whisper-small")
    here = [card.id for card in preset_cards("ear") if card.here]
    assert here == ["ear:whisper:whisper-small"]


def test_a_model_for_another_kind_is_refused_with_the_command(hub: LocalHub) -> None:
    hub.add(REPO, model())
    with pytest.raises(UnsupportedError, match="listens, which is not what voice models do"):
        pull.offer(REPO, "voice")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"config.json": b'{"model_type": "resnet"}'},
            "no back-end of Kamishibai runs a model of type resnet",
        ),
        ({"config.json": b'{"model_type": "whisper", "auto_map": {"AutoModel": "m.M"}}'}, "code of its own"),
        ({"tokenizer_config.json": b'{"auto_map": {"AutoTokenizer": "t.T"}}'}, "code of its own"),
        ({"config.json": b"["}, "is not JSON"),
        ({"model.safetensors": None, "pytorch_model.bin": None}, "no weights that transformers would load"),
    ],
)
def test_what_could_not_be_loaded_is_refused_before_anything_is_fetched(
    hub: LocalHub, change: dict[str, bytes | None], says: str
) -> None:
    files = {**model(), **change}
    hub.add(REPO, {name: data for name, data in files.items() if data is not None})
    with pytest.raises((UnsupportedError, ModelError), match=says):
        pull.offer(REPO)
    assert not repo_folder(REPO).exists()


def test_a_language_model_is_known_by_its_architecture(hub: LocalHub) -> None:
    config = {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]}
    hub.add(REPO, model(**{"config.json": json.dumps(config).encode()}))
    offered = pull.offer(REPO)
    assert offered.backend == "text:transformers"


def test_a_damaged_download_is_thrown_away(hub: LocalHub) -> None:
    hub.add(REPO, model())
    hub.instead["model.safetensors"] = safetensors(50_000, 9)
    with pytest.raises(DamagedError):
        pulled()
    hub.instead.clear()
    assert pulled().is_dir()


def test_what_a_back_end_needs_beside_its_weights_comes_with_them(hub: LocalHub) -> None:
    hub.add("microsoft/speecht5_tts", model("speecht5"))
    hub.add("microsoft/speecht5_hifigan", model("hifigan"))
    offered = pull.offer("speecht5")
    pull.pull(offered, lambda *_: None)
    assert [part.repo for part in offered.parts] == ["microsoft/speecht5_tts", "microsoft/speecht5_hifigan"]
    assert pretrained.find("microsoft/speecht5_hifigan", "voice", {"hifigan"}).path.is_dir()
    assert {one.serves for one in shelf().models} == {("speecht5",)}


# ------------------------------------------------------------------------------------------ CTranslate2
def ct2(spec: bytes = b"WhisperSpec\0") -> dict[str, bytes]:
    """Return the files of a Whisper for CTranslate2; its weights are a head and nothing more."""
    head = struct.pack("<IH", 6, len(spec)) + spec
    return {
        "config.json": b'{"alignment_heads": [[1, 0]], "suppress_ids": []}',
        "model.bin": head + bytes(500),
        "tokenizer.json": b"{}",
        "vocabulary.txt": b"a\n",
        "README.md": b"---\nlicense: mit\n---\n",
    }


def test_a_whisper_for_ctranslate2_is_fetched_with_its_own_file(hub: LocalHub) -> None:
    hub.add("Systran/faster-whisper-tiny", ct2())
    path = pulled("Systran/faster-whisper-tiny")
    found = pretrained.find("Systran/faster-whisper-tiny", "ear", None)
    assert found.model_type == CT2
    assert {one.name for one in pretrained.files_of(found)} == {
        "config.json", "model.bin", "tokenizer.json", "vocabulary.txt",
    }  # fmt: skip
    assert shelf().models[0].kind == "ear"
    assert path == found.path


@pytest.mark.parametrize("weights", [b"\x80\x02}q\0.", b"PK\x03\x04" + bytes(60), b""])
def test_a_pickle_called_model_bin_is_no_whisper(hub: LocalHub, weights: bytes) -> None:
    hub.add("studio/sly", {**ct2(), "model.bin": weights})
    with pytest.raises(ModelError, match="no file of CTranslate2"):
        pulled("studio/sly")
    with pytest.raises(ModelError, match="no file of CTranslate2"):
        pretrained.find("studio/sly", "ear", None)


def test_another_model_of_ctranslate2_is_no_ear(hub: LocalHub) -> None:
    hub.add("studio/translator", ct2(b"TransformerSpec\0"))
    with pytest.raises(UnsupportedError, match="TransformerSpec"):
        pulled("studio/translator")


def test_a_face_holding_adapter_is_not_promised_for_a_model_that_draws_nothing(hub: LocalHub) -> None:
    hub.add("openai/whisper-tiny", model())
    with pytest.raises(UnsupportedError, match="no IP-Adapter is known for 'whisper-tiny'"):
        pull.offer("whisper-tiny", with_identity=True)
