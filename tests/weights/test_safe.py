from __future__ import annotations

import json
from pathlib import Path

import pytest
from handmade import safetensors
from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.errors import ModelError
from kamishibai.weights.safe import read_header


def _with_header(path: Path, header: object, body: bytes = b"") -> Path:
    raw = json.dumps(header).encode()
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + body)
    return path


def test_names_types_and_shapes_are_read(tmp_path: Path) -> None:
    header = read_header(safetensors(tmp_path / "a.safetensors", {"one": (2, 3), "two": ()}))
    assert {name: (t.dtype, t.shape) for name, t in header.tensors.items()} == {
        "one": ("F16", (2, 3)),
        "two": ("F16", ()),
    }


def test_metadata_is_read(tmp_path: Path) -> None:
    path = _with_header(tmp_path / "a.safetensors", {"__metadata__": {"format": "pt"}})
    assert read_header(path).metadata == {"format": "pt"}


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 9, 40, -1])
def test_a_file_cut_off_anywhere_is_damaged_and_named(tmp_path: Path, kept: int) -> None:
    path = safetensors(tmp_path / "model.safetensors", {"weight": (64, 64)})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError) as caught:
        read_header(path)
    assert caught.value.where == str(path)
    assert "damaged" in caught.value.what
    assert "models verify" in (caught.value.hint or "")


def test_a_file_with_bytes_to_spare_is_damaged(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "a.safetensors")
    path.write_bytes(path.read_bytes() + b"xx")
    with pytest.raises(ModelError, match="longer than its tensors"):
        read_header(path)


def test_a_header_longer_than_any_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes((1 << 62).to_bytes(8, "little") + b"{}")
    with pytest.raises(ModelError, match="does not begin like"):
        read_header(path)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F16", "shape": [2], "data_offsets": [0, 3]},
        {"dtype": "F16", "shape": [2], "data_offsets": [2, 6]},
        {"dtype": "F16", "shape": [-2], "data_offsets": [0, 4]},
        {"dtype": "F16", "shape": [2.0], "data_offsets": [0, 4]},
        {"dtype": "F16", "shape": [True, 2], "data_offsets": [0, 4]},
        {"dtype": "Q9", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F16", "shape": 2, "data_offsets": [0, 4]},
        {"dtype": "F16", "shape": [2]},
        {"shape": [2], "data_offsets": [0, 4]},
        "F16",
        None,
        {"dtype": "F16", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 4]},
    ],
)
def test_a_header_that_contradicts_itself_is_damaged(tmp_path: Path, entry: object) -> None:
    path = _with_header(tmp_path / "a.safetensors", {"weight": entry}, bytes(4))
    with pytest.raises(ModelError, match="cannot be understood"):
        read_header(path)


@pytest.mark.parametrize("header", [[], "x", 33, None, {"__metadata__": 3}])
def test_a_header_of_another_kind_is_damaged(tmp_path: Path, header: object) -> None:
    with pytest.raises(ModelError, match="cannot be understood"):
        read_header(_with_header(tmp_path / "a.safetensors", header))


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_header(tmp_path / "none.safetensors")


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_no_bytes_whatever_crash_the_reader(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.safetensors"
    path.write_bytes(data)
    try:
        header = read_header(path)
    except ModelError:
        return
    assert 8 + int.from_bytes(data[:8], "little") <= len(data)
    assert isinstance(header.tensors, dict)


@settings(deadline=None)
@given(
    shapes=st.dictionaries(
        st.text(min_size=1).filter(lambda n: n != "__metadata__"),
        st.lists(st.integers(0, 5), max_size=3).map(tuple),
        max_size=5,
    )
)
def test_every_whole_file_is_read(
    shapes: dict[str, tuple[int, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = safetensors(tmp_path_factory.getbasetemp() / "whole.safetensors", shapes or {"w": (1,)})
    assert {n: t.shape for n, t in read_header(path).tensors.items()} == (shapes or {"w": (1,)})


@pytest.mark.parametrize(
    ("dtype", "stored", "half"), [("F32", 24, 12), ("BF16", 12, 12), ("U8", 6, 6), ("F8_E4M3", 6, 6)]
)
def test_sizes_in_half_precision_are_of_floats_alone(
    tmp_path: Path, dtype: str, stored: int, half: int
) -> None:
    entry = {"dtype": dtype, "shape": [2, 3], "data_offsets": [0, stored]}
    path = _with_header(tmp_path / "a.safetensors", {"w": entry}, bytes(stored))
    assert read_header(path).half_bytes == half
