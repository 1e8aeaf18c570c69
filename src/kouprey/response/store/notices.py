"""Notices, who watches which case, and what people have chosen. Every list joins what it is about, as cases do."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.response.model import LEGAL_KINDS
from kouprey.response.model.cases import Track
from kouprey.response.model.notices import About, Called, Choice, Notice, Often, Posted
from kouprey.response.store.cases import decoded

_NOTICE = (
    "notice.id, notice.person, notice.kind, notice.about, notice.item, notice.track, notice.said, notice.fact,"
    " notice.count, notice.at, notice.read_at"
)
_LEGAL = ", ".join(f"'{kind}'" for kind in sorted(LEGAL_KINDS))


class Eyes(msgspec.Struct, frozen=True):
    """Who reads their notices: a reader profile, the time, the person, and which tracks and hand-offs they see."""

    profile: int
    now: Instant
    person: str
    tracks: tuple[Track, ...]
    handoffs: bool
    lawful: bool


def tell(tx: Tx, notice: Notice) -> bool:
    """Keep that something happened, once for each fact; what waits unread already waits on, counted once more."""
    same = "person = ? AND kind = ? AND about = ? AND item = ? AND track = ?"
    key = (notice.person, str(notice.kind), notice.about, notice.item, notice.track)
    last = tx.value(f"SELECT max(fact) FROM notice WHERE {same}", key)
    if last is not None and int(last) >= notice.fact:
        return False
    changed = tx.execute(
        f"UPDATE notice SET count = count + 1, fact = ?, at = ?, said = ? WHERE {same} AND read_at = 0",
        (notice.fact, notice.at, notice.said, *key),
    )
    if not changed:
        tx.execute(
            "INSERT INTO notice (id, person, kind, about, item, track, said, fact, count, at, read_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0)",
            (notice.id, *key, notice.said, notice.fact, notice.at),
        )
    return True


def list_notices(
    reader: Reader, eyes: Eyes, *, unread: bool, before: tuple[Instant, str] | None, limit: int
) -> list[Notice]:
    """Those that these eyes may see, the latest first."""
    found: list[Notice] = []
    for columns, sql, params in _parts(reader, eyes):
        extra, more = " AND notice.read_at = 0" if unread else "", list(params)
        if before is not None:
            extra += " AND (notice.at, notice.id) < (?, ?)"
            more += before
        rows = reader.all(
            f"SELECT {_NOTICE}, {columns} {sql}{extra} ORDER BY notice.at DESC, notice.id DESC LIMIT ?", (*more, limit)
        )
        found += map(_notice, rows)
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)[:limit]


def count_unread(reader: Reader, eyes: Eyes, *, after: int, most: int) -> dict[About, int]:
    """Sort -> how many wait unread that tell of a fact after this one, each counted up to `most`."""
    found: dict[About, int] = {}
    for _columns, sql, params in _parts(reader, eyes):
        rows = reader.all(
            f"SELECT notice.kind, notice.id {sql} AND notice.read_at = 0 AND notice.fact > ? LIMIT ?",
            (*params, after, most),
        )
        for row in rows:
            found[About(row[0])] = found.get(About(row[0]), 0) + 1
    return found


def set_read(tx: Tx, person: str, ids: Sequence[str], read_at: Instant) -> int:
    """Mark some as read, or as unread with 0; how many were another."""
    where, params = any_of(tx, "id", list(ids))
    other = "read_at = 0" if read_at else "read_at <> 0"
    return tx.execute(
        f"UPDATE notice SET read_at = ? WHERE person = ? AND {other} AND {where}", (read_at, person, *params)
    )


def set_watching(tx: Tx, case: str, person: str, watching: bool, now: Instant) -> None:
    tx.execute(
        "INSERT INTO case_watch (case_id, person, watching, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (case_id, person) DO UPDATE SET watching = excluded.watching, at = excluded.at",
        (case, person, int(watching), now),
    )


def list_watching(reader: Reader, case: str) -> dict[str, bool]:
    """Person -> whether they watch it or have stopped, of those who have said so."""
    rows = reader.all("SELECT person, watching FROM case_watch WHERE case_id = ?", (case,))
    return {row[0]: bool(row[1]) for row in rows}


def find_lead(reader: Reader, case: str) -> str:
    """Who leads a case, "" for nobody: for rules, and never for a reader."""
    body = reader.value("SELECT body FROM case_file WHERE id = ?", (case,))
    return decoded(body).lead if body is not None else ""


def find_choice(reader: Reader, person: str) -> Choice | None:
    rows = _choices(reader, "WHERE person = ?", person)
    return rows[0][1] if rows else None


def list_by_mail(reader: Reader, now: Instant) -> list[tuple[str, Choice]]:
    """Persons who want mail and whose next one may be written now."""
    return _choices(reader, "WHERE mail <> 'off' AND due <= ? ORDER BY person", now)


def save_choice(tx: Tx, person: str, choice: Choice) -> None:
    tx.execute(
        "INSERT INTO notice_choice (person, told, mail, address, language, mailed, state, due, attempts, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET told = excluded.told,"
        " mail = excluded.mail, address = excluded.address, language = excluded.language, mailed = excluded.mailed,"
        " state = excluded.state, due = excluded.due, attempts = excluded.attempts, error = excluded.error",
        (
            person,
            " ".join(choice.told),
            str(choice.often),
            choice.address,
            choice.language,
            choice.mailed,
            str(choice.state),
            choice.due,
            choice.attempts,
            choice.error,
        ),
    )


def last_fact(reader: Reader, person: str) -> int:
    """The newest fact that this person was told of."""
    return int(reader.value("SELECT max(fact) FROM notice WHERE person = ?", (person,)) or 0)


def newest_fact(reader: Reader) -> int:
    """The newest fact that anybody was told of."""
    return int(reader.value("SELECT max(fact) FROM notice") or 0)


def count_all(reader: Reader, *, after: int, upto: int) -> dict[About, int]:
    """Sort -> how many wait unread, of everybody: a number for the one address outside, and for no reader."""
    rows = reader.all(
        "SELECT kind, count(*) FROM notice WHERE read_at = 0 AND fact > ? AND fact <= ? GROUP BY kind", (after, upto)
    )
    return {About(row[0]): int(row[1]) for row in rows}


def find_called(reader: Reader) -> Called | None:
    row = reader.one("SELECT told, due, attempts, error FROM notice_hook WHERE one = 1")
    return None if row is None else Called(told=int(row[0]), due=int(row[1]), attempts=int(row[2]), error=row[3])


def save_called(tx: Tx, called: Called) -> None:
    tx.execute(
        "INSERT INTO notice_hook (one, told, due, attempts, error) VALUES (1, ?, ?, ?, ?) ON CONFLICT (one) DO UPDATE"
        " SET told = excluded.told, due = excluded.due, attempts = excluded.attempts, error = excluded.error",
        (called.told, called.due, called.attempts, called.error),
    )


def _choices(reader: Reader, where: str, value: object) -> list[tuple[str, Choice]]:
    rows = reader.all(
        f"SELECT person, told, mail, address, language, mailed, state, due, attempts, error FROM notice_choice {where}",
        (value,),
    )
    return [
        (
            row[0],
            Choice(
                told=tuple(map(About, row[1].split())),
                often=Often(row[2]),
                address=row[3],
                language=row[4],
                mailed=int(row[5]),
                state=Posted(row[6]),
                due=int(row[7]),
                attempts=int(row[8]),
                error=row[9],
            ),
        )
        for row in rows
    ]


def _parts(reader: Reader, eyes: Eyes) -> list[tuple[str, str, tuple[object, ...]]]:
    """What is shown of notices, where they come from, and its parameters: of cases, and of hand-offs."""
    made: list[tuple[str, str, tuple[object, ...]]] = []
    if eyes.tracks:
        on, tracks = any_of(reader, "notice.track", list(map(str, eyes.tracks)))
        sql = (
            f"FROM notice JOIN case_file ON case_file.id = notice.about {visible_join('case_file.label_set_id')}"
            " WHERE notice.kind IN ('case', 'task', 'clock') AND notice.person = ?"
            " AND (case_file.named = 0 OR EXISTS (SELECT 1 FROM case_member"
            " WHERE case_member.case_id = case_file.id AND case_member.person = ?))"
            f" AND {on}"
        )
        params = (eyes.profile, eyes.now, eyes.person, eyes.person, *tracks)
        made.append(("case_file.title, case_file.number", sql, params))
    if eyes.handoffs:
        legal = "" if eyes.lawful else f" AND handoff.kind NOT IN ({_LEGAL})"
        sql = (
            f"FROM notice JOIN handoff ON handoff.id = notice.about {visible_join('handoff.label_set_id')}"
            f" WHERE notice.kind IN ('handoff', 'clock') AND notice.person = ?{legal}"
        )
        made.append(("handoff.title, 0", sql, (eyes.profile, eyes.now, eyes.person)))
    return made


def _notice(row: Row) -> Notice:
    return Notice(
        id=row[0],
        person=row[1],
        kind=About(row[2]),
        about=row[3],
        item=row[4],
        track=row[5],
        said=row[6],
        fact=int(row[7]),
        count=int(row[8]),
        at=int(row[9]),
        read_at=int(row[10]),
        title=row[11],
        number=int(row[12]),
    )
