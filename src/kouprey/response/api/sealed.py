"""Endpoints about what came under seal: fetch it as it is, and have the seal of the node taken off for a reader."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from msgspec import Struct
from starlette.responses import StreamingResponse

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.service import HandOffs, Sealing
from kouprey.response.service.sealing import file_name

ONE = "/handoffs/{handoff}/sealed/{sealed}"


class ForReader(Asked, frozen=True, kw_only=True):
    """The age recipient of the reader for whom it is released."""

    key: str


class Released(Struct, kw_only=True):
    """The key of the file in base64, sealed to that reader alone."""

    key: str
    box: str


class OneRelease(Struct, kw_only=True):
    """That the node took its seal off: of which file, for which key, asked for by whom, and when."""

    sha256: str
    key: str
    person: str
    at: Time


class Releases(Struct, kw_only=True):
    """Releases of a hand-off, the first one first."""

    releases: tuple[OneRelease, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Sealing))
    told: dict[str, Any] = {"group": "Hand-offs", "roles": roles_with(Permission.READ)}
    gone = {"unknown-handoff": 404, "unknown-item": 404}
    return [
        api(
            "GET",
            ONE,
            desk.fetch,
            media=(BYTES,),
            fails=gone,
            does=(f"GET {ONE}",),
            summary="A file as it came, still sealed.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/release",
            desk.release,
            takes=ForReader,
            gives=Released,
            status=201,
            fails={**gone, "unknown-key": 404, "not-ours-to-release": 409, "cannot-open": 400},
            does=(f"POST {ONE}/release",),
            summary="Take the seal of the node off for one reader; it is written down first.",
            **told,
        ),
        api(
            "GET",
            "/handoffs/{handoff}/releases",
            desk.list,
            gives=Releases,
            fails=gone,
            summary="For whom the seal of the node was taken off.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def fetch(self, request: Request) -> StreamingResponse:
        who = HandOffs.speaker(request.reader, request.who.roles)
        held, _, item = self._sealing.item(who, request.path_params["handoff"], request.path_params["sealed"])
        return attachment(file_name(held, item.sha256), item.size, iter([item.body]))

    def release(self, request: Request, asked: ForReader) -> Released:
        who, at = HandOffs.speaker(request.reader, request.who.roles), request.path_params
        box = self._sealing.release(who, at["handoff"], at["sealed"], asked.key)
        return Released(key=asked.key, box=b64encode(box).decode())

    def list(self, request: Request) -> Releases:
        who = HandOffs.speaker(request.reader, request.who.roles)
        return Releases(
            releases=tuple(
                OneRelease(sha256=each.item, key=each.key, person=each.person, at=time_of(each.at))
                for each in self._sealing.list_releases(who, request.path_params["handoff"])
            )
        )
