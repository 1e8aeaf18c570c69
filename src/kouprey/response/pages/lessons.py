"""What is learnt from a case: the draft, the text that is kept, and what is recommended."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.cases import Task, Track
from kouprey.response.pages import cases as lists
from kouprey.response.pages import casewords as words
from kouprey.response.pages.naming import Names, plain
from kouprey.response.service import Cases
from kouprey.response.wire.casewords import read_moment
from kouprey.response.wire.lessons import write_draft

FIELDS = ("text", "title", "who", "due", "offset")


def doors(services: Services) -> list[Door]:
    """The page, and what is kept from it."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    path = f"{lists.PATH}/{{case}}/lessons"
    return [page(path, desk.show, **reads), page(path, desk.keep, "POST", **reads)]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._cases = services.get(Cases)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        return self._show(request, {})

    def _show(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        who, number = lists.who_of(request), request.path_params["case"]
        opened, names = self._cases.get(who, number), Names(self._people)
        learnt, drafted = self._cases.learnt(who, number), write_draft(self._cases.draft_lessons(who, number))
        return request.render(
            "response/lessons.html",
            status,
            case=opened.case,
            title=plain(opened.case.title),
            text=given.get("text") or learnt.text or drafted,
            kept=bool(learnt.text),
            drafted=drafted,
            given=dict.fromkeys(FIELDS, "") | given,
            error=error,
            recommended=[
                {
                    "title": plain(each.body.title),
                    "who": names.person(each.body.who),
                    "due": each.body.due,
                    "state": (_(words.STATES[each.body.state][0]), words.STATES[each.body.state][1]),
                }
                for each in learnt.recommended
                if isinstance(each.body, Task)
            ],
            writes=[(str(each), _(words.TRACKS[each])) for each in opened.writes],
            writable=bool(opened.writes) and not opened.case.merged_into,
            persons=[(each.id, each.name) for each in self._people.list_persons()],
            offsets=lists.offsets(),
            path=lists.PATH,
        )

    def keep(self, request: Request) -> Response:
        given = {name: request.field(name, longest=20_000) for name in FIELDS}
        try:
            track = Track(request.field("track") or str(Track.TECHNICAL))
            tasks = []
            if given["title"] or given["due"]:
                due = read_moment(given["due"], given["offset"]).at if given["due"] else 0
                tasks.append(Task(title=given["title"].strip(), who=given["who"], due=due))
            self._cases.keep_lessons(
                lists.who_of(request), request.path_params["case"], track, given["text"].replace("\r\n", "\n"), tasks
            )
        except ValueError as error:
            return self._show(request, given, str(error)[:200], 400)
        except Damaged as error:
            return self._show(request, given, lists.said(error), error.http_status)
        return request.redirect(f"{lists.PATH}/{request.path_params['case']}/lessons", _("It is written down."))
