from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kamishibai.errors import (
    BusyProjectError,
    Cancelled,
    DamagedError,
    StoreError,
    UnknownModelError,
    UnsupportedError,
    UsageError,
)
from kamishibai.weights import download, pull
from kamishibai.weights.checkpoint import locate
from kamishibai.weights.hub import what_it_holds
from kamishibai.weights.places import repo_folder
from local_hub import REPO, UNET, LocalHub, adapter, pipeline, safetensors

pytestmark = pytest.mark.slow


def nobody(file: str, done: int, total: int) -> None:
    return None


def pulled(name: str = REPO, **how: object) -> Path:
    return pull.pull(pull.offer(name, **how), nobody).path  # type: ignore[arg-type]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait between attempts."""
    monkeypatch.setattr(download, "WAIT_S", 0.0)


# ------------------------------------------------------------------------------------------ the offer
def test_an_offer_names_what_would_be_fetched_and_fetches_nothing(hub: LocalHub) -> None:
    commit = hub.add(REPO, pipeline(), card={"license": "apache-2.0"})

    offered = pull.offer(REPO)

    (part,) = offered.parts
    names = {file.name for file in part.files}
    assert names == {
        "model_index.json", "README.md", "scheduler/scheduler_config.json", "tokenizer/vocab.json",
        "tokenizer/merges.txt", "unet/config.json", UNET, "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors", "text_encoder/config.json", "text_encoder/model.safetensors",
    }  # fmt: skip
    assert offered.size == offered.missing == sum(len(pipeline()[name]) for name in names)
    assert (offered.kind, offered.pipeline, part.commit) == ("picture", "StableDiffusionPipeline", commit)
    assert (part.licence.name, part.licence.commercial) == ("Apache-2.0", True)
    assert not repo_folder(REPO).exists()


def test_a_preset_takes_its_half_size_files(hub: LocalHub) -> None:
    hub.add("stable-diffusion-v1-5/stable-diffusion-v1-5", pipeline())
    names = {file.name for file in pull.offer("sd15").parts[0].files}
    assert "unet/diffusion_pytorch_model.fp16.safetensors" in names
    assert UNET not in names


def test_a_part_without_half_size_files_falls_back_on_whole_ones(hub: LocalHub) -> None:
    files = pipeline()
    del files["vae/diffusion_pytorch_model.fp16.safetensors"]
    hub.add("stable-diffusion-v1-5/stable-diffusion-v1-5", files)
    names = {file.name for file in pull.offer("sd15").parts[0].files}
    assert "vae/diffusion_pytorch_model.safetensors" in names
    assert "unet/diffusion_pytorch_model.fp16.safetensors" in names


def test_shards_come_with_their_list(hub: LocalHub) -> None:
    files = pipeline()
    del files[UNET]
    shards = [f"unet/diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    listing = {"weight_map": {"a": Path(shards[0]).name, "b": Path(shards[1]).name}}
    files |= {name: safetensors(500, n) for n, name in enumerate(shards)}
    files["unet/diffusion_pytorch_model.safetensors.index.json"] = json.dumps(listing).encode()
    hub.add(REPO, files)

    assert pulled().is_dir()

    names = {path.name for path in locate(REPO, "picture").path.glob("unet/*")}
    assert names == {
        "config.json", "diffusion_pytorch_model.safetensors.index.json", *(Path(name).name for name in shards)
    }  # fmt: skip


def test_where_whole_and_shards_are_there_what_the_loader_takes_is_fetched(hub: LocalHub) -> None:
    files = pipeline()
    for part in ("unet/diffusion_pytorch_model", "text_encoder/model"):
        files[f"{part}-00001-of-00001.safetensors"] = safetensors(500)
        listing = {"weight_map": {"w": f"{part.split('/')[1]}-00001-of-00001.safetensors"}}
        files[f"{part}.safetensors.index.json"] = json.dumps(listing).encode()
    hub.add(REPO, files)

    path = pulled()

    assert not (path / UNET).exists()
    assert (path / "unet/diffusion_pytorch_model-00001-of-00001.safetensors").exists()
    assert (path / "text_encoder/model.safetensors").exists()
    assert not (path / "text_encoder/model-00001-of-00001.safetensors").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({UNET: None, "unet/diffusion_pytorch_model.fp16.safetensors": None}, "pickles"),
        ({"model_index.json": b'{"_class_name": ["pipeline", "Mine"]}'}, "code"),
        ({"model_index.json": b'{"_class_name": "StableDiffusionPipeline", "unet": ["my_unet", "U"]}'}, "my_unet"),
        ({"model_index.json": b'{"_class_name": "NoSuchPipeline"}'}, "NoSuchPipeline"),
        ({"model_index.json": None, "another.safetensors": b""}, "after a colon"),
        ({"model_index.json": None, "whole.safetensors": None}, "after a colon"),
    ],
)  # fmt: skip
def test_a_repo_that_cannot_be_loaded_safely_is_refused_before_anything_is_fetched(
    hub: LocalHub, change: dict[str, bytes | None], says: str
) -> None:
    files = {name: data for name, data in {**pipeline(), **change}.items() if data is not None}
    hub.add(REPO, files)
    with pytest.raises(UnsupportedError) as caught:
        pull.offer(REPO)
    assert says in str(caught.value)
    assert not repo_folder(REPO).exists()


