"""Endpoints of response."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.api import cases, contacts, directory, duties, handoffs, outcomes, reports, sealed, strategies


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    rooms = (cases, contacts, directory, duties, handoffs, outcomes, reports, sealed, strategies)
    return [door for room in rooms for door in room.doors(services)]
