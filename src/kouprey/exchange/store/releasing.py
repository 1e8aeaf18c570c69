"""Approvals: what waits to be released, who has spoken, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from kouprey.exchange.model.releasing import Approval, ApprovalState, Voice
from kouprey.exchange.store.seeing import Eyes, Query
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

_COLUMNS = (
    "approval.id, approval.agreement, approval.version_id, approval.body_id, approval.stix_id, version.type,"
    " body.title, approval.tlp, approval.kind, approval.parties, approval.asked_by, approval.asked_at, approval.state,"
    " approval.ended_by, approval.ended_at, approval.because, approval.emergency, approval.review_by,"
    " approval.reviewed_by, approval.reviewed_at, approval.review"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked to be released; with `emergency` it was sent at once because of that."""

    id: str
    version: int
    body: int
    stix_id: str
    tlp: int
    kind: str
    emergency: str = ""
    review_by: Instant = 0


def insert(tx: Tx, wishes: Sequence[Wish], agreement: str, parties: Sequence[str], by: str, at: Instant) -> list[Wish]:
    """Write down what waits (or, in an emergency, what has gone); those that were not waiting already."""
    fresh = []
    for wish in wishes:
        because = _written((Reason("emergency", wish.emergency),)) if wish.emergency else ""
        state, ended = ("sent", at) if wish.emergency else ("waiting", 0)
        rows = tx.execute(
            "INSERT INTO approval (id, agreement, version_id, body_id, stix_id, tlp, kind, parties, asked_by, asked_at,"
            " state, ended_by, ended_at, because, emergency, review_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (agreement, version_id, body_id) WHERE state = 'waiting' DO NOTHING",
            (
                wish.id,
                agreement,
                wish.version,
                wish.body,
                wish.stix_id,
                wish.tlp,
                wish.kind,
                " ".join(parties),
                by,
                at,
                state,
                by if ended else "",
                ended,
                because,
                int(bool(wish.emergency)),
                wish.review_by,
            ),
        )
        if rows:
            fresh.append(wish)
    return fresh


def list_seen(
    reader: Reader,
    eyes: Eyes,
    *,
    states: Collection[ApprovalState] = (),
    ids: Collection[str] = (),
    stix_id: str = "",
    unreviewed: bool = False,
    limit: int = 100,
) -> list[Approval]:
    """Those whose body the reader may see: what waits and what is to be reviewed oldest first, else newest first."""
    query = Query(f"SELECT {_COLUMNS} FROM approval JOIN version ON version.id = approval.version_id")
    query.add("JOIN body ON body.id = approval.body_id")
    query.add(
        f"WHERE EXISTS (SELECT 1 FROM assertion {visible_join('assertion.label_set_id')}"
        " WHERE assertion.version_id = approval.version_id AND assertion.body_id = approval.body_id)",
        *eyes.params,
    )
    if len(states) == 1:
        # Equal, and the index has them in their order: the first so many are read, however many wait.
        query.add("AND approval.state = ?", *states)
    for column, values in (("approval.state", states if len(states) > 1 else ()), ("approval.id", ids)):
        if values:
            where, params = any_of(reader, column, values)
            query.add(f"AND {where}", *params)
    if stix_id:
        query.add("AND approval.stix_id = ?", stix_id)
    if unreviewed:
        query.add("AND approval.emergency = 1 AND approval.reviewed_at = 0")
    oldest = unreviewed or tuple(states) == ("waiting",)
    query.add(f"ORDER BY approval.asked_at {'ASC' if oldest else 'DESC'}, approval.id LIMIT ?", limit)
    found = [_approval(row) for row in reader.all(query.sql, query.params)]
    voices = _voices(reader, [each.id for each in found])
    return [msgspec.structs.replace(each, voices=tuple(voices.get(each.id, ()))) for each in found]


def find_waiting(reader: Reader, approval: str) -> bool:
    """Whether it waits still; asked in the transaction that does something with it."""
    return reader.value("SELECT id FROM approval WHERE id = ? AND state = 'waiting'", (approval,)) is not None


