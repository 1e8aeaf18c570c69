"""What an operator watches of intelligence: how much there is, and nothing about it."""

from __future__ import annotations

from kouprey.exchange.service import Exchange
from kouprey.exchange.store import facets
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.measure import Measure, gauge


def measures(services: Services) -> list[Measure]:
    """The number of versions held."""
    with services.get(Exchange)._store.read() as reader:
        return [gauge("object_versions", "Versions of objects held.", facets.count_versions(reader))]
