"""Pages of the authenticator app: set it up, confirm it, turn it off."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.qr import draw
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Forbidden, Refused, Unidentified
from kouprey.people.model import Permission, Session, roles_with
from kouprey.people.pages.forms import Form
from kouprey.people.pages.own import PATH, session_of, show_own
from kouprey.people.pages.signing import address_of, told_to_wait
from kouprey.people.service import People
from kouprey.people.wire import authenticator_address, authenticator_text


def doors(people: People) -> list[Door]:
    """For everybody who is signed in."""
    roles = roles_with(Permission.READ)

    def begin(request: Request) -> Response:
        session = session_of(people, request)
        try:
            secret = people.begin_authenticator(session, password=_present(request), address=address_of(request))
        except (Forbidden, Refused) as error:
            return _wrong(people, request, session, error)
        return _show(people, request, session, secret, Form())

    def confirm(request: Request) -> Response:
        session, form = session_of(people, request), Form()
        secret = people.pending_secret(session.person)
        if secret is None:
            return request.redirect(PATH)
        try:
            code = request.field("code", longest=100)
            codes = people.confirm_authenticator(session, code, address=address_of(request))
        except Unidentified:
            form.errors["code"] = _("The code is not right. Take the one that the app shows now.")
            return _show(people, request, session, secret, form, 400)
        except Refused as refused:
            form.errors["code"] = told_to_wait(refused)
            return _show(people, request, session, secret, form, 429)
        return request.render("people/recovery.html", codes=codes)

    def forget(request: Request) -> Response:
        session = session_of(people, request)
        try:
            people.forget_authenticator(session, password=_present(request), address=address_of(request))
        except (Forbidden, Refused) as error:
            return _wrong(people, request, session, error)
        return request.redirect(PATH, _("No code is asked for any more."), "info")

    return [
        page(f"{PATH}/authenticator", begin, "POST", roles=roles, unproven=True, hosted=True),
        page(f"{PATH}/authenticator/confirm", confirm, "POST", roles=roles, unproven=True, hosted=True),
        page(f"{PATH}/authenticator/off", forget, "POST", roles=roles, unproven=True, hosted=True),
    ]


def _present(request: Request) -> str:
    return request.field("present", longest=2000)


def _wrong(people: People, request: Request, session: Session, error: Forbidden | Refused) -> Response:
    if error.code == "too-many-attempts":
        return show_own(people, request, session, Form(errors={"present": told_to_wait(error)}), 429)
    if error.code == "second-factor":
        said = _("Sign out, and in again by your passkey or with a code.")
        return show_own(people, request, session, Form(errors={"present": said}), 403)
    if error.code == "not-fresh":
        said = _("It is not right. Or sign out and in again.")
        return show_own(people, request, session, Form(errors={"present": said}), 403)
    raise error


def _show(people: People, request: Request, session: Session, secret: bytes, form: Form, status: int = 200) -> Response:
    address = authenticator_address(secret, people.home().name, session.person.name)
    return request.render(
        "people/authenticator.html",
        status,
        secret=authenticator_text(secret),
        picture=draw(address),
        form=form,
    )
