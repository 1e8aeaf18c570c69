"""Endpoints of tokens: the credentials of programs."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import FOREVER, SECOND
from kouprey.people.api.granting import granter, read_level, read_role
from kouprey.people.model import Permission, roles_with
from kouprey.people.model import Token as Held
from kouprey.people.service import People

ONE = "/tokens/{user}"
UNKNOWN = {"unknown-token": 404}
BEYOND = {"above-clearance": 403, "beyond-own-rights": 403, "bad-scope": 409, "bad-token-name": 409}


class NewToken(Asked, frozen=True, kw_only=True):
    """A credential of a program: of our own party unless another is named; `verbs` and `collections` narrow it."""

    role: str
    clearance: str
    party: str = ""
    verbs: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    days: Annotated[int, Meta(ge=0, le=3_650)] = 0
    name: str = ""


class Change(Asked, frozen=True, kw_only=True):
    """What is to be different; what is left out stays."""

    clearance: str | UnsetType = UNSET
    verbs: tuple[str, ...] | UnsetType = UNSET
    collections: tuple[str, ...] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    name: str | UnsetType = UNSET


class Token(Struct, kw_only=True):
    """A token, never its secret; `used` is when it was last used, to the hour."""

    user: str
    party: str
    role: str
    clearance: str
    verbs: tuple[str, ...]
    collections: tuple[str, ...]
    expires: Time
    active: bool
    used: Time
    name: str


class Listed(Struct, kw_only=True):
    """All tokens, by party."""

    tokens: tuple[Token, ...]


class Made(Struct, kw_only=True):
    """A token with its secret, which is shown this once."""

    token: Token
    secret: str


def doors(people: People) -> list[Door]:
    """The endpoints."""
    desk = _Desk(people)
    told: dict[str, Any] = {"group": "Tokens", "roles": roles_with(Permission.PEOPLE)}
    return [
        api("GET", "/tokens", desk.list, gives=Listed, summary="List tokens; never their secrets.", **told),
        api(
            "POST",
            "/tokens",
            desk.create,
            takes=NewToken,
            gives=Made,
            status=201,
            fails={**BEYOND, "unknown-party": 404},
            secret=True,
            does=("POST /people/tokens",),
            summary="Make a token; its secret is in the answer, and nowhere else.",
            **told,
        ),
        api(
            "GET",
            ONE,
            desk.show,
            gives=Token,
            fails=UNKNOWN,
            does=("GET /people/tokens/{user}",),
            summary="One token.",
            **told,
        ),
        api(
            "PATCH",
            ONE,
            desk.change,
            takes=Change,
            gives=Token,
            fails={**UNKNOWN, **BEYOND},
            does=("POST /people/tokens/{user}", "POST /people/tokens/{user}/active"),
            summary="Change what it may see or do, end it, or let it in again; it counts at once.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/secret",
            desk.rotate,
            gives=Made,
            fails={**UNKNOWN, **BEYOND},
            secret=True,
            does=("POST /people/tokens/{user}/secret",),
            summary="Give it a new secret; the one before ends at the next request.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of people."""

    def __init__(self, people: People) -> None:
        self._people = people

    def list(self, _: Request) -> Listed:
        return Listed(tokens=tuple(map(_token, self._people.list_tokens(""))))

    def show(self, request: Request) -> Token:
        return _token(self._held(request))

    def create(self, request: Request, asked: NewToken) -> Made:
        token, secret = self._people.create_token(
            asked.party or self._people.home_id,
            read_role(asked.role),
            read_level(request, asked.clearance),
            by=request.reader.name,
            verbs=_verbs(asked.verbs),
            collections=asked.collections,
            life=asked.days * 86_400 * SECOND if asked.days else None,
            name=asked.name,
            granter=granter(self._people, request),
        )
        return Made(token=_token(token), secret=secret)

    def change(self, request: Request, asked: Change) -> Token:
        held = self._held(request)
        made = self._people.change_token(
            held.user,
            by=request.reader.name,
            clearance=None if asked.clearance is UNSET else read_level(request, asked.clearance),
            verbs=None if asked.verbs is UNSET else _verbs(asked.verbs),
            collections=None if asked.collections is UNSET else asked.collections,
            active=None if asked.active is UNSET else asked.active,
            name=None if asked.name is UNSET else asked.name,
            granter=granter(self._people, request),
        )
        return _token(made)

    def rotate(self, request: Request) -> Made:
        user, who = self._held(request).user, granter(self._people, request)
        token, secret = self._people.rotate_token(user, by=request.reader.name, granter=who)
        return Made(token=_token(token), secret=secret)

    def _held(self, request: Request) -> Held:
        user = request.path_params["user"]
        for token in self._people.list_tokens(""):
            if token.user == user:
                return token
        raise Unknown("There is no such token.", remedy="GET /tokens lists them.", code="unknown-token")


def _verbs(words: tuple[str, ...]) -> tuple[Permission, ...]:
    wrong = next((each for each in words if each not in list(Permission)), None)
    if wrong is not None:
        raise Damaged(
            "The field 'verbs' is wrong.",
            f"{wrong[:40]!r} is none.",
            f"They are {', '.join(Permission)}.",
            code="bad-field",
            detail={"field": "verbs"},
        )
    return tuple(Permission(each) for each in words)


def _token(held: Held) -> Token:
    return Token(
        user=held.user,
        party=held.party,
        role=str(held.role),
        clearance=held.clearance.word,
        verbs=tuple(map(str, held.verbs)),
        collections=held.collections,
        expires="" if held.expires == FOREVER else time_of(held.expires),
        active=held.active,
        used=time_of(held.used),
        name=held.name,
    )
