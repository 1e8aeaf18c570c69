"""Imports that people started, how far they are, and what they refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from kouprey.exchange.model import ImportReport, Refusal
from kouprey.exchange.model.importing import Failure, ImportJob, State
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant

_COLUMNS = "id, person, name, tlp, collection, size, done, counted, state, told, stop, began_at, beat_at, ended_at"


def insert(tx: Tx, job: ImportJob) -> None:
    """A job that waits for its turn."""
    tx.execute(
        f"INSERT INTO import_job ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job.id,
            job.person,
            job.name,
            job.tlp,
            job.collection,
            job.size,
            job.done,
            _json(job.counted),
            job.state,
            _json(job.told),
            int(job.stop),
            job.began_at,
            job.beat_at,
            job.ended_at,
        ),
    )


def find(reader: Reader, job: str, person: str) -> ImportJob | None:
    """One job of a person."""
    row = reader.one(f"SELECT {_COLUMNS} FROM import_job WHERE id = ? AND person = ?", (job, person))
    return None if row is None else _job(row)


def list_of(reader: Reader, person: str, *, before: Instant, limit: int) -> list[ImportJob]:
    """A person's jobs that began before an instant, newest first."""
    rows = reader.all(
        f"SELECT {_COLUMNS} FROM import_job WHERE person = ? AND began_at < ? ORDER BY began_at DESC, id LIMIT ?",
        (person, before, limit),
    )
    return [_job(row) for row in rows]


def advance(tx: Tx, job: str, *, counted: ImportReport, done: int, now: Instant) -> None:
    """How far a job has come; it runs."""
    tx.execute(
        "UPDATE import_job SET state = 'running', counted = ?, done = ?, beat_at = ? WHERE id = ?",
        (_json(counted), done, now, job),
    )


def beat(tx: Tx, job: str, now: Instant) -> None:
    """A job shows that it lives."""
    tx.execute("UPDATE import_job SET beat_at = ? WHERE id = ?", (now, job))


def end(tx: Tx, job: str, state: State, told: Failure, now: Instant) -> None:
    """A job has ended, one way or another; an end that was told stays."""
    tx.execute(
        "UPDATE import_job SET state = ?, told = ?, ended_at = ?, beat_at = ? WHERE id = ? AND ended_at = 0",
        (state, _json(told), now, now, job),
    )


def ask_to_stop(tx: Tx, job: str, person: str) -> None:
    """A job of this person is to end at its next batch."""
    tx.execute("UPDATE import_job SET stop = 1 WHERE id = ? AND person = ? AND ended_at = 0", (job, person))


def is_to_stop(reader: Reader, job: str) -> bool:
    """Whether somebody asked for its end."""
    return bool(reader.value("SELECT stop FROM import_job WHERE id = ?", (job,)))


def add_refusals(tx: Tx, job: str, refusals: Sequence[Refusal], most: int) -> None:
    """Keep what was refused, up to `most` for a job."""
    held = tx.value("SELECT MAX(number) FROM import_refusal WHERE job_id = ?", (job,))
    first = 0 if held is None else int(held) + 1
    for number, refusal in enumerate(refusals[: max(0, most - first)], first):
        tx.execute(
            "INSERT INTO import_refusal (job_id, number, refusal) VALUES (?, ?, ?)", (job, number, _json(refusal))
        )


def list_refusals(reader: Reader, job: str, *, after: int, limit: int) -> list[tuple[int, Refusal]]:
    """(number, refusal) of a job, in the order of the stream."""
    rows = reader.all(
        "SELECT number, refusal FROM import_refusal WHERE job_id = ? AND number > ? ORDER BY number LIMIT ?",
        (job, after, limit),
    )
    return [(int(row[0]), msgspec.json.decode(row[1], type=Refusal)) for row in rows]


def list_older(reader: Reader, before: Instant, limit: int) -> list[str]:
    """Jobs that began before an instant."""
    rows = reader.all("SELECT id FROM import_job WHERE began_at < ? ORDER BY began_at LIMIT ?", (before, limit))
    return [row[0] for row in rows]


def forget(tx: Tx, job: str) -> None:
    """Take a job out, with what it refused."""
    tx.execute("DELETE FROM import_refusal WHERE job_id = ?", (job,))
    tx.execute("DELETE FROM import_job WHERE id = ?", (job,))


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _job(row: Row) -> ImportJob:
    values: Any = row
    return ImportJob(
        id=values[0],
        person=values[1],
        name=values[2],
        tlp=values[3],
        collection=values[4],
        size=values[5],
        done=values[6],
        counted=msgspec.json.decode(values[7], type=ImportReport),
        state=cast(State, values[8]),
        told=msgspec.json.decode(values[9], type=Failure),
        stop=bool(values[10]),
        began_at=values[11],
        beat_at=values[12],
        ended_at=values[13],
    )