def list_waiting_of(reader: Reader, agreement: str, stix_id: str) -> list[str]:
    """What waits of one object under an agreement."""
    sql = "SELECT id FROM approval WHERE agreement = ? AND stix_id = ? AND state = 'waiting' ORDER BY id"
    return [row[0] for row in reader.all(sql, (agreement, stix_id))]


def add_voice(tx: Tx, approval: str, person: str, roles: Sequence[str], at: Instant) -> None:
    """Somebody has released it."""
    tx.execute(
        "INSERT INTO approval_voice (approval_id, person, roles, at) VALUES (?, ?, ?, ?)",
        (approval, person, " ".join(roles), at),
    )


def drop_voice(tx: Tx, approval: str, person: str) -> bool:
    """Somebody takes it back; False when they had not spoken."""
    return tx.execute("DELETE FROM approval_voice WHERE approval_id = ? AND person = ?", (approval, person)) > 0


def end(tx: Tx, approval: str, state: ApprovalState, by: str, at: Instant, because: Sequence[Reason] = ()) -> bool:
    """It waits no more; False when it did not."""
    sql = "UPDATE approval SET state = ?, ended_by = ?, ended_at = ?, because = ? WHERE id = ? AND state = 'waiting'"
    return tx.execute(sql, (state, by, at, _written(because), approval)) > 0


def end_sent(tx: Tx, agreement: str, bodies: Iterable[tuple[int, int]], by: str, at: Instant) -> None:
    """What waited and has gone now, by whatever road, waits no more; `bodies` are (version, body)."""
    tx.many(
        "UPDATE approval SET state = 'sent', ended_by = ?, ended_at = ?"
        " WHERE agreement = ? AND version_id = ? AND body_id = ? AND state = 'waiting'",
        [(by, at, agreement, version, body) for version, body in bodies],
    )


def reopen(tx: Tx, approval: str, by: str) -> bool:
    """Whoever declined it takes that back; False when it was not them, or it was asked for anew meanwhile."""
    return (
        tx.execute(
            "UPDATE approval SET state = 'waiting', ended_by = '', ended_at = 0, because = '' WHERE id = ? AND"
            " state IN ('declined', 'withdrawn') AND ended_by = ? AND NOT EXISTS (SELECT 1 FROM approval other WHERE"
            " other.state = 'waiting' AND other.agreement = approval.agreement AND"
            " other.version_id = approval.version_id AND other.body_id = approval.body_id)",
            (approval, by),
        )
        > 0
    )


def review(tx: Tx, approval: str, by: str, text: str, at: Instant) -> bool:
    """Somebody has looked at what went in an emergency; False when it is no such, or was reviewed."""
    return (
        tx.execute(
            "UPDATE approval SET reviewed_by = ?, reviewed_at = ?, review = ?"
            " WHERE id = ? AND emergency = 1 AND reviewed_at = 0",
            (by, at, text, approval),
        )
        > 0
    )


def _voices(reader: Reader, ids: Collection[str]) -> dict[str, list[Voice]]:
    where, params = any_of(reader, "approval_id", ids)
    found: dict[str, list[Voice]] = {}
    for approval, person, roles, at in reader.all(
        f"SELECT approval_id, person, roles, at FROM approval_voice WHERE {where} ORDER BY at, person", params
    ):
        found.setdefault(approval, []).append(Voice(person=person, roles=tuple(roles.split()), at=at))
    return found


def _written(because: Sequence[Reason]) -> str:
    return msgspec.json.encode(list(because)).decode() if because else ""


def _approval(row: Row) -> Approval:
    return Approval(
        id=row[0],
        agreement=row[1],
        version=row[2],
        body=row[3],
        stix_id=row[4],
        type=row[5],
        title=row[6],
        tlp=TLP(row[7]),
        kind=row[8],
        parties=tuple(row[9].split()),
        asked_by=row[10],
        asked_at=row[11],
        state=row[12],
        ended_by=row[13],
        ended_at=row[14],
        because=msgspec.json.decode(row[15], type=tuple[Reason, ...]) if row[15] else (),
        emergency=bool(row[16]),
        review_by=row[17],
        reviewed_by=row[18],
        reviewed_at=row[19],
        review=row[20],
    )
