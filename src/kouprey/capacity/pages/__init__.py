"""Pages of capacity."""

from __future__ import annotations

from kouprey.capacity.pages import activity, badges, own, programmes, public
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """The fixed paths first, since those of programmes take any name."""
    return [door for room in (public, own, badges, activity, programmes) for door in room.doors(services)]
