"""Verbs of response."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.words.capability import Job, Services
from kouprey.response.rules.outside import heads_of, numbers_of
from kouprey.response.service.cases import Cases
from kouprey.response.service.contacts import Contacts, Opened, nothing_here
from kouprey.response.service.handoffs import HandOffs, Line, Told
from kouprey.response.service.outcomes import Outcomes
from kouprey.response.service.outside import Words, told_by
from kouprey.response.service.reports import Reports
from kouprey.response.service.situation import Situations
from kouprey.response.service.strategies import Strategies
from kouprey.response.wire import MEDIA_TYPE


def receives(services: Services) -> Mapping[str, Receiver]:
    """Entries that carry a message of a hand-off."""
    return {MEDIA_TYPE: services.get(HandOffs).apply}


def erases(services: Services) -> Eraser:
    """The words of what a partner said go when he asks for it."""
    return services.get(HandOffs).erase_received


def jobs(services: Services) -> list[Job]:
    """Clocks are looked at; what they have reached is told once."""
    return [Job("response.clocks", 30.0, services.get(HandOffs).warn)]


__all__ = [
    "Cases",
    "Contacts",
    "HandOffs",
    "Line",
    "Opened",
    "Outcomes",
    "Reports",
    "Situations",
    "Strategies",
    "Told",
    "Words",
    "erases",
    "heads_of",
    "jobs",
    "nothing_here",
    "numbers_of",
    "receives",
    "told_by",
]
