from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.documents.frozen import canonical_json
from kamishibai.work.key import content_hash
from kamishibai.work.sealed import BrokenSeal, broken_open, sealed, unsealed

FORM = "kamishibai.result/2"
VALUE = {"key": "ab", "seconds": 1.5, "text": "雪", "none": None, "list": [1, True]}
DATA = sealed(FORM, VALUE)


def test_what_was_sealed_comes_back() -> None:
    assert unsealed(DATA, FORM) == VALUE
    assert broken_open(DATA) == (FORM, VALUE)


def test_another_version_is_no_damage() -> None:
    assert unsealed(sealed("kamishibai.result/3", VALUE), FORM) is None
    assert broken_open(sealed("kamishibai.result/3", VALUE)) == ("kamishibai.result/3", VALUE)


def test_every_flipped_bit_is_noticed() -> None:
    for at in range(len(DATA)):
        for bit in range(8):
            bad = DATA[:at] + bytes([DATA[at] ^ (1 << bit)]) + DATA[at + 1 :]
            with pytest.raises(BrokenSeal):
                unsealed(bad, FORM)


def test_every_truncation_is_noticed() -> None:
    for end in range(len(DATA)):
        with pytest.raises(BrokenSeal):
            unsealed(DATA[:end], FORM)


def test_every_removed_or_doubled_byte_is_noticed() -> None:
    for at in range(len(DATA)):
        for bad in (DATA[:at] + DATA[at + 1 :], DATA[:at] + DATA[at : at + 1] + DATA[at:]):
            with pytest.raises(BrokenSeal):
                unsealed(bad, FORM)


def test_what_is_added_is_noticed() -> None:
    for more in (b"\n", b" ", b"\x00", DATA):
        with pytest.raises(BrokenSeal):
            unsealed(DATA + more, FORM)


@pytest.mark.parametrize(
    "head", [b"[]", b"3", b'"form"', b"null", b"{}", b'{"form":1}', b'{"sha256":1}', b"\xff\xfe", b""]
)
def test_a_head_of_another_shape_is_noticed(head: bytes) -> None:
    with pytest.raises(BrokenSeal):
        unsealed(head + b"\n{}\n", FORM)


def test_a_form_of_another_kind_of_value_is_noticed() -> None:
    line = b"{}"
    head = canonical_json({"form": 1, "sha256": content_hash(b"1\n" + line)})
    assert broken_open(head + b"\n" + line + b"\n")[0] == "1"  # told apart from every form there is
    assert unsealed(head + b"\n" + line + b"\n", FORM) is None


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_value_comes_back(value: object) -> None:
    data = sealed(FORM, value)
    assert data.count(b"\n") == 2
    assert unsealed(data, FORM) == json.loads(json.dumps(value))
