"""Profiles of teams, shifts, drills, and what was decided on proposals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.response.model.directory import Decided, Drill, Shift


class Kept(NamedTuple):
    """A version of a profile as it is kept, once for each agreement that it came under."""

    party: str
    version: int
    agreement: str
    at: Instant
    came_at: Instant
    origin: str
    entry_index: int
    written_by: str
    erased: bool
    label_set: int
    body: bytes


_PROFILE = "party, version, agreement, at, came_at, origin, entry_index, written_by, erased, label_set_id, body"
_SHIFT = "id, person, role, reach, starts, ends, made_by, made_at, withdrawn_by, withdrawn_at"
_DECIDED = "message, handoff, said_by, competent, subjects, applied, decided_by, decided_at, ended_by, ended_at"
_DRILL = "handoff, party, agreement, sent_by, sent_at, delivered_at, acknowledged_at, closed_at"


def add_profile(tx: Tx, kept: Kept) -> bool:
    """Keep one; False when this version is here already under this agreement."""
    places = ", ".join("?" * len(kept))
    sql = f"INSERT INTO team_profile ({_PROFILE}) VALUES ({places}) ON CONFLICT (party, version, agreement) DO NOTHING"
    return tx.execute(sql, tuple(int(each) if isinstance(each, bool) else each for each in kept)) > 0


def find_versions(reader: Reader, party: str, version: int) -> list[Kept]:
    """One version, under every agreement it came by, whoever may see it: for what comes."""
    sql = f"SELECT {_PROFILE} FROM team_profile WHERE party = ? AND version = ? ORDER BY agreement"
    return [_kept(row) for row in reader.all(sql, (party, version))]


def newest_version(reader: Reader, party: str) -> int:
    """The highest version of a party, 0 for none, whoever may see it."""
    return int(reader.value("SELECT max(version) FROM team_profile WHERE party = ?", (party,)) or 0)


def count_profiles(reader: Reader, party: str) -> int:
    return int(reader.value("SELECT count(*) FROM team_profile WHERE party = ?", (party,)) or 0)


def list_newest(reader: Reader, eyes: tuple[int, Instant]) -> list[Kept]:
    """Of each party the newest version that a reader may see, by party; one row for each agreement."""
    newest = (
        f"SELECT team_profile.party AS party, max(team_profile.version) AS version FROM team_profile"
        f" {visible_join('team_profile.label_set_id')} GROUP BY team_profile.party"
    )
    columns = ", ".join(f"team_profile.{name}" for name in _PROFILE.split(", "))
    sql = (
        f"SELECT {columns} FROM team_profile {visible_join('team_profile.label_set_id')} JOIN ({newest}) AS newest"
        " ON newest.party = team_profile.party AND newest.version = team_profile.version"
        " ORDER BY team_profile.party, team_profile.agreement"
    )
    return [_kept(row) for row in reader.all(sql, (*eyes, *eyes))]


def list_seen(reader: Reader, eyes: tuple[int, Instant], party: str, limit: int) -> list[Kept]:
    """The versions of a party that a reader may see, the newest first; one row for each agreement."""
    columns = ", ".join(f"team_profile.{name}" for name in _PROFILE.split(", "))
    sql = (
        f"SELECT {columns} FROM team_profile {visible_join('team_profile.label_set_id')} WHERE team_profile.party = ?"
        " ORDER BY team_profile.version DESC, team_profile.agreement LIMIT ?"
    )
    return [_kept(row) for row in reader.all(sql, (*eyes, party, limit))]


def list_in_entries(reader: Reader, origin: str, indices: Sequence[int]) -> list[Kept]:
    """Those that came in these entries of a lane."""
    where, params = any_of(reader, "entry_index", indices)
    rows = reader.all(f"SELECT {_PROFILE} FROM team_profile WHERE origin = ? AND {where}", (origin, *params))
    return [_kept(row) for row in rows]


def erase_profile(tx: Tx, kept: Kept, body: bytes) -> None:
    """Put in place of its body one without words, under the agreement that it is erased for."""
    tx.execute(
        "UPDATE team_profile SET body = ?, erased = 1 WHERE party = ? AND version = ? AND agreement = ?",
        (body, kept.party, kept.version, kept.agreement),
    )


def list_sent(reader: Reader) -> dict[str, int]:
    """Agreement -> the newest version of ours that went out under it."""
    rows = reader.all("SELECT agreement, max(version) FROM team_profile_sent WHERE agreement <> '' GROUP BY agreement")
    return {str(row[0]): int(row[1]) for row in rows}


def add_sent(tx: Tx, version: int, agreement: str, publication: int, at: Instant) -> None:
    tx.execute(
        "INSERT INTO team_profile_sent (version, agreement, position, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (version, agreement) DO NOTHING",
        (version, agreement, publication, at),
    )


def published_version(reader: Reader) -> int:
    """The newest version of ours that is given to partners, 0 for none."""
    return int(reader.value("SELECT max(version) FROM team_profile_sent WHERE agreement = ''") or 0)


def add_shift(tx: Tx, shift: Shift) -> None:
    places = ", ".join("?" * 10)
    tx.execute(f"INSERT INTO duty_shift ({_SHIFT}) VALUES ({places})", msgspec.structs.astuple(shift))


def find_shift(reader: Reader, shift: str) -> Shift | None:
    row = reader.one(f"SELECT {_SHIFT} FROM duty_shift WHERE id = ?", (shift,))
    return None if row is None else Shift(**dict(zip(_SHIFT.split(", "), row, strict=True)))


def withdraw_shift(tx: Tx, shift: str, by: str, at: Instant) -> bool:
    """That it counts no more; False when it did not any more."""
    sql = "UPDATE duty_shift SET withdrawn_by = ?, withdrawn_at = ? WHERE id = ? AND withdrawn_at = 0"
    return tx.execute(sql, (by, at, shift)) > 0


def list_shifts(reader: Reader, since: Instant, limit: int) -> list[Shift]:
    """Those that end after an instant, in their order."""
    sql = f"SELECT {_SHIFT} FROM duty_shift WHERE ends > ? ORDER BY starts, id LIMIT ?"
    names = _SHIFT.split(", ")
    return [Shift(**dict(zip(names, row, strict=True))) for row in reader.all(sql, (since, limit))]


def list_declined(reader: Reader, eyes: tuple[int, Instant], home: str, limit: int) -> list[tuple[str, str]]:
    """(hand-off, message) of each decline that came for what we asked in earnest, as far as seen, the newest first."""
    sql = (
        f"SELECT handoff.id, handoff_message.id FROM handoff {visible_join('handoff.label_set_id')}"
        " JOIN handoff_message ON handoff_message.handoff = handoff.id"
        " WHERE handoff.asking = ? AND handoff_message.verb = 'decline' AND handoff.exercise = ''"
        " ORDER BY handoff_message.came_at DESC, handoff_message.id LIMIT ?"
    )
    return [(str(row[0]), str(row[1])) for row in reader.all(sql, (*eyes, home, limit))]


def add_decided(tx: Tx, made: Decided, label_set: int) -> bool:
    """Keep it, for those who may see the hand-off; False when somebody has decided already."""
    values = (
        made.message,
        made.handoff,
        made.said_by,
        made.competent,
        msgspec.json.encode(made.subjects).decode(),
        int(made.applied),
        made.decided_by,
        made.decided_at,
        made.ended_by,
        made.ended_at,
        label_set,
    )
    sql = (
        f"INSERT INTO competence_decision ({_DECIDED}, label_set_id) VALUES ({', '.join('?' * 11)})"
        " ON CONFLICT (message) DO NOTHING"
    )
    return tx.execute(sql, values) > 0


def end_decided(tx: Tx, message: str, by: str, at: Instant) -> bool:
    """That what was applied leads nobody any more; False when it did not."""
    sql = "UPDATE competence_decision SET ended_by = ?, ended_at = ? WHERE message = ? AND applied = 1 AND ended_at = 0"
    return tx.execute(sql, (by, at, message)) > 0


def decided_messages(reader: Reader) -> set[str]:
    """What has been decided on, whoever may see it."""
    return {str(row[0]) for row in reader.all("SELECT message FROM competence_decision")}


def list_decided(reader: Reader, eyes: tuple[int, Instant]) -> list[Decided]:
    """What a reader may see of it, the newest first."""
    columns = ", ".join(f"competence_decision.{name}" for name in _DECIDED.split(", "))
    rows = reader.all(
        f"SELECT {columns} FROM competence_decision {visible_join('competence_decision.label_set_id')}"
        " ORDER BY competence_decision.decided_at DESC, competence_decision.message",
        eyes,
    )
    return [
        Decided(
            message=row[0],
            handoff=row[1],
            said_by=row[2],
            competent=row[3],
            subjects=msgspec.json.decode(row[4], type=tuple[str, ...]),
            applied=bool(row[5]),
            decided_by=row[6],
            decided_at=int(row[7]),
            ended_by=row[8],
            ended_at=int(row[9]),
        )
        for row in rows
    ]


def save_drill(tx: Tx, drill: Drill) -> None:
    """Keep one, new or further on."""
    tx.execute(
        f"INSERT INTO drill ({_DRILL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (handoff) DO UPDATE SET"
        " delivered_at = excluded.delivered_at, acknowledged_at = excluded.acknowledged_at,"
        " closed_at = excluded.closed_at",
        msgspec.structs.astuple(drill),
    )


def list_drills(reader: Reader, *, party: str = "", running: bool = False, limit: int = 2_000) -> list[Drill]:
    """The newest first."""
    where = [*(["party = ?"] if party else []), *(["closed_at = 0"] if running else [])]
    sql = f"SELECT {_DRILL} FROM drill {'WHERE ' + ' AND '.join(where) if where else ''}"
    rows = reader.all(f"{sql} ORDER BY sent_at DESC, handoff LIMIT ?", ((party, limit) if party else (limit,)))
    return [_drill(row) for row in rows]


def find_drill(reader: Reader, handoff: str) -> Drill | None:
    row = reader.one(f"SELECT {_DRILL} FROM drill WHERE handoff = ?", (handoff,))
    return None if row is None else _drill(row)


def save_plan(tx: Tx, party: str, by: str, at: Instant, ended_at: Instant) -> None:
    """That a party is drilled each month from now on, or no more."""
    tx.execute(
        "INSERT INTO drill_plan (party, made_by, made_at, ended_at) VALUES (?, ?, ?, ?) ON CONFLICT (party) DO UPDATE"
        " SET made_by = excluded.made_by, made_at = excluded.made_at, ended_at = excluded.ended_at",
        (party, by, at, ended_at),
    )


def list_plans(reader: Reader) -> list[str]:
    """Who is drilled each month."""
    return [str(row[0]) for row in reader.all("SELECT party FROM drill_plan WHERE ended_at = 0 ORDER BY party")]


def _kept(row: Row) -> Kept:
    return Kept(
        party=row[0],
        version=int(row[1]),
        agreement=row[2],
        at=int(row[3]),
        came_at=int(row[4]),
        origin=row[5],
        entry_index=int(row[6]),
        written_by=row[7],
        erased=bool(row[8]),
        label_set=int(row[9]),
        body=bytes(row[10]),
    )


def _drill(row: Row) -> Drill:
    return Drill(**dict(zip(_DRILL.split(", "), row, strict=True)))
