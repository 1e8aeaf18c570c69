"""Messages between nodes about activities, and the programmes they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.capacity.model import Kept, Programme, Sort
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

Eyes = tuple[int, Instant]
_KEPT = (
    "sort, agreement, about, author, party, version, came_at, label_set_id, body, publication, said_by, origin,"
    " entry_index, erased"
)
_PROGRAMME = "id, agreement, theme, year, budget, answers, tlp, made_by, made_at"


def add(tx: Tx, kept: Kept) -> bool:
    """Keep one; False when this version of it is here already."""
    values = msgspec.structs.astuple(kept)
    sql = f"INSERT INTO capacity_message ({_KEPT}) VALUES ({', '.join('?' * len(values))}) ON CONFLICT DO NOTHING"
    return tx.execute(sql, tuple(int(each) if isinstance(each, bool) else each for each in values)) > 0


def find_version(reader: Reader, like: Kept) -> Kept | None:
    """The same version of the same message, under its agreement, whoever may see it: for what comes."""
    row = reader.one(
        f"SELECT {_KEPT} FROM capacity_message WHERE sort = ? AND about = ? AND author = ? AND party = ?"
        " AND agreement = ? AND version = ?",
        (like.sort, like.about, like.author, like.party, like.agreement, like.version),
    )
    return None if row is None else _kept(row)


def newest_version(
    reader: Reader, sort: Sort, *, author: str, agreement: str = "", about: str = "", party: str = ""
) -> int:
    """The highest version, 0 for none, whoever may see it."""
    found = reader.value(
        "SELECT max(version) FROM capacity_message WHERE sort = ? AND about = ? AND author = ? AND party = ?"
        " AND (agreement = ? OR ? = '')",
        (str(sort), about, author, party, agreement, agreement),
    )
    return int(found or 0)


def count_from(reader: Reader, author: str) -> int:
    return int(reader.value("SELECT count(*) FROM capacity_message WHERE author = ?", (author,)) or 0)


def list_of(reader: Reader, about: str, *sorts: Sort) -> list[Kept]:
    """Messages about an activity, whoever may see them: for what this node decides itself."""
    where, params = any_of(reader, "sort", [str(each) for each in sorts])
    sql = f"SELECT {_KEPT} FROM capacity_message WHERE about = ? AND {where} ORDER BY version, author, party"
    return [_kept(row) for row in reader.all(sql, (about, *params))]


def list_seen(reader: Reader, eyes: Eyes, *sorts: Sort, about: str | None = None) -> list[Kept]:
    """Messages that a reader may see, the lowest versions first."""
    where, params = any_of(reader, "capacity_message.sort", [str(each) for each in sorts])
    columns = ", ".join(f"capacity_message.{name.strip()}" for name in _KEPT.split(","))
    sql = f"SELECT {columns} FROM capacity_message {visible_join('capacity_message.label_set_id')} WHERE {where}"
    given: tuple[object, ...] = (*eyes, *params)
    if about is not None:
        sql, given = f"{sql} AND capacity_message.about = ?", (*given, about)
    rows = reader.all(
        f"{sql} ORDER BY capacity_message.version, capacity_message.author, capacity_message.party", given
    )
    return [_kept(row) for row in rows]


def list_every(reader: Reader, sort: Sort) -> list[Kept]:
    """All of a sort, the lowest versions first: for what this node checks and decides itself."""
    sql = f"SELECT {_KEPT} FROM capacity_message WHERE sort = ? ORDER BY version, author"
    return [_kept(row) for row in reader.all(sql, (str(sort),))]


def list_in_entries(reader: Reader, origin: str, indices: Sequence[int]) -> list[Kept]:
    """Those that came in these entries of a lane."""
    where, params = any_of(reader, "entry_index", indices)
    rows = reader.all(f"SELECT {_KEPT} FROM capacity_message WHERE origin = ? AND {where}", (origin, *params))
    return [_kept(row) for row in rows]


def erase(tx: Tx, kept: Kept, body: bytes) -> None:
    """Put in place of its body one without words."""
    tx.execute(
        "UPDATE capacity_message SET body = ?, erased = 1 WHERE sort = ? AND about = ? AND author = ? AND party = ?"
        " AND agreement = ? AND version = ?",
        (body, kept.sort, kept.about, kept.author, kept.party, kept.agreement, kept.version),
    )


def save_programme(tx: Tx, each: Programme, label_set: int) -> None:
    tx.execute(
        f"INSERT INTO capacity_programme ({_PROGRAMME}, label_set_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            each.id,
            each.agreement,
            each.theme,
            each.year,
            each.budget,
            msgspec.json.encode(each.answers).decode(),
            int(each.tlp),
            each.made_by,
            each.made_at,
            label_set,
        ),
    )


def list_programmes(reader: Reader, eyes: Eyes) -> list[Programme]:
    """Those a reader may see, the newest year first."""
    columns = ", ".join(f"capacity_programme.{name}" for name in _PROGRAMME.split(", "))
    sql = (
        f"SELECT {columns} FROM capacity_programme {visible_join('capacity_programme.label_set_id')}"
        " ORDER BY capacity_programme.year DESC, lower(capacity_programme.theme), capacity_programme.id"
    )
    return [_programme(row) for row in reader.all(sql, eyes)]


def _programme(row: Row) -> Programme:
    given = dict(zip(_PROGRAMME.split(", "), row, strict=True))
    given["answers"] = msgspec.json.decode(given["answers"], type=tuple[str, ...])
    return Programme(**{**given, "tlp": TLP(given["tlp"])})


def _kept(row: Row) -> Kept:
    names = (
        *("sort", "agreement", "about", "author", "party", "version", "came_at", "label_set", "body"),
        *("publication", "said_by", "origin", "entry_index", "erased"),
    )
    given = dict(zip(names, row, strict=True))
    return Kept(**{**given, "sort": Sort(given["sort"]), "body": bytes(given["body"]), "erased": bool(given["erased"])})
