"""Statuses as they are kept: for one client, for a while, on both engines."""

from __future__ import annotations

from typing import Any

from kouprey.taxii import store as rows


def test_a_status_is_for_its_client_and_for_a_while(either: Any) -> None:
    store = either.node.store
    store.write(lambda tx: rows.insert_status(tx, "s1", "tok_a", 100, b"\x00one"))
    with store.read() as reader:
        assert rows.find_status(reader, "s1", "tok_a", 100) == b"\x00one"
        assert rows.find_status(reader, "s1", "tok_b", 0) is None
        assert rows.find_status(reader, "s1", "tok_a", 101) is None
        assert rows.find_status(reader, "s2", "tok_a", 0) is None
    assert store.write(lambda tx: rows.delete_statuses(tx, 100)) == 0
    assert store.write(lambda tx: rows.delete_statuses(tx, 101)) == 1
