"""The audit trail: who did what to what, written in the transaction that did it, only ever added to.

Lines are chained: each keeps SHA-256 of the hash before it and of its own contents, and the newest hash and the number
of lines stand apart. So a line that was changed, removed or put in shows, by whatever hand. Whoever can write the
database can also write all hashes anew; that shows only to somebody who has noted an earlier one elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant

_HEAD = "audit-head"


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the trail; `id` grows in commit order."""

    id: int
    at: Instant
    actor: str
    party: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditHead(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the chain; `chain` is b"" before the first line."""

    lines: int
    chain: bytes


class AuditCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What going through the trail has shown.

    `lines` hold, up to the hash `head`; `earlier` were written before lines were chained. `broken` is the id of the
    first line that is not as it was written or does not follow; 0 with `whole` false: lines at the end are missing.
    """

    lines: int
    earlier: int
    head: bytes
    broken: int
    whole: bool


def append(
    tx: Tx, *, at: Instant, actor: str, action: str, subject: str, detail: Mapping[str, Any], party: str = ""
) -> None:
    """Add one line. `actor` is a person, a token or "node", `party` the one it acts for; `detail` is JSON-able."""
    row = (at, actor, party, action, subject, msgspec.json.encode(detail).decode())
    # All works run one after the other on both engines, so nobody comes between this and the line.
    head = read_head(tx)
    if not head.lines and not _has_chain(tx):
        # A backup of data made by an older version: its line counts among those from before.
        tx.execute("INSERT INTO audit (at, actor, party, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", row)
        return
    chain = _link(head.chain, row)
    tx.execute(
        "INSERT INTO audit (at, actor, party, action, subject, detail, chain) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, chain),
    )
    meta.put(tx, _HEAD, (head.lines + 1).to_bytes(8, "big") + chain)


def _has_chain(reader: Reader) -> bool:
    """Whether the migration that brings the column has been applied."""
    return reader.one("SELECT 1 FROM migration WHERE capability = 'kernel' AND number = 4") is not None


def read_head(reader: Reader) -> AuditHead:
    """How many lines are chained, and the hash of the newest."""
    held = meta.get(reader, _HEAD) or bytes(8)
    return AuditHead(lines=int.from_bytes(held[:8], "big"), chain=held[8:])


def verify(reader: Reader) -> AuditCheck:
    """Go through the whole trail; memory for a thousand lines at a time."""
    head, before, last, found, earlier = read_head(reader), b"", 0, 0, 0
    while rows := reader.all(
        "SELECT id, at, actor, party, action, subject, detail, chain FROM audit WHERE id > ? ORDER BY id LIMIT 1000",
        (last,),
    ):
        for line, *row, chain in rows:
            if chain is None and not found:
                earlier += 1
            elif chain != _link(before, tuple(row)):
                return AuditCheck(lines=found, earlier=earlier, head=before, broken=line, whole=False)
            else:
                before, found = chain, found + 1
        last = rows[-1][0]
    whole = (found, before) == (head.lines, head.chain)
    return AuditCheck(lines=found, earlier=earlier, head=before, broken=0, whole=whole)


def has_link(reader: Reader, chain: bytes) -> bool:
    """Whether some line has this hash; walks the trail."""
    return reader.one("SELECT 1 FROM audit WHERE chain = ?", (chain,)) is not None


def _link(before: bytes, row: tuple[Any, ...]) -> bytes:
    return sha256(before + msgspec.json.encode(row)).digest()


def list_audit(
    reader: Reader,
    before: int | None = None,
    limit: int = 100,
    *,
    action: str = "",
    subject: str = "",
    actor: str = "",
    text: str = "",
    since: Instant | None = None,
    until: Instant | None = None,
) -> list[AuditEntry]:
    """The newest `limit` lines, newest first; the next page is `before` the id of the last one.

    `action`, `subject` and `actor` narrow it to exactly these; "" does not. `text` stands anywhere in the subject;
    `since` is the first instant and `until` the first that is too late.
    """
    wanted = {"action = ?": action, "subject = ?": subject, "actor = ?": actor}
    where = ["1 = 1", *(clause for clause, value in wanted.items() if value)]
    params: list[str | int] = [value for value in wanted.values() if value]
    if text:
        escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        where.append("subject LIKE ? ESCAPE '!'")
        params.append(f"%{escaped}%")
    for clause, instant in (("at >= ?", since), ("at < ?", until)):
        if instant is not None:
            where.append(clause)
            params.append(instant)
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
