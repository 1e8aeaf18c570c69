"""Endpoints about what is learnt from a case."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.response.api.caseshapes import ItemShown, item_shown
from kouprey.response.model.cases import Task, Track
from kouprey.response.model.lessons import Draft
from kouprey.response.service import Cases, HandOffs
from kouprey.response.service.caselessons import MOST_RECOMMENDED
from kouprey.response.wire.casewords import read_moment
from kouprey.response.wire.lessons import write_draft

ONE = "/cases/{case}/lessons"


class Recommended(Asked, frozen=True, kw_only=True):
    """What is recommended; `who` is a person of ours, `due` as `2026-12-01 09:00`, in UTC where it says no offset."""

    title: Annotated[str, Meta(max_length=200)]
    who: Annotated[str, Meta(max_length=200)]
    due: Annotated[str, Meta(max_length=40)]


class Lessons(Asked, frozen=True, kw_only=True):
    """What is kept: a text, recommendations, or both; all or nothing."""

    text: Annotated[str, Meta(max_length=20_000)] = ""
    recommended: Annotated[tuple[Recommended, ...], Meta(max_length=MOST_RECOMMENDED)] = ()
    track: Track = Track.TECHNICAL


class LessonsShown(Struct, kw_only=True):
    """`text` is the newest that was kept, "" for none; `words` the draft in English, made of `draft`."""

    text: str
    words: str
    draft: Draft
    recommended: tuple[ItemShown, ...]


class LessonsKept(Struct, kw_only=True):
    """The note and the tasks that were made."""

    items: tuple[ItemShown, ...]


def doors(services: Services) -> list[Door]:
    """Look, and keep."""
    cases = services.get(Cases)

    def look(request: Request) -> LessonsShown:
        who, case = _who(request), request.path_params["case"]
        learnt, made = cases.learnt(who, case), cases.draft_lessons(who, case)
        return LessonsShown(
            text=learnt.text,
            words=write_draft(made),
            draft=made,
            recommended=tuple(map(item_shown, learnt.recommended)),
        )

    def keep(request: Request, asked: Lessons) -> LessonsKept:
        tasks = [
            Task(title=each.title, who=each.who, due=read_moment(each.due).at if each.due else 0)
            for each in asked.recommended
        ]
        made = cases.keep_lessons(_who(request), request.path_params["case"], asked.track, asked.text, tasks)
        return LessonsKept(items=tuple(map(item_shown, made)))

    told: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.READ)}
    gone = {"unknown-case": 404, "role-missing": 403}
    return [
        api(
            "GET",
            ONE,
            look,
            gives=LessonsShown,
            fails=gone,
            does=(f"GET {ONE}",),
            summary="What is learnt from a case: a draft from its times and tasks, and what people kept.",
            **told,
        ),
        api(
            "POST",
            ONE,
            keep,
            takes=Lessons,
            gives=LessonsKept,
            status=201,
            fails={**gone, "merged": 409, "no-text": 400, "no-owner": 400, "no-title": 400, "bad-time": 400},
            does=(f"POST {ONE}",),
            summary="Keep what was learnt, as a note, and recommendations, as tasks.",
            **told,
        ),
    ]


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)
