"""Cases and what stands in them. Nothing here deletes: a change is a version beside those before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Body, Case, Item, Phase, Sort, Task, TaskState, Timed, Track

PIECE = 1 << 20
"""Bytes of a part of evidence."""
_ITEM = "case_item.id, case_id, version, sort, track, at, made_at, made_by, hidden, body"
_NEWEST = "case_item.newest = 1"


class Eyes(msgspec.Struct, frozen=True):
    """Who looks at cases: a reader profile, the time, the person that named cases are named to, and their tracks.

    `every`: named cases too, for whoever has the node's command line.
    """

    profile: int
    now: Instant
    person: str
    tracks: tuple[Track, ...]
    every: bool = False


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases: by words of their title or their number, and by what they are; "" and None for any."""

    text: str = ""
    phase: str = ""
    category: str = ""
    severity: str = ""
    cross_border: bool | None = None
    closed: bool | None = False
    merged: bool = False


def seen_by(eyes: Eyes) -> tuple[str, list[object]]:
    """SQL that gives the ids of all cases that these eyes see, and its parameters."""
    sql, params = _seen(eyes)
    return f"SELECT case_file.id {sql}", params


def read_place(text: str) -> tuple[int, str] | None:
    """Where a list goes on; None for its beginning, and for what nobody wrote."""
    at, _sep, id_ = text.partition("-")
    return (int(at), id_) if at.isascii() and at.isdecimal() and len(at) < 19 and id_ else None


def place_of(at: int, id_: str) -> str:
    """Where a list goes on."""
    return f"{at}-{id_}"


def next_number(tx: Tx) -> int:
    """A number that no case of this node has had."""
    return int(tx.value("UPDATE case_counter SET last = last + 1 WHERE one = 1 RETURNING last"))


def save_case(tx: Tx, case: Case, label_set: int, by: str) -> None:
    """Keep a version, and let it be the newest."""
    body = msgspec.msgpack.encode(case)
    tx.execute(
        "INSERT INTO case_version (case_id, version, at, by_whom, body) VALUES (?, ?, ?, ?, ?)",
        (case.id, case.version, case.changed_at, by, body),
    )
    columns = {
        "id": case.id,
        "number": case.number,
        "title": case.title,
        "kind": str(case.kind),
        "phase": str(case.phase),
        "category": case.category,
        "severity": str(case.severity),
        "cross_border": int(case.cross_border),
        "closed": int(case.phase is Phase.CLOSED),
        "named": int(case.named),
        "merged_into": case.merged_into,
        "changed_at": case.changed_at,
        "version": case.version,
        "label_set_id": label_set,
        "body": body,
    }
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in ("id", "number"))
    tx.execute(
        f"INSERT INTO case_file ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}",
        tuple(columns.values()),
    )


def find_case(reader: Reader, case: str, eyes: Eyes) -> Case | None:
    """By its id or its number, if these eyes may see it."""
    column, value = ("number", int(case)) if case.isascii() and case.isdecimal() and len(case) < 16 else ("id", case)
    sql, params = _seen(eyes)
    row = reader.one(f"SELECT case_file.body {sql} AND case_file.{column} = ?", (*params, value))
    return None if row is None else decoded(row[0])


def find_case_of_node(reader: Reader, case: str) -> Case:
    """Whoever may see it: for the clocks of the node, and never for a reader."""
    return decoded(reader.value("SELECT body FROM case_file WHERE id = ?", (case,)))


def list_cases(
    reader: Reader, eyes: Eyes, wanted: Wanted, *, before: tuple[Instant, str] | None, limit: int
) -> list[Case]:
    """Those that these eyes may see, what changed last first; `before` are time and id of the last one of a page."""
    sql, params = _filtered(eyes, wanted)
    if before is not None:
        sql += " AND (case_file.changed_at, case_file.id) < (?, ?)"
        params += before
    # Which ones is decided in the index alone; bodies are read of those that are shown.
    page = f"SELECT case_file.id AS id {sql} ORDER BY case_file.changed_at DESC, case_file.id DESC LIMIT ?"
    rows = reader.all(
        f"SELECT whole.body FROM ({page}) AS page JOIN case_file AS whole ON whole.id = page.id"
        " ORDER BY whole.changed_at DESC, whole.id DESC",
        (*params, limit),
    )
    return [decoded(row[0]) for row in rows]


def list_latest(reader: Reader, eyes: Eyes, *, limit: int) -> list[Timed]:
    """What is measured of those that changed last and that these eyes may see: many, in the order of one index."""
    sql, params = _filtered(eyes, Wanted(closed=None))
    rows = reader.all(
        f"SELECT case_file.body {sql} ORDER BY case_file.changed_at DESC, case_file.id DESC LIMIT ?", (*params, limit)
    )
    return [msgspec.msgpack.decode(row[0], type=Timed) for row in rows]


