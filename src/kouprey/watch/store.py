"""All SQL of watch: sources, batches, files of events, followers, alerts and what was told of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant
from kouprey.watch.model import SPAN, Alert, Follower, Format, Found, How, Segment, Source, Status

_SOURCE = "name, format, tells, added_at, added_by, retired, last_at, events, refused"
_ALERT = (
    "id, indicator, named_kind, named, how, kind, value, host, source, hour, count, first_at, last_at, raised_at, line,"
    " past, told, sighting, dismissed_at, dismissed_by, reason"
)


def add_source(tx: Tx, source: Source) -> bool:
    """Keep a new source; False when there is one of that name."""
    if tx.one("SELECT 1 FROM watch_source WHERE name = ?", (source.name,)) is not None:
        return False
    tx.execute(
        f"INSERT INTO watch_source ({_SOURCE}) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0)",
        (source.name, str(source.format), int(source.tells), source.added_at, source.added_by),
    )
    return True


def change_source(tx: Tx, source: Source) -> None:
    """Write its format, whether it tells, and whether it is retired."""
    tx.execute(
        "UPDATE watch_source SET format = ?, tells = ?, retired = ? WHERE name = ?",
        (str(source.format), int(source.tells), int(source.retired), source.name),
    )


def find_source(reader: Reader, name: str) -> Source | None:
    """One."""
    row = reader.one(f"SELECT {_SOURCE} FROM watch_source WHERE name = ?", (name,))
    return _source(row) if row is not None else None


def list_sources(reader: Reader) -> list[Source]:
    """All by name, the retired last."""
    return list(map(_source, reader.all(f"SELECT {_SOURCE} FROM watch_source ORDER BY retired, name")))


def _source(row: Row) -> Source:
    return Source(
        name=str(row[0]),
        format=Format(row[1]),
        tells=bool(row[2]),
        added_at=int(row[3]),
        added_by=str(row[4]),
        retired=bool(row[5]),
        last_at=int(row[6]),
        events=int(row[7]),
        refused=int(row[8]),
    )


def count_lines(tx: Tx, source: str, events: int, refused: int, now: Instant) -> None:
    """Add what came to the counts of a source and of this step of time."""
    tx.execute(
        "UPDATE watch_source SET events = events + ?, refused = refused + ?,"
        " last_at = CASE WHEN last_at > ? THEN last_at ELSE ? END WHERE name = ?",
        (events, refused, now, now, source),
    )
    tx.execute(
        "INSERT INTO watch_span (source, at, events, refused) VALUES (?, ?, ?, ?) ON CONFLICT (source, at) DO UPDATE"
        " SET events = watch_span.events + excluded.events, refused = watch_span.refused + excluded.refused",
        (source, now - now % SPAN, events, refused),
    )


def list_spans(reader: Reader, since: Instant) -> list[tuple[str, Instant, int, int]]:
    """(source, begin, events, refused) of each step from `since` on."""
    rows = reader.all("SELECT source, at, events, refused FROM watch_span WHERE at >= ? ORDER BY at, source", (since,))
    return [(str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in rows]


def find_batch(reader: Reader, source: str, batch: str) -> tuple[str, Status] | None:
    """The digest of a batch that was taken, and what was answered."""
    row = reader.one("SELECT digest, status FROM watch_batch WHERE source = ? AND batch = ?", (source, batch))
    return (str(row[0]), msgspec.json.decode(str(row[1]), type=Status)) if row is not None else None


def save_batch(tx: Tx, source: str, digest: str, status: Status, now: Instant) -> None:
    """Remember that a batch was taken."""
    tx.execute(
        "INSERT INTO watch_batch (source, batch, at, digest, status) VALUES (?, ?, ?, ?, ?)",
        (source, status.batch, now, digest, msgspec.json.encode(status).decode()),
    )


def forget(tx: Tx, batches_before: Instant, spans_before: Instant) -> None:
    """Let go of batches that nobody repeats any more, and of counts nobody looks at."""
    tx.execute("DELETE FROM watch_batch WHERE at < ?", (batches_before,))
    tx.execute("DELETE FROM watch_span WHERE at < ?", (spans_before,))


def find_segment(reader: Reader, source: str, hour: Instant) -> Segment | None:
    """The file of a source and an hour."""
    row = reader.one(
        "SELECT source, hour, size, events, first_at, last_at FROM watch_segment WHERE source = ? AND hour = ?",
        (source, hour),
    )
    return _segment(row) if row is not None else None


def save_segment(tx: Tx, segment: Segment) -> None:
    """How far a file counts now."""
    tx.execute(
        "INSERT INTO watch_segment (source, hour, size, events, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, hour) DO UPDATE SET size = excluded.size, events = excluded.events,"
        " first_at = excluded.first_at, last_at = excluded.last_at",
        (segment.source, segment.hour, segment.size, segment.events, segment.first_at, segment.last_at),
    )


def list_segments(reader: Reader, since: Instant, until: Instant) -> list[Segment]:
    """Files that hold events of [since, until), by hour of arrival and source."""
    rows = reader.all(
        "SELECT source, hour, size, events, first_at, last_at FROM watch_segment WHERE last_at >= ? AND first_at < ?"
        " ORDER BY hour, source",
        (since, until),
    )
    return list(map(_segment, rows))


def drop_segments(tx: Tx, segments: Iterable[Segment]) -> None:
    """These files are gone."""
    tx.many("DELETE FROM watch_segment WHERE source = ? AND hour = ?", [(each.source, each.hour) for each in segments])


def _segment(row: Row) -> Segment:
    return Segment(
        source=str(row[0]),
        hour=int(row[1]),
        size=int(row[2]),
        events=int(row[3]),
        first_at=int(row[4]),
        last_at=int(row[5]),
    )


def find_follower(reader: Reader, source: str, path: str) -> Follower | None:
    """How far a file was followed."""
    row = reader.one(
        "SELECT source, path, file, head, head_size, place, at FROM watch_follower WHERE source = ? AND path = ?",
        (source, path),
    )
    if row is None:
        return None
    return Follower(
        source=str(row[0]),
        path=str(row[1]),
        file=str(row[2]),
        head=str(row[3]),
        head_size=int(row[4]),
        offset=int(row[5]),
        at=int(row[6]),
    )


def save_follower(tx: Tx, each: Follower) -> None:
    """Its place now."""
    tx.execute(
        "INSERT INTO watch_follower (source, path, file, head, head_size, place, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, path) DO UPDATE SET file = excluded.file, head = excluded.head,"
        " head_size = excluded.head_size, place = excluded.place, at = excluded.at",
        (each.source, each.path, each.file, each.head, each.head_size, each.offset, each.at),
    )


def raise_alert(tx: Tx, new_id: str, found: Found, now: Instant, *, past: bool) -> None:
    """Raise an alert, or add to the one of this indicator, host and hour.

    What is found in the kept past was counted there from the beginning: the larger count holds, nothing is added.
    """
    match = found.match
    count = "CASE WHEN excluded.count > watch_alert.count THEN excluded.count ELSE watch_alert.count END"
    tx.execute(
        f"INSERT INTO watch_alert ({_ALERT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', 0, '', '')"
        " ON CONFLICT (indicator, host, hour) DO UPDATE SET"
        f" count = {count if past else 'watch_alert.count + excluded.count'},"
        " first_at = CASE WHEN excluded.first_at < watch_alert.first_at THEN excluded.first_at"
        " ELSE watch_alert.first_at END,"
        " last_at = CASE WHEN excluded.last_at > watch_alert.last_at THEN excluded.last_at"
        " ELSE watch_alert.last_at END",
        (
            new_id,
            match.indicator,
            match.kind,
            match.named,
            str(match.how),
            found.kind,
            found.value,
            found.host,
            found.source,
            found.hour,
            found.count,
            found.first_at,
            found.last_at,
            now,
            found.line,
            int(past),
        ),
    )


def list_named(reader: Reader, since: Instant) -> list[tuple[str, str, str]]:
    """(indicator, kind, value) of what alerts from `since` on rest on."""
    rows = reader.all(
        "SELECT DISTINCT indicator, named_kind, named FROM watch_alert WHERE hour >= ? ORDER BY indicator", (since,)
    )
    return [(str(row[0]), str(row[1]), str(row[2])) for row in rows]


def list_alerts(reader: Reader, indicators: Collection[str], since: Instant, limit: int) -> list[Alert]:
    """Alerts of these indicators from `since` on, the latest first."""
    where, params = any_of(reader, "indicator", indicators)
    rows = reader.all(
        f"SELECT {_ALERT} FROM watch_alert WHERE hour >= ? AND {where} ORDER BY hour DESC, raised_at DESC, id LIMIT ?",
        (since, *params, limit),
    )
    return list(map(_alert, rows))


def find_alert(reader: Reader, alert: str) -> Alert | None:
    """One."""
    row = reader.one(f"SELECT {_ALERT} FROM watch_alert WHERE id = ?", (alert,))
    return _alert(row) if row is not None else None


def dismiss(tx: Tx, alert: str, at: Instant, by: str, reason: str) -> int:
    """Dismiss an alert, or (`at` 0) have it open again; 0 when there is none."""
    return tx.execute(
        "UPDATE watch_alert SET dismissed_at = ?, dismissed_by = ?, reason = ? WHERE id = ?", (at, by, reason, alert)
    )


def list_untold(reader: Reader, *, indicator: str = "") -> list[Alert]:
    """Open alerts of which not all hits were told; of sources that tell by themselves, or of one indicator."""
    where = "a.indicator = ?" if indicator else "s.tells = 1 AND s.retired = 0"
    rows = reader.all(
        f"SELECT {', '.join(f'a.{name.strip()}' for name in _ALERT.split(','))} FROM watch_alert a"
        f" JOIN watch_source s ON s.name = a.source WHERE a.dismissed_at = 0 AND a.count > a.told AND {where}"
        " ORDER BY a.indicator, a.hour, a.id",
        (indicator,) if indicator else (),
    )
    return list(map(_alert, rows))


def last_telling(reader: Reader, indicator: str) -> Instant:
    """When an indicator was last told of, 0 for never."""
    return int(reader.value("SELECT max(at) FROM watch_telling WHERE indicator = ?", (indicator,)) or 0)


def save_telling(tx: Tx, sighting: str, alerts: Sequence[Alert], at: Instant) -> None:
    """These alerts were told in a sighting, with the counts they have here."""
    untold = sum(each.count - each.told for each in alerts)
    tx.execute(
        "INSERT INTO watch_telling (sighting, indicator, at, count) VALUES (?, ?, ?, ?)",
        (sighting, alerts[0].indicator, at, untold),
    )
    tx.many(
        "UPDATE watch_alert SET told = ?, sighting = ? WHERE id = ?",
        [(each.count, sighting, each.id) for each in alerts],
    )


def get_mark(reader: Reader, name: str) -> Instant:
    """How far something has come; 0 at the beginning."""
    return int(reader.value("SELECT position FROM watch_mark WHERE name = ?", (name,)) or 0)


def save_mark(tx: Tx, name: str, position: Instant) -> None:
    """It has come so far."""
    tx.execute(
        "INSERT INTO watch_mark (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
        " SET position = excluded.position",
        (name, position),
    )


def _alert(row: Row) -> Alert:
    return Alert(
        id=str(row[0]),
        indicator=str(row[1]),
        named_kind=str(row[2]),
        named=str(row[3]),
        how=How(row[4]),
        kind=str(row[5]),
        value=str(row[6]),
        host=str(row[7]),
        source=str(row[8]),
        hour=int(row[9]),
        count=int(row[10]),
        first_at=int(row[11]),
        last_at=int(row[12]),
        raised_at=int(row[13]),
        line=str(row[14]),
        past=bool(row[15]),
        told=int(row[16]),
        sighting=str(row[17]),
        dismissed_at=int(row[18]),
        dismissed_by=str(row[19]),
        reason=str(row[20]),
    )
