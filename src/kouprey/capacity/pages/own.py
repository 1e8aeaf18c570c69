"""One's own record: seats, badges, certificates of others, points, and the calendar of all that."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.capacity.model import Certificate
from kouprey.capacity.pages import words
from kouprey.capacity.rules.cpd import per_year
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.tables import schemes
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/programmes/mine"
CERTIFICATES = "/programmes/certificates"


def doors(services: Services) -> list[Door]:
    """Everybody sees their own; who builds capacity sees everybody's of ours."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(PATH, desk.show, **reads),
        page(f"{PATH}/calendar", desk.calendar, "POST", **reads),
        page(CERTIFICATES, desk.every, **reads),
        page(CERTIFICATES, desk.add, "POST", **reads),
        page(f"{CERTIFICATES}/{{certificate}}/check", desk.check, "POST", **reads),
        page(f"{CERTIFICATES}/{{certificate}}/withdraw", desk.withdraw, "POST", **reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._capacity = services.get(Capacity)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        return self._page(request)

    def add(self, request: Request) -> Response:
        names = ("issuer", "title", "number", "valid_until", "proof", "scheme", "holder")
        given: dict[str, Any] = {name: request.field(name) for name in names}
        try:
            self._capacity.add_certificate(words.who(request), Certificate(id="", **given))
        except KoupreyError as error:
            return self._page(request, words.said(error), error.http_status, given)
        return request.redirect(PATH, _("It is recorded. A colleague looks at its proof."))

    def calendar(self, request: Request) -> Response:
        whole = request.field("whole") == "yes"
        secret = self._capacity.open_feed(words.who(request), whole=whole)
        address = f"{request.site.origins[0]}/calendar/{secret}.ics"
        return request.render("capacity/calendar.html", address=address, whole=whole)

    def every(self, request: Request) -> Response:
        who = words.who(request)
        return request.render(
            "capacity/certificates.html",
            may_write=self._capacity.may_write(who),
            rows=self._rows(self._capacity.certificates(who)),
            me=who.name,
        )

    def check(self, request: Request) -> Response:
        self._capacity.check_certificate(words.who(request), request.path_params["certificate"])
        return request.redirect(CERTIFICATES, _("It is checked, in your name."))

    def withdraw(self, request: Request) -> Response:
        one, gone = request.path_params["certificate"], request.field("withdrawn") != "no"
        self._capacity.withdraw_certificate(words.who(request), one, withdrawn=gone)
        undo = Undo(f"{CERTIFICATES}/{one}/withdraw", {"withdrawn": "no" if gone else "yes"})
        said = _("It counts no more, and stays in the record.") if gone else _("It counts again.")
        return request.redirect(PATH, said, undo=undo)

    def _page(
        self, request: Request, error: str = "", status: int = 200, given: dict[str, str] | None = None
    ) -> Response:
        who = words.who(request)
        points = self._capacity.points(who)
        titles = {each.id: each.title for each in self._capacity.list_activities(who)}
        achievements = {each.id: each for each in self._capacity.achievements()}
        mine = [each for each in self._capacity.certificates(who, who.name) if each.holder == who.name]
        return request.render(
            "capacity/mine.html",
            status,
            error=error,
            given=words.Typed(given or {}),
            seats=self._capacity.own_seats(who),
            badges=[(each, achievements[each.achievement]) for each in self._own_badges(who)],
            certificates=self._rows(mine),
            points=[(each, titles.get(each.activity, "–")) for each in points],
            years=per_year(points),
            schemes=schemes(),
            scheme_options=[("", _("None")), *((each.id, each.name) for each in schemes().values())],
            may_write=self._capacity.may_write(who),
            words=words,
        )

    def _own_badges(self, who: Any) -> list[Any]:
        return self._capacity.badges(who, who.name)

    def _rows(self, certificates: list[Certificate]) -> list[tuple[Certificate, str, str]]:
        names = {each.id: each.name for each in self._people.list_persons()}
        return [
            (each, names.get(each.holder, each.holder), names.get(each.checked_by, each.checked_by))
            for each in certificates
        ]
