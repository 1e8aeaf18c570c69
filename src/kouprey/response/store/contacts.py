"""Contacts without a node, and the links they answer by."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.contacts import Contact, Link

_CONTACT = (
    "id, name, team, party, mail, phone, language, zone, paper, ceiling, content, acknowledge_s, decide_s, note,"
    " made_at, archived_at"
)
_LINK = "id, hashed, handoff, contact, made_by, made_at, expires, revoked_at"


def save_contact(tx: Tx, each: Contact) -> None:
    """Keep one, new or changed."""
    names = _CONTACT.replace(" ", "").split(",")
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ("id", "made_at"))
    values = (
        each.id,
        each.name,
        each.team,
        each.party,
        each.mail,
        each.phone,
        each.language,
        each.zone,
        each.paper,
        int(each.ceiling),
        int(each.content),
        each.acknowledge_s,
        each.decide_s,
        each.note,
        each.made_at,
        each.archived_at,
    )
    tx.execute(
        f"INSERT INTO handoff_contact ({_CONTACT}) VALUES ({', '.join('?' * len(values))})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}",
        values,
    )


def find_contact(reader: Reader, contact: str) -> Contact | None:
    row = reader.one(f"SELECT {_CONTACT} FROM handoff_contact WHERE id = ?", (contact,))
    return None if row is None else _contact(row)


def list_contacts(reader: Reader) -> list[Contact]:
    """By team and name, those that are archived last."""
    rows = reader.all(
        f"SELECT {_CONTACT} FROM handoff_contact"
        " ORDER BY CASE WHEN archived_at > 0 THEN 1 ELSE 0 END, lower(team), lower(name), id"
    )
    return [_contact(row) for row in rows]


def add_link(tx: Tx, link: Link) -> None:
    tx.execute(
        f"INSERT INTO handoff_link ({_LINK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            link.id,
            link.hashed,
            link.handoff,
            link.contact,
            link.made_by,
            link.made_at,
            link.expires,
            link.revoked_at,
        ),
    )


def find_link(reader: Reader, *, hashed: bytes = b"", id: str = "") -> Link | None:
    """By the hash of its secret, or by what it is revoked by."""
    column, value = ("hashed", hashed) if hashed else ("id", id)
    row = reader.one(f"SELECT {_LINK} FROM handoff_link WHERE {column} = ?", (value,))
    return None if row is None else _link(row)


def list_links(reader: Reader, handoff: str) -> list[Link]:
    """Those of a hand-off, the newest first."""
    rows = reader.all(f"SELECT {_LINK} FROM handoff_link WHERE handoff = ? ORDER BY made_at DESC, id", (handoff,))
    return [_link(row) for row in rows]


def revoke(tx: Tx, now: Instant, *, id: str = "", contact: str = "") -> int:
    """One link, or all of a contact; how many opened until now."""
    column, value = ("contact", contact) if contact else ("id", id)
    sql = f"UPDATE handoff_link SET revoked_at = ? WHERE {column} = ? AND revoked_at = 0 AND expires > ?"
    return int(tx.execute(sql, (now, value, now)))


def _contact(row: Row) -> Contact:
    return Contact(
        id=row[0],
        name=row[1],
        team=row[2],
        party=row[3],
        mail=row[4],
        phone=row[5],
        language=row[6],
        zone=row[7],
        paper=row[8],
        ceiling=TLP(row[9]),
        content=TLP(row[10]),
        acknowledge_s=int(row[11]),
        decide_s=int(row[12]),
        note=row[13],
        made_at=int(row[14]),
        archived_at=int(row[15]),
    )


def _link(row: Row) -> Link:
    return Link(
        id=row[0],
        hashed=bytes(row[1]),
        handoff=row[2],
        contact=row[3],
        made_by=row[4],
        made_at=int(row[5]),
        expires=int(row[6]),
        revoked_at=int(row[7]),
    )
