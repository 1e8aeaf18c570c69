"""All SQL of readiness: answers by version, evidence statements, and the country this node reports for."""

from __future__ import annotations

import msgspec

from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant
from kouprey.readiness.model import Answer, State, Statement

_COUNTRY = "readiness.country"
_ANSWER = "id, framework, indicator, value, state, by_name, at, note, evidence, query, counted, days, public"


def save_answer(tx: Tx, answer: Answer) -> None:
    """Keep a version, and let it be the newest of its indicator."""
    tx.execute(
        "UPDATE readiness_answer SET newest = 0 WHERE framework = ? AND indicator = ? AND newest = 1",
        (answer.framework, answer.indicator),
    )
    tx.execute(
        f"INSERT INTO readiness_answer ({_ANSWER}, newest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        (
            answer.id,
            answer.framework,
            answer.indicator,
            answer.value,
            str(answer.state),
            answer.by,
            answer.at,
            answer.note,
            answer.evidence,
            answer.query,
            answer.counted,
            answer.days,
            answer.public,
        ),
    )


def find_answer(reader: Reader, framework: str, indicator: str) -> Answer | None:
    """The newest of an indicator."""
    row = reader.one(
        f"SELECT {_ANSWER} FROM readiness_answer WHERE framework = ? AND indicator = ? AND newest = 1",
        (framework, indicator),
    )
    return _answer(row) if row is not None else None


def list_answers(reader: Reader, framework: str, *, every: bool = False) -> list[Answer]:
    """The newest of each indicator of a framework; with `every`, all versions, the oldest first."""
    newest = "" if every else " AND newest = 1"
    rows = reader.all(
        f"SELECT {_ANSWER} FROM readiness_answer WHERE framework = ?{newest} ORDER BY number", (framework,)
    )
    return list(map(_answer, rows))


def list_answered(reader: Reader) -> set[tuple[str, str]]:
    """(framework, indicator) of which the newest word is not 0."""
    rows = reader.all("SELECT framework, indicator FROM readiness_answer WHERE newest = 1 AND value > 0")
    return {(str(row[0]), str(row[1])) for row in rows}


def _answer(row: Row) -> Answer:
    return Answer(
        id=str(row[0]),
        framework=str(row[1]),
        indicator=str(row[2]),
        value=float(row[3]),
        state=State(row[4]),
        by=str(row[5]),
        at=int(row[6]),
        note=str(row[7]),
        evidence=str(row[8]),
        query=str(row[9]),
        counted=int(row[10]),
        days=int(row[11]),
        public=str(row[12]),
    )


def save_statement(tx: Tx, statement: Statement, note: str) -> None:
    """Keep an evidence statement with the note that is signed over it."""
    tx.execute(
        "INSERT INTO readiness_statement (id, statement, note, withdrawn_at) VALUES (?, ?, ?, 0)",
        (statement.id, msgspec.json.encode(statement).decode(), note),
    )


def withdraw_statement(tx: Tx, statement: str, at: Instant) -> int:
    """Mark it as withdrawn; 0 when it was already, or is not there."""
    return tx.execute(
        "UPDATE readiness_statement SET withdrawn_at = ? WHERE id = ? AND withdrawn_at = 0", (at, statement)
    )


def find_statement(reader: Reader, statement: str) -> tuple[Statement, str] | None:
    """A statement and its note."""
    row = reader.one("SELECT statement, note, withdrawn_at FROM readiness_statement WHERE id = ?", (statement,))
    if row is None:
        return None
    read = msgspec.json.decode(row[0], type=Statement)
    return msgspec.structs.replace(read, withdrawn_at=int(row[2])), str(row[1])


def list_statements(reader: Reader) -> list[Statement]:
    """All that were ever published, the newest last."""
    rows = reader.all("SELECT statement, withdrawn_at FROM readiness_statement ORDER BY id")
    found = [
        msgspec.structs.replace(msgspec.json.decode(row[0], type=Statement), withdrawn_at=int(row[1])) for row in rows
    ]
    return sorted(found, key=lambda each: each.at)


def find_country(reader: Reader) -> str:
    """ISO 3166 alpha-3, or ""."""
    return (meta.get(reader, _COUNTRY) or b"").decode()


def save_country(tx: Tx, country: str) -> None:
    """Which country this node reports for."""
    meta.put(tx, _COUNTRY, country.encode())
