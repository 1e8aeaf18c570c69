"""What waits for a person: by what they may do, with the page on which it is done."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.exchange.pages.naming import Names, may
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.pages.saved import offered
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import _, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import Instant, wall_clock
from kouprey.people.model import DelegationState, Permission
from kouprey.people.service import People

NEWS = 4
"""Saved searches with news that are named."""


@dataclass(frozen=True)
class Partner:
    """How it stands with a party: `tone` and `state` of the link, when it last worked (0: never), and how many entries
    it has not confirmed."""

    party: str
    name: str
    state: str
    tone: str
    waiting: int
    last_ok: Instant = 0


@dataclass(frozen=True)
class Need:
    """Something somebody here has to look at."""

    title: str
    text: str
    url: str
    icon: str


class Waiting:
    """What is asked of the services for one person."""

    def __init__(self, services: Services) -> None:
        self._federation = services.get(Federation)
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def needs(self, request: Request, who: Reader, names: Names, partners: list[Partner], whole: bool) -> list[Need]:
        """Everything, the most pressing first; `whole` says that quarantine and queues may be counted for them."""
        return [
            *self._of_person(request),
            *self._unsigned(),
            *self._of_links(partners),
            *(self._quarantine() if whole else ()),
            *(self._delegations(request) if may(request, Permission.PEOPLE) else ()),
            *(self._approvals(who) if may(request, Permission.RELEASE) else ()),
            *(self._asked(who) if may(request, Permission.PUBLISH) else ()),
            *self._from_above(request),
            *self._deeds(who),
            *self._renewal(),
            *self._news(who, names),
        ]

    def _of_person(self, request: Request) -> list[Need]:
        with suppress(Unknown):
            person = self._people.get_person(request.reader.name)
            if person.id == request.reader.name and not self._people.has_second_factor(person):
                text = _("An authenticator app or a passkey keeps a stolen password from being enough.")
                return [Need(_("Set up a second factor"), text, request.site.own or "/me", "lock")]
        return []

    def _from_above(self, request: Request) -> list[Need]:
        """What capabilities say that stand on the exchange."""
        who = replace(request.reader, roles=tuple(request.who.roles))
        return [Need(*each) for tell in self._exchange.needs.values() for each in tell(who)]

    def _unsigned(self) -> list[Need]:
        """Versions of agreements that others have signed and we have not."""
        now, home = wall_clock(), self._people.home_id
        ended = {s.agreement for s in self._agreements.standings().values() if s.state(now) is State.ENDED}
        return [
            Need(
                _("Sign an agreement"), plainly(version.document.title), f"/agreements/{version.agreement}", "agreement"
            )
            for version in self._agreements.list_versions()
            if version.signers and home in version.missing and version.agreement not in ended
        ]

    @staticmethod
    def _of_links(partners: list[Partner]) -> list[Need]:
        return [
            Need(
                _("Send a parcel to %(party)s") % {"party": partner.name},
                _("The link is cut and something waits; it can be carried by hand."),
                f"/partners/{partner.party}",
                "parcel",
            )
            if partner.waiting
            else Need(
                _("The link to %(party)s is cut") % {"party": partner.name},
                _("It is tried again by itself; look at what hinders it."),
                f"/partners/{partner.party}",
                "link-cut",
            )
            for partner in partners
            if partner.tone == "bad"
        ]

    def _quarantine(self) -> list[Need]:
        count = len(self._federation.ledger.list_quarantined())
        if not count:
            return []
        text = ngettext("%(n)s entry could not be applied.", "%(n)s entries could not be applied.", count)
        return [Need(_("Look into the quarantine"), text % {"n": count}, "/quarantine", "shield")]

    def _delegations(self, request: Request) -> list[Need]:
        now = wall_clock()
        waiting = [
            each
            for each in self._people.list_delegations()
            if each.state(now) is DelegationState.UNCONFIRMED and each.recorded_by != request.reader.name
        ]
        if not waiting:
            return []
        text = ngettext("%(n)s waits for a second person.", "%(n)s wait for a second person.", len(waiting))
        return [Need(_("Confirm a delegation"), text % {"n": len(waiting)}, "/people/delegations", "key")]

    def _asked(self, who: Reader) -> list[Need]:
        """What partners said of something they gave or were given, and nobody here has answered."""
        asked = self._exchange.list_asked(who)
        if not asked:
            return []
        text = ngettext("%(n)s waits for an answer.", "%(n)s wait for an answer.", len(asked)) % {"n": len(asked)}
        return [Need(_("Answer a partner"), text, "/concerns", "undo")]

    def _approvals(self, who: Reader) -> list[Need]:
        """What waits for this person's word, and what was sent in an emergency and is to be looked at."""
        hinders = self._exchange.hinders(self._exchange.list_approvals(who), who.name)
        mine = [each for each, ground in hinders.items() if ground is None]
        unreviewed = [each for each in self._exchange.list_unreviewed(who) if each.asked_by != who.name]
        needs = []
        if mine:
            text = ngettext("%(n)s object waits for your word.", "%(n)s objects wait for your word.", len(mine))
            needs.append(Need(_("Release or decline"), text % {"n": len(mine)}, "/approvals", "check"))
        if unreviewed:
            text = ngettext("%(n)s was sent without waiting.", "%(n)s were sent without waiting.", len(unreviewed)) % {
                "n": len(unreviewed)
            }
            needs.append(Need(_("Review what went in an emergency"), text, "/approvals", "warn"))
        return needs

    def _deeds(self, who: Reader) -> list[Need]:
        return [
            Need(_("Something you began stands still"), plainly(deed.trouble), f"/intelligence/many/{deed.id}", "warn")
            for deed in self._exchange.list_deeds(by=who.name, limit=20)
            if deed.trouble and not deed.ended
        ]

    def _renewal(self) -> list[Need]:
        part = self._exchange.renewed()
        if part >= 1:
            return []
        text = _("It goes on by itself: %(part)s %% are judged and indexed anew. Until then a search may miss some.")
        return [Need(_("Held objects follow new rules"), text % {"part": int(part * 100)}, "/intelligence", "clock")]

    def _news(self, who: Reader, names: Names) -> list[Need]:
        found: list[Any] = [each for each in offered(self._exchange, names, who, who.name) if each.news.count]
        needs = []
        for each in found[:NEWS]:
            count = each.news.count
            text = ngettext("%(n)s new hit", "%(n)s new hits", count)
            said = text % {"n": number(count) + ("+" if each.news.more else "")}
            needs.append(Need(each.name, said, each.url, "search"))
        return needs
