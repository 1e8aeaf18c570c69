"""Erasure receipts on the wire: what was written is read, and nothing else."""

from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.model import ErasureReceipt, IndexRange
from kouprey.federation.wire.erasing import (
    FIRST_LINE,
    open_erasure_receipt,
    read_erasure_receipt,
    render_erasure_receipt,
)
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import sign_note
from kouprey.kernel.words.errors import Damaged

KEY = SigningKey.from_bytes(bytes(32))
PARTY = "operator.example"
SAID = ErasureReceipt(
    v=1,
    party=PARTY,
    origin="kouprey/1/" + "a" * 64,
    serial=3,
    at="2026-12-01T00:00:00Z",
    erased=(IndexRange(1, 2), IndexRange(4, 9)),
    kept=(),
)


def test_what_was_written_is_read() -> None:
    assert open_erasure_receipt(render_erasure_receipt(SAID, KEY), [KEY.verify_key(f"{PARTY}/node")]) == SAID
    with pytest.raises(Damaged):
        open_erasure_receipt(render_erasure_receipt(SAID, KEY), [KEY.verify_key("other.example/node")])


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"party": "x"},
        {"origin": "here"},
        {"serial": 0},
        {"serial": 2**63},
        {"at": "now"},
        {"erased": (IndexRange(4, 9), IndexRange(1, 2))},
        {"kept": (IndexRange(2, 2),)},
        {"kept": tuple(IndexRange(2 * n, 2 * n + 1) for n in range(2001))},
    ],
)
def test_what_cannot_be_meant_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        read_erasure_receipt(render_erasure_receipt(msgspec.structs.replace(SAID, **fields), KEY))


@given(st.binary(max_size=200))
def test_nothing_else_is_read(junk: bytes) -> None:
    with suppress(Damaged):
        read_erasure_receipt(junk)
    with suppress(Damaged):
        open_erasure_receipt(junk, [KEY.verify_key(f"{PARTY}/node")])
    with suppress(Damaged):
        read_erasure_receipt(sign_note(FIRST_LINE + junk + b"\n", [(f"{PARTY}/node", KEY)]))


def test_another_spelling_of_the_same_is_refused() -> None:
    text = FIRST_LINE + msgspec.json.encode(SAID).replace(b",", b", ") + b"\n"
    with pytest.raises(Damaged):
        read_erasure_receipt(sign_note(text, [(f"{PARTY}/node", KEY)]))
