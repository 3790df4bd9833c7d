from __future__ import annotations

from pathlib import Path

import pytest

from kamishibai.errors import BusyProjectError, Cancelled, UnknownModelError
from kamishibai.weights import download, pull, shelf, soundness
from kamishibai.weights.checkpoint import locate
from kamishibai.weights.places import hub_cache, repo_folder
from local_hub import REPO, UNET, LocalHub, adapter, pipeline, safetensors

pytestmark = pytest.mark.slow

SD15 = "stable-diffusion-v1-5/stable-diffusion-v1-5"


def fetch(name: str, **how: object) -> Path:
    return pull.pull(pull.offer(name, **how), lambda *_: None).path  # type: ignore[arg-type]


def blob(path: Path) -> Path:
    return path.resolve()


# ------------------------------------------------------------------------------------------ listing
def test_an_empty_machine_has_an_empty_shelf(hub: LocalHub) -> None:
    assert shelf.shelf().models == ()


def test_the_shelf_tells_size_licence_presets_and_revision(hub: LocalHub) -> None:
    commit = hub.add(SD15, pipeline())
    other = hub.add(REPO, pipeline(), card={"license": "apache-2.0"})
    fetch("sd15")
    fetch(REPO)

    first, second = shelf.shelf().models

    assert (first.repo, first.commit, first.serves) == (SD15, commit, ("sd15",))
    assert first.licence.name == "CreativeML-OpenRAIL-M"
    assert first.bytes == pull.offer("sd15").size
    assert (second.repo, second.commit, second.serves) == (REPO, other, ())
    assert (second.licence.name, second.kind, second.problem) == ("Apache-2.0", "picture", "")
    assert second.revisions == ("main",)
    assert second.last_used is not None


def test_an_adapter_serves_the_presets_whose_file_is_there(hub: LocalHub) -> None:
    hub.add(SD15, pipeline())
    hub.add("h94/IP-Adapter", adapter())
    fetch("sd15", with_identity=True)
    (one,) = [one for one in shelf.shelf().models if one.repo == "h94/IP-Adapter"]
    assert "sd15 (identity)" in one.serves
    assert "sdxl (identity)" not in one.serves


def test_a_lora_is_on_the_shelf_and_can_be_checked_and_removed(hub: LocalHub) -> None:
    name = "studio/paper-lora"
    hub.add(name, {"README.md": b"---\nlicense: mit\n---\n", "paper.safetensors": safetensors(400)})
    fetch(name)
    assert [(one.repo, one.licence.name) for one in shelf.shelf().models] == [(name, "MIT")]
    assert {one.state for one in soundness.verify(name)} == {"sound"}
    shelf.remove(shelf.removal(name))
    assert shelf.shelf().models == ()


