"""Endpoints of response."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.api import (
    calling,
    casebundles,
    casereports,
    cases,
    casetemplates,
    contacts,
    directory,
    duties,
    handoffpapers,
    handoffs,
    lessons,
    notices,
    outcomes,
    releasing,
    reports,
    sealed,
    situation,
    strategies,
    tickets,
)

_ROOMS = (
    calling,
    casebundles,
    cases,
    casetemplates,
    contacts,
    directory,
    duties,
    handoffs,
    handoffpapers,
    notices,
    outcomes,
    releasing,
    reports,
    sealed,
    strategies,
    lessons,
    casereports,
    situation,
    tickets,
)


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    return [door for room in _ROOMS for door in room.doors(services)]
