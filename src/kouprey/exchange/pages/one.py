"""One object: what it says, who says so, how it changed, who saw it, and who may see it because of which clause."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.lent import look_as, nothing
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, name_objects, reader_of
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.pages.weighed import differences
from kouprey.exchange.pages.whole import Gathering, Sight
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Unknown
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People


def doors(services: Services) -> list[Door]:
    """The page of an object, and the one that compares two of its versions."""
    view = _View(services)
    path, roles = "/intelligence/{stix_id}", roles_with(Permission.READ)
    return [page(path, view.show, roles=roles), page(f"{path}/compare", view.compare, roles=roles)]


class _View:
    """What the pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._gathering = Gathering(services)

    def show(self, request: Request) -> Response:
        who, stix_id = reader_of(request), request.path_params["stix_id"]
        party = request.query_params.get("as", "")
        if not party:
            return self._render(Sight(request, who, who, self._exchange.get_object(who, stix_id)))
        try:
            found = self._exchange.get_object(who, stix_id)
        except Unknown as error:
            # What our own page tells of an erased object is not for the eyes of others.
            raise Unknown(
                mark("There is nothing here that could be shown as others see it."),
                mark("It is not held here, or you may not see it yourself."),
                code="unknown-object",
            ) from error
        lent = look_as(self._exchange, self._agreements, self._people, who, found, party)
        if lent.found is None:
            return request.render(
                "exchange/object_nothing.html",
                lent=lent,
                text=nothing(lent),
                url=object_url(found.stix_id),
                cite=Citing(self._people),
                plain=plainly,
            )
        return self._render(Sight(request, who, lent.reader, lent.found, lent, found))

    def _render(self, sight: Sight) -> Response:
        return sight.request.render("exchange/object.html", **self._gathering.gather(sight))

    def compare(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        versions = {str(version.instant): version for version in found.versions}
        older, newer = (versions.get(request.query_params.get(name, "")) for name in ("older", "newer"))
        if older is not None and newer is not None and older.instant > newer.instant:
            older, newer = newer, older
        if older is None or newer is None:
            raise Unknown(
                mark("There are no two such versions."),
                mark("One of them is not held here, or you may not see it."),
                mark("Choose two from the list of versions of the object."),
                code="unknown-version",
            )
        return request.render(
            "exchange/compare.html",
            title=name_objects(self._exchange, who, [found.stix_id])[found.stix_id].title,
            url=object_url(found.stix_id),
            older=older,
            newer=newer,
            rows=differences(older.served.raw, newer.served.raw),
            names=Names(self._people),
        )
