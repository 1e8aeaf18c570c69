"""The REST interface of proceedings, for the session of a person: no program belongs to a dossier."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.proceedings.api import dossiers, items


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    return [*dossiers.doors(services), *items.doors(services)]
