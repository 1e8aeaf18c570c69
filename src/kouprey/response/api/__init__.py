"""Endpoints of response."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.api import casebundles, cases, contacts, handoffs, notices, strategies


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    return [
        *casebundles.doors(services),
        *cases.doors(services),
        *contacts.doors(services),
        *handoffs.doors(services),
        *notices.doors(services),
        *strategies.doors(services),
    ]
