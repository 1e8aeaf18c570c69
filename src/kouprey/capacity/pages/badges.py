"""Badges that this node gives, whoever has earned one, and certificates of others that wait to be looked at."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.capacity.model import Achievement, Kind
from kouprey.capacity.pages import words
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.paper import draw_badge
from kouprey.capacity.wire.typed import read_competency
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import LANGUAGES, _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/programmes/badges"


def doors(services: Services) -> list[Door]:
    """Who may write follows from roles, which the verbs ask."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(PATH, desk.show, **reads),
        page(PATH, desk.issue, "POST", **reads),
        page(f"{PATH}/achievements", desk.define, "POST", **reads),
        page(f"{PATH}/key", desk.rotate, "POST", **reads),
        page(f"{PATH}/{{badge}}/revoke", desk.revoke, "POST", **reads),
        page(f"{PATH}/{{badge}}/badge.pdf", desk.paper, **reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._capacity = services.get(Capacity)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        return self._page(request)

    def define(self, request: Request) -> Response:
        given = {
            name: request.field(name)
            for name in ("name", "description", "criteria", "kind", "times", "least", "competency")
        }
        try:
            chosen = (read_competency(given["competency"]),) if given["competency"] else ()
            made = Achievement(
                id="",
                name=given["name"],
                description=given["description"],
                criteria=given["criteria"],
                kind=given["kind"],
                times=_count(given["times"]),
                least=_count(given["least"]),
                competencies=chosen,
            )
            self._capacity.add_achievement(words.who(request), made)
        except KoupreyError as error:
            return self._page(request, words.said(error), error.http_status, given)
        return request.redirect(PATH, _("It can be earned now."))

    def issue(self, request: Request) -> Response:
        achievement, _unused, holder = request.field("for").partition(" ")
        party, _unused, nominee = holder.partition(" ")
        try:
            made = self._capacity.issue(words.who(request), achievement, party, nominee)
        except KoupreyError as error:
            return self._page(request, words.said(error), error.http_status)
        return request.redirect(PATH, _("The badge is signed. Its address is /badges/%(id)s.") % {"id": made.id})

    def revoke(self, request: Request) -> Response:
        try:
            self._capacity.revoke(words.who(request), request.path_params["badge"], request.field("why"))
        except KoupreyError as error:
            return self._page(request, words.said(error), error.http_status)
        return request.redirect(PATH, _("It counts no more, and partners are told."))

    def rotate(self, request: Request) -> Response:
        self._capacity.rotate_key(words.who(request))
        return request.redirect(PATH, _("A new key signs from now on. Badges of the old one stay good."))

    def paper(self, request: Request) -> Response:
        badge = self._capacity.get_badge(request.path_params["badge"])
        holder = self._capacity.holder_of(words.who(request), badge)
        wish = request.query_params.get("paper", request.language)
        achievement = next(each for each in self._capacity.achievements() if each.id == badge.achievement)
        drawn = draw_badge(
            badge,
            achievement,
            holder,
            language=wish if wish in LANGUAGES else "en",
            home=self._people.home().name,
            address=f"{request.site.origins[0]}/badges/{badge.id}",
            competencies=[words.competency(each) for each in achievement.competencies],
        )
        headers = {"Content-Disposition": f'attachment; filename="{badge.id}.pdf"'}
        return Response(drawn, media_type="application/pdf", headers=headers)

    def _page(
        self, request: Request, error: str = "", status: int = 200, given: dict[str, str] | None = None
    ) -> Response:
        who = words.who(request)
        writes = self._capacity.may_write(who)
        achievements = self._capacity.achievements()
        badges = self._capacity.badges(who) if writes else []
        return request.render(
            "capacity/badges.html",
            status,
            error=error,
            given=words.Typed(given or {}),
            may_write=writes,
            achievements={each.id: each for each in achievements},
            candidates=[
                (each, holder, mean)
                for each in achievements
                for holder, mean in self._capacity.candidates(who, each.id)
            ]
            if writes
            else [],
            badges=[(each, self._capacity.holder_of(who, each)) for each in badges],
            keys=self._capacity.key_log(),
            kinds=[("", _("Any")), *((str(kind), words.kind_of(kind)) for kind in Kind)],
            choices=[("", _("None")), *words.choices()],
            words=words,
        )


def _count(text: str) -> int:
    """A small number as typed; -1 for anything else, which the verb refuses."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else -1
