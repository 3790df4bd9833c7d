"""How much main memory is free, by each system's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamishibai.devices import ram

MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n"


def machine(tmp_path: Path, cgroup: str) -> tuple[Path, Path]:
    """Write a /proc with 16 GB (8 free) and an empty /sys/fs/cgroup."""
    proc, groups = tmp_path / "proc", tmp_path / "groups"
    (proc / "self").mkdir(parents=True)
    groups.mkdir()
    (proc / "meminfo").write_text(MEMINFO)
    (proc / "self" / "cgroup").write_text(cgroup)
    return proc, groups


def limit(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_free_memory_is_what_could_be_had_not_what_lies_idle(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "0::/\n")

    assert ram._linux(proc, groups) == (16_384_000_000, 8_192_000_000)


def test_a_containers_limit_counts_and_what_it_keeps_of_files_does_not(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "0::/\n")
    limit(groups, memory__max="4000000000\n", memory__current="3000000000\n")
    limit(groups, memory__stat="anon 1000000000\ninactive_file 1500000000\n")

    assert ram._linux(proc, groups) == (4_000_000_000, 2_500_000_000)


def test_the_narrowest_of_nested_groups_counts(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "0::/user.slice/session\n")
    limit(groups / "user.slice", memory__max="2000000000", memory__current="500000000")
    limit(groups / "user.slice" / "session", memory__max="max", memory__current="100")

    assert ram._linux(proc, groups) == (2_000_000_000, 1_500_000_000)


def test_the_first_version_of_control_groups_is_read_too(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "5:cpu:/\n4:memory:/job\n")
    limit(groups / "memory", memory__limit_in_bytes=str(2**63 - 4096), memory__usage_in_bytes="1")
    limit(groups / "memory" / "job", memory__limit_in_bytes="1000000000", memory__usage_in_bytes="400000000")

    assert ram._linux(proc, groups) == (1_000_000_000, 600_000_000)


def test_a_group_that_cannot_be_seen_from_inside_falls_back_to_the_root(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "0::/../../host/path\n")
    limit(groups, memory__max="3000000000", memory__current="1000000000")

    assert ram._linux(proc, groups)[0] == 3_000_000_000


def test_a_limit_on_address_space_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    proc, groups = machine(tmp_path, "0::/\n")
    (proc / "self" / "statm").write_text("100 50 10 1 0 20 0\n")
    monkeypatch.setattr(resource, "getrlimit", lambda name: (1_000_000_000, resource.RLIM_INFINITY))

    assert ram._linux(proc, groups)[1] == 1_000_000_000 - 100 * resource.getpagesize()


def test_macos_counts_pages_that_are_kept_only_for_now() -> None:
    text = (
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
        "Pages free:                               10000.\n"
        "Pages active:                            300000.\n"
        "Pages inactive:                           20000.\n"
        "Pages speculative:                         5000.\n"
        "Pages wired down:                        100000.\n"
        "Pages purgeable:                           1000.\n"
    )

    assert ram.free_of_vm_stat(text) == 36_000 * 16_384


def test_this_machine_has_memory_and_some_of_it_is_free() -> None:
    total, free = ram.main_memory_mb()

    assert 0 < free <= total
