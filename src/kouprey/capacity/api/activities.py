"""Endpoints of programmes, activities, nominations and what came of them."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.capacity.api import questions, shapes
from kouprey.capacity.model import Holder, Picture, Programme
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.typed import read_form, read_local, read_wish
from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with

_ONE = "/capacity/activities/{activity}"
_PAGE = "/programmes/activities/{activity}"
_WRITES = {"role-missing": 403, "unknown-activity": 404}


def doors(services: Services) -> list[Door]:
    """What is read, what is planned, and what is done."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Capacity", "roles": roles_with(Permission.READ)}
    return [
        *_looking(desk, told),
        *_planning(desk, told),
        *_going(desk, told),
        *_closing(desk, told),
        *_following(desk, told),
    ]


def who(request: Request) -> Reader:
    """Whoever asks, with the roles they have."""
    assert request.identity is not None
    return msgspec.structs.replace(request.reader, roles=tuple(request.identity.roles))


def _looking(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/capacity",
            desk.listed,
            gives=shapes.Listed,
            does=("GET /programmes",),
            summary="Programmes of ours, and activities of everybody's.",
            **told,
        ),
        api(
            "GET",
            _ONE,
            desk.whole,
            gives=shapes.Whole,
            fails={"unknown-activity": 404},
            does=(f"GET {_PAGE}",),
            summary="An activity: who goes, who was there, and what came of it, as far as the reader may know.",
            **told,
        ),
        api(
            "GET",
            "/capacity/needs",
            desk.needs,
            gives=shapes.Wishes,
            does=("GET /programmes/needs",),
            summary="What parties need and offer.",
            **told,
        ),
        api(
            "GET",
            "/capacity/measures/{agreement}",
            desk.measures,
            gives=shapes.MeasuresShown,
            fails={"unknown-agreement": 404},
            summary="How what we host under an agreement works, in counts.",
            **told,
        ),
    ]


