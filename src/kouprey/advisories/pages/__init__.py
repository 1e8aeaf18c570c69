"""Pages of advisories."""

from __future__ import annotations

from kouprey.advisories.pages import check, desk, public
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """The desk first, since the public paths take any name."""
    return [door for room in (desk, check, public) for door in room.doors(services)]
