"""Pages of signing in by a provider: go there, come back, link it to oneself, and unlink it."""

from __future__ import annotations

import logging

from starlette.responses import RedirectResponse, Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request, own_path
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unidentified, Unreachable
from kouprey.people.model import Departure, Permission, roles_with
from kouprey.people.pages.forms import Form
from kouprey.people.pages.own import PATH, session_of
from kouprey.people.pages.signing import agent_of, ask, let_in
from kouprey.people.service import People
from kouprey.people.service.openid import RETURN

log = logging.getLogger("kouprey.people")

_KEPT = "openid"
_SECONDS = 600


def doors(people: People) -> list[Door]:
    """Signing in for everybody; linking and unlinking for whoever is signed in."""
    roles = roles_with(Permission.READ)

    def leave(request: Request) -> Response:
        after = own_path(request.query_params.get("next", "/"))
        try:
            departure = people.depart(request.site.origins[0], after=after)
        except (Unreachable, Damaged, Refused) as error:
            if not people.provider_name:
                none = _("No sign-in provider is set up at this node. Sign in another way.")
                return ask(people, request, Form(errors={"openid": none}), error.http_status)
            wrong = _("The sign-in provider cannot be reached or used just now. Sign in another way, or try later.")
            return ask(people, request, Form(errors={"openid": wrong}), error.http_status)
        return _go(request, departure, RedirectResponse(departure.address, 303))

    def come_back(request: Request) -> Response:
        site, session = request.site, people.find_session(request.site.sessions.read(request))
        try:
            seed, agent = site.sessions.get(request, _KEPT), agent_of(request)
            cookie, person, after = people.arrive(
                request.url.query, seed, site.origins[0], session=session, agent=agent
            )
        except (Unidentified, Forbidden, Refused, Unreachable, Damaged) as error:
            log.warning("request %s: nobody came in by the provider (%s): %s", request.id, error.code, error.why)
            response = ask(people, request, Form(errors={"openid": _told(error)}), error.http_status)
            site.sessions.keep(response, _KEPT, "", 0)
            return response
        if cookie:
            response = let_in(people, request, cookie, person, after=after)
        else:
            response = request.redirect(PATH, _("The provider is linked: it signs you in from now on."))
        site.sessions.keep(response, _KEPT, "", 0)
        return response

    def begin_link(request: Request) -> Response:
        session = session_of(people, request)
        try:
            departure = people.depart(request.site.origins[0], after=PATH, session=session)
        except Forbidden:
            return _not_fresh(request)
        except (Unreachable, Damaged, Refused):
            return request.redirect(PATH, _("The sign-in provider cannot be reached or used just now."), "bad")
        # A form may not lead to another site here, so the last step is a link that is pressed.
        shown = request.render("people/openid_link.html", address=departure.address, provider=people.provider_name)
        return _go(request, departure, shown)

    def unlink(request: Request) -> Response:
        try:
            people.unlink(session_of(people, request))
        except Forbidden:
            return _not_fresh(request)
        return request.redirect(PATH, _("The provider does not sign you in any more."), "info")

    return [
        page("/sign-in/openid", leave, open=True),
        page(RETURN, come_back, open=True),
        page(f"{PATH}/openid", begin_link, "POST", roles=roles, unproven=True, hosted=True),
        page(f"{PATH}/openid/unlink", unlink, "POST", roles=roles, unproven=True, hosted=True),
    ]


def _not_fresh(request: Request) -> Response:
    return request.redirect(PATH, _("Sign out and in again first, so that it is certain that it is you."), "bad")


def _go(request: Request, departure: Departure, response: Response) -> Response:
    request.site.sessions.keep(response, _KEPT, departure.seed, _SECONDS)
    return response


def _told(error: KoupreyError) -> str:
    """What went wrong in the words of the page; the particulars are for the log."""
    known = {
        "openid-stale": _("That sign-in is over or was begun in another browser. Begin again."),
        "openid-refused": _("The sign-in provider let nobody in. Try again, or sign in another way."),
        "openid-bad-token": _(
            "What the sign-in provider said does not hold. Try again; if it lasts, tell your operator."
        ),
        "openid-unknown": _(
            "The provider knows you, and nobody here is linked to that account. Sign in by a link of your"
            " administrator, then link the provider under Your sign-in."
        ),
        "inactive-person": _("You were deactivated on this node. Ask your administrator."),
        "openid-linked": _("That account is linked to somebody already, or you are linked to another."),
    }
    return known.get(
        error.code, _("The sign-in provider cannot be reached or used just now. Sign in another way, or try later.")
    )
