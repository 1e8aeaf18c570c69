"""A manifest names events, never a way out of its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.misp.wire.feed import Listed, read_manifest

UUID = "5a3c2fcd-8328-42bb-a95e-4f4402de0b81"


def test_a_manifest_says_when_and_what() -> None:
    about = {"timestamp": 1764000000, "integrity:sha256": "AB" * 32, "info": "x"}
    assert read_manifest(json.dumps({UUID: about, UUID.upper(): {}}).encode()) == [
        Listed(UUID, 1764000000_000000, "ab" * 32),
        Listed(UUID.upper(), 0, ""),
    ]


@pytest.mark.parametrize("value", [[], {"../../etc/passwd": {}}, {UUID: []}, {UUID + "\n": {}}, "x"])
def test_what_is_no_manifest_is_refused(value: Any) -> None:
    with pytest.raises(Damaged) as error:
        read_manifest(json.dumps(value).encode())
    assert error.value.code == "bad-manifest"


@given(
    st.dictionaries(
        st.just(UUID) | st.text(max_size=5),
        st.dictionaries(st.just("timestamp"), st.text() | st.integers()) | st.none(),
    )
)
def test_any_manifest_is_read_or_refused(value: Any) -> None:
    try:
        assert all(each.uuid == UUID and each.changed >= 0 for each in read_manifest(json.dumps(value).encode()))
    except Damaged as error:
        assert error.code in ("bad-manifest", "unsafe-json")
