"""What an operator watches of intelligence: how much there is, and nothing about it."""

from __future__ import annotations

from kouprey.exchange.service import Exchange
from kouprey.exchange.store import facets
from kouprey.exchange.store import publishing as rules
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.vital import Sample, Vital, gauge


def vitals(services: Services) -> list[Vital]:
    """The number of versions held, how far they have been brought to new rules, and how publishing rules stand."""
    exchange = services.get(Exchange)
    with exchange._store.read() as reader:
        held = facets.count_versions(reader)
        ruled = rules.list_rules(reader)
    return [
        gauge("object_versions", "Versions of objects held.", held),
        gauge(
            "renewed_part",
            "How much of what is held was brought to the rules of this version: 1 is all.",
            exchange.renewed(),
        ),
        Vital(
            "publishing_rules",
            "Publishing rules by how they stand; those that paused themselves wait for a person.",
            "gauge",
            (
                Sample(sum(each.state == "running" for each in ruled), (("state", "running"),)),
                Sample(sum(each.paused_itself for each in ruled), (("state", "paused-itself"),)),
                Sample(
                    sum(each.state == "paused" and not each.paused_itself for each in ruled), (("state", "paused"),)
                ),
            ),
        ),
    ]
