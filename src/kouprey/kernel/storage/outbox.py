"""Facts travel from one capability to the others: recorded with the deed, delivered at least once, in order."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from time import monotonic

import msgspec

from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock

_log = logging.getLogger(__name__)

LEASE: Instant = 10 * SECOND
"""How long a process that died while delivering keeps others from going on."""
_LONGEST_WAIT: Instant = 300 * SECOND
_PAGE = 100
_SAVE_SECONDS = 1.0
"""The cursor is saved once per page, or after this time; what lies between may be delivered again after a crash."""


@dataclass(frozen=True)
class Listener:
    """Who wants to know. `call(store, fact JSON, fact id)` is idempotent by the fact id, a position.

    `name` is unique and durable (the cursor hangs on it); facts recorded before the listener first ran come too.
    """

    name: str
    fact_name: str
    call: Callable[[Store, bytes, int], None]


class ListenerState(msgspec.Struct, frozen=True, kw_only=True):
    """What people see of a listener: its position, and its trouble if it is failing (`error` is "" when well)."""

    listener: str
    position: int
    failures: int
    error: str
    failed_at: Instant
    retry_at: Instant


def fact_name(kind: type[msgspec.Struct]) -> str:
    """The usual name of a fact: its class, qualified by its module."""
    return f"{kind.__module__}.{kind.__qualname__}"


def record(tx: Tx, fact: msgspec.Struct, name: str = "") -> int:
    """Record what has happened in the transaction that makes it so; the fact's id, its position.

    `name` is for facts whose class has moved; else it is the class, as `fact_name` gives it.
    """
    position = tx.positions(1)
    body = msgspec.json.encode(fact)
    tx.execute(
        "INSERT INTO outbox (position, name, body) VALUES (?, ?, ?)", (position, name or fact_name(type(fact)), body)
    )
    return position


def deliver(store: Store, listeners: Iterable[Listener], *, clock: Clock = wall_clock) -> int:
    """Bring every listener up to date; the number of calls that succeeded.

    A listener that raises stops alone: its error is kept (`list_listeners`) and it is tried again after a wait that
    doubles from 1 s to 300 s. Of several callers, in one process or in many, one at a time serves a listener.
    """
    holder = secrets.token_hex(8)
    return sum(_serve(store, listener, clock, holder) for listener in listeners if _is_waiting(store, listener))


def list_listeners(reader: Reader) -> list[ListenerState]:
    """How far every listener has come, by name."""
    rows = reader.all(
        "SELECT listener, position, failures, error, failed_at, retry_at FROM outbox_cursor ORDER BY listener"
    )
    return [
        ListenerState(
            listener=row[0], position=row[1], failures=row[2], error=row[3], failed_at=row[4], retry_at=row[5]
        )
        for row in rows
    ]


def prune(store: Store, listeners: Iterable[Listener], *, before: Instant) -> int:
    """Delete facts below position `before` that all of their listeners have passed; the number deleted.

    `listeners` is the whole list of the node: a fact without a listener in it is taken to be wanted by nobody.
    """
    wanted: dict[str, list[str]] = {}
    for listener in listeners:
        wanted.setdefault(listener.fact_name, []).append(listener.name)

    def work(tx: Tx) -> int:
        passed: dict[str, int] = {row[0]: row[1] for row in tx.all("SELECT listener, position FROM outbox_cursor")}
        deleted = 0
        for (name,) in tx.all("SELECT DISTINCT name FROM outbox"):
            below = min([before, *(passed.get(listener, 0) + 1 for listener in wanted.get(name, ()))])
            deleted += tx.execute("DELETE FROM outbox WHERE name = ? AND position < ?", (name, below))
        return deleted

    return store.write(work)


def _is_waiting(store: Store, listener: Listener) -> bool:
    """True when there is something for it; asked first so that idling writes nothing."""
    with store.read() as reader:
        return bool(_page(reader, listener, _position(reader, listener), 1))


def _position(reader: Reader, listener: Listener) -> int:
    return reader.value("SELECT position FROM outbox_cursor WHERE listener = ?", (listener.name,)) or 0


def _page(reader: Reader, listener: Listener, after: int, limit: int) -> list[tuple[int, bytes]]:
    rows = reader.all(
        "SELECT position, body FROM outbox WHERE name = ? AND position > ? ORDER BY position LIMIT ?",
        (listener.fact_name, after, limit),
    )
    return [(row[0], row[1]) for row in rows]


def _serve(store: Store, listener: Listener, clock: Clock, holder: str) -> int:
    position = store.write(lambda tx: _lease(tx, listener, holder, clock()))
    served = 0
    while position is not None:
        with store.read() as reader:
            page = _page(reader, listener, position, _PAGE)
        done, error = _call(store, listener, page)
        served += done
        reached = page[done - 1][0] if done else position
        more = error is None and (done < len(page) or len(page) == _PAGE)
        kept = store.write(
            partial(
                _advance,
                listener=listener,
                holder=holder,
                now=clock(),
                reached=reached,
                error=error,
                more=more,
            )
        )
        position = reached if more and kept else None
    return served


def _call(store: Store, listener: Listener, page: list[tuple[int, bytes]]) -> tuple[int, Exception | None]:
    """Deliver facts until one fails or it is time to save; how many, and the failure."""
    until = monotonic() + _SAVE_SECONDS
    for done, (position, body) in enumerate(page):
        try:
            listener.call(store, body, position)
        except Exception as error:
            _log.warning("Listener %s failed on fact %d.", listener.name, position, exc_info=error)
            return done, error
        if monotonic() >= until:
            return done + 1, None
    return len(page), None


def _lease(tx: Tx, listener: Listener, holder: str, now: Instant) -> int | None:
    """Take the lease and return the position, or None when another holds it or it is too early to retry.

    A lease or a wait that reaches further than any could is left from a clock that was wrong, and does not count.
    """
    tx.execute("INSERT INTO outbox_cursor (listener) VALUES (?) ON CONFLICT (listener) DO NOTHING", (listener.name,))
    position: int | None = tx.value(
        "UPDATE outbox_cursor SET holder = ?, leased_until = ? WHERE listener = ?"
        " AND NOT leased_until BETWEEN ? AND ? AND NOT retry_at BETWEEN ? AND ? RETURNING position",
        (holder, now + LEASE, listener.name, now + 1, now + LEASE, now + 1, now + _LONGEST_WAIT),
    )
    return position


def _advance(
    tx: Tx, *, listener: Listener, holder: str, now: Instant, reached: int, error: Exception | None, more: bool
) -> bool:
    """Save the cursor, and the lease or the failure; False when another process has taken over meanwhile."""
    until = now + LEASE if more else 0
    failures: int | None = tx.value(
        "UPDATE outbox_cursor SET failures = CASE WHEN position < ? THEN 0 ELSE failures END,"
        " position = ?, leased_until = ? WHERE listener = ? AND holder = ? RETURNING failures",
        (reached, reached, until, listener.name, holder),
    )
    if failures is None:
        return False
    if error is None:
        tx.execute(
            "UPDATE outbox_cursor SET failures = 0, error = '', failed_at = 0, retry_at = 0 WHERE listener = ?",
            (listener.name,),
        )
    else:
        wait = min(SECOND << min(failures, 16), _LONGEST_WAIT)
        tx.execute(
            "UPDATE outbox_cursor SET failures = ?, error = ?, failed_at = ?, retry_at = ? WHERE listener = ?",
            (failures + 1, f"{type(error).__name__}: {error}".replace("\0", ""), now, now + wait, listener.name),
        )
    return True
