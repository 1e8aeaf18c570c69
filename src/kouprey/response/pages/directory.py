"""The directory: teams and what they say of themselves, who is competent, and what declines have taught."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, told
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.directory import Claim, Entry, Measured, Profile
from kouprey.response.pages import directorywords as words
from kouprey.response.pages.naming import Names, plain
from kouprey.response.pages.roster import wall
from kouprey.response.rules.competence import text_of
from kouprey.response.rules.profiles import STALE, wants
from kouprey.response.service import Answer, Competence, Directory, Drills, HandOffs, Roster, zone_of
from kouprey.response.wire.rfc2350 import hours_of, write_text

PATH = "/directory"
FIRST_CLAIMS = 30


@dataclass(frozen=True)
class Row:
    """A party in the list."""

    party: str
    name: str
    profile: Profile | None
    hours: str
    checked: str
    measured: Measured | None


@dataclass(frozen=True)
class Led:
    """A party that a value leads to."""

    party: str
    name: str
    claim: str
    learned: bool
    own: bool
    phone: str


def doors(services: Services) -> list[Door]:
    """The list, one team, and the question who is competent."""
    desk = Desk(services)
    roles = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=roles),
        page(f"{PATH}/competence", desk.competent, roles=roles),
        page(f"{PATH}/proposals/{{message}}", desk.decide, "POST", roles=roles),
        page(f"{PATH}/teams/{{party}}", desk.team, roles=roles),
        page(f"{PATH}/teams/{{party}}/profile.txt", desk.text, roles=roles),
    ]


class Desk:
    """What these pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._directory = services.get(Directory)
        self._competence = services.get(Competence)
        self._roster = services.get(Roster)
        self._drills = services.get(Drills)
        self._handoffs = services.get(HandOffs)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def show(self, request: Request) -> Response:
        return self._show(request)

    def _show(self, request: Request, error: str = "", status: int = 200, typed: str = "") -> Response:
        who, names = self.who(request), Names(self._people)
        own = self._directory.own(who).profile
        zone = zone_of(own.zone)
        decided = [each for each in self._competence.list_decided(who) if each.applied and not each.ended_at]
        return request.render(
            "response/directory.html",
            status,
            rows=self._rows(who, names),
            own=own,
            lacking=[_(words.WANTS[key]) for done, key in wants(own, self._directory.now()) if not done],
            may=self._directory.may_keep(who),
            duty=[(each, wall(each.ends, zone)) for each in self._roster.on_duty(who)],
            zone=zone.key,
            gaps=self._roster.gaps(who),
            asked=self._drills.asked(who),
            proposals=[
                (each, names.party(each.said_by), names.party(each.competent))
                for each in self._competence.proposals(who)
            ],
            learned=[(each, names.party(each.said_by), names.party(each.competent)) for each in decided],
            plain=plain,
            error=error,
            typed=typed,
            path=PATH,
        )

    def _rows(self, who: Reader, names: Names) -> list[Row]:
        teams, measures, now = self._directory.list_teams(who), self._drills.measures(who), self._directory.now()
        home = self._people.home_id
        made = []
        for party in sorted({*teams, *(each.id for each in self._people.list_parties())} - {home}, key=names.party):
            profile = teams[party].profile if party in teams else None
            checked = (
                "" if profile is None or not profile.verified else "old" if now - profile.verified > STALE else "yes"
            )
            hours = hours_of(profile) if profile is not None else ""
            made.append(Row(party, names.party(party), profile, hours, checked, measures.get(party)))
        return made

    def team(self, request: Request) -> Response:
        who, party = self.who(request), request.path_params["party"]
        known = self._people.find_party(party)
        versions = self._directory.list_versions(who, party)
        wanted = request.query_params.get("version", "")
        number = int(wanted) if wanted.isdecimal() and len(wanted) < 16 else 0
        if known is None or number:
            entry: Entry | None = self._directory.get(who, party, number)
        else:
            entry = versions[0] if versions else None
        names, measured = Names(self._people), self._drills.measures(who).get(party)
        return request.render(
            "response/team.html",
            entry=entry,
            party=party,
            name=names.party(party),
            own=party == self._people.home_id,
            text=self._text(entry.profile, entry) if entry is not None else "",
            versions=versions,
            newest=versions[0].profile.version if versions else 0,
            under=self._under(entry) if entry is not None else [],
            writer=names.person(entry.written_by) if entry is not None and entry.written_by else "",
            hours=hours_of(entry.profile) if entry is not None else "",
            authority=_(words.AUTHORITIES[entry.profile.authority]) if entry is not None else "",
            old=entry is not None and self._directory.now() - entry.profile.verified > STALE,
            measured=measured,
            drilled=party in self._drills.partners() and self._drills.may_send(who),
            may=self._directory.may_keep(who),
            plain=plain,
            path=PATH,
        )

    def text(self, request: Request) -> Response:
        entry = self._directory.get(self.who(request), request.path_params["party"])
        headers = {"Content-Disposition": 'inline; filename="rfc2350.txt"', "X-Content-Type-Options": "nosniff"}
        return Response(self._text(entry.profile, entry), media_type="text/plain", headers=headers)

    def _text(self, profile: Profile, entry: Entry) -> str:
        known = self._people.find_party(profile.party)
        key = known.card.node if known is not None else ""
        return write_text(profile, node_key=key)

    def _under(self, entry: Entry) -> list[tuple[str, str]]:
        standings = self._agreements.standings()
        return [(each, plain(standings[each].title) if each in standings else each) for each in entry.agreements]

    def competent(self, request: Request) -> Response:
        who, asked = self.who(request), request.query_params.get("q", "")[:2_000].strip()
        error, answer = "", None
        if asked:
            try:
                answer = self._competence.ask(who, asked)
            except KoupreyError as failed:
                error = " ".join(told(part) for part in (failed.what, failed.remedy) if part)
        names = Names(self._people)
        teams = self._directory.list_teams(who) if answer is not None else {}
        return request.render(
            "response/competence.html",
            asked=asked,
            subject=text_of(answer.subject) if answer is not None else "",
            led=[self._led(claim, names, teams) for claim in answer.claims] if answer is not None else [],
            ways=ways_to(self._handoffs, who),
            error=error,
            path=PATH,
        )

    def _led(self, claim: Claim, names: Names, teams: dict[str, Entry]) -> Led:
        held = teams.get(claim.party)
        return Led(
            party=claim.party,
            name=names.party(claim.party),
            claim=text_of(claim.subject),
            learned=claim.learned,
            own=claim.party == self._people.home_id,
            phone=held.profile.phone if held is not None else "",
        )

    def decide(self, request: Request) -> Response:
        who, message = self.who(request), request.path_params["message"]
        do, typed = request.field("do", longest=20), request.field("subjects", longest=20_000)
        try:
            if do == "end":
                self._competence.end(who, message)
                return request.redirect(PATH, _("It leads nobody any more."))
            made = self._competence.decide(who, message, apply=do == "apply", subjects=typed.split())
        except KoupreyError as error:
            said = in_words(error)
            return self._show(request, said, error.http_status, typed)
        text = _("From now on these values lead there.") if made.applied else _("It is dismissed.")
        return request.redirect(PATH, text)


def ways_to(handoffs: HandOffs, who: Reader) -> dict[str, str]:
    """Party -> what the form of a hand-off takes as its way, for those whom `who` may ask for something now."""
    found: dict[str, str] = {}
    if handoffs.may_ask(who):
        for standing, term in handoffs.terms():
            for party in standing.parties:
                if party != standing.home and party not in standing.left:
                    found.setdefault(party, f"{term.kind} {standing.agreement} {party}")
    return found


def answers(services: Services, who: Reader, refs: Any) -> list[tuple[str, list[str]]]:
    """For the pages of hand-offs: each value that leads somewhere, and the names of whom it leads to."""
    names = Names(services.get(People))
    found: list[Answer] = services.get(Competence).ask_each(who, list(refs)[:FIRST_CLAIMS])
    return [(text_of(each.subject), [names.party(claim.party) for claim in each.claims]) for each in found]
