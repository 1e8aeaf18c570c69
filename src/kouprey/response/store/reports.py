"""Reports, the answers to them, and how far mailboxes have been read. Nothing here deletes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Track
from kouprey.response.model.reports import Answer, BoxState, Report, Sending
from kouprey.response.store.cases import Eyes, seen_by


def next_number(tx: Tx) -> int:
    """A number that no report of this node has had."""
    return int(tx.value("UPDATE report_counter SET last = last + 1 WHERE one = 1 RETURNING last"))


def add_report(tx: Tx, report: Report, label_set: int, hashed: bytes | None = None) -> None:
    tx.execute(
        "INSERT INTO report (id, number, sha256, standing, at, sender, case_id, hashed, label_set_id, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            report.id,
            report.number,
            report.sha256,
            str(report.standing),
            report.at,
            report.mail.sender,
            report.case,
            hashed,
            label_set,
            msgspec.msgpack.encode(report),
        ),
    )


def save_report(tx: Tx, report: Report) -> None:
    """What became of one that is kept."""
    tx.execute(
        "UPDATE report SET standing = ?, case_id = ?, body = ? WHERE id = ?",
        (str(report.standing), report.case, msgspec.msgpack.encode(report), report.id),
    )


def find_known(reader: Reader, sha256: str) -> Report | None:
    """The report that these bytes made: for the intake, and never for a reader."""
    row = reader.one("SELECT body FROM report WHERE sha256 = ?", (sha256,))
    return None if row is None else _report(row[0])


def find_by_secret(reader: Reader, hashed: bytes) -> Report | None:
    """The report that a link for coming back belongs to."""
    row = reader.one("SELECT body FROM report WHERE hashed = ?", (hashed,))
    return None if row is None else _report(row[0])


def find_report(reader: Reader, number: str, eyes: Eyes) -> Report | None:
    """By its number, if these eyes may see it."""
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        return None
    sql, params = _seen(eyes)
    row = reader.one(f"SELECT report.body {sql} AND report.number = ?", (*params, int(number)))
    return None if row is None else _report(row[0])


def list_reports(
    reader: Reader, eyes: Eyes, standing: str, *, before: tuple[Instant, str] | None, limit: int
) -> list[Report]:
    """Those that these eyes may see, what came last first; `standing` "" for any."""
    sql, params = _seen(eyes)
    if standing:
        sql += " AND report.standing = ?"
        params.append(standing)
    if before is not None:
        sql += " AND (report.at, report.id) < (?, ?)"
        params += before
    rows = reader.all(f"SELECT report.body {sql} ORDER BY report.at DESC, report.id DESC LIMIT ?", (*params, limit))
    return [_report(row[0]) for row in rows]


def count_reports(reader: Reader, eyes: Eyes) -> dict[str, int]:
    """Standing -> how many there are that these eyes may see."""
    sql, params = _seen(eyes)
    return {
        row[0]: int(row[1])
        for row in reader.all(f"SELECT report.standing, count(*) {sql} GROUP BY report.standing", params)
    }


def list_senders(reader: Reader, case: str) -> set[str]:
    """Mailboxes from which reports of a case came: for the intake, and never for a reader."""
    rows = reader.all("SELECT DISTINCT sender FROM report WHERE case_id = ? AND sender <> ''", (case,))
    return {row[0] for row in rows}


def count_in_case(reader: Reader, case: str) -> int:
    """How many reports stand in a case."""
    return int(reader.value("SELECT count(*) FROM report WHERE case_id = ?", (case,)))


def count_since(reader: Reader, sender: str, since: Instant) -> int:
    """How many reports came from a mailbox since then."""
    return int(reader.value("SELECT count(*) FROM report WHERE sender = ? AND at >= ?", (sender, since)))


def add_answer(tx: Tx, answer: Answer) -> None:
    tx.execute(
        "INSERT INTO report_answer (id, report_id, message_id, recipient, made_at, sending, next_at, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            answer.id,
            answer.report,
            answer.message_id,
            answer.to,
            answer.made_at,
            str(answer.sending),
            answer.next_at,
            msgspec.msgpack.encode(answer),
        ),
    )


def move_answer(tx: Tx, answer: Answer, before: Sending) -> bool:
    """Say how far one is; False where it is no longer as it was before, since somebody else has moved it."""
    moved = tx.value(
        "UPDATE report_answer SET sending = ?, next_at = ?, body = ? WHERE id = ? AND sending = ? RETURNING 1",
        (str(answer.sending), answer.next_at, msgspec.msgpack.encode(answer), answer.id, str(before)),
    )
    return moved is not None


def list_due(reader: Reader, sending: Sending, now: Instant, *, limit: int) -> list[Answer]:
    """Answers that are so far, and whose time has come."""
    rows = reader.all(
        "SELECT body FROM report_answer WHERE sending = ? AND next_at <= ? ORDER BY next_at, id LIMIT ?",
        (str(sending), now, limit),
    )
    return [_answer(row[0]) for row in rows]


def list_answers(reader: Reader, eyes: Eyes, sendings: Sequence[Sending], *, limit: int) -> list[tuple[Answer, Report]]:
    """Answers with their reports, as far as these eyes may see those; the latest first."""
    sql, params = _seen(eyes)
    where, values = any_of(reader, "report_answer.sending", list(map(str, sendings)))
    sql = sql.replace("FROM report ", "FROM report JOIN report_answer ON report_answer.report_id = report.id ", 1)
    rows = reader.all(
        f"SELECT report_answer.body, report.body {sql} AND {where}"
        " ORDER BY report_answer.made_at DESC, report_answer.id DESC LIMIT ?",
        (*params, *values, limit),
    )
    return [(_answer(row[0]), _report(row[1])) for row in rows]


def list_answers_of(reader: Reader, report: str) -> list[Answer]:
    """Answers to one report."""
    return [
        _answer(row[0])
        for row in reader.all("SELECT body FROM report_answer WHERE report_id = ? ORDER BY made_at, id", (report,))
    ]


def count_answers(reader: Reader, recipient: str, since: Instant) -> int:
    """How many answers were written to a mailbox since then."""
    return int(
        reader.value("SELECT count(*) FROM report_answer WHERE recipient = ? AND made_at >= ?", (recipient, since))
    )


def find_answered(reader: Reader, message_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Ids of mails of ours among these, each with the case of the report that it answers."""
    where, values = any_of(reader, "report_answer.message_id", list(message_ids))
    rows = reader.all(
        "SELECT report_answer.message_id, report.case_id FROM report_answer"
        f" JOIN report ON report.id = report_answer.report_id WHERE {where} ORDER BY report_answer.made_at DESC",
        values,
    )
    return [(row[0], row[1]) for row in rows]


def find_box(reader: Reader, name: str) -> BoxState:
    """How far a mailbox has been read."""
    body = reader.value("SELECT body FROM report_mailbox WHERE name = ?", (name,))
    return BoxState() if body is None else msgspec.msgpack.decode(body, type=BoxState)


def save_box(tx: Tx, name: str, state: BoxState) -> None:
    tx.execute(
        "INSERT INTO report_mailbox (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        (name, msgspec.msgpack.encode(state)),
    )


def _seen(eyes: Eyes) -> tuple[str, list[object]]:
    """A report is read on the technical track; one that stands in a case, by whoever sees the case."""
    cases, params = seen_by(eyes)
    technical = "" if Track.TECHNICAL in eyes.tracks else " AND 1 = 0"
    return (
        f"FROM report {visible_join('report.label_set_id')}"
        f" WHERE (report.case_id = '' OR report.case_id IN ({cases})){technical}",
        [eyes.profile, eyes.now, *params],
    )


def _report(body: bytes) -> Report:
    return msgspec.msgpack.decode(body, type=Report)


def _answer(body: bytes) -> Answer:
    return msgspec.msgpack.decode(body, type=Answer)
