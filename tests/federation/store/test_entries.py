"""Entries, and the bodies that wait to become some."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.federation.model import EntryKind, LaneClass
from kouprey.kernel.storage.engine import Store

AGREEMENT = "agr_" + "0" * 32


def entry(index: int, body: bytes, state: int = 0, publication: int = 0) -> rows.StoredEntry:
    return rows.StoredEntry(index, b"h" * 64, b"s" * 16, body, state, publication, 9)


def test_entries_and_how_far_some_bytes_reach(store: Store) -> None:
    held = [entry(index, b"x" * 100, publication=index + 7) for index in range(5)]
    store.write(lambda tx: rows.insert_entries(tx, 1, held))
    with store.read() as reader:
        assert rows.list_entries(reader, 1, 1, 3) == held[1:3]
        assert rows.list_headers(reader, 1, 3, 99) == [b"h" * 64] * 2
        reach = [rows.end_within(reader, 1, 1, 5, most) for most in (0, 99, 100, 199, 200, 399, 400)]
        assert reach == [2, 2, 2, 2, 3, 4, 5]
        assert rows.list_places(reader, [7, 9, 99]) == {7: (1, 0), 9: (1, 2)}
        assert rows.count_published(reader, 1, 3) == 2
    store.write(lambda tx: rows.delete_from(tx, 1, 2))
    with store.read() as reader:
        assert len(rows.list_entries(reader, 1, 0, 9)) == 2


def test_a_withheld_body_is_filled_once(store: Store) -> None:
    store.write(lambda tx: rows.insert_entries(tx, 1, [entry(0, b"", rows.WITHHELD), entry(1, b"", rows.ERASED)]))
    with store.read() as reader:
        assert rows.list_withheld(reader, 1, 9) == [0]
    assert store.write(lambda tx: rows.fill_entry(tx, 1, 0, b"s" * 16, b"came"))
    assert not store.write(lambda tx: rows.fill_entry(tx, 1, 0, b"s" * 16, b"again"))
    assert not store.write(lambda tx: rows.fill_entry(tx, 1, 1, b"s" * 16, b"erased"))
    with store.read() as reader:
        assert [each.body for each in rows.list_entries(reader, 1, 0, 9)] == [b"came", b""]


def test_the_queue_is_taken_in_order_and_in_pieces(store: Store) -> None:
    waiting = [rows.Outgoing(number, AGREEMENT, LaneClass.BULK, EntryKind.OBJECT, b"x" * 10, 3) for number in (5, 2, 9)]
    urgent = rows.Outgoing(7, AGREEMENT, LaneClass.PRIORITY, EntryKind.OBJECT, b"!", 3)
    store.write(lambda tx: rows.queue_outgoing(tx, [*waiting, urgent]))
    with store.read() as reader:
        assert [lane for _, lane, _ in rows.list_outgoing_lanes(reader)] == [LaneClass.PRIORITY, LaneClass.BULK]
        taken = rows.list_outgoing(reader, AGREEMENT, LaneClass.BULK, 10)
        assert [each.publication for each in taken] == [2, 5, 9] and taken[1] == waiting[0]
        pieces = [len(rows.list_outgoing(reader, AGREEMENT, LaneClass.BULK, 10, most)) for most in (0, 10, 19, 20, 30)]
        assert pieces == [1, 1, 1, 2, 3]
        assert len(rows.list_outgoing(reader, AGREEMENT, LaneClass.BULK, 2)) == 2
        assert rows.count_outgoing(reader) == {AGREEMENT: 4}
    store.write(lambda tx: rows.delete_outgoing(tx, AGREEMENT, LaneClass.BULK, 2, 9))
    with store.read() as reader:
        assert not rows.has_outgoing(reader, AGREEMENT, LaneClass.BULK)
        assert rows.has_outgoing(reader, AGREEMENT, LaneClass.PRIORITY)


def test_runs_are_read_from_their_middle_and_cut(store: Store) -> None:
    held = [(b"h" * 64, b"s" * 16, b"%d" % index) for index in range(6)]
    store.write(lambda tx: rows.insert_held(tx, 4, 0, held[:4], range(20, 24), 8))
    store.write(lambda tx: rows.insert_held(tx, 4, 4, held[4:], (30, 50), 9))
    store.write(lambda tx: rows.insert_held(tx, 5, 0, held[:1], range(40, 41), 9))
    with store.read() as reader:
        found = rows.list_entries(reader, 4, 2, 9)
        assert [(each.index, each.publication, each.at) for each in found] == [
            (2, 22, 8),
            (3, 23, 8),
            (4, 30, 9),
            (5, 50, 9),
        ]
        assert rows.list_places(reader, [19, 23, 24, 40, 50, 51]) == {23: (4, 3), 40: (5, 0), 50: (4, 5)}
        assert [rows.count_published(reader, 4, start) for start in range(8)] == [6, 5, 4, 3, 2, 1, 0, 0]
    store.write(lambda tx: rows.delete_from(tx, 4, 2))
    with store.read() as reader:
        assert [each.publication for each in rows.list_entries(reader, 4, 0, 9)] == [20, 21]
        assert rows.list_places(reader, [21, 22, 30, 40]) == {21: (4, 1), 40: (5, 0)}
        assert rows.count_published(reader, 4, 0) == 2