def test_what_other_programs_keep_is_counted_and_left_alone(hub: LocalHub) -> None:
    folder = hub_cache() / "models--somebody--language-model"
    commit = "a" * 40
    for name, text in (("refs/main", commit), (f"snapshots/{commit}/config.json", "{}")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    hub.add(REPO, pipeline())
    fetch(REPO)
    found = shelf.shelf()
    assert [one.repo for one in found.models] == [REPO]
    assert found.others == 1


def test_a_pull_that_was_cut_is_on_the_shelf_with_its_problem(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())

    def stop(file: str, done: int, total: int) -> None:
        if file == UNET and done > 100_000:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        pull.pull(pull.offer(REPO), stop)
    found = shelf.shelf()
    assert found.unfinished_bytes > 0
    assert found.models[0].problem


# ------------------------------------------------------------------------------------------ removing
def test_removing_frees_what_it_says(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    fetch(REPO)
    planned = shelf.removal(REPO)
    before = sum(path.stat().st_size for path in repo_folder(REPO).glob("blobs/*"))
    shelf.remove(planned)
    assert planned.bytes == before
    assert not repo_folder(REPO).exists()
    with pytest.raises(UnknownModelError, match="not on this machine"):
        locate(REPO, "picture")


def test_removing_one_revision_keeps_what_the_other_shares(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    hub.add(REPO, pipeline(**{UNET: safetensors(300_000, 9)}), branch="v2")
    fetch(REPO)
    fetch(REPO, revision="v2")
    planned = shelf.removal(f"{REPO}@v2")
    shelf.remove(planned)
    assert not planned.whole
    assert planned.bytes == len(safetensors(300_000, 9))
    assert locate(REPO, "picture").revision == pull.offer(REPO).parts[0].commit
    assert {one.state for one in soundness.verify(REPO)} == {"sound"}


def test_the_beginnings_of_a_download_can_be_removed(hub: LocalHub) -> None:
    begun = repo_folder(REPO) / "blobs" / f"{'a' * 64}.incomplete"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"x" * 1000)
    planned = shelf.removal(REPO)
    shelf.remove(planned)
    assert planned.bytes == 1000
    assert not begun.exists()


@pytest.mark.parametrize("name", ["nobody/nothing", "sdxl"])
def test_removing_what_is_not_there_is_an_error(hub: LocalHub, name: str) -> None:
    with pytest.raises(UnknownModelError, match="on this machine"):
        shelf.removal(name)


def test_a_repo_is_not_removed_while_it_is_fetched(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    fetch(REPO)
    with download.alone(REPO), pytest.raises(BusyProjectError):
        shelf.remove(shelf.removal(REPO))
    assert locate(REPO, "picture")


# ------------------------------------------------------------------------------------------ checking
def test_a_sound_shelf_is_sound(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    fetch(REPO)
    seen: list[int] = []
    found = soundness.verify(report=lambda file, done, total: seen.append(total - done))
    assert {one.state for one in found} == {"sound"}
    assert UNET in {one.file for one in found}
    assert seen[-1] == 0


def test_one_flipped_bit_is_found_and_mended_by_fetching_that_file_alone(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    path = blob(fetch(REPO) / UNET)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)

    (bad,) = [one for one in soundness.verify(REPO) if one.state != "sound"]
    hub.asked.clear()
    mended = soundness.repair([bad])

    assert (bad.state, bad.file) == ("damaged", UNET)
    assert [one.file for one in mended] == [UNET]
    assert {one.state for one in soundness.verify(REPO)} == {"sound"}
    assert {one.path.rsplit("/", 1)[1] for one in hub.bodies()} == {UNET.rsplit("/", 1)[1]}


def test_a_small_file_that_changed_is_found_too(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    blob(fetch(REPO) / "unet/config.json").write_text('{"sample_size": 65, "cross_attention_dim": 768}')
    assert [one.file for one in soundness.verify(REPO) if one.state == "damaged"] == ["unet/config.json"]


def test_a_file_that_is_gone_is_found_and_mended(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    blob(fetch(REPO) / UNET).unlink()
    (bad,) = [one for one in soundness.verify(REPO) if one.state != "sound"]
    soundness.repair([bad])
    assert bad.state == "gone"
    assert locate(REPO, "picture")


def test_a_blob_in_the_store_that_repos_share_is_checked_and_loaded(hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    own = blob(fetch(REPO) / UNET)
    shared = hub_cache() / "blobs" / "ab" / ("ab" * 32)
    shared.parent.mkdir(parents=True)
    own.rename(shared)
    own.symlink_to(shared)
    assert {one.state for one in soundness.verify(REPO)} == {"sound"}
    assert locate(REPO, "picture")


def test_mending_never_deletes_outside_the_cache(hub: LocalHub, tmp_path: Path) -> None:
    hub.add(REPO, pipeline())
    link = fetch(REPO) / UNET
    own = tmp_path / "mine.safetensors"
    own.write_bytes(b"not safetensors")
    link.unlink()
    link.symlink_to(own)
    bad = [one for one in soundness.verify(REPO) if one.state == "damaged"]
    soundness.repair(bad)
    assert own.read_bytes() == b"not safetensors"
    assert link.resolve().parent.name == "blobs"


def test_checking_what_is_not_there_names_the_pull(hub: LocalHub) -> None:
    with pytest.raises(UnknownModelError) as caught:
        soundness.verify("sdxl")
    assert "kamishibai models pull sdxl" in str(caught.value.hint)
