"""The history of links as it is stored: sums by the hour and by the day, in bounded rows."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.time import DAY, SECOND

PARTY, OTHER = "operator.example", "neighbour.example"
HOUR = 3_600 * SECOND
AT = 20_000 * DAY + 5 * HOUR + 17


def test_exchanges_are_added_up_by_the_hour_and_by_the_day(store: Store) -> None:
    well = rows.Span(AT, good=1, up=7, took=3, answer=2, came=5, came_bytes=50, went=1, went_bytes=9)
    failed = rows.Span(AT + HOUR, failed=1, down=4, why="down", why_at=AT + HOUR)
    for span in (well, well, failed, rows.Span(AT + 2 * HOUR, good=1, up=1)):
        store.write(lambda tx, span=span: rows.add_history(tx, PARTY, span))
    store.write(lambda tx: rows.add_history(tx, OTHER, well))
    with store.read() as reader:
        ((_, day),) = rows.list_history(reader, rows.DAY_GRAIN, 0, PARTY)
        hours = [span for _, span in rows.list_history(reader, rows.HOUR_GRAIN, 0, PARTY)]
        everybody = rows.list_history(reader, rows.DAY_GRAIN, 0)
    assert day == rows.Span(20_000 * DAY, 3, 1, 15, 4, 6, 4, 10, 100, 2, 18, "down", AT + HOUR), (
        "the failure stays told"
    )
    assert [(span.at, span.good, span.failed) for span in hours] == [
        (20_000 * DAY + n * HOUR, *counts) for n, counts in ((5, (2, 0)), (6, (0, 1)), (7, (1, 0)))
    ]
    assert [party for party, _ in everybody] == [OTHER, PARTY]


def test_what_is_old_is_forgotten(store: Store) -> None:
    for at in (AT, AT + 3 * DAY):
        store.write(lambda tx, at=at: rows.add_history(tx, PARTY, rows.Span(at, good=1)))
    assert store.write(lambda tx: rows.prune_history(tx, rows.HOUR_GRAIN, AT + DAY)) == 1
    with store.read() as reader:
        assert len(rows.list_history(reader, rows.HOUR_GRAIN, 0)) == 1
        assert len(rows.list_history(reader, rows.DAY_GRAIN, 0)) == 2
        assert len(rows.list_history(reader, rows.DAY_GRAIN, AT + DAY)) == 1


def test_shares_and_means_say_when_nothing_is_known() -> None:
    nothing, some = rows.Span(0), rows.Span(0, good=2, up=3, down=1, took=4 * SECOND, answer=SECOND)
    assert (nothing.reached, nothing.answers_in, nothing.lasts) == (None, None, None)
    assert (some.reached, some.answers_in, some.lasts) == (0.75, 0.5, 2.0)
