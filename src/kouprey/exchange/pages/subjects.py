"""What the audit calls objects and collections that its lines are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kouprey.exchange.pages.naming import name_objects
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.capability import Services, Subjects
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.ids import stix_type


def subjects(services: Services) -> Subjects:
    """Names as far as somebody may see them, in the language of the page; none to anybody but our own people."""
    exchange = services.get(Exchange)

    def name(who: Reader, ids: Collection[str]) -> Mapping[str, str]:
        if not who.local:
            return {}
        objects = name_objects(exchange, who, (each for each in ids if stix_type(each) is not None))
        held = exchange.list_collections(who, archived=True)
        return {
            **{each.id: each.title or each.name for each in held if each.id in ids},
            **{stix_id: each.title for stix_id, each in objects.items() if each.seen},
        }

    return name
