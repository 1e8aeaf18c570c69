"""Pages of persons: everybody, one of them, their roles and their links."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, Person, Role, roles_with
from kouprey.people.pages.forms import VERBS, Form, check_not_above, choices, granter, read_clearance
from kouprey.people.service import People

LIVES = {"30": mark("30 days"), "90": mark("90 days"), "365": mark("One year"), "": mark("Until it is revoked")}
"""Days a token may live; "" without end."""
INVITATIONS = 50
"""Links that are shown on the page; the command line lists all."""


def doors(people: People) -> list[Door]:
    roles = roles_with(Permission.PEOPLE)

    def everybody(request: Request) -> Response:
        return show_everybody(people, request)

    def invite(request: Request) -> Response:
        form, chosen, clearance = _read_person(request)
        name = form.values["name"]
        if not 1 <= len(name) <= 100 or any(ord(letter) < 32 for letter in name):
            form.errors["name"] = _("Write a name of at most 100 letters.")
        elif any(held.name == name for held in people.list_persons()):
            form.errors["name"] = _("Somebody is called that already. Open their page to change them.")
        if form.errors:
            return show_everybody(people, request, form, status=400)
        return _show_link(people, request, _save(people, request, name, chosen, clearance))

    def one(request: Request) -> Response:
        person = _person(people, request)
        form = Form({"clearance": person.clearance.word}, tuple(str(role) for role in person.roles))
        return request.render(
            "people/person.html",
            person=person,
            form=form,
            has_factor=people.has_second_factor(person),
            **choices(request),
        )

    def change(request: Request) -> Response:
        person = _person(people, request)
        form, chosen, clearance = _read_person(request)
        if form.errors:
            return request.render("people/person.html", 400, person=person, form=form, **choices(request))
        check_not_above(request, person.clearance)
        _save(people, request, person.name, chosen, clearance)
        back = {"roles": " ".join(person.roles), "clearance": person.clearance.word}
        said = _("%(name)s was changed; it counts at once.") % {"name": person.name}
        return request.redirect("/people", said, undo=Undo(f"/people/{person.id}", back))

    def link(request: Request) -> Response:
        person = _person(people, request)
        check_not_above(request, person.clearance)
        return _show_link(people, request, person)

    return [
        page("/people", everybody, roles=roles),
        page("/people", invite, "POST", roles=roles),
        page("/people/{person}", one, roles=roles),
        page("/people/{person}", change, "POST", roles=roles),
        page("/people/{person}/link", link, "POST", roles=roles),
        *_shutting_doors(people, roles),
    ]


def _shutting_doors(people: People, roles: tuple[str, ...]) -> list[Door]:
    def set_active(request: Request) -> Response:
        person = _person(people, request)
        active = request.field("active") == "yes"
        check_not_above(request, person.clearance)
        people.set_active(person, active, by=request.reader.name, granter=granter(people, request))
        if active:
            said = _("%(name)s may sign in again. Make a sign-in link to let them in.")
        else:
            said = _("%(name)s is deactivated: every session and link ended at once.")
        undo = Undo(f"/people/{person.id}/active", {"active": "no" if active else "yes"})
        return request.redirect(f"/people/{person.id}", said % {"name": person.name}, undo=undo)

    def reset(request: Request) -> Response:
        person = _person(people, request)
        people.reset_second_factor(person, by=request.reader.name, granter=granter(people, request))
        said = _("App, recovery codes and passkeys of %(name)s are forgotten, and their sessions ended.")
        return request.redirect(f"/people/{person.id}", said % {"name": person.name})

    return [
        page("/people/{person}/active", set_active, "POST", roles=roles),
        page("/people/{person}/factor", reset, "POST", roles=roles),
    ]


def show_everybody(
    people: People, request: Request, person: Form | None = None, token: Form | None = None, *, status: int = 200
) -> Response:
    return request.render(
        "people/everybody.html",
        status,
        persons=people.list_persons(),
        invitations=people.list_invitations()[:INVITATIONS],
        callers={each.id: each.name for each in people.list_persons()},
        now=wall_clock(),
        tokens=people.list_tokens(""),
        parties=people.list_parties(),
        party_names={each.id: each.name for each in people.list_parties()},
        lives=LIVES,
        verb_texts=VERBS,
        form=person or Form({"clearance": TLP.AMBER.word}, (str(Role.ANALYST),)),
        token_form=token or Form({"party": people.home_id, "role": str(Role.FEED), "clearance": TLP.GREEN.word}),
        **choices(request),
    )


def _save(people: People, request: Request, name: str, roles: tuple[Role, ...], clearance: TLP) -> Person:
    return people.save_person(name, roles, clearance, by=request.reader.name, granter=granter(people, request))


def _person(people: People, request: Request) -> Person:
    found = people.get_person(request.path_params["person"])
    if found.id != request.path_params["person"]:
        raise Unknown("There is nobody by that id.", code="unknown-person")
    return found


def _read_person(request: Request) -> tuple[Form, tuple[Role, ...], TLP]:
    # A way back sends them in one field, with blanks between.
    chosen = " ".join(str(word) for word in request.fields.getlist("roles")).split()
    form = Form({"name": request.field("name"), "clearance": request.field("clearance")}, tuple(chosen))
    roles = tuple(role for role in Role if role in chosen)
    if not roles:
        form.errors["roles"] = _("Choose at least one role.")
    return form, roles, read_clearance(request)


def _show_link(people: People, request: Request, person: Person) -> Response:
    secret = people.make_sign_in_link(person, by=request.reader.name, granter=granter(people, request))
    return show_secret(request, person, secret)


def show_secret(request: Request, person: Person, secret: str) -> Response:
    """The one answer that carries the secret; it is not kept and cannot be shown again."""
    url = f"{request.site.origins[0]}/sign-in/{secret}"
    return request.render("people/link_made.html", person=person, url=url)
