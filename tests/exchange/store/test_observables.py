"""Ids of observables: one key a node, so that nobody can prepare values that meet."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.model import Observable
from kouprey.exchange.store import observables as rows

ONE, OTHER = Observable("mutex", "a"), Observable("file-name", "a")


def test_ids_differ_from_node_to_node_and_stay(ministry: Any, operator: Any) -> None:
    with ministry.store.read() as reader:
        assert rows.ids_of(reader, [ONE]) == []
    made = []
    for party in (ministry, operator):
        for _ in range(2):
            party.store.write(lambda tx: rows.keep(tx, [(1, 1, 1, [])], lambda _: ""))
        with party.store.read() as reader:
            ids = rows.ids_of(reader, [ONE, OTHER])
            assert ids == rows.ids_of(reader, [ONE, OTHER]) and -(2**63) <= min(ids) < max(ids) < 2**63
            made += ids
    assert len(set(made)) == 4


def test_an_occurrence_of_what_is_not_seen_counts_nothing(ministry: Any) -> None:
    ministry.store.write(lambda tx: rows.keep(tx, [(0, 1, 1, [ONE])], lambda _: ""))
    eyes = ministry.exchange._eyes(ministry.reader())
    with ministry.store.read() as reader:
        (key,) = rows.ids_of(reader, [ONE])
        assert rows.count_seen(reader, eyes, [key]) == {} and rows.list_occurrences(reader, eyes, key) == []
