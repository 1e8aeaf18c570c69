"""SQL that looks at what is held as a whole, in steps, for examination."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kouprey.exchange.store.observables import STANDS
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.time import DAY, Instant

_STEP = 2_000


class HeldBytes(NamedTuple):
    """A body with what was written down of it."""

    id: int
    sha256: bytes
    title: str
    revoked: int
    created_by: str
    raw: bytes
    stix_id: str
    instant: Instant


def each_body(store: Store) -> Iterator[HeldBytes]:
    """Every body; each step is a snapshot of its own, so that a running node is not held up."""
    last = 0
    while True:
        with store.read() as reader:
            rows = reader.all(
                "SELECT body.id, body.sha256, body.title, body.revoked, body.created_by, body.bytes, object.stix_id,"
                " version.instant FROM body LEFT JOIN version ON version.id = body.version_id"
                " LEFT JOIN object ON object.id = version.object_id WHERE body.id > ? ORDER BY body.id LIMIT ?",
                (last, _STEP),
            )
        yield from (HeldBytes(*row) for row in rows)
        if len(rows) < _STEP:
            return
        last = rows[-1][0]


def list_wrong_sets(store: Store) -> Iterator[int]:
    """Versions whose label set is not that of their assertions: what a reader may see hangs on it."""
    last = 0
    while True:
        with store.read() as reader:
            rows = reader.all(
                "SELECT version.id, label_set.members FROM version"
                " LEFT JOIN label_set ON label_set.id = version.label_set_id"
                " WHERE version.id > ? ORDER BY version.id LIMIT ?",
                (last, _STEP),
            )
            said: dict[int, set[str]] = {row[0]: set() for row in rows}
            upto = rows[-1][0] if rows else 0
            for version, label, alone in reader.all(
                "SELECT assertion.version_id, assertion.label_id, label_set.members FROM assertion"
                " LEFT JOIN label_set ON label_set.id = assertion.label_set_id"
                " WHERE assertion.version_id > ? AND assertion.version_id <= ?",
                (last, upto),
            ):
                if alone != str(label):
                    said.setdefault(version, set()).add("")
                said.setdefault(version, set()).add(str(label))
        yield from (version for version, members in rows if said[version] != set((members or "-").split(",")))
        if len(rows) < _STEP:
            return
        last = upto


_DAYS = f"assertion.received_at / {DAY}, assertion.label_set_id, version.type, assertion.source_id"
_BY_DAY = f"SELECT {_DAYS}, count(*) AS n FROM assertion JOIN version ON version.id = version_id GROUP BY {_DAYS}"


def list_tally_faults(reader: Reader) -> list[tuple[int, str, int, int, int]]:
    """(label set, type, source, tally, count) wherever the tally is not what counting gives."""
    counted = {
        (row[0], row[1], row[2]): int(row[3])
        for row in reader.all(
            "SELECT label_set_id, type, source_id, count(*) FROM version GROUP BY label_set_id, type, source_id"
        )
    }
    told = {
        (row[0], row[1], row[2]): int(row[3])
        for row in reader.all("SELECT label_set_id, type, source_id, n FROM tally")
    }
    keys = sorted(counted.keys() | told.keys())
    return [(*key, told.get(key, 0), counted.get(key, 0)) for key in keys if told.get(key, 0) != counted.get(key, 0)]


def count_day_faults(reader: Reader) -> int:
    """How many rows of the tally by days are not what counting gives."""
    told = "SELECT day, label_set_id, type, source_id, n FROM day_tally WHERE n <> 0"
    return int(reader.value(f"SELECT count(*) FROM ({_BY_DAY} EXCEPT {told}) AS missing")) + int(
        reader.value(f"SELECT count(*) FROM ({told} EXCEPT {_BY_DAY}) AS beyond")
    )


def count_anew(tx: Tx) -> None:
    """Write the tallies from what is held."""
    tx.execute("DELETE FROM day_tally")
    tx.execute(f"INSERT INTO day_tally (day, label_set_id, type, source_id, n) {_BY_DAY}")
    tx.execute("DELETE FROM tally")
    tx.execute(
        "INSERT INTO tally (label_set_id, type, source_id, n)"
        " SELECT label_set_id, type, source_id, count(*) FROM version GROUP BY label_set_id, type, source_id"
    )


def count_misplaced(reader: Reader) -> int:
    """Occurrences that do not stand under the label set of their version, or under 0 where it has several bodies."""
    return int(
        reader.value(
            "SELECT count(*) FROM occurrence LEFT JOIN version ON version.id = occurrence.version_id"
            f" WHERE version.id IS NULL OR occurrence.label_set_id <> {STANDS}"
        )
    )


def place_anew(tx: Tx) -> None:
    """Put every occurrence under the label set of its version."""
    tx.execute("DELETE FROM occurrence WHERE version_id NOT IN (SELECT id FROM version)")
    tx.execute(
        f"UPDATE occurrence SET label_set_id = (SELECT {STANDS} FROM version WHERE version.id = occurrence.version_id)"
    )


def list_position_faults(reader: Reader, last: Instant) -> list[str]:
    """Collections and versions that break the order of positions: given twice, never, or not yet."""
    found = [
        f"{row[1]} members of collection {row[0]} share position {row[2]}"
        for row in reader.all(
            "SELECT collection_id, count(*), position FROM membership GROUP BY collection_id, position"
            " HAVING count(*) > 1 LIMIT 20"
        )
    ]
    found += [
        f"{row[0]} versions share position {row[1]}"
        for row in reader.all("SELECT count(*), position FROM version GROUP BY position HAVING count(*) > 1 LIMIT 20")
    ]
    for table in ("version", "membership"):
        beyond = reader.value(f"SELECT count(*) FROM {table} WHERE position > ? OR position <= 0", (last,))
        if beyond:
            found.append(f"{beyond} rows of {table} have a position that was never given")
    unlike = reader.value(
        "SELECT count(*) FROM membership JOIN version ON version.id = membership.version_id"
        " WHERE membership.position < version.position OR membership.type <> version.type"
    )
    if unlike:
        found.append(f"{unlike} members stand below what became news of them, or under another type")
    return found
