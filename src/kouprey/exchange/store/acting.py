"""Deeds on many objects: what is to be done, what became of each, and what has to be known of each before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from kouprey.exchange.model.acting import Act, Deed, Fate, Item
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, only_newest, visible_version
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.time import Instant

_DEED = "id, act, made_by, made_at, ended_at, undoes, undone, trouble"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act asks of an object: its newest version and the body a reader is given of it."""

    version: int
    stix_id: str
    type: str
    body: int
    created_by: str
    revoked: bool
    musts: int


def list_subjects(reader: Reader, eyes: Eyes, stix_ids: Collection[str]) -> dict[str, Subject]:
    """Those of these objects that the reader may see, by their newest visible version."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    query = Query(f"SELECT version.id AS version_id, object.stix_id, version.type, {CHOSEN_BODY} AS chosen", [])
    query.params.extend(eyes.params)
    query.add("FROM object JOIN version ON version.object_id = object.id").add(visible_version(reader), *eyes.params)
    query.add(f"WHERE {where}", *params)
    only_newest(query, eyes)
    rows = reader.all(
        "SELECT seen.version_id, seen.stix_id, seen.type, body.id, body.created_by, body.revoked,"
        f" coalesce(finding.musts, 0) FROM ({query.sql}) AS seen JOIN body ON body.id = seen.chosen"
        " LEFT JOIN finding ON finding.body_id = seen.chosen",
        query.params,
    )
    return {row[1]: Subject(row[0], row[1], row[2], row[3], row[4], bool(row[5]), int(row[6])) for row in rows}


def raw_of(reader: Reader, body: int) -> bytes:
    """The bytes of a body."""
    return bytes(reader.value("SELECT bytes FROM body WHERE id = ?", (body,)))


def list_members(reader: Reader, collection: str, versions: Collection[int]) -> set[int]:
    """Those of these versions that are in a collection."""
    where, params = any_of(reader, "version_id", versions)
    rows = reader.all(f"SELECT version_id FROM membership WHERE {where} AND collection_id = ?", (*params, collection))
    return {row[0] for row in rows}


def list_visible_versions(reader: Reader, eyes: Eyes, stix_ids: Collection[str]) -> dict[str, list[int]]:
    """All versions of these objects that the reader may see."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    found: dict[str, list[int]] = {}
    for stix_id, version in reader.all(
        "SELECT object.stix_id, version.id FROM object JOIN version ON version.object_id = object.id"
        f" {visible_version(reader)} WHERE {where} ORDER BY version.id",
        (*eyes.params, *params),
    ):
        found.setdefault(stix_id, []).append(version)
    return found


def join(tx: Tx, collection: str, versions: Sequence[int]) -> None:
    """Make versions members of a collection, at new positions in the order given; members stay where they are."""
    if not versions:
        return
    first = tx.positions(len(versions))
    tx.many(
        "INSERT INTO membership (version_id, collection_id, type, position)"
        " SELECT id, ?, type, ? FROM version WHERE id = ? ON CONFLICT (version_id, collection_id) DO NOTHING",
        [(collection, first + place, version) for place, version in enumerate(versions)],
    )


def leave(tx: Tx, collection: str, versions: Collection[int]) -> None:
    """End the membership of versions in a collection."""
    where, params = any_of(tx, "version_id", versions)
    tx.execute(f"DELETE FROM membership WHERE {where} AND collection_id = ?", (*params, collection))


def list_curated(reader: Reader, version: int) -> list[str]:
    """The collections that somebody put a version into: neither that of everything nor that of an agreement."""
    rows = reader.all(
        "SELECT collection.id FROM membership JOIN collection ON collection.id = membership.collection_id"
        " WHERE membership.version_id = ? AND collection.agreement = '' AND collection.name <> 'main'"
        " ORDER BY collection.id",
        (version,),
    )
    return [row[0] for row in rows]


def list_held(reader: Reader, stix_ids: Collection[str]) -> set[str]:
    """Those of these objects that are under a hold of their own."""
    where, params = any_of(reader, "what", stix_ids)
    return {
        row[0]
        for row in reader.all(f"SELECT what FROM hold WHERE {where} AND kind = 'object' AND lifted_at = 0", params)
    }


def list_given(reader: Reader, eyes: Eyes, stix_ids: Collection[str]) -> dict[str, set[str]]:
    """Object -> the agreements under which any version of it that the reader sees was published."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    found: dict[str, set[str]] = {}
    for stix_id, agreement in reader.all(
        "SELECT DISTINCT object.stix_id, publication.agreement FROM object"
        f" JOIN version ON version.object_id = object.id {visible_version(reader)}"
        f" JOIN publication ON publication.version_id = version.id WHERE {where}",
        (*eyes.params, *params),
    ):
        found.setdefault(stix_id, set()).add(agreement)
    return found


def list_agreements(reader: Reader, eyes: Eyes, stix_ids: Collection[str]) -> set[str]:
    """The agreements under which the reader sees that these objects came."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    rows = reader.all(
        "SELECT DISTINCT label.agreement FROM object JOIN version ON version.object_id = object.id"
        f" JOIN assertion ON assertion.version_id = version.id {visible_join('assertion.label_set_id')}"
        f" JOIN label ON label.id = assertion.label_id WHERE {where} AND label.agreement <> ''",
        (*eyes.params, *params),
    )
    return {row[0] for row in rows}


