"""Endpoints of persons and of the links by which they sign in."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.people.api.granting import check_not_above, granter, read_level, read_role
from kouprey.people.model import Invitation, Permission, Role, roles_with
from kouprey.people.model import Person as Held
from kouprey.people.service import People

ONE = "/people/{person}"
UNKNOWN = {"unknown-person": 404}
BEYOND = {"above-clearance": 403, "beyond-own-rights": 403}
Roles = Annotated[tuple[str, ...], Meta(min_length=1, max_length=20)]


class NewPerson(Asked, frozen=True, kw_only=True):
    """Somebody who is to be let in."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    roles: Roles
    clearance: str


class Change(Asked, frozen=True, kw_only=True):
    """What is to be different; what is left out stays."""

    roles: Roles | UnsetType = UNSET
    clearance: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class Person(Struct, kw_only=True):
    """Somebody of our own party."""

    id: str
    name: str
    roles: tuple[str, ...]
    clearance: str
    active: bool
    has_factor: bool


class Listed(Struct, kw_only=True):
    """Everybody, by name."""

    people: tuple[Person, ...]


class Link(Struct, kw_only=True):
    """A sign-in link as it is listed: never its secret. `made_by` is a person's id or "operator"."""

    id: str
    person: str
    made_by: str
    made: Time
    expires: Time
    spent: Time
    revoked: Time


class Links(Struct, kw_only=True):
    """The newest first."""

    links: tuple[Link, ...]


class Made(Struct, kw_only=True):
    """A sign-in link, shown this once: whoever opens it within 24 hours is that person."""

    person: str
    url: str


def doors(people: People) -> list[Door]:
    """The endpoints."""
    desk = _Desk(people)
    return [*_persons(desk), *_links(desk)]


def _persons(desk: _Desk) -> list[Door]:
    told: dict[str, Any] = {"group": "People", "roles": roles_with(Permission.PEOPLE)}
    return [
        api("GET", "/people", desk.list, gives=Listed, does=("GET /people",), summary="List persons.", **told),
        api(
            "POST",
            "/people",
            desk.add,
            takes=NewPerson,
            gives=Person,
            status=201,
            fails={**BEYOND, "name-taken": 409},
            does=("POST /people",),
            summary="Add somebody; a sign-in link lets them in.",
            **told,
        ),
        api("GET", ONE, desk.show, gives=Person, fails=UNKNOWN, does=("GET /people/{person}",), summary="One.", **told),
        api(
            "PATCH",
            ONE,
            desk.change,
            takes=Change,
            gives=Person,
            fails={**UNKNOWN, **BEYOND},
            does=("POST /people/{person}", "POST /people/{person}/active"),
            summary="Change roles or clearance, shut somebody out, or let them in again; it counts at once.",
            **told,
        ),
        api(
            "DELETE",
            f"{ONE}/factor",
            desk.reset,
            gives=Person,
            fails={**UNKNOWN, **BEYOND},
            does=("POST /people/{person}/factor",),
            summary="Forget somebody's app, recovery codes and passkeys, for a lost phone.",
            **told,
        ),
    ]


