"""Given before: who joined an agreement later, what they lack of what the others were given, and giving it to them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.agreements.model import Standing
from kouprey.agreements.service import Agreements
from kouprey.exchange.model.joining import GivenBefore
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, reader_of
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.joining import AT_ONCE
from kouprey.exchange.wire.days import begin_of
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/agreements/{agreement}/given-before"
TYPES = 20
"""Types of objects in the table."""


def doors(services: Services) -> list[Door]:
    """The preview and the deed."""
    desk, roles = _Desk(services), roles_with(Permission.PUBLISH)
    return [page(PATH, desk.show, roles=roles), page(PATH, desk.give, "POST", roles=roles, seconds=120.0)]


class _Desk:
    """What these pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def show(self, request: Request) -> Response:
        who, standing = reader_of(request), self._standing(request)
        names = Names(self._people)
        party, day = request.query_params.get("party", "")[:200], request.query_params.get("since", "")[:40]
        joined = self._exchange.list_joined(who, standing.agreement)
        seen: GivenBefore | None = None
        error = ""
        try:
            since = _since(day)
        except Damaged:
            error = _("Write the day as 2026-11-30.")
        else:
            seen = self._exchange.foresee_before(who, standing.agreement, party, since=since) if party else None
        options = [(each.party, names.party(each.party)) for each in joined]
        if seen is not None and seen.party not in dict(options):
            options.append((seen.party, names.party(seen.party)))
        return request.render(
            "exchange/given_before.html",
            standing=standing,
            title=plainly(standing.title),
            joined=[(each, names.party(each.party)) for each in joined],
            options=options,
            party=party,
            name=names.party(party),
            day=day,
            error=error,
            seen=seen,
            most=TYPES,
            may_amend=bool(set(request.who.roles) & set(roles_with(Permission.AGREE))),
            **self._said(standing),
        )

    def give(self, request: Request) -> Response:
        who, standing = reader_of(request), self._standing(request)
        party, day = request.field("party", longest=200), request.field("since", longest=40)
        made = self._exchange.give_before(who, standing.agreement, party, by=who.name, since=_since(day), most=AT_ONCE)
        return request.render(
            "exchange/handed_on.html",
            made=made,
            report=made.report,
            title=plainly(standing.title),
            party=party,
            name=Names(self._people).party(party),
            day=day,
            **self._said(standing),
        )

    def _standing(self, request: Request) -> Standing:
        return self._agreements.get_standing(request.path_params["agreement"])

    def _said(self, standing: Standing) -> dict[str, Any]:
        """What both pages speak with."""
        home = f"/agreements/{standing.agreement}"
        return {
            "home": home,
            "url": f"{home}/given-before",
            "cite": Citing(self._people),
            "plain": plainly,
            "type_name": type_name,
            "object_url": object_url,
        }


def _since(day: str) -> Instant:
    try:
        return begin_of(day) if day else 0
    except (ValueError, OverflowError):
        raise Damaged(mark("That is no day."), remedy=mark("Write the day as 2026-11-30."), code="bad-day") from None
