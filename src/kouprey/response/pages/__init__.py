"""Pages of response."""

from __future__ import annotations

from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.pages import (
    asking,
    casereports,
    cases,
    casework,
    contacts,
    directory,
    drills,
    duties,
    dutywork,
    handoffs,
    lessons,
    linking,
    outcomes,
    outside,
    ownprofile,
    reporting,
    reports,
    roster,
    sealing,
    situation,
    strategies,
)

_ROOMS = (
    asking,
    cases,
    casework,
    duties,
    dutywork,
    contacts,
    outside,
    linking,
    handoffs,
    sealing,
    reporting,
    reports,
    strategies,
    outcomes,
    directory,
    ownprofile,
    roster,
    drills,
    lessons,
    casereports,
    situation,
)
"""In the order in which their paths are looked for."""


def routes(services: Services) -> list[Door]:
    """The doors for persons."""
    # The overview stands below: it is told here what else waits for somebody.
    services.get(Exchange).needs["duties"] = duties.needs(services)
    return [door for room in _ROOMS for door in room.doors(services)]
