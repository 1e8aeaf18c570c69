"""How far imports have come: one row for each file that was not taken in to its end, or whose end was not yet told."""

from __future__ import annotations

import msgspec

from kouprey.exchange.model import Bookmark, ImportReport, Refusal
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


def find(reader: Reader, path: str) -> Bookmark | None:
    """The bookmark in the file of this path."""
    row = reader.one(
        "SELECT path, run, size, options, offset_after, digest, counted, refusals, refusals_size, finished"
        " FROM bookmark WHERE path = ?",
        (path,),
    )
    if row is None:
        return None
    return Bookmark(
        path=row[0],
        run=row[1],
        size=row[2],
        options=row[3],
        after=row[4],
        digest=row[5],
        counted=msgspec.json.decode(row[6], type=ImportReport),
        refusals=msgspec.json.decode(row[7], type=tuple[Refusal, ...]),
        refusals_size=row[8],
        finished=bool(row[9]),
    )


def save(tx: Tx, mark: Bookmark, now: Instant) -> None:
    """Put a bookmark in, or move it."""
    tx.execute(
        "INSERT INTO bookmark (path, run, size, options, offset_after, digest, counted, refusals, refusals_size,"
        " finished, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
        " run = excluded.run, size = excluded.size, options = excluded.options, offset_after = excluded.offset_after,"
        " digest = excluded.digest, counted = excluded.counted, refusals = excluded.refusals,"
        " refusals_size = excluded.refusals_size, finished = excluded.finished, changed_at = excluded.changed_at",
        (
            mark.path,
            mark.run,
            mark.size,
            mark.options,
            mark.after,
            mark.digest,
            msgspec.json.encode(mark.counted).decode(),
            msgspec.json.encode(mark.refusals).decode(),
            mark.refusals_size,
            int(mark.finished),
            now,
        ),
    )


def list_unfinished(reader: Reader) -> list[tuple[str, int]]:
    """(path, objects) of the files whose end was not reached, or not told."""
    rows = reader.all("SELECT path, counted FROM bookmark ORDER BY path")
    return [(row[0], msgspec.json.decode(row[1], type=ImportReport).total) for row in rows]


def run_of(reader: Reader, path: str) -> str | None:
    """Who goes on with this file now."""
    run: str | None = reader.value("SELECT run FROM bookmark WHERE path = ?", (path,))
    return run


def delete(tx: Tx, path: str) -> None:
    """Take a bookmark out."""
    tx.execute("DELETE FROM bookmark WHERE path = ?", (path,))