def count_cases(reader: Reader, eyes: Eyes, wanted: Wanted, *, most: int) -> int:
    """How many there are, counted up to `most`."""
    sql, params = _filtered(eyes, wanted)
    return int(reader.value(f"SELECT count(*) FROM (SELECT 1 {sql} LIMIT ?) AS counted", (*params, most)))


def list_versions(reader: Reader, case: str) -> list[tuple[Case, str]]:
    """Every version with who wrote it, the newest first."""
    rows = reader.all("SELECT body, by_whom FROM case_version WHERE case_id = ? ORDER BY version DESC", (case,))
    return [(decoded(row[0]), row[1]) for row in rows]


def list_merged(reader: Reader, eyes: Eyes, case: str) -> list[Case]:
    """Cases that are read in this one, also by way of others, as far as these eyes may see them."""
    found: list[Case] = []
    into = [case]
    while into:
        where, values = any_of(reader, "case_file.merged_into", into)
        sql, params = _seen(eyes)
        rows = reader.all(f"SELECT case_file.body {sql} AND {where} ORDER BY case_file.number", (*params, *values))
        made = [decoded(row[0]) for row in rows]
        made = [each for each in made if each.id != case and each not in found]
        found += made
        into = [each.id for each in made]
    return found


def list_members(reader: Reader, case: str) -> list[str]:
    return [row[0] for row in reader.all("SELECT person FROM case_member WHERE case_id = ? ORDER BY person", (case,))]


def save_members(tx: Tx, case: str, persons: Iterable[str]) -> None:
    """Name the case to these and nobody else."""
    tx.execute("DELETE FROM case_member WHERE case_id = ?", (case,))
    for person in sorted(set(persons)):
        tx.execute("INSERT INTO case_member (case_id, person) VALUES (?, ?)", (case, person))


def save_item(tx: Tx, item: Item, key: str = "") -> None:
    """Keep a version of an item, and let it be the newest."""
    if item.version > 1:
        tx.execute("UPDATE case_item SET newest = 0 WHERE id = ? AND newest = 1", (item.id,))
    opened = isinstance(item.body, Task) and item.body.state in (TaskState.OPEN, TaskState.DOING)
    tx.execute(
        "INSERT INTO case_item (id, case_id, version, sort, track, at, made_at, made_by, hidden, body, newest, open,"
        " key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        (
            item.id,
            item.case,
            item.version,
            str(item.sort),
            str(item.track),
            item.at,
            item.made_at,
            item.made_by,
            int(item.hidden),
            msgspec.msgpack.encode(item.body),
            int(opened and not item.hidden),
            key,
        ),
    )


def find_item(reader: Reader, item: str, tracks: Sequence[Track]) -> Item | None:
    """Its newest version, on one of these tracks."""
    where, params = any_of(reader, "track", list(map(str, tracks)))
    row = reader.one(f"SELECT {_ITEM} FROM case_item WHERE id = ? AND {_NEWEST} AND {where}", (item, *params))
    return None if row is None else _item(row)


def list_item_versions(reader: Reader, item: str) -> list[Item]:
    """Every version, the newest first."""
    return [
        _item(row) for row in reader.all(f"SELECT {_ITEM} FROM case_item WHERE id = ? ORDER BY version DESC", (item,))
    ]


def list_items(
    reader: Reader,
    cases: Sequence[str],
    tracks: Sequence[Track],
    sorts: Sequence[Sort],
    *,
    hidden: bool = False,
    before: tuple[Instant, str] | None = None,
    limit: int,
) -> list[Item]:
    """Of these cases, on these tracks, of these sorts: what happened last first; `before` as in `list_cases`."""
    parts, params = [f"SELECT {_ITEM} FROM case_item WHERE {_NEWEST} AND hidden = ?"], [int(hidden)]
    for column, values in (("case_id", cases), ("track", map(str, tracks)), ("sort", map(str, sorts))):
        where, given = any_of(reader, column, list(values))
        parts.append(where)
        params += given
    if before is not None:
        parts.append("(at, id) < (?, ?)")
        params += before  # type: ignore[arg-type]  # an instant and an id
    return [
        _item(row) for row in reader.all(f"{' AND '.join(parts)} ORDER BY at DESC, id DESC LIMIT ?", (*params, limit))
    ]


