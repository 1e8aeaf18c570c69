"""A case as a STIX bundle: the file of one, and the form that opens one from a file."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.response.pages import cases as lists
from kouprey.response.service import Cases
from kouprey.response.wire.incoming import LARGEST

PATH = lists.PATH


def doors(services: Services) -> list[Door]:
    """The file of a case, and the form for one; before those of cases, whose paths would take them for numbers."""
    desk = _Desk(services)
    reads = roles_with(Permission.READ)
    return [
        page(f"{PATH}/stix", desk.take, "POST", roles=reads, cap=LARGEST + MIB, part=LARGEST + 1),
        page(f"{PATH}/{{case}}/stix", desk.give, roles=reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._cases = services.get(Cases)
        self._form = lists.Desk(services).refused

    def give(self, request: Request) -> Response:
        legal = request.query_params.get("legal", "") == "yes"
        case, made = self._cases.write_bundle(lists.who_of(request), request.path_params["case"], legal=legal)
        return attachment(f"case-{case.number}.json", len(made), iter([made]))

    def take(self, request: Request) -> Response:
        try:
            level = parse_tlp(request.field("tlp", longest=40) or TLP.AMBER_STRICT.word)
            name, raw = _handed_in(request)
            taken = self._cases.take_bundle(lists.who_of(request), raw, tlp=level, name=name)
        except ValueError as error:
            return self._form(request, str(error)[:200], 400)
        except KoupreyError as error:
            return self._form(request, lists.said(error), error.http_status)
        told = _("Case %(number)s is open.") % {"number": taken.case.number}
        if taken.unread:
            told += " " + ngettext(
                "%(num)s thing was not understood; a note of the case names it.",
                "%(num)s things were not understood; a note of the case names them.",
                len(taken.unread),
            ) % {"num": len(taken.unread)}
        return request.redirect(f"{PATH}/{taken.case.number}", told)


def _handed_in(request: Request) -> tuple[str, bytes]:
    given = request.fields.get("file")
    if not isinstance(given, UploadFile) or not given.size:
        raise Damaged("No file was sent.", remedy="Choose a file.", code="no-file")
    name = (given.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return name, given.file.read(LARGEST + 1)
