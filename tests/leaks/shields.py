"""Shields of the world: one for each of two levels, made of whatever the world holds, and released."""

from __future__ import annotations

from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.protect.model import Query
from kouprey.protect.service import Protect
from leaks.things import NOW

LEVELS = {"green": TLP.GREEN, "strict": TLP.AMBER_STRICT}
"""Shield -> how far it goes: who is not cleared so far must not learn of it."""
WAITED, CURRENT = str(NOW // SECOND), str(NOW // SECOND + 1)
"""Serials of the list that waited, and of the one in force."""


def raise_shields(services: Services) -> None:
    """As the command line would."""
    protect = services.get(Protect)
    who = protect.operator()
    for name, level in LEVELS.items():
        protect.add_shield(who, name, query=Query(tlp=level), by="operator")
        waiting = protect.compile(who, name, by="operator")
        protect.approve(who, name, waiting.serial, by="operator")
