"""Pages of the TAXII door: collections, the clients that read them, and the servers from which we pull."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.taxii.pages import clients, collections, sources


def routes(services: Services) -> list[Door]:
    """The doors of TAXII for persons."""
    return [*collections.doors(services), *clients.doors(services), *sources.doors(services)]
