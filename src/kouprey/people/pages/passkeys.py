"""Pages of passkeys: add one, forget one, sign in by one; the browser's part is in static/passkeys.js."""

from __future__ import annotations

import re

from starlette.responses import Response

from kouprey.kernel.seal.passkeys import Place
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Forbidden, Refused, Unidentified, Unknown
from kouprey.people.model import Permission, roles_with
from kouprey.people.pages.forms import Form
from kouprey.people.pages.own import PATH, session_of
from kouprey.people.pages.signing import agent_of, ask, let_in, place_of
from kouprey.people.service import People

_ANSWER_MAX = 20_000


def doors(people: People) -> list[Door]:
    """Adding and forgetting for everybody who is signed in; signing in for everybody."""
    roles = roles_with(Permission.READ)

    def add(request: Request) -> Response:
        session = session_of(people, request)
        answer = request.field("answer", longest=_ANSWER_MAX)
        try:
            people.add_passkey(session, _place(request), answer, request.field("called", longest=500))
        except (Unidentified, Refused, Forbidden):
            said = _("The passkey was not added. Sign out and in again, and try once more.")
            return request.redirect(PATH, said, "bad")
        return request.redirect(PATH, _("The passkey was added. It signs you in without a password."))

    def forget(request: Request) -> Response:
        session, wanted = session_of(people, request), request.path_params["passkey"]
        if not re.fullmatch(r"(?:[0-9a-f]{2}){1,1023}", wanted, re.ASCII):
            raise Unknown("There is no such passkey.", code="unknown-passkey")
        try:
            people.forget_passkey(session, bytes.fromhex(wanted))
        except Forbidden:
            return request.redirect(
                PATH, _("Sign out and in again first, so that it is certain that it is you."), "bad"
            )
        return request.redirect(PATH, _("That passkey signs nobody in any more."), "info")

    def sign_in(request: Request) -> Response:
        answer = request.field("answer", longest=_ANSWER_MAX)
        try:
            cookie, person = people.sign_in_by_passkey(_place(request), answer, agent=agent_of(request))
        except Unidentified:
            wrong = _("The passkey was not accepted. Try again, or sign in another way.")
            return ask(people, request, Form(errors={"passkey": wrong}), 401)
        return let_in(people, request, cookie, person)

    return [
        page(f"{PATH}/passkeys", add, "POST", roles=roles, unproven=True, hosted=True),
        page(f"{PATH}/passkeys/{{passkey}}/forget", forget, "POST", roles=roles, unproven=True, hosted=True),
        page("/sign-in/passkey", sign_in, "POST", open=True),
    ]


def _place(request: Request) -> Place:
    place = place_of(request)
    if place is None:
        raise Unknown("There are no passkeys here.", "They need a name and TLS.", code="no-passkeys")
    return place
