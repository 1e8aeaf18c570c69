"""How links have done: each exchange leaves its mark, a refusal is no silence, and silence is not known."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.service.calls import Tally
from kouprey.federation.service.history import Exchange, History, total
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.kernel.words.time import DAY, SECOND


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def test_an_exchange_leaves_what_came_and_went_on_both_sides(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(3))
    b.sync(a)
    came, went = b.federation.links.history.days(a.party)[-1], a.federation.links.history.days(b.party)[-1]
    assert (came.good, came.failed, came.came, came.why) == (1, 0, 4, "")
    assert came.came_bytes > 300 and came.answer > 0 and came.took >= came.answer and came.reached == 1.0
    assert went.went == 4 and 0 < went.went_bytes < came.came_bytes


def test_a_failure_is_kept_with_its_reason_and_what_came_before_it(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    each_world.wire.down.add(a.origin)
    with pytest.raises(Unreachable):
        b.sync(a)
    link = b.federation.links.get_link(a.party)
    day = b.federation.links.history.days(a.party)[-1]
    assert (day.good, day.failed, day.came) == (1, 1, 3) and a.origin in day.why and day.why_at == link.last_try
    assert link.down_since == link.last_try
    with pytest.raises(Unreachable):
        b.sync(a)
    assert b.federation.links.get_link(a.party).down_since == link.down_since, "since the first failure"
    each_world.wire.down.clear()
    b.sync(a)
    assert b.federation.links.get_link(a.party).down_since == 0


class Clocked:
    """A history whose clock stands where it is put."""

    def __init__(self, actor: Any) -> None:
        self.now = 20_000 * DAY
        self.store = actor.store
        self.history = History(actor.store, lambda: self.now)

    def exchange(self, party: str, after: float, took: float = 0.0, error: KoupreyError | None = None) -> None:
        begun = self.now + int(after * SECOND)
        self.now = begun + int(took * SECOND)
        self.history.note(party, Exchange(begun, self.now, 0, Tally(), error), 15.0)

    def day(self, party: str) -> tuple[int, int]:
        span = self.history.days(party)[-1]
        return span.up // SECOND, span.down // SECOND


def test_an_attempt_stands_for_the_time_since_the_one_before(world: Any) -> None:
    a, b, _ = world.pair()
    clocked = Clocked(a)
    clocked.exchange(b.party, 0, took=2)
    assert clocked.day(b.party) == (2, 0), "before the first attempt nothing is known"
    clocked.exchange(b.party, 15, took=5)
    clocked.exchange(b.party, 30, error=Unreachable("Away."))
    assert clocked.day(b.party) == (22, 30)
    clocked.exchange(b.party, 10, error=Refused("No."))
    clocked.exchange(b.party, 10, error=Unreachable("Later.", code="throttled"))
    assert clocked.day(b.party) == (42, 30), "who refuses has been reached"
    clocked.exchange(b.party, 40_000)
    assert clocked.day(b.party) == (342, 30), "of a long silence nothing is known"


def test_days_without_a_word_are_empty_and_old_ones_go(world: Any) -> None:
    a, b, _ = world.pair()
    clocked = Clocked(a)
    clocked.exchange(b.party, 0, took=1)
    clocked.now += 2 * DAY
    clocked.exchange(b.party, 0, took=1)
    days = clocked.history.days(b.party, 4)
    assert [span.good for span in days] == [0, 1, 0, 1] and days[-1].at == 20_002 * DAY
    assert clocked.history.days_of_all(4) == {b.party: days}
    assert total(days).good == 2 and total([]) == rows.Span(0)
    assert clocked.history.last_day()[b.party].good == 1 and clocked.history.hours(b.party)[-1].good == 1
    clocked.now += 10 * DAY
    assert clocked.history.prune() == 2, "the hours"
    clocked.now += 800 * DAY
    assert clocked.history.prune() == 2, "the days"
