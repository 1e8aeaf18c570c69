"""The REST interface of capacity."""

from __future__ import annotations

from kouprey.capacity.api import activities, records
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    return [*activities.doors(services), *records.doors(services)]
