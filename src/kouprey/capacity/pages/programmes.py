"""Programmes: all of them with their activities, new ones, and what parties need and offer."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.capacity.model import Activity, Kind, Programme
from kouprey.capacity.pages import words
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.typed import read_form, read_wish, show_local
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/programmes"
FIELDS = (
    *("kind", "title", "starts", "ends", "zone", "deadline", "seats", "place", "online", "languages"),
    *("competencies", "note"),
)
LEVELS = (TLP.CLEAR, TLP.GREEN, TLP.AMBER)


def doors(services: Services) -> list[Door]:
    """Everybody reads what they are cleared for; who may write follows from roles, which the verbs ask."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(PATH, desk.show, **reads),
        page(PATH, desk.plan, "POST", **reads),
        page(f"{PATH}/new", desk.new, **reads),
        page(f"{PATH}/needs", desk.needs, **reads),
        page(f"{PATH}/needs", desk.state_needs, "POST", **reads),
        page(f"{PATH}/{{programme}}/new", desk.new_activity, **reads),
        page(f"{PATH}/{{programme}}", desk.publish, "POST", **reads),
    ]


def form_values(request: Request) -> dict[str, str]:
    """What was typed of an activity; several competencies come one by one."""
    given = {name: request.field(name) for name in FIELDS if name != "competencies"}
    chosen = [each for each in request.fields.getlist("competencies") if isinstance(each, str)]
    return given | {"competencies": " ".join(chosen)}


def options() -> dict[str, Any]:
    """The lists of the form of an activity."""
    return {
        "kinds": [(str(kind), words.kind_of(kind)) for kind in Kind],
        "choices": [("", _("None")), *words.choices()],
    }


class _Desk:
    def __init__(self, services: Services) -> None:
        self._capacity = services.get(Capacity)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        who, now = words.who(request), self._capacity.now()
        activities = self._capacity.list_activities(who)
        writes = self._capacity.may_write(who)
        return request.render(
            "capacity/programmes.html",
            programmes=self._capacity.list_programmes(who),
            next=[self._row(each) for each in activities if each.ends > now],
            past=[self._row(each) for each in activities if each.ends <= now],
            agreed=self._agreed(),
            may_write=writes,
            measures=[(each.title, self._capacity.measures(who, each.agreement)) for each in self._capacity.agreed()],
            now=now,
            words=words,
        )

    def new(self, request: Request) -> Response:
        return self._form(request, {"year": format_second(self._capacity.now())[:4]})

    def plan(self, request: Request) -> Response:
        given = {name: request.field(name) for name in ("agreement", "theme", "year", "budget", "answers", "tlp")}
        try:
            made = self._capacity.plan(words.who(request), _programme(given))
        except KoupreyError as error:
            return self._form(request, given, words.said(error), error.http_status)
        return request.redirect(f"{PATH}/{made.id}/new", _("The programme stands. Publish its first activity."))

    def new_activity(self, request: Request) -> Response:
        return self._activity_form(request, {"zone": "Asia/Phnom_Penh", "seats": "10", "languages": "km en"})

    def publish(self, request: Request) -> Response:
        given = form_values(request)
        try:
            made = self._capacity.publish(words.who(request), request.path_params["programme"], read_form(given))
        except KoupreyError as error:
            return self._activity_form(request, given, words.said(error), error.http_status)
        return request.redirect(f"{PATH}/activities/{made.id}", _("It is published to every party of the agreement."))

    def needs(self, request: Request) -> Response:
        return self._needs(request)

    def state_needs(self, request: Request) -> Response:
        who, home = words.who(request), self._people.home_id
        held = self._capacity.needs(who).get(home)
        wishes = list(held.wishes) if held is not None else []
        try:
            if request.field("remove"):
                number = request.field("remove")
                wishes = [each for place, each in enumerate(wishes) if str(place) != number]
            else:
                note = request.field("note", longest=300)
                need = request.field("sort") != "offer"
                wishes.append(read_wish(need, request.field("competency"), request.field("count"), note))
            self._capacity.state_needs(who, wishes)
        except KoupreyError as error:
            return self._needs(request, words.said(error), error.http_status)
        return request.redirect(f"{PATH}/needs", _("Partners are told."))

    def _needs(self, request: Request, error: str = "", status: int = 200) -> Response:
        who, home = words.who(request), self._people.home_id
        every = self._capacity.needs(who)
        names = self._names()
        rows = [(names.get(party, party), each) for party, held in sorted(every.items()) for each in held.wishes]
        offers = [(party, each) for party, each in rows if not each.need]
        return request.render(
            "capacity/needs.html",
            status,
            error=error,
            needs=[
                (party, each, [(by, offer) for by, offer in offers if offer.competency == each.competency])
                for party, each in rows
                if each.need
            ],
            offers=offers,
            own=list(enumerate(every[home].wishes)) if home in every else [],
            may_write=self._capacity.may_write(who),
            agreed=self._agreed(),
            choices=words.choices(),
            words=words,
        )

    def _form(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        return request.render(
            "capacity/programme_new.html",
            status,
            given=words.Typed(given),
            error=error,
            agreed=self._agreed(),
            may_write=self._capacity.may_write(words.who(request)),
            levels=[(each.word, each.text) for each in LEVELS],
        )

    def _activity_form(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        who = words.who(request)
        return request.render(
            "capacity/activity_form.html",
            status,
            programme=self._capacity.get_programme(who, request.path_params["programme"]),
            activity=None,
            target=f"{PATH}/{request.path_params['programme']}",
            given=words.Typed(given),
            error=error,
            may_write=self._capacity.may_write(who),
            **options(),
        )

    def _agreed(self) -> list[tuple[str, str]]:
        return [(each.agreement, each.title) for each in self._capacity.agreed()]

    def _row(self, each: Activity) -> dict[str, Any]:
        return {
            "each": each,
            "kind": words.kind_of(each.kind),
            "host": self._names().get(each.host, each.host),
            # Whoever goes there reads the clock of the place, as the page of the activity says it.
            "starts": show_local(each.starts, each.zone),
        }

    def _names(self) -> dict[str, str]:
        return {party.id: party.name for party in self._people.list_parties()}


def _programme(given: dict[str, str]) -> Programme:
    year = given["year"]
    if not year.isascii() or not year.isdigit() or len(year) != 4:
        raise Damaged("The year cannot be read.", remedy="Write it like 2027.", code="bad-programme")
    return Programme(
        id="",
        agreement=given["agreement"],
        theme=given["theme"],
        year=int(year),
        budget=given["budget"],
        answers=tuple(line.strip() for line in given["answers"].splitlines() if line.strip()),
        tlp=parse_tlp(given["tlp"] or "green"),
    )
