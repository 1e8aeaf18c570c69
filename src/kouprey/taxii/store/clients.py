"""SQL of what clients ask and are sent: sums that grow, never a line for each request."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant
from kouprey.taxii.model.clients import Day, Standing, Turned

_STANDING = "client, party, collection_id, first_at, asked_at, types, filters, reached, requests, objects"


def add_standings(tx: Tx, found: Iterable[Standing]) -> None:
    """Count what was asked since the last time; what was asked last holds, but for a `reached` of 0."""
    tx.many(
        f"INSERT INTO taxii_client ({_STANDING}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (client, party, collection_id) DO UPDATE SET asked_at = excluded.asked_at,"
        " types = excluded.types, filters = excluded.filters, reached = CASE WHEN excluded.reached = 0"
        " THEN taxii_client.reached ELSE excluded.reached END,"
        " requests = taxii_client.requests + excluded.requests, objects = taxii_client.objects + excluded.objects",
        [
            (each.client, each.party, each.collection, each.first_at, each.asked_at, " ".join(each.types), *_told(each))
            for each in found
        ],
    )


def add_days(tx: Tx, found: Iterable[tuple[str, Day]]) -> None:
    """Likewise by client and day."""
    tx.many(
        "INSERT INTO taxii_client_day (client, day, requests, objects) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (client, day) DO UPDATE SET requests = taxii_client_day.requests + excluded.requests,"
        " objects = taxii_client_day.objects + excluded.objects",
        [(client, each.day, each.requests, each.objects) for client, each in found],
    )


def add_turned(tx: Tx, found: Iterable[tuple[Instant, Turned]]) -> None:
    """Likewise what was refused, by client, reason and day."""
    tx.many(
        "INSERT INTO taxii_client_error (client, code, day, status, times, last_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (client, code, day) DO UPDATE SET status = excluded.status, last_at = excluded.last_at,"
        " times = taxii_client_error.times + excluded.times",
        [(each.client, each.code, day, each.status, each.times, each.last_at) for day, each in found],
    )


def list_standings(reader: Reader, *, client: str = "", collection: str = "", limit: int = 200) -> list[Standing]:
    """Of one client, of one collection, or of all: who asked last comes first."""
    where = ["1 = 1", *(["client = ?"] if client else []), *(["collection_id = ?"] if collection else [])]
    rows = reader.all(
        f"SELECT {_STANDING} FROM taxii_client WHERE {' AND '.join(where)} ORDER BY asked_at DESC, client LIMIT ?",
        (*(each for each in (client, collection) if each), limit),
    )
    return [_standing(row) for row in rows]


def list_days(reader: Reader, client: str, since: Instant) -> list[Day]:
    """The days on which a client came, oldest first."""
    rows = reader.all(
        "SELECT day, requests, objects FROM taxii_client_day WHERE client = ? AND day >= ? ORDER BY day",
        (client, since),
    )
    return [Day(day=row[0], requests=row[1], objects=row[2]) for row in rows]


def list_turned(reader: Reader, client: str | None, since: Instant) -> list[Turned]:
    """What a client (None: each) was refused since a day, by reason, the newest first."""
    where, params = ("", (since,)) if client is None else (" AND client = ?", (since, client))
    rows = reader.all(
        "SELECT client, code, max(status), sum(times), max(last_at) AS last FROM taxii_client_error"
        f" WHERE day >= ?{where} GROUP BY client, code ORDER BY last DESC LIMIT 500",
        params,
    )
    return [Turned(client=row[0], code=row[1], status=row[2], times=int(row[3]), last_at=row[4]) for row in rows]


def forget(tx: Tx, *, days: Instant, errors: Instant) -> int:
    """Drop days and errors from before these instants; how many."""
    gone = tx.execute("DELETE FROM taxii_client_day WHERE day < ?", (days,))
    return gone + tx.execute("DELETE FROM taxii_client_error WHERE day < ?", (errors,))


def _told(each: Standing) -> tuple[str, Instant, int, int]:
    return each.filters, each.reached, each.requests, each.objects


def _standing(row: Row) -> Standing:
    return Standing(
        client=row[0],
        party=row[1],
        collection=row[2],
        first_at=row[3],
        asked_at=row[4],
        types=tuple(row[5].split()),
        filters=row[6],
        reached=row[7],
        requests=row[8],
        objects=row[9],
    )
