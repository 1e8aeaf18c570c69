"""What a case says about itself."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.time import SECOND
from kouprey.response.model.cases import Case, Item, Moment, Sort, Task, TaskState, Track
from kouprey.response.model.lessons import LESSON
from kouprey.response.rules.lessons import draft
from kouprey.response.wire.lessons import write_draft

MOMENTS = {"detected": Moment(0), "contained": Moment(90 * SECOND), "recovered": Moment(0)}
CASE = Case(id="c", number=1, title="x", moments=MOMENTS)


def task(title: str, made_at: int = 0, **given: Any) -> Item:
    body = Task(title=title, **given)
    return Item(
        id=title, case="c", version=1, sort=Sort.TASK, track=Track.TECHNICAL, at=0, made_at=made_at, made_by="x",
        hidden=False, body=body,
    )  # fmt: skip


def test_times_are_compared_with_those_of_others_alone() -> None:
    alone = draft(CASE, [], {"contain": (2, 0, 60, 90)}, 0)
    assert [each.span for each in alone.alone] == ["contain", "recover"]
    assert tuple(alone.unknown) == ("detect", "acknowledge")
    slow = draft(CASE, [], {"contain": (9, 0, 60, 90), "recover": (9, 0, 60, 90)}, 0)
    assert [each.span for each in slow.slow] == ["contain"] and [each.span for each in slow.quick] == ["recover"]
    words = write_draft(slow)
    assert words.index("What went well") < words.index("half of 8 other cases") and "Not known: Until we" in words


def test_tasks_tell_what_was_late_and_recommendations_are_none_of_them() -> None:
    done: dict[str, Any] = {"state": TaskState.DONE, "due": 10}
    made = draft(
        CASE,
        [
            task("early", 5, **done),
            task("slow", 15, **done),
            task("waits", due=20),
            task("over", due=12),
            task("whenever"),
            task("dropped", state=TaskState.DROPPED),
            task("later", due=5, origin=LESSON),
        ],
        {},
        13,
    )
    assert (made.in_time, made.late, made.open) == (["early"], ["slow", "over"], ["waits", "whenever"])
    assert (made.done, made.tasks) == (2, 6)
    words = write_draft(made)
    assert "2 of 6 tasks are done." in words and "Late: over." in words and "later" not in words
