"""Pages of tokens: make one, change what it may see, revoke it."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.people.model import Permission, Role, Token, roles_with
from kouprey.people.pages.forms import Form, choices, granter, read_clearance
from kouprey.people.pages.persons import LIVES, show_everybody
from kouprey.people.service import People


def doors(people: People) -> list[Door]:
    roles = roles_with(Permission.PEOPLE)

    def create(request: Request) -> Response:
        names = ("party", "role", "clearance", "collection", "days")
        form = Form({name: request.field(name) for name in names})
        clearance = read_clearance(request)
        if form.values["role"] not in list(Role):
            form.errors["role"] = _("Choose one of the list.")
        if form.values["days"] not in LIVES:
            form.errors["days"] = _("Choose one of the list.")
        if form.errors:
            return show_everybody(people, request, token=form, status=400)
        days = form.values["days"]
        token, secret = people.create_token(
            form.values["party"],
            Role(form.values["role"]),
            clearance,
            by=request.reader.name,
            collection=form.values["collection"],
            life=int(days) * 86_400 * SECOND if days else None,
            granter=granter(people, request),
        )
        return request.render("people/token_made.html", token=token, secret=secret, origin=request.site.origins[0])

    def one(request: Request) -> Response:
        token = _token(people, request)
        return request.render("people/token.html", token=token, **choices(request))

    def change(request: Request) -> Response:
        token = _token(people, request)
        people.change_token(
            token.user,
            by=request.reader.name,
            clearance=read_clearance(request),
            granter=granter(people, request),
        )
        return request.redirect("/people", _("The clearance of %(user)s was changed.") % {"user": token.user})

    def rotate(request: Request) -> Response:
        user = _token(people, request).user
        token, secret = people.rotate_token(user, by=request.reader.name, granter=granter(people, request))
        return request.render("people/token_made.html", token=token, secret=secret, origin=request.site.origins[0])

    def set_active(request: Request) -> Response:
        token = _token(people, request)
        active = request.field("active") == "yes"
        people.change_token(token.user, by=request.reader.name, active=active, granter=granter(people, request))
        said = _("The token works again.") if active else _("The token is revoked and stops working at once.")
        return request.redirect(f"/people/tokens/{token.user}", said)

    return [
        page("/people/tokens", create, "POST", roles=roles),
        page("/people/tokens/{user}", one, roles=roles),
        page("/people/tokens/{user}", change, "POST", roles=roles),
        page("/people/tokens/{user}/secret", rotate, "POST", roles=roles),
        page("/people/tokens/{user}/active", set_active, "POST", roles=roles),
    ]


def _token(people: People, request: Request) -> Token:
    for token in people.list_tokens():
        if token.user == request.path_params["user"]:
            return token
    raise Unknown("There is no such token.", code="unknown-token")
