"""Failures as answers: a page for people, problem+json for machines, another protocol's form where a door says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request, own_path
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unidentified, Unknown

log = logging.getLogger("kouprey.web")

Show = Callable[[KoupreyError, Request], Response]
"""How a protocol of its own (TAXII) writes an error. The status is `error.http_status` unless it knows better."""

MACHINE_PATHS = ("/api/", "/link/", "/taxii2/")
"""Below these, paths that do not exist are told as problem+json."""

TITLES = {
    400: mark("That could not be understood"),
    401: mark("Please sign in"),
    403: mark("That is not open to you"),
    404: mark("There is nothing here"),
    405: mark("That cannot be done here"),
    409: mark("A rule says no"),
    413: mark("That is too much at once"),
    500: mark("Something failed that should not"),
    503: mark("Not just now"),
}
NOTHING_HERE = mark("There is no page at this address, or you may not see it.")
CHECK_ADDRESS = mark("Check the address, or start from the overview.")
BUG = mark("This is a bug in Kouprey; nothing about it is shown here.")
REPORT = mark("Give the request number to the administrator of this node, who finds the trace in the log.")


class Bug(KoupreyError):
    """An exception nobody foresaw; its text stays in the log."""

    code = "bug"
    http_status = 500


class NotAllowedHere(Refused):
    """A method the path does not know."""

    code = "method-not-allowed"
    http_status = 405
    allow = ""


def answer_to(error: Exception, request: Request) -> Response:
    """The answer that tells an error the way the request's door speaks."""
    told = _told(error, request)
    response = _answer(told, request)
    if isinstance(told, NotAllowedHere):
        # RFC 9110 section 15.5.6: a 405 says what would be allowed.
        response.headers["Allow"] = told.allow
    return response


def _answer(told: KoupreyError, request: Request) -> Response:
    door = request.door
    if door is not None and door.show is not None:
        return door.show(told, request)
    if door.kind == "machine" if door is not None else request.url.path.startswith(MACHINE_PATHS):
        return problem(told, request)
    if isinstance(told, Unidentified) and request.method == "GET" and request.identity is None:
        if request.headers.get("accept") == "text/event-stream":
            # A stream is no page to go to: 204 ends it for good (HTML, 9.2.2).
            return Response(status_code=204)
        after = own_path(request.url.path + ("?" + request.url.query if request.url.query else ""))
        return request.redirect(f"{request.site.sign_in}?next={quote(after)}")
    if told.code == "second-factor" and request.method == "GET" and request.identity is not None:
        return request.redirect(request.site.own)
    return _page(told, request)


def problem(error: KoupreyError, request: Request) -> Response:
    """RFC 9457 with our members: `code` (stable), `why`, `remedy`, `request` and the detail of the error."""
    body: dict[str, Any] = dict(error.detail)
    body |= {
        "type": "about:blank",
        "title": error.what,
        "status": error.http_status,
        "detail": error.why,
        "remedy": error.remedy,
        "code": error.code,
        "request": request.id,
    }
    headers = {"WWW-Authenticate": 'Bearer realm="kouprey"'} if isinstance(error, Unidentified) else None
    return json_answer(body, error.http_status, media_type="application/problem+json", headers=headers)


def json_answer(
    value: object,
    status: int = 200,
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Any value msgspec can write, as JSON."""
    return Response(msgspec.json.encode(value, enc_hook=str), status, headers, media_type)


def _told(error: Exception, request: Request) -> KoupreyError:
    if isinstance(error, KoupreyError):
        if error.http_status >= 500:
            log.warning("request %s: %s", request.id, error, extra={"request": request.id})
        return error
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            return Unknown("There is nothing here.", NOTHING_HERE, CHECK_ADDRESS, code="no-such-path")
        if error.status_code == 405:
            allow = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
            why = f"{request.method} is not known at this address."
            refused = NotAllowedHere("That cannot be done here.", why, f"Known are: {allow}.")
            refused.allow = allow
            return refused
        return Forbidden("The request was refused.", error.detail, code="refused-request")
    # The door's template and not the path, which may hold a one-time secret.
    where = request.door.path if request.door is not None else "no door"
    log.error("request %s: %s failed", request.id, where, exc_info=error, extra={"request": request.id})
    return Bug(
        "Something failed that should not.",
        BUG,
        REPORT,
    )


def _page(error: KoupreyError, request: Request) -> Response:
    title = TITLES.get(error.http_status, TITLES[500])
    return request.render("error.html", error.http_status, error=error, heading=title)
