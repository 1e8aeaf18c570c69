"""Links, papers, nonces and parcels as they are stored."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store

PARTY = "operator.example"


def test_how_a_link_went(store: Store) -> None:
    store.write(lambda tx: rows.save_link(tx, PARTY, "https://a.example", False))
    store.write(lambda tx: rows.note_link(tx, PARTY, 7, "down"))
    store.write(lambda tx: rows.note_link(tx, PARTY, 8, "down"))
    with store.read() as reader:
        found = rows.find_link(reader, PARTY)
        assert found == rows.Link(PARTY, "https://a.example", False, False, 0, 8, 2, "down", 7)
        assert rows.list_links(reader) == [found] and rows.find_link(reader, "nobody.example") is None
    store.write(lambda tx: rows.note_link(tx, PARTY, 9, ""))
    assert store.write(lambda tx: rows.pause_link(tx, PARTY, True)) == 1
    store.write(lambda tx: rows.save_link(tx, PARTY, "https://b.example", True))
    with store.read() as reader:
        assert rows.find_link(reader, PARTY) == rows.Link(PARTY, "https://b.example", True, True, 9, 9, 0, "")


def test_papers_wait_until_delivered(store: Store) -> None:
    for _ in range(2):
        store.write(lambda tx: rows.queue_papers(tx, 4, (PARTY, "c.example"), "agr", b"papers", 1))
    with store.read() as reader:
        assert rows.list_papers(reader, PARTY) == [(4, b"papers")]
        assert rows.count_papers(reader) == {PARTY: 1, "c.example": 1}
    store.write(lambda tx: rows.papers_delivered(tx, 4, PARTY, 2))
    with store.read() as reader:
        assert rows.list_papers(reader, PARTY) == [] and rows.count_papers(reader) == {"c.example": 1}


def test_a_nonce_is_spent_once_and_forgotten(store: Store) -> None:
    def spend(nonce: str, until: int, now: int) -> bool:
        return store.write(lambda tx: rows.spend_nonce(tx, nonce, until, now))

    assert not spend("a", 100, 1) and spend("a", 100, 50) and spend("a", 100, 100)
    assert not spend("b", 200, 101)
    with store.read() as reader:
        assert reader.all("SELECT nonce FROM request_nonce") == [("b",)]
    # Our clock ran ahead and is right again: what it made us forget is not accepted a second time.
    assert not spend("c", 9_000, 8_999) and spend("a", 100, 60) and spend("b", 200, 150)


def test_parcels_are_numbered_and_cards_kept(store: Store) -> None:
    numbers = [store.write(lambda tx, n=n: rows.next_parcel(tx, f"{n:032x}", PARTY, 1)) for n in range(3)]
    assert numbers == [1, 2, 3]
    for _ in range(2):
        store.write(lambda tx: rows.parcel_was_read(tx, "p", PARTY, 3, 1))
        store.write(lambda tx: rows.keep_card(tx, "aa", PARTY, b"card"))
    with store.read() as reader:
        assert reader.value("SELECT count(*) FROM parcel_read") == 1
        assert rows.list_cards(reader) == [("aa", PARTY, b"card")]
