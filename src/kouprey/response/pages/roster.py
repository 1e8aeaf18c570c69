"""The duty roster: who answers when, and when nobody does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import DAY, Instant
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.directory import Shift
from kouprey.response.pages.naming import Names
from kouprey.response.rules.roster import AHEAD
from kouprey.response.service import Directory, HandOffs, Roster, zone_of

PATH = "/directory/roster"
FIELDS = ("person", "role", "reach", "starts", "ends")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def doors(services: Services) -> list[Door]:
    """The roster, and what is written into it."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=roles),
        page(PATH, desk.add, "POST", roles=roles),
        page(f"{PATH}/{{shift}}/withdraw", desk.withdraw, "POST", roles=roles),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._roster = services.get(Roster)
        self._directory = services.get(Directory)
        self._handoffs = services.get(HandOffs)
        self._people = services.get(People)

    def _who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def show(self, request: Request) -> Response:
        return self._show(request, dict.fromkeys(FIELDS, ""))

    def _show(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        who, names = self._who(request), Names(self._people)
        own = self._directory.own(who).profile
        zone, now = zone_of(own.zone), self._directory.now()
        # A gap that lasts to the end of what is looked at has no end that anybody knows.
        gaps = self._roster.gaps(who)
        last = gaps[-1].ends if gaps and gaps[-1].ends >= now + AHEAD - DAY // 24 else 0
        return request.render(
            "response/roster.html",
            status,
            shifts=[
                (
                    each,
                    wall(each.starts, zone),
                    wall(each.ends, zone),
                    each.starts <= now < each.ends,
                    names.person(each.made_by),
                )
                for each in self._roster.list(who)
                if not each.withdrawn_at
            ],
            gaps=[
                (
                    wall(each.starts, zone),
                    "" if each.ends == last else wall(each.ends, zone),
                    (each.ends - each.starts) / 1e6,
                )
                for each in gaps
            ],
            may=self._roster.may_keep(who),
            shown=own.duty_shown,
            zone=zone.key,
            given=given,
            error=error,
            path=PATH,
        )

    def add(self, request: Request) -> Response:
        who = self._who(request)
        given = {name: request.field(name, longest=1_000) for name in FIELDS}
        zone = zone_of(self._directory.own(who).profile.zone)
        try:
            self._roster.add(
                who,
                Shift(
                    id="",
                    person=given["person"],
                    role=given["role"],
                    reach=given["reach"],
                    starts=read_wall(given["starts"], zone),
                    ends=read_wall(given["ends"], zone),
                ),
            )
        except KoupreyError as error:
            said = in_words(error)
            return self._show(request, given, said, error.http_status)
        return request.redirect(PATH, _("It stands in the roster."))

    def withdraw(self, request: Request) -> Response:
        self._roster.withdraw(self._who(request), request.path_params["shift"])
        return request.redirect(PATH, _("It counts no more."))


def wall(instant: Instant, zone: ZoneInfo) -> str:
    """Date and time as a clock in that zone shows them: `2026-11-28 07:00`."""
    return f"{(_EPOCH + timedelta(microseconds=instant)).astimezone(zone):%Y-%m-%d %H:%M}"


def read_wall(text: str, zone: ZoneInfo) -> Instant:
    """An instant of such a date and time, with a T or a blank between; Damaged `bad-time` for anything else."""
    try:
        at = datetime.strptime(text.strip().replace("T", " ")[:16], "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        return (at - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise Damaged(
            "That is no date and time.", text[:60], "Write it as 2026-11-28 07:00.", code="bad-time"
        ) from error
