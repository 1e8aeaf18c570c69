"""All SQL of proceedings."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant
from kouprey.proceedings.model import Disclosure, Dossier, Item, Kind, Member, Part, ReaderKey

PIECE = 1 << 20
"""Bytes of a part of a sealed body."""
_MEMBER = "dossier, person, part, at, made_by, why, until, ended_by, ended_why"
_ITEM = (
    "id, dossier, number, kind, sha256, size, at, made_by, derived, party, ref, holder, offered, offered_at,"
    " disclosure, ground, keep_until, disposed_at"
)


# keys of persons


def add_key(tx: Tx, key: ReaderKey) -> None:
    """A key to seal to; the one before stays for what was sealed to it."""
    tx.execute("UPDATE dossier_key SET until = ? WHERE person = ? AND until = 0", (key.since, key.person))
    tx.execute(
        "INSERT INTO dossier_key (key, person, since, until, follows) VALUES (?, ?, ?, ?, ?)",
        (key.key, key.person, key.since, key.until, key.follows),
    )


def find_key(reader: Reader, key: str) -> ReaderKey | None:
    """Whose key it is, or was."""
    row = reader.one("SELECT key, person, since, until, follows FROM dossier_key WHERE key = ?", (key,))
    return None if row is None else _key(row)


def list_keys(reader: Reader, person: str = "") -> list[ReaderKey]:
    """Those of a person, or of all; the newest first."""
    where, params = ("WHERE person = ?", (person,)) if person else ("", ())
    rows = reader.all(
        f"SELECT key, person, since, until, follows FROM dossier_key {where} ORDER BY since DESC, key", params
    )
    return [_key(row) for row in rows]


# dossiers and who belongs to them


def add_dossier(tx: Tx, made: Dossier) -> None:
    tx.execute(
        "INSERT INTO dossier (id, name, made_by, made_at, party, ref) VALUES (?, ?, ?, ?, ?, ?)",
        (made.id, made.name, made.by, made.at, made.party, made.ref),
    )


def find_dossier(reader: Reader, dossier: str) -> Dossier | None:
    row = reader.one("SELECT id, name, made_by, made_at, party, ref FROM dossier WHERE id = ?", (dossier,))
    return None if row is None else _dossier(row)


def find_by_ref(reader: Reader, party: str, ref: str) -> Dossier | None:
    """What we hold of a partner's dossier."""
    row = reader.one(
        "SELECT id, name, made_by, made_at, party, ref FROM dossier WHERE party = ? AND ref = ?", (party, ref)
    )
    return None if row is None else _dossier(row)


def list_dossiers(reader: Reader, person: str) -> list[Dossier]:
    """Those a person belongs to now, the newest first: the only list there is."""
    rows = reader.all(
        "SELECT d.id, d.name, d.made_by, d.made_at, d.party, d.ref FROM dossier d JOIN dossier_member m"
        " ON m.dossier = d.id WHERE m.person = ? AND m.until = 0 ORDER BY d.made_at DESC, d.id",
        (person,),
    )
    return [_dossier(row) for row in rows]


def list_ids(reader: Reader) -> list[str]:
    """Every dossier: for the check of ledgers and the jobs, and shown to nobody."""
    return [str(row[0]) for row in reader.all("SELECT id FROM dossier ORDER BY id")]


def add_member(tx: Tx, member: Member) -> None:
    tx.execute(
        f"INSERT INTO dossier_member ({_MEMBER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            member.dossier,
            member.person,
            str(member.part),
            member.at,
            member.by,
            member.why,
            member.until,
            member.ended_by,
            member.ended_why,
        ),
    )


def end_member(tx: Tx, dossier: str, person: str, at: Instant, by: str, why: str) -> bool:
    """Somebody belongs to it no longer, and no key of an item is released to them any more."""
    ended = tx.execute(
        "UPDATE dossier_member SET until = ?, ended_by = ?, ended_why = ?"
        " WHERE dossier = ? AND person = ? AND until = 0",
        (at, by, why, dossier, person),
    )
    tx.execute(
        "UPDATE dossier_grant SET ended_at = ? WHERE person = ? AND ended_at = 0"
        " AND item IN (SELECT id FROM dossier_item WHERE dossier = ?)",
        (at, person, dossier),
    )
    return ended > 0


def find_member(reader: Reader, dossier: str, person: str) -> Member | None:
    """Whoever belongs to it now."""
    row = reader.one(
        f"SELECT {_MEMBER} FROM dossier_member WHERE dossier = ? AND person = ? AND until = 0", (dossier, person)
    )
    return None if row is None else _member(row)


def list_members(reader: Reader, dossier: str) -> list[Member]:
    """Everybody who belongs or belonged to it, in the order in which they came."""
    rows = reader.all(f"SELECT {_MEMBER} FROM dossier_member WHERE dossier = ? ORDER BY at, person", (dossier,))
    return [_member(row) for row in rows]


# items


