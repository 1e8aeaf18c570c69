"""Pages of parcels: make one to carry to a partner, read one that was carried here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, BinaryIO, TypedDict

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from kouprey.federation.service import Federation, Spool
from kouprey.federation.service.spool import DONE, REFUSED
from kouprey.federation.wire.pictures import SHOWN_MAX, from_pictures, to_pictures
from kouprey.kernel.web.door import MIB
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.photos import PHOTO_MAX, is_photo, read_codes
from kouprey.kernel.web.qr import draw
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Party
from kouprey.people.service import People

IN_MEMORY = 16 << 20
"""Bytes of a parcel kept in memory; a longer one waits in a file for its download."""
CHUNK = 1 << 16
_BEGIN = 16
_USUAL = {"slips": "", "what": "all", "most": "0", "how": "file"}
MOST_PAST = 5
"""Files shown of those that were taken in, and of those that were not."""


class ParcelPages:
    """What goes by stick, mail or relay."""

    def __init__(self, federation: Federation, people: People, spool: Spool) -> None:
        self._federation = federation
        self._people = people
        self._spool = spool

    def choose(self, request: Request) -> Response:
        """What is to go into a parcel for a partner, and how it goes."""
        return self._choice(request, self._partner(request))

    def make(self, request: Request) -> Response:
        """What was chosen, else everything the partner has not confirmed, as a file only it can open."""
        party = self._partner(request)
        try:
            wish = _read_wish(request)
            if wish.how == "spool":
                laid = self._spool.lay_ready(party.id, by=request.reader.name, **wish.choice)
                return self._show(request, laid={"name": laid.name, "party": party.id})
            if wish.how == "pictures":
                made = BytesIO()
                self._federation.parcels.make(party.id, made, by=request.reader.name, **wish.choice)
                drawn = [draw(text, error="l", scale=4) for text in to_pictures(made.getvalue())]
                return self._choice(request, party, pictures=drawn)
            return self._download(request, party, wish)
        except KoupreyError as error:
            return self._choice(request, party, error.http_status, error=error)

    def _download(self, request: Request, party: Party, wish: _Wish) -> Response:
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # the answer closes it when it was sent
        try:
            manifest = self._federation.parcels.make(party.id, file, by=request.reader.name, **wish.choice)  # type: ignore[arg-type]  # a BinaryIO in all but name
        except BaseException:
            file.close()
            raise
        # The name says nothing of whom it is for: sticks are lost.
        headers = {
            "Content-Disposition": f'attachment; filename="{manifest.parcel}.kpx"',
            "Content-Length": str(file.tell()),
        }
        return StreamingResponse(_chunks(file), media_type="application/vnd.kouprey.parcel", headers=headers)

    def ask(self, request: Request) -> Response:
        return self._show(request)

    def read(self, request: Request) -> Response:
        """Take in a file, or what pictures say: typed, on a photograph, or some of them so and some so."""
        file = request.fields.get("parcel")
        texts = str(request.fields.get("pictures") or "").strip()
        try:
            if isinstance(file, UploadFile) and file.filename:
                begin = file.file.read(_BEGIN)
                file.file.seek(0)
                if not is_photo(begin):
                    return self._read(request, file.file)
                codes = read_codes(file.file.read(PHOTO_MAX + 1))
                texts = "\n".join([texts, *(code for code in codes if code.startswith("KPX"))]).strip()
            if not texts:
                raise Damaged(
                    mark("No parcel was sent."),
                    "",
                    mark("Choose the .kpx file, a photograph of its pictures, or paste their texts."),
                    code="no-file",
                )
            return self._read(request, BytesIO(from_pictures(texts)))
        except KoupreyError as error:
            return self._show(request, error.http_status, error=error, texts=texts)

    def _read(self, request: Request, source: BinaryIO) -> Response:
        contents = self._federation.parcels.read(source, by=request.reader.name)
        return self._show(request, contents=contents, made_by=self._people.get_party(contents.made_by))

    def _partner(self, request: Request) -> Party:
        party = self._people.get_party(request.path_params["party"])
        if party.home:
            raise Damaged(
                mark("A parcel for ourselves makes no sense."), "", mark("Choose a partner."), code="own-party"
            )
        return party

    def _choice(self, request: Request, party: Party, status: int = 200, **values: object) -> Response:
        waiting = {each.party: each.total for each in self._federation.ledger.list_waiting()}
        shown = {"error": None, "pictures": (), **values}
        typed = _typed(request) if request.method == "POST" else _USUAL
        return request.render(
            "federation/parcel.html",
            status,
            party=party,
            values=typed,
            shown_max=SHOWN_MAX,
            waiting=waiting.get(party.id, 0),
            uncarried=self._federation.parcels.uncarried(party.id),
            **shown,
        )

    def _show(self, request: Request, status: int = 200, **values: object) -> Response:
        others = [party for party in self._people.list_parties() if not party.home]
        waiting = {each.party: each.total for each in self._federation.ledger.list_waiting()}
        slips = {party.id: self._federation.parcels.wants(party.id) for party in others}
        shown = {"contents": None, "made_by": None, "error": None, "laid": None, "texts": "", **values}
        return request.render(
            "federation/parcels.html",
            status,
            others=others,
            names={party.id: party.name for party in others},
            waiting=waiting,
            slips=slips,
            gaps=self._federation.parcels.gaps(),
            pictures={party: draw("\n".join(said), scale=4) for party, said in slips.items() if said},
            folder=str(self._spool.folder),
            coming=self._spool.list_in(),
            ready=self._spool.list_out(),
            done=self._spool.list_past(DONE, MOST_PAST),
            refused=self._spool.list_past(REFUSED, MOST_PAST),
            **shown,
        )


class _Choice(TypedDict):
    """What `Parcels.make` is told."""

    slips: str
    fresh: bool
    most: int


@dataclass(frozen=True)
class _Wish:
    """What somebody chose: what goes in, and whether as a file, into the spool folder or as pictures."""

    how: str
    choice: _Choice


def _typed(request: Request) -> dict[str, str]:
    """What stands in the form: what was sent with it, else what is usual."""
    return {name: str(request.fields.get(name) or value) for name, value in _USUAL.items()}


def _read_wish(request: Request) -> _Wish:
    typed = _typed(request)
    if not (typed["most"].isascii() and typed["most"].isdigit()):
        raise Damaged(mark("That is no size."), "", mark("Choose one of the list."), code="bad-size")
    choice = _Choice(slips=typed["slips"], fresh=typed["what"] == "fresh", most=min(int(typed["most"]), 1024) * MIB)
    return _Wish(typed["how"], choice)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
