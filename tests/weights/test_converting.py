from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kamishibai.errors import Cancelled, ModelError, StoreError, UnsupportedError, UsageError
from kamishibai.pretrained import converting, unpickling
from kamishibai.pretrained.converting import convert
from kamishibai.pretrained.opening import open_model, placing
from kamishibai.pretrained.unpickling import Refused, check_archive, read
from kamishibai.weights import pretrained

pytestmark = pytest.mark.slow


def quiet(file: str, done: int, total: int) -> None:
    return None


def saved(value: Any, **how: Any) -> bytes:
    import torch

    stream = io.BytesIO()
    torch.save(value, stream, **how)
    return stream.getvalue()


def folder_with(folder: Path, weights: bytes, name: str = "pytorch_model.bin") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text('{"model_type": "bark"}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    (folder / name).write_bytes(weights)
    return folder


class Evil:
    """Pickles to a call that leaves a file behind."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self._canary}",)


# ------------------------------------------------------------------------------------------ a good one
def test_a_good_pickle_becomes_equal_safetensors_and_only_small_files_come_along(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    weight = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    tensors = {
        "embed": weight, "tied": weight, "part": weight[:2], "turned": weight.t(), "flag": torch.tensor([True]),
        "half": torch.ones(2, dtype=torch.bfloat16), "scalar": torch.tensor(3), "empty": torch.zeros(0, 2),
        "gap": torch.tensor([float("nan"), float("-inf"), -0.0]),
    }  # fmt: skip
    source = folder_with(tmp_path / "in", saved(OrderedDict(tensors)))
    (source / "optimizer.pt").write_bytes(b"x")
    (source / "pytorch_model.bin.index.json.old").write_text("{}")
    (source / "speaker_embeddings").mkdir()
    (source / "speaker_embeddings" / "a.npy").write_bytes(b"npy")

    out = convert(source, tmp_path / "out", quiet)

    back = load_file(out / "model.safetensors")
    assert set(back) == set(tensors)
    for name, tensor in tensors.items():
        assert back[name].dtype == tensor.dtype
        assert back[name].shape == tensor.shape
        same = torch.equal(
            back[name].flatten().view(torch.uint8), tensor.contiguous().flatten().view(torch.uint8)
        )
        assert same, name
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there == {
        "config.json", "tokenizer.json", "README.md", "model.safetensors", "speaker_embeddings/a.npy",
    }  # fmt: skip
    assert pretrained.find(str(out), "voice", {"bark"}).model_type == "bark"
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}


def test_a_real_bark_under_its_old_names_is_the_same_model_afterwards(
    tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    """Bark's pickle is of 2023: the weights of its codec are split under names that transformers has since changed."""
    import torch
    from safetensors.torch import load_file

    state = load_file(tiny("bark") / "model.safetensors")
    old = {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): tensor
        for name, tensor in state.items()
    }
    assert set(old) != set(state)
    source = tmp_path / "in"
    shutil.copytree(tiny("bark"), source, ignore=shutil.ignore_patterns("*.safetensors*"))
    torch.save(old, source / "pytorch_model.bin")
    with pytest.raises(ModelError, match="a film loads only safetensors") as caught:
        pretrained.find(str(source), "voice", {"bark"})
    assert "kamishibai models convert" in str(caught.value)

    out = convert(source, tmp_path / "out", quiet)

    before, after = (
        open_model("BarkModel", found, placing(found, "cpu")).model.state_dict()
        for found in (pretrained.find(str(path), "voice", {"bark"}) for path in (tiny("bark"), out))
    )
    assert set(before) == set(after)
    assert all(torch.equal(before[name], after[name]) for name in before)
    voices = {path.name for path in tiny("bark").glob("speaker_embeddings/**/*.npy")}
    assert voices
    assert {path.name for path in out.glob("speaker_embeddings/**/*.npy")} == voices


