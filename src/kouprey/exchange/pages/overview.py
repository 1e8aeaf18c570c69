"""The overview: what came lately, what is held, what was seen, what waits for partners, and what needs somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Counts, Event
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import (
    SPOKEN,
    Named,
    Names,
    bodies,
    may,
    name_objects,
    reader_of,
    spoken_titles,
)
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.comments import count_of
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

RECENT = 12
SEEN = 5
ENDING = 8
BARS = 8


@dataclass(frozen=True)
class Recent:
    """A line of recent activity."""

    event: Event
    title: str
    source: str
    url: str


@dataclass(frozen=True)
class Seen:
    """Somebody saw something."""

    what: Named
    times: int
    source: str
    at: Instant
    url: str


@dataclass(frozen=True)
class Partner:
    """How it stands with a party: `tone` and `state` of the link, and how many entries it has not confirmed."""

    party: str
    name: str
    state: str
    tone: str
    waiting: int


@dataclass(frozen=True)
class Need:
    """Something somebody here has to look at."""

    title: str
    text: str
    url: str
    icon: str


def doors(services: Services) -> list[Door]:
    """The page, and the part of it that is fetched again and again."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)

    def show(request: Request) -> Response:
        return request.render("exchange/overview.html", **desk.state(request))

    def now(request: Request) -> Response:
        return request.render("exchange/overview_now.html", **desk.state(request))

    return [page("/", show, roles=roles), page("/overview/now", now, roles=roles)]


class _Desk:
    """What the overview asks of the services."""

    def __init__(self, services: Services) -> None:
        self._federation = services.get(Federation)
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def state(self, request: Request) -> dict[str, Any]:
        """Everything the templates show."""
        who = reader_of(request)
        counts = self._exchange.counts(who)
        names = Names(self._people)
        # What waits and what is quarantined is counted whatever its marking: for those who may know of all of it.
        whole = who.clearance is TLP.RED or may(request, Permission.LINK)
        partners = self._partners(names, whole)
        standings = self._agreements.standings()
        return {
            "counts": counts,
            "types": _by_type(counts),
            "levels": [(level.text, counts.by_tlp[level]) for level in sorted(counts.by_tlp) if counts.by_tlp[level]],
            "recent": self._recent(who, names),
            "seen": self._seen(who, names),
            "ending": [(each, object_url(each.stix_id)) for each in self._exchange.list_ending(who, ENDING)],
            "partners": partners,
            "waiting": sum(partner.waiting for partner in partners),
            "cut": [partner.name for partner in partners if partner.tone == "bad"],
            "whole": whole,
            "needs": self._needs(partners, len(self._federation.ledger.list_quarantined()) if whole else 0),
            "fresh": not counts.total,
            "steps": (bool(partners), any(s.signed for s in standings.values()), bool(counts.total)),
            "may_import": may(request, Permission.WRITE),
            "type_name": type_name,
        }

    def _recent(self, who: Reader, names: Names) -> list[Recent]:
        events = self._exchange.list_recent(who, RECENT)
        spoken = self._spoken(who, [event.stix_id for event in events if event.type in SPOKEN])
        return [
            Recent(event, spoken.get(event.stix_id, event.title), names.source(event.source), object_url(event.stix_id))
            for event in events
        ]

    def _spoken(self, who: Reader, ids: list[str]) -> dict[str, str]:
        return spoken_titles(self._exchange, who, bodies(self._exchange, who, ids))

    def _seen(self, who: Reader, names: Names) -> list[Seen]:
        heads = self._exchange.list_objects(who, types=("sighting",), limit=SEEN).heads
        values = bodies(self._exchange, who, [head.stix_id for head in heads])
        targets = {stix_id: str(value.get("sighting_of_ref", "")) for stix_id, value in values.items()}
        named = name_objects(self._exchange, who, targets.values())
        return [
            Seen(
                named[targets[head.stix_id]],
                count_of(values[head.stix_id]),
                ", ".join(names.named(source) for source in head.sources),
                head.position,
                object_url(head.stix_id),
            )
            for head in heads
            if head.stix_id in targets
        ]

    def _partners(self, names: Names, whole: bool) -> list[Partner]:
        links = {link.party: link for link in self._federation.links.list_links()}
        waiting = self._waiting() if whole else {}
        found = []
        for party in self._people.list_parties():
            if party.home:
                continue
            link = links.get(party.id)
            if link is None:
                state, tone = _("no link"), "idle"
            elif link.paused:
                state, tone = _("paused"), "idle"
            elif link.failures:
                state, tone = _("link cut"), "bad"
            elif link.last_ok:
                state, tone = _("connected"), "good"
            else:
                state, tone = _("not tried yet"), "idle"
            found.append(Partner(party.id, names.party(party.id), state, tone, waiting.get(party.id, 0)))
        return found

    def _waiting(self) -> dict[str, int]:
        """Party -> publications it has not confirmed."""
        return {each.party: each.total for each in self._federation.ledger.list_waiting()}

    def _needs(self, partners: list[Partner], quarantined: int) -> list[Need]:
        needs = [
            Need(
                _("Sign an agreement"), plainly(version.document.title), f"/agreements/{version.agreement}", "agreement"
            )
            for version in self._unsigned()
        ]
        if quarantined:
            text = ngettext("%(n)s entry could not be applied.", "%(n)s entries could not be applied.", quarantined)
            needs.append(Need(_("Look into the quarantine"), text % {"n": quarantined}, "/quarantine", "shield"))
        if (part := self._exchange.renewed()) < 1:
            needs.append(
                Need(
                    _("Held objects follow new rules"),
                    _(
                        "It goes on by itself: %(part)s %% are judged and indexed anew."
                        " Until then a search may miss some."
                    )
                    % {"part": int(part * 100)},
                    "/intelligence",
                    "intelligence",
                )
            )
        needs += [
            Need(
                _("Send a parcel to %(party)s") % {"party": partner.name},
                _("The link is cut and something waits; it can be carried by hand."),
                f"/partners/{partner.party}",
                "parcel",
            )
            for partner in partners
            if partner.waiting and partner.tone == "bad"
        ]
        return needs

    def _unsigned(self) -> list[Any]:
        """Versions that others have signed and we have not."""
        now, home = wall_clock(), self._people.home_id
        ended = {s.agreement for s in self._agreements.standings().values() if s.state(now) is State.ENDED}
        return [
            version
            for version in self._agreements.list_versions()
            if version.signers and home in version.missing and version.agreement not in ended
        ]


def _by_type(counts: Counts) -> list[tuple[str, int]]:
    """The most frequent types, and all others together."""
    ranked = sorted(counts.by_type.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [(type_name(type_), count) for type_, count in ranked[:BARS]]
    rest = sum(count for _type, count in ranked[BARS:])
    return [*rows, (_("Others"), rest)] if rest else rows
