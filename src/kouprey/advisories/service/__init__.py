"""Verbs of advisories."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kouprey.advisories.service.checking import Checker
from kouprey.advisories.service.desk import Desk
from kouprey.advisories.service.exporting import export_statements
from kouprey.advisories.service.shelf import View
from kouprey.advisories.service.statements import Outlook, Statements
from kouprey.advisories.wire.statement import MEDIA_TYPE
from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.words.capability import Job, Services


def receives(services: Services) -> Mapping[str, Receiver]:
    """Entries that carry a statement."""
    return {MEDIA_TYPE: services.get(Statements).apply}


def erases(services: Services) -> Eraser:
    """The words of a statement go when its publisher takes the entry back."""
    statements = services.get(Statements)

    def erase(origin: str, author: str, indices: Sequence[int]) -> Collection[int]:
        statements.erase_received(origin, author, indices)
        return ()

    return erase


def jobs(services: Services) -> list[Job]:
    """Partners of a new agreement get what was said before."""
    return [Job("advisories.sending", 15.0, services.get(Statements).send_waiting)]


__all__ = [
    "Checker",
    "Desk",
    "Outlook",
    "Statements",
    "View",
    "erases",
    "export_statements",
    "jobs",
    "receives",
]
