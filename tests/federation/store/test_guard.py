"""The guard's row: claimed and moved only by who saw it as it is."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store

A, B = b"a" * 32, b"b" * 32


def test_compare_and_swap(store: Store) -> None:
    write = store.write
    assert write(lambda tx: rows.begin_guard(tx, "o", 1, A, "one"))
    assert not write(lambda tx: rows.begin_guard(tx, "o", 9, B, "two"))
    assert not write(lambda tx: rows.advance_guard(tx, "o", 1, A, 2, B, "two")), "not the holder"
    assert not write(lambda tx: rows.advance_guard(tx, "o", 1, B, 2, B, "one")), "another root"
    assert write(lambda tx: rows.advance_guard(tx, "o", 1, A, 2, B, "one"))
    assert not write(lambda tx: rows.claim_guard(tx, "o", 1, A, "two")), "it has moved"
    assert write(lambda tx: rows.claim_guard(tx, "o", 2, B, "two"))
    assert not write(lambda tx: rows.advance_guard(tx, "o", 2, B, 3, A, "one")), "somebody else has claimed it"
    with store.read() as reader:
        assert rows.find_guard(reader, "o") == (2, B, "two") and rows.find_guard(reader, "x") is None
