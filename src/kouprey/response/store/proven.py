"""SQL of what response has done, as counts over everything, whoever may see the things themselves."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Row
from kouprey.kernel.words.proof import Proof
from kouprey.kernel.words.time import Instant


def cases_closed(reader: Reader, since: Instant) -> Proof:
    """Cases of earnest work that are over and last changed since then."""
    return _proof(
        reader.one(
            "SELECT count(*), min(changed_at), max(changed_at) FROM case_file"
            " WHERE closed = 1 AND kind <> 'exercise' AND merged_into = '' AND changed_at >= ?",
            (since,),
        )
    )


def reports_taken(reader: Reader, since: Instant) -> Proof:
    """What people outside have told."""
    return _proof(reader.one("SELECT count(*), min(at), max(at) FROM report WHERE at >= ?", (since,)))


def handoffs_answered(reader: Reader, home: str, since: Instant, *, drills: bool) -> Proof:
    """Hand-offs that were asked of us and on which a person of ours has spoken, in earnest or in drills."""
    earnest = "<>" if drills else "="
    return _proof(
        reader.one(
            "SELECT count(DISTINCT h.id), min(m.came_at), max(m.came_at) FROM handoff h"
            " JOIN handoff_message m ON m.handoff = h.id"
            f" WHERE h.exercise {earnest} '' AND h.asked = ? AND m.author = ? AND m.said_by <> '' AND m.came_at >= ?",
            (home, home, since),
        )
    )


def _proof(row: Row | None) -> Proof:
    if row is None or not row[0]:
        return Proof(count=0)
    return Proof(count=int(row[0]), first=int(row[1]), last=int(row[2]))
