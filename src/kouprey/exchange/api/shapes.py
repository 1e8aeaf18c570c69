"""What the endpoints of the exchange answer with: times as RFC 3339, levels as words, bodies as they were received."""

from __future__ import annotations

from typing import Any, Literal, get_args

from msgspec import Raw, Struct

from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Time
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import TLP, parse_tlp

Level = Literal["clear", "green", "amber", "amber+strict", "red"]
"""A TLP 2.0 level."""


class Listed(Struct, kw_only=True):
    """An object in a list: its newest version as far as the reader sees. `news` is when it became news to readers."""

    id: str
    type: str
    title: str
    version: str
    tlp: Level
    sources: tuple[str, ...]
    news: Time
    conflict: bool
    revoked: bool
    musts: int


class Said(Struct, kw_only=True):
    """Who said a body, when, and what binds it; `entry` is the index of the lane entry it came in, -1 for none."""

    source: str
    kind: str
    received_at: Time
    owner: str
    agreement: str
    tlp: Level
    pap: str
    purposes: tuple[str, ...]
    handling: tuple[str, ...]
    not_before: Time
    exercise: str
    origin: str
    entry: int


class Finding(Struct, kw_only=True):
    """Where a body differs from the standard."""

    code: str
    path: str
    severity: str
    text: str
    source: str


class Body(Struct, kw_only=True):
    """One body of a version; `object` are the bytes as received, and `served` the one that others are given."""

    sha256: str
    served: bool
    title: str
    revoked: bool
    created_by: str
    object: Raw
    assertions: tuple[Said, ...]
    findings: tuple[Finding, ...]


class Version(Struct, kw_only=True):
    """One version; more than one body is a conflict."""

    version: str
    received_at: Time
    tlp: Level
    conflict: bool
    bodies: tuple[Body, ...]


class Ground(Struct, kw_only=True):
    """One ground of a decision: the agreement and the clause it rests on, by id or number and by name.

    `change` says what would have to change so that it were allowed, and who decides that.
    """

    code: str
    text: str
    agreement: str
    clause: str
    agreement_title: str
    clause_title: str
    change: tuple[str, ...]


class Reasoned(Struct, kw_only=True):
    """So many objects for the same grounds, and the ids of some."""

    because: tuple[Ground, ...]
    count: int
    samples: tuple[str, ...]


class Verdict(Struct, kw_only=True):
    """Whether somebody may see a thing, and why."""

    party: str
    allowed: bool
    because: tuple[Ground, ...]


class Worth(Struct, kw_only=True):
    """What a thing is worth now, from 0 to 100, and why."""

    score: int
    state: str
    because: tuple[str, ...]


class Remark(Struct, kw_only=True):
    """A sighting, note or opinion."""

    id: str
    kind: str
    at: Time
    created_by: str
    sources: tuple[str, ...]
    text: str
    opinion: str
    times: int
    first_seen: Time
    last_seen: Time


class Publication(Struct, kw_only=True):
    """A version that was given to the parties of an agreement."""

    number: int
    version: str
    agreement: str
    parties: tuple[str, ...]
    tlp: Level
    pruned: bool
    by: str
    at: Time
    because: str


class Erased(Struct, kw_only=True):
    """What stays of a version that was erased."""

    version: str
    sha256: str
    at: Time
    because: str
    by: str


class Merged(Struct, kw_only=True):
    """That two objects mean the same, by our own word."""

    id: str
    into: str
    because: str
    by: str
    at: Time


class Whole(Struct, kw_only=True):
    """An object with everything said of it, as far as the reader sees. `same` are those it is merged with."""

    id: str
    type: str
    title: str
    versions: tuple[Version, ...]
    worth: Worth
    remarks: tuple[Remark, ...]
    more_remarks: bool
    times_seen: int
    publications: tuple[Publication, ...]
    merges: tuple[Merged, ...]
    same: tuple[str, ...]
    erased: tuple[Erased, ...]


class Known(Struct, kw_only=True):
    """A value that is named here: its kind, canonical form, and in how many versions the reader sees it named."""

    kind: str
    value: str
    versions: int


class Report(Struct, kw_only=True):
    """What became of publishing under an agreement; `waits_because` is "" unless it stays in the queue.

    `waiting` goes when persons have released it.
    """

    agreement: str
    queued: tuple[str, ...]
    already: tuple[str, ...]
    pruned: tuple[str, ...]
    refused: tuple[Held, ...]
    waits_because: str
    waiting: tuple[Held, ...]


class Held(Struct, kw_only=True):
    """One thing that was not published, and why."""

    id: str
    because: tuple[Ground, ...]


class Refused(Struct, kw_only=True):
    """One thing that was not taken in: where it begins in what was sent, what happened, why, and what to do."""

    offset: int
    line: int | None
    id: str
    code: str
    title: str
    detail: str
    remedy: str


def level(tlp: TLP) -> Any:
    """A level as its word."""
    return TLP(tlp).word


def level_of(word: str, name: str) -> TLP | None:
    """The level of a field, None for an empty one; Damaged when it is none."""
    if not word:
        return None
    try:
        return parse_tlp(word)
    except ValueError as error:
        raise wrong(name, f"{error}.", f"Send one of {', '.join(get_args(Level))}.") from None


def instant_of(text: str, name: str) -> Instant | None:
    """The instant of a field, None for an empty one; Damaged when it is none."""
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise wrong(name, f"{error}.", "Send RFC 3339 in UTC, such as 2026-11-22T09:00:00Z.") from None


def wrong(name: str, why: str, remedy: str) -> Damaged:
    """A field that has the right type and no right value."""
    return Damaged(f"The field {name!r} is wrong.", why, remedy, code="bad-field", detail={"field": name})


def within(exchange: Exchange, who: Reader, scope: tuple[str, ...], wanted: str) -> str:
    """The id of the collection that a reader bound to `scope` reads, "" for everything where nothing binds.

    Bound to one, he need not name it; Forbidden (`token-bound`) for any beside those.
    """
    if not scope:
        return wanted
    if not wanted and len(scope) == 1:
        return exchange.get_collection(scope[0], who).id
    if wanted:
        try:
            found = exchange.get_collection(wanted, who)
        except Unknown:
            found = None
        if found is not None and {found.id, found.name} & set(scope):
            return found.id
    raise Forbidden(
        "That is not open to you.",
        "The token is bound to collections.",
        "Name one of these as `collection`, or ask for a token without a bound.",
        code="token-bound",
    )
