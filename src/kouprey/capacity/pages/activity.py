"""One activity: what it is, who goes, who was there, and what came of it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.capacity.model import Activity, Holder, ItsState, Picture
from kouprey.capacity.pages import words
from kouprey.capacity.pages.programmes import form_values, options
from kouprey.capacity.pages.upload import text_of
from kouprey.capacity.service import QUESTIONS, Capacity
from kouprey.capacity.wire.messages import days_of
from kouprey.capacity.wire.typed import read_form, read_local, read_people, show_local, show_people
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.qr import draw
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

ONE = "/programmes/activities/{activity}"


def doors(services: Services) -> list[Door]:
    """Everybody reads what they are cleared for; who may write follows from roles, which the verbs ask."""
    desk = _One(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(ONE, desk.show, **reads),
        page(f"{ONE}/edit", desk.edit, **reads),
        page(f"{ONE}/edit", desk.change, "POST", **reads),
        page(f"{ONE}/cancel", desk.cancel, "POST", **reads),
        page(f"{ONE}/nominations", desk.nominate, "POST", **reads),
        page(f"{ONE}/seats", desk.confirm, "POST", **reads),
        page(f"{ONE}/seats/{{nominee}}", desk.answer, "POST", **reads),
        page(f"{ONE}/room", desk.room, **reads),
        page(f"{ONE}/attendance", desk.attend, "POST", cap=3 * MIB, **reads),
        page(f"{ONE}/outcomes", desk.outcome, "POST", **reads),
        page(f"{ONE}/close", desk.close, "POST", **reads),
        page(f"{ONE}/follow-ups", desk.follow_up, "POST", **reads),
        page(f"{ONE}/follow-ups/{{follow_up}}", desk.end_follow_up, "POST", **reads),
    ]


class _One:
    def __init__(self, services: Services) -> None:
        self._capacity = services.get(Capacity)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        return self._page(request)

    def edit(self, request: Request) -> Response:
        held = self._picture(request).activity
        return self._form(request, held, _typed(held))

    def change(self, request: Request) -> Response:
        held, given = self._picture(request).activity, form_values(request)
        try:
            self._capacity.change(words.who(request), held.id, read_form(given))
        except KoupreyError as error:
            return self._form(request, held, given, words.said(error), error.http_status)
        return self._done(request, _("It is changed, and so are the calendars that follow it."))

    def cancel(self, request: Request) -> Response:
        return self._try(
            request,
            lambda: self._capacity.cancel(words.who(request), self._id(request), request.field("why")),
            _("It does not take place. Everybody is told."),
        )

    def nominate(self, request: Request) -> Response:
        try:
            named = read_people(request.field("people", longest=100_000))
            mine = request.field("me")
            account = next((each for each in self._people.list_persons() if each.id == mine), None)
            if account is not None:
                named.append(Holder(party="", id="", name=account.name, person=account.id))
            self._capacity.nominate(words.who(request), self._id(request), named)
        except KoupreyError as error:
            typed = request.field("people", longest=100_000)
            return self._page(request, words.said(error), error.http_status, people=typed)
        return self._done(request, _("The host is told whom you send."))

    def confirm(self, request: Request) -> Response:
        return self._try(
            request,
            lambda: self._capacity.confirm(words.who(request), self._id(request)),
            _("Each party is told of its seats."),
        )

    def answer(self, request: Request) -> Response:
        who, nominee = words.who(request), request.path_params["nominee"]
        if request.field("do") == "accept":
            return self._try(
                request,
                lambda: self._capacity.accept(who, self._id(request), nominee),
                _("The seat is taken. The host is told."),
            )
        return self._try(
            request,
            lambda: self._capacity.withdraw(who, self._id(request), nominee),
            _("They do not go. The host is told."),
        )

    def room(self, request: Request) -> Response:
        who, held = words.who(request), self._picture(request).activity
        rooms = self._capacity.rooms(who, held.id)
        origin = request.site.origins[0]
        return request.render(
            "capacity/room.html",
            activity=held,
            rooms=[(day, code, draw(f"{origin}/attend/{code}")) for day, code in rooms.items()],
            address=f"{origin}/attend",
        )

    def attend(self, request: Request) -> Response:
        who, activity = words.who(request), self._id(request)
        try:
            if code := request.field("code"):
                new = self._capacity.mark(who, activity, code, request.field("day"))
                return self._done(request, _("They are marked.") if new else _("They were marked already."))
            new_lines, known = self._capacity.take_list(who, activity, text_of(request, "list"))
        except KoupreyError as error:
            return self._page(request, words.said(error), error.http_status)
        said = _("%(new)s lines are new, %(known)s were here already.") % {"new": new_lines, "known": known}
        return self._done(request, said)

    def outcome(self, request: Request) -> Response:
        party, _unused, nominee = request.field("who").partition(" ")
        answers = [request.field(f"q{number}") for number in range(1, QUESTIONS + 1)]
        return self._try(
            request,
            lambda: self._capacity.assess(
                words.who(request),
                self._id(request),
                party,
                nominee,
                pre=_number(request.field("pre")),
                post=_number(request.field("post")),
                feedback=[_number(each) for each in answers] if all(answers) else [],
            ),
            _("It is written down."),
        )

    def close(self, request: Request) -> Response:
        return self._try(
            request,
            lambda: self._capacity.close(words.who(request), self._id(request)),
            _("It is closed. Whoever was there has their points."),
        )

    def follow_up(self, request: Request) -> Response:
        zone = self._picture(request).activity.zone
        return self._try(
            request,
            lambda: self._capacity.follow_up(
                words.who(request),
                self._id(request),
                request.field("text"),
                request.field("owner"),
                read_local(request.field("due"), zone),
            ),
            _("It is written down, with its owner."),
        )

    def end_follow_up(self, request: Request) -> Response:
        done, one = request.field("done") == "yes", request.path_params["follow_up"]
        self._capacity.end_follow_up(words.who(request), self._id(request), one, done=done)
        undo = Undo(f"{self._path(request)}/follow-ups/{one}", {"done": "no" if done else "yes"})
        return request.redirect(self._path(request), _("It is done.") if done else _("It is open again."), undo=undo)

    def _try(self, request: Request, deed: Any, said: str) -> Response:
        try:
            deed()
        except KoupreyError as error:
            return self._page(request, words.said(error), error.http_status)
        return self._done(request, said)

    def _page(self, request: Request, error: str = "", status: int = 200, people: str = "") -> Response:
        who, picture = words.who(request), self._picture(request)
        activity, home, now = picture.activity, self._people.home_id, self._capacity.now()
        hosts = activity.host == home
        writes = self._capacity.may_write(who)
        ours = [each for each in picture.seats if each.party == home]
        typed = [
            Holder(party=home, id=each.person.id, name=each.person.name, role=each.person.role, mail=each.person.mail)
            for each in ours
        ]
        names = {party.id: party.name for party in self._people.list_parties()}
        outcomes = {(each.party, each.nominee): each for each in self._capacity.outcomes(who, activity.id)}
        return request.render(
            "capacity/activity.html",
            status,
            error=error,
            activity=activity,
            kind=words.kind_of(activity.kind),
            local=_typed(activity),
            path=self._path(request),
            host=names.get(activity.host, activity.host),
            hosts=hosts and writes,
            may_write=writes,
            open=activity.state is ItsState.OPEN,
            late=now >= activity.deadline,
            over=now >= activity.ends,
            begun=now >= activity.starts,
            closed_at=self._capacity.closed_at(activity.id),
            seats=_by_party(picture, names),
            ours=ours,
            waits=len(self._capacity.outlook(who, activity.id))
            if hosts and writes and activity.state is ItsState.OPEN
            else 0,
            people=people or show_people(typed),
            persons=[("", _("Nobody")), *((each.id, each.name) for each in self._people.list_persons() if each.active)],
            days=days_of(activity),
            day_options=[(day, day) for day in days_of(activity)],
            attendance=_attended(self._capacity.attendance(who, activity.id)),
            outcomes=outcomes,
            points={each.holder: each for each in self._capacity.points_of(who, activity.id)},
            follow_ups=self._capacity.follow_ups(who, activity.id),
            accounts={each.id: each.name for each in self._people.list_persons()},
            now=now,
            words=words,
        )

    def _form(
        self, request: Request, held: Activity, given: dict[str, str], error: str = "", status: int = 200
    ) -> Response:
        return request.render(
            "capacity/activity_form.html",
            status,
            programme=None,
            activity=held,
            target=f"{self._path(request)}/edit",
            given=words.Typed(given),
            error=error,
            may_write=self._capacity.may_write(words.who(request)),
            **options(),
        )

    def _picture(self, request: Request) -> Picture:
        return self._capacity.picture(words.who(request), self._id(request))

    def _done(self, request: Request, said: str) -> Response:
        return request.redirect(self._path(request), said)

    def _id(self, request: Request) -> str:
        return str(request.path_params["activity"])

    def _path(self, request: Request) -> str:
        return f"/programmes/activities/{self._id(request)}"


def _by_party(picture: Picture, names: dict[str, str]) -> list[tuple[str, str, list[Any]]]:
    parties = sorted({each.party for each in picture.seats})
    return [(party, names.get(party, party), [one for one in picture.seats if one.party == party]) for party in parties]


def _attended(every: list[Any]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for each in every:
        found.setdefault((each.party, each.nominee), []).append(each)
    return found


def _number(text: str) -> int:
    """A score as typed, -1 for none."""
    if not text:
        return -1
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Damaged(mark("That is no number."), text[:20], mark("Write 0 to 100."), code="bad-score")
    return int(text)


def _typed(held: Activity) -> dict[str, str]:
    times = {name: show_local(getattr(held, name), held.zone) for name in ("starts", "ends", "deadline")}
    plain = {name: str(getattr(held, name)) for name in ("kind", "title", "zone", "seats", "place", "online", "note")}
    chosen = " ".join(f"{each.framework}:{each.code}" for each in held.competencies)
    return {**times, **plain, "languages": " ".join(held.languages), "competencies": chosen}
