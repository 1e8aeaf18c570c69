"""Templates of cases: the list, one with its form, and what is kept of a case."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.cases import Track
from kouprey.response.model.casetemplates import Template, TemplateTask
from kouprey.response.pages import casewords as words
from kouprey.response.pages.cases import PATH as CASES
from kouprey.response.pages.cases import changes_of, said, types, who_of
from kouprey.response.pages.naming import Names, plain
from kouprey.response.rules.casetemplates import chosen
from kouprey.response.service import Cases, CaseTemplates
from kouprey.response.service.casetemplates import writable_of
from kouprey.response.wire.casetemplates import LARGEST

PATH = f"{CASES}/templates"
DAY = 86_400
_DROPPED = ("version", "whole", "person", "csrf")


def doors(services: Services) -> list[Door]:
    """Before those of cases, whose paths would take them for numbers."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    one = f"{PATH}/{{template}}"
    return [
        page(PATH, desk.show, **reads),
        page(PATH, desk.take, "POST", cap=LARGEST + MIB, part=LARGEST + 1, **reads),
        page(one, desk.one, **reads),
        page(one, desk.change, "POST", **reads),
        page(f"{one}/retired", desk.retire, "POST", **reads),
        page(f"{one}/template.json", desk.file, **reads),
        page(f"{CASES}/{{case}}/template", desk.form, **reads),
        page(f"{CASES}/{{case}}/template", desk.keep, "POST", **reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._templates = services.get(CaseTemplates)
        self._cases = services.get(Cases)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        return self._list(request)

    def _list(self, request: Request, error: str = "", status: int = 200) -> Response:
        who, retired = who_of(request), request.query_params.get("retired", "") == "yes"
        return request.render(
            "response/case_templates.html",
            status,
            rows=[
                (each, plain(each.name), plain(each.description)) for each in self._templates.list(who, retired=retired)
            ],
            retired=retired,
            levels=[(level.word, level.text) for level in TLP if level <= request.reader.clearance],
            may_keep=self._templates.may_keep(who),
            error=error,
            path=PATH,
        )

    def take(self, request: Request) -> Response:
        try:
            level = parse_tlp(request.field("tlp", longest=40) or TLP.CLEAR.word)
            made = self._templates.take(who_of(request), _handed_in(request), tlp=level)
        except ValueError as error:
            return self._list(request, str(error)[:200], 400)
        except KoupreyError as error:
            return self._list(request, said(error), error.http_status)
        return request.redirect(f"{PATH}/{made.id}", _("It is kept. Look through it before somebody needs it."))

    def one(self, request: Request) -> Response:
        return self._one(request)

    def _one(self, request: Request, error: str = "", status: int = 200) -> Response:
        who = who_of(request)
        found = self._templates.get(who, request.path_params["template"])
        tracks, names = writable_of(who), Names(self._people)
        return request.render(
            "response/case_template.html",
            status,
            found=found,
            name=plain(found.name),
            description=plain(found.description),
            tasks=[self._task(place, each, found, tracks) for place, each in enumerate(found.tasks)],
            watchers=[names.person(each) for each in found.watchers],
            by=names.person(found.changed_by),
            versions=len(self._templates.list_versions(who, found.id)),
            kind=_(words.KINDS[found.kind]),
            type=_(words.TYPES[found.type]) if found.type else "",
            severity=(_(words.SEVERITIES[found.severity][0]), words.SEVERITIES[found.severity][1]),
            choices={
                "types": types(),
                "severities": [(str(key), _(text)) for key, (text, _t) in words.SEVERITIES.items()],
                "kinds": [(str(key), _(text)) for key, text in words.KINDS.items()],
                "levels": [(each.word, each.text) for each in TLP if found.tlp <= each <= request.reader.clearance],
                "persons": [(each.id, each.name) for each in self._people.list_persons()],
                "tracks": [(str(each), _(words.TRACKS[each])) for each in tracks],
            },
            may_keep=self._templates.may_keep(who),
            error=error,
            path=PATH,
        )

    def change(self, request: Request) -> Response:
        who, template = who_of(request), request.path_params["template"]
        try:
            version = _version(request)
            if request.field("tasks", longest=8) == "yes":
                held = self._templates.get(who, template)
                changes: dict[str, Any] = {"tasks": _tasks_of(request, held, writable_of(who))}
            else:
                changes = {key: value for key, value in changes_of(request).items() if key not in _DROPPED}
                changes |= {name: request.field(name, longest=20_000) for name in ("name", "description")}
                persons = request.fields.getlist("person")
                changes["watchers"] = tuple(str(each) for each in persons if isinstance(each, str))
            self._templates.change(who, template, version, **changes)
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._one(request, said(error), error.http_status)
        return request.redirect(f"{PATH}/{template}", _("It is kept; what it was before stays."))

    def retire(self, request: Request) -> Response:
        who, template = who_of(request), request.path_params["template"]
        retired = request.field("retired", longest=8) == "yes"
        try:
            self._templates.retire(who, template, _version(request), retired=retired)
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._one(request, said(error), error.http_status)
        told = _("It is offered no more, and can be brought back.") if retired else _("It is offered again.")
        return request.redirect(f"{PATH}/{template}", told)

    def file(self, request: Request) -> Response:
        found, raw = self._templates.write(who_of(request), request.path_params["template"])
        return attachment(f"{found.name[:80]}.json", len(raw), iter([raw]))

    def form(self, request: Request) -> Response:
        return self._form(request)

    def _form(self, request: Request, error: str = "", status: int = 200) -> Response:
        opened = self._cases.get(who_of(request), request.path_params["case"])
        case = opened.case
        return request.render(
            "response/case_template_new.html",
            status,
            case=case,
            given={name: request.fields.get(name, "") for name in ("name", "description")} if error else {},
            title=plain(case.title),
            levels=[(each.word, each.text) for each in TLP if case.tlp <= each <= request.reader.clearance],
            tracks=[_(words.TRACKS[each]) for each in opened.writes],
            error=error,
            path=f"{CASES}/{case.number}",
        )

    def keep(self, request: Request) -> Response:
        given = {name: request.field(name, longest=20_000) for name in ("name", "description", "tlp")}
        try:
            made = self._templates.keep(
                who_of(request),
                request.path_params["case"],
                given["name"],
                description=given["description"],
                tlp=parse_tlp(given["tlp"]) if given["tlp"] else None,
            )
        except ValueError as error:
            return self._form(request, str(error)[:200], 400)
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._form(request, said(error), error.http_status)
        return request.redirect(f"{PATH}/{made.id}", _("It is kept. Take out what was of this one case alone."))

    def _task(self, place: int, task: TemplateTask, found: Template, tracks: tuple[Track, ...]) -> dict[str, Any]:
        deep, under = 0, task.under
        while under is not None and deep < len(found.tasks):
            deep, under = deep + 1, found.tasks[under].under
        return {
            "task": task,
            "place": place,
            "title": plain(task.title),
            "text": plain(task.text),
            "track": _(words.TRACKS[task.track]),
            "writable": task.track in tracks,
            "hours": _hours_of(task),
            "after": [each + 1 for each in task.after],
            "deep": min(deep, 5),
        }


def _version(request: Request) -> int:
    text = request.field("version", longest=12)
    if not text.isdecimal():
        raise Damaged("It is not said which version was looked at.", code="bad-field")
    return int(text)


def _tasks_of(request: Request, held: Template, tracks: tuple[Track, ...]) -> tuple[TemplateTask, ...]:
    """The tasks on these tracks as the form has them: said otherwise, left out, and one more at the end."""
    kept: list[int] = []
    said_now = list(held.tasks)
    for place, task in enumerate(held.tasks):
        if task.track not in tracks or request.field(f"out-{place}", longest=8):
            continue
        kept.append(place)
        hours = request.field(f"hours-{place}", longest=8)
        said_now[place] = msgspec.structs.replace(
            task,
            title=request.field(f"title-{place}", longest=2_000).strip() or task.title,
            text=request.field(f"text-{place}", longest=20_000) if f"text-{place}" in request.fields else task.text,
            due_s=task.due_s if hours == str(_hours_of(task)) else _hours(hours),
        )
    made = chosen(said_now, kept)
    title = request.field("title-new", longest=2_000).strip()
    if not title:
        return made
    try:
        track = Track(request.field("track-new", longest=20))
    except ValueError:
        raise Damaged("There is no such track.", remedy="Choose one of the list.", code="bad-field") from None
    text, due_s = request.field("text-new", longest=20_000), _hours(request.field("hours-new", longest=8))
    return (*made, TemplateTask(track=track, title=title, text=text, due_s=due_s))


def _hours_of(task: TemplateTask) -> int | str:
    """Whole hours as the form shows them; what is left as it is keeps its seconds."""
    return -(-task.due_s // 3_600) or ""


def _hours(text: str) -> int:
    if text and not (text.isascii() and text.isdecimal()):
        raise Damaged("The hours are no whole number.", text[:20], "Write 4, or nothing.", code="bad-time")
    return int(text or 0) * 3_600


def _handed_in(request: Request) -> bytes:
    given = request.fields.get("file")
    if not isinstance(given, UploadFile) or not given.size:
        raise Damaged("No file was sent.", remedy="Choose a file.", code="no-file")
    return given.file.read(LARGEST + 1)
