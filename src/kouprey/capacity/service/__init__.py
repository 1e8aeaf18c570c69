"""Verbs of capacity."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.capacity.model import Sort
from kouprey.capacity.service.activities import RULES
from kouprey.capacity.service.calendars import Capacity
from kouprey.capacity.service.records import QUESTIONS, find_rule
from kouprey.capacity.wire.messages import MEDIA_TYPES
from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.words.capability import Job, Services


def receives(services: Services) -> Mapping[str, Receiver]:
    """Entries that say something of activities, seats, badges and needs."""
    capacity = services.get(Capacity)
    return {MEDIA_TYPES[sort]: capacity.apply(sort) for sort in Sort}


def erases(services: Services) -> Eraser:
    """Names and words of what a partner said go when he asks for it."""
    return services.get(Capacity).erase_received


def jobs(services: Services) -> list[Job]:
    """Free seats are offered once a deadline is over; partners get status lists before theirs end."""
    capacity = services.get(Capacity)
    return [
        Job("capacity.seats", 60.0, capacity.turn),
        Job("capacity.register", 3_600.0, capacity.keep_register),
    ]


__all__ = ["QUESTIONS", "RULES", "Capacity", "erases", "find_rule", "jobs", "receives"]
