"""The REST interface of constituents: for whoever keeps them, for themselves, and the plain lists of their programs."""

from __future__ import annotations

from kouprey.constituents.api import concerns, keeping, lists
from kouprey.constituents.service import Constituents
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    constituents = services.get(Constituents)
    return [*keeping.doors(constituents), *concerns.doors(constituents), *lists.doors(constituents)]
