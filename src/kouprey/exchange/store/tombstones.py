"""What stays of what was erased, and the taking out of a version with everything that was derived from its bodies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from kouprey.exchange.model.keeping import Erasure, Given, Tombstone
from kouprey.exchange.store import placements, terms
from kouprey.exchange.store.seeing import Eyes, Query
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import DAY, Instant


class Doomed(NamedTuple):
    """A version that is about to go, as its row is now."""

    id: int
    stix_id: str
    type: str
    instant: Instant
    version_text: str
    label_set: int
    source: int
    position: Instant
    received_at: Instant


class DoomedBody(NamedTuple):
    """One of its bodies."""

    id: int
    sha256: bytes
    raw: bytes


def list_doomed(reader: Reader, stix_id: str, version_text: str = "", instant: Instant | None = None) -> list[Doomed]:
    """The versions of an object, the newest first; of these one by its text or instant, if given."""
    query = Query("SELECT version.id, object.stix_id, version.type, version.instant, version.version_text,")
    query.add("version.label_set_id, version.source_id, version.position, version.received_at FROM object")
    query.add("JOIN version ON version.object_id = object.id WHERE object.stix_id = ?", stix_id)
    if version_text:
        query.add("AND version.version_text = ?", version_text)
    if instant is not None:
        query.add("AND version.instant = ?", instant)
    return [Doomed(*row) for row in reader.all(f"{query.sql} ORDER BY version.instant DESC", query.params)]


def list_bodies(reader: Reader, version: int) -> list[DoomedBody]:
    """Oldest first."""
    rows = reader.all("SELECT id, sha256, bytes FROM body WHERE version_id = ? ORDER BY id", (version,))
    return [DoomedBody(row[0], bytes(row[1]), bytes(row[2])) for row in rows]


def list_given(reader: Reader, version: int) -> dict[int, list[Given]]:
    """Body -> its publications."""
    found: dict[int, list[Given]] = {}
    for body, number, agreement, parties, at in reader.all(
        "SELECT body_id, number, agreement, parties, at FROM publication WHERE version_id = ? ORDER BY number",
        (version,),
    ):
        given = Given(number=number, agreement=agreement, parties=tuple(parties.split()), at=at)
        found.setdefault(body, []).append(given)
    return found


def list_entries(reader: Reader, version: int) -> list[tuple[str, int]]:
    """(origin, index) of the entries that brought it."""
    rows = reader.all("SELECT origin, entry_index FROM assertion WHERE version_id = ? AND origin <> ''", (version,))
    return [(row[0], row[1]) for row in rows]


class Brought(NamedTuple):
    """A version, and the entry that brought it."""

    number: int
    version: int
    stix_id: str
    version_text: str


class Voice(NamedTuple):
    """Who gave a version: the party, "" for other sources; lane and number of the entry, ("", -1) for other roads."""

    party: str
    origin: str
    number: int


def list_brought(reader: Reader, origin: str, indices: Sequence[int]) -> list[Brought]:
    """What entries of a lane brought, in their order."""
    where, params = any_of(reader, "assertion.entry_index", indices)
    rows = reader.all(
        "SELECT DISTINCT assertion.entry_index, version.id, object.stix_id, version.version_text FROM assertion"
        " JOIN version ON version.id = assertion.version_id JOIN object ON object.id = version.object_id"
        f" WHERE assertion.origin <> '' AND assertion.origin = ? AND {where} ORDER BY assertion.entry_index",
        (origin, *params),
    )
    return [Brought(*row) for row in rows]


def list_voices(reader: Reader, version: int) -> list[Voice]:
    """Everybody who gave a version."""
    rows = reader.all(
        "SELECT source.party, assertion.origin, assertion.entry_index FROM assertion"
        " JOIN source ON source.id = assertion.source_id WHERE assertion.version_id = ?",
        (version,),
    )
    return [Voice(*row) for row in rows]


def list_creators(reader: Reader, version: int) -> list[str]:
    """The ids by which its bodies say who made them; "" for one that does not."""
    return [row[0] for row in reader.all("SELECT DISTINCT created_by FROM body WHERE version_id = ?", (version,))]


def list_reports(reader: Reader, stix_id: str) -> list[str]:
    """The reports that name an object."""
    where, params = any_of(reader, "reference.target_key", terms.target_keys(reader, [stix_id]))
    rows = reader.all(
        "SELECT DISTINCT object.stix_id FROM reference JOIN body ON body.id = reference.body_id"
        " JOIN version ON version.id = body.version_id JOIN object ON object.id = version.object_id"
        f" WHERE {where} AND reference.place = 0 AND reference.target = ? AND object.type = 'report'",
        (*params, stix_id),
    )
    return [row[0] for row in rows]


def bury(tx: Tx, doomed: Doomed, bodies: Sequence[DoomedBody], given: dict[int, list[Given]], why: Erasure) -> None:
    """Write a tombstone for each body, with all who said it."""
    for body in bodies:
        tombstone = _insert(tx, why, body.sha256, doomed.label_set, doomed.received_at, given.get(body.id, []))
        tx.execute(
            "INSERT INTO tombstone_voice (tombstone_id, source_id, label_id, label_set_id, received_at, origin,"
            " entry_index) SELECT CAST(? AS BIGINT), source_id, label_id, label_set_id, received_at, origin,"
            " entry_index FROM assertion WHERE body_id = ?",
            (tombstone, body.id),
        )


def bury_unheld(tx: Tx, why: Erasure) -> None:
    """Bar what was erased and is not held now; nobody is shown that it ever was."""
    known = tx.value("SELECT 1 FROM tombstone WHERE stix_id = ? AND instant = ?", (why.stix_id, why.instant))
    if known is None:
        for digest in why.sha256:
            _insert(tx, why, bytes.fromhex(digest), 0, 0, [])


def _insert(tx: Tx, why: Erasure, digest: bytes, label_set: int, received_at: Instant, given: Sequence[Given]) -> int:
    return int(
        tx.value(
            "INSERT INTO tombstone (stix_id, type, instant, version_text, sha256, label_set_id, received_at, given,"
            " because, erased_by, erased_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                why.stix_id,
                why.type,
                why.instant,
                why.version_text,
                digest,
                label_set,
                received_at,
                msgspec.json.encode(given).decode(),
                why.because,
                why.by,
                why.at,
            ),
        )
    )


def remove(tx: Tx, doomed: Doomed, bodies: Sequence[DoomedBody], named: Collection[int]) -> None:
    """Take a version out with its bodies and what was derived from them; `named` are the ids of their observables."""
    ids = [body.id for body in bodies]
    where, params = any_of(tx, "body_id", ids)
    if terms.by_position(tx):
        terms.delete_terms(tx, [(doomed.position, len(bodies))])
    else:
        terms.delete_terms_of(tx, ids)
    placements.forget(tx, ids)
    object_id = int(tx.value("SELECT object_id FROM version WHERE id = ?", (doomed.id,)))
    tx.many(
        "UPDATE day_tally SET n = n - ? WHERE day = ? AND label_set_id = ? AND type = ? AND source_id = ?",
        [
            (row[3], row[0], row[1], doomed.type, row[2])
            for row in tx.all(
                f"SELECT received_at / {DAY}, label_set_id, source_id, count(*) FROM assertion WHERE {where}"
                f" GROUP BY received_at / {DAY}, label_set_id, source_id",
                params,
            )
        ],
    )
    for table in ("finding", "reference", "expiry", "sighting", "publication", "assertion"):
        tx.execute(f"DELETE FROM {table} WHERE {where}", params)
    observed, listed = any_of(tx, "observable_id", named)
    tx.execute(f"DELETE FROM occurrence WHERE {observed} AND {where}", (*listed, *params))
    observed, listed = any_of(tx, "id", named)
    tx.execute(
        f"DELETE FROM observable WHERE {observed}"
        " AND NOT EXISTS (SELECT 1 FROM occurrence WHERE occurrence.observable_id = observable.id)",
        listed,
    )
    for table in ("membership", "publishing_rule_item"):
        tx.execute(f"DELETE FROM {table} WHERE version_id = ?", (doomed.id,))
    tx.execute("DELETE FROM body WHERE version_id = ?", (doomed.id,))
    tx.execute("DELETE FROM version WHERE id = ?", (doomed.id,))
    placements.keep(tx, [object_id], ())
    tx.execute(
        "UPDATE tally SET n = n - 1 WHERE label_set_id = ? AND type = ? AND source_id = ?",
        (doomed.label_set, doomed.type, doomed.source),
    )


def list_named(reader: Reader, bodies: Collection[int]) -> list[int]:
    """The ids of the observables that bodies are written down to name; walks all occurrences."""
    where, params = any_of(reader, "body_id", bodies)
    return [row[0] for row in reader.all(f"SELECT DISTINCT observable_id FROM occurrence WHERE {where}", params)]


def list_barred(reader: Reader, stix_ids: Collection[str]) -> dict[tuple[str, Instant], Instant]:
    """(id, instant) of versions of these objects that were erased, with when, unless that was lifted."""
    if reader.value("SELECT 1 FROM tombstone LIMIT 1") is None:
        return {}
    where, params = any_of(reader, "stix_id", stix_ids)
    rows = reader.all(f"SELECT stix_id, instant, erased_at FROM tombstone WHERE lifted_at = 0 AND {where}", params)
    return {(row[0], row[1]): row[2] for row in rows}


def lift(tx: Tx, stix_id: str, instant: Instant, at: Instant) -> int:
    """Let a version come again; how many tombstones that lifts."""
    return tx.execute(
        "UPDATE tombstone SET lifted_at = ? WHERE stix_id = ? AND instant = ? AND lifted_at = 0", (at, stix_id, instant)
    )


def was_carried_out(reader: Reader, line: Erasure) -> bool:
    """Whether this database shows that it has carried out this very line."""
    column = "lifted_at" if line.lifted else "erased_at"
    found = f"SELECT 1 FROM tombstone WHERE stix_id = ? AND instant = ? AND {column} = ?"
    return reader.value(found, (line.stix_id, line.instant, line.at)) is not None


def list_tombstones(reader: Reader, eyes: Eyes, stix_id: str) -> list[Tombstone]:
    """What was erased of an object, as far as the reader could see it while it was held; the newest version first."""
    own = "tombstone.because, tombstone.erased_by, tombstone.given" if eyes.local else "'', '', '[]'"
    rows = reader.all(
        "SELECT tombstone.id, tombstone.stix_id, tombstone.type, tombstone.instant, tombstone.version_text,"
        f" tombstone.sha256, tombstone.received_at, tombstone.erased_at, tombstone.lifted_at, {own} FROM tombstone"
        f" {visible_join('tombstone.label_set_id')} WHERE tombstone.stix_id = ?"
        f" AND EXISTS (SELECT 1 FROM tombstone_voice {visible_join('tombstone_voice.label_set_id')}"
        " WHERE tombstone_voice.tombstone_id = tombstone.id) ORDER BY tombstone.instant DESC, tombstone.id",
        (*eyes.params, stix_id, *eyes.params),
    )
    where, params = any_of(reader, "tombstone_voice.tombstone_id", [row[0] for row in rows])
    sources: dict[int, set[str]] = {}
    for tombstone, name in reader.all(
        f"SELECT tombstone_voice.tombstone_id, {eyes.source_name} FROM tombstone_voice"
        f" {visible_join('tombstone_voice.label_set_id')} JOIN source ON source.id = tombstone_voice.source_id"
        f" WHERE {where}",
        (*eyes.params, *params),
    ):
        sources.setdefault(tombstone, set()).add(name)
    return [
        Tombstone(
            stix_id=row[1],
            type=row[2],
            instant=row[3],
            version_text=row[4],
            sha256=bytes(row[5]),
            received_at=row[6],
            at=row[7],
            lifted_at=row[8],
            because=row[9],
            by=row[10],
            given=msgspec.json.decode(row[11], type=tuple[Given, ...]),
            sources=tuple(sorted(sources.get(row[0], ()))),
        )
        for row in rows
    ]


def merge_terms(tx: Tx, pages: int) -> bool:
    """Work about so many pages of SQLite's index of terms over, so that removed terms leave it; False when all have."""
    if tx.dialect == "postgres":
        return False
    before = int(tx.value("SELECT total_changes()"))
    tx.execute("INSERT INTO term (term, rank) VALUES ('merge', ?)", (-pages,))
    return int(tx.value("SELECT total_changes()")) - before >= 2
