"""Entries and receipts as those above sum them up: what is provable, with times nobody can move forward."""

from __future__ import annotations

from federation.conftest import World
from kouprey.federation.model import EntryKind
from kouprey.federation.service.accounts import (
    list_account_entries,
    list_account_lanes,
    list_account_receipts,
    list_missing,
)


def test_both_sides_find_the_same_entries_and_receipts(each_world: World) -> None:
    ours, theirs, agreement = each_world.pair()
    ours.publish(agreement, [b"one", b"two"])
    theirs.sync(ours)
    ours.sync(theirs)
    told = []
    for side in (ours, theirs):
        with side.store.read() as reader:
            (lane,) = [each for each in list_account_lanes(reader, agreement) if each.author == ours.party]
            entries = list_account_entries(reader, lane, 0, 100)
            (receipt,) = {each.party: each for each in list_account_receipts(reader, lane.id)}.values()
            assert list_missing(reader, lane.id)[theirs.party] == (lane.size, ())
        assert entries[0].kind is EntryKind.GENESIS and entries[0].label is None
        assert all(each.sealed_at <= receipt.said_at + 1_000_000 for each in entries)
        told.append([(each.number, each.content, each.sealed_at) for each in entries[1:]])
        assert receipt.party == theirs.party and receipt.size == 3
    assert told[0] == told[1] and [each[1] for each in told[0]] == [b"one", b"two"]