def test_shards_are_converted_one_by_one_under_a_new_list(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    names = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]
    source = folder_with(tmp_path / "in", saved({"a": torch.ones(2)}), names[0])
    folder_with(source, saved({"b": torch.zeros(3)}), names[1])
    (source / "pytorch_model.bin.index.json").write_text(
        json.dumps({"weight_map": {"a": names[0], "b": names[1]}})
    )

    out = convert(source, tmp_path / "out", quiet)

    shards = json.loads((out / "model.safetensors.index.json").read_text())["weight_map"]
    assert torch.equal(load_file(out / shards["a"])["a"], torch.ones(2))
    assert torch.equal(load_file(out / shards["b"])["b"], torch.zeros(3))
    assert not list(out.glob("pytorch_model*"))
    assert pretrained.find(str(out), "voice", None).weights_mb == 1


# ------------------------------------------------------------------------------------------ a bad one
def test_a_pickle_that_wants_to_run_a_program_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    import torch

    canary = tmp_path / "canary"
    weights = saved({"a": torch.ones(2), "b": Evil(canary)})
    pickle.loads(pickle.dumps(Evil(canary)))  # it does work
    assert canary.exists()
    canary.unlink()
    source = folder_with(tmp_path / "in", weights)

    with pytest.raises(ModelError) as caught:
        convert(source, tmp_path / "out", quiet)

    assert "posix.system" in str(caught.value)
    assert "none of its code ran" in str(caught.value)
    assert not canary.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda good: good[:-50], "cut off"),
        (lambda good: b"", "cut off"),
        (lambda good: b"<html>404</html>", "no file of torch.save"),
        (lambda good: pickle.dumps({"a": 1}), "no file of torch.save"),
        (lambda good: good[:4] + bytes(len(good) - 4), "no file of torch.save"),
    ],
)
def test_what_is_no_whole_archive_is_refused(
    tmp_path: Path, make: Callable[[bytes], bytes], says: str
) -> None:
    import torch

    path = tmp_path / "w.bin"
    path.write_bytes(make(saved({"a": torch.ones(2)})))
    with pytest.raises(Refused, match=says):
        check_archive(path)


def test_the_form_of_torch_before_1_6_is_refused_by_name(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "w.bin"
    path.write_bytes(saved({"a": torch.ones(2)}, _use_new_zipfile_serialization=False))
    with pytest.raises(Refused, match=r"before version 1\.6"):
        check_archive(path)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"m/data.pkl": b"x", "m/constants.pkl": b"x"}, "TorchScript"),
        ({"m/version": b"3"}, "does not hold one set"),
        ({"m/data.pkl": b"x", "n/data.pkl": b"x"}, "does not hold one set"),
    ],
)
def test_archives_of_other_things_are_refused(tmp_path: Path, files: dict[str, bytes], says: str) -> None:
    path = tmp_path / "w.bin"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    with pytest.raises(Refused, match=says):
        check_archive(path)


def test_a_compressed_archive_is_refused_for_it_could_unpack_to_anything(tmp_path: Path) -> None:
    path = tmp_path / "w.bin"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/data.pkl", b"x")
        archive.writestr("m/data/0", bytes(1_000_000))
    with pytest.raises(Refused, match="compressed"):
        check_archive(path)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (lambda torch: [torch.ones(2)], "list and no tensors by name"),
        (lambda torch: {}, "no tensors by name"),
        (lambda torch: {"a": torch.ones(2), "steps": 3}, "'steps' is int"),
        (lambda torch: {"model": {"a": torch.ones(2)}}, "'model' is dict"),
        (lambda torch: {1: torch.ones(2)}, "'1' is Tensor"),
        (lambda torch: {"a": torch.eye(2).to_sparse()}, "of a kind that safetensors cannot hold"),
        (lambda torch: {"a": torch.nn.Linear(1, 1)}, "torch.nn.modules.linear.Linear"),
    ],
)
def test_what_is_more_than_tensors_by_name_is_refused(
    tmp_path: Path, value: Callable[[Any], Any], says: str
) -> None:
    import torch

    path = tmp_path / "w.bin"
    path.write_bytes(saved(value(torch)))
    with pytest.raises(Refused, match=says):
        read(path)


