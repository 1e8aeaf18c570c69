"""What drills say of a partner: the last one, the median of twelve, and who never answered."""

from __future__ import annotations

from kouprey.kernel.words.time import DAY, SECOND
from kouprey.response.model.directory import Drill
from kouprey.response.rules.drills import COUNTED, OPEN, due, measured, over


def drill(number: int, seconds: int | None, *, closed: bool = True) -> Drill:
    sent = number * 31 * DAY
    answered = sent + seconds * SECOND if seconds is not None else 0
    return Drill(
        handoff=f"{number:064}",
        party="b.example",
        agreement="agr",
        sent_by="psn_1",
        sent_at=sent,
        delivered_at=sent + SECOND if answered else 0,
        acknowledged_at=answered,
        closed_at=sent + OPEN if closed else 0,
    )


def test_the_last_twelve_make_the_median() -> None:
    drills = [drill(1, 90_000), *(drill(number, number * 10) for number in range(2, 2 + COUNTED))]
    found = measured(drills)
    assert found.counted == COUNTED and found.median == 75 and found.acknowledged == 130 and found.delivered == 1
    assert measured(list(reversed(drills))) == found


def test_never_answered_is_no_number() -> None:
    found = measured([drill(1, None), drill(2, None), drill(3, None, closed=False)])
    assert (found.median, found.acknowledged, found.success, found.unanswered) == (None, None, 0, 2)
    assert measured([]).last is None


def test_the_last_success_stays_when_the_newest_is_not_answered() -> None:
    found = measured([drill(1, 60), drill(2, None)])
    assert found.acknowledged is None and found.median == 60 and found.success == drill(1, 60).acknowledged_at


def test_a_month_later_it_is_due() -> None:
    assert due(0, 5) and not due(5 * DAY, 20 * DAY) and due(5 * DAY, 37 * DAY)


def test_an_answer_ends_it_and_so_does_time() -> None:
    running = drill(1, None, closed=False)
    assert not over(running, running.sent_at + OPEN - 1) and over(running, running.sent_at + OPEN)
    assert over(drill(1, 60, closed=False), running.sent_at + 61 * SECOND)
    assert not over(drill(1, 60), running.sent_at + 61 * SECOND)
