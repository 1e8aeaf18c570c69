"""The page that answers "Is this real?" to everybody. What is asked is looked at, answered, and forgotten."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from kouprey.advisories.model import Checked, Published
from kouprey.advisories.pages.public import PATH, tongue, trouble
from kouprey.advisories.service import Checker, Statements
from kouprey.advisories.service.checking import LARGEST, LONGEST
from kouprey.advisories.wire.html import Links, check_page, spoken_in
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import told
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.static import static_files
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError, TooLarge
from kouprey.people.service import People

CHECK = "/check"


def doors(services: Services) -> list[Door]:
    """The form, its answer, and where the codes of cards lead."""
    desk = _Desk(services)
    open_: dict[str, Any] = {"open": True, "show": trouble}
    return [
        page(CHECK, desk.form, **open_),
        page(CHECK, desk.check, "POST", cap=LARGEST + 2 * MIB, part=LARGEST + MIB, fields=10, **open_),
        page(f"{CHECK}/{{said}}/{{digest}}", desk.code, **open_),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._statements = services.get(Statements)
        self._checker = services.get(Checker)
        self._people = services.get(People)

    def form(self, request: Request) -> Response:
        return self._page(request, None)

    def check(self, request: Request) -> Response:
        asked = request.field("q", longest=LONGEST + 1_000)
        try:
            raw = _file(request)
            checked = self._checker.check_file(raw) if raw and not asked else self._checker.check_text(asked)
        except KoupreyError as error:
            words = (error.what, error.why, error.remedy)
            said = spoken_in(tongue(request), lambda: " ".join(told(each) for each in words if each))
            return self._page(request, None, asked=asked, error=said, status=error.http_status)
        return self._page(request, checked, asked=asked)

    def code(self, request: Request) -> Response:
        return self._page(request, self._checker.check_code(request.path_params["said"], request.path_params["digest"]))

    def _page(
        self, request: Request, checked: Checked | None, *, asked: str = "", error: str = "", status: int = 200
    ) -> Response:
        text = check_page(
            checked,
            tongue(request),
            self._links(""),
            asked=asked,
            error=error,
            csrf=request.csrf,
            of=self._of,
        )
        return HTMLResponse(text, status, {"Cache-Control": "no-store"})

    def _of(self, each: Published) -> Links:
        mine = each.statement.publisher == self._people.home_id
        return self._links("" if mine else each.statement.publisher)

    def _links(self, party: str) -> Links:
        report = "/report" if self._statements.report else ""
        base = f"{PATH}/mirror/{party}" if party else PATH
        return Links(
            style=static_files().url("statements.css"),
            base=base,
            check=CHECK,
            report=report,
            brand=self._people.home().name,
        )


def _file(request: Request) -> bytes:
    """The bytes of a file that was chosen, b"" for none. It lies in the form, and goes with it."""
    given = request.fields.get("file")
    if not isinstance(given, UploadFile) or not given.size:
        return b""
    raw = given.file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise TooLarge("The file is too large.", f"At most {LARGEST >> 20} MiB are looked at.", "Choose a smaller one.")
    return raw