def _links(desk: _Desk) -> list[Door]:
    told: dict[str, Any] = {"group": "People", "roles": roles_with(Permission.PEOPLE)}
    over = {"unknown-link": 404, "link-over": 409, **BEYOND}
    return [
        api(
            "POST",
            f"{ONE}/links",
            desk.link,
            gives=Made,
            status=201,
            fails={**UNKNOWN, **BEYOND, "inactive-person": 409},
            secret=True,
            does=("POST /people/{person}/link",),
            summary="Make a link for one sign-in within 24 hours.",
            **told,
        ),
        api("GET", "/links", desk.links, gives=Links, summary="Sign-in links, and what became of them.", **told),
        api(
            "DELETE",
            "/links/{link}",
            desk.revoke,
            gives=Link,
            fails=over,
            does=("POST /people/links/{link}/revoke",),
            summary="Let nobody in by a link any more.",
            **told,
        ),
        api(
            "POST",
            "/links/{link}/renewal",
            desk.renew,
            gives=Made,
            status=201,
            fails=over,
            secret=True,
            does=("POST /people/links/{link}/renew",),
            summary="Make another link for the same person; the one before ends.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of people."""

    def __init__(self, people: People) -> None:
        self._people = people

    def list(self, _: Request) -> Listed:
        return Listed(people=tuple(map(self._person, self._people.list_persons())))

    def show(self, request: Request) -> Person:
        return self._person(self._held(request))

    def add(self, request: Request, asked: NewPerson) -> Person:
        if any(each.name == asked.name for each in self._people.list_persons()):
            raise Refused("Somebody is called that already.", remedy="PATCH them instead.", code="name-taken")
        return self._save(request, asked.name, _roles(asked.roles), asked.clearance)

    def change(self, request: Request, asked: Change) -> Person:
        held = self._held(request)
        check_not_above(request, held.clearance)
        by, who = request.reader.name, granter(self._people, request)
        if asked.active is not UNSET and asked.active != held.active:
            held = self._people.set_active(held, asked.active, by=by, granter=who)
        if asked.roles is UNSET and asked.clearance is UNSET:
            return self._person(held)
        roles = held.roles if asked.roles is UNSET else _roles(asked.roles)
        clearance = held.clearance.word if asked.clearance is UNSET else asked.clearance
        return self._save(request, held.name, roles, clearance)

    def _save(self, request: Request, name: str, roles: tuple[Role, ...], clearance: str) -> Person:
        level = read_level(request, clearance)
        who = granter(self._people, request)
        return self._person(self._people.save_person(name, roles, level, by=request.reader.name, granter=who))

    def reset(self, request: Request) -> Person:
        held = self._held(request)
        self._people.reset_second_factor(held, by=request.reader.name, granter=granter(self._people, request))
        return self._person(held)

    def link(self, request: Request) -> Made:
        held = self._held(request)
        check_not_above(request, held.clearance)
        secret = self._people.make_sign_in_link(held, by=request.reader.name, granter=granter(self._people, request))
        return _made(request, held, secret)

    def links(self, _: Request) -> Links:
        return Links(links=tuple(map(_link, self._people.list_invitations())))

    def revoke(self, request: Request) -> Link:
        who = granter(self._people, request)
        return _link(self._people.revoke_invitation(request.path_params["link"], by=request.reader.name, granter=who))

    def renew(self, request: Request) -> Made:
        who = granter(self._people, request)
        made, secret = self._people.renew_invitation(request.path_params["link"], by=request.reader.name, granter=who)
        return _made(request, made.person, secret)

    def _held(self, request: Request) -> Held:
        wanted = request.path_params["person"]
        found = self._people.get_person(wanted)
        if found.id != wanted:
            raise Unknown("There is nobody by that id.", remedy="GET /people lists them.", code="unknown-person")
        return found

    def _person(self, held: Held) -> Person:
        return Person(
            id=held.id,
            name=held.name,
            roles=tuple(map(str, held.roles)),
            clearance=held.clearance.word,
            active=held.active,
            has_factor=self._people.has_second_factor(held),
        )


def _roles(words: tuple[str, ...]) -> tuple[Role, ...]:
    chosen = {read_role(each, "roles") for each in words}
    return tuple(role for role in Role if role in chosen)


def _made(request: Request, person: Held, secret: str) -> Made:
    return Made(person=person.id, url=f"{request.site.origins[0]}/sign-in/{secret}")


def _link(held: Invitation) -> Link:
    return Link(
        id=held.id,
        person=held.person.id,
        made_by=held.made_by,
        made=time_of(held.made),
        expires=time_of(held.expires),
        spent=time_of(held.spent),
        revoked=time_of(held.revoked),
    )
