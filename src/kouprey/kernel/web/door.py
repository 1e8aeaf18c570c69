"""A door: one endpoint with everything that is checked before it is reached."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

import anyio
import anyio.to_thread
from msgspec import Struct
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from kouprey.kernel.web.errors import Show, answer_to
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import SAFE_METHODS, check_csrf, check_host, check_origin
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, TooLarge, Unreachable

MIB = 1024 * 1024
T = TypeVar("T")

Endpoint = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What an endpoint of the REST interface promises: the source of its documents, and obeyed by what answers.

    `takes`: the fields of the body, of the query string where there is no body or the body is something else
    (`brings`, its media types). `form`: the fields may also come as a form. `gives`: the type of the answer, None for
    none; `media`: its media types, of which all but JSON are written by the endpoint itself. `status` of success.
    `fails`: reason codes of this endpoint -> status. `does`: which actions of pages this stands for ("POST /path").
    `effect`: something is done, so a key may keep it from being done twice; `repeatable`: twice is harmless;
    `secret`: the answer is never kept.
    """

    summary: str
    group: str
    takes: type[Struct] | None = None
    gives: Any = None
    media: tuple[str, ...] = ("application/json",)
    brings: tuple[str, ...] = ()
    form: bool = False
    status: int = 200
    fails: Mapping[str, int] = field(default_factory=dict)
    does: tuple[str, ...] = ()
    effect: bool = False
    repeatable: bool = False
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Door:
    """What a route declares.

    `kind`: a page is for browsers (forms are checked, errors are pages); a machine endpoint is authenticated by what
    the request itself carries. `open`: also for nobody in particular; else somebody must be identified. `roles`: one
    of them is needed. `cap`: bytes of a body, `fields`: fields of a form, `part`: bytes of one.
    `seconds`: until the answer must have begun, None for live streams.
    `stream`: the endpoint reads the body itself (and must be `async`). `show`: how errors look here, instead of the
    kind's usual way. `any_host`: answers under any name. `preview`: `?theme=` and `?lang=` are obeyed. An open machine
    door identifies nobody (its endpoint may, from a signature); an open page still knows who is signed in. `scoped`:
    the endpoint honours `Identity.scope`; anywhere else a token bound to collections would see more than those.
    `own`: takes nobody of another party, as no page does that is not open. `hosted`: a page for constituents too,
    who have no role. `contract`: what an endpoint of the REST
    interface takes and gives; a session's cookie is enough to read there, and needs the token of forms to do more.
    `unproven`: also somebody who still has to show, or set up, the second factor their role needs.
    """

    path: str
    endpoint: Endpoint
    methods: tuple[str, ...] = ("GET",)
    kind: Literal["page", "machine"] = "page"
    open: bool = False
    roles: tuple[str, ...] = ()
    cap: int = MIB
    fields: int = 1000
    part: int = MIB
    seconds: float | None = 30.0
    stream: bool = False
    show: Show | None = None
    any_host: bool = False
    preview: bool = False
    scoped: bool = False
    own: bool = False
    hosted: bool = False
    contract: Contract | None = None
    unproven: bool = False
    name: str = ""

    def route(self) -> Route:
        """The door in its wall."""
        return Route(self.path, _Guard(self), methods=list(self.methods), name=self.name or None)


def page(path: str, endpoint: Endpoint, *methods: str, **declared: Any) -> Door:
    """A door for people. Without `methods`: GET."""
    return Door(path=path, endpoint=endpoint, methods=methods or ("GET",), kind="page", **declared)


def machine(path: str, endpoint: Endpoint, *methods: str, **declared: Any) -> Door:
    """A door for programs; bodies up to 100 MiB unless declared otherwise."""
    declared.setdefault("cap", 100 * MIB)
    return Door(path=path, endpoint=endpoint, methods=methods or ("GET",), kind="machine", **declared)


