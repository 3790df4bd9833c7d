from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kamishibai.weights.lock import Lock, Pinned, write_lock
from kamishibai.weights.places import repo_folder
from local_hub import REPO, UNET, LocalHub, pipeline, pretrained

pytestmark = pytest.mark.slow

SCRIPT = "from kamishibai.cli.app import main; main()"


@pytest.fixture(autouse=True)
def threads_are_the_hubs(monkeypatch: pytest.MonkeyPatch) -> None:
    """End commands by an exception: the process is not ended at once for the sake of the hub's own threads."""
    monkeypatch.setattr("kamishibai.cli.run.leave", sys.exit)


def test_the_help_of_models_is_quick_and_names_every_command(run) -> None:
    code = (
        "import sys; sys.argv = ['kamishibai', 'models', 'pull', '--help']\n"
        "from kamishibai.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('huggingface_hub', 'torch', 'numpy', 'yaml', 'diffusers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    said = run("models", "--help").out
    for name in ("list", "pull", "convert", "ls", "rm", "verify"):
        assert f" {name} " in said


def test_the_word_list_can_be_left_out(run) -> None:
    assert run("models", "voice").out == run("models", "list", "voice").out
    assert json.loads(run("models", "--json").out) == json.loads(run("models", "list", "--json").out)


def test_the_list_shows_presets_with_size_licence_and_whether_they_are_here(run, hub: LocalHub) -> None:
    said = run("models", "picture").out
    assert "sdxl-turbo" in said
    assert "(no commercial use), not here" in said
    hub.add("stable-diffusion-v1-5/stable-diffusion-v1-5", pipeline())
    run("models", "pull", "sd15", "--yes")
    cards = json.loads(run("models", "picture:diffusers", "--json").out)["models"][0]["presets"]
    assert [card["name"] for card in cards if card["here"]] == ["sd15"]


def test_one_preset_has_a_card_of_its_own(run, hub: LocalHub) -> None:
    said = run("models", "picture:diffusers:sdxl").out
    for text in (
        "stabilityai/stable-diffusion-xl-base-1.0",
        "kamishibai models pull sdxl",
        "OpenRAIL++",
        "guidance",
    ):
        assert text in said


def test_a_pull_shows_what_it_would_fetch_and_asks_first(run, hub: LocalHub) -> None:
    hub.add(REPO, pipeline(), card={"license": "cc-by-nc-4.0"})
    said = run("models", "pull", REPO)
    assert said.code == 2
    for text in (
        "StableDiffusionPipeline",
        "206 kB",
        "CC-BY-NC-4.0, no commercial use",
        "memory",
        "shared with",
    ):
        assert text in said.out
    assert f"kamishibai models pull {REPO} --yes" in said.err
    assert not repo_folder(REPO).exists()


@pytest.mark.parametrize(("answer", "code", "there"), [("n\n", 130, False), ("y\n", 0, True)])
def test_on_a_terminal_it_asks_for_a_yes(hub: LocalHub, answer: str, code: int, there: bool) -> None:
    hub.add(REPO, pipeline())
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "models", "pull", REPO], stdin=theirs, capture_output=True, text=True
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code, done.stderr
    assert "[y/N]" in done.stderr
    assert (repo_folder(REPO) / "snapshots").exists() is there


def test_a_pull_by_a_program_tells_its_progress_and_where_it_lies(run, hub: LocalHub) -> None:
    commit = hub.add(REPO, pipeline())
    said = run("models", "pull", f"picture:diffusers:{REPO}", "--yes", "--json")
    shares = [line.get("done", 0) for line in said.lines if line["event"] == "progress"]
    last = said.lines[-1]["result"]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert last["id"] == f"picture:diffusers:{REPO}"
    assert last["parts"][0]["commit"] == commit
    assert Path(last["path"]).is_dir()


