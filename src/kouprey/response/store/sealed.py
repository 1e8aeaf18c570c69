"""Releases of sealed items, as they were written down."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.ids import new_id
from kouprey.response.model.sealed import Release


def add_release(tx: Tx, release: Release) -> None:
    """Write one down."""
    tx.execute(
        "INSERT INTO sealed_release (id, handoff, item, key, person, at) VALUES (?, ?, ?, ?, ?, ?)",
        (new_id("release"), release.handoff, release.item, release.key, release.person, release.at),
    )


def list_releases(reader: Reader, handoff: str) -> list[Release]:
    """Those of a hand-off, the first one first."""
    rows = reader.all(
        "SELECT handoff, item, key, person, at FROM sealed_release WHERE handoff = ? ORDER BY at, id", (handoff,)
    )
    return [Release(handoff=row[0], item=row[1], key=row[2], person=row[3], at=row[4]) for row in rows]