def test_a_record_shorter_than_its_tensor_is_refused(tmp_path: Path) -> None:
    """The list says eight numbers and the record has four: read without care, the rest would be somebody's memory."""
    import torch

    whole, path = tmp_path / "whole.bin", tmp_path / "w.bin"
    whole.write_bytes(saved({"a": torch.ones(8)}))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for one in old.infolist():
            data = old.read(one)
            new.writestr(one.filename, data[:16] if one.filename.endswith("/data/0") else data)
    with pytest.raises(Refused, match="torch cannot read it"):
        read(path)


@pytest.mark.parametrize(
    "deed",
    [
        "os.system('true')",
        "subprocess.Popen(['true'])",
        "os.fork()",
        "open('left-behind', 'w')",
        "os.remove('x')",
        "socket.create_connection(('127.0.0.1', 9))",
        "pickle.loads(pickle.dumps(os.getcwd))",
    ],
)
def test_once_it_reads_the_process_can_do_nothing_else(tmp_path: Path, deed: str) -> None:
    code = (
        "import os, pickle, socket, subprocess\n"
        "from kamishibai.pretrained.unpickling import refuse_events, Caught\n"
        f"refuse_events()\ntry:\n    {deed}\nexcept Caught as error:\n    print('caught:', error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.startswith("caught:"), done.stderr
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------ the machine
def test_an_old_torch_is_refused_before_the_pickle_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "torch_version", lambda: "2.9.1+cu128")
    with pytest.raises(UnsupportedError, match=r"torch 2\.10 or newer, and 2\.9\.1\+cu128"):
        convert(folder_with(tmp_path / "in", b"never read"), tmp_path / "out", quiet)


def test_a_disk_or_a_memory_that_is_too_small_is_told_of_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = folder_with(tmp_path / "in", b"never read")
    monkeypatch.setattr(converting, "main_memory_mb", lambda: (2000, 100))
    with pytest.raises(ModelError, match="100 MB are free"):
        convert(source, tmp_path / "out", quiet)
    monkeypatch.setattr(converting, "RESERVE", 1 << 60)
    with pytest.raises(StoreError, match="no room"):
        convert(source, tmp_path / "out", quiet)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a limit of the system's on files")
def test_a_disk_that_fills_up_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    import torch

    source = folder_with(tmp_path / "in", saved({"a": torch.zeros(200_000)}))
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from kamishibai.pretrained.converting import convert\n"
        "from kamishibai.errors import StoreError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: convert(Path(sys.argv[1]), Path(sys.argv[2]), lambda *a: None)\n"
        "except StoreError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(source), str(tmp_path / "out")], capture_output=True, text=True
    )
    assert "no room left" in done.stdout, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def test_it_can_be_stopped(tmp_path: Path) -> None:
    import torch

    def stop(file: str, done: int, total: int) -> None:
        raise Cancelled("stopped by you")

    source = folder_with(tmp_path / "in", saved({"a": torch.zeros(2)}))
    with pytest.raises(Cancelled):
        convert(source, tmp_path / "out", stop)
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def test_what_cannot_be_converted_is_told_with_the_way_out(tmp_path: Path) -> None:
    source = folder_with(tmp_path / "in", b"x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(UsageError, match="something already"):
        convert(source, tmp_path / "full", quiet)
    with pytest.raises(UsageError, match="lies in the old one"):
        convert(source, source / "new", quiet)
    (source / "pytorch_model.bin").rename(source / "other.bin")
    with pytest.raises(UnsupportedError, match=r"no pytorch_model\.bin"):
        convert(source, tmp_path / "out", quiet)
    (source / "config.json").write_text('{"model_type": "bark", "auto_map": {"AutoModel": "m.M"}}')
    with pytest.raises(UnsupportedError, match="code of its own"):
        convert(source, tmp_path / "out", quiet)


def test_the_process_that_reads_imports_torch_only_after_the_archive_was_looked_at() -> None:
    assert "torch" not in vars(unpickling)
    code = "import sys, kamishibai.pretrained.unpickling, kamishibai.pretrained.converting; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
