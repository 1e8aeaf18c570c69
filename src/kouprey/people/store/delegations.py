"""SQL of delegations: which token may act for which party."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Delegation, Permission

_SELECT = (
    "SELECT delegation.id, delegation.party, delegation.token, token.party, delegation.verbs, delegation.clearance,"
    " starts, ends, because, recorded_by, recorded_at, confirmed_by, confirmed_at, revoked_by, revoked_at,"
    " delegation.used_at FROM delegation JOIN token ON token.username = delegation.token"
)


def add_delegation(tx: Tx, made: Delegation) -> None:
    """Keep what somebody recorded."""
    tx.execute(
        "INSERT INTO delegation (id, party, token, verbs, clearance, starts, ends, because, recorded_by, recorded_at,"
        " confirmed_by, confirmed_at, revoked_by, revoked_at, used_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, '', 0, 0)",
        (
            made.id,
            made.party,
            made.token,
            " ".join(made.verbs),
            int(made.clearance),
            made.starts,
            made.ends,
            made.because,
            made.recorded_by,
            made.recorded_at,
        ),
    )


def confirm(tx: Tx, delegation: str, by: str, now: Instant) -> None:
    tx.execute("UPDATE delegation SET confirmed_by = ?, confirmed_at = ? WHERE id = ?", (by, now, delegation))


def revoke(tx: Tx, delegation: str, by: str, now: Instant) -> None:
    tx.execute("UPDATE delegation SET revoked_by = ?, revoked_at = ? WHERE id = ?", (by, now, delegation))


def note_use(tx: Tx, delegation: str, now: Instant) -> None:
    tx.execute("UPDATE delegation SET used_at = ? WHERE id = ?", (now, delegation))


def find_delegation(reader: Reader, delegation: str) -> Delegation | None:
    row = reader.one(f"{_SELECT} WHERE delegation.id = ?", (delegation,))
    return None if row is None else _delegation(row)


def list_delegations(reader: Reader) -> list[Delegation]:
    """All of them, whatever became of them, newest first."""
    return [_delegation(row) for row in reader.all(f"{_SELECT} ORDER BY recorded_at DESC, delegation.id")]


def list_confirmed(reader: Reader, token: str, party: str = "") -> list[Delegation]:
    """Those of a token that were ever confirmed, also when they are revoked or over; `party` "" for every party."""
    rows = reader.all(f"{_SELECT} WHERE delegation.token = ? AND confirmed_at > 0 ORDER BY starts", (token,))
    found = [_delegation(row) for row in rows]
    return [each for each in found if party in ("", each.party)]


def _delegation(row: Row) -> Delegation:
    key, party, token, to, verbs, clearance, starts, ends, because, *deeds = row
    recorded_by, recorded_at, confirmed_by, confirmed_at, revoked_by, revoked_at, used = deeds
    return Delegation(
        id=key,
        party=party,
        token=token,
        to=to,
        verbs=tuple(Permission(word) for word in verbs.split()),
        clearance=TLP(clearance),
        starts=starts,
        ends=ends,
        because=because,
        recorded_by=recorded_by,
        recorded_at=recorded_at,
        confirmed_by=confirmed_by,
        confirmed_at=confirmed_at,
        revoked_by=revoked_by,
        revoked_at=revoked_at,
        used=used,
    )
