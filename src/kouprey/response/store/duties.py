"""Duties of cases: their versions, where their reports stand, every version of the words, and what was sent."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Case, Track
from kouprey.response.model.duties import Answer, Duty, Form, Report, Sending, Tally, Verdict
from kouprey.response.store.cases import Eyes

FAR = 999_999_999_999_999_999
"""Where a report stands in lists that is due at no time yet: behind all others."""
STATES = ("owed", "overdue", "sent", "revision", "stopped", "any")
"""What lists are filtered by; the first is what they show by themselves."""
_REPORT = (
    "s.duty_id, s.place, s.step, s.final, s.begins, s.due, s.told, s.form, s.first_sent, s.sent, s.sending, s.verdict,"
    " s.verdict_at"
)
_SENT = "s.first_sent > 0"
_OWED = "s.first_sent = 0 AND d.stopped = 0"
_REVISED = f"s.verdict = '{Verdict.REVISION}'"
_DONE = f"{_SENT} AND NOT {_REVISED} AND s.due > s.begins"


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which reports: one of `STATES`, and of which regime ("" for any). `told`: of which a warning was told."""

    state: str = "owed"
    regime: str = ""
    told: bool = False
    final: bool = False


def save_duty(tx: Tx, duty: Duty) -> None:
    """Keep a version, and let it be the newest."""
    tx.execute("UPDATE case_duty SET newest = 0 WHERE id = ? AND newest = 1", (duty.id,))
    tx.execute(
        "INSERT INTO case_duty (id, version, case_id, track, regime, stopped, newest, made_at, made_by, body)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
        (
            duty.id,
            duty.version,
            duty.case,
            str(duty.track),
            duty.regime.key,
            int(duty.stopped),
            duty.made_at,
            duty.made_by,
            msgspec.msgpack.encode(duty),
        ),
    )


def find_duty(reader: Reader, duty: str, tracks: Sequence[Track]) -> Duty | None:
    """Its newest version, on one of these tracks."""
    where, params = any_of(reader, "track", list(map(str, tracks)))
    body = reader.value(f"SELECT body FROM case_duty WHERE id = ? AND newest = 1 AND {where}", (duty, *params))
    return None if body is None else _duty(body)


def list_duties(reader: Reader, cases: Sequence[str], tracks: Sequence[Track]) -> list[Duty]:
    """Those of some cases, what was known first first."""
    where, params = any_of(reader, "case_id", list(cases))
    on, more = any_of(reader, "track", list(map(str, tracks)))
    rows = reader.all(f"SELECT body FROM case_duty WHERE newest = 1 AND {where} AND {on}", (*params, *more))
    return sorted((_duty(row[0]) for row in rows), key=lambda each: (each.known.at, each.id))


def list_duty_versions(reader: Reader, duty: str) -> list[Duty]:
    """Every version, the newest first."""
    rows = reader.all("SELECT body FROM case_duty WHERE id = ? ORDER BY version DESC", (duty,))
    return [_duty(row[0]) for row in rows]


def save_report(tx: Tx, report: Report) -> None:
    """Where it stands now."""
    columns = {
        "id": report.id,
        "duty_id": report.duty,
        "place": report.place,
        "step": report.step,
        "final": int(report.final),
        "begins": report.begins,
        "due": report.due,
        "turn": report.due or FAR,
        "told": report.told,
        "form": report.form,
        "first_sent": report.first_sent,
        "sent": report.sent,
        "sending": report.sending,
        "verdict": str(report.verdict),
        "verdict_at": report.verdict_at,
    }
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in ("id", "duty_id"))
    tx.execute(
        f"INSERT INTO case_duty_step ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}",
        tuple(columns.values()),
    )


def list_reports(reader: Reader, duties: Sequence[str]) -> dict[str, list[Report]]:
    """Duty -> its reports, in the order of the regime."""
    where, params = any_of(reader, "s.duty_id", list(duties))
    found: dict[str, list[Report]] = {each: [] for each in duties}
    for row in reader.all(f"SELECT {_REPORT} FROM case_duty_step s WHERE {where} ORDER BY s.duty_id, s.place", params):
        found[row[0]].append(_report(row))
    return found


