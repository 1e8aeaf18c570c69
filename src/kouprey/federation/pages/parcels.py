"""Pages of parcels: make one to carry to a partner, read one that was carried here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from kouprey.federation.service import Federation
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import format_second, wall_clock
from kouprey.people.service import People

IN_MEMORY = 16 << 20
"""Bytes of a parcel kept in memory; a longer one waits in a file for its download."""
CHUNK = 1 << 16


class ParcelPages:
    """What goes by stick, mail or relay."""

    def __init__(self, federation: Federation, people: People) -> None:
        self._federation = federation
        self._people = people

    def make(self, request: Request) -> Response:
        """Everything the partner has not confirmed, as a file only it can open."""
        party = self._people.get_party(request.path_params["party"])
        if party.home:
            raise Damaged(
                mark("A parcel for ourselves makes no sense."), "", mark("Choose a partner."), code="own-party"
            )
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # the answer closes it when it was sent
        try:
            self._federation.parcels.make(party.id, file, by=request.reader.name)  # type: ignore[arg-type]  # a BinaryIO in all but name
        except BaseException:
            file.close()
            raise
        length = file.tell()
        stamp = format_second(wall_clock()).replace(":", "")
        headers = {
            "Content-Disposition": f'attachment; filename="{party.id}-{stamp}.kpx"',
            "Content-Length": str(length),
        }
        return StreamingResponse(_chunks(file), media_type="application/vnd.kouprey.parcel", headers=headers)

    def ask(self, request: Request) -> Response:
        return self._show(request)

    def read(self, request: Request) -> Response:
        file = request.fields.get("parcel")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Damaged(mark("No parcel was sent."), "", mark("Choose the .kpx file."), code="no-file")
        try:
            contents = self._federation.parcels.read(file.file, by=request.reader.name)
        except KoupreyError as error:
            return self._show(request, error.http_status, error=error)
        made_by = self._people.get_party(contents.made_by)
        return self._show(request, contents=contents, made_by=made_by)

    def _show(self, request: Request, status: int = 200, **values: object) -> Response:
        others = [party for party in self._people.list_parties() if not party.home]
        waiting = {each.party: each.total for each in self._federation.ledger.list_waiting()}
        slips = {party.id: self._federation.parcels.wants(party.id) for party in others}
        shown = {"contents": None, "made_by": None, "error": None, **values}
        return request.render("federation/parcels.html", status, others=others, waiting=waiting, slips=slips, **shown)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
