"""Where devices fetch: the files of the release in force, as they were written, by the secret of an outlet."""

from __future__ import annotations

from email.utils import formatdate, parsedate_to_datetime

from starlette.responses import FileResponse, Response

from kouprey.kernel.web.door import Door, machine
from kouprey.kernel.web.errors import problem
from kouprey.kernel.web.etag import knows
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError, Unidentified
from kouprey.kernel.words.time import SECOND
from kouprey.protect.model import Format
from kouprey.protect.service import Protect
from kouprey.protect.wire.writers import MEDIA

_BASIC = 'Basic realm="kouprey shields", charset="UTF-8"'


def doors(services: Services) -> list[Door]:
    """They identify nobody: what a device sends opens one shield, and no other door."""
    protect = services.get(Protect)

    def fetch(request: Request) -> Response:
        return _answer(protect, request, request.path_params["format"])

    def manifest(request: Request) -> Response:
        return _answer(protect, request, "manifest")

    return [
        machine("/shields/{shield}/manifest", manifest, open=True, show=_show, cap=0, seconds=60.0),
        machine("/shields/{shield}/{format}", fetch, open=True, show=_show, cap=0, seconds=60.0),
    ]


def _answer(protect: Protect, request: Request, what: str) -> Response:
    found = protect.fetch(request.headers.get("authorization", ""), request.path_params["shield"], what)
    release = found.release
    # Each serial is signed and written anew, so a serial and a format name the bytes.
    tag = f'"{found.file.sha256[:40]}"' if found.file is not None else f'"{release.serial}"'
    made = release.made_at // SECOND
    headers = {
        "ETag": tag,
        "Last-Modified": formatdate(made, usegmt=True),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
        "X-Shield-Serial": str(release.serial),
    }
    if _holds(request, tag, made):
        return Response(None, 304, headers)
    media = MEDIA.get(Format(what), "text/plain") if found.file is not None else "text/plain"
    return FileResponse(found.path, headers=headers, media_type=media)


def _holds(request: Request, tag: str, made: int) -> bool:
    """Whether the client has it (RFC 9110 section 13.2.2: the time counts only where no tag is given)."""
    if tags := request.headers.get("if-none-match", ""):
        return knows(tags, tag)
    try:
        return parsedate_to_datetime(request.headers.get("if-modified-since", "")).timestamp() >= made
    except (TypeError, ValueError):
        return False


def _show(error: KoupreyError, request: Request) -> Response:
    response = problem(error, request)
    if isinstance(error, Unidentified):
        response.headers["WWW-Authenticate"] = _BASIC
    return response
