"""Pages of files in parts: what was given and received, how much of it is here, give one, and take one away."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response, StreamingResponse

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.federation.service import Federation
from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

STATES: dict[str, tuple[str, str]] = {
    "whole": (mark("here"), "good"),
    "wanted": (mark("on its way"), "warn"),
    "refused": (mark("too large"), "bad"),
    "broken": (mark("not whole"), "bad"),
}
"""State of a file -> how it is called, and its tone."""


class FilePages:
    """Files of the agreements, for persons of this party."""

    def __init__(self, federation: Federation, agreements: Agreements, people: People) -> None:
        self._files = federation.files
        self._agreements = agreements
        self._people = people

    def overview(self, request: Request) -> Response:
        return self._show(request)

    def give(self, request: Request) -> Response:
        """Give the file that was sent under the agreement that was chosen."""
        sent = request.fields.get("file")
        try:
            if not isinstance(sent, UploadFile) or not sent.filename:
                raise Damaged(mark("No file was sent."), "", mark("Choose a file."), code="no-file")
            self._files.publish(
                str(request.fields.get("agreement") or ""),
                sent.file,
                name=sent.filename,
                media_type=(sent.content_type or "application/octet-stream").partition(";")[0].strip().lower(),
                tlp=parse_tlp(str(request.fields.get("tlp") or "")),
                by=request.reader.name,
                who=request.reader,
            )
        except ValueError as error:
            wrong = Damaged(mark("That is no marking."), str(error), mark("Choose one of the list."), code="bad-tlp")
            return self._show(request, wrong.http_status, error=wrong)
        except KoupreyError as error:
            return self._show(request, error.http_status, error=error)
        return RedirectResponse("/files", 303)

    def content(self, request: Request) -> StreamingResponse:
        """As an attachment, whatever it is: nothing that a partner gave is opened inside these pages."""
        found = self._files.get(request.path_params["file"], request.reader)
        return attachment(
            found.name, found.size, self._files.content(found.file, request.reader, by=request.reader.name)
        )

    def erase(self, request: Request) -> Response:
        self._files.erase(request.path_params["file"], by=request.reader.name, who=request.reader)
        return RedirectResponse("/files", 303)

    def _show(self, request: Request, status: int = 200, error: KoupreyError | None = None) -> Response:
        now = self._agreements.now()
        standings = self._agreements.standings().values()
        return request.render(
            "federation/files.html",
            status,
            files=self._files.list(request.reader),
            states=STATES,
            names={party.id: party.name for party in self._people.list_parties()},
            agreements=[(each.agreement, each.title) for each in standings if each.state(now) is State.IN_FORCE],
            levels=[(level.word, level.text) for level in TLP if level <= request.reader.clearance],
            may_give=_may(request, Permission.PUBLISH),
            may_erase=_may(request, Permission.ERASE),
            chosen={name: str(request.fields.get(name) or "") for name in ("agreement", "tlp")}
            if request.method == "POST"
            else {"agreement": "", "tlp": "amber"},
            error=error,
        )


def _may(request: Request, permission: Permission) -> bool:
    return bool(set(request.who.roles) & set(roles_with(permission)))
