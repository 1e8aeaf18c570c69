"""Endpoints of response."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.api import cases, contacts, handoffs, lessons, reports, situation, strategies


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    return [
        *cases.doors(services),
        *contacts.doors(services),
        *handoffs.doors(services),
        *lessons.doors(services),
        *reports.doors(services),
        *situation.doors(services),
        *strategies.doors(services),
    ]
