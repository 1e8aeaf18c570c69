"""Lanes and checkpoints as they are stored."""

from __future__ import annotations

from dataclasses import replace

from kouprey.federation import store as rows
from kouprey.federation.model import LaneClass
from kouprey.kernel.storage.engine import Store


def test_a_lane_comes_back_as_it_went_in(store: Store, lane: rows.Lane) -> None:
    lane_id = store.write(lambda tx: rows.insert_lane(tx, lane))
    with store.read() as reader:
        expected = replace(lane, id=lane_id)
        assert rows.find_lane(reader, lane_id=lane_id) == expected
        assert rows.find_lane(reader, origin=lane.origin) == rows.find_lane(reader, tag=lane.tag) == expected
        assert rows.list_lanes(reader, mine=False) == [] and rows.list_lanes(reader, author=lane.author) == [expected]
        assert rows.find_last_lane(reader, lane.agreement, LaneClass.PRIORITY) is None
        assert rows.find_last_lane(reader, lane.agreement, LaneClass.BULK) == expected


def test_checkpoints_are_found_by_size_and_near_it(store: Store, lane: rows.Lane) -> None:
    lane_id = store.write(lambda tx: rows.insert_lane(tx, lane))

    def save(size: int) -> None:
        kept = rows.StoredCheckpoint(size, bytes([size]) * 32, b"note", b"", 5)
        store.write(lambda tx: rows.save_checkpoint(tx, lane_id, kept))

    for size in (3, 40, 10):
        save(size)
    with store.read() as reader:
        found = rows.find_lane(reader, lane_id=lane_id)
        assert found is not None and found.signed_size == 40, "a smaller checkpoint takes nothing back"
        assert rows.find_checkpoint(reader, lane_id, 4) is None
        sizes = {
            (above, most): kept.size
            for above, most in ((0, 2), (0, 9), (0, 99), (3, 9), (3, 10), (10, 20))
            if (kept := rows.find_checkpoint_within(reader, lane_id, above, most)) is not None
        }
        assert sizes == {(0, 2): 3, (0, 9): 3, (0, 99): 40, (3, 9): 10, (3, 10): 10, (10, 20): 40}
        assert rows.find_checkpoint_within(reader, lane_id, 40, 99) is None
        below = rows.find_checkpoint_below(reader, lane_id, 39)
        assert below is not None and below.size == 10
        assert rows.find_checkpoint_below(reader, lane_id, 2) is None
