"""Tickets at RTIR: the panel in a case, what is done to one, and the list over all cases with how RTIR is reached."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.cases import Phase
from kouprey.response.model.tickets import Clash
from kouprey.response.pages import cases as lists
from kouprey.response.pages import casewords as words
from kouprey.response.pages.naming import plain
from kouprey.response.service import Cases, Tickets
from kouprey.response.service.casefiles import Opened
from kouprey.response.service.tickets import ON, Shown

ONE = "/cases/{case}/tickets"
CLASHES = {
    Clash.ENDED_THERE: mark("At RTIR it is over, and here it is not."),
    Clash.ENDED_HERE: mark("Here it is over, and at RTIR it is not."),
}

STATES = {
    "new": mark("new"),
    "open": mark("open"),
    "stalled": mark("stalled"),
    "resolved": mark("resolved"),
    "rejected": mark("rejected"),
    "deleted": mark("deleted"),
}
"""Statuses that every RT has -> their words; a queue may have others, which stay as they are called there."""


def doors(services: Services) -> list[Door]:
    """The list, a new ticket, and what is done to one."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page("/tickets", desk.show, **reads),
        page(ONE, desk.add, "POST", **reads),
        page(f"{ONE}/{{ticket}}", desk.change, "POST", **reads),
    ]


def part(services: Services, who: Reader, opened: Opened) -> dict[str, Any] | None:
    """The panel of a case; None where there is neither RTIR nor a ticket, and for whoever does not read the track."""
    tickets = services.get(Tickets)
    found = [_ticket(each) for each in tickets.list_tickets(who, opened)]
    there = tickets.desk() is not None
    if ON not in opened.reads or not (found or there):
        return None
    writes = ON in opened.writes and not opened.case.merged_into
    return {"tickets": found, "writes": writes, "may_add": writes and there, "there": there}


def _ticket(shown: Shown) -> dict[str, Any]:
    ticket = shown.ticket
    told = words.PHASES[Phase(ticket.told)][0] if ticket.told in set(Phase) else ""
    return {
        "ticket": ticket,
        "status": _(STATES[ticket.status]) if ticket.status in STATES else plain(ticket.status),
        "told": _(told) if told else "",
        "clash": _(CLASHES[shown.clash]) if shown.clash is not Clash.NONE else "",
        "left": shown.left,
        "error": plain(ticket.error),
    }


class _Desk:
    def __init__(self, services: Services) -> None:
        self._tickets = services.get(Tickets)
        self._cases = services.get(Cases)

    def show(self, request: Request) -> Response:
        who, desk = lists.who_of(request), self._tickets.desk()
        reads = self._cases.reads(who)
        found = self._tickets.list_all(who) if reads else []
        return request.render(
            "response/tickets.html",
            rows=[{**_ticket(shown), "number": case.number, "title": plain(case.title)} for shown, case in found],
            phases=[lists.phase_of(case) for _shown, case in found],
            desk=None
            if desk is None
            else {
                "url": desk.url,
                "queue": plain(desk.queue),
                "ceiling": desk.ceiling.text,
                "title": desk.title.text if desk.title is not None else "",
                "subjects": desk.subjects,
            },
        )

    def add(self, request: Request) -> Response:
        def work(who: Reader, case: str) -> str:
            number = request.field("number", longest=40)
            if number:
                self._tickets.tie(who, case, number)
                return _("The ticket is tied to the case.")
            self._tickets.make(who, case)
            return _("The ticket is on its way; its number stands here as soon as RTIR has said it.")

        return self._done(request, work)

    def change(self, request: Request) -> Response:
        def work(who: Reader, case: str) -> str:
            ticket, do = request.path_params["ticket"], request.field("do", longest=20)
            if do == "look":
                held = self._tickets.look(who, case, ticket)
                return _("RTIR was not reached; it is tried again.") if held.error else _("RTIR was looked at.")
            if do == "settle":
                self._tickets.settle(who, case, ticket)
                return _("It is left as it is. It is shown again once either side has moved.")
            if do == "let-go":
                self._tickets.let_go(who, case, ticket)
                return _("The ticket is followed no longer. It stays where it is.")
            raise Damaged("It is not clear what is meant.", remedy="Choose what to do.", code="bad-field")

        return self._done(request, work)

    def _done(self, request: Request, work: Any) -> Response:
        case = request.path_params["case"]
        try:
            notice = work(lists.who_of(request), case)
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return request.redirect(f"/cases/{case}", lists.said(error), "bad")
        return request.redirect(f"/cases/{case}", notice)
