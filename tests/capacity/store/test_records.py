"""Records on both engines."""

from __future__ import annotations

from typing import Any

from kouprey.capacity.model import Attendance, Holder, Outcome
from kouprey.capacity.store import records


def test_records_come_back_and_are_there_once(pair: tuple[Any, Any, str]) -> None:
    host, _, _ = pair
    mark = Attendance(
        activity="a", party="p", nominee="n", day="2026-12-01", how="hand", marked_by="x", marked_at=1, came_at=2
    )
    assert host.store.write(lambda tx: records.add_attendance(tx, mark)) is True
    assert host.store.write(lambda tx: records.add_attendance(tx, mark)) is False
    first = Outcome(activity="a", party="p", nominee="n", pre=1, post=2, feedback=(1, 2, 3, 4, 5), by="x", at=1)
    host.store.write(lambda tx: records.save_outcome(tx, first))
    second = Outcome(activity="a", party="p", nominee="n", pre=1, post=9, by="y", at=2)
    host.store.write(lambda tx: records.save_outcome(tx, second))
    host.store.write(lambda tx: records.add_nominee(tx, Holder(party="p", id="n", name="Dara", person="psn")))
    host.store.write(lambda tx: records.add_feed(tx, b"1" * 32, "psn", 5))
    host.store.write(lambda tx: records.add_feed(tx, b"2" * 32, "psn", 6))
    with host.store.read() as reader:
        assert records.list_attendance(reader, "a") == [mark]
        assert records.list_outcomes(reader, "a") == [second]
        assert records.list_outcomes(reader, nominee=("p", "other")) == []
        assert [each.name for each in records.list_nominees(reader, "p", "psn")] == ["Dara"]
        assert records.list_nominees(reader, "p", "psn_other") == []
        assert (records.find_feed(reader, b"1" * 32), records.find_feed(reader, b"2" * 32)) == (None, "psn")
        assert records.find_room(reader, "none") is None
