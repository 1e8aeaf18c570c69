"""The form by which anybody tells of an incident, without an account, and the page to which they come back.

Both stand alone, without the frame, in English and Khmer. Nothing of a case is shown: a number, and how far it is.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from kouprey.kernel.seal.keys import token
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, current, in_words, own_name, use
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unknown
from kouprey.people.service import People
from kouprey.response.model.reports import Told
from kouprey.response.pages.naming import plain
from kouprey.response.pages.outside import UNSEEN
from kouprey.response.pages.reportwords import STATES
from kouprey.response.service import Reports
from kouprey.response.service.reports import LARGEST_FILES, MOST_FILES
from kouprey.response.wire.letter import language_of

PATH = "/report"
TONGUES = ("en", "km")
LARGEST = LARGEST_FILES + 2 * MIB
FIELDS = ("what", "where", "when", "reach")


def doors(services: Services) -> list[Door]:
    """The form, and the page behind the link that it gives."""
    desk = _Desk(services)
    open_: dict[str, Any] = {"open": True, "show": trouble}
    takes: dict[str, Any] = {"cap": LARGEST, "part": LARGEST_FILES + MIB, "fields": 20, "seconds": 300.0, **open_}
    return [
        page(PATH, desk.form, **open_),
        page(PATH, desk.tell, "POST", **takes),
        page(f"{PATH}/{{secret}}", desk.back, **open_),
        page(f"{PATH}/{{secret}}", desk.more, "POST", **takes),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._reports = services.get(Reports)
        self._people = services.get(People)

    def form(self, request: Request) -> Response:
        self._open(request)
        return self._form(request, {"once": token()})

    def tell(self, request: Request) -> Response:
        self._open(request)
        given = {name: request.field(name, longest=20_000) for name in FIELDS}
        given["once"] = request.field("once", longest=100)
        try:
            _check_empty(request)
            words = Told(**{name: given[name] for name in FIELDS})
            _came, secret = self._reports.tell(words, _files(request), once=given["once"], address=_address(request))
        except KoupreyError as error:
            return self._form(request, given, _said(error), error.http_status)
        return request.redirect(f"{PATH}/{secret}?said=done{_rest(request)}")

    def back(self, request: Request) -> Response:
        self._open(request)
        return self._told(request, request.path_params["secret"])

    def more(self, request: Request) -> Response:
        self._open(request)
        secret, text = request.path_params["secret"], request.field("what", longest=20_000)
        try:
            _check_empty(request)
            self._reports.tell(Told(what=text), _files(request), back=secret, address=_address(request))
        except Unknown:
            raise
        except KoupreyError as error:
            return self._told(request, secret, text, _said(error), error.http_status)
        return request.redirect(f"{PATH}/{secret}?said=more{_rest(request)}")

    def _open(self, request: Request) -> None:
        use(language_of(_tongue(request)))
        if not self._reports.form:
            raise Unknown(
                "Nothing is reported on this page.", "This node does not offer it.", "Write a mail.", code="no-form"
            )

    def _form(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        return _render(request, "response/report_form.html", status, given=given, error=error, party=self._party())

    def _told(self, request: Request, secret: str, text: str = "", error: str = "", status: int = 200) -> Response:
        number, state = self._reports.state_of(secret)
        said = {"done": _("We have your report."), "more": _("We have what you added.")}
        word, tone = STATES[state]
        return _render(
            request,
            "response/report_told.html",
            status,
            number=number,
            state=(_(word), tone),
            notice=said.get(request.query_params.get("said", ""), ""),
            link=self._reports.link(secret),
            text=text,
            error=error,
            party=self._party(),
        )

    def _party(self) -> str:
        return plain(self._people.home().name)


def trouble(error: KoupreyError, request: Request) -> Response:
    """What cannot be shown, in the language of the reader, without the frame."""
    use(language_of(_tongue(request)))
    return _render(request, "response/nowhere.html", error.http_status, error=error)


def _render(request: Request, template: str, status: int, **values: Any) -> Response:
    code = current().code
    given = {
        "request": request,
        "language": code,
        "font": current().font,
        "tongues": [(each, own_name(each), each == code) for each in TONGUES],
        "here": request.url.path,
        "most_files": MOST_FILES,
        "most_mib": LARGEST_FILES >> 20,
    }
    text = request.site.pages.environment.get_template(template).render(given | values)
    return HTMLResponse(text, status, dict(UNSEEN))


def _check_empty(request: Request) -> None:
    """Programs that fill in every field of every form are told so; a person whose browser did it can mend it."""
    if request.field("homepage", longest=20_000):
        raise Damaged(
            "A field was filled in that must stay empty.",
            "It is there to tell people from programs.",
            "Empty it, and send it again.",
            code="bad-form",
        )


def _files(request: Request) -> list[tuple[str, bytes]]:
    """What was enclosed. It lies in the form already, which bounds it."""
    sent = request.fields.getlist("file")
    return [(each.filename, each.file.read()) for each in sent if isinstance(each, UploadFile) and each.filename]


def _said(error: KoupreyError) -> str:
    return in_words(error)


def _tongue(request: Request) -> str:
    """What was chosen on the page, else the first of ours that the browser names (RFC 9110, 12.5.4)."""
    chosen = request.query_params.get("lang", "")
    if chosen in TONGUES:
        return chosen
    for part in request.headers.get("accept-language", "")[:400].split(","):
        code = part.partition(";")[0].strip().split("-")[0].lower()
        if code in TONGUES:
            return code
    return TONGUES[0]


def _rest(request: Request) -> str:
    chosen = request.query_params.get("lang", "")
    return f"&lang={chosen}" if chosen in TONGUES else ""


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
