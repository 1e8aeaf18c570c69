"""The REST interface of files in parts: list, give, fetch and erase them."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import StreamingResponse

from kouprey.federation.service import Federation, Files
from kouprey.federation.service.files import FileView
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with

CAP = 256 * MIB
LONG = 600.0


class Which(Asked, frozen=True, kw_only=True):
    """Of which agreement, and with which SHA-256 in hex; "" for any."""

    agreement: Annotated[str, Meta(max_length=100)] = ""
    sha256: Annotated[str, Meta(max_length=64)] = ""


class Gift(Asked, frozen=True, kw_only=True):
    """Under which agreement, what the file is called, how it is marked, and its media type."""

    agreement: Annotated[str, Meta(max_length=100)]
    name: Annotated[str, Meta(max_length=200)]
    tlp: Annotated[str, Meta(max_length=20)] = "amber"
    media_type: Annotated[str, Meta(max_length=100)] = BYTES


class File(Struct, kw_only=True):
    """A file: `held` of `size` bytes are here. `state` is whole, wanted, refused (`why`) or broken (`why`)."""

    file: str
    name: str
    media_type: str
    size: int
    held: int
    sha256: str
    agreement: str
    author: str
    tlp: str
    state: str
    why: str
    at: Time


class FileList(Struct, kw_only=True):
    """Files that the reader may see, the newest first."""

    files: tuple[File, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Federation).files)
    reads: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.READ)}
    return [*_listing(desk, reads), *_single(desk, reads)]


def _listing(desk: _Desk, reads: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/files",
            desk.list,
            takes=Which,
            gives=FileList,
            does=("GET /files",),
            summary="Files in parts that were given and received, and how much of each is here.",
            **reads,
        ),
        api(
            "POST",
            "/files",
            desk.give,
            takes=Gift,
            brings=(BYTES,),
            gives=File,
            fails={"too-large": 413, "bad-name": 409, "empty-file": 409, "not-cleared": 409, "unknown-agreement": 404},
            cap=CAP,
            seconds=LONG,
            does=("POST /files",),
            summary="Give a file to all parties of an agreement.",
            group="Partners",
            roles=roles_with(Permission.PUBLISH),
        ),
    ]


def _single(desk: _Desk, reads: dict[str, Any]) -> list[Door]:
    gone = {"unknown-file": 404}
    return [
        api(
            "GET",
            "/files/{file}",
            desk.one,
            gives=File,
            fails=gone,
            summary="One file, and how much of it is here.",
            **reads,
        ),
        api(
            "GET",
            "/files/{file}/content",
            desk.content,
            media=(BYTES,),
            fails={**gone, "not-whole": 409},
            seconds=LONG,
            does=("GET /files/{file}",),
            summary="The bytes of a file that is whole.",
            **reads,
        ),
        api(
            "DELETE",
            "/files/{file}",
            desk.erase,
            fails=gone,
            does=("POST /files/{file}/erase",),
            summary="Remove a file and its parts for good; partners are asked to follow when it is ours.",
            group="Partners",
            roles=roles_with(Permission.ERASE),
        ),
    ]


class _Desk:
    """What these endpoints ask of the service."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def list(self, request: Request, asked: Which) -> FileList:
        found = self._files.list(request.reader, agreement=asked.agreement, sha256=asked.sha256.lower())
        return FileList(files=tuple(map(_file, found)))

    def give(self, request: Request, gift: Gift) -> File:
        try:
            tlp = parse_tlp(gift.tlp)
        except ValueError as error:
            remedy = "Use clear, green, amber, amber+strict or red."
            raise Damaged("That is no marking.", str(error), remedy, code="bad-tlp") from error
        made = self._files.publish(
            gift.agreement,
            BytesIO(request.content),
            name=gift.name,
            media_type=gift.media_type,
            tlp=tlp,
            by=request.reader.name,
            who=request.reader,
        )
        return _file(made)

    def one(self, request: Request) -> File:
        return _file(self._files.get(request.path_params["file"], request.reader))

    def content(self, request: Request) -> StreamingResponse:
        found = self._files.get(request.path_params["file"], request.reader)
        return attachment(
            found.name, found.size, self._files.content(found.file, request.reader, by=request.reader.name)
        )

    def erase(self, request: Request) -> None:
        self._files.erase(request.path_params["file"], by=request.reader.name, who=request.reader)


def _file(view: FileView) -> File:
    return File(
        file=view.file,
        name=view.name,
        media_type=view.media_type,
        size=view.size,
        held=view.held,
        sha256=view.sha256,
        agreement=view.agreement,
        author=view.author,
        tlp=view.tlp.word,
        state=view.state,
        why=view.why,
        at=time_of(view.at),
    )
