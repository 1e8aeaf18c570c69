"""Rules of retention and their runs."""

from __future__ import annotations

import msgspec

from kouprey.exchange.model.retention import Rule, Run, State
from kouprey.exchange.model.searching import Search
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant

_RULE = "id, name, what, search, age, days, because, agreement, state, made_by, made_at, confirmed_by, confirmed_at"
_RUN = "id, rule_id, began_at, ended_at, erased, held, failed, reached, trouble"


def insert_rule(tx: Tx, made: Rule) -> None:
    tx.execute(
        f"INSERT INTO retention_rule ({_RULE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            made.id,
            made.name,
            made.what,
            msgspec.json.encode(made.search).decode(),
            made.age,
            made.days,
            made.because,
            made.agreement,
            made.state,
            made.made_by,
            made.made_at,
            made.confirmed_by,
            made.confirmed_at,
        ),
    )


def list_rules(reader: Reader) -> list[Rule]:
    """Those that were not removed, by name."""
    rows = reader.all(f"SELECT {_RULE} FROM retention_rule WHERE removed_at = 0 ORDER BY name, id")
    return [_rule(row) for row in rows]


def find_rule(reader: Reader, name_or_id: str) -> Rule | None:
    row = reader.one(
        f"SELECT {_RULE} FROM retention_rule WHERE removed_at = 0 AND (id = ? OR name = ?) ORDER BY id LIMIT 1",
        (name_or_id, name_or_id),
    )
    return None if row is None else _rule(row)


def set_state(tx: Tx, rule: str, state: State) -> None:
    tx.execute("UPDATE retention_rule SET state = ? WHERE id = ?", (state, rule))


def confirm(tx: Tx, rule: str, by: str, at: Instant) -> None:
    """From now on it erases."""
    tx.execute(
        "UPDATE retention_rule SET state = 'in-force', confirmed_by = ?, confirmed_at = ? WHERE id = ?", (by, at, rule)
    )


def change(tx: Tx, rule: str, *, days: int, because: str) -> None:
    """Other days or another reason make it a proposal again."""
    tx.execute(
        "UPDATE retention_rule SET days = ?, because = ?, state = 'proposed', confirmed_by = '', confirmed_at = 0"
        " WHERE id = ?",
        (days, because, rule),
    )


def remove(tx: Tx, rule: str, by: str, at: Instant) -> None:
    tx.execute("UPDATE retention_rule SET removed_by = ?, removed_at = ? WHERE id = ?", (by, at, rule))


def begin_run(tx: Tx, rule: str, at: Instant, reached: Instant) -> Run:
    number = tx.value(
        "INSERT INTO retention_run (rule_id, began_at, ended_at, erased, held, failed, reached, trouble)"
        " VALUES (?, ?, 0, 0, 0, 0, ?, '') RETURNING id",
        (rule, at, reached),
    )
    return Run(id=int(number), rule=rule, began_at=at, ended_at=0, erased=0, held=0, failed=0, reached=reached)


def save_run(tx: Tx, run: Run) -> None:
    """How far it has come; what was erased meanwhile is durable already, so that at most a count can be short."""
    tx.execute(
        "UPDATE retention_run SET ended_at = ?, erased = ?, held = ?, failed = ?, reached = ?, trouble = ?"
        " WHERE id = ?",
        (run.ended_at, run.erased, run.held, run.failed, run.reached, run.trouble, run.id),
    )


def list_runs(reader: Reader, rule: str, limit: int) -> list[Run]:
    """The newest first."""
    rows = reader.all(f"SELECT {_RUN} FROM retention_run WHERE rule_id = ? ORDER BY id DESC LIMIT ?", (rule, limit))
    return [
        Run(
            id=row[0],
            rule=row[1],
            began_at=row[2],
            ended_at=row[3],
            erased=row[4],
            held=row[5],
            failed=row[6],
            reached=row[7],
            trouble=row[8],
        )
        for row in rows
    ]


def _rule(row: Row) -> Rule:
    return Rule(
        id=row[0],
        name=row[1],
        what=row[2],
        search=msgspec.json.decode(row[3], type=Search),
        age=row[4],
        days=row[5],
        because=row[6],
        agreement=row[7],
        state=row[8],
        made_by=row[9],
        made_at=row[10],
        confirmed_by=row[11],
        confirmed_at=row[12],
    )
