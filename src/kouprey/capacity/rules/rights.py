"""Who may do what: those who build capacity write, everybody sees their own records."""

from __future__ import annotations

from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Role

WRITES = frozenset({Role.TRAINER, Role.LEAD, Role.LIAISON, Role.ADMINISTRATOR})


def may_write(who: Reader) -> bool:
    """Whether they plan, nominate, confirm, mark and issue; so they read the names of people too."""
    return who.local and not who.exercise and (who.name == "operator" or not WRITES.isdisjoint(who.roles))
