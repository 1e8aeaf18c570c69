"""The REST interface of how links have done."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from kouprey.federation.api.partners import ONE, UNKNOWN, partner_of
from kouprey.federation.service import Federation
from kouprey.federation.service.history import total
from kouprey.federation.store import Span
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People


class Stretch(Struct, kw_only=True):
    """An hour or a day of a link. `reached`: the share of the time that is known, null when none is; times in seconds.

    `answer`: the quickest answers, `lasts`: an exchange, both on average; `error`: the last failure in it.
    """

    at: Time
    good: int
    failed: int
    reached: float | None
    answer: float | None
    lasts: float | None
    came: int
    came_bytes: int
    went: int
    went_bytes: int
    error: str


class Grain(Asked, frozen=True, kw_only=True):
    """How long a stretch is: 30 days, or 48 hours."""

    by: Literal["day", "hour"] = "day"


class Record(Struct, kw_only=True):
    """How the link to a partner has done, oldest first, and all of it together."""

    party: str
    together: Stretch
    stretches: tuple[Stretch, ...]


def routes(services: Services) -> list[Door]:
    """The endpoint."""
    desk = _Desk(services.get(Federation), services.get(People))
    return [
        api(
            "GET",
            f"{ONE}/history",
            desk.history,
            takes=Grain,
            gives=Record,
            fails=UNKNOWN,
            does=("GET /partners/{party}",),
            summary="How the link to a partner has done, by the day or by the hour.",
            group="Partners",
            roles=roles_with(Permission.READ),
        ),
    ]


class _Desk:
    """What it asks of the services."""

    def __init__(self, federation: Federation, people: People) -> None:
        self._federation = federation
        self._people = people

    def history(self, request: Request, asked: Grain) -> Record:
        party, history = partner_of(self._people, request).id, self._federation.links.history
        spans = history.days(party) if asked.by == "day" else history.hours(party)
        return Record(party=party, together=_stretch(total(spans)), stretches=tuple(map(_stretch, spans)))


def _stretch(span: Span) -> Stretch:
    return Stretch(
        at=time_of(span.at),
        good=span.good,
        failed=span.failed,
        reached=span.reached,
        answer=span.answers_in,
        lasts=span.lasts,
        came=span.came,
        came_bytes=span.came_bytes,
        went=span.went,
        went_bytes=span.went_bytes,
        error=span.why,
    )
