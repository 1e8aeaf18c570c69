"""The audit trail: who did what to what, written in the transaction that did it, only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the trail; `id` grows in commit order."""

    id: int
    at: Instant
    actor: str
    party: str
    action: str
    subject: str
    detail: dict[str, Any]


def append(
    tx: Tx, *, at: Instant, actor: str, action: str, subject: str, detail: Mapping[str, Any], party: str = ""
) -> None:
    """Add one line. `actor` is a person, a token or "node", `party` the one it acts for; `detail` is JSON-able."""
    tx.execute(
        "INSERT INTO audit (at, actor, party, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (at, actor, party, action, subject, msgspec.json.encode(detail).decode()),
    )


def list_audit(
    reader: Reader,
    before: int | None = None,
    limit: int = 100,
    *,
    action: str = "",
    subject: str = "",
    actor: str = "",
) -> list[AuditEntry]:
    """The newest `limit` lines, newest first; the next page is `before` the id of the last one.

    `action`, `subject` and `actor` narrow it to exactly these; "" does not.
    """
    wanted = {"action = ?": action, "subject = ?": subject, "actor = ?": actor}
    where = ["1 = 1", *(clause for clause, value in wanted.items() if value)]
    params: list[str | int] = [value for value in wanted.values() if value]
    if before is not None:
        where.append("id < ?")
        params.append(before)
    rows = reader.all(
        "SELECT id, at, actor, party, action, subject, detail FROM audit"
        f" WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",
        (*params, limit),
    )
    return [
        AuditEntry(
            id=row[0],
            at=row[1],
            actor=row[2],
            party=row[3],
            action=row[4],
            subject=row[5],
            detail=msgspec.json.decode(row[6], type=dict[str, Any]),
        )
        for row in rows
    ]


def list_actions(reader: Reader) -> list[str]:
    """Every action that occurs, sorted; leaps along the index, because the trail is long and its actions are few."""
    rows = reader.all(
        "WITH RECURSIVE known (action) AS (SELECT min(action) FROM audit UNION ALL"
        " SELECT (SELECT min(audit.action) FROM audit WHERE audit.action > known.action)"
        " FROM known WHERE known.action IS NOT NULL)"
        " SELECT action FROM known WHERE action IS NOT NULL"
    )
    return [str(row[0]) for row in rows]