def add_item(tx: Tx, item: Item, origin: str = "", index: int = 0) -> None:
    tx.execute(
        f"INSERT INTO dossier_item ({_ITEM}, origin, entry_index)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item.id,
            item.dossier,
            item.number,
            str(item.kind),
            item.sha256,
            item.size,
            item.at,
            item.by,
            item.derived,
            item.party,
            item.ref,
            item.holder,
            item.offered,
            item.offered_at,
            str(item.disclosure),
            item.ground,
            item.keep_until,
            item.disposed_at,
            origin,
            index,
        ),
    )


def save_item(tx: Tx, item: Item) -> None:
    """What changes of an item: who has it, what was decided of it, and whether it is still there."""
    tx.execute(
        "UPDATE dossier_item SET holder = ?, offered = ?, offered_at = ?, disclosure = ?, ground = ?, keep_until = ?,"
        " disposed_at = ? WHERE id = ?",
        (
            item.holder,
            item.offered,
            item.offered_at,
            str(item.disclosure),
            item.ground,
            item.keep_until,
            item.disposed_at,
            item.id,
        ),
    )


def find_item(reader: Reader, item: str) -> Item | None:
    row = reader.one(f"SELECT {_ITEM} FROM dossier_item WHERE id = ?", (item,))
    return None if row is None else _item(row)


def list_items(reader: Reader, dossier: str) -> list[Item]:
    """In the order in which they came."""
    rows = reader.all(f"SELECT {_ITEM} FROM dossier_item WHERE dossier = ? ORDER BY number", (dossier,))
    return [_item(row) for row in rows]


def list_overdue_items(reader: Reader, now: Instant) -> list[Item]:
    """Those whose retention is over."""
    rows = reader.all(
        f"SELECT {_ITEM} FROM dossier_item WHERE keep_until > 0 AND disposed_at = 0 AND keep_until <= ? ORDER BY id",
        (now,),
    )
    return [_item(row) for row in rows]


def list_in_entries(reader: Reader, origin: str, first: int, last: int) -> list[tuple[int, Item]]:
    """What came in these entries of a partner's lane, with the index of each."""
    rows = reader.all(
        f"SELECT entry_index, {_ITEM} FROM dossier_item WHERE origin = ? AND entry_index BETWEEN ? AND ?",
        (origin, first, last),
    )
    return [(int(row[0]), _item(row[1:])) for row in rows]


def add_piece(tx: Tx, item: str, part: int, body: bytes) -> None:
    """A part of a body; written again after a failure it is the same."""
    tx.execute(
        "INSERT INTO dossier_piece (item, part, body) VALUES (?, ?, ?) ON CONFLICT (item, part) DO NOTHING",
        (item, part, body),
    )


def find_piece(reader: Reader, item: str, part: int) -> bytes | None:
    found: bytes | None = reader.value("SELECT body FROM dossier_piece WHERE item = ? AND part = ?", (item, part))
    return found


def list_unkept(reader: Reader) -> list[str]:
    """Items of which there are parts of a body and nothing else."""
    sql = "SELECT DISTINCT item FROM dossier_piece WHERE item NOT IN (SELECT id FROM dossier_item) ORDER BY item"
    return [str(row[0]) for row in reader.all(sql)]


def drop_body(tx: Tx, item: str) -> None:
    """Parts of a body whose item was not kept."""
    tx.execute("DELETE FROM dossier_piece WHERE item = ?", (item,))


def shred(tx: Tx, item: str, at: Instant) -> None:
    """Body and keys of an item are gone; that there were keys, and for whom, stays."""
    drop_body(tx, item)
    tx.execute(
        "UPDATE dossier_grant SET box = ?, ended_at = CASE WHEN ended_at = 0 THEN ? ELSE ended_at END WHERE item = ?",
        (b"", at, item),
    )


def _key(row: Row) -> ReaderKey:
    return ReaderKey(key=row[0], person=row[1], since=int(row[2]), until=int(row[3]), follows=row[4])


def _dossier(row: Row) -> Dossier:
    return Dossier(id=row[0], name=row[1], by=row[2], at=int(row[3]), party=row[4], ref=row[5])


def _member(row: Row) -> Member:
    return Member(
        dossier=row[0],
        person=row[1],
        part=Part(row[2]),
        at=int(row[3]),
        by=row[4],
        why=row[5],
        until=int(row[6]),
        ended_by=row[7],
        ended_why=row[8],
    )


def _item(row: Row) -> Item:
    return Item(
        id=row[0],
        dossier=row[1],
        number=int(row[2]),
        kind=Kind(row[3]),
        sha256=row[4],
        size=int(row[5]),
        at=int(row[6]),
        by=row[7],
        derived=row[8],
        party=row[9],
        ref=row[10],
        holder=row[11],
        offered=row[12],
        offered_at=int(row[13]),
        disclosure=Disclosure(row[14]),
        ground=row[15],
        keep_until=int(row[16]),
        disposed_at=int(row[17]),
    )
