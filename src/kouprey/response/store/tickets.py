"""Tickets at RTIR, as they are kept. Every list for readers joins the cases that they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Case
from kouprey.response.model.tickets import Ticket
from kouprey.response.store.cases import Eyes, decoded, seen_by

_COLUMNS = (
    "id, case_id, ticket, made_by, made_at, followed, op, told, status, updated, seen_at, last, settled, due"
    ", tries, error"
)
_TICKET = ", ".join(f"rt_ticket.{each}" for each in _COLUMNS.split(", "))


def save(tx: Tx, ticket: Ticket) -> None:
    """Keep it as it is now."""
    places = ", ".join("?" * len(_COLUMNS.split(", ")))
    sets = ", ".join(f"{each} = excluded.{each}" for each in _COLUMNS.split(", ")[2:])
    tx.execute(
        f"INSERT INTO rt_ticket ({_COLUMNS}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {sets}",
        (
            ticket.id,
            ticket.case,
            ticket.ticket,
            ticket.made_by,
            ticket.made_at,
            int(ticket.followed),
            ticket.op,
            ticket.told,
            ticket.status,
            ticket.updated,
            ticket.seen_at,
            ticket.last,
            ticket.settled,
            ticket.due,
            ticket.tries,
            ticket.error,
        ),
    )


def find(reader: Reader, ticket: str) -> Ticket | None:
    """By its id here, whoever may see its case: for the node itself, and for services that have asked for the case."""
    row = reader.one(f"SELECT {_TICKET} FROM rt_ticket WHERE id = ?", (ticket,))
    return None if row is None else _ticket(row)


def list_of_cases(reader: Reader, cases: Sequence[str]) -> list[Ticket]:
    """Those of these cases, the newest first, also those that were let go."""
    where, params = any_of(reader, "rt_ticket.case_id", cases)
    sql = f"SELECT {_TICKET} FROM rt_ticket WHERE {where} ORDER BY rt_ticket.made_at DESC, rt_ticket.id"
    return [_ticket(row) for row in reader.all(sql, params)]


def list_due(reader: Reader, now: Instant, *, limit: int) -> list[Ticket]:
    """Those that are followed and to be tried now, what waits longest first."""
    sql = f"SELECT {_TICKET} FROM rt_ticket WHERE followed = 1 AND due <= ? ORDER BY due, id LIMIT ?"
    return [_ticket(row) for row in reader.all(sql, (now, limit))]


def list_seen(reader: Reader, eyes: Eyes, *, limit: int) -> list[tuple[Ticket, Case]]:
    """Those that are followed, of cases that these eyes see, with their cases; what changed last first."""
    seen, params = seen_by(eyes)
    sql = (
        f"SELECT {_TICKET}, case_file.body FROM rt_ticket JOIN case_file ON case_file.id = rt_ticket.case_id"
        f" WHERE rt_ticket.followed = 1 AND rt_ticket.case_id IN ({seen})"
        " ORDER BY case_file.changed_at DESC, rt_ticket.id LIMIT ?"
    )
    return [(_ticket(row[:16]), decoded(bytes(row[16]))) for row in reader.all(sql, (*params, limit))]


def _ticket(row: Row) -> Ticket:
    return Ticket(
        id=row[0],
        case=row[1],
        ticket=row[2],
        made_by=row[3],
        made_at=int(row[4]),
        followed=bool(row[5]),
        op=row[6],
        told=row[7],
        status=row[8],
        updated=row[9],
        seen_at=int(row[10]),
        last=int(row[11]),
        settled=row[12],
        due=int(row[13]),
        tries=int(row[14]),
        error=row[15],
    )
