"""SQL of which party belongs to which."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.people.model import Membership


def list_memberships(reader: Reader) -> list[Membership]:
    """All of them, by party and member."""
    rows = reader.all("SELECT party, member, because, made_by, made_at FROM party_member ORDER BY party, member")
    return [
        Membership(party=party, member=member, because=because, by=by, at=at) for party, member, because, by, at in rows
    ]


def add_membership(tx: Tx, made: Membership) -> bool:
    """Whether it was not known before."""
    return (
        tx.execute(
            "INSERT INTO party_member (party, member, because, made_by, made_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (made.party, made.member, made.because, made.by, made.at),
        )
        == 1
    )


def remove_membership(tx: Tx, party: str, member: str) -> bool:
    """Whether there was one."""
    return tx.execute("DELETE FROM party_member WHERE party = ? AND member = ?", (party, member)) == 1
