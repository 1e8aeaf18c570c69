"""What answers to requests of a case say of the variables that a later request of it needs."""

from __future__ import annotations

from typing import NamedTuple

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.decision import Reader
from kouprey.response.model.cases import Sort, Task
from kouprey.response.service.casefiles import Opened
from kouprey.response.service.cases import Cases
from kouprey.response.store.calls import list_attempts


class Answered(NamedTuple):
    """A value, and the title of the task whose request was answered so."""

    value: str
    title: str


def said_in(store: Store, cases: Cases, who: Reader, opened: Opened) -> dict[str, Answered]:
    """Variable -> the newest answer that says something of it, as far as `who` sees the tasks of the case."""
    tasks, _ = cases.items(who, opened, (Sort.TASK,))
    titles = {each.id: each.body.title for each in tasks if isinstance(each.body, Task) and each.body.calls}
    if not titles:
        return {}
    with store.read() as reader:
        newest_first = list_attempts(reader, list(titles))
    found: dict[str, Answered] = {}
    for each in newest_first:
        for name, value in each.outputs.items():
            found.setdefault(name, Answered(value, titles[each.item]))
    return found
