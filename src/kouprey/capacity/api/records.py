"""Endpoints of badges, certificates of others, one's own record, and calendars."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec

from kouprey.capacity.api import questions, shapes
from kouprey.capacity.api.activities import seats, who
from kouprey.capacity.model import Achievement, Certificate
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.paper import draw_badge
from kouprey.capacity.wire.typed import read_competency
from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

_WRITES = {"role-missing": 403}
_ONE = "/capacity/badges/{badge}"
_CERTIFICATE = "/capacity/certificates/{certificate}"


def doors(services: Services) -> list[Door]:
    """Badges, and what people hold."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Capacity", "roles": roles_with(Permission.READ)}
    return [*_badges(desk, told), *_after(desk, told), *_holding(desk, told), *_certified(desk, told)]


def _badges(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/capacity/badges",
            desk.badges,
            gives=shapes.Badges,
            does=("GET /programmes/badges",),
            summary="What can be earned, who has earned it, and what was given, as far as the reader may know.",
            **told,
        ),
        api(
            "POST",
            "/capacity/achievements",
            desk.define,
            takes=questions.AchievementAsked,
            gives=shapes.AchievementShown,
            status=201,
            fails={**_WRITES, "other-scheme": 409, "bad-badge": 400, "bad-competency": 400},
            does=("POST /programmes/badges/achievements",),
            summary="Say what a badge says and how it is earned.",
            **told,
        ),
        api(
            "POST",
            "/capacity/badges",
            desk.issue,
            takes=questions.BadgeAsked,
            gives=shapes.BadgeShown,
            status=201,
            fails={**_WRITES, "not-earned": 409, "badge-held": 409, "unknown-achievement": 404},
            does=("POST /programmes/badges",),
            summary="Sign a badge for somebody who has earned it.",
            **told,
        ),
    ]


def _after(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            f"{_ONE}/revoked",
            desk.revoke,
            takes=questions.Why,
            gives=shapes.BadgeShown,
            fails={**_WRITES, "unknown-badge": 404, "revoked-already": 409, "no-text": 400},
            does=("POST /programmes/badges/{badge}/revoke",),
            summary="Take a badge back.",
            **told,
        ),
        api(
            "GET",
            f"{_ONE}/paper",
            desk.paper,
            gives=shapes.Sheet,
            fails={"unknown-badge": 404},
            does=("GET /programmes/badges/{badge}/badge.pdf",),
            summary="A badge as a PDF.",
            **told,
        ),
        api(
            "POST",
            "/capacity/keys",
            desk.rotate,
            fails=_WRITES,
            does=("POST /programmes/badges/key",),
            summary="Make a new key that signs badges from now on.",
            **told,
        ),
        api(
            "POST",
            "/capacity/check",
            desk.check,
            takes=questions.Shown,
            gives=shapes.Answered,
            reads=True,
            fails={"bad-badge": 400},
            does=("POST /verify",),
            summary="Say whether a badge is good; nothing is kept.",
            **told,
        ),
    ]


def _holding(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/capacity/record",
            desk.record,
            gives=shapes.Record,
            does=("GET /programmes/mine",),
            summary="One's own seats, badges and points.",
            **told,
        ),
        api(
            "GET",
            "/capacity/certificates",
            desk.certificates,
            gives=shapes.Certificates,
            does=("GET /programmes/certificates",),
            summary="What other bodies have certified: one's own, or, for who builds capacity, everybody's of ours.",
            **told,
        ),
        api(
            "POST",
            "/capacity/certificates",
            desk.add,
            takes=questions.CertificateAsked,
            gives=shapes.CertificateShown,
            status=201,
            fails={**_WRITES, "bad-certificate": 400},
            does=("POST /programmes/certificates",),
            summary="Record what another body has certified.",
            **told,
        ),
        api(
            "POST",
            "/capacity/calendar",
            desk.calendar,
            takes=questions.FeedAsked,
            gives=shapes.Feed,
            status=201,
            fails=_WRITES,
            does=("POST /programmes/mine/calendar",),
            summary="Make the secret address of a calendar; the one before opens nothing more.",
            secret=True,
            **told,
        ),
    ]


