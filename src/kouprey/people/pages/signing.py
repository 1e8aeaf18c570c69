"""Pages of signing in, by a link or a password, and out."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urlsplit

from starlette.responses import Response

from kouprey.kernel.seal.passkeys import Place
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request, own_path
from kouprey.kernel.words.errors import KoupreyError, Refused, Unidentified
from kouprey.kernel.words.time import SECOND
from kouprey.people.model import Halfway, Person, Way
from kouprey.people.pages.forms import Form
from kouprey.people.service import SESSION_LIFE, People

_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")


def doors(people: People) -> list[Door]:
    """Open to everybody: what one shows decides."""

    def show_ways(request: Request) -> Response:
        return ask(people, request, Form())

    def show(request: Request) -> Response:
        person = people.find_link_holder(request.path_params["secret"])
        if person is None:
            return request.render("people/spent.html", 410)
        after = own_path(request.query_params.get("next", "/"))
        return request.render("people/link.html", person=person, next=after, path=request.url.path)

    def spend(request: Request) -> Response:
        try:
            outcome = people.sign_in(request.path_params["secret"], agent_of(request))
        except Unidentified:
            return request.render("people/spent.html", 410)
        if isinstance(outcome, Halfway):
            return _ask_code(request, outcome.ticket, Form())
        return let_in(people, request, *outcome)

    def leave(request: Request) -> Response:
        secret = request.site.sessions.read(request)
        session = people.find_session(secret) if secret else None
        if secret:
            people.sign_out(secret)
        by_provider = session is not None and session.way is Way.OPENID
        # The provider still knows them: the next page offers to sign out there too.
        to = f"{request.site.sign_in}?left=provider" if by_provider else request.site.sign_in
        response = request.redirect(to, _("You are signed out."), "info")
        request.site.sessions.end(response)
        return response

    return [
        page("/sign-in", show_ways, open=True, name="sign-in"),
        page("/sign-in", partial(_take_code, people), "POST", open=True),
        *_password_doors(people),
        page("/sign-in/{secret}", show, open=True),
        page("/sign-in/{secret}", spend, "POST", open=True),
        page("/sign-out", leave, "POST", open=True, name="sign-out"),
    ]


def _password_doors(people: People) -> list[Door]:
    def take_password(request: Request) -> Response:
        # Never shown again, not even to whoever sent it.
        form = Form({"name": request.field("name", longest=500)})
        password = request.field("password", longest=2000)
        try:
            outcome = people.sign_in_by_password(
                form.values["name"], password, address=address_of(request), agent=agent_of(request)
            )
        except Unidentified:
            form.errors["password"] = _("The name or the password is not right.")
            return ask(people, request, form, 401)
        except Refused as refused:
            form.errors["password"] = told_to_wait(refused)
            return ask(people, request, form, 429)
        if isinstance(outcome, Halfway):
            return _ask_code(request, outcome.ticket, Form())
        return let_in(people, request, *outcome)

    def take_ticket(request: Request) -> Response:
        ticket, code, form = request.field("ticket", longest=500), request.field("code", longest=100), Form()
        try:
            cookie, person = people.finish_sign_in(ticket, code, address=address_of(request), agent=agent_of(request))
        except Unidentified as error:
            if error.code == "ticket-spent":
                return ask(people, request, Form(errors={"password": _("That took too long. Begin again.")}), 401)
            form.errors["code"] = _("The code is not right. Take the next one, or one of your recovery codes.")
            return _ask_code(request, ticket, form, 401)
        except Refused as refused:
            form.errors["code"] = told_to_wait(refused)
            return _ask_code(request, ticket, form, 429)
        return let_in(people, request, cookie, person)

    return [
        page("/sign-in/password", take_password, "POST", open=True),
        page("/sign-in/code", take_ticket, "POST", open=True),
    ]


def _take_code(people: People, request: Request) -> Response:
    """The link, or the last part of it, typed or pasted: on a machine where it cannot be clicked."""
    secret = request.field("link", longest=500).partition("?")[0].rstrip("/").rpartition("/")[2]
    if not _SECRET.fullmatch(secret):
        wrong = _("This is not a sign-in link. Paste all of it, or the part after the last slash.")
        return ask(people, request, Form(errors={"link": wrong}), 400)
    after = own_path(request.field("next") or "/")
    return request.redirect(f"/sign-in/{secret}" + (f"?next={after}" if after != "/" else ""))


def ask(people: People, request: Request, form: Form, status: int = 200) -> Response:
    """The page with the ways in; what was wrong with one stands at its field."""
    after = own_path(request.field("next") or request.query_params.get("next", "/"))
    place = place_of(request)
    passkey = people.ask_to_sign_in(place) if place is not None else ""
    left = request.query_params.get("left", "") == "provider"
    return request.render(
        "people/sign_in.html",
        status,
        form=form,
        next=after,
        passkey=passkey,
        provider=people.provider_name,
        leave=people.leave_address(request.site.origins[0]) if left else "",
    )


def place_of(request: Request) -> Place | None:
    """Where passkeys of this node hold; None where browsers know none: without TLS, or at an address of numbers."""
    host = urlsplit(request.site.origins[0]).hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    named = not host.replace(".", "").isdigit() and ":" not in host
    if not named or not (local or request.site.origins[0].startswith("https:")):
        return None
    return Place(host, request.site.party_name, request.site.origins)


def _ask_code(request: Request, ticket: str, form: Form, status: int = 200) -> Response:
    after = own_path(request.field("next") or "/")
    return request.render("people/code.html", status, ticket=ticket, form=form, next=after)


def let_in(people: People, request: Request, cookie: str, person: Person, after: str = "") -> Response:
    """Begin a session, and end the one this browser had: none that was planted is taken over."""
    before = request.site.sessions.read(request)
    if before:
        people.sign_out(before)
    welcome = _("Welcome, %(name)s.") % {"name": person.name}
    if not people.has_password(person):
        welcome += " " + _("You can set a password under Your sign-in, in the menu of your name.")
    response = request.redirect(after or request.field("next") or "/", welcome)
    request.site.sessions.start(response, cookie, SESSION_LIFE // SECOND)
    return response


def told_to_wait(refused: KoupreyError) -> str:
    """How long somebody has to wait, in their language."""
    seconds = int(str(refused.detail.get("seconds", 0)))
    said = _("There were too many wrong attempts. Try again in %(count)s seconds, or sign in by a link.")
    return said % {"count": seconds}


def address_of(request: Request) -> str:
    """From where it was sent, for throttling; "" when that cannot be told."""
    return request.client.host if request.client is not None else ""


def agent_of(request: Request) -> str:
    """What the browser calls itself."""
    return request.headers.get("user-agent", "")
