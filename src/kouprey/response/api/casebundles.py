"""Endpoints about cases as STIX bundles."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import StreamingResponse

from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.response.api.caseshapes import CaseShown, shown
from kouprey.response.model.cases import Track
from kouprey.response.service import Cases, HandOffs
from kouprey.response.wire.incoming import LARGEST

JSON = "application/json"


class Which(Asked, frozen=True, kw_only=True):
    """Which tracks: those that you read, and the legal one only where it is asked for."""

    legal: bool = False


class Handed(Asked, frozen=True, kw_only=True):
    """How the case is marked at least, and the track that everything in it stands on; "" for the first of yours."""

    tlp: Annotated[str, Meta(max_length=40)] = "amber+strict"
    track: Track | None = None
    name: Annotated[str, Meta(max_length=200)] = ""


class CaseTaken(Struct, kw_only=True):
    """The case that was opened; `unread` is what was not understood and stands in the kept bytes alone."""

    case: CaseShown
    unread: tuple[str, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)
    return [
        api(
            "GET",
            "/cases/{case}/stix",
            desk.give,
            takes=Which,
            media=(BYTES,),
            fails={"unknown-case": 404, "role-missing": 403, "too-many-items": 413},
            does=("GET /cases/{case}/stix",),
            group="Cases",
            roles=roles,
            summary="A case as a STIX 2.1 bundle, as far as you read it; that you took it is written down first.",
        ),
        api(
            "POST",
            "/cases/stix",
            desk.take,
            takes=Handed,
            brings=(JSON,),
            gives=CaseTaken,
            status=201,
            fails={
                "role-missing": 403,
                "bad-bundle": 400,
                "bad-tlp": 400,
                "bad-title": 400,
                "bad-name": 400,
                "too-large": 413,
                "too-many-items": 413,
                "above-clearance": 409,
            },
            cap=LARGEST,
            does=("POST /cases/stix",),
            group="Cases",
            roles=roles,
            summary="Open a case from the incident of a STIX bundle; the bundle stays with it as evidence.",
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._cases = services.get(Cases)

    def give(self, request: Request, asked: Which) -> StreamingResponse:
        who = HandOffs.speaker(request.reader, request.who.roles)
        case, made = self._cases.write_bundle(who, request.path_params["case"], legal=asked.legal)
        return attachment(f"case-{case.number}.json", len(made), iter([made]))

    def take(self, request: Request, asked: Handed) -> CaseTaken:
        who = HandOffs.speaker(request.reader, request.who.roles)
        taken = self._cases.take_bundle(who, request.content, tlp=_level(asked.tlp), track=asked.track, name=asked.name)
        return CaseTaken(case=shown(taken.case), unread=taken.unread)


def _level(word: str) -> TLP:
    try:
        return parse_tlp(word)
    except ValueError as error:
        remedy = "Use clear, green, amber, amber+strict or red."
        raise Damaged("That is no marking.", str(error), remedy, code="bad-tlp") from error
