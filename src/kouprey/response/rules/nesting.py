"""A playbook with those that it calls: their tasks below the step that calls them, bounded in depth and in number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from kouprey.kernel.words.errors import Refused
from kouprey.response.model.playbooks import Planned, Run

DEEPEST = 5
"""Playbooks inside one another."""
MOST = 500
"""Tasks of one strategy, with all that it calls."""


class Called(NamedTuple):
    """A playbook that was found: its strategy, its name, and the tasks it comes to by itself."""

    strategy: str
    name: str
    tasks: Sequence[Planned]


Find = Callable[[str], Called | None]
"""A playbook by its id; None where the reader may see none."""


def nest(playbook: str, tasks: Sequence[Planned], find: Find) -> tuple[Planned, ...]:
    """All tasks of a playbook in their order, those of a playbook that a step calls right after that step.

    What is called begins where the step would, and the step waits for all of it. A playbook that is not here is work
    of a person, who reads which is missing. Refused (`playbook-cycle`) for one that calls itself, by way of others
    too; (`too-deep`) beyond `DEEPEST`; (`too-many-tasks`) beyond `MOST`.
    """
    found: list[Planned] = []
    _Nest(find, found).go(tasks, (playbook,), None, "")
    return tuple(found)


class _Nest:
    def __init__(self, find: Find, found: list[Planned]) -> None:
        self._find = find
        self._found = found

    def go(self, tasks: Sequence[Planned], path: tuple[str, ...], under: int | None, prefix: str) -> None:
        """Put these at the end; `path` are the playbooks in which they stand, `under` the place that called them."""
        places: list[int] = []
        first = self._found[under] if under is not None else None
        for task in tasks:
            place = len(self._found)
            places.append(place)
            if place >= MOST:
                raise Refused(
                    "The strategy has too many steps for a case.",
                    f"With the playbooks that it calls it has more than {MOST}.",
                    "Divide it.",
                    code="too-many-tasks",
                )
            before = tuple(places[each] for each in task.after)
            self._found.append(
                msgspec.structs.replace(
                    task,
                    step=prefix + task.step,
                    after=before or (first.after if first is not None else ()),
                    when=(*(first.when if first is not None else ()), *task.when),
                    under=under,
                )
            )
            if task.run is Run.PLAYBOOK:
                self._call(place, path)

    def _call(self, place: int, path: tuple[str, ...]) -> None:
        step = self._found[place]
        if step.playbook in path:
            raise Refused(
                "A playbook calls itself, and would never end.",
                " → ".join((*path[path.index(step.playbook) :], step.playbook)),
                "Ask its author to mend it.",
                code="playbook-cycle",
            )
        if len(path) > DEEPEST:
            raise Refused(
                "Playbooks call one another too deep.",
                f"{DEEPEST} inside one another are followed.",
                "Make fewer of them.",
                code="too-deep",
            )
        called = self._find(step.playbook)
        if called is None:
            self._found[place] = msgspec.structs.replace(step, run=Run.PERSON, missing=step.playbook)
            return
        self.go(called.tasks, (*path, step.playbook), place, f"{step.step}/")
        inside = self._found[place + 1 :]
        waited = {each for task in inside for each in task.after}
        ends = tuple(each for each in range(place + 1, len(self._found)) if each not in waited)
        self._found[place] = msgspec.structs.replace(step, after=(*step.after, *ends), strategy=called.strategy)
