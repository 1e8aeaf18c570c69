"""The REST interface of agreements: read, draft, sign, suspend; for our own programs."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from kouprey.agreements.api import sides
from kouprey.agreements.model import (
    ApprovalRule,
    Deed,
    Duty,
    Emergency,
    Group,
    HandOffTerm,
    Quotas,
    Standing,
    State,
    Target,
    Terms,
    Version,
)
from kouprey.agreements.service import Agreements
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import FOREVER, Instant, parse_instant, wall_clock
from kouprey.people.model import Permission, roles_with

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
"""The SHA-256 of the text of a version, which names it."""


class Chosen(Asked, frozen=True, kw_only=True):
    """The clauses that may be chosen; the others are as in every agreement."""

    tlp_ceiling: str = "amber"
    types: tuple[str, ...] = ("intelligence", "sighting")
    purposes: tuple[str, ...] = ("incident-response", "protection")
    onward: str = "none"
    retention_days: Annotated[int, Meta(ge=1, le=36_500)] = 730
    erasure_days: Annotated[int, Meta(ge=1, le=3_650)] = 30
    pap_ceiling: str = "red"
    references: str = "prune"
    quotas: Quotas = Quotas()
    handoffs: tuple[HandOffTerm, ...] = ()
    duties: tuple[Duty, ...] = ()
    targets: tuple[Target, ...] = ()
    approvals: tuple[ApprovalRule, ...] = ()
    emergency: Emergency = Emergency()
    leaving_days: Annotated[int, Meta(ge=0, le=3_650)] = 30


class NewAgreement(Asked, frozen=True, kw_only=True):
    """A draft: `parties` are the others, `text` is what people read, by language, `amends` the agreement it changes.

    `members` and `contacts` are those of each party, by its id; `groups` audiences within the agreement.
    """

    title: Annotated[str, Meta(min_length=3, max_length=200)]
    parties: Annotated[tuple[str, ...], Meta(min_length=1, max_length=15)]
    starts: Time
    ends: Time = ""
    terms: Chosen = Chosen()
    text: dict[str, Annotated[str, Meta(max_length=100_000)]] = msgspec.field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    members: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    contacts: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    amends: str = ""


class Read(Asked, frozen=True, kw_only=True):
    """The version that was read: no other is signed."""

    version: Digest


class Form(Struct, kw_only=True):
    """A version of an agreement; `version` is the SHA-256 of its text, `missing` whose signature is awaited."""

    version: Digest
    number: int
    title: str
    parties: tuple[str, ...]
    signers: tuple[str, ...]
    missing: tuple[str, ...]
    in_force_from: Time
    proposed_by: str
    document_sha256: Digest
    terms: Terms


class Event(Struct, kw_only=True):
    """Something done with an agreement."""

    at: Time
    by: str
    action: str


class Agreement(Struct, kw_only=True):
    """An agreement as it stands here; `version` is the one that counts."""

    id: str
    title: str
    state: str
    parties: tuple[str, ...]
    version: Digest
    tlp_ceiling: str
    starts: Time
    ends: Time
    suspended_by: tuple[str, ...]
    left: tuple[str, ...]
    narrowed: tuple[sides.Narrowed, ...]
    awaits_us: bool


class Whole(Agreement, kw_only=True):
    """With every version, newest first, and what was done with it."""

    versions: tuple[Form, ...]
    history: tuple[Event, ...]


class Listed(Struct, kw_only=True):
    """Every agreement this node knows, by title."""

    agreements: tuple[Agreement, ...]


class Discarded(Struct, kw_only=True):
    """How many drafts went."""

    drafts: int


ONE = "/agreements/{agreement}"
_UNKNOWN: Mapping[str, int] = {"unknown-agreement": 404}


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Agreements))
    return [*_reading(desk), *_deciding(desk), *sides.doors(services)]


def _reading(desk: _Desk) -> list[Door]:
    reads: dict[str, Any] = {"group": "Agreements", "roles": roles_with(Permission.READ)}
    raw = f"{ONE}/versions/{{version}}"
    unknown = {**_UNKNOWN, "unknown-version": 404}
    return [
        api(
            "GET",
            "/agreements",
            desk.list,
            gives=Listed,
            does=("GET /agreements",),
            summary="List agreements.",
            **reads,
        ),
        api(
            "GET",
            ONE,
            desk.show,
            gives=Whole,
            fails=_UNKNOWN,
            does=("GET /agreements/{agreement}", "GET /agreements/{agreement}/sign"),
            summary="An agreement with its versions, who has signed them, and what was done with it.",
            **reads,
        ),
        api(
            "GET",
            f"{raw}/document",
            desk.document,
            media=("application/json",),
            gives=msgspec.Raw,
            fails=unknown,
            does=("GET /agreements/{agreement}/{version}/document.json",),
            summary="The document, byte for byte as it was signed.",
            **reads,
        ),
        api(
            "GET",
            f"{raw}/note",
            desk.note,
            media=("text/plain",),
            fails=unknown,
            does=("GET /agreements/{agreement}/{version}/note",),
            summary="The signed note over the document.",
            **reads,
        ),
    ]


def _deciding(desk: _Desk) -> list[Door]:
    agrees: dict[str, Any] = {"group": "Agreements", "roles": roles_with(Permission.AGREE)}
    return [
        api(
            "POST",
            "/agreements",
            desk.draft,
            takes=NewAgreement,
            gives=Form,
            status=201,
            fails={"unknown-party": 404, "bad-agreement": 400, "not-in-force": 409},
            does=("POST /agreements/new",),
            summary="Draft an agreement, or the next version of one; nobody else learns of it before it is signed.",
            cap=4 << 20,
            **agrees,
        ),
        api(
            "POST",
            f"{ONE}/signature",
            desk.sign,
            takes=Read,
            gives=Form,
            fails={**_UNKNOWN, "nothing-to-sign": 409, "no-root-key": 409, "other-root": 409},
            does=("POST /agreements/{agreement}/sign",),
            summary="Sign the version that was read with our root key, and let the other parties know.",
            **agrees,
        ),
        api(
            "POST",
            f"{ONE}/suspension",
            desk.suspend,
            gives=Agreement,
            fails=_UNKNOWN,
            does=("POST /agreements/{agreement}/suspend",),
            summary="Suspend it for our part, at once.",
            **agrees,
        ),
        api(
            "DELETE",
            f"{ONE}/suspension",
            desk.resume,
            gives=Agreement,
            fails=_UNKNOWN,
            does=("POST /agreements/{agreement}/resume",),
            summary="Resume it for our part; what waited is sent.",
            **agrees,
        ),
        api(
            "DELETE",
            f"{ONE}/drafts",
            desk.discard,
            gives=Discarded,
            fails={**_UNKNOWN, "no-draft": 409},
            does=("POST /agreements/{agreement}/discard",),
            summary="Forget its drafts; what anybody has signed stays.",
            **agrees,
        ),
    ]


class _Desk:
    """What these endpoints ask of the agreements."""

    def __init__(self, agreements: Agreements) -> None:
        self._agreements = agreements

    def list(self, _: Request) -> Listed:
        found = [self._shown(each) for each in self._agreements.standings().values()]
        return Listed(agreements=tuple(sorted(found, key=lambda each: (each.title, each.id))))

    def show(self, request: Request) -> Whole:
        standing = self._agreements.get_standing(request.path_params["agreement"])
        versions = self._agreements.list_versions(standing.agreement)
        history = self._agreements.history(standing.agreement)
        return Whole(
            **msgspec.structs.asdict(self._shown(standing)),
            versions=tuple(_form(each) for each in versions[::-1]),
            # What was given under it stands in the ledger, which says of each reader what is his to see.
            history=tuple(_event(each) for each in history if each.action.startswith("agreement.")),
        )

    def draft(self, request: Request, asked: NewAgreement) -> Form:
        made = self._agreements.draft(
            asked.title,
            asked.parties,
            Terms(**msgspec.structs.asdict(asked.terms)),
            starts=_instant("starts", asked.starts),
            ends=asked.ends if not asked.ends or _instant("ends", asked.ends) else "",
            text=asked.text,
            groups=asked.groups,
            members=asked.members,
            contacts=asked.contacts,
            amends=asked.amends,
            by=request.reader.name,
        )
        return _form(made)

    def sign(self, request: Request, asked: Read) -> Form:
        agreement = self._agreements.get_standing(request.path_params["agreement"]).agreement
        return _form(self._agreements.sign(agreement, by=request.reader.name, note_sha256=bytes.fromhex(asked.version)))

    def suspend(self, request: Request) -> Agreement:
        return self._suspended(request, True)

    def resume(self, request: Request) -> Agreement:
        return self._suspended(request, False)

    def _suspended(self, request: Request, suspended: bool) -> Agreement:
        agreement = self._agreements.get_standing(request.path_params["agreement"]).agreement
        return self._shown(self._agreements.suspend(agreement, suspended=suspended, by=request.reader.name))

    def discard(self, request: Request) -> Discarded:
        agreement = self._agreements.get_standing(request.path_params["agreement"]).agreement
        return Discarded(drafts=self._agreements.discard(agreement, by=request.reader.name))

    def document(self, request: Request) -> Response:
        return Response(self._version(request).document_bytes, media_type="application/json")

    def note(self, request: Request) -> Response:
        return Response(self._version(request).note, media_type="text/plain; charset=utf-8")

    def _version(self, request: Request) -> Version:
        agreement = self._agreements.get_standing(request.path_params["agreement"]).agreement
        for version in self._agreements.list_versions(agreement):
            if version.note_sha256.hex() == request.path_params["version"]:
                return version
        raise Unknown("There is no such version.", remedy="GET the agreement for its versions.", code="unknown-version")

    def _shown(self, standing: Standing) -> Agreement:
        versions = self._agreements.list_versions(standing.agreement)
        signed = any(version.signers for version in versions)
        return Agreement(
            id=standing.agreement,
            title=standing.title,
            state=str(standing.state(wall_clock()) if signed else State.DRAFT),
            parties=standing.parties,
            version=standing.note_sha256.hex(),
            tlp_ceiling=standing.tlp_ceiling.word,
            starts=time_of(standing.starts),
            ends="" if standing.ends == FOREVER else time_of(standing.ends),
            suspended_by=standing.suspended_by,
            left=standing.left,
            narrowed=tuple(map(sides.narrowed_form, standing.narrowed)),
            awaits_us=self._agreements.find_unsigned(standing.agreement) is not None,
        )


def _form(version: Version) -> Form:
    return Form(
        version=version.note_sha256.hex(),
        number=version.number,
        title=version.document.title,
        parties=version.party_ids,
        signers=version.signers,
        missing=version.missing,
        in_force_from=time_of(version.in_force_from),
        proposed_by=version.proposed_by,
        document_sha256=sha256(version.document_bytes).hexdigest(),
        terms=version.document.terms,
    )


def _event(deed: Deed) -> Event:
    return Event(at=time_of(deed.at), by=deed.by, action=deed.action)


def _instant(name: str, text: str) -> Instant:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Damaged(
            f"The field {name!r} is wrong.",
            f"{error}.",
            "Write an instant as 2026-12-01T00:00:00Z.",
            code="bad-field",
            detail={"field": name},
        ) from None
