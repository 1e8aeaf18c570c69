"""Giving: what would happen, party by party and clause by clause, and then the deed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from kouprey.agreements.model import CLAUSES, Standing
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import ObjectView, VersionView
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.given import given_of
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.marking import Reads, destinations, marking_of, split_destination
from kouprey.exchange.pages.naming import Named, Names, name_objects, reader_of, spoken_titles
from kouprey.exchange.pages.reading import MOST_REFERENCES, plainly, type_name
from kouprey.exchange.rules import may_version
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.references import prune, references
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Decision, Reader
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Permission, Role, roles_with
from kouprey.people.service import People


@dataclass(frozen=True)
class Foreseen:
    """What would become of it for one party: given or not, and without which references.

    `given` is when this very version was given to it before (0: never), `confirmed` when we learnt that it holds it.
    """

    party: str
    name: str
    decision: Decision
    given: Instant = 0
    confirmed: Instant = 0


def doors(services: Services) -> list[Door]:
    """The preview and the deed."""
    desk = _Desk(services)
    roles = roles_with(Permission.PUBLISH)

    def preview(request: Request) -> Response:
        return desk.preview(request)

    def publish(request: Request) -> Response:
        return desk.publish(request)

    path = "/intelligence/{stix_id}/publish"
    return [page(path, preview, roles=roles), page(path, publish, "POST", roles=roles)]


class _Desk:
    """What publishing one object asks of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._federation = services.get(Federation)

    def preview(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        chosen = self._agreement(request.query_params.get("agreement", ""))
        agreement, audience = split_destination(chosen)
        standing = self._agreements.get_standing(agreement)
        others = [party for party in standing.audience(audience) if party != self._people.home_id]
        foreseen = self._foreseen(who, found, others, agreement)
        withheld, unchecked = self._withheld(who, found, others, agreement)
        passed = self._exchange.foresee_publish(agreement, found.stix_id, who=who, audience=audience)
        travels = prune(found.newest.served.raw, {each.stix_id for each in withheld}) is not None
        already = any(label.agreement == agreement for label in _labels(found.newest))
        given = any(each.code == "published" for each in passed.because)
        reserved = self._reserved(found)
        return request.render(
            "exchange/publish.html",
            found=found,
            title=self._title(who, found),
            kind=type_name(found.type),
            standing=standing,
            agreement_title=plainly(standing.title),
            foreseen=foreseen,
            chosen=chosen,
            audience=plainly(audience),
            outside=self._outside(found, standing, audience, who),
            hosted=[
                Reads(plainly(name), made.allowed, made.because) for name, made in self._exchange.hosted_verdicts(found)
            ],
            withheld=withheld,
            unchecked=unchecked,
            travels=travels,
            already=already,
            given=given,
            reserved=reserved,
            # It goes to every party of the agreement or to none.
            goes=travels
            and not already
            and not given
            and reserved.allowed
            and all(each.decision.allowed for each in foreseen)
            and all(each.code != "source-right" for each in passed.because)
            and not (passed.withheld and standing.terms.references == "block"),
            waits=passed.because if passed.fate == "waiting" else (),
            barred=[each for each in passed.because if each.clause == CLAUSES["references"]],
            kept=[each for each in passed.because if each.code == "source-right"],
            urgent=passed.fate == "waiting" and standing.terms.emergency.tlp and Role.DUTY_OFFICER in request.who.roles,
            agreements=destinations(self._agreements),
            cite=Citing(self._people),
            marking=marking_of(self._exchange, self._people, who),
            plain=plainly,
            type_name=type_name,
            object_url=object_url,
            url=object_url(found.stix_id),
        )

    def _agreement(self, wanted: str) -> str:
        """The agreement asked for, else the only one; those not in force are no choice."""
        choices = [agreement for agreement, _title in destinations(self._agreements)]
        if wanted in choices:
            return wanted
        if not wanted and choices:
            return choices[0]
        if wanted in self._agreements.standings():
            # Why not now, with the clause; what follows is for an agreement that is not known at all.
            self._exchange.check_publish(wanted)
        raise Refused(
            mark("Nothing can be published to that agreement."),
            mark("No agreement of that name is in force on this node."),
            mark("Sign one with your partners first."),
            code="no-agreement",
        )

    def _foreseen(self, who: Reader, found: ObjectView, parties: Sequence[str], agreement: str) -> list[Foreseen]:
        names, before = Names(self._people), self._given_before(found)
        return [
            Foreseen(
                party,
                names.party(party),
                self._decision(found.stix_id, party, agreement, who),
                *before.get(party, (0, 0)),
            )
            for party in parties
        ]

    def _given_before(self, found: ObjectView) -> dict[str, tuple[Instant, Instant]]:
        """Party -> when the newest version was given to it, under whatever agreement, and when it confirmed it."""
        made: dict[str, tuple[Instant, Instant]] = {}
        for each in given_of(self._federation, found):
            if each.publication.version_text != found.newest.version_text:
                continue
            for party, confirmed in each.parties:
                given, learnt = made.get(party, (0, 0))
                made[party] = (max(given, each.publication.at), max(learnt, confirmed))
        return made

    def _outside(self, found: ObjectView, standing: Standing, audience: str, who: Reader) -> list[Foreseen]:
        """The parties to whom it is not sent, with what they may read all the same as it is marked."""
        names, inside = Names(self._people), (self._people.home_id, *standing.audience(audience))
        return [
            Foreseen(party, names.party(party), self._exchange.explain(found.stix_id, party, who=who).decision)
            for party in standing.parties
            if party not in inside
        ]

    def _decision(self, stix_id: str, party: str, agreement: str, who: Reader) -> Decision:
        explained = self._exchange.explain(stix_id, party, who=who, released=True)
        under = next((each.decision for each in explained.agreements if each.agreement == agreement), None)
        return explained.decision if under is None else under

    def _withheld(
        self, who: Reader, found: ObjectView, parties: Sequence[str], agreement: str
    ) -> tuple[list[Named], int]:
        """What this object refers to and some party may not see, and how many references were not looked at."""
        on_cards = {stix_id.lower() for stix_id in self._people.list_identities()}
        wanted = [
            ref
            for ref in references(decode(found.newest.served.raw))
            if ref != found.stix_id and ref.lower() not in on_cards
        ]
        named = name_objects(self._exchange, who, wanted[:MOST_REFERENCES])
        decided: dict[frozenset[Label], bool] = {}

        def may_go(stix_id: str) -> bool:
            labels = frozenset(_labels(self._exchange.list_versions(who, stix_id)[0]))
            if labels not in decided:
                readers = (self._agreements.party_reader(party) for party in parties)
                decided[labels] = any(label.agreement == agreement for label in labels) or all(
                    self._agreements.decide(labels, reader, under=agreement, released=True).allowed
                    for reader in readers
                )
            return decided[labels]

        withheld = [each for each in named.values() if each.seen and not may_go(each.stix_id)]
        return withheld, max(0, len(wanted) - MOST_REFERENCES)

    def _reserved(self, found: ObjectView) -> Decision:
        """Whether we may give this object a version at all: what others have reserved is theirs to publish."""
        cards: dict[str, list[str]] = {}
        for stix_id, party in self._people.list_identities().items():
            cards.setdefault(party, []).append(stix_id)
        creators = [body.created_by for version in found.versions for body in version.bodies]
        return may_version(None, self._people.home_id, cards, stix_id=found.stix_id, earlier_creators=creators)

    def _title(self, who: Reader, found: ObjectView) -> str:
        value = decode(found.newest.served.raw)
        return spoken_titles(self._exchange, who, {found.stix_id: value}).get(found.stix_id, found.title)

    def publish(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        agreement, audience = split_destination(self._agreement(request.field("agreement")))
        emergency = request.field("emergency", longest=1_000)
        report = self._exchange.publish(agreement, [found.stix_id], by=who.name, emergency=emergency, audience=audience)
        refused = [reason for why in report.refused for reason in why.because]
        return request.render(
            "exchange/published.html",
            found=found,
            title=self._title(who, found),
            kind=type_name(found.type),
            agreement_title=plainly(self._agreements.get_standing(agreement).title),
            report=report,
            refused=refused,
            cite=Citing(self._people),
            plain=plainly,
            type_name=type_name,
            url=object_url(found.stix_id),
        )


def _labels(version: VersionView) -> list[Label]:
    return [said.label for body in version.bodies for said in body.assertions]