def test_ls_verify_and_rm_go_together(run, hub: LocalHub) -> None:
    hub.add(REPO, pipeline(), card={"license": "apache-2.0"})
    assert run("models", "ls").out.startswith("No weights are here yet")
    assert run("models", "pull", REPO, "--yes", "--quiet").out.strip().startswith(str(repo_folder(REPO)))

    listed = run("models", "ls").out
    checked = run("models", "verify", REPO)
    refused = run("models", "rm", REPO)
    removed = run("models", "rm", REPO, "--yes")

    assert REPO in listed
    assert "Apache-2.0, commercial use allowed" in listed
    assert checked.code == 0
    assert "11 of 11 files are what the hub has" in checked.out
    assert refused.code == 2
    assert "206 kB are free again" in removed.out
    assert json.loads(run("models", "ls", "--json").out)["models"] == []


def test_a_damaged_file_ends_with_74_and_is_mended_on_request(run, hub: LocalHub) -> None:
    hub.add(REPO, pipeline())
    run("models", "pull", REPO, "--yes")
    (path,) = repo_folder(REPO).glob(f"snapshots/*/{UNET}")
    real = path.resolve()
    real.write_bytes(real.read_bytes()[:-1] + b"?")

    found = run("models", "verify")
    mended = run("models", "verify", "--repair")

    assert found.code == 74
    assert "--repair" in found.err
    assert UNET in found.out
    assert mended.code == 0
    assert "mended" in mended.out
    assert run("models", "verify").code == 0


def test_offline_refuses_at_once_and_asks_nobody(run, hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add(REPO, pipeline())
    monkeypatch.setenv("KAMISHIBAI_OFFLINE", "true")
    said = run("models", "pull", REPO, "--yes")
    assert said.code == 69
    assert "offline" in said.err
    assert hub.asked == []


def test_commercial_safe_refuses_weights_before_they_are_fetched(
    run, hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPO, pipeline(), card={"license": "cc-by-nc-4.0"})
    monkeypatch.setenv("KAMISHIBAI_COMMERCIAL_SAFE", "true")
    said = run("models", "pull", REPO, "--yes")
    assert said.code == 69
    assert "CC-BY-NC-4.0" in said.err
    assert "--picture papercut" in said.err
    assert not repo_folder(REPO).exists()


def test_commercial_safe_refuses_a_film_before_any_work(run, hub: LocalHub, fakes: Path) -> None:
    said = run("make", "story.txt", "--motion", "modelscope", "--commercial-safe")
    assert said.code == 69
    for text in ("motion:modelscope", "CC-BY-NC-4.0", "--motion camera", "no work was begun"):
        assert text in said.err
    assert list(fakes.glob("film/story/*.mp4")) == []


def test_commercial_safe_lets_a_film_through_and_changes_nothing_in_it(run, film: Path) -> None:
    said = run("make", "film/story", "--commercial-safe")
    assert said.code == 0, said.err
    assert "Nothing had changed" in said.out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("pull", "voice:hibari"), 69, "comes with its packages"),
        (("pull", "motion:diffusers"), 69, "does not say which weights"),
        (("pull", "sdxll", "--yes"), 69, "did you mean 'sdxl'"),
        (("rm", "sdxl"), 69, "models ls"),
        (("verify", "sdxl"), 69, "models pull sdxl"),
        (("pull", REPO, "--revision", "../x", "--yes"), 2, "cannot be a revision"),
    ],
)
def test_what_cannot_be_is_told_with_the_way_out(
    run, hub: LocalHub, words: tuple[str, ...], code: int, says: str
) -> None:
    said = run("models", *words)
    assert said.code == code
    assert says in said.err


