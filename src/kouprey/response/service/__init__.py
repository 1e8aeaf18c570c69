"""Verbs of response."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.words.capability import Job, Services
from kouprey.response.service.handoffs import HandOffs, Line, Told
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


__all__ = ["HandOffs", "Line", "Strategies", "Told", "erases", "jobs", "receives"]
