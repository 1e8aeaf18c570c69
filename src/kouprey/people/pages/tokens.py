"""Pages of tokens: make one, change what it may see, revoke it."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import FOREVER, SECOND, wall_clock
from kouprey.people.model import Permission, Role, Token, permissions_of, permissions_of_token, roles_with
from kouprey.people.pages.forms import VERBS, Form, choices, granter, read_clearance
from kouprey.people.pages.persons import LIVES, show_everybody
from kouprey.people.pages.roles import DEEDS
from kouprey.people.service import People


def doors(people: People) -> list[Door]:
    roles = roles_with(Permission.PEOPLE)

    def create(request: Request) -> Response:
        names = ("name", "party", "role", "clearance", "collections", "days")
        form = Form({name: request.field(name) for name in names}, tuple(verbs_of(request)))
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
            verbs=verbs_of(request),
            collections=form.values["collections"].replace(",", " ").split(),
            life=int(days) * 86_400 * SECOND if days else None,
            name=form.values["name"],
            granter=granter(people, request),
        )
        return request.render("people/token_made.html", token=token, secret=secret, origin=request.site.origins[0])

    def one(request: Request) -> Response:
        return _show(people, request, _token(people, request))

    def change(request: Request) -> Response:
        token = _token(people, request)
        people.change_token(
            token.user,
            by=request.reader.name,
            clearance=read_clearance(request),
            verbs=verbs_of(request),
            collections=request.field("collections").replace(",", " ").split(),
            name=request.field("name"),
            granter=granter(people, request),
        )
        path = f"/people/tokens/{token.user}"
        back = {"clearance": token.clearance.word, "collections": " ".join(token.collections)}
        undo = Undo(path, back | {"verbs": " ".join(token.verbs), "name": token.name})
        return request.redirect(path, _("%(user)s was changed; it counts at once.") % {"user": token.user}, undo=undo)

    return [
        page("/people/tokens", create, "POST", roles=roles),
        page("/people/tokens/{user}", one, roles=roles),
        page("/people/tokens/{user}", change, "POST", roles=roles),
        *_ending_doors(people, roles),
    ]


def _ending_doors(people: People, roles: tuple[str, ...]) -> list[Door]:
    def rotate(request: Request) -> Response:
        user = _token(people, request).user
        token, secret = people.rotate_token(user, by=request.reader.name, granter=granter(people, request))
        return request.render("people/token_made.html", token=token, secret=secret, origin=request.site.origins[0])

    def set_active(request: Request) -> Response:
        token, active = _token(people, request), request.field("active") == "yes"
        people.change_token(token.user, by=request.reader.name, active=active, granter=granter(people, request))
        said = _("The token works again.") if active else _("The token is revoked and stops working at once.")
        path = f"/people/tokens/{token.user}"
        return request.redirect(path, said, undo=Undo(f"{path}/active", {"active": "no" if active else "yes"}))

    return [
        page("/people/tokens/{user}/secret", rotate, "POST", roles=roles),
        page("/people/tokens/{user}/active", set_active, "POST", roles=roles),
    ]


def _show(people: People, request: Request, token: Token) -> Response:
    names = {party.id: party.name for party in people.list_parties()}
    return request.render(
        "people/token.html",
        token=token,
        own=token.party == people.home_id,
        party_name=names.get(token.party, token.party),
        may=[DEEDS[verb] for verb in Permission if verb in permissions_of_token(token)],
        expired=token.expires <= wall_clock(),
        forever=FOREVER,
        verb_texts=verb_texts(token.role),
        sees_clients=bool(set(roles_with(Permission.AUDIT)) & set(request.who.roles)),
        **choices(request),
    )


def verbs_of(request: Request) -> list[Permission]:
    """The verbs that were ticked; none for all that the role may."""
    # A way back sends them in one field, with blanks between.
    chosen = set(" ".join(str(word) for word in request.fields.getlist("verbs")).split())
    return [verb for verb in Permission if verb in chosen]


def verb_texts(role: Role) -> dict[Permission, str]:
    """What the role may do, verb by verb."""
    return {verb: VERBS[verb] for verb in Permission if verb in permissions_of((role,))}


def _token(people: People, request: Request) -> Token:
    for token in people.list_tokens(""):
        if token.user == request.path_params["user"]:
            return token
    raise Unknown("There is no such token.", code="unknown-token")
