"""Pages of partners: who they are, how the link to them does, and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.federation.model import ForkEvidence
from kouprey.federation.pages.health import Health
from kouprey.federation.rules import lane_tag
from kouprey.federation.service import Federation
from kouprey.federation.service.ledger import LaneView, Waiting
from kouprey.kernel.web.filters import ago
from kouprey.kernel.web.language import _, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import KoupreyError, Unknown
from kouprey.kernel.words.time import wall_clock
from kouprey.people.model import Membership, Party, Permission, roles_with
from kouprey.people.service import People

AGREEMENT_STATES = {
    State.DRAFT: (mark("draft"), "info"),
    State.PROPOSED: (mark("awaits signatures"), "warn"),
    State.IN_FORCE: (mark("in force"), "good"),
    State.NOT_YET: (mark("not yet in force"), "info"),
    State.SUSPENDED: (mark("suspended"), "bad"),
    State.ENDED: (mark("ended"), "idle"),
    State.SUPERSEDED: (mark("superseded"), "idle"),
}


@dataclass(frozen=True)
class Partner:
    """A party with its link (None = none), what waits for it, and the lanes between us."""

    party: Party
    link: Any
    waiting: Waiting
    lanes: list[LaneView]
    kin: list[Membership]
    """What is written down of who belongs to it and what it belongs to."""
    health: Health

    @property
    def groups(self) -> list[str]:
        """The parties it belongs to."""
        return [each.party for each in self.kin if each.member == self.party.id]

    @property
    def members(self) -> list[str]:
        """The parties that belong to it."""
        return [each.member for each in self.kin if each.party == self.party.id]

    @property
    def quarantined(self) -> int:
        """Entries of theirs that were kept and not applied."""
        return sum(lane.quarantined for lane in self.lanes if lane.author == self.party.id)

    @property
    def state(self) -> tuple[str, str]:
        """How the link does, and its tone."""
        link = self.link
        if link is None:
            return _("no link"), "idle"
        if link.paused:
            return _("paused"), "warn"
        if link.failures:
            return (_("not reached"), "bad") if link.down_since else (_("reached, not all is well"), "warn")
        return (_("connected"), "good") if link.last_ok else (_("not tried yet"), "idle")

    @property
    def last(self) -> Markup:
        """When something was last exchanged over the link, in words; "" without a link."""
        if self.link is None:
            return Markup("")
        if not self.link.last_ok:
            return escape(_("never reached"))
        if self.link.down_since and not self.link.paused:
            times = {"a": ago(self.link.down_since), "b": ago(self.link.last_ok)}
            return escape(_("not reached since %(a)s, the last time %(b)s")) % times
        return escape(_("last reached %(a)s")) % {"a": ago(self.link.last_ok)}


def _shown(stored: Any, evidence: ForkEvidence) -> dict[str, Any]:
    """A proof for people: where, found by whom and when, and both checkpoints as size and root."""
    both = [note.split("\n")[1:3] for note in (evidence.checkpoint_a, evidence.checkpoint_b)]
    equal = both[0][0] == both[1][0]
    return {
        "tag": lane_tag(stored.origin),
        "at": stored.at,
        "found_by": stored.found_by,
        "checkpoints": both,
        "entry": None if equal else evidence.index,
    }


def count_waiting(waiting: Waiting) -> str:
    """`3 waiting`, or that nothing is."""
    if not waiting.total:
        return _("nothing waits")
    return ngettext("%(n)s waiting", "%(n)s waiting", waiting.total) % {"n": waiting.total}


class Partners:
    """The overview of all and the page of each."""

    def __init__(self, federation: Federation, agreements: Agreements, people: People) -> None:
        self._federation = federation
        self._agreements = agreements
        self._people = people

    def _list(self, only: str = "") -> list[Partner]:
        links = {link.party: link for link in self._federation.links.list_links()}
        waiting = {each.party: each for each in self._federation.ledger.list_waiting()}
        kin = self._people.list_memberships()
        days = self._federation.links.history.days_of_all()
        return [
            Partner(
                party,
                links.get(party.id),
                waiting.get(party.id, Waiting(party.id)),
                self._federation.ledger.list_lanes(party=party.id),
                [each for each in kin if party.id in (each.party, each.member)],
                Health(days.get(party.id, ())),
            )
            for party in self._people.list_parties()
            if not party.home and only in ("", party.id)
        ]

    def _get(self, request: Request) -> Partner:
        found = self._list(self._people.get_party(request.path_params["party"]).id)
        if not found:
            raise Unknown("That is this node itself.", "", "Choose a partner.", code="own-party")
        return found[0]

    def overview(self, request: Request) -> Response:
        return self._render(request, "partners", partners=self._list())

    def live(self, request: Request) -> Response:
        """The changing part of the overview alone."""
        return self._render(request, "partners_live", partners=self._list())

    def one(self, request: Request) -> Response:
        return self._one(request, self._get(request))

    def evidence(self, request: Request) -> Response:
        """A proof against a partner as a file anybody can verify."""
        party, tag = self._get(request).party.id, request.path_params["tag"]
        made = self._federation.evidence.export_by_tag(party, tag)
        headers = {"Content-Disposition": f'attachment; filename="{party}-{tag[:12]}.fork"'}
        return Response(made, media_type="application/x-ndjson", headers=headers)

    def _one(self, request: Request, partner: Partner, status: int = 200, **more: Any) -> Response:
        now, party = wall_clock(), partner.party.id
        standings = [each for each in self._agreements.standings().values() if party in each.parties]
        names = {each.id: each.name for each in self._people.list_parties()}
        callers = {each.id: each.name for each in self._people.list_persons()}
        values = {"offered": None, "error": None, "url": partner.link.url if partner.link else "", **more}
        if not values["url"] and partner.party.card.urls:
            values["url"] = partner.party.card.urls[0]
        return self._render(
            request,
            "partner",
            status,
            partner=partner,
            words=self._people.fingerprint(party),
            proven=[_shown(*each) for each in self._federation.evidence.list_proven(party)],
            names=names,
            callers=callers,
            standings=[(each, AGREEMENT_STATES[each.state(now)]) for each in standings],
            **values,
        )

    def _render(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        may_link = bool(set(request.who.roles) & set(roles_with(Permission.LINK)))
        values |= {"may_link": may_link, "count_waiting": count_waiting}
        return request.render(f"federation/{template}.html", status, **values)

    def link(self, request: Request) -> Response:
        partner = self._get(request)
        url, private = request.field("url"), request.field("private") == "yes"
        try:
            self._federation.links.add(partner.party.id, url, allow_private=private, by=request.reader.name)
        except KoupreyError as error:
            return self._one(request, partner, error.http_status, error=error, url=url)
        return self._back(request, _("The address is kept. It is tried at once."))

    def add_member(self, request: Request) -> Response:
        partner = self._get(request)
        pair = (partner.party.id, request.field("other"))
        party, member = pair if request.field("as") == "member" else pair[::-1]
        try:
            self._people.add_member(party, member, because=request.field("because"), by=request.reader.name)
        except KoupreyError as error:
            return self._one(request, partner, error.http_status, error=error)
        return self._back(request, _("Written down. Nobody may see or do anything more by it."))

    def remove_member(self, request: Request) -> Response:
        here, party, member = self._get(request).party.id, request.field("of"), request.field("member")
        if here not in (party, member):
            raise Unknown("That is about other parties.", "", "Open the page of one of them.", code="unknown-member")
        self._people.remove_member(party, member, by=request.reader.name)
        return self._back(request, _("Taken off. What it was stays in the audit."))

    def pause(self, request: Request) -> Response:
        party = self._get(request).party.id
        self._federation.links.pause(party, paused=True, by=request.reader.name)
        return self._back(request, _("Paused. Nothing is lost: what is published waits."), "warn")

    def resume(self, request: Request) -> Response:
        party = self._get(request).party.id
        self._federation.links.pause(party, paused=False, by=request.reader.name)
        return self._back(request, _("The link is in use again."))

    def exchange_now(self, request: Request) -> Response:
        self._federation.links.wake(self._get(request).party.id)
        return self._back(request, _("The exchange was started; look again in a moment."), "info")

    def test(self, request: Request) -> Response:
        """Call the partner once and show what it says it has, beside what we hold."""
        partner = self._get(request)
        try:
            offered = self._federation.links.test(partner.party.id)
        except KoupreyError as error:
            return self._one(request, partner, error.http_status, error=error)
        held = {lane.origin: lane.size for lane in partner.lanes}
        return self._one(request, partner, offered=[(lane, held.get(lane.origin, 0)) for lane in offered])

    def _back(self, request: Request, said: str, kind: str = "good") -> Response:
        return request.redirect(f"/partners/{request.path_params['party']}", said, kind)
