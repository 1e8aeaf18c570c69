"""Who lets somebody in by a program, and how far that may go: never beyond what the program itself may."""

from __future__ import annotations

from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import PERMISSIONS, Person, Role
from kouprey.people.service import People


def granter(people: People, request: Request) -> Person:
    """The person whose session it is; of a token somebody with the roles that lie wholly within its rights."""
    name = request.reader.name
    token = next((each for each in people.list_tokens() if each.user == name), None)
    if token is None:
        return people.get_person(name)
    within: tuple[Role, ...] = (token.role,)
    if token.verbs:
        within = tuple(role for role in Role if PERMISSIONS[role] <= set(token.verbs))
    return Person(id=token.user, name=token.user, roles=within, clearance=token.clearance)


def read_level(request: Request, text: str) -> TLP:
    """A level that is at most the reader's own."""
    try:
        level = parse_tlp(text)
    except ValueError as error:
        raise _wrong("clearance", f"{error}.", "Write amber, for example.") from None
    check_not_above(request, level)
    return level


def check_not_above(request: Request, level: TLP) -> None:
    """Nobody hands out, or changes, a higher clearance than their own."""
    if level > request.reader.clearance:
        raise Forbidden(
            "That is above your own clearance.",
            f"It is {level.text}; you are cleared up to {request.reader.clearance.text}.",
            "Ask somebody with that clearance, or the operator of the machine.",
            code="above-clearance",
        )


def read_role(text: str, field: str = "role") -> Role:
    """A role by its word."""
    if text not in list(Role):
        raise _wrong(field, f"{text[:40]!r} is no role.", f"The roles are {', '.join(Role)}.")
    return Role(text)


def _wrong(field: str, why: str, remedy: str) -> Damaged:
    return Damaged(f"The field {field!r} is wrong.", why, remedy, code="bad-field", detail={"field": field})
