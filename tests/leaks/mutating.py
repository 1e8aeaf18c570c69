"""What a mutant is, and how one is put into the product while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

from leaks.examine import Lab, examine
from leaks.world import Asker

Patch = Callable[[Lab], Any]
"""What makes the context in which the product is wrong; a world that is built anew in it is `anew`."""
Look = Callable[[Lab, Asker], Sequence[str]]
"""What is found wrong by somebody in a lab."""


@dataclass(frozen=True)
class Mutant:
    """`wrong` is what a developer did; `asker` notices it at one of these doors. `anew`: the world is built with it.

    `look` finds it where the question is no door's, or not of what is hidden.
    """

    name: str
    wrong: str
    asker: str
    doors: Sequence[str]
    patch: Patch
    anew: bool = False
    look: Look | None = None

    def seen(self, lab: Lab, asker: Asker, *, enough: int = 0) -> Sequence[str]:
        """What the leak test has against the product as it is now, where this mutant would be noticed."""
        if self.look is not None:
            return self.look(lab, asker)
        return examine(lab, asker, self.doors, enough=enough).wrong


def instead(owner: Any, name: str, make: Callable[[Any], Any]) -> Patch:
    """Something of the product replaced by what `make` makes of it."""
    return lambda _: mock.patch.object(owner, name, make(getattr(owner, name)))


def held(store: Any, sql: str, *params: object) -> Any:
    """One value of a database, past every decision."""
    with store.read() as reader:
        return reader.value(sql, params)
