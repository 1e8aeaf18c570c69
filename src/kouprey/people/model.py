"""Nouns of people: parties, their cards, persons, sessions, tokens, and what each role may do."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.look import Look
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


class RootStatement(msgspec.Struct, frozen=True, kw_only=True):
    """That `root` follows `before`, keys as text that both have signed it; `keep` names what counts of the latter's."""

    party: str
    before: str
    root: str
    keep: tuple[bytes, ...]
    issued: Instant


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
    DUTY_OFFICER = "duty-officer"
    LEAD = "lead"
    LIAISON = "liaison"
    LEGAL = "legal"
    POLICY = "policy"
    DIPLOMAT = "diplomat"
    COMMUNICATIONS = "communications"
    TRAINER = "trainer"
    AGREEMENT_MANAGER = "agreement-manager"
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
    RELEASE = "release"
    AGREE = "agree"
    LINK = "link"
    PROVE = "prove"
    AUDIT = "audit"
    ERASE = "erase"
    PEOPLE = "people"
    OPERATE = "operate"


DEEDS: dict[Permission, str] = {
    Permission.READ: "read intelligence, agreements, partners and the ledger, as far as one is cleared",
    Permission.WRITE: "import, write and correct intelligence",
    Permission.PUBLISH: "give intelligence to partners under an agreement",
    Permission.RELEASE: "release or decline what an agreement lets go to partners only with their word",
    Permission.AGREE: "draft, sign, suspend and resume agreements",
    Permission.LINK: "trust cards, keep links, make and read parcels",
    Permission.PROVE: "export the ledger as evidence",
    Permission.AUDIT: "see who did what",
    Permission.ERASE: "erase an object for good, if cleared for everything",
    Permission.PEOPLE: "let people and programs in, and shut them out",
    Permission.OPERATE: "read how the node fares",
}
"""Permission -> what it lets somebody do."""

_READS = frozenset({Permission.READ})
_WRITES = _READS | {Permission.WRITE}
_PUBLISHES = _WRITES | {Permission.PUBLISH}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: _WRITES,
    Role.DUTY_OFFICER: _PUBLISHES,
    Role.LEAD: _PUBLISHES | {Permission.RELEASE},
    Role.LIAISON: _PUBLISHES | {Permission.RELEASE, Permission.AGREE, Permission.LINK, Permission.PROVE},
    Role.LEGAL: _READS | {Permission.RELEASE, Permission.PROVE, Permission.AUDIT, Permission.ERASE},
    Role.POLICY: _READS | {Permission.RELEASE},
    Role.DIPLOMAT: _READS | {Permission.RELEASE},
    Role.COMMUNICATIONS: _READS,
    Role.TRAINER: _READS,
    Role.AGREEMENT_MANAGER: _READS | {Permission.AGREE, Permission.PROVE},
    Role.AUDITOR: _READS | {Permission.PROVE, Permission.AUDIT},
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.FEED: _READS,
    Role.CONTRIBUTOR: _WRITES,
    Role.OPERATOR: frozenset({Permission.OPERATE}),
}
"""The one table of rights."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of our own party who signs in; or, without any role, of the `constituent` ("" = none) we host."""

    id: str
    name: str
    roles: tuple[Role, ...]
    clearance: TLP
    active: bool = True
    constituent: str = ""


class Way(StrEnum):
    """How somebody signed in."""

    LINK = "link"
    PASSWORD = "password"
    CODE = "code"
    RECOVERY = "recovery"
    PASSKEY = "passkey"
    LINK_CODE = "link-code"
    OPENID = "openid"


PROVEN = frozenset({Way.CODE, Way.RECOVERY, Way.PASSKEY, Way.LINK_CODE})
"""Ways with a second factor in them; a provider's may have one."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser: `key` is the SHA-256 of the cookie's secret, `agent` what the browser calls itself.

    `look` is the person's, the same in every browser.
    """

    key: bytes
    person: Person
    expires: Instant
    created: Instant = 0
    way: Way = Way.LINK
    agent: str = ""
    look: Look = Look()


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time link as it is listed: never its secret, only what it is told apart by.

    `made_by` is a person's id or "operator", "" where it was not kept; `spent` and `revoked` are 0 while it is not.
    """

    id: str
    person: Person
    made_by: str
    made: Instant
    expires: Instant
    spent: Instant = 0
    revoked: Instant = 0

    def is_open(self, now: Instant) -> bool:
        """Whether somebody can still come in by it."""
        return not self.spent and not self.revoked and self.expires > now and self.person.active


class Halfway(msgspec.Struct, frozen=True, kw_only=True):
    """The password was right, and a code is asked for: what proves the first step when the second is taken."""

    ticket: str


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in provider (OpenID Connect) that may say who somebody is; never what they may do here.

    `name` stands on the button. `groups` is the claim that lists groups; only members of `create` ("" = nobody) who
    are not known yet are made persons, with the roles of their groups in `roles`, else with the role policy, which
    only reads, and cleared up to `clearance`. `second_factor`: the provider asks for one itself.
    """

    issuer: str
    client: str
    secret: str = ""
    name: str = ""
    groups: str = "groups"
    roles: tuple[tuple[str, Role], ...] = ()
    create: str = ""
    clearance: TLP = TLP.CLEAR
    second_factor: bool = False

    def __repr__(self) -> str:
        # Never the secret: what is shown ends in logs.
        return f"Provider({self.issuer!r}, {self.client!r})"


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send a browser to sign in at a provider, and what to keep in it until it is back."""

    address: str
    seed: str


class Authenticator(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's app: its secret, sealed to the node, and the last period a code was used of."""

    sealed: bytes
    last_counter: int
    confirmed: bool


class KnownPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's passkey: its public key, what they call it, how often it says it was used, and when it last was."""

    id: bytes
    person: str
    public: bytes
    uses: int
    name: str
    created: Instant
    used: Instant = 0


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A credential of a program: HTTP Basic (user, secret) or Bearer; only the secret's hash is kept.

    It may do what its role may, or only `verbs` of it; read all that its reader may see, or only in `collections`.
    `used` is when it was last used, to the hour; 0 for never. `name` is what people call it, "" for nothing.
    That of a hosted `constituent` has its id as `party` too, and reads as that constituent does.
    """

    user: str
    party: str
    role: Role
    clearance: TLP
    verbs: tuple[Permission, ...] = ()
    collections: tuple[str, ...] = ()
    expires: Instant = FOREVER
    active: bool = True
    used: Instant = 0
    name: str = ""
    constituent: str = ""


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """That `member` belongs to `party` (a group): why, who has said so (a person or "operator"), and when.

    No right follows from it.
    """

    party: str
    member: str
    because: str
    by: str
    at: Instant


class DelegationState(StrEnum):
    """Whether a delegation counts, and if not, why."""

    UNCONFIRMED = "unconfirmed"
    NOT_YET = "not-yet"
    IN_FORCE = "in-force"
    OVER = "over"
    REVOKED = "revoked"


DELEGABLE = (Permission.READ, Permission.WRITE)
"""What one may do for another party: no other door opens to somebody who is not of the node's own party."""


class Delegation(msgspec.Struct, frozen=True, kw_only=True):
    """That the token `token`, of the party `to`, may act for `party`, in `verbs`, up to `clearance`.

    It counts from `starts` until before `ends`, because of a document, once somebody else than who recorded it has
    confirmed it, and until it is revoked. `..._by` is a person's id or "operator", "" while nobody has; `used` is when
    it was last used, to the hour.
    """

    id: str
    party: str
    token: str
    to: str
    verbs: tuple[Permission, ...]
    clearance: TLP
    starts: Instant
    ends: Instant
    because: str
    recorded_by: str
    recorded_at: Instant
    confirmed_by: str = ""
    confirmed_at: Instant = 0
    revoked_by: str = ""
    revoked_at: Instant = 0
    used: Instant = 0

    def state(self, now: Instant) -> DelegationState:
        """What it is worth at an instant."""
        if self.revoked_at:
            return DelegationState.REVOKED
        if now >= self.ends:
            return DelegationState.OVER
        if not self.confirmed_at:
            return DelegationState.UNCONFIRMED
        return DelegationState.NOT_YET if now < self.starts else DelegationState.IN_FORCE


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """What a token may do for another party at this moment, and by which delegation."""

    delegation: str
    party: str
    clearance: TLP
    verbs: tuple[Permission, ...]


HOSTED = "constituent"
"""The word by which doors know people and programs of constituents: they have no role."""


def rights_of(token: Token | Acting) -> tuple[str, ...]:
    """What a token is let in for at doors: the word of its role, or those of its verbs."""
    if isinstance(token, Acting) or token.verbs:
        return tuple(_verb(each) for each in token.verbs)
    return (str(token.role),)


def permissions_of_token(token: Token) -> frozenset[Permission]:
    """Everything a token may do."""
    return frozenset(token.verbs) or permissions_of((token.role,))


def _verb(permission: Permission) -> str:
    return f"may:{permission}"


def permissions_of(roles: tuple[Role, ...]) -> frozenset[Permission]:
    """Everything any of the roles may do."""
    return frozenset(permission for role in roles for permission in PERMISSIONS[role])


def roles_with(permission: Permission) -> tuple[str, ...]:
    """The roles that may do this, and the verb itself, as doors and navigation name them."""
    return (*(str(role) for role in Role if permission in PERMISSIONS[role]), _verb(permission))


def permission_behind(roles: tuple[str, ...]) -> Permission | None:
    """The permission that exactly these roles have, None for a door that was given roles by hand."""
    return next((permission for permission in Permission if roles_with(permission) == roles), None)
