"""Pages of response."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.pages import (
    asking,
    cases,
    casework,
    contacts,
    directory,
    drills,
    handoffs,
    linking,
    outcomes,
    outside,
    ownprofile,
    roster,
    sealing,
    strategies,
)

_ROOMS = (
    asking,
    cases,
    casework,
    contacts,
    outside,
    linking,
    handoffs,
    sealing,
    strategies,
    outcomes,
    directory,
    ownprofile,
    roster,
    drills,
)
"""In the order in which their paths are looked for."""


def routes(services: Services) -> list[Door]:
    """The doors for persons."""
    return [door for room in _ROOMS for door in room.doors(services)]