def list_running(reader: Reader, now: Instant) -> list[str]:
    """Duties with a report that is owed and of which not everything was told: for the clock, and never for a reader."""
    rows = reader.all(
        f"SELECT DISTINCT s.duty_id FROM case_duty_step s JOIN case_duty d ON d.id = s.duty_id AND d.newest = 1"
        f" WHERE {_OWED} AND s.due > 0 AND s.told < 100 AND s.begins <= ? ORDER BY s.duty_id",
        (now,),
    )
    return [row[0] for row in rows]


def list_lines(
    reader: Reader, eyes: Eyes, sought: Sought, *, after: tuple[Instant, str] | None, limit: int
) -> list[tuple[Case, Duty, Report]]:
    """Reports that these eyes may see, what is due soonest first; `after`: turn and id of the last one of a page."""
    sql, params = _sought(reader, eyes, sought)
    if after is not None:
        sql += " AND (s.turn, s.id) > (?, ?)"
        params += after
    rows = reader.all(f"SELECT {_REPORT}, d.body, case_file.body {sql} ORDER BY s.turn, s.id LIMIT ?", (*params, limit))
    return [(msgspec.msgpack.decode(row[14], type=Case), _duty(row[13]), _report(row)) for row in rows]


def tally(reader: Reader, eyes: Eyes) -> Tally:
    """How many of those that these eyes may see are owed, overdue, were sent in time and late, and must be revised; no
    exercises."""
    sql, params = _sought(reader, eyes, Sought(state="any"))
    row = reader.one(
        f"SELECT sum(CASE WHEN {_OWED} THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN {_OWED} AND s.turn <= CAST(? AS BIGINT) THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN {_DONE} AND s.first_sent <= s.due THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN {_DONE} AND s.first_sent > s.due THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN {_SENT} AND {_REVISED} THEN 1 ELSE 0 END) {sql}"
        " AND case_file.kind <> 'exercise'",
        (eyes.now, *params),
    )
    owed, overdue, kept, late, revision = (int(each or 0) for each in (row or (0, 0, 0, 0, 0)))
    return Tally(owed=owed, overdue=overdue, kept=kept, late=late, revision=revision)


def count_lines(reader: Reader, eyes: Eyes, sought: Sought, *, most: int) -> int:
    """How many there are, counted up to `most`."""
    sql, params = _sought(reader, eyes, sought)
    return int(reader.value(f"SELECT count(*) FROM (SELECT 1 {sql} LIMIT ?) AS counted", (*params, most)))


def find_overdue(reader: Reader, eyes: Eyes, cases: Sequence[str]) -> frozenset[str]:
    """Those among these cases with an overdue report that these eyes may see, also one of a case that is read there."""
    where, some = any_of(reader, "COALESCE(NULLIF(case_file.merged_into, ''), case_file.id)", list(cases))
    sql, params = _sought(reader, eyes, Sought(state="overdue"))
    found = reader.all(
        f"SELECT DISTINCT COALESCE(NULLIF(case_file.merged_into, ''), case_file.id) {sql} AND {where}", (*params, *some)
    )
    return frozenset(row[0] for row in found)


def add_form(tx: Tx, report: str, form: Form) -> None:
    tx.execute(
        "INSERT INTO case_duty_form (step_id, version, at, by_whom, body) VALUES (?, ?, ?, ?, ?)",
        (report, form.version, form.at, form.by, msgspec.msgpack.encode(form)),
    )


def list_forms(reader: Reader, report: str) -> list[Form]:
    """Every version of the words, the newest first."""
    rows = reader.all("SELECT body FROM case_duty_form WHERE step_id = ? ORDER BY version DESC", (report,))
    return [msgspec.msgpack.decode(row[0], type=Form) for row in rows]


