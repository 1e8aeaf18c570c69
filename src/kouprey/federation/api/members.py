"""The REST interface of members: which party belongs to which, as this node has written it down."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.federation.api.partners import ONE
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Membership, Permission, roles_with
from kouprey.people.service import People


class NewMember(Asked, frozen=True, kw_only=True):
    """That a party belongs to this one, and the document it rests on."""

    member: Annotated[str, Meta(min_length=1, max_length=253)]
    because: Annotated[str, Meta(min_length=1, max_length=500)]


class Member(Struct, kw_only=True):
    """That `member` belongs to `party`: why, and who has written it down when. No right follows from it."""

    party: str
    member: str
    because: str
    by: str
    since: Time


class Kin(Struct, kw_only=True):
    """Who belongs to a party, and to what it belongs."""

    members: tuple[Member, ...]
    member_of: tuple[Member, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(People))
    reads: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.READ)}
    links: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.LINK)}
    unknown = {"unknown-party": 404}
    return [
        api(
            "GET",
            f"{ONE}/members",
            desk.kin,
            gives=Kin,
            fails=unknown,
            summary="Who belongs to a party (or to our own), and to what it belongs; no right follows from it.",
            **reads,
        ),
        api(
            "POST",
            f"{ONE}/members",
            desk.add_member,
            takes=NewMember,
            gives=Member,
            status=201,
            fails={**unknown, "known-member": 409, "member-of-itself": 409, "no-ground": 409},
            does=("POST /partners/{party}/members",),
            summary="Write down that a party belongs to this one.",
            **links,
        ),
        api(
            "DELETE",
            f"{ONE}/members/{{member}}",
            desk.remove_member,
            fails={"unknown-member": 404},
            does=("POST /partners/{party}/members/remove",),
            summary="Write down that it belongs to this one no more.",
            **links,
        ),
    ]


class _Desk:
    """What these endpoints ask of people."""

    def __init__(self, people: People) -> None:
        self._people = people

    def kin(self, request: Request) -> Kin:
        party, known = self._people.get_party(request.path_params["party"]).id, self._people.list_memberships()
        return Kin(
            members=tuple(_member(each) for each in known if each.party == party),
            member_of=tuple(_member(each) for each in known if each.member == party),
        )

    def add_member(self, request: Request, asked: NewMember) -> Member:
        party, by = request.path_params["party"], request.reader.name
        return _member(self._people.add_member(party, asked.member, because=asked.because, by=by))

    def remove_member(self, request: Request) -> None:
        party, member = request.path_params["party"], request.path_params["member"]
        self._people.remove_member(party, member, by=request.reader.name)


def _member(held: Membership) -> Member:
    return Member(party=held.party, member=held.member, because=held.because, by=held.by, since=time_of(held.at))
