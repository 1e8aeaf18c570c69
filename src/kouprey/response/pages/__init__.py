"""Pages of response."""

from __future__ import annotations

from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.live import Pulses
from kouprey.kernel.words.capability import Job, Services
from kouprey.response.pages import (
    asking,
    calling,
    casebundles,
    casereports,
    cases,
    casetemplates,
    casework,
    contacts,
    directory,
    drills,
    duties,
    dutywork,
    handoffpapers,
    handoffs,
    lessons,
    linking,
    notices,
    outcomes,
    outside,
    ownprofile,
    releasing,
    reporting,
    reports,
    roster,
    sealing,
    situation,
    strategies,
    tickets,
)
from kouprey.response.service import jobs as others

_ROOMS = (
    asking,
    casebundles,
    casetemplates,
    cases,
    calling,
    casework,
    tickets,
    duties,
    dutywork,
    contacts,
    outside,
    linking,
    notices,
    handoffs,
    handoffpapers,
    sealing,
    releasing,
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


def pulses(services: Services) -> Pulses:
    """What waits for somebody."""
    return notices.pulses(services)


def jobs(services: Services) -> list[Job]:
    """What response does again and again, and the mail that says that something waits."""
    return [*others(services), *notices.jobs(services)]
