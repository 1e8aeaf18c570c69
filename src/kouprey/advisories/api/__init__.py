"""Endpoints about statements: what was heard, drafts, approvals, what is published, and the check."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.advisories.api.shapes import (
    Answer,
    AnsweredList,
    AnsweredShown,
    DraftList,
    DraftShown,
    Heard,
    HitShown,
    InState,
    MirrorList,
    MirrorShown,
    OfRevision,
    Question,
    RumourList,
    RumourShown,
    Shown,
    StatementList,
    StatementShown,
    Written,
    content_of,
    draft_shown,
    rumour_shown,
    statement_shown,
)
from kouprey.advisories.model import Draft
from kouprey.advisories.service import Checker, Desk, Statements
from kouprey.kernel.web.api import api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

BASE = "/statements"
_PAGES = "/statements/desk"


def routes(services: Services) -> list[Door]:
    """The endpoints; who may do what follows from roles, which the desk asks."""
    room = _Room(services)
    every: dict[str, Any] = {"group": "Statements", "roles": roles_with(Permission.READ)}
    return [*_draft_doors(room, every), *_rumour_doors(room, every), *_public_doors(room, every)]


def _draft_doors(room: _Room, every: dict[str, Any]) -> list[Door]:
    drafts, one = f"{BASE}/drafts", f"{BASE}/drafts/{{draft}}"
    wrong = {"bad-statement": 400, "role-missing": 403, "being-answered": 409}
    closed = {"unknown-draft": 404, "role-missing": 403, "draft-closed": 409, "draft-changed": 409}

    def door(method: str, path: str, answer: Any, summary: str, **more: Any) -> Door:
        return api(method, path, answer, summary=summary, **more, **every)

    return [
        door("GET", drafts, room.drafts, "Drafts.", takes=InState, gives=DraftList, fails={"role-missing": 403}),
        door(
            *("POST", drafts, room.draft, "Begin a statement, as the answer to rumours if there are any."),
            takes=Written,
            gives=DraftShown,
            status=201,
            fails=wrong,
            does=(f"GET {_PAGES}/new", f"POST {_PAGES}/new"),
        ),
        door(
            *("GET", one, room.one_draft, "A draft."),
            gives=DraftShown,
            fails={"unknown-draft": 404, "role-missing": 403},
            does=(f"GET {_PAGES}/{{draft}}", f"GET {_PAGES}/{{draft}}/edit"),
        ),
        door(
            *("PUT", one, room.change, "Put other words into a draft; what was approved before counts no more."),
            takes=Written,
            gives=DraftShown,
            fails={**wrong, **closed},
            does=(f"POST {_PAGES}/{{draft}}/edit",),
        ),
        door(
            *("POST", f"{one}/approve", room.approve, "That a person wants these words; programs are refused."),
            takes=OfRevision,
            gives=DraftShown,
            fails={**closed, "approved-already": 409, "no-person": 403},
            does=(f"POST {_PAGES}/{{draft}}/approve",),
        ),
        door(
            *("POST", f"{one}/publish", room.publish, "Sign and publish what two persons have approved."),
            takes=OfRevision,
            gives=StatementShown,
            status=201,
            fails={**closed, "approvals-missing": 409, "no-such-earlier": 409},
            does=(f"POST {_PAGES}/{{draft}}/publish",),
        ),
        door(
            *("POST", f"{one}/abandon", room.abandon, "Give a draft up; its rumours wait again."),
            gives=DraftShown,
            fails=closed,
            does=(f"POST {_PAGES}/{{draft}}/abandon",),
        ),
    ]


def _rumour_doors(room: _Room, every: dict[str, Any]) -> list[Door]:
    rumours, gone = f"{BASE}/rumours", {"unknown-rumour": 404, "role-missing": 403, "being-answered": 409}
    return [
        api(
            *("GET", rumours, room.rumours),
            summary="What was heard.",
            gives=RumourList,
            fails={"role-missing": 403},
            does=(f"GET {_PAGES}",),
            **every,
        ),
        api(
            *("POST", rumours, room.take),
            summary="Write down what was heard.",
            takes=Heard,
            gives=RumourShown,
            status=201,
            fails={"bad-rumour": 400, "role-missing": 403},
            does=(f"POST {_PAGES}/rumours",),
            **every,
        ),
        api(
            *("POST", f"{rumours}/{{rumour}}/aside", room.aside),
            summary="That it needs no answer.",
            gives=RumourShown,
            fails=gone,
            does=(f"POST {_PAGES}/rumours/{{rumour}}/aside",),
            **every,
        ),
        api(
            *("POST", f"{rumours}/{{rumour}}/reopen", room.reopen),
            summary="That it needs an answer after all.",
            gives=RumourShown,
            fails=gone,
            does=(f"POST {_PAGES}/rumours/{{rumour}}/reopen",),
            **every,
        ),
        api(
            *("GET", f"{BASE}/answered", room.answered),
            summary="How long answers took.",
            gives=AnsweredList,
            fails={"role-missing": 403},
            **every,
        ),
    ]


def _public_doors(room: _Room, every: dict[str, Any]) -> list[Door]:
    gone = {"unknown-statement": 404}
    return [
        api(*("GET", BASE, room.list), summary="What we have published.", gives=StatementList, **every),
        api(
            *("GET", f"{BASE}/published/{{said}}", room.one),
            summary="A statement of ours with its signature.",
            gives=StatementShown,
            fails=gone,
            **every,
        ),
        api(
            *("GET", f"{BASE}/mirrors", room.mirrors),
            summary="Partners whose statements came.",
            gives=MirrorList,
            fails={"role-missing": 403},
            **every,
        ),
        api(
            *("POST", f"{BASE}/mirrors/{{publisher}}", room.mirror),
            summary="Show the statements of a partner to everybody, or no longer.",
            takes=Shown,
            fails={"role-missing": 403, "unknown-publisher": 404},
            repeatable=True,
            does=(f"POST {_PAGES}/mirrors/{{publisher}}",),
            **every,
        ),
        api(
            *("POST", f"{BASE}/check", room.check),
            summary="What may be said of words, an address or a number; nothing of it is kept.",
            takes=Question,
            gives=Answer,
            fails={"bad-question": 400},
            reads=True,
            does=("GET /check", "POST /check", "GET /check/{said}/{digest}"),
            **every,
        ),
    ]


class _Room:
    def __init__(self, services: Services) -> None:
        self._desk = services.get(Desk)
        self._statements = services.get(Statements)
        self._checker = services.get(Checker)

    def drafts(self, request: Request, asked: InState) -> DraftList:
        found = self._desk.list_drafts(_speaker(request), asked.state)
        return DraftList(drafts=tuple(map(draft_shown, found)))

    def draft(self, request: Request, asked: Written) -> DraftShown:
        made = self._desk.draft(_speaker(request), content_of(asked), asked.rumours)
        return self._shown(request, made)

    def one_draft(self, request: Request) -> DraftShown:
        draft, rumours = self._desk.get_draft(_speaker(request), request.path_params["draft"])
        return draft_shown(draft, tuple(each.id for each in rumours))

    def change(self, request: Request, asked: Written) -> DraftShown:
        who, draft = _speaker(request), request.path_params["draft"]
        made = self._desk.change(who, draft, content_of(asked), asked.revision or -1)
        return self._shown(request, made)

    def approve(self, request: Request, asked: OfRevision) -> DraftShown:
        return self._shown(
            request, self._desk.approve(_speaker(request), request.path_params["draft"], asked.revision or -1)
        )

    def publish(self, request: Request, asked: OfRevision) -> StatementShown:
        made = self._desk.publish(_speaker(request), request.path_params["draft"], asked.revision or -1)
        return statement_shown(made)

    def abandon(self, request: Request) -> DraftShown:
        return draft_shown(self._desk.abandon(_speaker(request), request.path_params["draft"]))

    def rumours(self, request: Request) -> RumourList:
        return RumourList(rumours=tuple(map(rumour_shown, self._desk.list_rumours(_speaker(request)))))

    def take(self, request: Request, asked: Heard) -> RumourShown:
        return rumour_shown(
            self._desk.take_rumour(
                _speaker(request), asked.text, url=asked.url, media=asked.media, heard_from=asked.heard_from
            )
        )

    def aside(self, request: Request) -> RumourShown:
        return rumour_shown(self._desk.set_aside(_speaker(request), request.path_params["rumour"]))

    def reopen(self, request: Request) -> RumourShown:
        return rumour_shown(self._desk.set_aside(_speaker(request), request.path_params["rumour"], aside=False))

    def answered(self, request: Request) -> AnsweredList:
        return AnsweredList(
            answered=tuple(
                AnsweredShown(
                    statement=each.statement,
                    first_report=time_of(each.first),
                    issued=time_of(each.issued),
                    rumours=each.rumours,
                    seconds=each.seconds,
                )
                for each in self._desk.list_answered(_speaker(request))
            )
        )

    def list(self, request: Request) -> StatementList:
        return StatementList(statements=tuple(map(statement_shown, self._statements.list_public())))

    def one(self, request: Request) -> StatementShown:
        return statement_shown(self._statements.get_public(request.path_params["said"]))

    def mirrors(self, request: Request) -> MirrorList:
        found = self._statements.mirrors(_speaker(request))
        return MirrorList(mirrors=tuple(MirrorShown(**msgspec.structs.asdict(each)) for each in found))

    def mirror(self, request: Request, asked: Shown) -> None:
        self._statements.show_mirror(_speaker(request), request.path_params["publisher"], asked.shown)

    def check(self, request: Request, asked: Question) -> Answer:
        checked = self._checker.check_text(asked.text)
        return Answer(
            finding=str(checked.finding),
            hits=tuple(
                HitShown(
                    id=each.found.id,
                    publisher=each.found.statement.publisher,
                    claim=each.claim,
                    score=each.score,
                    verdict=str(each.found.content.verdict or ""),
                    url=each.found.statement.url,
                )
                for each in checked.hits
            ),
        )

    def _shown(self, request: Request, draft: Draft) -> DraftShown:
        held, rumours = self._desk.get_draft(_speaker(request), draft.id)
        return draft_shown(held, tuple(each.id for each in rumours))


def _speaker(request: Request) -> decision.Reader:
    return msgspec.structs.replace(request.reader, roles=tuple(request.who.roles))
