"""The REST interface of what one party does alone: tighten, comment, leave, ask for two officers."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.agreements.model import Narrowing, Standing, Version, Way
from kouprey.agreements.rules import changes
from kouprey.agreements.service import Agreements
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.people.model import Permission, roles_with

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
ONE = "/agreements/{agreement}"


class Tighter(Asked, frozen=True, kw_only=True):
    """The clauses to tighten for our part; what is not named stays. `parties` are those we still exchange with."""

    tlp_ceiling: str = ""
    pap_ceiling: str = ""
    onward: str = ""
    types: tuple[str, ...] | None = None
    purposes: tuple[str, ...] | None = None
    parties: tuple[str, ...] | None = None


class Said(Asked, frozen=True, kw_only=True):
    """Words about a version; `about` is a clause's number, "all", or "decline" when we will not sign it."""

    version: Digest
    about: str
    words: Annotated[str, Meta(min_length=1, max_length=4_000)]


class Comment(Struct, kw_only=True):
    """What a party said about a version."""

    version: Digest
    party: str
    about: str
    words: str
    at: Time


class Comments(Struct, kw_only=True):
    """All of them, oldest first."""

    comments: tuple[Comment, ...]


class Sides(Struct, kw_only=True):
    """Where the agreement stands after it: who left, and how many parties have tightened it."""

    agreement: str
    left: tuple[str, ...]
    narrowed_by: tuple[str, ...]


class Changed(Struct, kw_only=True):
    """A clause in which two versions differ, and which way it moved."""

    clause: str
    way: Way


class Changes(Struct, kw_only=True):
    """Everything in which two versions differ."""

    old: Digest
    new: Digest
    changes: tuple[Changed, ...]


class Officers(Struct, kw_only=True):
    """Whether a signature needs two persons here."""

    two: bool


class Narrowed(Struct, kw_only=True):
    """What a party has tightened for its part; "" and null leave a clause as the document has it."""

    party: str
    at: Time
    tlp_ceiling: str
    pap_ceiling: str
    onward: str
    types: tuple[str, ...] | None
    purposes: tuple[str, ...] | None
    parties: tuple[str, ...] | None


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Agreements))
    return [*_reading(desk), *_deciding(desk)]


def _reading(desk: _Desk) -> list[Door]:
    reads: dict[str, Any] = {"group": "Agreements", "roles": roles_with(Permission.READ)}
    unknown = {"unknown-agreement": 404}
    version = {**unknown, "unknown-version": 404}
    return [
        api(
            "GET",
            f"{ONE}/comments",
            desk.comments,
            gives=Comments,
            fails=unknown,
            does=(),
            summary="What the parties have said about its versions.",
            **reads,
        ),
        api(
            "GET",
            f"{ONE}/versions/{{old}}/changes/{{new}}",
            desk.changes,
            gives=Changes,
            fails=version,
            does=("GET /agreements/{agreement}/changes",),
            summary="The clauses in which two versions differ: tightened, loosened or changed.",
            **reads,
        ),
    ]


def _deciding(desk: _Desk) -> list[Door]:
    agrees: dict[str, Any] = {"group": "Agreements", "roles": roles_with(Permission.AGREE)}
    unknown = {"unknown-agreement": 404}
    version = {**unknown, "unknown-version": 404}
    return [
        api(
            "POST",
            f"{ONE}/comments",
            desk.comment,
            takes=Said,
            gives=Comment,
            status=201,
            fails={**version, "signed": 409, "draft": 409, "too-many": 409},
            does=("POST /agreements/{agreement}/comment",),
            summary="Say something about a version to all its parties, or decline to sign it with a reason.",
            **agrees,
        ),
        api(
            "POST",
            f"{ONE}/narrowing",
            desk.tighten,
            takes=Tighter,
            gives=Sides,
            fails={**unknown, "loosens": 409, "tightens-nothing": 409, "not-in-force": 409},
            does=("POST /agreements/{agreement}/tighten", "GET /agreements/{agreement}/tighten"),
            summary="Tighten it for our part, at once; loosening needs a new version.",
            **agrees,
        ),
        api(
            "POST",
            f"{ONE}/leaving",
            desk.leave,
            gives=Sides,
            fails={**unknown, "not-in-force": 409},
            does=("POST /agreements/{agreement}/leave", "GET /agreements/{agreement}/leave"),
            summary="Leave it for good; among the others it goes on.",
            **agrees,
        ),
        api(
            "POST",
            "/agreements/officers",
            desk.officers,
            gives=Officers,
            does=("POST /agreements/officers",),
            summary="Ask for two persons for each signature from now on.",
            **agrees,
        ),
    ]


