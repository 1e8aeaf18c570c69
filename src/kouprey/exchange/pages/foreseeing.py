"""Foresight: what each partner would see if an agreement were in force as it is written."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.exchange.model.foreseeing import Outlook
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, name_objects, reader_of
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

TYPES = 8
"""Types of objects in the table of one party, each in a row of its own; the others share one."""


def rest_of(outlook: Outlook) -> tuple[int, int, int]:
    """How many types have no row of their own, and the sums of them, so that the table adds up to what stands above."""
    rest = outlook.types[TYPES:]
    return len(rest), sum(now for _kind, now, _then in rest), sum(then for _kind, _now, then in rest)


def doors(services: Services) -> list[Door]:
    """The page."""
    exchange, people = services.get(Exchange), services.get(People)

    def show(request: Request) -> Response:
        who = reader_of(request)
        agreement = request.path_params["agreement"]
        seen = exchange.foresight(who, agreement, request.query_params.get("version", "")[:64])
        names = Names(people)
        shown = [sample.stix_id for each in seen.outlooks for sample in (*each.opens, *each.closes)]
        return request.render(
            "exchange/foresight.html",
            seen=seen,
            title=plainly(seen.title),
            outlooks=[(names.party(each.party), each, rest_of(each)) for each in seen.outlooks],
            named=name_objects(exchange, who, shown),
            most=TYPES,
            url=f"/agreements/{agreement}",
            object_url=object_url,
            cite=Citing(people),
            type_name=type_name,
            plain=plainly,
        )

    return [page("/agreements/{agreement}/foresight", show, roles=roles_with(Permission.READ))]
