"""Endpoints about cases: what one's own party works on."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from starlette.responses import StreamingResponse

from kouprey.kernel.web.api import api
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.response.api.caseshapes import (
    Adopted,
    CaseList,
    CaseShown,
    Change,
    HandedIn,
    Into,
    ItemList,
    ItemShown,
    Measure,
    Members,
    NewCase,
    NewItem,
    Shown,
    Times,
    When,
    Which,
    changes_of,
    head_of,
    item_shown,
    shown,
    wanted_of,
    words_of,
)
from kouprey.response.model.cases import Evidence, Item
from kouprey.response.rules.casetemplates import said_over
from kouprey.response.service import Cases, CaseTemplates, HandOffs, Strategies
from kouprey.response.service.cases import HAPPENED, WORKED
from kouprey.response.store.cases import place_of, read_place
from kouprey.response.wire.casewords import read_body

LARGEST = 100 * MIB
ONE = "/cases/{case}"


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.READ)}
    return [
        *_lists(desk, told),
        *_whole(desk, told),
        *_joined(desk, told),
        *_inside(desk, told),
        *_changed(desk, told),
        *_evidence(desk, told),
    ]


GONE = {"unknown-case": 404, "role-missing": 403}


def _lists(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/cases",
            desk.list,
            takes=Which,
            gives=CaseList,
            fails={"role-missing": 403},
            does=("GET /cases",),
            summary="Cases that you may see.",
            **told,
        ),
        api(
            "POST",
            "/cases",
            desk.open,
            takes=NewCase,
            gives=CaseShown,
            status=201,
            fails={
                "role-missing": 403,
                "bad-title": 400,
                "bad-type": 400,
                "above-clearance": 409,
                "above-marking": 409,
                "no-template": 404,
                "retired": 409,
            },
            does=("GET /cases/new", "POST /cases"),
            summary="Open a case; with an object, a hand-off or a strategy to begin with.",
            **told,
        ),
        api(
            "GET",
            "/cases/times",
            desk.times,
            gives=Times,
            fails={"role-missing": 403},
            does=("GET /cases/times",),
            summary="How long cases took: how many have each span, its median and its ninetieth part.",
            **told,
        ),
    ]


def _whole(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api("GET", ONE, desk.one, gives=CaseShown, fails=GONE, does=(f"GET {ONE}",), summary="A case.", **told),
        api(
            "PATCH",
            ONE,
            desk.change,
            takes=Change,
            gives=CaseShown,
            fails={**GONE, "changed-meanwhile": 409, "above-marking": 409, "bad-moment": 400},
            does=(f"POST {ONE}",),
            summary="Change a case; nothing is lost, each version stays.",
            **told,
        ),
        api(
            "DELETE",
            ONE,
            desk.delete,
            fails={**GONE, "never-deleted": 403},
            summary="Always refused, and written down: nothing of a case is deleted.",
            **told,
        ),
    ]


def _joined(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "PUT",
            f"{ONE}/merged",
            desk.merge,
            takes=Into,
            gives=CaseShown,
            fails={**GONE, "bad-merge": 409, "merged": 409, "not-merged": 409},
            does=(f"POST {ONE}/merge",),
            summary="Read a case in another one, or part the two; both stay as they are.",
            **told,
        ),
        api(
            "PUT",
            f"{ONE}/members",
            desk.name,
            takes=Members,
            gives=CaseShown,
            fails={**GONE, "bad-person": 400, "merged": 409},
            does=(f"POST {ONE}/members",),
            summary="Let only some see a case.",
            **told,
        ),
    ]


def _inside(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            f"{ONE}/items",
            desk.items,
            takes=When,
            gives=ItemList,
            fails=GONE,
            summary="What stands in it.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/items",
            desk.add,
            takes=NewItem,
            gives=ItemShown,
            status=201,
            fails={**GONE, "merged": 409, "bad-item": 400, "bad-field": 400, "bad-time": 400, "above-marking": 409},
            does=(f"POST {ONE}/items",),
            summary="Write something down in a case.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/strategies",
            desk.adopt,
            takes=Adopted,
            gives=ItemList,
            status=201,
            fails={**GONE, "merged": 409},
            does=(f"POST {ONE}/adopt",),
            summary="Make tasks of the steps of a strategy.",
            **told,
        ),
    ]


def _changed(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    item = f"{ONE}/items/{{item}}"
    changes = {**GONE, "unknown-item": 404, "changed-meanwhile": 409}
    return [
        api(
            "PUT",
            item,
            desk.revise,
            takes=NewItem,
            gives=ItemShown,
            fails={**changes, "above-marking": 409, "bad-item": 400},
            does=(f"POST {item}",),
            summary="Say it otherwise; what it said before stays.",
            **told,
        ),
        api(
            "PUT",
            f"{item}/sight",
            desk.hide,
            takes=Shown,
            gives=ItemShown,
            fails={**changes, "act-stays": 409},
            summary="Take it out of sight, or back.",
            **told,
        ),
        api(
            "DELETE",
            item,
            desk.delete_item,
            fails={**changes, "never-deleted": 403},
            summary="Always refused, and written down.",
            **told,
        ),
    ]


def _evidence(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            f"{ONE}/evidence",
            desk.hand_in,
            takes=HandedIn,
            brings=(BYTES,),
            gives=ItemShown,
            status=201,
            fails={**GONE, "too-large": 413, "bad-name": 400, "empty-file": 400, "merged": 409},
            cap=LARGEST,
            seconds=600.0,
            does=(f"POST {ONE}/evidence",),
            summary="Keep a file as evidence, byte for byte, with its SHA-256.",
            **told,
        ),
        api(
            "GET",
            f"{ONE}/evidence/{{item}}",
            desk.evidence,
            media=(BYTES,),
            fails={**GONE, "unknown-item": 404, "no-evidence": 404},
            seconds=600.0,
            does=(f"GET {ONE}/evidence/{{item}}",),
            summary="The bytes of evidence; that you read them is written down first.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._cases = services.get(Cases)
        self._strategies = services.get(Strategies)
        self._templates = services.get(CaseTemplates)

    def list(self, request: Request, asked: Which) -> CaseList:
        wanted = wanted_of(asked)
        lines, more = self._cases.list_cases(_who(request), wanted, before=read_place(asked.before))
        last = lines[-1].case if more and lines else None
        return CaseList(
            cases=tuple(shown(each.case) for each in lines),
            before=place_of(last.changed_at, last.id) if last is not None else "",
        )

    def open(self, request: Request, asked: NewCase) -> CaseShown:
        who = _who(request)
        begun = self._cases.begin_with(who, from_object=asked.from_object, from_handoff=asked.from_handoff)
        tasks = self._strategies.tasks(who, asked.strategy) if asked.strategy else ()
        given = {**head_of(asked), "bodies": begun.bodies, "origin": begun.origin}
        given |= {"summary": asked.summary or begun.summary, "tlp": max(given["tlp"], begun.tlp)}
        title = asked.title or begun.title
        if asked.template:
            given = said_over(self._templates.get(who, asked.template), given)
            return shown(self._templates.open(who, asked.template, title, **given))
        if asked.strategy:
            return shown(self._cases.open_by(who, title, asked.strategy, tasks, **given))
        return shown(self._cases.open(who, title, **given))

    def times(self, request: Request) -> Times:
        found = self._cases.measured(_who(request))
        return Times(
            classes={
                name: {
                    span: Measure(known=each[0], missing=each[1], median_s=each[2], p90_s=each[3])
                    for span, each in spans_of.items()
                }
                for name, spans_of in found.items()
            }
        )

    def one(self, request: Request) -> CaseShown:
        return shown(self._cases.get(_who(request), request.path_params["case"]).case)

    def change(self, request: Request, asked: Change) -> CaseShown:
        given, moments = changes_of(asked)
        made = self._cases.change(_who(request), request.path_params["case"], asked.version, moments=moments, **given)
        return shown(made)

    def delete(self, request: Request) -> None:
        self._cases.refuse_deletion(_who(request), request.path_params["case"])

    def merge(self, request: Request, asked: Into) -> CaseShown:
        who, case = _who(request), request.path_params["case"]
        return shown(self._cases.merge(who, case, asked.case) if asked.case else self._cases.unmerge(who, case))

    def name(self, request: Request, asked: Members) -> CaseShown:
        who, case = _who(request), request.path_params["case"]
        return shown(self._cases.name_to(who, case, asked.persons, named=asked.named))

    def items(self, request: Request, asked: When) -> ItemList:
        who = _who(request)
        opened = self._cases.get(who, request.path_params["case"])
        sorts = HAPPENED if asked.happened else WORKED
        found, more = self._cases.items(who, opened, sorts, hidden=asked.hidden, before=read_place(asked.before))
        return ItemList(
            items=tuple(map(item_shown, found)), before=place_of(found[-1].at, found[-1].id) if more and found else ""
        )

    def add(self, request: Request, asked: NewItem) -> ItemShown:
        body = read_body(asked.sort, words_of(asked))
        return item_shown(self._cases.add(_who(request), request.path_params["case"], asked.track, body))

    def revise(self, request: Request, asked: NewItem) -> ItemShown:
        who, item = _who(request), _of_case(self._cases, request)
        return item_shown(self._cases.revise(who, item.id, asked.version, read_body(asked.sort, words_of(asked))))

    def hide(self, request: Request, asked: Shown) -> ItemShown:
        item = _of_case(self._cases, request)
        return item_shown(self._cases.hide(_who(request), item.id, asked.version, hidden=asked.hidden))

    def delete_item(self, request: Request) -> None:
        item = _of_case(self._cases, request)
        self._cases.refuse_deletion(_who(request), item.case, item.id)

    def adopt(self, request: Request, asked: Adopted) -> ItemList:
        who = _who(request)
        tasks = self._strategies.tasks(who, asked.strategy)
        made = self._cases.add_tasks(who, request.path_params["case"], asked.track, tasks, asked.strategy)
        return ItemList(items=tuple(map(item_shown, made)), before="")

    def hand_in(self, request: Request, asked: HandedIn) -> ItemShown:
        about = Evidence(
            name=asked.name,
            media_type=asked.media_type,
            size=0,
            sha256="",
            source=asked.source,
            seal=asked.seal,
            location=asked.location,
        )
        content = BytesIO(request.content)
        return item_shown(
            self._cases.keep_evidence(_who(request), request.path_params["case"], asked.track, content, about)
        )

    def evidence(self, request: Request) -> StreamingResponse:
        item = _of_case(self._cases, request)
        body, parts = self._cases.read_evidence(_who(request), item.id)
        return attachment(body.name, body.size, parts)


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)


def _of_case(cases: Cases, request: Request) -> Item:
    """The item of an address; Unknown unless it stands in the case of that address, or in one read there."""
    opened = cases.get(_who(request), request.path_params["case"])
    return cases.item_of(_who(request), opened, request.path_params["item"])