def list_links(reader: Reader, case: str) -> list[Item]:
    """Everything that a case leads to, on every track and out of sight too: for rules, and never for a reader."""
    rows = reader.all(
        f"SELECT {_ITEM} FROM case_item WHERE case_id = ? AND sort = ? AND {_NEWEST}", (case, str(Sort.LINK))
    )
    return [_item(row) for row in rows]


def count_open(reader: Reader, cases: Sequence[str], tracks: Sequence[Track]) -> dict[str, int]:
    """Case -> its tasks that are not done, on these tracks."""
    where, params = any_of(reader, "case_id", list(cases))
    on, more = any_of(reader, "track", list(map(str, tracks)))
    sql = (
        f"SELECT case_id, count(*) FROM case_item WHERE {_NEWEST} AND sort = 'task' AND open = 1 AND hidden = 0"
        f" AND {where} AND {on} GROUP BY case_id"
    )
    return {row[0]: int(row[1]) for row in reader.all(sql, (*params, *more))}


def list_sharing(reader: Reader, eyes: Eyes, keys: Sequence[str], *, limit: int) -> list[tuple[str, Case]]:
    """Keys with the cases that have them, as far as these eyes may see case and track."""
    where, values = any_of(reader, "case_item.key", list(keys))
    on, tracks = any_of(reader, "case_item.track", list(map(str, eyes.tracks)))
    named, persons = _named(eyes)
    rows = reader.all(
        "SELECT DISTINCT case_item.key, case_file.number, case_file.body FROM case_item"
        f" JOIN case_file ON case_file.id = case_item.case_id {visible_join('case_file.label_set_id')}"
        f" WHERE {_NEWEST} AND case_item.hidden = 0 AND case_item.key <> '' AND {where} AND {on}{named}"
        " ORDER BY case_file.number DESC LIMIT ?",
        (eyes.profile, eyes.now, *values, *tracks, *persons, limit),
    )
    return [(row[0], decoded(row[2])) for row in rows]


def add_piece(tx: Tx, sha256: str, part: int, body: bytes) -> None:
    tx.execute(
        "INSERT INTO case_piece (sha256, part, body) VALUES (?, ?, ?) ON CONFLICT (sha256, part) DO NOTHING",
        (sha256, part, body),
    )


def find_piece(reader: Reader, sha256: str, part: int) -> bytes | None:
    found = reader.value("SELECT body FROM case_piece WHERE sha256 = ? AND part = ?", (sha256, part))
    return None if found is None else bytes(found)


def _named(eyes: Eyes) -> tuple[str, list[object]]:
    if eyes.every:
        return "", []
    return (
        " AND (case_file.named = 0 OR EXISTS (SELECT 1 FROM case_member WHERE case_member.case_id = case_file.id"
        " AND case_member.person = ?))",
        [eyes.person],
    )


def _seen(eyes: Eyes) -> tuple[str, list[object]]:
    named, persons = _named(eyes)
    return (
        f"FROM case_file {visible_join('case_file.label_set_id')} WHERE case_file.number + 0 > 0{named}",
        [eyes.profile, eyes.now, *persons],
    )


def _filtered(eyes: Eyes, wanted: Wanted) -> tuple[str, list[object]]:
    sql, params = _seen(eyes)
    if not wanted.merged:
        # Nearly all of them: said so that no planner begins with the index of those that are merged.
        sql += " AND case_file.merged_into || '' = ''"
    for column, value in (("phase", wanted.phase), ("category", wanted.category), ("severity", wanted.severity)):
        if value:
            sql += f" AND case_file.{column} = ?"
            params.append(value)
    for column, flag in (("cross_border", wanted.cross_border), ("closed", wanted.closed)):
        if flag is not None:
            sql += f" AND case_file.{column} = ?"
            params.append(int(flag))
    for word in wanted.text.split()[:8]:
        number = word.lstrip("#")
        if number.isascii() and number.isdecimal() and len(number) < 16:
            if number != word:
                sql += " AND case_file.number = ?"
                params.append(int(number))
                continue
            sql += " AND (case_file.number = ? OR lower(case_file.title) LIKE ? ESCAPE '!')"
            params.append(int(number))
        else:
            sql += " AND lower(case_file.title) LIKE ? ESCAPE '!'"
        params.append("%" + word.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%")
    return sql, params


def decoded(body: bytes) -> Case:
    """A case as it is kept."""
    return msgspec.msgpack.decode(body, type=Case)


def _item(row: Row) -> Item:
    return Item(
        id=row[0],
        case=row[1],
        version=int(row[2]),
        sort=Sort(row[3]),
        track=Track(row[4]),
        at=int(row[5]),
        made_at=int(row[6]),
        made_by=row[7],
        hidden=bool(row[8]),
        body=msgspec.msgpack.decode(row[9], type=Body),
    )
