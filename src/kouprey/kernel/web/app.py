"""The web application of a node: its doors, and what surrounds every answer."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from kouprey.kernel.web.branch import branches
from kouprey.kernel.web.design import design_door
from kouprey.kernel.web.door import Door, machine, page
from kouprey.kernel.web.errors import MACHINE_PATHS, answer_to, json_answer
from kouprey.kernel.web.language import LANGUAGES
from kouprey.kernel.web.request import THEMES, Request
from kouprey.kernel.web.site import Site
from kouprey.kernel.web.traffic import Traffic
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.look import Look

log = logging.getLogger("kouprey.web")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are not repeated in the log."""

CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers would then send forms with "Origin: null", which cannot be told from a stranger's.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def build_app(
    site: Site, doors: Sequence[Door], lifespan: Lifespan[Starlette] | None = None, traffic: Traffic | None = None
) -> Frame:
    """The application: `doors`, static files, the look form and the design page, inside the frame."""
    own = [
        machine("/static/{name:path}", site.static.answer, open=True, any_host=True, name="static"),
        page("/look", change_look, "POST", open=True, name="look"),
        page("/keys", show_keys, open=True, name="keys"),
        design_door(),
    ]

    def refuse(asked: StarletteRequest, error: Exception) -> Response:
        request = Request(asked.scope, asked.receive)
        # Set by the router when the path is known and the method is not: that door's protocol tells the error.
        request.door = door = getattr(asked.scope.get("endpoint"), "door", None)
        if door.kind == "page" if door is not None else not request.url.path.startswith(MACHINE_PATHS):
            # So that a person who is signed in keeps the navigation on a page that does not exist.
            with suppress(KoupreyError):
                request.identity = site.authenticate(request)
        if isinstance(error, HTTPException) and error.status_code == 405:
            # Doors of one path are several routes, and the router tells the methods of the first only.
            here = (each for each in every if compile_path(each.path)[0].match(request.scope["path"]))
            known = {method for each in here for method in each.methods}
            if "GET" in known:
                known.add("HEAD")
            error = HTTPException(405, headers={"Allow": ", ".join(known)})
        return answer_to(error, request)

    every = (*doors, *own)
    app = Starlette(
        routes=branches(door.route() for door in every), lifespan=lifespan, exception_handlers={HTTPException: refuse}
    )
    return Frame(app, site, every, traffic or Traffic())


class Frame:
    """Around everything: a number for the request, the headers of every answer, and the last resort.

    `doors`: all there are, in the order in which they are tried.
    """

    def __init__(self, app: ASGIApp, site: Site, doors: tuple[Door, ...], traffic: Traffic) -> None:
        self._app = app
        self.site = site
        self.doors = doors
        self._traffic = traffic
        self._strict = site.origins[0].startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["kouprey.site"] = self.site
        scope["kouprey.request"] = number = secrets.token_hex(8)
        begun = False
        came = time.monotonic()

        async def framed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._note(scope, number, message["status"], time.monotonic() - came)
                self._add_headers(MutableHeaders(scope=message), number)
            await send(message)

        try:
            await self._app(scope, receive, framed)
        except Exception as error:
            if begun:
                # The answer is under way and cannot be taken back; breaking off tells the client it is incomplete.
                log.exception("request %s broke off", number, extra={"request": number})
                raise
            request = Request(scope, receive)
            await answer_to(error, request)(scope, receive, framed)

    def _note(self, scope: Scope, number: str, status: int, seconds: float) -> None:
        """Count the answer and log it; by the door's template, because addresses may hold one-time secrets."""
        door: Door | None = getattr(scope.get("endpoint"), "door", None)
        route, kind = (door.path, door.kind) if door is not None else ("none", "none")
        self._traffic.count(route, kind, status, seconds)
        if log.isEnabledFor(logging.INFO):
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            client = (scope.get("client") or ("",))[0]
            told = {"request": number, "method": method, "route": route, "status": status, "client": client}
            log.info("answered", extra={**told, "milliseconds": round(seconds * 1000, 1)})

    def _add_headers(self, headers: MutableHeaders, number: str) -> None:
        headers["X-Request-Id"] = number
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "private, no-store")
        if self._strict:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def change_look(request: Request) -> Response:
    """Keep the language or theme somebody chose: with the person, and in this browser for before they sign in."""
    response = request.redirect(request.field("next") or "/")
    chosen: dict[str, Any] = {}
    for name, known in (("language", tuple(LANGUAGES)), ("theme", THEMES)):
        value = request.field(name)
        if value in known:
            chosen[name] = value
            request.site.sessions.keep(response, name, value)
    if request.field("keys") in ("on", "off"):
        chosen["keys"] = request.field("keys") == "on"
    if chosen and request.identity is not None and request.site.keep_look is not None:
        request.site.keep_look(request, Look(**chosen))
    return response


def show_keys(request: Request) -> Response:
    """Which keys do what: a page, and the content of a dialog where there is script."""
    items = [item for item in request.site.nav if item.key and item.shown_to(request.identity)]
    return request.render("keys.html", going=items)


def health_door(check: Callable[[], Mapping[str, Any]]) -> Door:
    """`/healthz`: `check` raises Unreachable while the node cannot serve, else says what it likes to be known."""

    def healthz(request: Request) -> Response:
        return json_answer({"status": "ok", **check()})

    return machine("/healthz", healthz, open=True, any_host=True, name="healthz")
