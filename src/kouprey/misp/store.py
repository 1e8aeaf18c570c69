"""Tables of MISP: events as they were received, and up to where each source has been taken in.

Originals hold what no label covers, so nothing here is shown to anybody but whoever has the node's command line.
"""

from __future__ import annotations

from collections.abc import Collection

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.misp.model import Original

Taken = tuple[Instant, bytes]
"""When an event had changed last when a source was taken in, and the SHA-256 of what it was then."""


def list_taken(reader: Reader, source: str, uuids: Collection[str]) -> dict[str, Taken]:
    """What a source has brought before, of these events."""
    where, params = any_of(reader, "uuid", uuids)
    rows = reader.all(
        f"SELECT uuid, changed_at, sha256 FROM misp_taken WHERE source = ? AND {where}", (source, *params)
    )
    return {uuid: (int(changed), bytes(digest)) for uuid, changed, digest in rows}


_ORIGINAL = "SELECT uuid, changed_at, bytes, unmarked FROM misp_event WHERE uuid = ?"


def find_newest(reader: Reader, uuid: str) -> Original | None:
    """The newest original of an event, whoever brought it."""
    return _original(reader.one(f"{_ORIGINAL} ORDER BY changed_at DESC, id DESC LIMIT 1", (uuid,)))


def find_original(reader: Reader, uuid: str, sha256: bytes) -> Original | None:
    """This original of an event."""
    return _original(reader.one(f"{_ORIGINAL} AND sha256 = ?", (uuid, sha256)))


def _original(row: Row | None) -> Original | None:
    return None if row is None else Original(row[0], int(row[1]), bytes(row[2]), TLP(int(row[3])))


def save(tx: Tx, source: str, original: Original, sha256: bytes, now: Instant) -> None:
    """Keep an original once, and remember that this source has brought it."""
    tx.execute(
        "INSERT INTO misp_event (uuid, changed_at, sha256, bytes, unmarked, received_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (uuid, sha256) DO NOTHING",
        (original.uuid, original.changed, sha256, original.raw, int(original.unmarked), now),
    )
    tx.execute(
        "INSERT INTO misp_taken (source, uuid, changed_at, sha256) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source, uuid) DO UPDATE SET changed_at = excluded.changed_at, sha256 = excluded.sha256",
        (source, original.uuid, original.changed, sha256),
    )
