"""Endpoints of the directory: teams, competence, the roster and drills."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from kouprey.kernel.web.api import api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.api import directoryshapes as shapes
from kouprey.response.api.handoffshapes import NewMessage, Whole, whole
from kouprey.response.model import Verb
from kouprey.response.model.directory import Entry, Profile, Shift
from kouprey.response.rules.competence import text_of
from kouprey.response.rules.profiles import wants
from kouprey.response.service import Competence, Directory, Drills, HandOffs, Roster
from kouprey.response.wire.rfc2350 import write_text

GROUP = "Team directory"


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    told: dict[str, Any] = {"group": GROUP, "roles": roles_with(Permission.READ)}
    desk = _Desk(services)
    return [
        *_of_teams(desk, told),
        *_of_competence(desk, told),
        *_of_own(desk, told),
        *_of_roster(desk, told),
        *_of_drills(desk, told),
    ]


def _of_teams(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    team, unknown = "/directory/teams/{party}", {"unknown-profile": 404}
    return [
        api(
            "GET",
            "/directory",
            desk.list,
            gives=shapes.TeamList,
            does=("GET /directory",),
            summary="Every known team, its profile, and how fast it answered drills.",
            **told,
        ),
        api(
            "GET",
            team,
            desk.team,
            gives=shapes.ProfileShown,
            fails=unknown,
            does=(f"GET {team}",),
            summary="The profile of one team, ours or a partner's.",
            **told,
        ),
        api(
            "GET",
            f"{team}/profile.txt",
            desk.text,
            media=("text/plain",),
            fails=unknown,
            does=(f"GET {team}/profile.txt",),
            summary="The same as a text in the order of RFC 2350.",
            **told,
        ),
    ]


def _of_competence(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/directory/competence",
            desk.competent,
            gives=shapes.Competent,
            fails={"bad-subject": 400},
            does=("GET /directory/competence",),
            summary="Who is competent for the address, network, autonomous system or domain `q`.",
            **told,
        ),
        api(
            "GET",
            "/directory/proposals",
            desk.proposals,
            gives=shapes.ProposalList,
            summary="What declines say about who is competent, and what was made of it.",
            **told,
        ),
        api(
            "POST",
            "/directory/proposals/{message}",
            desk.decide,
            takes=shapes.NewDecision,
            gives=shapes.ProposalList,
            fails={"no-proposal": 404, "role-missing": 403, "decided": 409, "bad-subject": 400},
            does=("POST /directory/proposals/{message}",),
            summary="Apply a proposal, dismiss it, or let what was applied lead nobody any more.",
            **told,
        ),
    ]


def _of_own(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    own = "/directory/own"
    return [
        api(
            "GET",
            own,
            desk.own,
            gives=shapes.OwnShown,
            does=(f"GET {own}",),
            summary="Our profile, and what is missing in it.",
            **told,
        ),
        api(
            "PUT",
            own,
            desk.save,
            takes=shapes.NewProfile,
            gives=shapes.OwnShown,
            fails={"bad-profile": 400, "role-missing": 403},
            does=(f"POST {own}",),
            summary="Keep a new version of our profile; it goes to nobody yet.",
            **told,
        ),
        api(
            "POST",
            f"{own}/publication",
            desk.publish,
            gives=shapes.OwnShown,
            fails={"role-missing": 403, "no-profile": 409},
            repeatable=True,
            summary="Give the newest version of our profile to partners.",
            **told,
        ),
    ]


def _of_roster(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    roster = "/directory/roster"
    return [
        api(
            "GET",
            roster,
            desk.roster,
            gives=shapes.RosterShown,
            does=(f"GET {roster}",),
            summary="Who of ours is on duty when, and when nobody is.",
            **told,
        ),
        api(
            "POST",
            roster,
            desk.add_shift,
            takes=shapes.NewShift,
            gives=shapes.ShiftShown,
            status=201,
            fails={"bad-shift": 400, "bad-time": 400, "role-missing": 403},
            does=(f"POST {roster}",),
            summary="Write a shift down.",
            **told,
        ),
        api(
            "DELETE",
            f"{roster}/{{shift}}",
            desk.withdraw,
            fails={"unknown-shift": 404, "withdrawn": 409, "role-missing": 403},
            does=(f"POST {roster}/{{shift}}/withdraw",),
            summary="Let a shift count no more; that it stood there is kept.",
            **told,
        ),
    ]


def _of_drills(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    drills, unknown = "/directory/drills", {"unknown-handoff": 404}
    sends = {"role-missing": 403, "no-party": 400}
    return [
        api(
            "GET",
            drills,
            desk.drills,
            gives=shapes.DrillList,
            does=(f"GET {drills}",),
            summary="Drills: exercises that measure how fast partners answer.",
            **told,
        ),
        api(
            "POST",
            drills,
            desk.send,
            takes=shapes.NewDrills,
            gives=shapes.DrillList,
            status=201,
            fails={**sends, "no-agreement": 409, "drill-runs": 409},
            does=(f"POST {drills}",),
            summary="Drill partners now.",
            **told,
        ),
        api(
            "PUT",
            f"{drills}/monthly",
            desk.plan,
            takes=shapes.NewPlan,
            gives=shapes.DrillList,
            fails=sends,
            repeatable=True,
            summary="Drill these partners each month, and no others.",
            **told,
        ),
        api(
            "GET",
            f"{drills}/{{handoff}}",
            desk.drill,
            gives=Whole,
            fails=unknown,
            does=(f"GET {drills}/{{handoff}}",),
            summary="One drill, with all that was said.",
            **told,
        ),
        api(
            "POST",
            f"{drills}/{{handoff}}/messages",
            desk.say,
            takes=NewMessage,
            gives=Whole,
            status=201,
            fails={**unknown, "role-missing": 403, "not-now": 409},
            does=(f"POST {drills}/{{handoff}}",),
            summary="Say what is next in a drill: acknowledge it.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._directory = services.get(Directory)
        self._competence = services.get(Competence)
        self._roster = services.get(Roster)
        self._drills = services.get(Drills)
        self._handoffs = services.get(HandOffs)
        self._people = services.get(People)

    def _who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def _shown(self, entry: Entry) -> shapes.ProfileShown:
        return shapes.profile_shown(entry, self._key(entry.profile.party))

    def _key(self, party: str) -> str:
        known = self._people.find_party(party)
        return known.card.node if known is not None else ""

    def list(self, request: Request) -> shapes.TeamList:
        who = self._who(request)
        teams, measures = self._directory.list_teams(who), self._drills.measures(who)
        parties = sorted({*teams, *(each.id for each in self._people.list_parties())})
        return shapes.TeamList(
            teams=tuple(
                shapes.TeamShown(
                    party=party,
                    profile=self._shown(teams[party]) if party in teams else None,
                    drills=shapes.speed(measures.get(party)),
                )
                for party in parties
            )
        )

    def team(self, request: Request) -> shapes.ProfileShown:
        return self._shown(self._directory.get(self._who(request), request.path_params["party"]))

    def text(self, request: Request) -> Response:
        entry = self._directory.get(self._who(request), request.path_params["party"])
        return Response(write_text(entry.profile, node_key=self._key(entry.profile.party)), media_type="text/plain")

    def competent(self, request: Request) -> shapes.Competent:
        answer = self._competence.ask(self._who(request), request.query_params.get("q", ""))
        return shapes.Competent(subject=text_of(answer.subject), parties=tuple(map(shapes.lead, answer.claims)))

    def proposals(self, request: Request) -> shapes.ProposalList:
        return self._proposals(self._who(request))

    def _proposals(self, who: Reader) -> shapes.ProposalList:
        opened = map(shapes.proposal, self._competence.proposals(who))
        return shapes.ProposalList(proposals=(*opened, *map(shapes.decided, self._competence.list_decided(who))))

    def decide(self, request: Request, asked: shapes.NewDecision) -> shapes.ProposalList:
        who, message = self._who(request), request.path_params["message"]
        if asked.end:
            self._competence.end(who, message)
        else:
            self._competence.decide(who, message, apply=asked.apply, subjects=asked.subjects)
        return self._proposals(who)

    def own(self, request: Request) -> shapes.OwnShown:
        return self._own(self._who(request))

    def _own(self, who: Reader) -> shapes.OwnShown:
        entry = self._directory.own(who)
        missing = tuple(key for done, key in wants(entry.profile, self._directory.now()) if not done)
        return shapes.OwnShown(profile=self._shown(entry), missing=missing, published=self._directory.outlook()[0])

    def save(self, request: Request, asked: shapes.NewProfile) -> shapes.OwnShown:
        who = self._who(request)
        fields = {**msgspec.structs.asdict(asked), "verified": 0}
        self._directory.save(who, Profile(party=self._people.home_id, **fields), verified=asked.verified)
        return self._own(who)

    def publish(self, request: Request) -> shapes.OwnShown:
        who = self._who(request)
        self._directory.publish(who)
        return self._own(who)

    def roster(self, request: Request) -> shapes.RosterShown:
        who, now = self._who(request), self._directory.now()
        return shapes.RosterShown(
            shifts=tuple(shapes.shift_shown(each, now) for each in self._roster.list(who)),
            gaps=tuple(map(shapes.gap_shown, self._roster.gaps(who))),
        )

    def add_shift(self, request: Request, asked: shapes.NewShift) -> shapes.ShiftShown:
        made = self._roster.add(
            self._who(request),
            Shift(
                id="",
                person=asked.person,
                role=asked.role,
                reach=asked.reach,
                starts=shapes.read_time(asked.starts),
                ends=shapes.read_time(asked.ends),
            ),
        )
        return shapes.shift_shown(made, self._directory.now())

    def withdraw(self, request: Request) -> None:
        self._roster.withdraw(self._who(request), request.path_params["shift"])

    def drills(self, request: Request) -> shapes.DrillList:
        return self._list_drills(self._who(request))

    def _list_drills(self, who: Reader) -> shapes.DrillList:
        asked = [*self._drills.asked(who), *self._drills.asked(who, ended=True)]
        return shapes.DrillList(
            sent=tuple(map(shapes.drill_shown, self._drills.list_sent(who))),
            monthly=tuple(self._drills.monthly()),
            asked=tuple(
                shapes.DrillAsked(
                    handoff=line.id,
                    party=line.asking,
                    stage=str(line.stage),
                    at=time_of(line.at),
                    ended=line.ended,
                )
                for line in asked
            ),
        )

    def send(self, request: Request, asked: shapes.NewDrills) -> shapes.DrillList:
        who = self._who(request)
        self._drills.send(who, asked.parties, text=asked.text)
        return self._list_drills(who)

    def plan(self, request: Request, asked: shapes.NewPlan) -> shapes.DrillList:
        who = self._who(request)
        self._drills.set_monthly(who, asked.parties)
        return self._list_drills(who)

    def drill(self, request: Request) -> Whole:
        return whole(self._drills.get(self._who(request), request.path_params["handoff"]), self._handoffs)

    def say(self, request: Request, asked: NewMessage) -> Whole:
        who, handoff = self._drills.exercising(self._who(request)), request.path_params["handoff"]
        made = self._handoffs.say(
            who,
            handoff,
            asked.verb,
            text=asked.text,
            reason=str(asked.reason or ""),
            other=asked.other,
            number=asked.number,
            via="phone" if asked.verb is Verb.HEARD else "",
        )
        return whole(made, self._handoffs)