def _certified(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    unknown = {**_WRITES, "unknown-certificate": 404}
    return [
        api(
            "POST",
            f"{_CERTIFICATE}/checked",
            desk.look,
            fails={**unknown, "own-certificate": 409},
            does=("POST /programmes/certificates/{certificate}/check",),
            summary="Say that one has looked at its proof.",
            **told,
        ),
        api(
            "PUT",
            f"{_CERTIFICATE}/withdrawn",
            desk.withdraw,
            takes=questions.Withdrawn,
            fails=unknown,
            does=("POST /programmes/certificates/{certificate}/withdraw",),
            summary="Say that it counts no more, or again.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._capacity = services.get(Capacity)
        self._people = services.get(People)

    def badges(self, request: Request) -> shapes.Badges:
        reader, writes = who(request), self._capacity.may_write(who(request))
        achievements = self._capacity.achievements()
        earned = [
            shapes.Candidate(achievement=each.id, party=one.party, nominee=one.id, name=one.name, mean=mean)
            for each in (achievements if writes else ())
            for one, mean in self._capacity.candidates(reader, each.id)
        ]
        return shapes.Badges(
            achievements=shapes.show_all(shapes.AchievementShown, achievements),
            candidates=tuple(earned),
            badges=shapes.show_all(shapes.BadgeShown, self._capacity.badges(reader)),
            keys=shapes.show_all(shapes.KeyShown, self._capacity.key_log()),
        )

    def define(self, request: Request, asked: questions.AchievementAsked) -> shapes.AchievementShown:
        given = msgspec.structs.asdict(asked) | {"competencies": tuple(map(read_competency, asked.competencies))}
        made = self._capacity.add_achievement(who(request), Achievement(id="", **given))
        return shapes.show(shapes.AchievementShown, made)

    def issue(self, request: Request, asked: questions.BadgeAsked) -> shapes.BadgeShown:
        made = self._capacity.issue(who(request), asked.achievement, asked.party, asked.nominee)
        return shapes.show(shapes.BadgeShown, made)

    def revoke(self, request: Request, asked: questions.Why) -> shapes.BadgeShown:
        made = self._capacity.revoke(who(request), request.path_params["badge"], asked.why)
        return shapes.show(shapes.BadgeShown, made)

    def paper(self, request: Request) -> shapes.Sheet:
        badge = self._capacity.get_badge(request.path_params["badge"])
        holder = self._capacity.holder_of(who(request), badge)
        drawn = draw_badge(
            badge,
            next(each for each in self._capacity.achievements() if each.id == badge.achievement),
            holder,
            language="en",
            home=self._people.home().name,
            address=f"{request.site.origins[0]}/badges/{badge.id}",
        )
        return shapes.Sheet(pdf=b64encode(drawn).decode())

    def rotate(self, request: Request) -> None:
        self._capacity.rotate_key(who(request))

    def check(self, request: Request, asked: questions.Shown) -> shapes.Answered:
        raw = asked.badge.strip().encode()
        checked = self._capacity.check(raw, status=asked.status.strip().encode())
        holder = self._capacity.is_holder(raw, asked.identity) if asked.identity else None
        return shapes.show(shapes.Answered, checked, holder=holder)

    def record(self, request: Request) -> shapes.Record:
        reader = who(request)
        return shapes.Record(
            seats=tuple(one for each in self._capacity.own_seats(reader) for one in seats(each)),
            badges=shapes.show_all(shapes.BadgeShown, self._capacity.badges(reader, reader.name)),
            points=shapes.show_all(shapes.PointsShown, self._capacity.points(reader)),
        )

    def certificates(self, request: Request) -> shapes.Certificates:
        found = self._capacity.certificates(who(request))
        return shapes.Certificates(certificates=shapes.show_all(shapes.CertificateShown, found))

    def add(self, request: Request, asked: questions.CertificateAsked) -> shapes.CertificateShown:
        made = self._capacity.add_certificate(who(request), Certificate(id="", **msgspec.structs.asdict(asked)))
        return shapes.show(shapes.CertificateShown, made)

    def look(self, request: Request) -> None:
        self._capacity.check_certificate(who(request), request.path_params["certificate"])

    def withdraw(self, request: Request, asked: questions.Withdrawn) -> None:
        one = request.path_params["certificate"]
        self._capacity.withdraw_certificate(who(request), one, withdrawn=asked.withdrawn)

    def calendar(self, request: Request, asked: questions.FeedAsked) -> shapes.Feed:
        secret = self._capacity.open_feed(who(request), whole=asked.whole)
        return shapes.Feed(address=f"{request.site.origins[0]}/calendar/{secret}.ics")
