"""Endpoints about tickets at RTIR that belong to cases."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.service import Cases, HandOffs, Tickets
from kouprey.response.service.tickets import Shown

ONE = "/cases/{case}/tickets"


class NewTicket(Asked, frozen=True, kw_only=True):
    """A ticket that is there already, by its number, or "" to have one made."""

    number: str = ""


class Do(StrEnum):
    """What is done to a ticket of a case."""

    LOOK = "look"
    SETTLE = "settle"
    LET_GO = "let-go"


class Deed(Asked, frozen=True, kw_only=True):
    """What is done to it."""

    do: Do


class OneTicket(Struct, kw_only=True):
    """A ticket: its number there ("" until it was made), its status, the phase that was told, and when it was seen.

    `clash` says what contradicts ("" for nothing, `ended-there`, `ended-here`), `left` that it was left as it is;
    `error` is why RTIR was not reached the last time.
    """

    id: str
    ticket: str
    status: str
    told: str
    seen_at: str
    clash: str
    left: bool
    followed: bool
    error: str
    made_at: Time


class CaseTickets(Struct, kw_only=True):
    """The tickets of a case."""

    tickets: tuple[OneTicket, ...]


class TicketOfCase(OneTicket, kw_only=True):
    """A ticket with the number of its case."""

    case: int


class AllTickets(Struct, kw_only=True):
    """Tickets of cases that you see, and whether an RTIR stands beside this node."""

    rtir: bool
    tickets: tuple[TicketOfCase, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.READ)}
    gone = {"unknown-case": 404, "role-missing": 403}
    return [
        api(
            "GET",
            "/tickets",
            desk.every,
            gives=AllTickets,
            fails={"role-missing": 403},
            does=("GET /tickets",),
            summary="Tickets at RTIR of the cases that you see.",
            **told,
        ),
        api("GET", ONE, desk.list, gives=CaseTickets, fails=gone, summary="The tickets of a case at RTIR.", **told),
        api(
            "POST",
            ONE,
            desk.add,
            takes=NewTicket,
            gives=CaseTickets,
            status=201,
            fails={**gone, "no-rtir": 409, "above-ceiling": 409, "ticket-there": 409, "bad-ticket": 400},
            does=(f"POST {ONE}",),
            summary="Have a ticket made for a case, or tie one that is there.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/{{ticket}}",
            desk.change,
            takes=Deed,
            gives=CaseTickets,
            fails={**gone, "unknown-ticket": 404},
            does=(f"POST {ONE}/{{ticket}}",),
            summary="Look at RTIR now, leave a contradiction as it is, or let a ticket go.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._tickets = services.get(Tickets)
        self._cases = services.get(Cases)

    @staticmethod
    def _who(request: Request) -> decision.Reader:
        return HandOffs.speaker(request.reader, request.who.roles)

    def every(self, request: Request) -> AllTickets:
        found = self._tickets.list_all(self._who(request))
        made = tuple(TicketOfCase(case=case.number, **_fields(shown)) for shown, case in found)
        return AllTickets(rtir=self._tickets.desk() is not None, tickets=made)

    def list(self, request: Request) -> CaseTickets:
        who = self._who(request)
        found = self._tickets.list_tickets(who, self._cases.get(who, request.path_params["case"]))
        return CaseTickets(tickets=tuple(OneTicket(**_fields(each)) for each in found))

    def add(self, request: Request, asked: NewTicket) -> CaseTickets:
        who, case = self._who(request), request.path_params["case"]
        if asked.number:
            self._tickets.tie(who, case, asked.number)
        else:
            self._tickets.make(who, case)
        return self.list(request)

    def change(self, request: Request, asked: Deed) -> CaseTickets:
        who, at = self._who(request), request.path_params
        work = {Do.LOOK: self._tickets.look, Do.SETTLE: self._tickets.settle, Do.LET_GO: self._tickets.let_go}
        work[asked.do](who, at["case"], at["ticket"])
        return self.list(request)


def _fields(shown: Shown) -> dict[str, Any]:
    ticket = shown.ticket
    return {
        "id": ticket.id,
        "ticket": ticket.ticket,
        "status": ticket.status,
        "told": ticket.told,
        "seen_at": time_of(ticket.seen_at) if ticket.seen_at else "",
        "clash": str(shown.clash),
        "left": shown.left,
        "followed": ticket.followed,
        "error": ticket.error,
        "made_at": time_of(ticket.made_at),
    }
