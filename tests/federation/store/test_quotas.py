"""What authors had us store on a day."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.federation.model import LaneClass
from kouprey.kernel.storage.engine import Store

AGREEMENT, AUTHOR = "agr_1", "operator.example"


def test_a_day_adds_up_by_class_and_the_day_before_is_forgotten(store: Store) -> None:
    for day, lane_class in ((5, LaneClass.BULK), (5, LaneClass.BULK), (5, LaneClass.PRIORITY)):
        store.write(lambda tx, d=day, c=lane_class: rows.add_author_day(tx, AGREEMENT, AUTHOR, c, d, 3, 1 << 33))
    with store.read() as reader:
        assert rows.find_author_day(reader, AGREEMENT, AUTHOR, LaneClass.BULK, 5) == (6, 1 << 34)
        assert rows.find_author_day(reader, AGREEMENT, AUTHOR, LaneClass.PRIORITY, 5) == (3, 1 << 33)
        assert rows.find_author_day(reader, AGREEMENT, "other.example", LaneClass.BULK, 5) == (0, 0)
    store.write(lambda tx: rows.add_author_day(tx, AGREEMENT, AUTHOR, LaneClass.BULK, 6, 1, 1))
    with store.read() as reader:
        assert rows.find_author_day(reader, AGREEMENT, AUTHOR, LaneClass.BULK, 6) == (1, 1)
        assert reader.value("SELECT count(*) FROM author_day") == 1
