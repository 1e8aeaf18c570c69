"""Pages of people: sign in and out; persons, their links and tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request, own_path
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, Forbidden, Unidentified, Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, Person, Role, Token, roles_with
from kouprey.people.service import SESSION_LIFE, People

ROLES: dict[Role, tuple[str, str]] = {
    Role.ANALYST: (mark("Analyst"), mark("Reads and writes intelligence.")),
    Role.LEAD: (mark("Lead"), mark("As an analyst, and publishes to partners.")),
    Role.LIAISON: (mark("Liaison"), mark("As a lead, and signs agreements and keeps the links.")),
    Role.AUDITOR: (mark("Auditor"), mark("Reads, and sees who did what.")),
    Role.ADMINISTRATOR: (mark("Administrator"), mark("May do everything here, and lets people in.")),
    Role.FEED: (mark("Feed"), mark("Reads only; meant for programs.")),
    Role.CONTRIBUTOR: (mark("Contributor"), mark("Reads and gives; meant for programs.")),
    Role.OPERATOR: (mark("Operator"), mark("Sees how the node fares, and no intelligence; meant for monitoring.")),
}
"""Role -> its name, and what it is for."""

LIVES = {"30": mark("30 days"), "90": mark("90 days"), "365": mark("One year"), "": mark("Until it is revoked")}
"""Days a token may live; "" without end."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")


