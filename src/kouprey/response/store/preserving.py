"""Legal holds that preservations have set."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


def add_hold(tx: Tx, handoff: str, hold: str, stix_id: str) -> None:
    """That a hold was set for a hand-off."""
    tx.execute(
        "INSERT INTO preservation_hold (handoff, hold, stix_id, lifted_at) VALUES (?, ?, ?, 0)",
        (handoff, hold, stix_id),
    )


def list_holds(reader: Reader, handoff: str) -> list[tuple[str, str]]:
    """Those in force of a hand-off: the hold, and what it is on."""
    rows = reader.all(
        "SELECT hold, stix_id FROM preservation_hold WHERE handoff = ? AND lifted_at = 0 ORDER BY stix_id, hold",
        (handoff,),
    )
    return [(row[0], row[1]) for row in rows]


def set_lifted(tx: Tx, handoff: str, hold: str, at: Instant) -> None:
    """That it is in force no more."""
    tx.execute("UPDATE preservation_hold SET lifted_at = ? WHERE handoff = ? AND hold = ?", (at, handoff, hold))
