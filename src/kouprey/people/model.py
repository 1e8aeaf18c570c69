"""Nouns of people: parties, their cards, persons, sessions, tokens, and what each role may do."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import FOREVER, Instant
from kouprey.kernel.words.tlp import TLP


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a party says of itself, signed by its root key (docs/spec/card.md).

    Keys are verifier keys as text (`name+hash+base64`), the present one first; `ages` are age recipients; `url` is the
    public origin or ""; objects that `identities` (STIX ids) created are reserved to the party; `serial` grows with
    each card; `issued` decides nothing.
    """

    party: str
    name: str
    serial: int
    issued: Instant
    root: str
    nodes: tuple[str, ...]
    receipts: tuple[str, ...]
    ages: tuple[str, ...]
    url: str = ""
    identities: tuple[str, ...] = ()

    @property
    def node(self) -> str:
        """The key that signs checkpoints and requests today."""
        return self.nodes[0]

    @property
    def receipt(self) -> str:
        """The key that cosigns what the party holds today."""
        return self.receipts[0]

    @property
    def age(self) -> str:
        """The recipient to seal to today."""
        return self.ages[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the party's node is reached; none for a party reached by parcel only."""
        return (self.url,) if self.url else ()


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party this node knows: its card, the signed bytes of it, and since when its root key is trusted."""

    card: Card
    note: bytes
    home: bool
    trusted_at: Instant

    @property
    def id(self) -> str:
        return self.card.party

    @property
    def name(self) -> str:
        return self.card.name


class Role(StrEnum):
    """What a person or token is here for."""

    ANALYST = "analyst"
    LEAD = "lead"
    LIAISON = "liaison"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    FEED = "feed"
    CONTRIBUTOR = "contributor"
    OPERATOR = "operator"


class Permission(StrEnum):
    """What a role may do; a page or command names the one it needs."""

    READ = "read"
    WRITE = "write"
    PUBLISH = "publish"
    AGREE = "agree"
    LINK = "link"
    PEOPLE = "people"
    AUDIT = "audit"
    OPERATE = "operate"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: frozenset({Permission.READ, Permission.WRITE}),
    Role.LEAD: frozenset({Permission.READ, Permission.WRITE, Permission.PUBLISH}),
    Role.LIAISON: frozenset({Permission.READ, Permission.WRITE, Permission.PUBLISH, Permission.AGREE, Permission.LINK}),
    Role.AUDITOR: frozenset({Permission.READ, Permission.AUDIT}),
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.FEED: frozenset({Permission.READ}),
    Role.CONTRIBUTOR: frozenset({Permission.READ, Permission.WRITE}),
    Role.OPERATOR: frozenset({Permission.OPERATE}),
}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of our own party who signs in."""

    id: str
    name: str
    roles: tuple[Role, ...]
    clearance: TLP
    active: bool = True


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser; `key` is the SHA-256 of the cookie's secret."""

    key: bytes
    person: Person
    expires: Instant


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A credential of a program: HTTP Basic (user, secret) or Bearer; only the secret's hash is kept."""

    user: str
    party: str
    role: Role
    clearance: TLP
    collection: str = ""
    expires: Instant = FOREVER
    active: bool = True


def permissions_of(roles: tuple[Role, ...]) -> frozenset[Permission]:
    """Everything any of the roles may do."""
    return frozenset(permission for role in roles for permission in PERMISSIONS[role])


def roles_with(permission: Permission) -> tuple[str, ...]:
    """The roles that may do this, as doors and navigation name them."""
    return tuple(str(role) for role in Role if permission in PERMISSIONS[role])
