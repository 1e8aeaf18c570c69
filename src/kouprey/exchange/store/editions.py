"""How far held bodies follow the present edition of each set of rules, and the bodies that come next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from kouprey.exchange.model import Observable, Renewal
from kouprey.exchange.store.observables import STANDS
from kouprey.kernel.storage.engine import Reader, Tx, any_of

FIRST, LAST = -(1 << 63), (1 << 63) - 1
"""The ids an observable can have."""


class HeldRaw(NamedTuple):
    """A body as it is read again; `stands` is the label set under which its occurrences stand, or 0."""

    id: int
    version: int
    type: str
    stands: int
    raw: bytes


def list_renewals(reader: Reader) -> list[Renewal]:
    """Every kind, finished or not."""
    rows = reader.all("SELECT kind, edition, done, upto FROM edition ORDER BY kind")
    return [Renewal(kind=row[0], edition=row[1], done=row[2], upto=row[3]) for row in rows]


def begin(tx: Tx, kind: str, edition: int) -> None:
    """Have everything held now go through a new edition; nothing when it is the known one, or an older one."""
    first, last = (FIRST, LAST) if kind == "values" else (0, int(tx.value("SELECT max(id) FROM body") or 0))
    tx.execute(
        "UPDATE edition SET edition = ?, done = ?, upto = ?, label_set_id = 0, body_id = 0"
        " WHERE kind = ? AND edition < ?",
        (edition, first, last, kind, edition),
    )


def advance(tx: Tx, kind: str, done: int, label_set: int = 0, body: int = 0) -> None:
    """Everything up to here follows the edition."""
    tx.execute(
        "UPDATE edition SET done = ?, label_set_id = ?, body_id = ? WHERE kind = ?", (done, label_set, body, kind)
    )


def list_next(reader: Reader, renewal: Renewal, most: int, size: int) -> list[HeldRaw]:
    """The bodies that come next: at most so many, and so many bytes unless it is a single one."""
    chosen: list[int] = []
    total = 0
    for body, length in reader.all(
        "SELECT id, length(bytes) FROM body WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
        (renewal.done, renewal.upto, most),
    ):
        total += length
        if chosen and total > size:
            break
        chosen.append(body)
    return list_held(reader, chosen)


def list_held(reader: Reader, bodies: Collection[int]) -> list[HeldRaw]:
    """These bodies, as far as they are held."""
    where, params = any_of(reader, "body.id", bodies)
    rows = reader.all(
        f"SELECT body.id, body.version_id, version.type, {STANDS}, body.bytes FROM body"
        f" JOIN version ON version.id = body.version_id WHERE {where} ORDER BY body.id",
        params,
    )
    return [HeldRaw(row[0], row[1], row[2], row[3], bytes(row[4])) for row in rows]


class Value(NamedTuple):
    """An occurrence as it is looked at again; `observable` is None where the value itself is gone."""

    id: int
    observable: Observable | None
    label_set: int
    version: int
    body: int


def list_values(reader: Reader, most: int, size: int) -> list[Value]:
    """The occurrences that come next: at most so many, with bodies of so many bytes unless it is a single one."""
    rows = reader.all(
        "SELECT occurrence.observable_id, observable.kind, observable.text, occurrence.label_set_id,"
        " occurrence.version_id, occurrence.body_id, length(body.bytes) FROM edition JOIN occurrence"
        " ON (occurrence.observable_id, occurrence.label_set_id, occurrence.body_id)"
        " > (edition.done, edition.label_set_id, edition.body_id)"
        " LEFT JOIN observable ON observable.id = occurrence.observable_id"
        " LEFT JOIN body ON body.id = occurrence.body_id WHERE edition.kind = 'values'"
        " ORDER BY occurrence.observable_id, occurrence.label_set_id, occurrence.body_id LIMIT ?",
        (most,),
    )
    chosen: list[Value] = []
    total = 0
    for row in rows:
        total += row[6] or 0
        if chosen and total > size:
            break
        chosen.append(Value(row[0], Observable(row[1], row[2]) if row[1] else None, *row[3:6]))
    return chosen


def list_known(reader: Reader, occurrences: Sequence[tuple[int, int, int]]) -> set[tuple[int, int, int, str, str, str]]:
    """Those of these occurrences that are written down, each with the kind, text and place of its value."""
    where, params = any_of(reader, "occurrence.observable_id", {each[0] for each in occurrences})
    more, further = any_of(reader, "occurrence.body_id", {each[2] for each in occurrences})
    rows = reader.all(
        "SELECT occurrence.observable_id, occurrence.version_id, occurrence.body_id, observable.kind, observable.text,"
        " observable.place FROM occurrence JOIN observable ON observable.id = occurrence.observable_id"
        f" WHERE {where} AND {more}",
        (*params, *further),
    )
    return {(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows}


def count_occurrences(reader: Reader) -> tuple[int, int]:
    """How many occurrences are written down, and how many values that nothing names."""
    loose = reader.value(
        "SELECT count(*) FROM observable"
        " WHERE NOT EXISTS (SELECT 1 FROM occurrence WHERE occurrence.observable_id = observable.id)"
    )
    return int(reader.value("SELECT count(*) FROM occurrence")), int(loose)


def list_references(reader: Reader, bodies: Collection[int]) -> set[tuple[int, int, str, str, int, int]]:
    """What these bodies are written down to refer to: (body, place, word, target, key, label set)."""
    where, params = any_of(reader, "body_id", bodies)
    columns = "body_id, place, word, target, target_key, label_set_id"
    rows = reader.all(f"SELECT {columns} FROM reference WHERE {where}", params)
    return {(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows}


def list_placements(reader: Reader, bodies: Collection[int]) -> set[tuple[int, str, str, str, str]]:
    """What these bodies are written down to place: (body, way, scheme, name, kind)."""
    where, params = any_of(reader, "body_id", bodies)
    rows = reader.all(f"SELECT body_id, way, scheme, name, kind FROM placement WHERE {where}", params)
    return {(row[0], row[1], row[2], row[3], row[4]) for row in rows}


def count_loose(reader: Reader) -> dict[str, int]:
    """Rows about bodies that are not held, by table."""
    tables = ("finding", "reference", "occurrence", "placement", "sighting")
    found = {
        table: int(
            reader.value(
                f"SELECT count(*) FROM {table} WHERE NOT EXISTS (SELECT 1 FROM body WHERE body.id = {table}.body_id)"
            )
        )
        for table in tables
    }
    surplus = int(reader.value("SELECT count(*) FROM term")) - int(reader.value("SELECT count(*) FROM body"))
    return {table: n for table, n in (found | {"term": max(surplus, 0)}).items() if n}


def restart(tx: Tx, kinds: Collection[str]) -> None:
    """Have what is held derived again by the present edition."""
    for kind in kinds:
        edition = int(tx.value("SELECT edition FROM edition WHERE kind = ?", (kind,)) or 0)
        tx.execute("UPDATE edition SET edition = ? WHERE kind = ?", (edition - 1, kind))
        begin(tx, kind, edition)


def forget_findings(tx: Tx, bodies: Collection[int]) -> None:
    """Take back what was said against bodies."""
    where, params = any_of(tx, "body_id", bodies)
    tx.execute(f"DELETE FROM finding WHERE {where}", params)


def forget_occurrences(tx: Tx, rows: Sequence[tuple[int, int, int]]) -> None:
    """Take out occurrences: (observable, label set, body)."""
    if rows:
        tx.many("DELETE FROM occurrence WHERE observable_id = ? AND label_set_id = ? AND body_id = ?", rows)


def forget_unnamed(tx: Tx, after: int, upto: int) -> None:
    """Take out the values from one id to another that nothing names."""
    tx.execute(
        "DELETE FROM observable WHERE id >= ? AND id <= ?"
        " AND NOT EXISTS (SELECT 1 FROM occurrence WHERE occurrence.observable_id = observable.id)",
        (after, upto),
    )
