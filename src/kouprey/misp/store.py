"""Tables of MISP: events as they were received, and which of their states have come by which road.

Originals hold what no label covers, so nothing here is shown to anybody but whoever has the node's command line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import sha256
from typing import NamedTuple

from kouprey.kernel.storage.engine import Reader, Row, Store, Tx, any_of
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.misp.model import Original

Taken = tuple[Instant, bytes]
"""When an event had changed last when a source was taken in, and the SHA-256 of what it was then."""


class Road(NamedTuple):
    """By which an event comes: the name of its source, and the id of the collection it joins besides the main one."""

    source: str
    collection: str


def list_taken(reader: Reader, road: Road, uuids: Collection[str]) -> dict[str, Taken]:
    """What has come by this road before, of these events."""
    where, params = any_of(reader, "uuid", uuids)
    rows = reader.all(
        f"SELECT uuid, changed_at, sha256 FROM misp_taken WHERE source = ? AND collection = ? AND {where}",
        (*road, *params),
    )
    return {uuid: (int(changed), bytes(digest)) for uuid, changed, digest in rows}


_ORIGINAL = "SELECT uuid, changed_at, bytes, unmarked, erased_at FROM misp_event WHERE uuid = ?"


def find_newest(reader: Reader, uuid: str) -> Original | None:
    """The newest original of an event, whoever brought it."""
    return _original(reader.one(f"{_ORIGINAL} ORDER BY changed_at DESC, id DESC LIMIT 1", (uuid,)))


def list_earlier(reader: Reader, uuid: str, changed: Instant, most: int) -> list[Original]:
    """What an event was before it changed, whoever brought it, the newest first; those that are whole."""
    rows = reader.all(
        f"{_ORIGINAL} AND erased_at = 0 AND changed_at < ? ORDER BY changed_at DESC, id DESC LIMIT {most:d}",
        (uuid, changed),
    )
    return [found for row in rows if (found := _original(row)) is not None]


def find_original(reader: Reader, uuid: str, digest: bytes) -> Original | None:
    """This original of an event, if it is whole."""
    return _original(reader.one(f"{_ORIGINAL} AND erased_at = 0 AND sha256 = ?", (uuid, digest)))


def _original(row: Row | None) -> Original | None:
    return None if row is None else Original(row[0], int(row[1]), bytes(row[2]), TLP(int(row[3])), int(row[4]))


def save(tx: Tx, road: Road, original: Original, digest: bytes, now: Instant) -> None:
    """Keep an original once, and remember that it has come by this road; of one that is erased, the hash alone."""
    raw = b"" if original.erased_at else original.raw
    tx.execute(
        "INSERT INTO misp_event (uuid, changed_at, sha256, bytes, unmarked, received_at, erased_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uuid, sha256) DO NOTHING",
        (original.uuid, original.changed, digest, raw, int(original.unmarked), now, original.erased_at),
    )
    tx.execute(
        "INSERT INTO misp_taken (source, collection, uuid, changed_at, sha256) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (source, collection, uuid)"
        " DO UPDATE SET changed_at = excluded.changed_at, sha256 = excluded.sha256",
        (*road, original.uuid, original.changed, digest),
    )


def erase(tx: Tx, uuids: Collection[str], now: Instant) -> list[str]:
    """Take the bytes of all states of these events away; those that were whole."""
    where, params = any_of(tx, "uuid", uuids)
    whole = tx.all(f"SELECT DISTINCT uuid FROM misp_event WHERE erased_at = 0 AND {where}", params)
    if whole:
        tx.execute(
            f"UPDATE misp_event SET bytes = ?, erased_at = ? WHERE erased_at = 0 AND {where}", (b"", now, *params)
        )
    return [row[0] for row in whole]


def each_damaged(store: Store) -> Iterator[str]:
    """The UUIDs of originals whose bytes are no longer those that were received."""
    after = 0
    while True:
        with store.read() as reader:
            row = reader.one(
                "SELECT id, uuid, sha256, bytes FROM misp_event WHERE id > ? AND erased_at = 0 ORDER BY id LIMIT 1",
                (after,),
            )
        if row is None:
            return
        after = int(row[0])
        if sha256(bytes(row[3])).digest() != bytes(row[2]):
            yield row[1]
