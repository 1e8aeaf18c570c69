"""Verbs of the TAXII door: list, read, add, take out, and say what became of it."""

from __future__ import annotations

from kouprey.kernel.words.capability import Job, Services
from kouprey.taxii.service.clients import Clients
from kouprey.taxii.service.pulling import Remotes
from kouprey.taxii.service.writing import Writing


class Taxii(Writing):
    """The exchange as TAXII 2.1 knows it; everything is as far as the client may see."""


def jobs(services: Services) -> list[Job]:
    """Statuses end a day after they were made, sources whose time has come are pulled, and clients are counted."""
    clients = services.get(Clients)
    return [
        Job(name="taxii.clients", every_seconds=2, call=clients.log.flush),
        Job(name="taxii.client-days", every_seconds=3600, call=clients.forget),
        Job(name="taxii statuses", every_seconds=3600, call=services.get(Taxii).forget_statuses),
        Job(name="taxii.pull", every_seconds=2, call=services.get(Remotes).pull_due),
    ]


__all__ = ["Clients", "Remotes", "Taxii", "jobs"]
