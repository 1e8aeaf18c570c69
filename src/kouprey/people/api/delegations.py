"""Endpoints of delegations: which token may act for a party that is not its own."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.time import Instant, parse_instant, wall_clock
from kouprey.people.api.granting import read_level
from kouprey.people.model import DELEGABLE, Permission, Person, roles_with
from kouprey.people.model import Delegation as Held
from kouprey.people.service import People

ONE = "/delegations/{delegation}"
FAILS = {
    "unknown-delegation": 404,
    "delegation-done": 409,
    "delegated-already": 409,
    "above-earlier": 409,
    "same-person": 403,
    "persons-only": 403,
    "beyond-own-rights": 403,
}


class NewDelegation(Asked, frozen=True, kw_only=True):
    """`token` may act for `party` in `verbs`, up to `clearance` and never beyond its own, because of a document.

    `starts` "" is now; `ends` is the first instant at which it may no more.
    """

    party: str
    token: str
    verbs: tuple[str, ...]
    clearance: str
    starts: Time = ""
    ends: Time
    because: Annotated[str, Meta(min_length=1, max_length=500)]


class Delegation(Struct, kw_only=True):
    """Who may act for whom; `state` is unconfirmed, not-yet, in-force, over or revoked, `used` is to the hour."""

    id: str
    party: str
    token: str
    to: str
    verbs: tuple[str, ...]
    clearance: str
    starts: Time
    ends: Time
    because: str
    recorded_by: str
    confirmed_by: str
    revoked_by: str
    used: Time
    state: str


class Listed(Struct, kw_only=True):
    """All delegations, newest first."""

    delegations: tuple[Delegation, ...]


def doors(people: People) -> list[Door]:
    """The endpoints."""
    desk = _Desk(people)
    told: dict[str, Any] = {"group": "Delegations", "roles": roles_with(Permission.PEOPLE)}
    return [
        api(
            "GET",
            "/delegations",
            desk.list,
            gives=Listed,
            does=("GET /people/delegations",),
            summary="List who may act for whom.",
            **told,
        ),
        api(
            "POST",
            "/delegations",
            desk.record,
            takes=NewDelegation,
            gives=Delegation,
            status=201,
            fails={
                **FAILS,
                "unknown-party": 404,
                "unknown-token": 404,
                "own-party": 409,
                "bad-scope": 409,
                "bad-times": 409,
                "no-ground": 409,
                "above-clearance": 403,
            },
            does=("POST /people/delegations",),
            summary="Write down that a token may act for another party (a session only); it does not count yet.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/confirmation",
            desk.confirm,
            gives=Delegation,
            fails=FAILS,
            does=("POST /people/delegations/{delegation}/confirm",),
            summary="Confirm what somebody else recorded (a session only); from now on it counts.",
            **told,
        ),
        api(
            "DELETE",
            ONE,
            desk.revoke,
            gives=Delegation,
            fails=FAILS,
            does=("POST /people/delegations/{delegation}/revoke",),
            summary="Revoke it; it counts no more from the next request on.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of people."""

    def __init__(self, people: People) -> None:
        self._people = people

    def list(self, _: Request) -> Listed:
        return Listed(delegations=tuple(map(_told, self._people.list_delegations())))

    def record(self, request: Request, asked: NewDelegation) -> Delegation:
        made = self._people.record_delegation(
            asked.party,
            asked.token,
            _verbs(asked.verbs),
            read_level(request, asked.clearance),
            starts=_instant(asked.starts, "starts") if asked.starts else wall_clock(),
            ends=_instant(asked.ends, "ends"),
            because=asked.because,
            granter=self._person(request),
        )
        return _told(made)

    def confirm(self, request: Request) -> Delegation:
        person = self._person(request)
        return _told(self._people.confirm_delegation(request.path_params["delegation"], granter=person))

    def revoke(self, request: Request) -> Delegation:
        return _told(self._people.revoke_delegation(request.path_params["delegation"], by=request.reader.name))

    def _person(self, request: Request) -> Person:
        """Whoever may make tokens could confirm by one what they recorded by another, and be two persons alone."""
        if not request.csrf:
            raise Forbidden(
                "Only a person does this.",
                "A program may be the same person's as another one.",
                "Do it on the page People, or at the machine.",
                code="persons-only",
            )
        return self._people.get_person(request.reader.name)


def _verbs(words: tuple[str, ...]) -> tuple[Permission, ...]:
    wrong = next((each for each in words if each not in DELEGABLE), None)
    if wrong is not None or not words:
        raise _wrong("verbs", f"{(wrong or '')[:40]!r} cannot be delegated.", f"What can is {', '.join(DELEGABLE)}.")
    return tuple(Permission(each) for each in words)


def _instant(text: str, field: str) -> Instant:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise _wrong(field, f"{error}.", "Write 2027-12-31T00:00:00Z, for example.") from None


def _wrong(field: str, why: str, remedy: str) -> Damaged:
    return Damaged(f"The field {field!r} is wrong.", why, remedy, code="bad-field", detail={"field": field})


def _told(held: Held) -> Delegation:
    return Delegation(
        id=held.id,
        party=held.party,
        token=held.token,
        to=held.to,
        verbs=tuple(map(str, held.verbs)),
        clearance=held.clearance.word,
        starts=time_of(held.starts),
        ends=time_of(held.ends),
        because=held.because,
        recorded_by=held.recorded_by,
        confirmed_by=held.confirmed_by,
        revoked_by=held.revoked_by,
        used=time_of(held.used),
        state=str(held.state(wall_clock())),
    )
