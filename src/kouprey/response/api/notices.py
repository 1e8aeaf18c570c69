"""Endpoints about notices: what waits for whoever asks, what they want to be told, and watching a case."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.notices import About, Choice, Often
from kouprey.response.service import HandOffs, Notices
from kouprey.response.store.cases import place_of, read_place


class Which(Asked, frozen=True, kw_only=True):
    """Which notices; `before` is that of the answer before."""

    unread: bool = True
    before: str = ""


class OneNotice(Struct, kw_only=True):
    """That something happened, `times` since it was read last; `about` is a hand-off or a case with a `number`."""

    id: str
    kind: str
    about: str
    number: int
    title: str
    said: str
    times: int
    at: Time
    read: bool


class NoticeList(Struct, kw_only=True):
    """Notices, the latest first; `before` goes on, "" at the end. `waiting`: how many are unread."""

    notices: tuple[OneNotice, ...]
    waiting: int
    before: str


class Marked(Asked, frozen=True, kw_only=True):
    """Notices to mark as read or unread; no ids: all that wait are read."""

    ids: Annotated[tuple[str, ...], Meta(max_length=500)] = ()
    read: bool = True


class Done(Struct, kw_only=True):
    """Those that were another before: given back with `read` turned round, all is as it was."""

    ids: tuple[str, ...]


class Chosen(Asked, frozen=True, kw_only=True):
    """What to be told of, and how often by mail (`off`, `hourly`, `daily`) to which address."""

    told: tuple[About, ...]
    often: Often = Often.OFF
    address: Annotated[str, Meta(max_length=300)] = ""
    language: Annotated[str, Meta(max_length=10)] = "en"


class ChoiceShown(Struct, kw_only=True):
    """What somebody has chosen, and how the last mail stands."""

    told: tuple[str, ...]
    often: str
    address: str
    state: str
    error: str


class Watching(Asked, frozen=True, kw_only=True):
    """Whether to be told of what changes in a case."""

    watching: bool


class Watched(Struct, kw_only=True):
    """Whether they are told of what changes in it; whoever leads it is, until they stop."""

    watching: bool


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Notices))
    told: dict[str, Any] = {"group": "Notices", "roles": roles_with(Permission.READ)}
    alone = {"no-person": 403}
    return [
        api(
            "GET",
            "/notices",
            desk.list,
            takes=Which,
            gives=NoticeList,
            does=("GET /notices", "GET /notices/now"),
            summary="What waits for you; for programs nothing does.",
            **told,
        ),
        api(
            "PUT",
            "/notices/read",
            desk.mark,
            takes=Marked,
            gives=Done,
            fails=alone,
            does=("POST /notices/read",),
            summary="Mark notices as read or unread.",
            **told,
        ),
        api("GET", "/notices/choice", desk.choice, gives=ChoiceShown, fails=alone, summary="What you chose.", **told),
        api(
            "PUT",
            "/notices/choice",
            desk.choose,
            takes=Chosen,
            gives=ChoiceShown,
            fails={**alone, "bad-address": 400},
            does=("POST /notices/choice",),
            summary="Say what you want to be told of.",
            **told,
        ),
        *_watching(desk, told),
    ]


def _watching(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    watched = {"no-person": 403, "unknown-case": 404, "role-missing": 403}
    return [
        api(
            "GET",
            "/cases/{case}/watch",
            desk.watched,
            gives=Watched,
            fails=watched,
            summary="Whether you are told of what changes in a case.",
            **told,
        ),
        api(
            "PUT",
            "/cases/{case}/watch",
            desk.watch,
            takes=Watching,
            gives=Watched,
            fails=watched,
            does=("POST /cases/{case}/watch",),
            summary="Watch a case, or stop.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def list(self, request: Request, asked: Which) -> NoticeList:
        who = HandOffs.speaker(request.reader, request.who.roles)
        found, more = self._notices.list_notices(who, unread=asked.unread, before=read_place(asked.before))
        return NoticeList(
            notices=tuple(
                OneNotice(
                    id=each.id,
                    kind=str(each.kind),
                    about=each.about,
                    number=each.number,
                    title=each.title,
                    said=each.said,
                    times=each.count,
                    at=time_of(each.at),
                    read=bool(each.read_at),
                )
                for each in found
            ),
            waiting=self._notices.count(who),
            before=place_of(found[-1].at, found[-1].id) if more else "",
        )

    def mark(self, request: Request, asked: Marked) -> Done:
        return Done(ids=tuple(self._notices.mark(request.reader, asked.ids, read=asked.read)))

    def choice(self, request: Request) -> ChoiceShown:
        return _shown(self._notices.choice(request.reader))

    def choose(self, request: Request, asked: Chosen) -> ChoiceShown:
        made = self._notices.choose(request.reader, asked.told, asked.often, asked.address, asked.language)
        return _shown(made)

    def watched(self, request: Request) -> Watched:
        who = HandOffs.speaker(request.reader, request.who.roles)
        return Watched(watching=self._notices.watches(who, request.path_params["case"]))

    def watch(self, request: Request, asked: Watching) -> Watched:
        who = HandOffs.speaker(request.reader, request.who.roles)
        return Watched(watching=self._notices.watch(who, request.path_params["case"], watching=asked.watching))


def _shown(choice: Choice) -> ChoiceShown:
    return ChoiceShown(
        told=tuple(map(str, choice.told)),
        often=str(choice.often),
        address=choice.address,
        state=str(choice.state),
        error=choice.error,
    )
