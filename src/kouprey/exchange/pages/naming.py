"""How a page calls things: objects by their titles as far as the reader sees them, and people by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.wire.titles import title_of
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.safejson import decode
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

SPOKEN = frozenset({"relationship", "sighting"})
"""Types whose own title is made of ids; people know them by what they are about."""


@dataclass(frozen=True)
class Named:
    """An object a page speaks of; `seen` says whether the reader may open it."""

    stix_id: str
    type: str
    title: str
    seen: bool


def reader_of(request: Request) -> Reader:
    """For whom a page is read: these pages tell what is given to whom, which is for our own people."""
    if not request.reader.local:
        raise Forbidden(
            mark("These pages are for people of this node's own party."),
            mark("A partner reads over TAXII and over links."),
            mark("Use /taxii2/ with the same token."),
            code="not-local",
        )
    return request.reader


def may(request: Request, permission: Permission) -> bool:
    """Whether to offer something; the door decides anew."""
    return bool(set(roles_with(permission)) & set(request.who.roles))


def bodies(exchange: Exchange, who: Reader, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The parsed bodies of those objects that `who` may see."""
    wanted = sorted(set(ids))[:500]
    if not wanted:
        return {}
    collection = exchange.get_collection(MAIN).id
    rows = exchange.page(who, collection, ids=wanted, limit=len(wanted)).rows
    return parsed((row.stix_id, row.raw) for row in rows)


def parsed(raws: Iterable[tuple[str, bytes]]) -> dict[str, dict[str, Any]]:
    """What bodies say; one that is damaged in the database is left out, so that a list is not lost for it."""
    values = {}
    for stix_id, raw in raws:
        with suppress(Damaged):
            values[stix_id] = decode(raw)
    return {stix_id: value for stix_id, value in values.items() if isinstance(value, dict)}


def name_objects(exchange: Exchange, who: Reader, ids: Iterable[str]) -> dict[str, Named]:
    """A name for every id; what the reader may not see, or nobody here holds, is called by its type alone."""
    wanted = list(dict.fromkeys(ids))
    held = bodies(exchange, who, wanted)
    spoken = spoken_titles(exchange, who, {i: v for i, v in held.items() if stix_type(i) in SPOKEN})
    named = {}
    for stix_id in wanted:
        kind = stix_type(stix_id) or ""
        seen = stix_id in held
        title = spoken.get(stix_id) or (title_of(held[stix_id], kind, stix_id) if seen else short(stix_id))
        named[stix_id] = Named(stix_id, kind, title, seen)
    return named


def spoken_titles(exchange: Exchange, who: Reader, values: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Titles of relationships and sightings by what they are about: `Wick control server 1 indicates Wick`."""
    ends = {stix_id: _ends(value) for stix_id, value in values.items()}
    wanted = {end for pair in ends.values() for end in pair if end}
    held = bodies(exchange, who, wanted)
    titles = {end: title_of(held[end], stix_type(end) or "", end) if end in held else short(end) for end in wanted}
    made = {}
    for stix_id, (first, second) in ends.items():
        if stix_type(stix_id) == "sighting" and first:
            made[stix_id] = _("Sighting of %(what)s") % {"what": titles[first]}
        elif first and second:
            verb = str(values[stix_id].get("relationship_type", ""))[:100].replace("-", " ")
            made[stix_id] = f"{titles[first]} {plainly(verb)} {titles[second]}"
    return made


def _ends(value: Mapping[str, Any]) -> tuple[str, str]:
    names = ("sighting_of_ref", "") if value.get("type") == "sighting" else ("source_ref", "target_ref")
    first, second = (value.get(name) for name in names)
    return (first if isinstance(first, str) else "", second if isinstance(second, str) else "")


def short(stix_id: str) -> str:
    """An id that is only pointed at: its type and the beginning of its number."""
    kind, _sep, number = stix_id.partition("--")
    return f"{type_name(kind)} {number[:8]}…"


class Names:
    """Names of parties and of our people, as they are written in labels, sources and publications.

    Without `ours` our people have none: they are not for other parties to know.
    """

    def __init__(self, people: People, *, ours: bool = True) -> None:
        self.ours = ours
        self._parties = {party.id: party.name for party in people.list_parties()}
        self._persons = {person.id: person.name for person in people.list_persons()} if ours else {}

    def person(self, by: str) -> str:
        """Somebody of ours by the id that acts in the audit; commands act as the operator."""
        return self._persons.get(by) or (_("the operator of this node") if by == "operator" else plainly(by))

    def party(self, party: str) -> str:
        """The name on the party's card, else its id."""
        return plainly(self._parties.get(party, party))

    def source(self, source: Source) -> str:
        """Who says a thing, in one word or two."""
        if source.kind is SourceKind.PARTY or not self.ours:
            return self.party(source.party)
        return self.person(source.name)

    def named(self, name: str) -> str:
        """One of the names of sources in a list: a party's id, a person's, or a file's name."""
        return plainly(self._parties.get(name) or self._persons.get(name) or name)
