"""Receipts: the newest counts, the first that covers an entry is remembered; and what is kept aside."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store


def receipt(size: int, said_at: int, text: bytes) -> rows.StoredReceipt:
    return rows.StoredReceipt(1, "operator.example", size, text, said_at, said_at + 1, 0)


def test_the_newest_receipt_counts_and_the_first_is_remembered(store: Store) -> None:
    for each in (
        receipt(3, 10, b"a"),
        receipt(5, 20, b"b"),
        receipt(4, 30, b"old"),
        receipt(5, 15, b"replayed"),
        receipt(5, 40, b"c"),
    ):
        store.write(lambda tx, each=each: rows.save_receipt(tx, each))
    with store.read() as reader:
        (held,) = rows.list_receipts(reader, 1)
        assert (held.size, held.receipt, held.delivered_size) == (5, b"c", 0)
        said = {index: rows.list_confirmations(reader, 1, index) for index in (0, 2, 3, 4, 5)}
    assert [said[index][0][1] for index in (0, 2, 3, 4)] == [10, 10, 30, 20] and said[5] == []


def test_a_delivered_receipt_can_be_doubted(store: Store) -> None:
    store.write(lambda tx: rows.save_receipt(tx, receipt(3, 10, b"a")))
    store.write(lambda tx: rows.receipt_delivered(tx, 1, "operator.example", 3))
    with store.read() as reader:
        assert rows.list_receipts(reader, 1)[0].delivered_size == 3
    store.write(lambda tx: rows.receipt_in_doubt(tx, 1, "operator.example"))
    with store.read() as reader:
        assert rows.list_receipts(reader, 1)[0].delivered_size == 0


def test_quarantine_takes_any_words_and_names_what_is_missing(store: Store) -> None:
    entries = [rows.StoredEntry(index, b"", b"", b"", state, 0, 1) for index, state in enumerate((0, 2, 0, 1))]
    store.write(lambda tx: rows.insert_entries(tx, 1, entries))
    store.write(lambda tx: rows.quarantine(tx, 1, 2, "c" * 999, "a\0b\ud800" + "x" * 9999, 5))
    store.write(lambda tx: rows.quarantine(tx, 1, 2, "again", "", 6))
    with store.read() as reader:
        assert rows.list_missing_bodies(reader, 1, 4) == [1, 2, 3]
        assert rows.list_missing_bodies(reader, 1, 2) == [1]
        (held,) = rows.list_quarantined(reader)
        assert held.why.startswith("ab?") and len(held.why) == 2000 and rows.count_quarantined(reader, 1) == 1
