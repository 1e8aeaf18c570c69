"""The REST interface of parcels: made for a partner, and read from one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from msgspec import Struct
from starlette.responses import Response, StreamingResponse

from kouprey.federation.api.partners import ONE, UNKNOWN, Nothing, partner_of
from kouprey.federation.service import Federation
from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PARCEL = "application/vnd.kouprey.parcel"
LONG = 600.0
_CHUNK = 1 << 16
_IN_MEMORY = 16 * MIB


class Taken(Struct, kw_only=True):
    """What a parcel brought, and what of it could not be applied."""

    made_by: str
    entries: int
    problems: tuple[str, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Federation), services.get(People))
    links: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.LINK)}
    return [
        api(
            "POST",
            "/parcels",
            desk.read_parcel,
            brings=(PARCEL,),
            takes=Nothing,
            gives=Taken,
            fails={"cannot-open": 400, "not-for-us": 409},
            cap=64 * MIB,
            seconds=LONG,
            repeatable=True,
            does=("POST /partners/parcels",),
            summary="Take a parcel in that was carried here; larger ones with `kouprey parcel read`.",
            **links,
        ),
        api(
            "POST",
            f"{ONE}/parcel",
            desk.make_parcel,
            media=(PARCEL,),
            fails=UNKNOWN,
            reads=True,
            seconds=LONG,
            does=("POST /partners/{party}/parcel",),
            summary="Everything the partner has not confirmed, as a file that only it can open.",
            **links,
        ),
    ]


class _Desk:
    """What these endpoints ask of the services."""

    def __init__(self, federation: Federation, people: People) -> None:
        self._federation = federation
        self._people = people

    def make_parcel(self, request: Request) -> Response:
        party = partner_of(self._people, request)
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the answer closes it when it was sent
        try:
            self._federation.parcels.make(party.id, file, by=request.reader.name)  # type: ignore[arg-type]  # a BinaryIO in all but name
        except BaseException:
            file.close()
            raise
        return StreamingResponse(_chunks(file), media_type=PARCEL, headers={"Content-Length": str(file.tell())})

    def read_parcel(self, request: Request, _: Nothing) -> Taken:
        if not request.content:
            raise Damaged("No parcel was sent.", remedy="Send the bytes of the .kpx file.", code="no-file")
        contents = self._federation.parcels.read(BytesIO(request.content), by=request.reader.name)
        return Taken(
            made_by=contents.made_by, entries=contents.entries, problems=tuple(str(each) for each in contents.problems)
        )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
