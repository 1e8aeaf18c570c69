"""Pages of constituents: theirs, those of whoever keeps them, and the mail that leads to them."""

from __future__ import annotations

from kouprey.constituents.pages import concerns, keeping, letters
from kouprey.constituents.pages.words import VIEWS
from kouprey.constituents.service import Constituents
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """The doors for persons."""
    constituents = services.get(Constituents)
    clerk = letters.Clerk(services.get(Keyring), constituents.origin)
    return [*keeping.doors(constituents, clerk), *concerns.doors(constituents), *letters.doors(constituents)]


__all__ = ["VIEWS", "routes"]
