"""The watch on PostgreSQL as on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.watch import store as rows
from kouprey.watch.model import SPAN, Follower, Format, Found, How, Match, Segment, Source, Status
from migrated import lay

PARTS = [KERNEL, ("watch", "kouprey.watch.migrations")]
FOUND = Found(
    match=Match(indicator="indicator--1", kind="domain-name", named="evil.example", how=How.BELOW),
    kind="domain-name",
    value="www.evil.example",
    host="10.0.0.5",
    source="zeek",
    hour=3600,
    count=2,
    first_at=3700,
    last_at=3800,
    line="{}",
)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: Any, tmp_path: Path, fresh_postgres: Callable[..., str]) -> Iterator[Store]:
    made = (
        open_sqlite(lay(tmp_path / "a.db", PARTS))
        if request.param == "sqlite"
        else open_postgres(fresh_postgres(PARTS))
    )
    yield made
    made.close()


def test_sources_batches_segments_and_followers(store: Store) -> None:
    source = Source(name="zeek", format=Format.AUTO, tells=True, added_at=1, added_by="x")
    assert store.write(lambda tx: rows.add_source(tx, source)) and not store.write(
        lambda tx: rows.add_source(tx, source)
    )
    store.write(lambda tx: rows.change_source(tx, msgspec.structs.replace(source, format=Format.ZEEK, retired=True)))
    status = Status(batch="b", format=Format.ZEEK, taken=3, refused=1, hits=0)
    segment = Segment(source="zeek", hour=0, size=10, events=3, first_at=5, last_at=9)
    place = Follower(source="zeek", path="/f", file="1:2", head="h", head_size=3, offset=7, at=1)
    for _ in range(2):
        store.write(lambda tx: rows.count_lines(tx, "zeek", 3, 1, SPAN + 5))
        store.write(lambda tx: rows.save_segment(tx, segment))
        store.write(lambda tx: rows.save_follower(tx, place))
        store.write(lambda tx: rows.save_mark(tx, "m", 8))
    store.write(lambda tx: rows.save_batch(tx, "zeek", "d", status, 2))
    with store.read() as reader:
        held = rows.find_source(reader, "zeek")
        assert held is not None and [held] == rows.list_sources(reader) and rows.find_source(reader, "no") is None
        assert (held.format, held.retired, held.events, held.refused, held.last_at) == (
            Format.ZEEK,
            True,
            6,
            2,
            SPAN + 5,
        )
        assert rows.list_spans(reader, 0) == [("zeek", SPAN, 6, 2)] and rows.list_spans(reader, SPAN + 1) == []
        assert rows.find_batch(reader, "zeek", "b") == ("d", status) and rows.find_batch(reader, "zeek", "c") is None
        assert rows.find_segment(reader, "zeek", 0) == segment and rows.find_segment(reader, "zeek", 1) is None
        assert rows.list_segments(reader, 9, 10) == [segment] and rows.list_segments(reader, 10, 11) == []
        assert rows.list_segments(reader, 0, 5) == []
        assert rows.find_follower(reader, "zeek", "/f") == place and rows.find_follower(reader, "zeek", "/g") is None
        assert rows.get_mark(reader, "m") == 8 and rows.get_mark(reader, "n") == 0
    store.write(lambda tx: rows.forget(tx, 3, SPAN + 1))
    store.write(lambda tx: rows.drop_segments(tx, [segment]))
    with store.read() as reader:
        assert rows.find_batch(reader, "zeek", "b") is None and not rows.list_spans(reader, 0)
        assert not rows.list_segments(reader, 0, 99)


def test_alerts_add_up_and_the_past_adds_nothing(store: Store) -> None:
    store.write(lambda tx: rows.add_source(tx, Source(name="zeek", format=Format.ZEEK, tells=True)))
    later = msgspec.structs.replace(FOUND, count=3, first_at=3650, last_at=3900, line="later")
    for found, past in ((FOUND, False), (later, False), (msgspec.structs.replace(FOUND, count=4), True)):
        store.write(lambda tx, found=found, past=past: rows.raise_alert(tx, "alert_1", found, 9, past=past))  # type: ignore[misc]  # at once
    with store.read() as reader:
        alert = rows.find_alert(reader, "alert_1")
        assert alert is not None and rows.find_alert(reader, "alert_2") is None
        assert (alert.count, alert.first_at, alert.last_at, alert.line, alert.past) == (5, 3650, 3900, "{}", False)
        assert rows.list_named(reader, 0) == [("indicator--1", "domain-name", "evil.example")]
        assert rows.list_alerts(reader, ["indicator--1"], 0, 9) == [alert] and not rows.list_alerts(reader, [], 0, 9)
        assert rows.list_untold(reader) == [alert] == rows.list_untold(reader, indicator="indicator--1")
        assert rows.last_telling(reader, "indicator--1") == 0
    store.write(lambda tx: rows.save_telling(tx, "sighting--1", [alert], 10))
    with store.read() as reader:
        told = rows.find_alert(reader, "alert_1")
        assert told is not None and (told.told, told.sighting) == (5, "sighting--1") and not rows.list_untold(reader)
        assert rows.last_telling(reader, "indicator--1") == 10
    assert store.write(lambda tx: rows.dismiss(tx, "alert_1", 11, "dara", "why")) == 1
    with store.read() as reader:
        gone = rows.find_alert(reader, "alert_1")
        assert gone is not None and (gone.dismissed_at, gone.dismissed_by, gone.reason) == (11, "dara", "why")
