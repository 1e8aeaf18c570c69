"""The rights of sources: which were said, and which sources there are to say something of."""

from __future__ import annotations

from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.model.rights import SourceRight
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.storage.labels import visible_join

_COLUMNS = (
    "source.id, source.kind, source.party, source.name, coalesce(source_right.passing, 'agreement'),"
    " coalesce(source_right.credit, ''), coalesce(source_right.because, ''), coalesce(source_right.set_by, ''),"
    " coalesce(source_right.set_at, 0)"
)


def list_rights(reader: Reader) -> dict[int, SourceRight]:
    """Source -> its right, of those of which one was said."""
    rows = reader.all(f"SELECT {_COLUMNS} FROM source_right JOIN source ON source.id = source_right.source_id")
    return {int(row[0]): _right(row) for row in rows}


def list_sources(reader: Reader, eyes: Eyes, limit: int) -> list[SourceRight]:
    """Files, feeds, persons and programs that gave something the reader sees, or of which a right was said ahead.

    Parties of agreements are not among them: what they allow stands in the agreement. By name.
    """
    rows = reader.all(
        f"SELECT {_COLUMNS} FROM source LEFT JOIN source_right ON source_right.source_id = source.id"
        " WHERE source.kind <> 'party' AND (EXISTS (SELECT 1 FROM assertion"
        f" {visible_join('assertion.label_set_id')} WHERE assertion.source_id = source.id)"
        " OR (source_right.source_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM assertion WHERE assertion.source_id = source.id)))"
        " ORDER BY source.name, source.id LIMIT ?",
        (*eyes.params, limit),
    )
    return [_right(row) for row in rows]


def list_shown(reader: Reader, eyes: Eyes, version: int) -> set[int]:
    """The sources of a version of which the reader may learn."""
    rows = reader.all(
        f"SELECT DISTINCT assertion.source_id FROM assertion {visible_join('assertion.label_set_id')}"
        " WHERE assertion.version_id = ?",
        (*eyes.params, version),
    )
    return {int(row[0]) for row in rows}


def intern_source(tx: Tx, source: Source) -> int:
    """The number of a source; one that has given nothing yet gets its own."""
    key = (str(source.kind), source.party, source.name)
    sql = "INSERT INTO source (kind, party, name) VALUES (?, ?, ?) ON CONFLICT (kind, party, name) DO NOTHING"
    tx.execute(sql, key)
    return int(tx.value("SELECT id FROM source WHERE kind = ? AND party = ? AND name = ?", key))


def set_right(tx: Tx, right: SourceRight) -> None:
    """Say it anew; the one that needs no saying is forgotten."""
    tx.execute("DELETE FROM source_right WHERE source_id = ?", (right.source,))
    if right.passing != "agreement":
        tx.execute(
            "INSERT INTO source_right (source_id, passing, credit, because, set_by, set_at) VALUES (?, ?, ?, ?, ?, ?)",
            (right.source, right.passing, right.credit, right.because, right.set_by, right.set_at),
        )


def _right(row: Row) -> SourceRight:
    return SourceRight(
        source=int(row[0]),
        kind=SourceKind(row[1]),
        party=row[2],
        name=row[3],
        passing=row[4],
        credit=row[5],
        because=row[6],
        set_by=row[7],
        set_at=int(row[8]),
    )
