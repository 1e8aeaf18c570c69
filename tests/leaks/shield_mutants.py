"""Mutants of what is made for devices: shields, their lists, and what was left out of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from unittest import mock

from kouprey.kernel.words.errors import Unknown
from kouprey.protect.service import showing
from kouprey.protect.service.shields import Shields
from leaks.examine import Lab
from leaks.mutating import Mutant

_DOORS = ("/protect/{shield}", "/protect/{shield}/entries", "/protect/{shield}/left")


def _whoever_asks(_: Lab) -> Any:
    """Neither a shield nor its release is held against the clearance of who asks."""

    def any_shield(self: Any, who: Any, found: Any, name: str) -> Any:
        if found is None:
            raise Unknown("There is no such shield.")
        return found

    stack = ExitStack()
    stack.enter_context(mock.patch.object(Shields, "_of", any_shield))
    stack.enter_context(mock.patch.object(showing, "_for", lambda who, release: release))
    # And the entries are those of its moment, whatever was marked since.
    whole = mock.patch.object(showing.Showing, "_seen", lambda self, who, found: (tuple(found), 0))
    stack.enter_context(whole)
    return stack


SHIELD_MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "shields",
        "A shield is opened by whoever knows its name.",
        "green",
        _DOORS,
        _whoever_asks,
    ),
)
