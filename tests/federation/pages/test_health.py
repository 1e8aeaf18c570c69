"""How a link has done, as figures of pictures and of their tables."""

from __future__ import annotations

from kouprey.federation.pages.health import Health
from kouprey.federation.store import Span
from kouprey.kernel.words.time import DAY, SECOND

MINUTE = 60 * SECOND
WELL = Span(20_000 * DAY, good=4, up=1_400 * MINUTE, answer=SECOND, came=7, went=2)
POOR = Span(20_001 * DAY, failed=3, up=100 * MINUTE, down=300 * MINUTE, why="down", why_at=20_001 * DAY)
SILENT = Span(20_002 * DAY)


def test_pictures_show_minutes_entries_and_milliseconds_of_each_day() -> None:
    health = Health([WELL, POOR, SILENT])
    assert [counts for _, counts in health.reached] == [[1_400, 0], [100, 300], [0, 0]]
    assert [counts for _, counts in health.carried] == [[7, 2], [0, 0], [0, 0]]
    assert [counts for _, counts in health.answers] == [[250], [0], [0]]
    assert [day for day, _ in health.reached] == ["4 Oct", "5 Oct", "6 Oct"]
    assert health.sum.reached == 1_500 / 1_800 and health.share == 0.83 and health.sum.why == "down"


def test_a_line_needs_two_days_and_leaves_out_what_is_not_known() -> None:
    assert Health([SILENT, WELL, SILENT, POOR]).line == [1.0, 0.25]
    assert Health([SILENT, WELL]).line == [] and Health([]).line == []


def test_a_moment_away_is_not_rounded_to_never() -> None:
    assert Health([Span(0, up=99_999, down=1)]).share == 0.99 and Health([Span(0, up=5)]).share == 1.0
    assert Health([SILENT]).share is None


def test_nothing_is_shown_before_the_first_exchange() -> None:
    assert not Health([SILENT, SILENT]).known and not Health([]).known
    assert Health([SILENT, POOR]).known and Health([Span(0, went=1)]).known
