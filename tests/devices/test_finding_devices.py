"""Which devices are found, and what is said when the wanted one is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kamishibai.devices import device as finding
from kamishibai.devices.device import cards_of_nvidia_smi, probe, probe_without_torch, torch_name
from kamishibai.devices.memory import Device
from kamishibai.errors import UsageError

SAID = """\
0, GPU-aaaa1111-2222, NVIDIA GeForce RTX 3060, 12288, 11000, 8.6
1, GPU-bbbb3333-4444, Tesla T4, 15360, 15000, 7.5
2, GPU-cccc5555-6666, NVIDIA H100, [N/A], [N/A], 9.0
"""


def test_cards_are_read_with_their_memory_in_megabytes() -> None:
    first, second = cards_of_nvidia_smi(SAID, None)

    assert (first.name, first.index, first.total_mb, first.bf16) == (
        "NVIDIA GeForce RTX 3060",
        0,
        12884,
        True,
    )
    assert first.free_mb == 11534 - finding.CONTEXT_MB
    assert (second.name, second.index, second.bf16) == ("Tesla T4", 1, False)


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("1", ["Tesla T4"]),
        ("1,0", ["Tesla T4", "NVIDIA GeForce RTX 3060"]),
        ("GPU-bbbb", ["Tesla T4"]),
        ("", []),
        ("-1", []),
        ("0,7,1", ["NVIDIA GeForce RTX 3060"]),
    ],
)
def test_hidden_cards_are_left_out_and_the_rest_numbered_as_torch_does(
    visible: str, names: list[str]
) -> None:
    cards = cards_of_nvidia_smi(SAID, visible)

    assert [card.name for card in cards] == names
    assert [card.index for card in cards] == list(range(len(names)))


def test_amds_cards_are_read_from_the_kernel_and_small_ones_left_out(tmp_path: Path) -> None:
    for name, total, used in (("card0", 512 << 20, 0), ("card1", 24 << 30, 1 << 30)):
        folder = tmp_path / name / "device"
        folder.mkdir(parents=True)
        (folder / "mem_info_vram_total").write_text(f"{total}\n")
        (folder / "mem_info_vram_used").write_text(f"{used}\n")

    (card,) = finding._amd(tmp_path)

    assert (card.kind, card.index, card.total_mb) == ("rocm", 0, 25769)
    assert torch_name(card) == "cuda:0"


def some_cards() -> list[Device]:
    return [
        Device(kind="cuda", index=0, name="small", total_mb=8000, free_mb=7000),
        Device(kind="cuda", index=1, name="large", total_mb=24000, free_mb=1000),
        Device(kind="cpu", name="processor", total_mb=64000, free_mb=60000),
    ]


@pytest.mark.parametrize(
    ("wanted", "name"), [("auto", "large"), ("cuda", "small"), ("cuda:1", "large"), ("cpu", "processor")]
)
def test_the_wanted_device_is_taken(wanted: str, name: str) -> None:
    assert finding._choose(wanted, some_cards(), seen_by="torch").name == name


def test_a_device_that_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(UsageError) as caught:
        finding._choose("mps", some_cards(), seen_by="torch")

    assert "cuda:1 (large, 24 GB)" in caught.value.what


def test_a_card_is_missed_by_its_number() -> None:
    with pytest.raises(UsageError):
        finding._choose("cuda:2", some_cards(), seen_by="torch")


@pytest.mark.parametrize("wanted", ["gpu", "cuda:", "cuda:x", "cpu:0x", "CPU", ""])
def test_what_is_no_device_is_refused_with_the_names_there_are(wanted: str) -> None:
    with pytest.raises(UsageError, match="is no device") as caught:
        finding._choose(wanted, some_cards(), seen_by="torch")

    assert caught.value.hint is not None
    assert "cuda:0" in caught.value.hint


def test_torch_and_this_machine_agree_on_the_processor() -> None:
    pytest.importorskip("torch")

    with_torch, without = probe("cpu"), probe_without_torch("cpu")

    assert with_torch.kind == without.kind == "cpu"
    assert with_torch.total_mb == without.total_mb


def test_planning_needs_no_torch() -> None:
    code = (
        "import sys; from kamishibai.devices.device import probe_without_torch; "
        "from kamishibai.devices.memory import plan_memory; from kamishibai.weights.families import FAMILIES; "
        "plan_memory(probe_without_torch(), FAMILIES[0], 0, 512, 512); print('torch' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "False"


def test_the_build_of_the_installed_torch_is_known_without_importing_it() -> None:
    torch = pytest.importorskip("torch")

    built = "rocm" if torch.version.hip else "cuda" if torch.version.cuda else "cpu"

    assert finding._torch_build() == built
