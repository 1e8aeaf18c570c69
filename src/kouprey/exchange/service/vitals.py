"""What an operator watches of intelligence: how much there is, and nothing about it."""

from __future__ import annotations

from kouprey.exchange.service import Exchange
from kouprey.exchange.store import facets
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.vital import Vital, gauge


def vitals(services: Services) -> list[Vital]:
    """The number of versions held, and how far they have been brought to new rules."""
    exchange = services.get(Exchange)
    with exchange._store.read() as reader:
        held = facets.count_versions(reader)
    return [
        gauge("object_versions", "Versions of objects held.", held),
        gauge(
            "renewed_part",
            "How much of what is held was brought to the rules of this version: 1 is all.",
            exchange.renewed(),
        ),
    ]
