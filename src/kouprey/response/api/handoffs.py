"""Endpoints about hand-offs: ask, answer, and read the course of each."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.response.api.handoffshapes import (
    HandOffList,
    NewHandOff,
    NewMessage,
    NewRoute,
    Whole,
    brief,
    hops_of,
    preserve_of,
    whole,
)
from kouprey.response.model import Verb, Wanted
from kouprey.response.model.preserving import Answer
from kouprey.response.service import HandOffs
from kouprey.response.wire import preserving
from kouprey.response.wire.sealed import OpenerWire, read_file, read_openers

_ASKED = {"not-agreed": 409, "role-missing": 403, "no-party": 409, "bad-reader": 400, "no-basis": 400}
_ASKED |= dict.fromkeys(("no-preserve", "bad-preserve", "bad-ground"), 400)
_SAID = {"bad-item": 400, "not-sealed-here": 409, "other-readers": 409, "two-persons": 409}
_SAID |= {"no-content": 409, "not-preserving": 409, "bad-until": 400, "bad-route": 400}


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(HandOffs))
    told: dict[str, Any] = {"group": "Hand-offs", "roles": roles_with(Permission.READ)}
    unknown = {"unknown-handoff": 404}
    said: dict[str, Any] = {"gives": Whole, "status": 201, **told}
    barred = {"not-now": 409, "role-missing": 403}
    return [
        api(
            "GET",
            "/handoffs",
            desk.list,
            gives=HandOffList,
            does=("GET /handoffs", "GET /handoffs/new"),
            summary="What partners ask of us, and what we asked of them.",
            **told,
        ),
        api(
            "POST",
            "/handoffs",
            desk.ask,
            takes=NewHandOff,
            fails=_ASKED,
            does=("POST /handoffs",),
            summary="Ask a partner to act; the deadlines follow from clause 15.",
            **said,
        ),
        api(
            "GET",
            "/handoffs/{handoff}",
            desk.one,
            gives=Whole,
            fails=unknown,
            does=("GET /handoffs/{handoff}",),
            summary="One with all that was said, and its clocks.",
            **told,
        ),
        api(
            "POST",
            "/handoffs/{handoff}/messages",
            desk.say,
            takes=NewMessage,
            fails=unknown | barred | _SAID,
            does=("POST /handoffs/{handoff}",),
            cap=2 * MIB,
            summary="Say what is next: acknowledge, accept, decline, ask back, report, confirm.",
            **said,
        ),
        api(
            "POST",
            "/handoffs/{handoff}/route",
            desk.reroute,
            takes=NewRoute,
            fails={**unknown, **barred, "no-agreement": 409},
            summary="Ask somebody else instead; the first is told and its clocks stop.",
            **said,
        ),
    ]


class _Desk:
    def __init__(self, handoffs: HandOffs) -> None:
        self._handoffs = handoffs

    def _who(self, request: Request) -> decision.Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def list(self, request: Request) -> HandOffList:
        who = self._who(request)
        return HandOffList(
            asked=tuple(map(brief, self._handoffs.list_asked(who))),
            asking=tuple(map(brief, self._handoffs.list_asking(who))),
        )

    def ask(self, request: Request, asked: NewHandOff) -> Whole:
        wanted = Wanted(
            agreement=asked.agreement,
            to=asked.to,
            kind=asked.kind,
            title=asked.title,
            text=asked.text,
            tlp=parse_tlp(asked.tlp),
            urgency=asked.urgency,
            refs=asked.refs,
            report_within_s=asked.report_days * 86_400,
            basis=asked.basis,
            number=asked.number,
            readers=read_openers(tuple(OpenerWire(name=each.name, key=each.key) for each in asked.readers)),
            preserve=preserving.from_wire(preserve_of(asked.preserve)),
            ground=asked.ground,
        )
        made = self._handoffs.request(self._who(request), wanted)
        return self._whole(request, made.id)

    def one(self, request: Request) -> Whole:
        return self._whole(request, request.path_params["handoff"])

    def say(self, request: Request, asked: NewMessage) -> Whole:
        handoff = request.path_params["handoff"]
        self._handoffs.say(
            self._who(request),
            handoff,
            asked.verb,
            text=asked.text,
            reason=str(asked.reason or ""),
            other=asked.other,
            number=asked.number,
            via="phone" if asked.verb is Verb.HEARD else "",
            items=tuple(map(read_file, asked.items)),
            answer=Answer(until=preserving.read_until(asked.until), route=preserving.read_route(hops_of(asked.route))),
        )
        return self._whole(request, handoff)

    def reroute(self, request: Request, asked: NewRoute) -> Whole:
        made = self._handoffs.reroute(self._who(request), request.path_params["handoff"], asked.to, text=asked.text)
        return self._whole(request, made.id)

    def _whole(self, request: Request, handoff: str) -> Whole:
        return whole(self._handoffs.get(self._who(request), handoff), self._handoffs)
