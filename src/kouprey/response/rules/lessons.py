"""What a case says about itself when it is over, from its times and tasks alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Case, Item, Task, TaskState
from kouprey.response.model.lessons import LESSON, Draft, Took
from kouprey.response.rules.measuring import spans

FEWEST = 2
"""Cases that must have a span before one is called quick or slow beside them."""


def draft(case: Case, items: Iterable[Item], summed: Mapping[str, tuple[int, int, int, int]], now: Instant) -> Draft:
    """`summed` are the figures of the class of the case, itself among them, as `measuring.summed` gives them."""
    quick: list[Took] = []
    slow: list[Took] = []
    alone, unknown = [], []
    for each in spans(case.moments):
        if each.seconds is None:
            unknown.append(each.name)
            continue
        known, _missing, half, _most = summed.get(each.name, (0, 0, 0, 0))
        took = Took(span=each.name, seconds=each.seconds, cases=max(0, known - 1), half=half)
        if took.cases < FEWEST:
            alone.append(took)
        else:
            (quick if each.seconds <= half else slow).append(took)
    tasks = [(item, item.body) for item in items if isinstance(item.body, Task) and item.body.origin != LESSON]
    done = [(item, task) for item, task in tasks if task.state is TaskState.DONE]
    still = [task for _item, task in tasks if task.state in (TaskState.OPEN, TaskState.DOING)]
    return Draft(
        quick=quick,
        slow=slow,
        alone=alone,
        unknown=unknown,
        in_time=[task.title for item, task in done if task.due and item.made_at <= task.due],
        late=[task.title for item, task in done if task.due and item.made_at > task.due]
        + [task.title for task in still if task.due and task.due < now],
        open=[task.title for task in still if not task.due or task.due >= now],
        done=len(done),
        tasks=len(tasks),
    )
