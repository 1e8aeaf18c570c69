"""Pages of proceedings."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.proceedings.pages import dossiers, items


def routes(services: Services) -> list[Door]:
    """The doors for persons; what they show of a dossier is for those who belong to it."""
    return [*dossiers.doors(services), *items.doors(services)]
