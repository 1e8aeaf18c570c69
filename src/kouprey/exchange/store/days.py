"""What came in and what was given, by day: from a tally, and a bounded walk over what was published."""

from __future__ import annotations

from kouprey.exchange.store.seeing import Eyes, visible_version
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant


def list_arrivals(reader: Reader, eyes: Eyes, first: int) -> list[tuple[int, str, str, int]]:
    """(day, type, source, n) since a day: how often something was said under a label that the reader may see."""
    rows = reader.all(
        f"SELECT day_tally.day, day_tally.type, {eyes.source_name}, sum(day_tally.n) FROM day_tally"
        f" {visible_join('day_tally.label_set_id')} JOIN source ON source.id = day_tally.source_id"
        f" WHERE day_tally.day >= ? AND day_tally.n > 0 GROUP BY day_tally.day, day_tally.type, {eyes.source_name}",
        (*eyes.params, first),
    )
    return [(int(row[0]), row[1], row[2], int(row[3])) for row in rows]


def list_given_at(reader: Reader, eyes: Eyes, since: Instant, limit: int) -> list[Instant]:
    """When what the reader sees was published, newest first, among the newest `limit` publications."""
    rows = reader.all(
        "SELECT newest.at FROM (SELECT version_id, at FROM publication ORDER BY number DESC LIMIT ?) AS newest"
        f" JOIN version ON version.id = newest.version_id {visible_version(reader)} WHERE newest.at >= ?"
        " ORDER BY newest.at DESC",
        (limit, *eyes.params, since),
    )
    return [int(row[0]) for row in rows]
