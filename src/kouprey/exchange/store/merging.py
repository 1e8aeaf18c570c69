"""Merges: statements of ours that two objects mean the same thing, seen by whoever sees both."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.model.weighing import Merge
from kouprey.exchange.store.seeing import Eyes, Query
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant

MOST = 50
"""Objects that are taken for the same; beyond it nobody means it."""

_SELECT = "SELECT merge.id, merge.stix_id, merge.into_id, merge.because, merge.made_by, merge.made_at FROM merge"


def _seen(query: Query, eyes: Eyes) -> None:
    """Both ends, and not even that there is a merge where one of them is hidden."""
    for column in ("merge.stix_id", "merge.into_id"):
        query.add("AND EXISTS (SELECT 1 FROM object JOIN version ON version.object_id = object.id")
        query.add(visible_join("+version.label_set_id"), *eyes.params).add(f"WHERE object.stix_id = {column})")


def list_merges(reader: Reader, eyes: Eyes, stix_ids: Collection[str] | None = None, limit: int = MOST) -> list[Merge]:
    """Standing merges of which the reader sees both ends: of any of these objects, or all; the latest first."""
    query = Query(f"{_SELECT} WHERE merge.undone_at = 0")
    if stix_ids is not None:
        one, params = any_of(reader, "stix_id", stix_ids)
        other, more = any_of(reader, "into_id", stix_ids)
        standing = "SELECT id FROM merge WHERE undone_at = 0 AND"
        query.add(f"AND merge.id IN ({standing} {one} UNION {standing} {other})", *params, *more)
    _seen(query, eyes)
    query.add("ORDER BY merge.id DESC LIMIT ?", limit)
    return [_merge(row) for row in reader.all(query.sql, query.params)]


def group_of(reader: Reader, eyes: Eyes, stix_id: str) -> tuple[list[str], list[Merge]]:
    """An object with all others the reader sees merged with it, over however many steps, and the merges between."""
    members, merges, edge = {stix_id: None}, dict[int, Merge](), [stix_id]
    while edge and len(members) <= MOST:
        found = list_merges(reader, eyes, edge)
        merges.update((each.number, each) for each in found)
        edge = [end for each in found for end in (each.stix_id, each.into) if end not in members]
        members.update(dict.fromkeys(edge))
    return list(members), list(merges.values())


def insert_merge(tx: Tx, stix_id: str, into: str, because: str, by: str, at: Instant) -> int:
    return int(
        tx.value(
            "INSERT INTO merge (stix_id, into_id, because, made_by, made_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (stix_id, into, because, by, at),
        )
    )


def undo_merges(tx: Tx, numbers: Collection[int], by: str, at: Instant) -> None:
    where, params = any_of(tx, "id", numbers)
    tx.execute(f"UPDATE merge SET undone_by = ?, undone_at = ? WHERE {where} AND undone_at = 0", (by, at, *params))


def _merge(row: tuple[object, ...]) -> Merge:
    number, stix_id, into, because, by, at = row
    return Merge(number=number, stix_id=stix_id, into=into, because=because, by=by, at=at)  # type: ignore[arg-type]  # columns
