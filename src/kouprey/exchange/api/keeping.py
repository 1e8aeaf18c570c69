"""Endpoints about what must go and what must stay: erasing for good, tombstones, and legal holds."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from kouprey.exchange.model.keeping import Hold as Kept
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class Erasure(Asked, frozen=True, kw_only=True):
    """Why something is erased; `version` when only that one is."""

    because: str
    version: str = ""


class Version(Asked, frozen=True, kw_only=True):
    """One version, or all of them."""

    version: str = ""


class Erased(Struct, kw_only=True):
    """What was removed; `given` are the parties that have it still, `scrubbed` whether free space is clean already."""

    id: str
    versions: int
    bodies: int
    entries: int
    given: tuple[str, ...]
    scrubbed: bool


class Lifted(Struct, kw_only=True):
    """How many versions may be received again."""

    versions: int


class NewHold(Asked, frozen=True, kw_only=True):
    """What must not be erased: an object, or whatever is in a collection or found by a saved search."""

    kind: Literal["object", "collection", "search"]
    what: str
    because: str


class Hold(Struct, kw_only=True):
    """Something that must not be erased."""

    id: str
    kind: str
    what: str
    because: str
    by: str
    at: Time


class Holds(Struct, kw_only=True):
    """Those in force, oldest first."""

    holds: tuple[Hold, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Keeping", "roles": roles_with(Permission.ERASE)}
    cleared = {"not-cleared": 403}
    return [
        api(
            "POST",
            "/objects/{id}/erasure",
            desk.erase,
            takes=Erasure,
            gives=Erased,
            fails={**cleared, "unknown-object": 404, "no-reason": 400, "held": 409},
            does=("POST /intelligence/{stix_id}/erase",),
            seconds=120.0,
            summary="Remove an object for good, leaving a tombstone.",
            **told,
        ),
        api(
            "DELETE",
            "/objects/{id}/erasure",
            desk.lift_erasure,
            takes=Version,
            gives=Lifted,
            fails={**cleared, "unknown-tombstone": 404},
            summary="Let what was erased be received again; it brings nothing back.",
            **told,
        ),
        api("GET", "/holds", desk.holds, gives=Holds, fails=cleared, summary="What must not be erased.", **told),
        api(
            "POST",
            "/holds",
            desk.hold,
            takes=NewHold,
            gives=Hold,
            status=201,
            fails={**cleared, "unknown-object": 404, "no-reason": 400},
            summary="Keep something from being erased.",
            **told,
        ),
        api(
            "DELETE",
            "/holds/{hold}",
            desk.lift_hold,
            fails={**cleared, "unknown-hold": 404},
            summary="End a hold.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def erase(self, request: Request, asked: Erasure) -> Erased:
        who, stix_id = request.reader, request.path_params["id"]
        made = self._exchange.erase(stix_id, because=asked.because, who=who, by=who.name, version=asked.version)
        return Erased(
            id=made.stix_id,
            versions=made.versions,
            bodies=made.bodies,
            entries=made.entries,
            given=tuple(made.given),
            scrubbed=made.scrubbed,
        )

    def lift_erasure(self, request: Request, asked: Version) -> Lifted:
        who, stix_id = request.reader, request.path_params["id"]
        return Lifted(versions=self._exchange.lift_erasure(stix_id, who=who, by=who.name, version=asked.version))

    def holds(self, request: Request) -> Holds:
        return Holds(holds=tuple(map(_hold, self._exchange.list_holds(request.reader))))

    def hold(self, request: Request, asked: NewHold) -> Hold:
        who = request.reader
        return _hold(self._exchange.place_hold(asked.kind, asked.what, because=asked.because, who=who, by=who.name))

    def lift_hold(self, request: Request) -> None:
        self._exchange.lift_hold(request.path_params["hold"], who=request.reader, by=request.reader.name)


def _hold(each: Kept) -> Hold:
    return Hold(id=each.id, kind=each.kind, what=each.what, because=each.because, by=each.by, at=time_of(each.at))