def add_sending(tx: Tx, report: str, sending: Sending, said: bytes) -> None:
    tx.execute(
        "INSERT INTO case_duty_sending (id, step_id, at, made_at, body, said) VALUES (?, ?, ?, ?, ?, ?)",
        (sending.id, report, sending.at.at, sending.made_at, msgspec.msgpack.encode(sending), said),
    )


def list_sendings(reader: Reader, report: str) -> list[Sending]:
    """Everything that was sent, the newest first."""
    sql = "SELECT body FROM case_duty_sending WHERE step_id = ? ORDER BY at DESC, made_at DESC, id DESC"
    return [msgspec.msgpack.decode(row[0], type=Sending) for row in reader.all(sql, (report,))]


def read_sending(reader: Reader, report: str, sending: str) -> tuple[Sending, bytes] | None:
    """What was sent for a report, with its bytes."""
    sql = "SELECT body, said FROM case_duty_sending WHERE id = ? AND step_id = ?"
    row = reader.one(sql, (sending, report))
    return None if row is None else (msgspec.msgpack.decode(row[0], type=Sending), bytes(row[1]))


def add_answer(tx: Tx, sending: str, answer: Answer) -> None:
    number = int(tx.value("SELECT count(*) FROM case_duty_verdict WHERE sending_id = ?", (sending,)))
    tx.execute(
        "INSERT INTO case_duty_verdict (sending_id, number, body) VALUES (?, ?, ?)",
        (sending, number + 1, msgspec.msgpack.encode(answer)),
    )


def list_answers(reader: Reader, sendings: Sequence[str]) -> dict[str, list[Answer]]:
    """Sending -> what was said of it, the newest first."""
    where, params = any_of(reader, "sending_id", list(sendings))
    found: dict[str, list[Answer]] = {each: [] for each in sendings}
    sql = f"SELECT sending_id, body FROM case_duty_verdict WHERE {where} ORDER BY sending_id, number DESC"
    for row in reader.all(sql, params):
        found[row[0]].append(msgspec.msgpack.decode(row[1], type=Answer))
    return found


def _sought(reader: Reader, eyes: Eyes, sought: Sought) -> tuple[str, list[object]]:
    on, tracks = any_of(reader, "d.track", list(map(str, eyes.tracks)))
    sql = (
        "FROM case_duty_step s JOIN case_duty d ON d.id = s.duty_id AND d.newest = 1"
        f" JOIN case_file ON case_file.id = d.case_id {visible_join('case_file.label_set_id')} WHERE {on}"
    )
    params: list[object] = [eyes.profile, eyes.now, *tracks]
    if not eyes.every:
        sql += (
            " AND (case_file.named = 0 OR EXISTS (SELECT 1 FROM case_member WHERE case_member.case_id = case_file.id"
            " AND case_member.person = ?))"
        )
        params.append(eyes.person)
    if sought.state in ("owed", "overdue"):
        sql += f" AND {_OWED}"
    if sought.state == "overdue":
        sql += " AND s.turn <= ?"
        params.append(eyes.now)
    if sought.state in ("sent", "revision"):
        sql += f" AND {_SENT}"
    if sought.state == "revision":
        sql += f" AND {_REVISED}"
    if sought.state == "stopped":
        sql += " AND s.first_sent = 0 AND d.stopped = 1"
    if sought.regime:
        sql += " AND d.regime = ?"
        params.append(sought.regime)
    if sought.told:
        sql += " AND s.told > 0"
    if sought.final:
        sql += " AND s.final = 1 AND case_file.kind <> 'exercise'"
    return sql, params


def _duty(body: bytes) -> Duty:
    return msgspec.msgpack.decode(body, type=Duty)


def _report(row: Row) -> Report:
    return Report(
        duty=row[0],
        place=int(row[1]),
        step=row[2],
        final=bool(row[3]),
        begins=int(row[4]),
        due=int(row[5]),
        told=int(row[6]),
        form=int(row[7]),
        first_sent=int(row[8]),
        sent=int(row[9]),
        sending=row[10],
        verdict=Verdict(row[11]),
        verdict_at=int(row[12]),
    )
