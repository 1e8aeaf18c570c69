"""How a page calls things: objects by their titles as far as the reader sees them, and people by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kouprey.exchange.model import Head, Source, SourceKind
from kouprey.exchange.pages.reading import OPINION_NAMES, plainly, relation_name, type_name
from kouprey.exchange.service import MAIN, Exchange, ObjectName
from kouprey.exchange.wire.titles import title_of
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.safejson import decode
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PASTED_TEXT = mark("pasted text")
"""What is kept as the name of a source that had none; it is told in the language of whoever reads it."""
PASTED_TABLE = mark("pasted table")
SPOKEN = frozenset({"relationship", "sighting", "opinion"})
"""Types whose own title is made of ids or codes; people know them by what they are about."""


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
    """Titles of relationships, sightings and opinions by what they are about: `Wick server 1 indicates Wick`."""
    ends = {stix_id: _ends(value) for stix_id, value in values.items()}
    wanted = {end for pair in ends.values() for end in pair if end}
    held = bodies(exchange, who, wanted)
    titles = {end: title_of(held[end], stix_type(end) or "", end) if end in held else short(end) for end in wanted}
    # An opinion on a relationship names what the relationship names.
    about = {end: held[end] for end in wanted if end in held and stix_type(end) == "relationship"}
    if about:
        titles |= spoken_titles(exchange, who, about)
    made = {}
    for stix_id, (first, second) in ends.items():
        if stix_type(stix_id) == "sighting" and first:
            made[stix_id] = _("Sighting of %(what)s") % {"what": titles[first]}
        elif stix_type(stix_id) == "opinion" and first:
            said = _opinion(values[stix_id])
            made[stix_id] = _("Opinion on %(what)s: %(opinion)s") % {"what": titles[first], "opinion": said}
        elif first and second:
            verb = relation_name(str(values[stix_id].get("relationship_type", ""))[:100])
            made[stix_id] = f"{titles[first]} {verb} {titles[second]}"
    return made


class HeadNaming:
    """Calls objects on pages of others as our own pages do."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def name_heads(self, who: Reader, heads: Sequence[Head]) -> Mapping[str, ObjectName]:
        """A name for each head that was read for `who`, by its id."""
        speaking = bodies(self._exchange, who, (head.stix_id for head in heads if head.type in SPOKEN))
        spoken = spoken_titles(self._exchange, who, speaking)
        return {
            head.stix_id: ObjectName(
                spoken.get(head.stix_id) or plainly(head.title) or short(head.stix_id), type_name(head.type)
            )
            for head in heads
        }


def _opinion(value: Mapping[str, Any]) -> str:
    said = str(value.get("opinion", ""))[:100]
    return _(OPINION_NAMES[said]) if said in OPINION_NAMES else plainly(said)


def _ends(value: Mapping[str, Any]) -> tuple[str, str]:
    if value.get("type") == "opinion":
        about = value.get("object_refs")
        return (about[0], "") if isinstance(about, list) and about and isinstance(about[0], str) else ("", "")
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
        if by in (PASTED_TEXT, PASTED_TABLE):
            return _(by)
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
        return plainly(self._parties.get(name) or "") or self.person(name)
