"""Which tasks of a template somebody sees and changes; those of other tracks stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from kouprey.kernel.words.time import SECOND
from kouprey.response.model.cases import Case, Item, Task, TaskState, Track
from kouprey.response.model.casetemplates import Template, TemplateTask


def taken_from(case: Case, items: Sequence[Item], tracks: Collection[Track]) -> tuple[TemplateTask, ...]:
    """The tasks of a case, in their order, as those of a template: without how far they are and what came of them."""
    kept = [
        (each, each.body)
        for each in items
        if each.track in tracks and isinstance(each.body, Task) and each.body.state is not TaskState.DROPPED
    ]
    places = {item.id: place for place, (item, _) in enumerate(kept)}
    return tuple(
        TemplateTask(
            track=item.track,
            title=task.title,
            text=task.text,
            who=task.who,
            due_s=max(0, (task.due - case.opened_at) // SECOND) if task.due else 0,
            after=tuple(places[each] for each in task.after if each in places),
            under=places.get(task.under),
            calls=task.calls,
        )
        for item, task in kept
    )


def within(template: Template, tracks: Collection[Track]) -> Template:
    """The template with the tasks of these tracks alone: nothing tells that there are others."""
    places = [place for place, each in enumerate(template.tasks) if each.track in tracks]
    return msgspec.structs.replace(template, tasks=chosen(template.tasks, places))


def said_over(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a case is opened with where a program names fields: what it says goes before what the template says, what
    it leaves at nothing does not, and of two markings the higher one counts.
    """
    plain = Case(id="", number=0, title="")
    told = {name: value for name, value in given.items() if value != getattr(plain, name, None)}
    for name in ("tlp", "pap"):
        if name in given:
            told[name] = max(given[name], getattr(template, name))
    return told


def chosen(tasks: Sequence[TemplateTask], places: Sequence[int]) -> tuple[TemplateTask, ...]:
    """Some of the tasks; what they say of places is said of the new ones, and of those left out no more."""
    new = {place: number for number, place in enumerate(places)}
    return tuple(_moved(tasks[place], new) for place in places)


def with_tasks(template: Template, tasks: Sequence[TemplateTask], tracks: Collection[Track]) -> Template:
    """The template with other tasks on these tracks; those of other tracks come after them, as they were."""
    others = [place for place, each in enumerate(template.tasks) if each.track not in tracks]
    new = {place: len(tasks) + number for number, place in enumerate(others)}
    rest = tuple(_moved(template.tasks[place], new) for place in others)
    return msgspec.structs.replace(template, tasks=(*tasks, *rest))


def _moved(task: TemplateTask, new: Mapping[int, int]) -> TemplateTask:
    return msgspec.structs.replace(
        task,
        after=tuple(new[each] for each in task.after if each in new),
        under=new.get(task.under) if task.under is not None else None,
    )
