"""One object: what it says, who says so, how it changed, who saw it, and who may see it because of which clause."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import OBSERVABLE_TYPES, BodyView, ObjectView, PublicationView, VersionView
from kouprey.exchange.pages.around import AT_ONCE, around, read_depth
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, may, name_objects, reader_of, spoken_titles
from kouprey.exchange.pages.reading import (
    MOST_REFERENCES,
    DiffRow,
    difference,
    facts_of,
    plainly,
    pretty,
    references_in,
    texts_of,
    type_name,
    values_of,
)
from kouprey.exchange.pages.values import linked, others
from kouprey.exchange.rules import remedy
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Decision, Reader, Reason
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, wall_clock
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

NOT_SIGHTED = OBSERVABLE_TYPES | {
    "extension-definition",
    "language-content",
    "marking-definition",
    "relationship",
    "sighting",
}
"""STIX 2.1 section 5.2: a sighting is of a domain object."""

MOST_TIMES = 1_000_000
RAW_SHOWN = 200_000
"""Characters of a body that a page shows."""
MOST_FINDINGS = 50


@dataclass(frozen=True)
class Verdict:
    """Whether a party may see the newest version, and on which grounds."""

    party: str
    name: str
    decision: Decision


@dataclass(frozen=True)
class Given:
    """A publication, and for each party when we learnt that it holds it (0: not yet)."""

    publication: PublicationView
    parties: list[tuple[str, Instant]]


@dataclass(frozen=True)
class Conflict:
    """A body that differs from the one that is served, line by line."""

    body: BodyView
    rows: list[DiffRow]


def doors(services: Services) -> list[Door]:
    """The page of an object, and the form that says it was seen."""
    view = _View(services)

    def show(request: Request) -> Response:
        return view.show(request)

    def sight(request: Request) -> Response:
        return view.sight(request)

    path = "/intelligence/{stix_id}"
    return [
        page(path, show, roles=roles_with(Permission.READ)),
        page(f"{path}/sight", sight, "POST", roles=roles_with(Permission.WRITE)),
    ]


class _View:
    """What the page asks of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._federation = services.get(Federation)

    def show(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        served = found.newest.served
        value = decode(served.raw)
        facts = facts_of(value)
        references = references_in(facts)
        named = name_objects(self._exchange, who, references[:MOST_REFERENCES])
        title = spoken_titles(self._exchange, who, {found.stix_id: value}).get(found.stix_id, found.title)
        depth = read_depth(request.query_params.get("depth", ""))
        raw = pretty(served.raw)
        return request.render(
            "exchange/object.html",
            found=found,
            title=title,
            kind=type_name(found.type),
            texts=texts_of(value),
            facts=facts,
            named=named,
            unnamed=max(0, len(references) - len(named)),
            observables=linked(self._exchange, value),
            around=around(self._exchange, who, found.stix_id, title=title, depth=depth),
            at_once=AT_ONCE,
            values=others(self._exchange, value, values_of(value)),
            names=Names(self._people),
            conflicts=_conflicts(found.newest),
            invalid=sum(one.severity == "must" for one in served.findings),
            remedy=remedy,
            most_findings=MOST_FINDINGS,
            mine=self._agreements.decide([a.label for b in found.newest.bodies for a in b.assertions], who),
            verdicts=self._verdicts(who, found),
            given=self._given(found),
            raw=raw[:RAW_SHOWN],
            cut=len(raw) > RAW_SHOWN,
            may_publish=may(request, Permission.PUBLISH),
            may_sight=may(request, Permission.WRITE) and found.type not in NOT_SIGHTED,
            agreements=publishable(self._agreements),
            clause_url=clause_url,
            type_name=type_name,
            url=object_url(found.stix_id),
            object_url=object_url,
            plain=plainly,
        )

    def _given(self, found: ObjectView) -> list[Given]:
        """Every publication with who has confirmed it, in the order of the publications."""
        places = self._federation.ledger.find_places([each.number for each in found.publications])
        made = []
        for each in found.publications:
            place = places.get(each.number)
            confirmed = {party: learnt for party, _said, learnt in place.confirmed} if place is not None else {}
            made.append(Given(each, [(party, confirmed.get(party, 0)) for party in each.parties]))
        return made

    def _verdicts(self, who: Reader, found: ObjectView) -> list[Verdict]:
        """For every party we know: may it see this?"""
        made = []
        for party in self._people.list_parties():
            if not party.home:
                explained = self._exchange.explain(found.stix_id, party.id, who=who)
                made.append(Verdict(party.id, plainly(party.name), explained.decision))
        return made

    def sight(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        back = object_url(found.stix_id)
        text = request.field("count", longest=20) or "1"
        count = int(text) if text.isascii() and text.isdigit() else 0
        if not 1 <= count <= MOST_TIMES:
            return request.redirect(
                back, _("Write how often it was seen as a whole number from 1 to 1,000,000."), "bad"
            )
        try:
            note = request.field("note", longest=5_000)
            sighted = self._exchange.sight(found.stix_id, who=who, by=who.name, count=count, description=note)
        except KoupreyError as error:
            return request.redirect(back, str(error), "bad")
        told = [report for report in sighted.reports if report.queued]
        if not told:
            return request.redirect(back, _("Your sighting is kept here; nobody else is told of it."))
        said = ngettext(
            "Your sighting is kept, and the parties of %(n)s agreement are told.",
            "Your sighting is kept, and the parties of %(n)s agreements are told.",
            len(told),
        )
        return request.redirect(back, said % {"n": len(told)})


def publishable(agreements: Agreements) -> list[tuple[str, str]]:
    """(id, title) of the agreements something may be published to now."""
    now = wall_clock()
    standings = sorted(agreements.standings().values(), key=lambda standing: standing.title)
    return [(s.agreement, plainly(s.title)) for s in standings if s.state(now) is State.IN_FORCE]


def clause_url(reason: Reason) -> str:
    """Where the clause stands that a reason rests on; "" when it rests on none."""
    if not reason.agreement:
        return ""
    return f"/agreements/{reason.agreement}" + (f"#clause-{reason.clause}" if reason.clause else "")


def _conflicts(version: VersionView) -> list[Conflict]:
    served = version.served
    return [Conflict(body, difference(served.raw, body.raw)) for body in version.bodies if body is not served]
