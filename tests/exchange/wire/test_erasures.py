"""The list of erasures as a file: it comes back as it was written, and nothing else is taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.keeping import Erasure
from kouprey.exchange.wire.erasures import read_erasures, write_erasures
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged

KEY = SigningKey.generate()
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
LISTED = st.lists(
    st.tuples(
        st.integers(1, 1 << 40),
        st.builds(
            Erasure,
            stix_id=TEXT,
            type=TEXT,
            instant=st.integers(0, 1 << 60),
            version_text=TEXT,
            sha256=st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), max_size=3).map(tuple),
            at=st.integers(0, 1 << 60),
            lifted=st.booleans(),
        ),
    ),
    max_size=4,
)


@given(listed=LISTED)
def test_it_comes_back(listed: list[tuple[int, Erasure]]) -> None:
    assert read_erasures(write_erasures("cert.example", listed, KEY), "cert.example", KEY) == listed


DEEP = b'{"note": "", "erased": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@given(data=st.binary(max_size=200) | st.just(b'{"note": "", "erased": []}') | st.just(DEEP))
def test_nothing_else_is_read(data: bytes) -> None:
    with pytest.raises(Damaged):
        read_erasures(data, "cert.example", KEY)


def test_a_changed_one_and_one_of_another_node_are_refused() -> None:
    one = Erasure(stix_id="tool--1", type="tool", instant=1, version_text="1", sha256=("00" * 32,), at=5)
    written = write_erasures("cert.example", [(1, one)], KEY)
    for data, key in ((written.replace(b"tool--1", b"tool--2"), KEY), (written, SigningKey.generate())):
        with pytest.raises(Damaged):
            read_erasures(data, "cert.example", key)


def test_what_a_later_version_says_more_is_signed_too_and_passed_over() -> None:
    """After a way back, an older version reads the list that the newer one has written."""

    class Later(Erasure, frozen=True, kw_only=True):
        order: str = ""

    one = Later(stix_id="tool--1", type="tool", instant=1, version_text="1", sha256=("00" * 32,), at=5, order="12")
    written = write_erasures("cert.example", [(7, one)], KEY)
    ((number, read),) = read_erasures(written, "cert.example", KEY)
    assert number == 7 and (read.stix_id, read.sha256) == (one.stix_id, one.sha256)
    with pytest.raises(Damaged):
        read_erasures(written.replace(b'"order": "12"', b'"order": "13"'), "cert.example", KEY)