class _Guard:
    """The ASGI application of a door."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._awaits = inspect.iscoroutinefunction(door.endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, _capped(receive, self.door.cap), send)
        request.door = self.door
        try:
            response = await self._within_time(request)
        except ClientDisconnect:
            return
        except Exception as error:
            response = await _in_thread(partial(answer_to, error, request))
        await response(scope, receive, send)

    async def _within_time(self, request: Request) -> Response:
        with anyio.move_on_after(self.door.seconds):
            return await self._answer(request)
        raise Unreachable(
            mark("The answer took too long."),
            f"It was not ready within {self.door.seconds:g} seconds.",
            mark("Try again; ask for less at a time if it happens again."),
            code="too-slow",
        )

    async def _answer(self, request: Request) -> Response:
        door, site = self.door, request.site
        if not door.any_host:
            check_host(request.headers, site.origins)
        unsafe = request.method not in SAFE_METHODS
        if door.kind == "page":
            check_origin(request.method, request.headers, site.origins)
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > door.cap:
            raise _too_large(door.cap)
        if not unsafe and not self._awaits:
            # The common case costs one change of thread.
            return await _in_thread(lambda: self._identify_and_call(request))
        await _in_thread(lambda: self._identify(request))
        if unsafe and self._by_session(request):
            check_origin(request.method, request.headers, site.origins)
        if unsafe and not door.stream:
            await _read_body(request)
        if unsafe and request.identity is not None and (door.kind == "page" or self._by_session(request)):
            given = request.headers.get("x-csrf-token") or request.fields.get("csrf", "")
            check_csrf(request.csrf, given if isinstance(given, str) else "")
        if self._awaits:
            site.pages.speak(request)
            answer: Any = door.endpoint(request)
            response: Response = await answer
            return response
        return await _in_thread(lambda: self._call(request))

    def _by_session(self, request: Request) -> bool:
        """Whether a browser may have been made to send this to the REST interface by somebody else's page."""
        return self.door.contract is not None and request.csrf != ""

    def _identify(self, request: Request) -> None:
        door = self.door
        if door.open and door.kind == "machine":
            return
        request.identity = request.site.authenticate(request)
        if not door.open:
            identity = request.who
            hosted = door.hosted and identity.reader.constituents != ()
            if door.roles and not hosted and not set(door.roles) & set(identity.roles):
                raise Forbidden(
                    mark("That is not open to you."),
                    f"It needs one of these roles: {', '.join(door.roles)}.",
                    mark("Ask an administrator of this node."),
                    code="role-missing",
                )
            if identity.unproven and not door.unproven:
                raise Forbidden(
                    mark("Your role needs a second factor."),
                    mark("You signed in without one."),
                    mark("Set up an authenticator app or a passkey, or sign in with the one you have."),
                    code="second-factor",
                )
            if identity.scope and not door.scoped:
                raise Forbidden(
                    mark("That is not open to you."),
                    "The token is bound to collections.",
                    "Read those, or ask for a token without a bound.",
                    code="token-bound",
                )
            if (door.kind == "page" or door.own) and not identity.reader.local and not hosted:
                raise Forbidden(
                    mark("That is not open to you."),
                    "Only people and programs of the node's own party come in here: other partners are named.",
                    "Read over TAXII.",
                    code="own-party-only",
                )

    def _identify_and_call(self, request: Request) -> Response:
        self._identify(request)
        return self._call(request)

    def _call(self, request: Request) -> Response:
        request.site.pages.speak(request)
        response: Any = self.door.endpoint(request)
        if not isinstance(response, Response):
            raise TypeError(f"{self.door.path} did not answer with a response")
        return response


async def _in_thread(work: Callable[[], T]) -> T:
    """Run in a worker thread; one that is overdue is left to end by itself, its answer unused."""
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)


async def _read_body(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data") and _door(request).kind == "page":
        try:
            door = _door(request)
            fields = await request.form(max_fields=door.fields, max_files=20, max_part_size=door.part)
        except Exception as error:
            if isinstance(error, KoupreyError | ClientDisconnect):
                raise
            raise Damaged("The form cannot be read.", str(error), "Send it again.", code="bad-form") from error
        request.fields = fields if isinstance(fields, FormData) else FormData()
    else:
        request.content = await request.body()


def _door(request: Request) -> Door:
    if request.door is None:
        raise TypeError("a request without a door")
    return request.door


def _capped(receive: Receive, cap: int) -> Receive:
    """The body, as long as it stays within the cap."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > cap:
                raise _too_large(cap)
        return message

    return counted


def _too_large(cap: int) -> TooLarge:
    return TooLarge("This is too much at once.", f"At most {cap:,} bytes are taken here.", "Send it in smaller parts.")
