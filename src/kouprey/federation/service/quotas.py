"""Clause 8 at the receive gate: how much an author may have us store in a day. What is beyond it stays with him."""

from __future__ import annotations

from kouprey.agreements.model import CLAUSES
from kouprey.agreements.model.citing import rests_on
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import LaneClass, ReasonCode
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import DAY, Instant


def require_quota(
    reader: Reader, agreements: Agreements, agreement: str, author: str, lane_class: LaneClass, now: Instant
) -> None:
    """Raises Refused (`throttled`) when an author has given all that a day holds, in lanes of this class.

    A day is of our own clock and in UTC. The page that crosses the line is taken whole: a page is all or nothing.
    """
    standing = agreements.standings().get(agreement)
    if standing is None:
        return
    quotas = standing.terms.quotas
    entries, size = rows.find_author_day(reader, agreement, author, lane_class, now // DAY)
    if entries < quotas.entries_day and size < quotas.bytes_day:
        return
    raise Refused(
        f"{author} has given all that a day may hold under “{standing.title}”.",
        f"It gave {entries:,} entries with {size:,} bytes today (clause 8, Amounts).",
        "The rest is kept there and comes tomorrow; agree on larger amounts if that is too slow.",
        code=ReasonCode.THROTTLED,
        detail=rests_on(agreement, standing.title, CLAUSES["quotas"]),
    )


def count_received(
    tx: Tx, agreement: str, author: str, lane_class: LaneClass, entries: int, size: int, now: Instant
) -> None:
    """Add what is being stored, in the same transaction; days that are over are forgotten."""
    rows.add_author_day(tx, agreement, author, lane_class, now // DAY, entries, size)