class _Desk:
    def __init__(self, agreements: Agreements) -> None:
        self._agreements = agreements

    def comments(self, request: Request) -> Comments:
        agreement = self._standing(request).agreement
        found = self._agreements.list_comments(agreement)
        return Comments(
            comments=tuple(
                Comment(
                    version=said.version.hex(), party=said.party, about=said.about, words=said.words, at=time_of(at)
                )
                for said, at in found
            )
        )

    def comment(self, request: Request, asked: Said) -> Comment:
        agreement = self._standing(request).agreement
        said = self._agreements.comment(
            agreement, bytes.fromhex(asked.version), asked.about, asked.words, by=request.reader.name
        )
        return Comment(version=asked.version, party=said.party, about=said.about, words=said.words, at=time_of(said.at))

    def changes(self, request: Request) -> Changes:
        old, new = (self._version(request, name) for name in ("old", "new"))
        return Changes(
            old=old.note_sha256.hex(),
            new=new.note_sha256.hex(),
            changes=tuple(
                Changed(clause=each.clause, way=each.way) for each in changes.compare(old.document, new.document)
            ),
        )

    def tighten(self, request: Request, asked: Tighter) -> Sides:
        narrowing = Narrowing(
            agreement="",
            version=0,
            party="",
            serial=0,
            at=0,
            tlp_ceiling=asked.tlp_ceiling,
            pap_ceiling=asked.pap_ceiling,
            onward=asked.onward,
            types=asked.types,
            purposes=asked.purposes,
            parties=asked.parties,
        )
        try:
            return _sides(self._agreements.narrow(self._standing(request).agreement, narrowing, by=request.reader.name))
        except ValueError as error:
            raise Damaged(
                "A level is wrong.", str(error), "Write one of the TLP or PAP levels.", code="bad-field"
            ) from error

    def leave(self, request: Request) -> Sides:
        return _sides(self._agreements.leave(self._standing(request).agreement, by=request.reader.name))

    def officers(self, request: Request) -> Officers:
        self._agreements.demand_two_officers(True, by=request.reader.name)
        return Officers(two=True)

    def _standing(self, request: Request) -> Standing:
        return self._agreements.get_standing(request.path_params["agreement"])

    def _version(self, request: Request, name: str) -> Version:
        for version in self._agreements.list_versions(self._standing(request).agreement):
            if version.note_sha256.hex() == request.path_params[name]:
                return version
        raise Unknown("There is no such version.", remedy="GET the agreement for its versions.", code="unknown-version")


def narrowed_form(said: Narrowing) -> Narrowed:
    """A narrowing as programs read it."""
    return Narrowed(
        party=said.party,
        at=time_of(said.at),
        tlp_ceiling=said.tlp_ceiling,
        pap_ceiling=said.pap_ceiling,
        onward=said.onward,
        types=said.types,
        purposes=said.purposes,
        parties=said.parties,
    )


def _sides(standing: Standing) -> Sides:
    return Sides(
        agreement=standing.agreement,
        left=standing.left,
        narrowed_by=tuple(each.party for each in standing.narrowed),
    )