def test_weights_that_a_film_here_needs_are_removed_only_on_demand(run, hub: LocalHub, fakes: Path) -> None:
    commit = hub.add(REPO, pipeline())
    run("models", "pull", REPO, "--yes")
    (fakes / "film" / "fox").mkdir(parents=True)
    line = Pinned(repo=REPO, revision=commit, digest="d" * 64)
    write_lock(fakes / "film" / "fox", Lock(models={f"picture:diffusers:{REPO}": line}))

    kept = run("models", "rm", REPO)

    assert kept.code == 2
    assert "film/fox" in kept.err
    assert run("models", "rm", REPO, "--yes").code == 0


def test_pull_refuses_at_once_when_told_to_stay_offline(run) -> None:  # type: ignore[no-untyped-def]
    said = run("models", "pull", "sd15", "--yes", "--offline")
    assert said.code != 0
    assert "working offline" in said.err


# ------------------------------------------------------------------------------------------ models of transformers
def test_a_model_of_transformers_is_shown_with_what_it_does_and_needs(run, hub: LocalHub) -> None:
    hub.add("studio/listener", pretrained(), card={"license": "cc-by-nc-4.0"})
    said = run("models", "pull", "studio/listener")
    assert said.code == 2
    for text in (
        "ear:whisper:studio/listener",
        "listens, by whisper",
        "no commercial use",
        "main memory",
        "shared with",
    ):
        assert text in said.out
    done = run("models", "pull", "studio/listener", "--yes")
    assert "kamishibai make story.md --ear whisper:studio/listener" in done.out
    assert "kamishibai try ear:whisper:studio/listener speech.wav" in done.out


def test_every_kind_is_pulled_by_the_id_that_a_film_asks_for(run, hub: LocalHub) -> None:
    hub.add("openai/whisper-tiny", pretrained())
    last = run("models", "pull", "ear:whisper:whisper-tiny", "--yes", "--json").lines[-1]["result"]
    assert last["id"] == "ear:whisper:whisper-tiny"
    card = json.loads(run("models", "ear:whisper:whisper-tiny", "--json").out)["models"][0]
    assert card["presets"][0]["here"] is True


def test_commercial_safe_names_what_is_allowed_of_the_same_kind(run, hub: LocalHub) -> None:
    hub.add("facebook/mms-tts-eng", pretrained("vits"), card={"license": "cc-by-nc-4.0"})
    said = run("models", "pull", "mms-eng", "--yes", "--commercial-safe")
    assert said.code == 69
    for text in ("voice:vits:mms-eng", "CC-BY-NC-4.0", "--voice hibari", "bark:bark"):
        assert text in said.err


@pytest.fixture
def own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is converted away from other tests."""
    monkeypatch.setenv("KAMISHIBAI_CACHE", str(tmp_path / "cache"))


def pickled(canary: Path | None = None) -> dict[str, bytes]:
    """Return the files of a repo like Bark's: a pickle and nothing else; an evil one, where it has a canary to kill."""
    import io

    import torch

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {canary}",)

    stream = io.BytesIO()
    weights = {"a": torch.ones(300)}
    torch.save({**weights, "b": Evil()} if canary else weights, stream)
    files = pretrained("bark", **{"pytorch_model.bin": stream.getvalue()})
    # What a pull would not take, and what a repo with safetensors has.
    for name in [name for name in files if name.endswith((".safetensors", ".index.json", ".fp32.json"))]:
        del files[name]
    return files


