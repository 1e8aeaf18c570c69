"""Pages of response."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.web.live import Pulses
from kouprey.kernel.words.capability import Job, Services
from kouprey.response.pages import (
    asking,
    casebundles,
    cases,
    casework,
    contacts,
    handoffs,
    linking,
    notices,
    outcomes,
    outside,
    strategies,
)
from kouprey.response.service import jobs as clocks


def routes(services: Services) -> list[Door]:
    """The doors for persons."""
    return [
        *asking.doors(services),
        *casebundles.doors(services),
        *cases.doors(services),
        *casework.doors(services),
        *contacts.doors(services),
        *outside.doors(services),
        *linking.doors(services),
        *notices.doors(services),
        *handoffs.doors(services),
        *strategies.doors(services),
        *outcomes.doors(services),
    ]


def pulses(services: Services) -> Pulses:
    """What waits for somebody."""
    return notices.pulses(services)


def jobs(services: Services) -> list[Job]:
    """Clocks are looked at, and whoever wants mail is told that something waits."""
    return [*clocks(services), *notices.jobs(services)]
