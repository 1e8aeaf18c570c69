"""One object: what it says, who says so, how it changed, who saw it, and who may see it because of which clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import OBSERVABLE_TYPES, ObjectView, PublicationView
from kouprey.exchange.model.weighing import OPINIONS, Weighed
from kouprey.exchange.pages.around import AT_ONCE, around, read_depth
from kouprey.exchange.pages.drafts import QUESTIONS
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, may, name_objects, reader_of, spoken_titles
from kouprey.exchange.pages.reading import (
    MOST_REFERENCES,
    facts_of,
    plainly,
    pretty,
    references_in,
    texts_of,
    type_name,
    values_of,
)
from kouprey.exchange.pages.values import linked, others
from kouprey.exchange.pages.weighed import (
    CONFIDENCE_NAMES,
    OPINION_NAMES,
    STATE_NAMES,
    TONES,
    conflicts_of,
    differences,
    listed,
    opinions,
    sighted,
    spoken,
    why_served,
)
from kouprey.exchange.rules import remedy
from kouprey.exchange.rules.assertions import confidence_word
from kouprey.exchange.rules.merging import NEVER_MERGED
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Decision, Reader, Reason
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
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

NOT_WEIGHED = frozenset(
    {
        "extension-definition",
        "identity",
        "language-content",
        "location",
        "marking-definition",
        "note",
        "opinion",
        "sighting",
    }
)
"""They are no intelligence whose worth one could ask for."""
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


def doors(services: Services) -> list[Door]:
    """The page of an object, and the one that compares two of its versions."""
    view = _View(services)
    path, roles = "/intelligence/{stix_id}", roles_with(Permission.READ)
    return [page(path, view.show, roles=roles), page(f"{path}/compare", view.compare, roles=roles)]


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
        weighed = self._exchange.weigh(who, found)
        named = name_objects(self._exchange, who, references[:MOST_REFERENCES])
        title = spoken_titles(self._exchange, who, {found.stix_id: value}).get(found.stix_id, found.title)
        depth = read_depth(request.query_params.get("depth", ""))
        raw = pretty(served.raw)
        names = Names(self._people)
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
            names=names,
            conflicts=conflicts_of(found.newest),
            **self._said(who, found, weighed, names),
            invalid=sum(one.severity == "must" for one in served.findings),
            remedy=remedy,
            most_findings=MOST_FINDINGS,
            mine=self._agreements.decide([a.label for b in found.newest.bodies for a in b.assertions], who),
            verdicts=self._verdicts(who, found),
            given=self._given(found),
            raw=raw[:RAW_SHOWN],
            cut=len(raw) > RAW_SHOWN,
            may_publish=may(request, Permission.PUBLISH),
            may_erase=may(request, Permission.ERASE) and who.local and who.clearance is TLP.RED,
            may_say=may(request, Permission.WRITE),
            **self._coached(request, who, found),
            may_sight=found.type not in NOT_SIGHTED,
            may_merge=found.type not in NEVER_MERGED,
            agreements=publishable(self._agreements),
            clause_url=clause_url,
            type_name=type_name,
            url=object_url(found.stix_id),
            object_url=object_url,
            plain=plainly,
        )

    def _said(self, who: Reader, found: ObjectView, weighed: Weighed, names: Names) -> dict[str, Any]:
        """What the panels about assertions and comments show."""
        authors = {assertion.created_by for assertion in weighed.assertions} | {
            each.created_by for each in weighed.comments
        }
        seen = sighted(weighed, names)
        return {
            "weighed": weighed,
            "state": _(STATE_NAMES[weighed.assessment.state]),
            "tone": TONES[weighed.assessment.state],
            "spoken": spoken,
            "is_weighed": found.type not in NOT_WEIGHED,
            "authors": name_objects(self._exchange, who, authors - {""}),
            "confidence": lambda given: _(CONFIDENCE_NAMES[confidence_word(given)]),
            "why_served": why_served(weighed),
            "sighted": seen,
            "times_seen": found.times_seen if weighed.more or seen is None else seen.times,
            "opinions": opinions(weighed),
            "held": [each for each in listed(weighed, "opinion") if each.opinion],
            "notes": listed(weighed, "note"),
            "opinion_names": {name: _(text) for name, text in OPINION_NAMES.items()},
            "choices": [(each, _(OPINION_NAMES[each])) for each in reversed(OPINIONS)],
            "likely": [
                each
                for each in self._exchange.list_likely(who, found)
                if each.stix_id not in {other.stix_id for other in weighed.same}
            ],
        }

    def _coached(self, request: Request, who: Reader, found: ObjectView) -> dict[str, Any]:
        """For what we have written ourselves: whether it may be edited, and what its readers would still ask."""
        editable = may(request, Permission.WRITE) and self._exchange.may_edit(found)
        return {
            "may_edit": editable,
            "asked_of": self._exchange.ask_of(who, found) if editable else None,
            "question": lambda asks: _(QUESTIONS[asks]),
        }

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

    def compare(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        versions = {str(version.instant): version for version in found.versions}
        older, newer = (versions.get(request.query_params.get(name, "")) for name in ("older", "newer"))
        if older is None or newer is None:
            raise Unknown(
                mark("There are no two such versions."),
                mark("One of them is not held here, or you may not see it."),
                mark("Choose two from the list of versions of the object."),
                code="unknown-version",
            )
        return request.render(
            "exchange/compare.html",
            title=found.title,
            url=object_url(found.stix_id),
            older=older,
            newer=newer,
            rows=differences(older.served.raw, newer.served.raw),
            names=Names(self._people),
        )


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
