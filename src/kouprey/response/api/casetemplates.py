"""Endpoints about templates of cases."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.responses import StreamingResponse

from kouprey.kernel.web.api import JSON, Asked, Time, api, time_of
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import PAP, TLP, parse_pap, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.cases import Kind, Severity, Track
from kouprey.response.model.casetemplates import Template, TemplateTask
from kouprey.response.service import CaseTemplates, HandOffs
from kouprey.response.wire.casetemplates import LARGEST

ALL = "/case-templates"
ONE = f"{ALL}/{{template}}"
PAGE = "/cases/templates"
Short = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=20_000)]


class Which(Asked, frozen=True, kw_only=True):
    """Those that are offered, or those that are retired."""

    retired: bool = False


class Kept(Asked, frozen=True, kw_only=True):
    """The case that a template is kept of; `tlp` "" for that of the case."""

    case: Short
    name: Short
    description: Text = ""
    tlp: Short = ""


class HandedIn(Asked, frozen=True, kw_only=True):
    """How a template that is handed in is marked at least."""

    tlp: Short = "clear"


class TaskGiven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task; `like` is the place of the one it was, whose requests it keeps, null for a new one.

    `after` and `under` are places of tasks in this very list.
    """

    track: Track
    title: Short
    text: Text = ""
    who: Short = ""
    due_s: int = 0
    after: tuple[Annotated[int, Meta(ge=0, lt=500)], ...] = ()
    under: Annotated[int, Meta(ge=0, lt=500)] | None = None
    like: Annotated[int, Meta(ge=0, lt=500)] | None = None


class Change(Asked, frozen=True, kw_only=True):
    """What is changed; `version` is the one that was looked at.

    `tasks` are all those on the tracks that you write on.
    """

    version: int
    name: Short | None = None
    description: Text | None = None
    title: Short | None = None
    summary: Text | None = None
    kind: Kind | None = None
    type: Short | None = None
    severity: Severity | None = None
    tlp: Short | None = None
    pap: Short | None = None
    cross_border: bool | None = None
    sectors: Annotated[tuple[Short, ...], Meta(max_length=50)] | None = None
    watchers: Annotated[tuple[Short, ...], Meta(max_length=500)] | None = None
    tasks: Annotated[tuple[TaskGiven, ...], Meta(max_length=500)] | None = None


class Retired(Asked, frozen=True, kw_only=True):
    """Whether it is offered no more; `version` is the one that was looked at."""

    version: int
    retired: bool


class TaskShown(Struct, kw_only=True):
    """A task that a new case gets; `requests` are how many it may send."""

    track: str
    title: str
    text: str
    who: str
    due_s: int
    after: tuple[int, ...]
    under: int | None
    requests: int


class TemplateShown(Struct, kw_only=True):
    """A template, with the tasks of the tracks that you read."""

    id: str
    version: int
    name: str
    description: str
    title: str
    summary: str
    kind: str
    type: str
    severity: str
    tlp: str
    pap: str
    cross_border: bool
    sectors: tuple[str, ...]
    watchers: tuple[str, ...]
    tasks: tuple[TaskShown, ...]
    retired: bool
    changed: Time


class TemplateList(Struct, kw_only=True):
    """Templates that you may see, by name."""

    templates: tuple[TemplateShown, ...]


GONE = {"no-template": 404, "role-missing": 403}
WRONG = dict.fromkeys(("bad-title", "bad-text", "bad-type", "no-title", "bad-time", "bad-person"), 400)
ABOVE = {"above-marking": 409, "above-clearance": 409, "too-many-tasks": 409}


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.READ)}
    return [*_all(desk, told), *_one(desk, told)]


def _all(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            ALL,
            desk.list,
            takes=Which,
            gives=TemplateList,
            fails={"role-missing": 403},
            does=(f"GET {PAGE}",),
            summary="Templates of cases that you may see.",
            **told,
        ),
        api(
            "POST",
            ALL,
            desk.keep,
            takes=Kept,
            gives=TemplateShown,
            status=201,
            fails={**WRONG, **ABOVE, "unknown-case": 404, "role-missing": 403, "named": 409},
            does=("GET /cases/{case}/template", "POST /cases/{case}/template"),
            summary="Keep a template of a case.",
            **told,
        ),
        api(
            "POST",
            f"{ALL}/files",
            desk.take,
            takes=HandedIn,
            brings=(JSON,),
            gives=TemplateShown,
            status=201,
            fails={**WRONG, **ABOVE, "role-missing": 403, "bad-template": 400, "too-large": 413, "too-deep": 400},
            cap=LARGEST,
            does=(f"POST {PAGE}",),
            summary="Take in a template that a node has written as a file.",
            **told,
        ),
    ]