def insert(
    tx: Tx, deed: str, act: Act, by: str, at: Instant, items: Iterable[tuple[str, Sequence[str]]], undoes: str = ""
) -> None:
    """Write down what is to be done: `items` are ids, with what is known of each already."""
    tx.execute(
        "INSERT INTO deed (id, act, made_by, made_at, undoes) VALUES (?, ?, ?, ?, ?)",
        (deed, msgspec.json.encode(act).decode(), by, at, undoes),
    )
    tx.many(
        "INSERT INTO deed_item (deed_id, place, stix_id, made) VALUES (?, ?, ?, ?)",
        [(deed, place, stix_id, " ".join(made)) for place, (stix_id, made) in enumerate(items)],
    )


def forget_old(tx: Tx, before: Instant) -> None:
    """Take out what ended long ago; the audit keeps that it was done."""
    old = "SELECT id FROM deed WHERE ended_at > 0 AND ended_at < ?"
    tx.execute(f"DELETE FROM deed_item WHERE deed_id IN ({old})", (before,))
    tx.execute("DELETE FROM deed WHERE ended_at > 0 AND ended_at < ?", (before,))


def find(reader: Reader, deed: str) -> Deed | None:
    row = reader.one(f"SELECT {_DEED} FROM deed WHERE id = ?", (deed,))
    return None if row is None else _deed(reader, row)


def list_of(reader: Reader, by: str, limit: int) -> list[Deed]:
    """A person's, newest first."""
    rows = reader.all(f"SELECT {_DEED} FROM deed WHERE made_by = ? ORDER BY made_at DESC, id LIMIT ?", (by, limit))
    return [_deed(reader, row) for row in rows]


def list_open(reader: Reader, now: Instant, limit: int) -> list[Deed]:
    """Those that nobody works on now, oldest first."""
    rows = reader.all(
        f"SELECT {_DEED} FROM deed WHERE ended_at = 0 AND held_until < ? AND trouble = '' ORDER BY made_at LIMIT ?",
        (now, limit),
    )
    return [_deed(reader, row) for row in rows]


def list_items(reader: Reader, deed: str, fates: Collection[Fate], limit: int, after: int = -1) -> list[Item]:
    """Those with one of these fates behind a place, in order."""
    where, params = any_of(reader, "fate", list(fates))
    rows = reader.all(
        "SELECT place, stix_id, fate, made, tell, because FROM deed_item"
        f" WHERE deed_id = ? AND place > ? AND {where} ORDER BY place LIMIT ?",
        (deed, after, *params, limit),
    )
    return [
        Item(
            place=row[0],
            stix_id=row[1],
            fate=row[2],
            made=tuple(row[3].split()),
            tell=tuple(row[4].split()),
            because=row[5],
        )
        for row in rows
    ]


def hold(tx: Tx, deed: str, now: Instant, until: Instant) -> bool:
    """Take a deed to work on it; False while somebody else does, or when it has ended."""
    return (
        tx.execute(
            "UPDATE deed SET held_until = ?, trouble = '' WHERE id = ? AND ended_at = 0 AND held_until < ?",
            (until, deed, now),
        )
        > 0
    )


def release(tx: Tx, deed: str, *, trouble: str = "") -> None:
    """Stop working on it."""
    tx.execute("UPDATE deed SET held_until = 0, trouble = ? WHERE id = ?", (trouble, deed))


def end(tx: Tx, deed: str, at: Instant) -> None:
    """Nothing of it waits any more."""
    tx.execute("UPDATE deed SET held_until = 0, ended_at = ? WHERE id = ? AND ended_at = 0", (at, deed))


def mark_undone(tx: Tx, deed: str, by: str) -> bool:
    """Say which deed takes this one back; False when one did already."""
    return tx.execute("UPDATE deed SET undone = ? WHERE id = ? AND undone = '' AND ended_at > 0", (by, deed)) > 0


def settle(
    tx: Tx,
    deed: str,
    item: Item,
    fate: Fate,
    *,
    made: Sequence[str] = (),
    tell: Sequence[str] = (),
    because: Reason | None = None,
) -> bool:
    """Write down what became of an object; False when somebody else did, and then nothing must be done with it."""
    text = "" if because is None else msgspec.json.encode(because).decode()
    return (
        tx.execute(
            "UPDATE deed_item SET fate = ?, made = ?, tell = ?, because = ?"
            " WHERE deed_id = ? AND place = ? AND fate = ?",
            (fate, " ".join(made), " ".join(tell), text, deed, item.place, item.fate),
        )
        > 0
    )


def reason_of(item: Item) -> Reason | None:
    """Why it was left."""
    return msgspec.json.decode(item.because, type=Reason) if item.because else None


def _deed(reader: Reader, row: Row) -> Deed:
    counts = reader.all("SELECT fate, count(*) FROM deed_item WHERE deed_id = ? GROUP BY fate", (row[0],))
    return Deed(
        id=row[0],
        act=msgspec.json.decode(row[1], type=Act),
        by=row[2],
        at=row[3],
        ended_at=row[4],
        undoes=row[5],
        undone=row[6],
        trouble=row[7],
        counts={fate: int(n) for fate, n in counts},
    )
