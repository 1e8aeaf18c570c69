"""The page on which an object is erased: what would go, what stays, and the deed with its reason."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, name_objects, reader_of
from kouprey.exchange.pages.reading import type_name
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.erasing import LONGEST_REASON
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, joined
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People


def doors(services: Services) -> list[Door]:
    """The question and the deed."""
    desk = _Desk(services)
    path, roles = "/intelligence/{stix_id}/erase", roles_with(Permission.ERASE)
    return [page(path, desk.ask, roles=roles), page(path, desk.erase, "POST", roles=roles)]


class _Desk:
    """What erasing asks of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)

    def ask(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        names = Names(self._people)
        given = sorted({names.party(party) for each in found.publications for party in each.parties})
        return request.render(
            "exchange/erase.html",
            found=found,
            title=name_objects(self._exchange, who, [found.stix_id])[found.stix_id].title,
            kind=type_name(found.type),
            url=object_url(found.stix_id),
            given=given,
            longest=LONGEST_REASON,
        )

    def erase(self, request: Request) -> Response:
        who, stix_id = reader_of(request), request.path_params["stix_id"]
        because = request.field("because", longest=LONGEST_REASON)
        try:
            report = self._exchange.erase(stix_id, because=because, who=who, by=who.name)
        except KoupreyError as error:
            return request.redirect(f"{object_url(stix_id)}/erase", in_words(error), "bad")
        if not report.given:
            return request.redirect(
                "/intelligence", _("It is erased, and nothing of it is left here but its tombstone.")
            )
        names = Names(self._people)
        parties = joined(names.party(party) for party in report.given)
        said = _("It is erased here. These have it still; ask them to remove it: %(parties)s.")
        return request.redirect("/intelligence", said % {"parties": parties})
