"""Verbs of constituents: host them, show them what concerns them, hear what they say, and write to them."""

from __future__ import annotations

from kouprey.constituents.service.digesting import ONE_CLICK, PAUSE, Digesting, Write
from kouprey.constituents.service.registry import read_networks, show_networks
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.vital import Vital, gauge


class Constituents(Digesting):
    """Those hosted on this node, and all that is done for them."""

    def eyes(self) -> list[tuple[str, Reader]]:
        """Everybody who reads here now, by name; told to whoever foresees who would see a thing."""
        return [(each.name, self.reader_of(each)) for each in self.list_constituents() if not each.archived_at]


def vitals(services: Services) -> list[Vital]:
    """How the mail fares."""
    count = services.get(Constituents).count_troubled()
    return [gauge("letters_troubled", "Digests that a person has to look at.", count)]


__all__ = ["ONE_CLICK", "PAUSE", "Constituents", "Write", "read_networks", "show_networks", "vitals"]
