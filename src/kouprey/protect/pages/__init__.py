"""Pages of shields: how they fare, what they list and leave out, what waits for a word, and how devices fetch them."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.protect.model import Limits, Part, Query, Release, State
from kouprey.protect.pages import words
from kouprey.protect.service import Protect
from kouprey.protect.wire.snippets import snippets

PATH = "/protect"
_LIMITS = ("growth", "canary", "life_days", "valid_days")
_FEW = 12


def routes(services: Services) -> list[Door]:
    """The doors of shields for persons who write intelligence; those who publish it decide."""
    desk = _Desk(services.get(Protect))
    writes, publishes = roles_with(Permission.WRITE), roles_with(Permission.PUBLISH)
    one = f"{PATH}/{{shield}}"
    return [
        page(PATH, desk.list, roles=writes),
        page(f"{PATH}/new", desk.add, "POST", roles=publishes),
        page(f"{PATH}/allowed", desk.allowed, roles=writes),
        page(f"{PATH}/allowed", desk.allow, "POST", roles=publishes),
        page(f"{PATH}/allowed/remove", desk.disallow, "POST", roles=publishes),
        page(one, desk.show, roles=writes),
        page(one, desk.change, "POST", roles=publishes),
        page(f"{one}/entries", desk.entries, roles=writes),
        page(f"{one}/left", desk.left, roles=writes),
        page(f"{one}/compile", desk.compile, "POST", roles=publishes, seconds=300.0),
        page(f"{one}/decide", desk.decide, "POST", roles=publishes, seconds=300.0),
        page(f"{one}/rollback", desk.roll_back, "POST", roles=publishes, seconds=300.0),
        page(f"{one}/resume", desk.resume, "POST", roles=publishes, seconds=300.0),
        page(f"{one}/outlets", desk.add_outlet, "POST", roles=publishes),
        page(f"{one}/outlets/{{outlet}}/end", desk.end_outlet, "POST", roles=publishes),
    ]


class _Desk:
    def __init__(self, protect: Protect) -> None:
        self._protect = protect

    def list(self, request: Request) -> Response:
        return self._list(request)

    def _list(self, request: Request, status: int = 200, error: KoupreyError | None = None) -> Response:
        who = request.reader
        levels = [each for each in TLP if each <= min(who.clearance, TLP.AMBER_STRICT)]
        return request.render(
            "protect/overview.html",
            status,
            standings=self._protect.standings(who),
            allowances=len(self._protect.list_allowances(who)),
            levels=[(each.word, each.text) for each in reversed(levels)],
            parts=words.PARTS,
            limits=Limits(),
            may_change=_may_change(request),
            error=error,
            given=request.fields,
        )

    def add(self, request: Request) -> Response:
        who = request.reader
        try:
            query = Query(
                parts=tuple(each for each in Part if request.field(str(each)) == "yes"),
                confidence=_number(request, "confidence", 0),
                tlp=_level(request.field("tlp")),
            )
            limits = Limits(growth=_number(request, "growth", Limits().growth))
            made = self._protect.add_shield(
                who, request.field("name"), request.field("title"), query, limits, by=who.name
            )
        except KoupreyError as error:
            return self._list(request, error.http_status, error)
        return request.redirect(
            f"{PATH}/{made.name}", mark("The shield is there. Make its list, and look at it."), "good"
        )

    def show(self, request: Request) -> Response:
        return self._show(request)

    def _show(
        self, request: Request, status: int = 200, error: KoupreyError | None = None, secret: str = ""
    ) -> Response:
        who, name = request.reader, _name(request)
        standing = self._protect.standing(who, name)
        current, waiting = standing.current, standing.waiting
        looked = waiting or current
        before = _before(self._protect.list_releases(who, name), looked)
        origin = request.site.origins[0] if request.site.origins else ""
        return request.render(
            "protect/shield.html",
            status,
            standing=standing,
            shield=standing.shield,
            looked=looked,
            change=self._protect.compare(who, name, looked.serial, before) if looked is not None else None,
            few=_FEW,
            releases=self._protect.list_releases(who, name),
            outlets=self._protect.list_outlets(who, name),
            snippets=snippets(name, origin),
            address=f"{origin}/shields/{name}",
            states=words.STATES,
            asks=words.ASKS,
            formats=words.FORMATS,
            parts=words.PARTS,
            short=words.SHORT,
            may_change=_may_change(request),
            error=error,
            secret=secret,
        )

    def entries(self, request: Request) -> Response:
        who, name = request.reader, _name(request)
        release, text = self._release(request), request.query_params.get("text", "")[:200]
        found = self._protect.list_entries(who, name, release.serial, text)
        return request.render(
            "protect/entries.html",
            shield=self._protect.get_shield(who, name),
            release=release,
            states=words.STATES,
            found=found,
            names=self._protect.name_indicators(who, found.entries),
            text=text,
        )

    def left(self, request: Request) -> Response:
        who, name = request.reader, _name(request)
        release = self._release(request)
        text, why = (request.query_params.get(key, "")[:200] for key in ("text", "why"))
        found = self._protect.list_left(who, name, release.serial, text, why)
        chips = [
            {
                "text": words.SHORT[each],
                "href": _left_path(name, release.serial, text, "" if why == each else str(each)),
                "count": found.counts[each],
                "on": why == each,
            }
            for each in words.SHORT
            if each in found.counts
        ]
        return request.render(
            "protect/left.html",
            shield=self._protect.get_shield(who, name),
            release=release,
            states=words.STATES,
            found=found,
            names=self._protect.name_indicators(who, found.left),
            chips=chips,
            short=words.SHORT,
            whys=words.WHYS,
            text=text,
            why=why,
            may_change=_may_change(request),
        )

    def change(self, request: Request) -> Response:
        who, name = request.reader, _name(request)
        held = self._protect.get_shield(who, name)
        here = f"{PATH}/{name}"
        if wish := request.field("retired"):
            self._protect.change_shield(who, name, retired=wish == "yes", by=who.name)
            undo = Undo(here, {"retired": "no" if wish == "yes" else "yes"})
            return request.redirect(here, mark("The shield was changed."), "good", undo)
        try:
            limits = Limits(**{each: _number(request, each, getattr(held.limits, each)) for each in _LIMITS})
            self._protect.change_shield(who, name, limits=limits, by=who.name)
        except KoupreyError as error:
            return self._show(request, error.http_status, error)
        back = Undo(here, {each: str(getattr(held.limits, each)) for each in _LIMITS})
        return request.redirect(here, mark("The shield was changed."), "good", back)

    def compile(self, request: Request) -> Response:
        who, name = request.reader, _name(request)
        made = self._protect.compile(who, name, by=who.name)
        said = {
            State.WAITING: mark("The list is made, and awaits your approval."),
            State.FAILED: mark("The list was not released: a program cannot read it."),
        }.get(made.state, mark("The list in force is up to date."))
        return request.redirect(f"{PATH}/{name}", said, "bad" if made.state is State.FAILED else "good")

    def decide(self, request: Request) -> Response:
        who, name, here = request.reader, _name(request), f"{PATH}/{_name(request)}"
        serial = _number(request, "serial", 0)
        try:
            if request.field("do") == "approve":
                self._protect.approve(who, name, serial, by=who.name)
                return request.redirect(here, mark("The list is in force."), "good")
            self._protect.refuse(who, name, serial, request.field("reason"), by=who.name)
        except KoupreyError as error:
            return self._show(request, error.http_status, error)
        return request.redirect(here, mark("The list was refused."), "good")

    def roll_back(self, request: Request) -> Response:
        who, name = request.reader, _name(request)
        try:
            self._protect.roll_back(who, name, _number(request, "serial", 0), request.field("reason"), by=who.name)
        except KoupreyError as error:
            return self._show(request, error.http_status, error)
        return request.redirect(
            f"{PATH}/{name}", mark("The earlier list is in force again, and nothing comes."), "good"
        )

    def resume(self, request: Request) -> Response:
        who, name = request.reader, _name(request)
        self._protect.resume(who, name, by=who.name)
        return request.redirect(f"{PATH}/{name}", mark("New values are added again."), "good")

    def add_outlet(self, request: Request) -> Response:
        who = request.reader
        try:
            secret = self._protect.add_outlet(who, _name(request), request.field("title"), by=who.name)[1]
        except Damaged as error:
            return self._show(request, error.http_status, error)
        return self._show(request, secret=secret)

    def end_outlet(self, request: Request) -> Response:
        who, name = request.reader, _name(request)
        self._protect.end_outlet(who, name, request.path_params["outlet"], by=who.name)
        return request.redirect(f"{PATH}/{name}", mark("The device fetches nothing any more."), "good")

    def allowed(self, request: Request) -> Response:
        return self._allowed(request)

    def _allowed(self, request: Request, status: int = 200, error: KoupreyError | None = None) -> Response:
        return request.render(
            "protect/allowed.html",
            status,
            allowances=self._protect.list_allowances(request.reader),
            may_change=_may_change(request),
            error=error,
            given=request.fields or request.query_params,
        )

    def allow(self, request: Request) -> Response:
        who = request.reader
        try:
            made = self._protect.allow(
                who,
                request.field("text"),
                request.field("reason"),
                insists=request.field("insists") == "yes",
                alone=request.field("alone") == "yes",
                by=who.name,
            )
        except KoupreyError as error:
            return self._allowed(request, error.http_status, error)
        undo = Undo(f"{PATH}/allowed/remove", {"text": made.text})
        return request.redirect(f"{PATH}/allowed", mark("It holds from the next list on."), "good", undo)

    def disallow(self, request: Request) -> Response:
        who = request.reader
        self._protect.disallow(who, request.field("text"), by=who.name)
        return request.redirect(f"{PATH}/allowed", mark("Nothing is decided of it any more."), "good")

    def _release(self, request: Request) -> Release:
        who, name = request.reader, _name(request)
        serial = request.query_params.get("serial", "")
        if serial.isascii() and serial.isdigit() and len(serial) < 15:
            return self._protect.get_release(who, name, int(serial))
        return self._protect.newest(who, name)


def _before(releases: list[Release], looked: Release | None) -> int:
    """The serial that a release is held against: that in force before it; 0 for none."""
    forced = (each for each in releases if each.state in (State.CURRENT, State.PAST))
    return next((each.serial for each in forced if looked is not None and each.serial < looked.serial), 0)


def _left_path(name: str, serial: int, text: str, why: str) -> str:
    asked = {key: value for key, value in (("text", text), ("why", why)) if value}
    return f"{PATH}/{name}/left?" + urlencode({"serial": serial, **asked})


def _name(request: Request) -> str:
    name: str = request.path_params["shield"]
    return name


def _may_change(request: Request) -> bool:
    return bool(set(roles_with(Permission.PUBLISH)) & set(request.who.roles))


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.field(name)
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        raise Damaged(mark("That is no number."), f"{name}: {text[:40]!r}", mark("Write digits."), code="bad-number")
    return int(text)


def _level(text: str) -> TLP:
    try:
        return parse_tlp(text)
    except ValueError:
        raise Damaged(mark("That is no level."), "", mark("Choose one of the list."), code="bad-level") from None
