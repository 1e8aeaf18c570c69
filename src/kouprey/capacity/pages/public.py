"""Pages for everybody: whether a badge is good, that one is there, and calendars by their secret addresses."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from kouprey.capacity.model import Badge, Checked
from kouprey.capacity.pages import words
from kouprey.capacity.pages.upload import text_of
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.calendar import write_calendar
from kouprey.kernel.web.door import MIB, Door, machine, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.service import People

VERIFY = "/verify"
BADGE = "/badges/{badge}"


def doors(services: Services) -> list[Door]:
    """No account is needed, and nothing that is shown here is kept."""
    desk = _Desk(services)
    return [
        page(VERIFY, desk.form, open=True),
        page(VERIFY, desk.verify, "POST", open=True, cap=2 * MIB, fields=10),
        page("/badges/status/1", desk.status, open=True),
        page("/.well-known/did.json", desk.did, open=True),
        page(BADGE, desk.badge, open=True),
        page(f"{BADGE}/badge.json", desk.file, open=True),
        page("/attend", desk.attend, open=True),
        page("/attend", desk.check_in, "POST", open=True),
        page("/attend/{room}", desk.attend, open=True),
        machine("/calendar/{secret}.ics", desk.calendar, open=True),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._capacity = services.get(Capacity)
        self._people = services.get(People)

    def form(self, request: Request) -> Response:
        return self._page(request)

    def verify(self, request: Request) -> Response:
        try:
            raw = text_of(request, "badge").strip().encode()
            if not raw:
                return self._page(request, error=_("Paste a badge, or choose its file."), status=400)
            checked = self._capacity.check(raw, status=text_of(request, "list", file="list_file").strip().encode())
            mine = request.field("identity", longest=300)
            holder = self._capacity.is_holder(raw, mine) if mine else None
        except KoupreyError as error:
            return self._page(request, error=words.said(error), status=error.http_status)
        return self._page(request, checked, holder=holder)

    def badge(self, request: Request) -> Response:
        held = self._capacity.get_badge(request.path_params["badge"])
        return self._page(request, self._capacity.check(held.raw), held=held)

    def file(self, request: Request) -> Response:
        held = self._capacity.get_badge(request.path_params["badge"])
        headers = {"Content-Disposition": f'attachment; filename="{held.id}.json"'}
        return Response(held.raw, media_type="application/vc", headers=headers)

    def status(self, request: Request) -> Response:
        return Response(self._capacity.status_list(), media_type="application/vc")

    def did(self, request: Request) -> Response:
        return Response(msgspec.json.encode(self._capacity.did_document()), media_type="application/did+json")

    def attend(self, request: Request) -> Response:
        return self._room(request, str(request.path_params.get("room", "")))

    def check_in(self, request: Request) -> Response:
        room = request.field("room", longest=60)
        try:
            new = self._capacity.check_in(room, request.field("code", longest=60))
        except KoupreyError as error:
            return self._room(request, room, words.said(error), error.http_status)
        return self._room(request, room, done=_("You are marked as present.") if new else _("You were marked already."))

    def calendar(self, request: Request) -> Response:
        person, dated = self._capacity.feed(request.path_params["secret"])
        request.site.pages.speak(request)
        spoken = [
            msgspec.structs.replace(each, words=_(words.STATES[each.seat.state][0]) if each.seat is not None else "")
            for each in dated
        ]
        name = self._people.home().name if not person else _("My activities")
        raw = write_calendar(name, spoken, deadline=_("Nominations end"))
        return Response(raw, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "no-store"})

    def _room(self, request: Request, room: str, error: str = "", status: int = 200, done: str = "") -> Response:
        title = ""
        if room and not error:
            try:
                activity, day = self._capacity.room(room)
                title = f"{activity.title} · {day}"
            except KoupreyError as failed:
                error, status = words.said(failed), failed.http_status
        values: dict[str, Any] = {"room": room, "title": title, "error": error, "done": done}
        return request.render("capacity/attend.html", status, **values)

    def _page(
        self,
        request: Request,
        checked: Checked | None = None,
        *,
        error: str = "",
        status: int = 200,
        holder: bool | None = None,
        held: Badge | None = None,
    ) -> Response:
        names = {party.id: party.name for party in self._people.list_parties()}
        return request.render(
            "capacity/verify.html",
            status,
            checked=checked,
            error=error,
            holder=holder,
            held=held,
            own=held.id if held is not None else "",
            issuer=names.get(checked.issuer, checked.issuer) if checked is not None else "",
            words=words,
        )