@dataclass
class Form:
    """What somebody wrote into a form, with what was wrong in each field."""

    values: dict[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


def routes(services: Services) -> list[Door]:
    """The doors of people for persons."""
    people = services.get(People)
    # Tokens first: a person could not be told from the word "tokens".
    return [*_sign_in_doors(people), *_token_doors(people), *_person_doors(people)]


# signing in


def _sign_in_doors(people: People) -> list[Door]:
    def ask(request: Request) -> Response:
        return _ask(request, Form())

    def take_code(request: Request) -> Response:
        """The link, or the last part of it, typed or pasted: on a machine where it cannot be clicked."""
        secret = request.field("link", longest=500).partition("?")[0].rstrip("/").rpartition("/")[2]
        if not _SECRET.fullmatch(secret):
            wrong = _("This is not a sign-in link. Paste all of it, or the part after the last slash.")
            return _ask(request, Form(errors={"link": wrong}), 400)
        after = own_path(request.field("next") or "/")
        return request.redirect(f"/sign-in/{secret}" + (f"?next={after}" if after != "/" else ""))

    def show(request: Request) -> Response:
        person = people.find_link_holder(request.path_params["secret"])
        if person is None:
            return request.render("people/spent.html", 410)
        after = own_path(request.query_params.get("next", "/"))
        return request.render("people/link.html", person=person, next=after, path=request.url.path)

    def spend(request: Request) -> Response:
        try:
            cookie, person = people.sign_in(request.path_params["secret"])
        except Unidentified:
            return request.render("people/spent.html", 410)
        before = request.site.sessions.read(request)
        if before:
            people.sign_out(before)
        welcome = _("Welcome, %(name)s.") % {"name": person.name}
        response = request.redirect(request.field("next") or "/", welcome)
        request.site.sessions.start(response, cookie, SESSION_LIFE // SECOND)
        return response

    def leave(request: Request) -> Response:
        secret = request.site.sessions.read(request)
        if secret:
            people.sign_out(secret)
        response = request.redirect(request.site.sign_in, _("You are signed out."), "info")
        request.site.sessions.end(response)
        return response

    return [
        page("/sign-in", ask, open=True, name="sign-in"),
        page("/sign-in", take_code, "POST", open=True),
        page("/sign-in/{secret}", show, open=True),
        page("/sign-in/{secret}", spend, "POST", open=True),
        page("/sign-out", leave, "POST", open=True, name="sign-out"),
    ]


def _ask(request: Request, form: Form, status: int = 200) -> Response:
    after = own_path(request.field("next") or request.query_params.get("next", "/"))
    return request.render("people/sign_in.html", status, form=form, next=after)


# persons


def _person_doors(people: People) -> list[Door]:
    roles = roles_with(Permission.PEOPLE)

    def everybody(request: Request) -> Response:
        return _everybody(people, request)

    def invite(request: Request) -> Response:
        form, chosen, clearance = _read_person(request)
        name = form.values["name"]
        if not 1 <= len(name) <= 100 or any(ord(letter) < 32 for letter in name):
            form.errors["name"] = _("Write a name of at most 100 letters.")
        elif any(held.name == name for held in people.list_persons()):
            form.errors["name"] = _("Somebody is called that already. Open their page to change them.")
        if form.errors:
            return _everybody(people, request, form, status=400)
        return _show_link(people, request, _save(people, request, name, chosen, clearance))

    def one(request: Request) -> Response:
        person = _person(people, request)
        form = Form({"clearance": person.clearance.word}, tuple(str(role) for role in person.roles))
        return request.render("people/person.html", person=person, form=form, **_choices(request))

    def change(request: Request) -> Response:
        person = _person(people, request)
        form, chosen, clearance = _read_person(request)
        if form.errors:
            return request.render("people/person.html", 400, person=person, form=form, **_choices(request))
        _check_not_above(request, person.clearance)
        _save(people, request, person.name, chosen, clearance)
        return request.redirect("/people", _("%(name)s was changed; it counts at once.") % {"name": person.name})

    def link(request: Request) -> Response:
        person = _person(people, request)
        _check_not_above(request, person.clearance)
        return _show_link(people, request, person)

    def set_active(request: Request) -> Response:
        person = _person(people, request)
        active = request.field("active") == "yes"
        _check_not_above(request, person.clearance)
        people.set_active(person, active, by=request.reader.name, granter=_granter(people, request))
        if active:
            said = _("%(name)s may sign in again. Make a sign-in link to let them in.")
        else:
            said = _("%(name)s is deactivated: every session and link ended at once.")
        return request.redirect(f"/people/{person.id}", said % {"name": person.name})

    return [
        page("/people", everybody, roles=roles),
        page("/people", invite, "POST", roles=roles),
        page("/people/{person}", one, roles=roles),
        page("/people/{person}", change, "POST", roles=roles),
        page("/people/{person}/link", link, "POST", roles=roles),
        page("/people/{person}/active", set_active, "POST", roles=roles),
    ]


def _everybody(
    people: People, request: Request, person: Form | None = None, token: Form | None = None, *, status: int = 200
) -> Response:
    return request.render(
        "people/everybody.html",
        status,
        persons=people.list_persons(),
        tokens=people.list_tokens(),
        parties=people.list_parties(),
        lives=LIVES,
        form=person or Form({"clearance": TLP.AMBER.word}, (str(Role.ANALYST),)),
        token_form=token or Form({"party": people.home_id, "role": str(Role.FEED), "clearance": TLP.GREEN.word}),
        **_choices(request),
    )


def _granter(people: People, request: Request) -> Person:
    """Who is doing it; forms are sent by persons only."""
    return people.get_person(request.reader.name)


def _save(people: People, request: Request, name: str, roles: tuple[Role, ...], clearance: TLP) -> Person:
    return people.save_person(name, roles, clearance, by=request.reader.name, granter=_granter(people, request))


def _choices(request: Request) -> dict[str, Any]:
    """What forms offer: the roles, and the levels up to the reader's own."""
    return {"role_texts": ROLES, "levels": [level for level in TLP if level <= request.reader.clearance]}


def _person(people: People, request: Request) -> Person:
    found = people.get_person(request.path_params["person"])
    if found.id != request.path_params["person"]:
        raise Unknown("There is nobody by that id.", code="unknown-person")
    return found


def _read_person(request: Request) -> tuple[Form, tuple[Role, ...], TLP]:
    chosen = [str(word) for word in request.fields.getlist("roles")]
    form = Form({"name": request.field("name"), "clearance": request.field("clearance")}, tuple(chosen))
    roles = tuple(role for role in Role if role in chosen)
    if not roles:
        form.errors["roles"] = _("Choose at least one role.")
    return form, roles, _read_clearance(request)


def _read_clearance(request: Request) -> TLP:
    try:
        level = parse_tlp(request.field("clearance"))
    except ValueError as error:
        raise Damaged("The clearance cannot be read.", str(error), "Choose one of the list.", code="bad-tlp") from error
    _check_not_above(request, level)
    return level


def _check_not_above(request: Request, level: TLP) -> None:
    """Nobody hands out, or signs in with, a higher clearance than their own."""
    if level > request.reader.clearance:
        raise Forbidden(
            mark("That is above your own clearance."),
            f"It is {level.text}; you are cleared up to {request.reader.clearance.text}.",
            mark("Ask somebody with that clearance, or the operator of the machine."),
            code="above-clearance",
        )


def _show_link(people: People, request: Request, person: Person) -> Response:
    """The one answer that carries the secret; it is not kept and cannot be shown again."""
    secret = people.make_sign_in_link(person, by=request.reader.name)
    url = f"{request.site.origins[0]}/sign-in/{secret}"
    return request.render("people/link_made.html", person=person, url=url)


# tokens


def _token_doors(people: People) -> list[Door]:
    roles = roles_with(Permission.PEOPLE)

    def create(request: Request) -> Response:
        names = ("party", "role", "clearance", "collection", "days")
        form = Form({name: request.field(name) for name in names})
        clearance = _read_clearance(request)
        if form.values["role"] not in list(Role):
            form.errors["role"] = _("Choose one of the list.")
        if form.values["days"] not in LIVES:
            form.errors["days"] = _("Choose one of the list.")
        if form.errors:
            return _everybody(people, request, token=form, status=400)
        days = form.values["days"]
        token, secret = people.create_token(
            form.values["party"],
            Role(form.values["role"]),
            clearance,
            by=request.reader.name,
            collection=form.values["collection"],
            life=int(days) * 86_400 * SECOND if days else None,
            granter=_granter(people, request),
        )
        return request.render("people/token_made.html", token=token, secret=secret, origin=request.site.origins[0])

    def one(request: Request) -> Response:
        token = _token(people, request)
        return request.render("people/token.html", token=token, **_choices(request))

    def change(request: Request) -> Response:
        token = _token(people, request)
        clearance, granter = _read_clearance(request), _granter(people, request)
        people.change_token(token.user, by=request.reader.name, clearance=clearance, granter=granter)
        return request.redirect("/people", _("The clearance of %(user)s was changed.") % {"user": token.user})

    def set_active(request: Request) -> Response:
        token = _token(people, request)
        active = request.field("active") == "yes"
        people.change_token(token.user, by=request.reader.name, active=active, granter=_granter(people, request))
        said = _("The token works again.") if active else _("The token is revoked and stops working at once.")
        return request.redirect(f"/people/tokens/{token.user}", said)

    return [
        page("/people/tokens", create, "POST", roles=roles),
        page("/people/tokens/{user}", one, roles=roles),
        page("/people/tokens/{user}", change, "POST", roles=roles),
        page("/people/tokens/{user}/active", set_active, "POST", roles=roles),
    ]


def _token(people: People, request: Request) -> Token:
    for token in people.list_tokens():
        if token.user == request.path_params["user"]:
            return token
    raise Unknown("There is no such token.", code="unknown-token")
