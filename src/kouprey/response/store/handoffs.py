"""Hand-offs and their messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import LEGAL_KINDS, Course, HandOff, Stage, Urgency

_LINE = (
    "handoff.id, handoff.agreement, handoff.asking, handoff.asked, handoff.kind, handoff.urgency, handoff.title,"
    " handoff.tlp, handoff.exercise, handoff.at, handoff.stage, handoff.ended, handoff.due_next, handoff.changed_at,"
    " handoff.preserved_until, handoff.lacking"
)
_LEGAL = ", ".join(f"'{kind}'" for kind in sorted(LEGAL_KINDS))


Entry = tuple[str, int]
"""Origin of a lane, and the index of an entry in it."""


class Line(NamedTuple):
    """A hand-off in a list; `due_next` is 0 where nothing is due any more, `until` where nothing is preserved.

    `lacking`: files were given in an emergency, and their legal basis is not filed yet.
    """

    id: str
    agreement: str
    asking: str
    asked: str
    kind: str
    urgency: Urgency
    title: str
    tlp: TLP
    exercise: str
    at: Instant
    stage: Stage
    ended: bool
    due_next: Instant
    changed_at: Instant
    until: Instant = 0
    lacking: bool = False


class Kept(NamedTuple):
    """A message as it is kept."""

    id: str
    handoff: str
    agreement: str
    author: str
    verb: str
    position: int
    came_at: Instant
    publication: int
    said_by: str
    origin: str
    entry_index: int
    erased: bool
    label_set: int
    body: bytes


_MESSAGE = (
    "id, handoff, agreement, author, verb, position, came_at, publication, said_by, origin, entry_index, erased,"
    " label_set_id, body"
)


def add_message(tx: Tx, kept: Kept) -> bool:
    """Keep one; False when it is here already, by whatever road it came."""
    places = ", ".join("?" * len(kept))
    sql = f"INSERT INTO handoff_message ({_MESSAGE}) VALUES ({places}) ON CONFLICT (id) DO NOTHING"
    return tx.execute(sql, tuple(int(each) if isinstance(each, bool) else each for each in kept)) > 0


def list_messages(reader: Reader, handoff: str) -> list[Kept]:
    """All of one, in the order in which they came."""
    rows = reader.all(f"SELECT {_MESSAGE} FROM handoff_message WHERE handoff = ? ORDER BY position", (handoff,))
    return [_kept(row) for row in rows]


def list_in_entries(reader: Reader, origin: str, indices: Sequence[int]) -> list[Kept]:
    """The messages that came in these entries of a lane."""
    where, params = any_of(reader, "entry_index", indices)
    rows = reader.all(f"SELECT {_MESSAGE} FROM handoff_message WHERE origin = ? AND {where}", (origin, *params))
    return [_kept(row) for row in rows]


def erase(tx: Tx, message: str, body: bytes) -> None:
    """Put in place of its body one without words."""
    tx.execute("UPDATE handoff_message SET body = ?, erased = 1 WHERE id = ?", (body, message))


def set_title(tx: Tx, handoff: str, title: str) -> None:
    """Call it otherwise in lists, because the words of its request are gone."""
    tx.execute("UPDATE handoff SET title = ? WHERE id = ?", (title, handoff))


def list_named(
    reader: Reader, eyes: tuple[int, Instant], *, lawful: bool, publications: Sequence[int], entries: Sequence[Entry]
) -> list[tuple[int, Entry, str, str, str]]:
    """Publication, entry, hand-off, its title and who said it, of those messages that a reader may see."""
    found: list[tuple[int, Entry, str, str, str]] = []
    legal = "" if lawful else f" AND handoff.kind NOT IN ({_LEGAL})"
    sql = (
        "SELECT handoff_message.publication, handoff_message.origin, handoff_message.entry_index, handoff.id,"
        f" handoff.title, handoff_message.said_by FROM handoff {visible_join('handoff.label_set_id')}"
        f" JOIN handoff_message ON handoff_message.handoff = handoff.id WHERE {{}}{legal}"
    )
    if publications:
        where, params = any_of(reader, "handoff_message.publication", publications)
        found += [(row[0], (row[1], row[2]), *row[3:]) for row in reader.all(sql.format(where), (*eyes, *params))]
    for origin, index in entries:
        where = "handoff_message.origin = ? AND handoff_message.entry_index = ?"
        rows = reader.all(sql.format(where), (*eyes, origin, index))
        found += [(row[0], (row[1], row[2]), *row[3:]) for row in rows]
    return found


def count_messages(reader: Reader, handoff: str) -> int:
    return int(reader.value("SELECT count(*) FROM handoff_message WHERE handoff = ?", (handoff,)) or 0)


def save(tx: Tx, asked: HandOff, course: Course, changed_at: Instant, label_set: int) -> None:
    """What lists show of a hand-off, new or changed."""
    due = min((clock.due for clock in course.clocks if not clock.met and not clock.frozen), default=0)
    tx.execute(
        "INSERT INTO handoff (id, agreement, asking, asked, kind, urgency, title, tlp, exercise, at, stage, ended,"
        " due_next, changed_at, label_set_id, preserved_until, lacking)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, ended = excluded.ended, due_next = excluded.due_next,"
        " changed_at = excluded.changed_at, preserved_until = excluded.preserved_until, lacking = excluded.lacking",
        (
            asked.id,
            asked.agreement,
            asked.asking,
            asked.asked,
            asked.kind,
            str(asked.urgency),
            asked.title,
            int(asked.tlp),
            asked.exercise,
            asked.at,
            str(course.stage),
            int(course.ended),
            due,
            changed_at,
            label_set,
            course.until,
            int(course.lacking),
        ),
    )


def find(reader: Reader, handoff: str) -> Line | None:
    """By its id, whoever may see it: for messages that come."""
    row = reader.one(f"SELECT {_LINE} FROM handoff WHERE id = ?", (handoff,))
    return None if row is None else _line(row)


def label_set_of(reader: Reader, handoff: str) -> int:
    return int(reader.value("SELECT label_set_id FROM handoff WHERE id = ?", (handoff,)))


def list_seen(
    reader: Reader,
    eyes: tuple[int, Instant],
    *,
    lawful: bool,
    id: str = "",
    asking: str = "",
    asked: str = "",
    ended: bool | None = None,
    exercise: bool | None = None,
    limit: int,
) -> list[Line]:
    """Those a reader (`eyes`: profile and now) may see; what is due first, then the latest change.

    `lawful`: also the kinds of the legal track. `exercise`: only exercises, or only what is in earnest.
    """
    sql = [f"SELECT {_LINE} FROM handoff {visible_join('handoff.label_set_id')} WHERE handoff.at >= 0"]
    params: list[object] = list(eyes)
    if not lawful:
        sql.append(f"AND handoff.kind NOT IN ({_LEGAL})")
    for column, value in (("id", id), ("asking", asking), ("asked", asked)):
        if value:
            sql.append(f"AND handoff.{column} = ?")
            params.append(value)
    if ended is not None:
        sql.append(f"AND handoff.ended = {int(ended)}")
    if exercise is not None:
        sql.append(f"AND handoff.exercise {'<>' if exercise else '='} ''")
    sql.append("ORDER BY handoff.ended, CASE WHEN handoff.due_next = 0 THEN 1 ELSE 0 END, handoff.due_next,")
    sql.append("handoff.changed_at DESC, handoff.id LIMIT ?")
    params.append(limit)
    return [_line(row) for row in reader.all(" ".join(sql), params)]


def list_visible_messages(reader: Reader, eyes: tuple[int, Instant], handoff: str) -> set[str]:
    """Of the messages of one, the ids of those a reader may see."""
    rows = reader.all(
        f"SELECT handoff_message.id FROM handoff_message {visible_join('handoff_message.label_set_id')}"
        " WHERE handoff_message.handoff = ?",
        (*eyes, handoff),
    )
    return {row[0] for row in rows}


def list_running(reader: Reader) -> list[str]:
    """Those in earnest with a clock that runs: nobody is roused by the clock of an exercise."""
    sql = "SELECT id FROM handoff WHERE ended = 0 AND due_next > 0 AND exercise = '' ORDER BY due_next"
    return [row[0] for row in reader.all(sql)]


def list_preserved(reader: Reader, home: str, now: Instant) -> list[Line]:
    """Those in earnest of which `home` preserves something, or somebody for it as long as it is open."""
    sql = (
        f"SELECT {_LINE} FROM handoff WHERE exercise = ''"
        " AND ((ended = 0 OR asked = ?) AND preserved_until > ?"
        " OR id IN (SELECT handoff FROM preservation_hold WHERE lifted_at = 0)) ORDER BY preserved_until, id"
    )
    return [_line(row) for row in reader.all(sql, (home, now))]


def list_lacking(reader: Reader) -> list[Line]:
    """Those in earnest whose files were given in an emergency and lack their legal basis."""
    sql = f"SELECT {_LINE} FROM handoff WHERE lacking = 1 AND exercise = '' ORDER BY at, id"
    return [_line(row) for row in reader.all(sql)]


def add_warning(tx: Tx, handoff: str, clock: str, percent: int, at: Instant) -> bool:
    """That people were told; False when they had been."""
    return (
        tx.execute(
            "INSERT INTO handoff_warning (handoff, clock, percent, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (handoff, clock, percent) DO NOTHING",
            (handoff, clock, percent, at),
        )
        > 0
    )


def list_warnings(reader: Reader, handoffs: Sequence[str]) -> dict[str, dict[str, int]]:
    """Hand-off -> clock -> the highest part people were told of."""
    found: dict[str, dict[str, int]] = {}
    for each in handoffs:
        rows = reader.all("SELECT clock, max(percent) FROM handoff_warning WHERE handoff = ? GROUP BY clock", (each,))
        found[each] = {row[0]: int(row[1]) for row in rows}
    return found


def _line(row: Row) -> Line:
    return Line(
        id=row[0],
        agreement=row[1],
        asking=row[2],
        asked=row[3],
        kind=row[4],
        urgency=Urgency(row[5]),
        title=row[6],
        tlp=TLP(row[7]),
        exercise=row[8],
        at=int(row[9]),
        stage=Stage(row[10]),
        ended=bool(row[11]),
        due_next=int(row[12]),
        changed_at=int(row[13]),
        until=int(row[14]),
        lacking=bool(row[15]),
    )


def _kept(row: Row) -> Kept:
    return Kept._make((*row[:11], bool(row[11]), int(row[12]), bytes(row[13])))