def _planning(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    bad = {**_WRITES, "bad-activity": 400, "bad-time": 400, "not-host": 409, "cancelled": 409}
    return [
        api(
            "POST",
            "/capacity/programmes",
            desk.plan,
            takes=questions.PlanAsked,
            gives=shapes.ProgrammeShown,
            status=201,
            fails={**_WRITES, "bad-programme": 400, "not-agreed": 409},
            does=("POST /programmes",),
            summary="Plan a programme under an agreement; it stays here.",
            **told,
        ),
        api(
            "POST",
            "/capacity/programmes/{programme}/activities",
            desk.publish,
            takes=questions.ActivityAsked,
            gives=shapes.ActivityShown,
            status=201,
            fails={**bad, "unknown-programme": 404},
            does=("POST /programmes/{programme}",),
            summary="Publish an activity to every party of the agreement.",
            **told,
        ),
        api(
            "PUT",
            _ONE,
            desk.change,
            takes=questions.ActivityAsked,
            gives=shapes.ActivityShown,
            fails=bad,
            does=(f"POST {_PAGE}/edit",),
            summary="Move or change an activity that we host.",
            **told,
        ),
        api(
            "POST",
            f"{_ONE}/cancelled",
            desk.cancel,
            takes=questions.Why,
            gives=shapes.ActivityShown,
            fails=bad,
            does=(f"POST {_PAGE}/cancel",),
            summary="Cancel an activity that we host.",
            **told,
        ),
        api(
            "PUT",
            "/capacity/needs",
            desk.state_needs,
            takes=questions.WishesAsked,
            fails={**_WRITES, "not-agreed": 409, "bad-competency": 400},
            does=("POST /programmes/needs",),
            summary="Say all that we need and offer.",
            **told,
        ),
    ]


def _going(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    bad = {**_WRITES, "unknown-nominee": 404, "deadline-over": 409, "cancelled": 409}
    seat = f"{_ONE}/seats/{{nominee}}"
    return [
        api(
            "PUT",
            f"{_ONE}/nominations",
            desk.nominate,
            takes=questions.NominationAsked,
            fails={**bad, "bad-nominee": 400},
            does=(f"POST {_PAGE}/nominations",),
            summary="Say everybody we nominate, the first to be seated first.",
            **told,
        ),
        api(
            "POST",
            f"{_ONE}/seats",
            desk.confirm,
            fails={**_WRITES, "not-host": 409},
            does=(f"POST {_PAGE}/seats",),
            summary="Decide on everybody who is nominated, and tell each party of its own.",
            **told,
        ),
        api(
            "POST",
            f"{seat}/accepted",
            desk.accept,
            fails=bad,
            does=(f"POST {_PAGE}/seats/{{nominee}}",),
            summary="Take a seat that was offered.",
            **told,
        ),
        api(
            "POST",
            f"{seat}/withdrawn",
            desk.withdraw,
            fails=bad,
            does=(f"POST {_PAGE}/seats/{{nominee}}",),
            summary="Say that somebody of ours does not go.",
            **told,
        ),
    ]


def _closing(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    bad = {**_WRITES, "not-host": 409}
    return [
        api(
            "GET",
            f"{_ONE}/rooms",
            desk.rooms,
            gives=shapes.Rooms,
            fails=bad,
            does=(f"GET {_PAGE}/room",),
            summary="The code of the room for each day.",
            **told,
        ),
        api(
            "POST",
            f"{_ONE}/attendance",
            desk.attend,
            takes=questions.Marks,
            gives=shapes.Marked,
            fails={**bad, "bad-list": 400, "unknown-seat": 404, "unknown-day": 404},
            does=(f"POST {_PAGE}/attendance",),
            summary="Mark somebody as present, or take a list that was kept without a network.",
            **told,
        ),
        api(
            "POST",
            f"{_ONE}/outcomes",
            desk.assess,
            takes=questions.OutcomeAsked,
            gives=shapes.OutcomeShown,
            fails={**bad, "bad-score": 400, "bad-feedback": 400, "unknown-nominee": 404},
            does=(f"POST {_PAGE}/outcomes",),
            summary="Write down scores and feedback of one person.",
            **told,
        ),
        api(
            "POST",
            f"{_ONE}/closed",
            desk.close,
            fails={**bad, "closed": 409, "not-yet": 409},
            does=(f"POST {_PAGE}/close",),
            summary="Close an activity, and give points to whoever was there.",
            **told,
        ),
    ]


def _following(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            f"{_ONE}/follow-ups",
            desk.follow_up,
            takes=questions.FollowUpAsked,
            gives=shapes.FollowUpShown,
            status=201,
            fails={**_WRITES, "bad-follow-up": 400, "bad-time": 400},
            does=(f"POST {_PAGE}/follow-ups",),
            summary="Write down what is to be done, by whom and until when.",
            **told,
        ),
        api(
            "PUT",
            f"{_ONE}/follow-ups/{{follow_up}}",
            desk.end_follow_up,
            takes=questions.Done,
            fails={**_WRITES, "unknown-follow-up": 404},
            does=(f"POST {_PAGE}/follow-ups/{{follow_up}}",),
            summary="Say that it is done, or open again.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._capacity = services.get(Capacity)

    def listed(self, request: Request) -> shapes.Listed:
        return shapes.Listed(
            programmes=shapes.show_all(shapes.ProgrammeShown, self._capacity.list_programmes(who(request))),
            activities=shapes.show_all(shapes.ActivityShown, self._capacity.list_activities(who(request))),
        )

    def whole(self, request: Request) -> shapes.Whole:
        reader, one = who(request), _one(request)
        picture = self._capacity.picture(reader, one)
        return shapes.Whole(
            activity=shapes.show(shapes.ActivityShown, picture.activity),
            seats=seats(picture),
            attendance=shapes.show_all(shapes.AttendanceShown, self._capacity.attendance(reader, one)),
            outcomes=shapes.show_all(shapes.OutcomeShown, self._capacity.outcomes(reader, one)),
            points=shapes.show_all(shapes.PointsShown, self._capacity.points_of(reader, one)),
            follow_ups=shapes.show_all(shapes.FollowUpShown, self._capacity.follow_ups(reader, one)),
        )

    def needs(self, request: Request) -> shapes.Wishes:
        every = self._capacity.needs(who(request))
        found = [(party, each) for party, held in sorted(every.items()) for each in held.wishes]
        return shapes.Wishes(wishes=tuple(shapes.show(shapes.WishShown, each, party=party) for party, each in found))

    def measures(self, request: Request) -> shapes.MeasuresShown:
        return shapes.show(
            shapes.MeasuresShown, self._capacity.measures(who(request), request.path_params["agreement"])
        )

    def plan(self, request: Request, asked: questions.PlanAsked) -> shapes.ProgrammeShown:
        given = msgspec.structs.asdict(asked) | {"tlp": parse_tlp(asked.tlp)}
        return shapes.show(shapes.ProgrammeShown, self._capacity.plan(who(request), Programme(id="", **given)))

    def publish(self, request: Request, asked: questions.ActivityAsked) -> shapes.ActivityShown:
        made = read_form(questions.as_form(asked))
        published = self._capacity.publish(who(request), request.path_params["programme"], made)
        return shapes.show(shapes.ActivityShown, published)

    def change(self, request: Request, asked: questions.ActivityAsked) -> shapes.ActivityShown:
        made = self._capacity.change(who(request), _one(request), read_form(questions.as_form(asked)))
        return shapes.show(shapes.ActivityShown, made)

    def cancel(self, request: Request, asked: questions.Why) -> shapes.ActivityShown:
        return shapes.show(shapes.ActivityShown, self._capacity.cancel(who(request), _one(request), asked.why))

    def state_needs(self, request: Request, asked: questions.WishesAsked) -> None:
        wishes = [read_wish(each.need, each.competency, str(each.count), each.note) for each in asked.wishes]
        self._capacity.state_needs(who(request), wishes)

    def nominate(self, request: Request, asked: questions.NominationAsked) -> None:
        people = [Holder(party="", id="", **msgspec.structs.asdict(each)) for each in asked.people]
        self._capacity.nominate(who(request), _one(request), people)

    def confirm(self, request: Request) -> None:
        self._capacity.confirm(who(request), _one(request))

    def accept(self, request: Request) -> None:
        self._capacity.accept(who(request), _one(request), request.path_params["nominee"])

    def withdraw(self, request: Request) -> None:
        self._capacity.withdraw(who(request), _one(request), request.path_params["nominee"])

    def rooms(self, request: Request) -> shapes.Rooms:
        return shapes.Rooms(rooms=self._capacity.rooms(who(request), _one(request)))

    def attend(self, request: Request, asked: questions.Marks) -> shapes.Marked:
        if asked.code:
            new = self._capacity.mark(who(request), _one(request), asked.code, asked.day)
            return shapes.Marked(new=int(new), known=int(not new))
        fresh, known = self._capacity.take_list(who(request), _one(request), asked.list)
        return shapes.Marked(new=fresh, known=known)

    def assess(self, request: Request, asked: questions.OutcomeAsked) -> shapes.OutcomeShown:
        given = msgspec.structs.asdict(asked)
        made = self._capacity.assess(who(request), _one(request), given.pop("party"), given.pop("nominee"), **given)
        return shapes.show(shapes.OutcomeShown, made)

    def close(self, request: Request) -> None:
        self._capacity.close(who(request), _one(request))

    def follow_up(self, request: Request, asked: questions.FollowUpAsked) -> shapes.FollowUpShown:
        zone = self._capacity.picture(who(request), _one(request)).activity.zone
        made = self._capacity.follow_up(
            who(request), _one(request), asked.text, asked.owner, read_local(asked.due, zone)
        )
        return shapes.show(shapes.FollowUpShown, made)

    def end_follow_up(self, request: Request, asked: questions.Done) -> None:
        self._capacity.end_follow_up(who(request), _one(request), request.path_params["follow_up"], done=asked.done)


def seats(picture: Picture) -> tuple[shapes.SeatShown, ...]:
    """Everybody in a picture."""
    return tuple(
        shapes.show(
            shapes.SeatShown,
            each,
            nominee=each.person.id,
            name=each.person.name,
            role=each.person.role,
            mail=each.person.mail,
        )
        for each in picture.seats
    )


def _one(request: Request) -> str:
    return str(request.path_params["activity"])
