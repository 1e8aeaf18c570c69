"""The page of one's own: what one signs in with, and from where one is signed in."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, joined, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Forbidden, Refused
from kouprey.people.model import Permission, Session, Way, roles_with
from kouprey.people.pages.forms import Form
from kouprey.people.pages.signing import address_of, place_of, told_to_wait
from kouprey.people.rules import LEAST, Weakness
from kouprey.people.service import People

PATH = "/me"

WEAK: dict[Weakness, str] = {
    Weakness.SHORT: mark("It is too short. Several words that only you would put together are good."),
    Weakness.LONG: mark("It is too long."),
    Weakness.COMMON: mark("It is one of those that are tried first. Choose another."),
    Weakness.PLAIN: mark("It repeats too few characters. Choose another."),
    Weakness.NAMES: mark("It is little more than a name somebody would try. Choose another."),
}

WAYS: dict[Way, str] = {
    Way.LINK: mark("by a link"),
    Way.PASSWORD: mark("by a password"),
    Way.CODE: mark("by a password and a code"),
    Way.RECOVERY: mark("by a password and a recovery code"),
    Way.PASSKEY: mark("by a passkey"),
    Way.LINK_CODE: mark("by a link and a code"),
    Way.OPENID: mark("by the sign-in provider"),
}

# What stands in the names of browsers and systems, the more special before what it also claims to be.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS"}
_SYSTEMS["Linux"] = "Linux"


def doors(people: People) -> list[Door]:
    """For everybody who is signed in: all roles may read."""
    roles = roles_with(Permission.READ)

    def show(request: Request) -> Response:
        return show_own(people, request, session_of(people, request), Form())

    def set_password(request: Request) -> Response:
        session, form = session_of(people, request), Form()
        password = request.field("password", longest=2000)
        weakness = people.weakness(session.person, password)
        if weakness is not None:
            form.errors["password"] = _(WEAK[weakness])
        elif password != request.field("again", longest=2000):
            form.errors["again"] = _("The two are not the same.")
        if form.errors:
            return show_own(people, request, session, form, 400)
        try:
            old = request.field("old", longest=2000)
            people.set_password(session, password, old=old, address=address_of(request))
        except Forbidden:
            form.errors["old"] = _("It is not right. Or sign out and in again, and set a new one at once.")
            return show_own(people, request, session, form, 403)
        except Refused as refused:
            form.errors["old"] = told_to_wait(refused)
            return show_own(people, request, session, form, 429)
        return request.redirect(PATH, _("The password is set. Your other sessions have ended."))

    def sign_out_elsewhere(request: Request) -> Response:
        ended = people.sign_out_elsewhere(session_of(people, request))
        said = ngettext("%(count)s other session has ended.", "%(count)s other sessions have ended.", ended)
        return request.redirect(PATH, said % {"count": ended})

    return [
        page(PATH, show, roles=roles, unproven=True, hosted=True),
        page(f"{PATH}/password", set_password, "POST", roles=roles, unproven=True, hosted=True),
        page(f"{PATH}/sign-out-elsewhere", sign_out_elsewhere, "POST", roles=roles, unproven=True, hosted=True),
    ]


def session_of(people: People, request: Request) -> Session:
    """The session behind the request; a token has none, and nothing here is for programs."""
    session = people.find_session(request.site.sessions.read(request))
    if session is None or session.person.id != request.reader.name:
        raise Forbidden("This page is for people.", "A token has no password.", "Sign in.", code="people-only")
    return session


def show_own(people: People, request: Request, session: Session, form: Form, status: int = 200) -> Response:
    """The page, with what was wrong in a form."""
    place = place_of(request)
    return request.render(
        "people/own.html",
        status,
        session=session,
        sessions=people.list_sessions(session.person),
        has_password=people.has_password(session.person),
        has_authenticator=people.has_authenticator(session.person),
        recovery_codes=people.count_recovery_codes(session.person),
        passkeys=people.list_passkeys(session.person),
        new_passkey=people.ask_for_passkey(session, place) if place is not None else "",
        fresh=people.is_fresh(session),
        provider=people.provider_name,
        unproven=people.lacks_proof(session),
        has_factor=people.has_second_factor(session.person),
        is_linked=people.is_linked(session.person),
        browser=browser,
        ways=WAYS,
        least=LEAST,
        form=form,
    )


def browser(agent: str) -> str:
    """What a person calls that browser: `Firefox, Windows`; what it says itself when we do not know it."""
    found = (next((name for sign, name in known.items() if sign in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return joined(filter(None, found)) or agent[:60]
