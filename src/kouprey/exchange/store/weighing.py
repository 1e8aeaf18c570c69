"""What is said about objects by others, and until when things hold, each as far as the reader sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from kouprey.exchange.store.graph import stands_to_be_seen, targets
from kouprey.exchange.store.seeing import Eyes, Query, is_given, only_newest, visible_version
from kouprey.exchange.store.views import source_names
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


class Comment(NamedTuple):
    """A sighting, note or opinion: the body its reader is given of its newest version."""

    target: str
    stix_id: str
    type: str
    instant: Instant
    received_at: Instant
    created_by: str
    raw: bytes
    sources: tuple[str, ...]


def list_comments(reader: Reader, eyes: Eyes, about: Collection[str], limit: int) -> list[Comment]:
    """What speaks of any of these objects and is not revoked, the last taken in first."""
    where, params = targets(reader, about)
    query = Query("SELECT version.id, reference.target, object.stix_id, object.type, version.instant,")
    query.add("version.received_at, body.created_by, body.bytes")
    # SQLite keeps to this order: else it would walk all sightings there are.
    query.add("FROM reference CROSS JOIN body CROSS JOIN version CROSS JOIN object")
    query.add(visible_version(reader), *eyes.params).add(f"WHERE {where}", *params)
    # In the very words of the index that holds such references alone.
    query.add("AND reference.place = 0 AND reference.word IN ('object_refs', 'sighting_of_ref')")
    stands_to_be_seen(query, reader, eyes)
    query.add("AND body.id = reference.body_id AND body.revoked = 0")
    query.add("AND version.id = body.version_id AND object.id = version.object_id")
    query.add("AND ((version.type IN ('note', 'opinion') AND reference.word = 'object_refs')")
    query.add("OR (version.type = 'sighting' AND reference.word = 'sighting_of_ref'))")
    query.add(f"AND {is_given('body.id')}", *eyes.params)
    only_newest(query, eyes)
    # Of one object the index has them in their order, and the first so many are read, however many there are.
    order = "reference.target_key DESC, reference.body_id DESC" if len(about) == 1 else "reference.body_id DESC"
    query.add(f"ORDER BY {order} LIMIT ?", limit)
    rows = reader.all(query.sql, query.params)
    names = source_names(reader, eyes, {row[0] for row in rows})
    return [Comment._make((*row[1:7], bytes(row[7]), tuple(sorted(names[row[0]])))) for row in rows]


def keep_ends(tx: Tx, rows: Iterable[tuple[int, int, Instant]]) -> None:
    """(body, version, end) of new bodies that say until when they hold."""
    tx.many("INSERT INTO expiry (body_id, version_id, ends_at) VALUES (?, ?, ?)", rows)


class Ending(NamedTuple):
    """An object whose newest version ends soon."""

    stix_id: str
    type: str
    title: str
    ends_at: Instant


def list_ending(reader: Reader, eyes: Eyes, until: Instant, limit: int) -> list[Ending]:
    """What ends after now and up to an instant, the next first."""
    query = Query("SELECT object.stix_id, object.type, body.title, expiry.ends_at FROM expiry")
    query.add("JOIN body ON body.id = expiry.body_id AND body.revoked = 0")
    query.add("JOIN version ON version.id = expiry.version_id JOIN object ON object.id = version.object_id")
    query.add(visible_version(reader), *eyes.params)
    query.add("WHERE expiry.ends_at > ? AND expiry.ends_at <= ?", eyes.now, until)
    query.add(f"AND {is_given('body.id')}", *eyes.params)
    only_newest(query, eyes)
    query.add("ORDER BY expiry.ends_at, expiry.body_id LIMIT ?", limit)
    return [Ending(*row) for row in reader.all(query.sql, query.params)]
