"""What this node keeps of its own activities: rooms, who was there, what came of it, and who holds what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from kouprey.capacity.model import (
    Achievement,
    Attendance,
    Badge,
    Certificate,
    Competency,
    CpdEntry,
    FollowUp,
    Holder,
    KeyLine,
    Outcome,
)
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant

T = TypeVar("T")
_OUTCOME = "activity, party, nominee, pre, post, feedback, by_whom, at"
_ACHIEVEMENT = "id, name, description, criteria, kind, times, least, competencies, made_by, made_at"
_BADGE = "id, achievement, holder, place, issued_at, issued_by, raw, revoked_at, revoked_by, why"


class Hosted(msgspec.Struct, frozen=True, kw_only=True):
    """What only the host knows of an activity."""

    activity: str
    programme: str
    rule: str
    closed_at: Instant = 0


def save_hosted(tx: Tx, each: Hosted) -> None:
    tx.execute(
        "INSERT INTO capacity_hosted (activity, programme, rule, closed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (activity) DO UPDATE SET closed_at = excluded.closed_at, rule = excluded.rule",
        msgspec.structs.astuple(each),
    )


def list_hosted(reader: Reader, activity: str = "") -> list[Hosted]:
    return _all(reader, Hosted, "capacity_hosted", "activity = ? OR ? = ''", (activity, activity), "activity")


def add_room(tx: Tx, activity: str, day: str, code: str) -> None:
    sql = "INSERT INTO capacity_room (activity, day, code) VALUES (?, ?, ?) ON CONFLICT (activity, day) DO NOTHING"
    tx.execute(sql, (activity, day, code))


def list_rooms(reader: Reader, activity: str) -> dict[str, str]:
    """Day -> the code of the room."""
    rows = reader.all("SELECT day, code FROM capacity_room WHERE activity = ? ORDER BY day", (activity,))
    return {row[0]: row[1] for row in rows}


def find_room(reader: Reader, code: str) -> tuple[str, str] | None:
    """(activity, day) of a code."""
    row = reader.one("SELECT activity, day FROM capacity_room WHERE code = ?", (code,))
    return None if row is None else (row[0], row[1])


def add_nominee(tx: Tx, holder: Holder) -> None:
    tx.execute(
        "INSERT INTO capacity_nominee (id, name, role, mail, person) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, mail = excluded.mail,"
        " person = excluded.person",
        (holder.id, holder.name, holder.role, holder.mail, holder.person),
    )


def list_nominees(reader: Reader, party: str, person: str = "") -> list[Holder]:
    """People of ours who were nominated, all or those with that account."""
    rows = reader.all(
        "SELECT id, name, role, mail, person FROM capacity_nominee WHERE person = ? OR ? = '' ORDER BY lower(name), id",
        (person, person),
    )
    return [Holder(party=party, id=row[0], name=row[1], role=row[2], mail=row[3], person=row[4]) for row in rows]


def add_attendance(tx: Tx, each: Attendance) -> bool:
    """False when they were marked for that day already."""
    return _insert(tx, "capacity_attendance", each) > 0


def list_attendance(reader: Reader, activity: str) -> list[Attendance]:
    order = "day, party, nominee"
    return _all(reader, Attendance, "capacity_attendance", "activity = ?", (activity,), order)


def save_outcome(tx: Tx, each: Outcome) -> None:
    feedback = msgspec.json.encode(each.feedback).decode()
    tx.execute(
        f"INSERT INTO capacity_outcome ({_OUTCOME}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (activity, party, nominee) DO UPDATE SET pre = excluded.pre, post = excluded.post,"
        " feedback = excluded.feedback, by_whom = excluded.by_whom, at = excluded.at",
        (each.activity, each.party, each.nominee, each.pre, each.post, feedback, each.by, each.at),
    )


def list_outcomes(reader: Reader, activity: str = "", nominee: tuple[str, str] = ("", "")) -> list[Outcome]:
    """Of an activity, or of one person (party, nominee)."""
    rows = reader.all(
        f"SELECT {_OUTCOME} FROM capacity_outcome WHERE (activity = ? OR ? = '') AND (party = ? OR ? = '')"
        " AND (nominee = ? OR ? = '') ORDER BY at, activity, party, nominee",
        (activity, activity, nominee[0], nominee[0], nominee[1], nominee[1]),
    )
    names = ("activity", "party", "nominee", "pre", "post", "feedback", "by", "at")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [
        Outcome(**{**each, "feedback": msgspec.json.decode(each["feedback"], type=tuple[int, ...])}) for each in found
    ]


def add_follow_up(tx: Tx, each: FollowUp) -> None:
    _insert(tx, "capacity_follow_up", each)


def list_follow_ups(reader: Reader, activity: str = "") -> list[FollowUp]:
    """Of an activity, or all; what is due first."""
    where = "activity = ? OR ? = ''"
    return _all(reader, FollowUp, "capacity_follow_up", where, (activity, activity), "due, id")


def end_follow_up(tx: Tx, follow_up: str, by: str, at: Instant) -> bool:
    """It is done (or, with 0, open again); False when there is none."""
    sql = "UPDATE capacity_follow_up SET done_by = ?, done_at = ? WHERE id = ?"
    return tx.execute(sql, (by, at, follow_up)) > 0


def add_certificate(tx: Tx, each: Certificate) -> None:
    _insert(tx, "capacity_certificate", each)


def list_certificates(reader: Reader, holder: str = "", certificate: str = "") -> list[Certificate]:
    where = "(holder = ? OR ? = '') AND (id = ? OR ? = '')"
    params = (holder, holder, certificate, certificate)
    return _all(reader, Certificate, "capacity_certificate", where, params, "valid_until DESC, id")


def check_certificate(tx: Tx, certificate: str, by: str, at: Instant) -> None:
    sql = "UPDATE capacity_certificate SET checked_by = ?, checked_at = ? WHERE id = ?"
    tx.execute(sql, (by, at, certificate))


def withdraw_certificate(tx: Tx, certificate: str, at: Instant) -> None:
    tx.execute("UPDATE capacity_certificate SET withdrawn_at = ? WHERE id = ?", (at, certificate))


def add_cpd(tx: Tx, each: CpdEntry) -> bool:
    """False when this activity has given them points by this rule already."""
    return _insert(tx, "capacity_cpd", each) > 0


def list_cpd(reader: Reader, holder: str = "", activity: str = "") -> list[CpdEntry]:
    where = "(holder = ? OR ? = '') AND (activity = ? OR ? = '')"
    return _all(reader, CpdEntry, "capacity_cpd", where, (holder, holder, activity, activity), "day DESC, activity")


def add_key(tx: Tx, key: str, sealed: bytes, at: Instant) -> None:
    """A new key from an instant on; the one before ends there."""
    tx.execute("UPDATE capacity_key SET not_after = ? WHERE not_after = 0", (at,))
    sql = "INSERT INTO capacity_key (key, sealed, not_before, not_after) VALUES (?, ?, ?, 0)"
    tx.execute(sql, (key, sealed, at))


def list_keys(reader: Reader) -> list[KeyLine]:
    """Every key that ever signed, the newest first."""
    return _all(reader, KeyLine, "capacity_key", "1 = 1", (), "not_before DESC, key")


def find_sealed(reader: Reader, key: str) -> bytes:
    return bytes(reader.value("SELECT sealed FROM capacity_key WHERE key = ?", (key,)))


def add_achievement(tx: Tx, each: Achievement) -> None:
    values = {name: getattr(each, name) for name in _ACHIEVEMENT.split(", ")}
    values["competencies"] = msgspec.json.encode(each.competencies).decode()
    tx.execute(
        f"INSERT INTO capacity_achievement ({_ACHIEVEMENT}) VALUES ({', '.join('?' * len(values))})",
        tuple(values.values()),
    )


def list_achievements(reader: Reader, achievement: str = "") -> list[Achievement]:
    rows = reader.all(
        f"SELECT {_ACHIEVEMENT} FROM capacity_achievement WHERE id = ? OR ? = '' ORDER BY lower(name), id",
        (achievement, achievement),
    )
    found = [dict(zip(_ACHIEVEMENT.split(", "), row, strict=True)) for row in rows]
    kind = tuple[Competency, ...]
    return [
        Achievement(**{**each, "competencies": msgspec.json.decode(each["competencies"], type=kind)}) for each in found
    ]


def add_badge(tx: Tx, each: Badge) -> None:
    sql = f"INSERT INTO capacity_badge ({_BADGE}) VALUES ({', '.join('?' * 10)})"
    tx.execute(sql, msgspec.structs.astuple(each))


def list_badges(reader: Reader, *, badge: str = "", holder: str = "") -> list[Badge]:
    """One, those of a holder, or all; the newest first."""
    rows = reader.all(
        f"SELECT {_BADGE} FROM capacity_badge WHERE (id = ? OR ? = '') AND (holder = ? OR ? = '')"
        " ORDER BY issued_at DESC, id",
        (badge, badge, holder, holder),
    )
    names = Badge.__struct_fields__
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [Badge(**{**each, "raw": bytes(each["raw"])}) for each in found]


def list_revoked(reader: Reader) -> list[int]:
    """The places in the status list of those that count no more."""
    return [int(row[0]) for row in reader.all("SELECT place FROM capacity_badge WHERE revoked_at > 0 ORDER BY place")]


def revoke_badge(tx: Tx, badge: str, by: str, why: str, at: Instant) -> bool:
    """False when it was revoked before."""
    sql = "UPDATE capacity_badge SET revoked_at = ?, revoked_by = ?, why = ? WHERE id = ? AND revoked_at = 0"
    return tx.execute(sql, (at, by, why, badge)) > 0


def add_feed(tx: Tx, hashed: bytes, person: str, at: Instant) -> None:
    """A new secret address; the one before opens nothing any more."""
    tx.execute("UPDATE capacity_feed SET revoked_at = ? WHERE person = ? AND revoked_at = 0", (at, person))
    tx.execute(
        "INSERT INTO capacity_feed (hashed, person, made_at, revoked_at) VALUES (?, ?, ?, 0)", (hashed, person, at)
    )


def find_feed(reader: Reader, hashed: bytes) -> str | None:
    """Whose calendar it opens ("" = the party's), None where it opens none."""
    row = reader.one("SELECT person FROM capacity_feed WHERE hashed = ? AND revoked_at = 0", (hashed,))
    return None if row is None else str(row[0])


def _insert(tx: Tx, table: str, value: Any) -> int:
    names = value.__struct_fields__
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) ON CONFLICT DO NOTHING"
    return tx.execute(sql, msgspec.structs.astuple(value))


def _all(reader: Reader, kind: type[T], table: str, where: str, params: Sequence[object], order: str) -> list[T]:
    names = kind.__struct_fields__  # type: ignore[attr-defined]  # they are Structs
    rows = reader.all(f"SELECT {', '.join(names)} FROM {table} WHERE {where} ORDER BY {order}", tuple(params))
    return [kind(**dict(zip(names, row, strict=True))) for row in rows]
