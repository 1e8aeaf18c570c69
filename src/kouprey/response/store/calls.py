"""Requests of steps, as often as somebody wanted them sent. Nothing here deletes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.response.model.calls import Attempt, CallState


def add_attempt(tx: Tx, attempt: Attempt) -> None:
    """Write a new one down."""
    tx.execute(
        "INSERT INTO case_call (id, case_id, item, call, state, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            attempt.id,
            attempt.case,
            attempt.item,
            attempt.call,
            str(attempt.state),
            attempt.asked_at,
            msgspec.msgpack.encode(attempt),
        ),
    )


def move_attempt(tx: Tx, attempt: Attempt, before: CallState) -> bool:
    """How far it is now; False where it is not what it was before, and then nothing changes."""
    done = tx.execute(
        "UPDATE case_call SET state = ?, body = ? WHERE id = ? AND state = ?",
        (str(attempt.state), msgspec.msgpack.encode(attempt), attempt.id, str(before)),
    )
    return done == 1


def find_attempt(reader: Reader, attempt: str) -> Attempt | None:
    """By its id: whoever asks has decided who reads its task."""
    row = reader.one("SELECT body FROM case_call WHERE id = ?", (attempt,))
    return None if row is None else _decoded(row[0])


def list_attempts(reader: Reader, items: Sequence[str]) -> list[Attempt]:
    """Those of these tasks, the newest first."""
    where, params = any_of(reader, "item", list(items))
    rows = reader.all(f"SELECT body FROM case_call WHERE {where} ORDER BY at DESC, id DESC", params)
    return [_decoded(row[0]) for row in rows]


def _decoded(body: bytes) -> Attempt:
    return msgspec.msgpack.decode(body, type=Attempt)
