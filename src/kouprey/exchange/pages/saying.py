"""The forms on the page of an object: seen, a note, an opinion, and that two objects are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.responses import Response

from kouprey.exchange.model import ObjectView, PublishReport
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import reader_of
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with

MOST_TIMES = 1_000_000

Deed = Callable[[Reader, ObjectView], str]
"""Does what a form asks for and says what came of it."""


def doors(services: Services) -> list[Door]:
    """One door for each form."""
    desk = _Desk(services.get(Exchange))
    forms = {
        "sight": desk.sight,
        "note": desk.note,
        "opinion": desk.opine,
        "merge": desk.merge,
        "unmerge": desk.unmerge,
    }
    roles = roles_with(Permission.WRITE)
    return [page(f"/intelligence/{{stix_id}}/{name}", form, "POST", roles=roles) for name, form in forms.items()]


class _Desk:
    """What the forms ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def sight(self, request: Request) -> Response:
        def deed(who: Reader, found: ObjectView) -> str:
            text, note = request.field("count", longest=20) or "1", request.field("note", longest=5_000)
            count = int(text) if text.isascii() and text.isdigit() else -1
            if not 0 <= count <= MOST_TIMES:
                words = _("Write how often it was seen as a whole number from 0 to 1,000,000; 0 if you looked in vain.")
                raise Damaged(words, code="bad-count")
            made = self._exchange.sight(found.stix_id, who=who, by=who.name, count=count, description=note)
            return _told(made.reports, _("Your sighting is kept here; nobody else is told of it."))

        return self._do(request, deed)

    def note(self, request: Request) -> Response:
        def deed(who: Reader, found: ObjectView) -> str:
            made = self._exchange.note(found.stix_id, request.field("text"), who=who, by=who.name)
            return _told(made.reports, _("Your note is kept here; nobody else is told of it."))

        return self._do(request, deed)

    def opine(self, request: Request) -> Response:
        def deed(who: Reader, found: ObjectView) -> str:
            opinion, because = request.field("opinion", longest=40), request.field("because")
            made = self._exchange.opine(found.stix_id, opinion, who=who, by=who.name, because=because)
            return _told(made.reports, _("Your opinion is kept here; nobody else is told of it."))

        return self._do(request, deed)

    def merge(self, request: Request) -> Response:
        def deed(who: Reader, found: ObjectView) -> str:
            into, because = request.field("into", longest=300), request.field("because")
            self._exchange.merge(found.stix_id, into, because=because, who=who, by=who.name)
            return _("The two are shown as one from now on. Neither has changed, and you can take it back.")

        return self._do(request, deed)

    def unmerge(self, request: Request) -> Response:
        def deed(who: Reader, found: ObjectView) -> str:
            self._exchange.unmerge(
                request.field("one", longest=300), request.field("into", longest=300), who=who, by=who.name
            )
            return _("They are two again, as they were before.")

        return self._do(request, deed)

    def _do(self, request: Request, deed: Deed) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        back = object_url(found.stix_id)
        try:
            return request.redirect(back, deed(who, found))
        except KoupreyError as error:
            return request.redirect(back, in_words(error), "bad")


def _told(reports: Sequence[PublishReport], untold: str) -> str:
    told = [report for report in reports if report.queued]
    if not told and any(report.waiting for report in reports):
        return _("It is kept, and the partners are told when it is released.")
    if not told:
        return untold
    said = ngettext(
        "It is kept, and the parties of %(n)s agreement are told.",
        "It is kept, and the parties of %(n)s agreements are told.",
        len(told),
    )
    return said % {"n": len(told)}
