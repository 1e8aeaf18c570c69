"""Pages of sign-in links: take one back, make another instead of one that was lost."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Refused
from kouprey.people.model import Permission, roles_with
from kouprey.people.pages.forms import granter
from kouprey.people.pages.persons import show_secret
from kouprey.people.service import People


def doors(people: People) -> list[Door]:
    """For those who let people in."""
    roles = roles_with(Permission.PEOPLE)

    def revoke_link(request: Request) -> Response:
        try:
            taken = people.revoke_invitation(
                request.path_params["link"], by=request.reader.name, granter=granter(people, request)
            )
        except Refused:
            return request.redirect("/people", _("That link lets nobody in any more."), "info")
        said = _("That link of %(name)s lets nobody in any more.") % {"name": taken.person.name}
        return request.redirect("/people", said)

    def renew_link(request: Request) -> Response:
        made, secret = people.renew_invitation(
            request.path_params["link"], by=request.reader.name, granter=granter(people, request)
        )
        return show_secret(request, made.person, secret)

    return [
        page("/people/links/{link}/revoke", revoke_link, "POST", roles=roles),
        page("/people/links/{link}/renew", renew_link, "POST", roles=roles),
    ]
