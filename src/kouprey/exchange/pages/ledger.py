"""What the ledger calls an entry of the exchange: the title, type and page of the object in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, parsed, spoken_titles
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.federation.service import EntryKey, EntryName
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.service import People


class ObjectNaming:
    """Names entries by their objects, in the language of the page."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)

    def name_entries(self, who: Reader, keys: Collection[EntryKey]) -> Mapping[EntryKey, EntryName]:
        """Names as far as `who` may see the objects; none to anybody but our own people."""
        found = self._exchange.list_entry_objects(who, keys) if who.local else {}
        values = parsed((each.stix_id, each.raw) for each in found.values() if each.raw is not None)
        spoken = spoken_titles(self._exchange, who, values)
        names = Names(self._people)
        return {
            key: EntryName(
                title=spoken.get(each.stix_id) or plainly(each.title),
                type=type_name(each.type),
                path=object_url(each.stix_id),
                by=names.person(each.by) if each.by else "",
            )
            for key, each in found.items()
        }
