"""The overview: what came lately, what is held, what was seen, what waits for partners, and what needs somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Counts, Event
from kouprey.exchange.pages.daily import chart_of, compared
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
from kouprey.exchange.pages.reading import type_name
from kouprey.exchange.pages.waiting import Partner, Waiting
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.comments import count_of
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, joined
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import Instant
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


def doors(services: Services) -> list[Door]:
    """The page, and the part of it that is fetched again and again."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)

    def show(request: Request) -> Response:
        if request.reader.constituents:
            # Whatever leads to the first page leads them to theirs.
            return request.redirect(request.site.hosted)
        return request.render("exchange/overview.html", **desk.state(request))

    def now(request: Request) -> Response:
        return request.render("exchange/overview_now.html", **desk.state(request))

    return [page("/", show, roles=roles, hosted=True), page("/overview/now", now, roles=roles)]


class _Desk:
    """What the overview asks of the services."""

    def __init__(self, services: Services) -> None:
        self._federation = services.get(Federation)
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._waiting_for = Waiting(services)

    def state(self, request: Request) -> dict[str, Any]:
        """Everything the templates show."""
        who = reader_of(request)
        counts = self._exchange.counts(who)
        names = Names(self._people)
        # What waits and what is quarantined is counted whatever its marking: for those who may know of all of it.
        whole = who.clearance is TLP.RED or may(request, Permission.LINK)
        partners = self._partners(names, whole)
        days = self._exchange.days(who)
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
            "whole": whole,
            "needs": self._waiting_for.needs(request, who, names, partners, whole),
            "chart": chart_of(days, names.named),
            "week": compared(days),
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
                joined(names.named(source) for source in head.sources),
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
            found.append(
                Partner(
                    party.id, names.party(party.id), state, tone, waiting.get(party.id, 0), link.last_ok if link else 0
                )
            )
        return found

    def _waiting(self) -> dict[str, int]:
        """Party -> publications it has not confirmed."""
        return {each.party: each.total for each in self._federation.ledger.list_waiting()}


def _by_type(counts: Counts) -> list[tuple[str, int]]:
    """The most frequent types, and all others together."""
    ranked = sorted(counts.by_type.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [(type_name(type_), count) for type_, count in ranked[:BARS]]
    rest = sum(count for _type, count in ranked[BARS:])
    return [*rows, (_("Others"), rest)] if rest else rows