@pytest.mark.usefixtures("own_weights")
def test_a_pickle_is_converted_when_it_is_asked_for_and_is_then_used_like_the_rest(
    run, hub: LocalHub
) -> None:
    commit = hub.add("suno/bark", pickled())

    refused = run("models", "pull", "bark", "--yes")
    before = json.loads(run("models", "ls", "--json").out)["models"]
    done = run("models", "pull", "bark", "--convert", "--yes")
    again = run("models", "pull", "bark", "--yes", "--json").lines[-1]["result"]
    listed = json.loads(run("models", "ls", "--json").out)["models"]
    shown = run("models", "ls").out
    checked = run("models", "verify", "bark")

    assert refused.code == 2
    assert "--yes agrees to a download alone" in refused.err
    assert "kamishibai models pull bark --convert --yes" in refused.err
    assert "which can run code as it is read" in refused.out
    assert before == []
    assert done.code == 0, done.err
    path = Path(again["path"])
    assert "converted" in path.parts
    assert (again["id"], again["converted"]) == ("voice:bark:bark", True)
    assert {one.name for one in path.glob("*.safetensors")} == {"model.safetensors"}
    assert [(one["commit"], one["converted"], one["pipeline"]) for one in listed] == [(commit, True, "bark")]
    assert not repo_folder("suno/bark").exists()
    assert "converted on this machine" in shown
    assert checked.code == 0
    assert "11 of 11 are what was converted" in checked.out
    assert len([one for one in hub.bodies("pytorch_model.bin") if one.path.startswith("/cdn/")]) == 1
    from kamishibai.weights import pretrained as found_by

    found = found_by.find("bark", "voice", {"bark"})
    assert (found.path, found.repo, found.revision) == (path, "suno/bark", commit)
    assert found_by.terms_of(found).name == "MIT"

    (path / "model.safetensors").write_bytes((path / "model.safetensors").read_bytes()[:-1] + b"!")
    assert run("models", "verify", "bark").code == 74
    assert "--convert" in run("models", "verify", "bark", "--repair").err
    assert run("models", "rm", "bark", "--yes").code == 0
    assert json.loads(run("models", "ls", "--json").out)["models"] == []


@pytest.mark.usefixtures("own_weights")
def test_an_evil_pickle_from_the_hub_is_refused_and_nothing_of_it_runs(
    run, hub: LocalHub, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    hub.add("suno/bark-small", pickled(canary))
    said = run("models", "pull", "bark-small", "--convert", "--yes")
    assert said.code != 0
    assert "posix.system" in said.err
    assert not canary.exists()
    assert (
        json.loads(run("models", "voice:bark:bark-small", "--json").out)["models"][0]["presets"][0]["here"]
        is False
    )


@pytest.mark.usefixtures("own_weights")
def test_a_pickle_that_another_program_had_fetched_is_left_to_it(run, hub: LocalHub) -> None:
    from huggingface_hub import hf_hub_download

    hub.add("suno/bark", pickled())
    for name in ("config.json", "pytorch_model.bin"):
        hf_hub_download("suno/bark", name, endpoint=hub.url, cache_dir=repo_folder("suno/bark").parent)
    (before,) = json.loads(run("models", "ls", "--json").out)["models"]
    assert "pickle" in before["problem"]
    done = run("models", "pull", "bark", "--convert", "--yes")
    assert done.code == 0, done.err
    assert list(repo_folder("suno/bark").glob("snapshots/*/pytorch_model.bin"))
    assert len([one for one in hub.bodies("pytorch_model.bin") if one.path.startswith("/cdn/")]) == 1


@pytest.mark.usefixtures("own_weights")
def test_a_conversion_that_was_stopped_goes_on_and_leaves_nothing_of_the_first_try(hub: LocalHub) -> None:
    from kamishibai.cli.bringing import Bringing
    from kamishibai.errors import Cancelled
    from kamishibai.weights.converted import place_of
    from kamishibai.weights.offers import offer

    place = place_of("suno/bark", hub.add("suno/bark", pickled()))
    stages: list[str] = []
    first = Bringing(offer("bark"), convert=True, keep_pickle=False)
    with pytest.raises(Cancelled):
        first.now(lambda event: stages.append(event.stage), lambda: "convert" in stages)
    assert repo_folder("suno/bark").exists()
    killed = place.parent / f".{place.name}-x.part"
    killed.mkdir(parents=True)

    path = Bringing(offer("bark"), convert=True, keep_pickle=False).now(lambda event: None, lambda: False)

    assert path == place
    assert not repo_folder("suno/bark").exists()
    assert [one.name for one in place.parent.iterdir()] == [place.name]
