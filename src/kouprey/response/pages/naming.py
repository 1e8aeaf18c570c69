"""How pages of response call people, parties, objects, and entries of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kouprey.exchange.service import Exchange
from kouprey.federation.service import EntryKey, EntryName
from kouprey.kernel.web.language import _
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.ids import stix_type
from kouprey.people.service import People
from kouprey.response.service import HandOffs
from kouprey.response.wire.words import plain

MOST_NAMED = 20


class Names:
    """Parties by the names on their cards, people of ours and `contacts` (id -> name) by theirs."""

    def __init__(self, people: People, contacts: Mapping[str, str] = MappingProxyType({})) -> None:
        self._parties = {**contacts, **{party.id: party.name for party in people.list_parties()}}
        self._persons = {person.id: person.name for person in people.list_persons()}

    def party(self, party: str) -> str:
        """The name on the party's card, else its id."""
        return plain(self._parties.get(party, party))

    def source(self, name: str) -> str:
        """One of the names of sources in a list: a party's id, somebody of ours, or a file's name."""
        return self.party(name) if name in self._parties else self.person(name)

    def person(self, by: str) -> str:
        """Somebody of ours by the id that acts; commands act as the operator, and reports are taken in by the node."""
        if by.startswith("contact:"):
            return self.party(by.removeprefix("contact:"))
        ours = {"operator": _("the operator of this node"), "node": _("this node")}
        return plain(self._persons.get(by) or ours.get(by, by))


class Ref(NamedTuple):
    """Something a request is about: as it was written, and its title and page where the reader may see it."""

    text: str
    title: str = ""
    path: str = ""


def name_refs(exchange: Exchange, who: Reader, refs: Iterable[str]) -> list[Ref]:
    """What is named, as far as the reader sees it."""
    named = []
    for number, ref in enumerate(refs):
        made = Ref(plain(ref))
        if stix_type(ref) and number < MOST_NAMED:
            try:
                found = exchange.get_object(who, ref)
            except KoupreyError:
                pass
            else:
                made = Ref(plain(ref), plain(found.newest.served.title or ref), f"/intelligence/{ref}")
        named.append(made)
    return named


class HandOffNaming:
    """Names entries of lanes by the hand-off they belong to."""

    def __init__(self, services: Services) -> None:
        self._handoffs = services.get(HandOffs)
        self._people = services.get(People)

    def name_entries(self, who: Reader, keys: Collection[EntryKey]) -> Mapping[EntryKey, EntryName]:
        """Names as far as `who` may see the hand-offs; none to anybody but our own people."""
        names = Names(self._people)
        return {
            key: EntryName(
                title=plain(title),
                type=_("Hand-off"),
                path=f"/handoffs/{handoff}",
                by=names.person(by) if by else "",
            )
            for key, (handoff, title, by) in self._handoffs.name_entries(who, keys).items()
        }


__all__ = ["HandOffNaming", "Names", "Ref", "name_refs", "plain"]
