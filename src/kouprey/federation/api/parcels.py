"""The REST interface of parcels: made for a partner, and read from one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import Response, StreamingResponse

from kouprey.federation.api.partners import ONE, UNKNOWN, Nothing, partner_of
from kouprey.federation.service import Federation, Spool
from kouprey.federation.service.spool import DONE, REFUSED
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PARCEL = "application/vnd.kouprey.parcel"
LONG = 600.0
MOST = 100
"""Files told of that were taken in, and of those that were refused."""
_CHUNK = 1 << 16
_IN_MEMORY = 16 * MIB


class Wish(Asked, frozen=True, kw_only=True):
    """What goes in; without anything, all that the partner has not confirmed.

    `slips` are what the partner asks for, and then nothing else goes; `fresh` leaves out what earlier parcels carry;
    `most` is about how many bytes of it.
    """

    slips: tuple[str, ...] = ()
    fresh: bool = False
    most: Annotated[int, Meta(ge=0, le=1 << 30)] = 0


class Lying(Struct, kw_only=True):
    """A file in the spool folder: "waiting" to be taken in, "ready" to be carried to `party`, "taken" or "refused"."""

    state: str
    name: str
    party: str
    bytes: int
    at: Time
    said: str


class Lies(Struct, kw_only=True):
    """What lies in the spool folder."""

    files: tuple[Lying, ...]


class Taken(Struct, kw_only=True):
    """What a parcel brought; `early` entries wait for others before them, `problems` tell what was not applied."""

    made_by: str
    entries: int
    early: int
    problems: tuple[str, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Federation), services.get(People), services.get(Spool))
    links: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.LINK)}
    return [
        api(
            "GET",
            "/parcels/spool",
            desk.list_spool,
            gives=Lies,
            does=("GET /partners/parcels",),
            summary="What lies in the spool folder, and what became of what was dropped there.",
            **links,
        ),
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
            takes=Wish,
            media=(PARCEL,),
            fails={**UNKNOWN, "unknown-lane": 404, "bad-slip": 400, "misheard": 409},
            reads=True,
            seconds=LONG,
            does=("POST /partners/{party}/parcel",),
            summary="What the partner has not confirmed, or asks for by its slips, as a file that only it can open.",
            **links,
        ),
    ]


class _Desk:
    """What these endpoints ask of the services."""

    def __init__(self, federation: Federation, people: People, spool: Spool) -> None:
        self._federation = federation
        self._people = people
        self._spool = spool

    def make_parcel(self, request: Request, wish: Wish) -> Response:
        party = partner_of(self._people, request)
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the answer closes it when it was sent
        try:
            how: dict[str, Any] = {"slips": "\n".join(wish.slips), "fresh": wish.fresh, "most": wish.most}
            self._federation.parcels.make(party.id, file, by=request.reader.name, **how)  # type: ignore[arg-type]  # a BinaryIO in all but name
        except BaseException:
            file.close()
            raise
        return StreamingResponse(_chunks(file), media_type=PARCEL, headers={"Content-Length": str(file.tell())})

    def list_spool(self, _: Request) -> Lies:
        listed = {
            "waiting": self._spool.list_in(),
            "ready": self._spool.list_out(),
            "refused": self._spool.list_past(REFUSED, MOST),
            "taken": self._spool.list_past(DONE, MOST),
        }
        return Lies(
            files=tuple(
                Lying(
                    state=state,
                    name=each.name,
                    party=each.party,
                    bytes=each.size,
                    at=time_of(each.at),
                    said=each.said,
                )
                for state, files in listed.items()
                for each in files
            )
        )

    def read_parcel(self, request: Request, _: Nothing) -> Taken:
        if not request.content:
            raise Damaged("No parcel was sent.", remedy="Send the bytes of the .kpx file.", code="no-file")
        contents = self._federation.parcels.read(BytesIO(request.content), by=request.reader.name)
        return Taken(
            made_by=contents.made_by,
            entries=contents.entries,
            early=contents.early,
            problems=tuple(str(each) for each in contents.problems),
        )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