def test_a_pickle_names_the_conversion(hub: LocalHub) -> None:
    hub.add(REPO, {name: data for name, data in pipeline().items() if not name.endswith(".safetensors")} | {
        "vae/diffusion_pytorch_model.bin": b"p", "text_encoder/pytorch_model.bin": b"p",
    })  # fmt: skip
    with pytest.raises(UnsupportedError) as caught:
        pull.offer(REPO)
    assert f"P.from_pretrained('{REPO}').save_pretrained('paper-theatre-safetensors')" in str(
        caught.value.hint
    )


def test_a_repo_for_another_job_names_the_command_for_it(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    with pytest.raises(UnsupportedError, match="draws pictures"):
        pull.offer(REPO, "motion")


@pytest.mark.parametrize(
    ("name", "says"),
    [("nobody/nothing", "nobody/nothing"), ("sd16", "did you mean 'sd15'"), ("a/b/c", "OWNER/NAME")],
)
def test_a_name_that_is_nothing_says_what_is_near(hub: LocalHub, name: str, says: str) -> None:
    with pytest.raises((UnknownModelError, UsageError)) as caught:
        pull.offer(name)
    assert says in str(caught.value)


def test_a_revision_that_does_not_exist_is_named(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    with pytest.raises(UnknownModelError, match="no revision 'v9'"):
        pull.offer(REPO, revision="v9")


def test_a_gated_repo_says_where_to_agree_and_how_to_log_in(hub: LocalHub) -> None:
    hub.add(REPO, pipeline(), gated=True)
    with pytest.raises(UnknownModelError) as caught:
        pull.offer(REPO)
    assert "agreed to its terms" in caught.value.what
    assert "hf auth login" in str(caught.value.hint)


def test_the_token_opens_a_gated_repo_and_stays_with_the_hub(
    hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPO, pipeline(), gated=True)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pulled()
    stores = [one for one in hub.asked if one.path.startswith("/cdn/")]
    assert stores
    assert {one.token for one in stores} == {""}
    assert "Bearer hf_secret" in {one.token for one in hub.asked}


def test_offline_asks_nobody(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add(REPO, pipeline())
    with pytest.raises(UnsupportedError, match="offline"):
        pull.offer(REPO, offline=True)
    for name in ("KAMISHIBAI_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, "1")
        with pytest.raises(UnsupportedError, match="offline"):
            pull.offer(REPO)
        monkeypatch.delenv(name)
    assert hub.asked == []


def test_a_hub_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, hub: LocalHub) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(UnknownModelError) as caught:
        what_it_holds(REPO, "main")
    assert caught.value.where == "http://127.0.0.1:1"
    assert "connection" in str(caught.value.hint)


def test_a_file_name_that_leaves_the_repo_is_refused(hub: LocalHub) -> None:
    hub.add(REPO, pipeline(**{"../../outside.json": b"{}"}))
    with pytest.raises(Exception, match="no file of a repo"):
        pull.offer(REPO)


# ------------------------------------------------------------------------------------------ the download
def test_what_was_pulled_is_found_by_name_and_lies_where_other_programs_look(hub: LocalHub) -> None:
    from huggingface_hub import try_to_load_from_cache

    commit = hub.add(REPO, pipeline())
    seen: list[tuple[str, int, int]] = []

    pull.pull(pull.offer(REPO), lambda *one: seen.append(one))

    checkpoint = locate(REPO, "picture")
    assert checkpoint.revision == commit
    assert seen[-1][1] == seen[-1][2] == pull.offer(REPO).size
    cached = try_to_load_from_cache(REPO, UNET, cache_dir=repo_folder(REPO).parent)
    assert Path(str(cached)).read_bytes() == pipeline()[UNET]
    assert not (checkpoint.path / "unet" / "diffusion_pytorch_model.bin").exists()


def test_a_second_pull_fetches_nothing(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    pulled()
    hub.asked.clear()
    offered = pull.offer(REPO)
    assert offered.missing == 0
    pull.pull(offered, nobody)
    assert hub.bodies(".safetensors") == []


def test_a_new_commit_fetches_only_what_changed(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    pulled()
    hub.add(REPO, pipeline(**{"vae/diffusion_pytorch_model.safetensors": safetensors(4_000, 9)}))
    hub.asked.clear()
    pulled()
    assert {Path(one.path).name for one in hub.bodies(".safetensors")} == {
        "diffusion_pytorch_model.safetensors"
    }
    assert all("/vae/" in one.path for one in hub.bodies(".safetensors"))


def test_another_branch_is_pulled_and_found_by_its_name(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    other = hub.add(REPO, pipeline(**{UNET: safetensors(300_000, 8)}), branch="v2")
    pulled(revision="v2")
    assert locate(f"{REPO}@v2", "picture").revision == other


@pytest.mark.usefixtures("quick")
def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    hub.cuts[UNET] = [70_000, 0, 60_000]
    path = pulled()
    assert (path / UNET).read_bytes() == pipeline()[UNET]
    ranges = [one.range for one in hub.bodies(UNET) if one.path.startswith("/cdn/")]
    assert ranges == ["", "bytes=70000-", "bytes=70000-", "bytes=130000-"]


@pytest.mark.usefixtures("quick")
def test_a_server_that_knows_no_ranges_sends_it_all_again(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    hub.cuts[UNET] = [70_000]
    hub.ignores_ranges = True
    assert (pulled() / UNET).read_bytes() == pipeline()[UNET]


def test_a_stopped_pull_keeps_what_came_and_the_next_goes_on(hub: LocalHub) -> None:
    hub.add(REPO, pipeline(**{UNET: safetensors(3_000_000)}))

    def stop(file: str, done: int, total: int) -> None:
        if file == UNET and done > 2_000_000:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        pull.pull(pull.offer(REPO), stop)
    (begun,) = repo_folder(REPO).glob("blobs/*.incomplete")
    kept = begun.stat().st_size
    offered = pull.offer(REPO)
    hub.asked.clear()
    pull.pull(offered, nobody)

    assert 0 < kept < 3_000_000
    assert f"bytes={kept}-" in {one.range for one in hub.bodies(UNET)}
    assert (locate(REPO, "picture").path / UNET).stat().st_size > 3_000_000


def test_a_killed_pull_leaves_nothing_that_looks_whole_and_the_next_goes_on(
    hub: LocalHub, tmp_path: Path
) -> None:
    hub.add(REPO, pipeline(**{UNET: safetensors(3_000_000)}))
    code = (
        "import os, signal\n"
        "from kamishibai.weights.pull import offer, pull\n"
        "def die(file, done, total):\n"
        "    if file.startswith('unet/diff') and done > 2_000_000: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"pull(offer({REPO!r}), die)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(Exception, match=r"missing|not on this machine|no weights|no config|complete"):
        locate(REPO, "picture")
    hub.asked.clear()

    pulled()

    assert any(one.range for one in hub.bodies(UNET))
    data = (locate(REPO, "picture").path / UNET).read_bytes()
    assert hashlib.sha256(data).digest() == hashlib.sha256(safetensors(3_000_000)).digest()


@pytest.mark.usefixtures("quick")
def test_wrong_bytes_never_reach_the_cache(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    hub.instead[UNET] = safetensors(200_000, 99)
    with pytest.raises(DamagedError, match="hash differs"):
        pulled()
    digest = hashlib.sha256(pipeline()[UNET]).hexdigest()
    assert not (repo_folder(REPO) / "blobs" / digest).exists()
    assert not list(repo_folder(REPO).glob("blobs/*.incomplete"))


@pytest.mark.usefixtures("quick")
def test_a_beginning_that_proves_wrong_is_fetched_anew(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    begun = repo_folder(REPO) / "blobs" / f"{hashlib.sha256(pipeline()[UNET]).hexdigest()}.incomplete"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"\0" * 1000)
    assert (pulled() / UNET).read_bytes() == pipeline()[UNET]


def test_a_small_file_with_wrong_bytes_is_noticed_too(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    hub.instead["tokenizer/merges.txt"] = b"#VERSION\n"
    with pytest.raises(DamagedError, match=r"tokenizer/merges\.txt"):
        pulled()


def test_more_bytes_than_announced_are_refused(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    hub.instead[UNET] = safetensors(2_000_000)
    with pytest.raises(DamagedError, match="announced"):
        pulled()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("status", [403, 500, 429])
def test_a_hub_that_refuses_a_file_is_told_with_what_to_do(hub: LocalHub, status: int) -> None:
    hub.add(REPO, pipeline())
    hub.status[UNET] = status
    with pytest.raises(UnknownModelError) as caught:
        pulled()
    assert caught.value.hint


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPO, pipeline())
    offered = pull.offer(REPO)
    monkeypatch.setattr(pull, "RESERVE", 10**18)
    with pytest.raises(StoreError, match="are free"):
        pull.pull(offered, nobody)
    assert not repo_folder(REPO).exists()


def test_a_disk_that_fills_up_keeps_what_came(hub: LocalHub) -> None:
    hub.add(REPO, pipeline(**{UNET: safetensors(6_000_000)}))
    code = (
        "import resource, signal\n"
        "from kamishibai.errors import StoreError\n"
        "from kamishibai.weights.pull import offer, pull\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))\n"
        f"try: pull(offer({REPO!r}), lambda *a: None)\n"
        "except StoreError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True, text=True)
    assert "no room left" in done.stdout, done.stderr
    (begun,) = repo_folder(REPO).glob("blobs/*.incomplete")
    assert begun.stat().st_size == 4_000_000
    assert (pulled() / UNET).read_bytes() == safetensors(6_000_000)


def test_two_pulls_of_one_repo_do_not_mix(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    with download.alone(REPO), pytest.raises(BusyProjectError, match="another process"):
        pulled()


def test_a_damaged_header_is_noticed_even_when_the_hash_is_right(hub: LocalHub) -> None:
    hub.add(REPO, pipeline(**{UNET: safetensors(5_000)[:-10]}))
    with pytest.raises(Exception, match="cut off"):
        pulled()


# ------------------------------------------------------------------------------------------ single files
LORA = {
    "README.md": b"---\nlicense: mit\n---\n",
    "paper.safetensors": safetensors(400),
    "paper.bin": b"pickle",
}


@pytest.mark.parametrize("name", ["studio/paper-lora", "studio/paper-lora:paper.safetensors"])
def test_a_lora_is_fetched_as_the_one_file_it_is(hub: LocalHub, name: str) -> None:
    from kamishibai.diffusion.adapters import lora_file

    hub.add("studio/paper-lora", LORA, card={"license": "mit"})
    offered = pull.offer(name)
    path = pull.pull(offered, nobody).path
    assert [file.name for file in offered.parts[0].files] == ["README.md", "paper.safetensors"]
    assert offered.parts[0].licence.name == "MIT"
    assert lora_file(name) == path


def test_one_file_of_a_repo_with_a_pipeline_is_fetched_alone(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    pull.pull(pull.offer(f"{REPO}:whole.safetensors"), nobody)
    assert {one.path.rsplit("/", 1)[1] for one in hub.bodies(".safetensors")} == {"whole.safetensors"}


@pytest.mark.parametrize("name", [":missing.safetensors", ":unet/diffusion_pytorch_model.bin"])
def test_a_file_that_is_not_there_or_not_safe_is_refused(hub: LocalHub, name: str) -> None:
    hub.add(REPO, pipeline())
    with pytest.raises(UnsupportedError, match="no file"):
        pull.offer(REPO + name)


# ------------------------------------------------------------------------------------------ without links
def test_where_there_are_no_links_files_lie_once_and_are_not_fetched_again(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    code = (
        "from kamishibai.weights.pull import offer, pull\n"
        f"pull(offer({REPO!r}), lambda *a: None)\n"
        f"print(offer({REPO!r}).missing)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HF_HUB_DISABLE_SYMLINKS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0"
    assert list(repo_folder(REPO).glob("blobs/*")) == []
    assert (locate(REPO, "picture").path / UNET).read_bytes() == pipeline()[UNET]


# ------------------------------------------------------------------------------------------ the IP-Adapter
def test_the_adapter_of_a_preset_comes_when_it_is_asked_for(hub: LocalHub) -> None:
    hub.add("stable-diffusion-v1-5/stable-diffusion-v1-5", pipeline())
    hub.add("h94/IP-Adapter", adapter())
    assert len(pull.offer("sd15").parts) == 1
    offered = pull.offer("sd15", with_identity=True)
    pull.pull(offered, nobody)
    assert offered.parts[1].what == "the IP-Adapter"
    names = {
        p.relative_to(repo_folder("h94/IP-Adapter")).parts[3:]
        for p in repo_folder("h94/IP-Adapter").glob("snapshots/*/**/*")
        if p.is_file()
    }
    assert names == {
        ("ip-adapter-plus_sd15.safetensors",), ("image_encoder", "config.json"),
        ("image_encoder", "model.safetensors"), (),
    }  # fmt: skip


def test_a_model_without_a_known_adapter_says_so(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    with pytest.raises(UnsupportedError, match="no IP-Adapter"):
        pull.offer(REPO, with_identity=True)