def _one(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            ONE,
            desk.one,
            gives=TemplateShown,
            fails=GONE,
            does=(f"GET {PAGE}/{{template}}",),
            summary="A template.",
            **told,
        ),
        api(
            "PATCH",
            ONE,
            desk.change,
            takes=Change,
            gives=TemplateShown,
            fails={**GONE, **WRONG, **ABOVE, "changed-meanwhile": 409},
            does=(f"POST {PAGE}/{{template}}",),
            summary="Change a template; each version stays.",
            **told,
        ),
        api(
            "PUT",
            f"{ONE}/retired",
            desk.retire,
            takes=Retired,
            gives=TemplateShown,
            fails={**GONE, "changed-meanwhile": 409},
            does=(f"POST {PAGE}/{{template}}/retired",),
            summary="Offer a template no more, or again.",
            **told,
        ),
        api(
            "GET",
            f"{ONE}/file",
            desk.file,
            media=(BYTES,),
            fails=GONE,
            does=(f"GET {PAGE}/{{template}}/template.json",),
            summary="The file of a template, without persons; that you took it is written down first.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._templates = services.get(CaseTemplates)

    def list(self, request: Request, asked: Which) -> TemplateList:
        return TemplateList(templates=tuple(map(_shown, self._templates.list(_who(request), retired=asked.retired))))

    def keep(self, request: Request, asked: Kept) -> TemplateShown:
        level = _level(asked.tlp) if asked.tlp else None
        made = self._templates.keep(_who(request), asked.case, asked.name, description=asked.description, tlp=level)
        return _shown(made)

    def take(self, request: Request, asked: HandedIn) -> TemplateShown:
        return _shown(self._templates.take(_who(request), request.content, tlp=_level(asked.tlp)))

    def one(self, request: Request) -> TemplateShown:
        return _shown(self._templates.get(_who(request), request.path_params["template"]))

    def change(self, request: Request, asked: Change) -> TemplateShown:
        who, template = _who(request), request.path_params["template"]
        given = {
            name: value
            for name in asked.__struct_fields__
            if name != "version" and (value := getattr(asked, name)) is not None
        }
        if "tlp" in given:
            given["tlp"] = _level(given["tlp"])
        if "pap" in given:
            given["pap"] = _pap(given["pap"])
        if asked.tasks is not None:
            given["tasks"] = _tasks(asked.tasks, self._templates.get(who, template).tasks)
        return _shown(self._templates.change(who, template, asked.version, **given))

    def retire(self, request: Request, asked: Retired) -> TemplateShown:
        template = request.path_params["template"]
        return _shown(self._templates.retire(_who(request), template, asked.version, retired=asked.retired))

    def file(self, request: Request) -> StreamingResponse:
        found, raw = self._templates.write(_who(request), request.path_params["template"])
        return attachment(f"{found.name[:80]}.json", len(raw), iter([raw]))


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)


def _tasks(given: tuple[TaskGiven, ...], held: tuple[TemplateTask, ...]) -> tuple[TemplateTask, ...]:
    """The tasks as they are to be; Damaged names the one that speaks of a task that is not there."""
    made = []
    for place, each in enumerate(given):
        wrong = [other for other in each.after if other >= len(given) or other == place]
        if wrong or (each.under is not None and each.under >= place) or (each.like or 0) >= max(len(held), 1):
            raise Damaged(
                "A task speaks of another that is not there.", f"tasks[{place}]", "Mend its places.", code="bad-field"
            )
        calls = held[each.like].calls if each.like is not None and held else ()
        fields = {name: value for name, value in msgspec.structs.asdict(each).items() if name != "like"}
        made.append(TemplateTask(**fields, calls=calls))
    return tuple(made)


def _level(word: str) -> TLP:
    try:
        return parse_tlp(word)
    except ValueError as error:
        remedy = "Use clear, green, amber, amber+strict or red."
        raise Damaged("That is no marking.", str(error), remedy, code="bad-tlp") from error


def _pap(word: str) -> PAP:
    try:
        return parse_pap(word)
    except ValueError as error:
        raise Damaged("That is no marking.", str(error), "Use clear, green, amber or red.", code="bad-pap") from error


def _shown(template: Template) -> TemplateShown:
    return TemplateShown(
        id=template.id,
        version=template.version,
        name=template.name,
        description=template.description,
        title=template.title,
        summary=template.summary,
        kind=template.kind,
        type=template.type,
        severity=template.severity,
        tlp=template.tlp.word,
        pap=template.pap.word,
        cross_border=template.cross_border,
        sectors=template.sectors,
        watchers=template.watchers,
        tasks=tuple(
            TaskShown(
                track=each.track,
                title=each.title,
                text=each.text,
                who=each.who,
                due_s=each.due_s,
                after=each.after,
                under=each.under,
                requests=len(each.calls),
            )
            for each in template.tasks
        ),
        retired=template.retired,
        changed=time_of(template.changed_at),
    )
